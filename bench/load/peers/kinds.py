"""Kinds: the products measured beside the gateway, and which of them are installed."""

import json
import os
import pathlib
import shutil
import subprocess

from .peer import HERE, Peer

NGINX_MODULES = pathlib.Path("/usr/lib/nginx/modules")
NODE_FOLDER = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "apim-bench/node"


def first_line(*command):
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return ((run.stdout + run.stderr).splitlines() or [""])[0]


class Nginx(Peer):
    program = "nginx"
    config, api = "nginx.conf", "nginx-api.conf"

    @staticmethod
    def is_installed():
        return shutil.which("nginx") is not None

    @staticmethod
    def version():
        return first_line("nginx", "-v")

    def prepare(self):
        self.values["burst"] = max(1, self.values["limit"] - 1)
        self.values["modules"] = NGINX_MODULES
        self.configure("nginx-http.conf", "nginx-proxy.conf", self.api, self.config)
        self.write_lines("apis.conf", (
            f'location ^~ {context}/ {{ set $api "{context}"; include "{self.folder}/{self.api}"; }}'
            for context in self.contexts()))
        self.write_keys()

    def write_keys(self):
        self.write_lines("granted.map", (f'"{grant.key}" "{grant.context}";' for grant in self.grants))
        self.write_lines("subscription.map", (f'"{grant.key}" {number};' for number, grant in self.numbered()))

    def command(self):
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / self.config)]

    def workers(self):
        pid = self.child.pid
        return [int(one) for one in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class NginxLua(Nginx):
    program = "nginx + Lua"
    config, api = "nginx-lua.conf", "nginx-lua-api.conf"

    @staticmethod
    def is_installed():
        return Nginx.is_installed() and (NGINX_MODULES / "ngx_http_lua_module.so").exists()

    @staticmethod
    def version():
        return f"{Nginx.version()}, {first_line('dpkg-query', '-W', 'libnginx-mod-http-lua')}"

    def write_keys(self):
        self.write_grants()


class HAProxy(Peer):
    program = "HAProxy"

    @staticmethod
    def is_installed():
        return shutil.which("haproxy") is not None

    @staticmethod
    def version():
        return first_line("haproxy", "-v")

    def prepare(self):
        self.configure("haproxy.cfg")
        self.write_lines("apis.map", (f"{context}/ {context}" for context in self.contexts()))
        self.write_lines("keys.map", (f"{grant.key} {number}:{grant.context}" for number, grant in self.numbered()))

    def command(self):
        return ["haproxy", "-db", "-f", str(self.folder / "haproxy.cfg")]

    def start(self, errors):
        if self.mode != "log":
            return super().start(errors)
        with open(self.folder / "access.log", "w", encoding="utf-8") as log:
            return subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=errors)


class Node(Peer):
    """Its packages are outside of this folder, where `tools/setup bench` puts what the lock file names."""

    program = "Node (@fastify/http-proxy)"

    @staticmethod
    def is_installed():
        lock = NODE_FOLDER / "package-lock.json"
        return (shutil.which("node") is not None and (NODE_FOLDER / "node_modules/.package-lock.json").exists()
                and lock.read_bytes() == (HERE / "node/package-lock.json").read_bytes())

    @staticmethod
    def version():
        packages = json.loads((HERE / "node/package.json").read_text())["dependencies"]
        return ", ".join([f"node {first_line('node', '--version')}", *(f"{k} {v}" for k, v in packages.items())])

    def prepare(self):
        self.write_grants()
        self.write("settings.json", json.dumps({
            "port": self.port, "origin": f"http://127.0.0.1:{self.values['origin']}", "mode": self.mode,
            "grants": str(self.folder / "grants.txt"), "limit": self.values["limit"],
            "log": str(self.folder / "access.log")}))

    def command(self):
        return ["node", str(HERE / "node/gateway.js"), str(self.folder / "settings.json")]

    def start(self, errors):
        found = {**os.environ, "NODE_PATH": str(NODE_FOLDER / "node_modules"), "NODE_ENV": "production"}
        return subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=found)


KINDS = (Nginx, NginxLua, HAProxy, Node)


def installed():
    return [kind for kind in KINDS if kind.is_installed()]


def versions():
    """{program: first line of its version} of what is installed."""
    return {kind.program: kind.version() for kind in installed()}
