"""Peers: other proxies that do nothing but proxying, on one worker, with keep-alive on both sides and no log.

`tools/setup bench` installs them; one that is not installed is left out of the run.
"""

import pathlib
import shutil
import socket
import subprocess

from support import process, wire

NGINX = """
worker_processes 1;
daemon off;
error_log stderr error;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} reuseport;
    location / {{
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""
HAPROXY = """
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend clients
  bind 127.0.0.1:{port}
  default_backend origin
backend origin
  server origin 127.0.0.1:{origin}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """A running proxy; its configuration and its errors are in `folder`."""

    program = config = ""

    def __init__(self, folder, origin_port):
        self.port = free_port()
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.file = self.folder / f"{self.program}.conf"
        self.file.write_text(self.config.format(folder=folder, origin=origin_port, port=self.port))
        with open(self.folder / "errors.log", "w", encoding="utf-8") as errors:
            self.child = subprocess.Popen(self.command(), stdout=errors, stderr=errors)
        process.wait_until(self.answers, 10, f"the answer of {self.program}")

    def command(self):
        raise NotImplementedError

    @property
    def workers(self):
        """The processes that proxy."""
        return [self.child.pid]

    def answers(self):
        if self.child.poll() is not None:
            raise process.Failed(f"{self.program} ended:\n{(self.folder / 'errors.log').read_text()}")
        try:
            return wire.request(self.port, "GET", "/").status == 200
        except OSError:
            return False

    def stop(self):
        self.child.terminate()
        self.child.wait()


class Nginx(Peer):
    program, config = "nginx", NGINX

    def command(self):
        return ["nginx", "-p", str(self.folder), "-c", str(self.file)]

    @property
    def workers(self):
        pid = self.child.pid
        return [int(one) for one in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class HAProxy(Peer):
    program, config = "haproxy", HAPROXY

    def command(self):
        return ["haproxy", "-db", "-f", str(self.file)]


def installed():
    return [kind for kind in (Nginx, HAProxy) if shutil.which(kind.program)]
