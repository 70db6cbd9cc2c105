"""Stack: a controller, gateways and apimctl in a temporary folder, on free ports."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import ssl
import tempfile
import urllib.parse

from . import wire
from .process import ROOT, Failed, Process, binary, run, wait_until

PASSWORD = "correct-horse-battery"


class Rest:
    """The controller's REST, spoken without apimctl."""

    def __init__(self, port, user="admin", password=PASSWORD):
        self.port = port
        self.user, self.password = user, password

    def call(self, method, path, body=None, headers=None, raw=None, content_type="application/json"):
        """(status, headers, JSON or text)."""
        context = ssl._create_unverified_context()  # self-signed, and ours
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        fields = dict(headers or {})
        if self.user:
            token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            fields.setdefault("Authorization", f"Basic {token}")
        content = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        if content is not None:
            fields.setdefault("Content-Type", content_type)
        connection.request(method, path, content, fields)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        found = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        try:
            return answer.status, found, json.loads(text)
        except ValueError:
            return answer.status, found, text

    def must(self, method, path, body=None, **more):
        """The body of an answer below 400."""
        status, _, content = self.call(method, path, body, **more)
        if status >= 400:
            raise Failed(f"{method} {path} answered {status}: {content}")
        return content

    def apis(self):
        return self.must("GET", "/api/am/publisher/v4/apis?limit=1000")["list"]

    def upload(self, path, parts):
        """multipart/form-data; `parts` is [(name, file name or None, bytes)]."""
        mark = "----apim-scene-boundary"
        body = b""
        for name, file_name, content in parts:
            disposition = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name else "")
            body += f"--{mark}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"
        body += f"--{mark}--\r\n".encode()
        return self.call("POST", path, raw=body, content_type=f"multipart/form-data; boundary={mark}",
                         headers={"Accept": "application/json"})


class Controller:
    """apim-controller with its data in `folder`."""

    def __init__(self, folder, settings=None, port=0):
        self.folder = pathlib.Path(folder)
        self.data, self.hub = self.folder / "data", self.folder / "hub"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.password_file = self.folder / "password"
        self.password_file.write_text(PASSWORD + "\n")
        self.password_file.chmod(0o600)
        self.settings = {"server.data_dir": self.data, "server.hub_dir": self.hub,
                         "admin.password_file": self.password_file, **(settings or {})}
        self.process = None
        self.port = port
        self.start()

    def arguments(self):
        arguments = [binary("apim-controller"), "--config", str(ROOT / "conf/controller.toml"),
                     "--set", f"server.listen=127.0.0.1:{self.port}"]
        for name, value in self.settings.items():
            arguments += ["--set", f"{name}={value}"]
        return arguments

    def start(self):
        self.process = Process("apim-controller", self.arguments(), self.folder / "controller.log",
                               r"listening on https \S*:(\d+)")
        self.port = int(self.process.match.group(1))
        self.rest = Rest(self.port)

    @property
    def public_key(self):
        return self.data / "keys/snapshot.pub"

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()


class Gateway:
    """apim-gateway that reads `hub`."""

    def __init__(self, folder, hub, public_key, settings=None, workers=2, wrapper=()):
        self.wrapper = list(wrapper)  # A program that runs it, with its arguments.
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.access_log = self.folder / "access.log"
        self.settings = {"snapshot.hub": f"directory:{hub}", "snapshot.public_key_file": public_key,
                         "snapshot.cache_dir": self.folder / "cache", "snapshot.poll_ms": 100,
                         "worker.count": workers, "log.access": self.access_log, **(settings or {})}
        self.process = None
        self.port = self.admin = 0
        self.start()

    def arguments(self, *more):
        arguments = [*self.wrapper, binary("apim-gateway"), "--config", str(ROOT / "conf/gateway.toml"),
                     "--set", f"listen.http=127.0.0.1:{self.port}",
                     "--set", f"listen.admin=127.0.0.1:{self.admin}"]
        for name, value in self.settings.items():
            arguments += ["--set", f"{name}={value}"]
        return arguments + list(more)

    def start(self, *more):
        self.process = Process("apim-gateway", self.arguments(*more), self.folder / "gateway.log",
                               r"listening on http \S*:(\d+), admin \S*:(\d+)")
        self.port, self.admin = (int(port) for port in self.process.match.groups())

    def upgrade(self):
        """Starts a new process in the place of the running one; the old one, which drains."""
        old = self.process
        self.start("--replaces", str(old.pid))
        return old

    @property
    def pid(self):
        return self.process.pid

    def request(self, method, path, headers=None, body=b"", host="localhost", **more):
        return wire.request(self.port, method, path, headers, body, host, **more)

    def connect(self, **more):
        return wire.Connection(self.port, **more)

    def ask(self, path):
        """A page of the admin port."""
        return wire.request(self.admin, "GET", path)

    def snapshot(self):
        return self.ask("/snapshot").json()

    def is_ready(self):
        return self.ask("/readyz").status == 200

    def wait_ready(self, seconds=30):
        wait_until(self.is_ready, seconds, "the gateway's readiness")
        return self

    def metrics(self):
        """{'name{labels}': value} of /metrics."""
        values = {}
        for line in self.ask("/metrics").body.decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name] = float(value)
        return values

    def wait_answered(self, more=10):
        """Until `more` requests were answered well: a load that was just started is on its way."""
        answered = lambda: self.metrics()['apim_requests_total{status="2xx"}']
        before = answered()
        wait_until(lambda: answered() >= before + more, 60, "answers")

    def records(self):
        """The access log, one dictionary a request."""
        text = self.access_log.read_text() if self.access_log.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def stop(self):
        return self.process.stop()


class Ctl:
    """apimctl with a login of its own."""

    def __init__(self, folder, controller):
        self.folder, self.controller = pathlib.Path(folder), controller

    def run(self, *arguments, env=None, text=None, seconds=120):
        """(exit code, standard output, standard error)."""
        variables = {"APIM_CONFIG_DIR": str(self.folder), "APIM_PASSWORD": PASSWORD, **(env or {})}
        return run([binary("apimctl"), *map(str, arguments)], variables, text, seconds)

    def login(self):
        code, out, err = self.run("login", self.controller.url, "-u", "admin")
        assert code == 0, out + err

    def text(self, *arguments, env=None):
        """What a command that must succeed prints."""
        code, out, err = self.run(*arguments, env=env)
        assert code == 0, f"apimctl {' '.join(map(str, arguments))} ended with {code}:\n{out}{err}"
        return out

    def json(self, *arguments, env=None):
        return json.loads(self.text(*arguments, "-o", "json", env=env))

    def fails(self, *arguments, env=None):
        """(exit code, what it says) of a command that must not succeed."""
        code, out, err = self.run(*arguments, env=env)
        assert code != 0, f"apimctl {' '.join(map(str, arguments))} succeeded:\n{out}{err}"
        return code, out + err

    def deploy(self, project, *options, env=None):
        return self.json("deploy", project, *options, env=env)

    def application(self, name, plan="Unlimited"):
        return self.json("apps", "create", name, "--plan", plan)

    def subscribe(self, application, api, plan=None):
        return self.json("subscribe", application, api, *([plan] if plan else []))

    def key(self, application, *options):
        """A new API key's text."""
        return self.json("keys", "create", application, *options)["apikey"]

    def client(self, name, api, plan=None, application_plan="Unlimited"):
        """A key of a new application that is subscribed to `api`."""
        self.application(name, application_plan)
        self.subscribe(name, api, plan)
        return self.key(name)


class Stack:
    """A controller, one gateway that is ready, and a logged-in apimctl. A context manager."""

    def __init__(self, workers=2, gateway=None, controller=None, with_gateway=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-scene-"))
        self.gateways = []
        self.controller = None
        try:
            self.controller = Controller(self.folder / "controller", controller)
            self.ctl = Ctl(self.folder / "ctl", self.controller)
            self.ctl.login()
            if with_gateway:
                self.add_gateway("gateway", gateway, workers).wait_ready()
                self.wait_known()
        except BaseException:
            self.close()
            raise

    def add_gateway(self, name, settings=None, workers=2, wrapper=()):
        gateway = Gateway(self.folder / name, self.controller.hub, self.controller.public_key, settings,
                          workers, wrapper)
        self.gateways.append(gateway)
        return gateway

    def wait_known(self):
        """Until the controller has seen the gateways' reports: from then on apimctl waits for them."""
        def known():
            listed = self.rest.must("GET", "/api/apim/v1/gateways?environment=Default")["list"]
            return sum(1 for one in listed if one["alive"]) >= len(self.gateways)
        wait_until(known, 20, "the gateways' reports")

    @property
    def gateway(self):
        return self.gateways[0]

    @property
    def rest(self):
        return self.controller.rest

    def open_wide(self):
        """Operations without authentication count as WSO2's plan Unauthenticated, 500 a minute a client; scenes
        about something else raise it."""
        path = "/api/am/admin/v4/throttling/policies/subscription"
        plan = next(p for p in self.rest.must("GET", path)["list"] if p["policyName"] == "Unauthenticated")
        plan["defaultLimit"]["requestCount"]["requestCount"] = 2000000000
        self.rest.must("PUT", f"{path}/{plan['policyId']}", plan)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for gateway in self.gateways:
            gateway.stop()
        if self.controller:
            self.controller.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def quote(text):
    return urllib.parse.quote(text, safe="")


def example(name):
    """A project of conf/examples."""
    path = ROOT / "conf/examples" / name
    if not path.exists():
        raise Failed(f"{path} is missing")
    return path


def asan():
    """Whether the binaries under test are built with a sanitizer: memory figures mean nothing then."""
    return os.environ.get("APIM_SANITIZE", "") != ""
