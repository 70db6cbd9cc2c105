"""Subjects: the columns of a run: null relay, the gateway in its modes, and other proxies, all on one origin.

  mode     what a request is checked for
  plain    nothing
  key      the key is known and its application is subscribed to the API
  limits   that, and one limit each of operation, application and subscription is counted
  log      that, and an access record is written
"""

import os
import pathlib
import shutil
import tempfile

import peers
from cpu import LOAD_CORE, SUBJECT_CORE, pin
from support import process
from work import LIMIT_PER_MINUTE, Work
from world import World

APIS, APPLICATIONS = 100, 10_000
CONNECTIONS_MAX = 1024  # Of a gateway's worker to the origin: more than any case has.
RELAY = "null relay"
MODES = ("plain", "key", "limits", "log")
WORLDS = {"plain": {"auth": "none"}, "key": {"auth": "key"}, "limits": {"auth": "key", "limit": LIMIT_PER_MINUTE}}


def ours(mode):
    return f"apim: {mode}"


def fullest(modes):
    """The mode that checks most."""
    return [mode for mode in MODES if mode in modes][-1]


def tool(name, *arguments):
    """Starts one of bench's C programs on a free port: (process, port)."""
    found = process.Process(f"bench-{name}", [process.binary(f"bench/bench-{name}"), *map(str, arguments)],
                            pathlib.Path(tempfile.gettempdir()) / f"bench-{name}.log", r"127.0.0.1:(\d+)")
    return found, int(found.match.group(1))


class Subject:
    """One column: its port, and the processes whose CPU counts."""

    def __init__(self, name, mode, port, pids, log=None):
        self.name, self.mode, self.port, self.pids, self.log = name, mode, port, pids, log

    def after_shot(self):
        """An access log grows by a gigabyte in a long run; nobody reads it."""
        if self.log and self.log.exists():
            os.truncate(self.log, 0)


class Field:
    """Everything that runs during a run. A context manager; `wanted(name)` says which subjects to start."""

    def __init__(self, wanted=lambda name: True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-bench-"))
        self.wanted = wanted
        self.started, self.worlds, self.subjects = [], {}, []
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self):
        origin, self.origin_port = tool("origin", 0, 128)
        self.started.append(origin)
        pin(origin.pid, LOAD_CORE)
        # Its lists of requests are the same as those of the other worlds.
        self.calls = self.world("limits").folder
        self.work = Work.open(self.calls)
        self.add_relay()
        for mode in MODES:
            if self.wanted(ours(mode)):
                self.add_gateway(ours(mode), mode)
        for kind in peers.installed():
            for mode in MODES:
                if mode in kind.modes and self.wanted(f"{kind.program}: {mode}"):
                    self.add_peer(kind, mode)

    def world(self, mode):
        """The world of a mode, made when it is first asked for."""
        kind = "limits" if mode == "log" else mode
        if kind not in self.worlds:
            folder = self.folder / kind
            folder.mkdir()
            self.worlds[kind] = World(folder, apis=APIS, applications=APPLICATIONS, keys=APPLICATIONS,
                                      subscriptions=1, backend=f"http://127.0.0.1:{self.origin_port}",
                                      **WORLDS[kind])
            pin(self.worlds[kind].pid, LOAD_CORE)
        return self.worlds[kind]

    def add(self, subject):
        for pid in subject.pids:
            pin(pid, SUBJECT_CORE)
        self.subjects.append(subject)
        return subject

    def add_relay(self):
        relay, port = tool("relay", 0, self.origin_port)
        self.started.append(relay)
        return self.add(Subject(RELAY, "plain", port, [relay.pid]))

    def add_gateway(self, name, mode, workers=1, hub=None):
        world = self.world(mode)
        log = world.folder / f"{mode}{workers}.log" if mode == "log" else None
        gateway = world.gateway(f"gateway-{mode}{workers}", {"log.access": log or "",
                                                     "upstream.connections_max": CONNECTIONS_MAX}, workers, hub)
        self.started.append(gateway)
        gateway.wait_ready()
        subject = self.add(Subject(name, mode, gateway.port, [gateway.pid], log))
        subject.gateway = gateway
        return subject

    def add_peer(self, kind, mode):
        folder = self.folder / f"peer-{len(self.started)}"  # A program's name may not do as a folder's.
        peer = kind(folder, self.origin_port, mode, self.work)
        self.started.append(peer)
        return self.add(Subject(f"{kind.program}: {mode}", mode, peer.port, peer.pids, folder / "access.log"))

    def find(self, name):
        """The subject of that name, or None."""
        return next((one for one in self.subjects if one.name == name), None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for one in [*self.started[1:], *self.started[:1]]:  # The origin last.
            one.stop()
        for world in self.worlds.values():
            world.close()
        shutil.rmtree(self.folder, ignore_errors=True)
