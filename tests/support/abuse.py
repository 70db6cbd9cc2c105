"""Abuse: who misbehaves, who suffers, and what it costs the gateway: flood.py, canary.py and the figures of /proc."""

import json
import os
import pathlib
import resource
import subprocess
import sys
import threading

from . import memory, wire
from .process import Failed, wait_until

HERE = pathlib.Path(__file__).parent
ANSWER_SECONDS = 120
GROWTH_KIB_MAX = 64 << 10
P99_MS_MAX = 50.0
P99_FACTOR = 20   # of the calm's: the machine may be busy, and the flood is a process of its own
FIN_WAIT_1 = "04"
DESCRIPTORS_SLACK = 4   # a pooled connection or two to a back end more or less


class Helper:
    """A program of this folder that answers each line with one line of JSON, and ends with its standard input."""

    def __init__(self, program, *arguments):
        self.name = program
        self.child = subprocess.Popen([sys.executable, str(HERE / program), *map(str, arguments)], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def ask(self, line):
        guard = threading.Timer(ANSWER_SECONDS, self.child.kill)
        guard.start()
        try:
            self.child.stdin.write(line + "\n")
            self.child.stdin.flush()
            text = self.child.stdout.readline()
        finally:
            guard.cancel()
        if not text:
            raise Failed(f"{self.name} ended with {self.child.wait()}")
        return json.loads(text)

    def end(self):
        if self.child.stdin.closed:
            return
        self.child.stdin.close()
        try:
            self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()


class Canary(Helper):
    def __init__(self, port, path, headers=None, connections=4):
        fields = [f"--header={name}: {value}" for name, value in (headers or {}).items()]
        super().__init__("canary.py", f"--port={port}", f"--path={path}", f"--connections={connections}", *fields)

    def mark(self, count):
        """How the `count` requests at least since the last mark went."""
        return self.ask(f"mark {count}")


class Flood(Helper):
    """`some`: {kind: count}. Options as flood.py has them."""

    def __init__(self, port, some, path="/", again=False, **options):
        arguments = [f"--port={port}", f"--path={path}", *(f"--some={kind}={count}" for kind, count in some.items()),
                     *(f"--{name}={value}" for name, value in options.items())]
        super().__init__("flood.py", *arguments, *(["--again"] if again else []))
        self.count = sum(some.values())

    def state(self):
        return self.ask("state")

    def wait_dialled(self):
        """Until everybody was connected or turned away."""
        return wait_until(lambda: self.settled(), 60, "the flood's connections")

    def settled(self):
        state = self.state()
        return state if state["to_come"] == 0 and state["opened"] >= self.count else None

    def wait_open(self, count):
        return wait_until(lambda: self.state_with(count), 60, f"{count} open connections of the flood")

    def state_with(self, count):
        state = self.state()
        return state if state["open"] >= count else None


def most(count):
    """`count` connections, or as many as a gateway may have with this machine's limit of descriptors."""
    return min(count, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 4)


def pipelined(port, requests, depth=100):
    """Sends the requests over one connection, `depth` at a time; the answers' statuses in order."""
    statuses = []
    with wire.Connection(port, seconds=60) as connection:
        for start in range(0, len(requests), depth):
            batch = requests[start:start + depth]
            connection.send(b"".join(batch))
            statuses += [connection.read_answer().status for _ in batch]
    return statuses


def orphans(port):
    """Sockets of `port` that their process has closed, but whose bytes the kernel still keeps for the other side."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(1 for one in fields if one[3] == FIN_WAIT_1 and int(one[1].split(":")[1], 16) == port)


def cpu_ticks(pid):
    """What the process used of the processors so far, in clock ticks."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def is_strict():
    """Whether the machine is idle, so that the plan's figure itself may be asserted."""
    return os.environ.get("APIM_OVERLOAD_STRICT", "") != ""


class Watch:
    """A gateway and its canary, from the calm before to the calm after."""

    def __init__(self, gateway, canary, requests=150):
        self.gateway, self.canary, self.requests = gateway, canary, requests
        canary.mark(requests)   # connections, pools and caches are warm from here on
        ticks = cpu_ticks(gateway.pid)
        self.calm = canary.mark(requests)
        self.calm_ticks = cpu_ticks(gateway.pid) - ticks
        self.open_connections = gateway.metrics()["apim_connections_open"]
        self.descriptors = memory.open_files(gateway.pid)
        self.start_kib = memory.resident_kib(gateway.pid)
        self.peak_kib = self.start_kib
        self.ticks = 0   # of the newest abuse
        self.check_well("the calm", self.calm)

    def suffer(self, name, rounds=3):
        """The canary in the middle of the abuse: only 200, and about as fast as before. Who is held up by others is
        so in every round; one round may suffer from another process of the machine."""
        self.check_well(name, self.canary.mark(0))   # While the abuse was being built up.
        ticks = cpu_ticks(self.gateway.pid)
        seen = []
        for _ in range(rounds):
            seen.append(self.canary.mark(self.requests))
            self.check_well(name, seen[-1])
            self.peak_kib = max(self.peak_kib, memory.resident_kib(self.gateway.pid))
        self.ticks = cpu_ticks(self.gateway.pid) - ticks
        least, worst = (choose(one["p99_ms"] for one in seen) for choose in (min, max))
        print(f"\n{name}: canary p99 {least} to {worst} ms (calm {self.calm['p99_ms']} ms); "
              f"memory +{self.peak_kib - self.start_kib} KiB")
        assert least <= P99_FACTOR * self.calm["p99_ms"] + P99_MS_MAX, (seen, self.calm)
        assert not is_strict() or worst < P99_MS_MAX, seen

    @staticmethod
    def check_well(name, seen):
        assert seen["statuses"] == {"200": seen["asked"]} and not seen["troubles"], (name, seen)

    def check_memory(self, sanitized, growth_kib_max=GROWTH_KIB_MAX):
        if not sanitized:
            grown = self.peak_kib - self.start_kib
            assert grown <= growth_kib_max, f"{grown} KiB grown"

    def recover(self):
        """Everything the abuse took is given back."""
        wait_until(lambda: self.gateway.metrics()["apim_connections_open"] <= self.open_connections, 60,
                   "the end of the abusers' connections")
        wait_until(lambda: memory.open_files(self.gateway.pid) <= self.descriptors + DESCRIPTORS_SLACK, 60,
                   "the descriptors' return")
        assert self.gateway.metrics()["apim_connections_open"] == self.open_connections
        self.check_well("afterwards", self.canary.mark(100))
