"""Overload: thousands of clients misbehave at once; an ordinary one goes on, and afterwards everything is back.

The ordinary client, the canary, has a key, a back end of its own and its own process. What the plan bounds by time
is compared with the calm of the same run; APIM_OVERLOAD_STRICT=1 asserts the plan's own figure on an idle machine.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import random
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from support import abuse, load, memory, projects, stack as stacks, wire
from support.abuse import Canary, Flood, Watch
from support.backend import Backend
from support.process import ROOT, Process, wait_until
from support.projects import operation

OPEN = [operation(verb, "/*", auth="None") for verb in ("GET", "POST")]
BASE = "/flood/1.0.0"
BIG_BYTES = 10 << 20
IDLE = {"upstream.idle_ms": 1000}   # so that the back ends' connections are soon given back, too


class World:
    """The controller with two APIs: Calm for the canary, Flood for the others."""

    def __init__(self, folder):
        self.folder = folder
        self.origin = Process("origin", [sys.executable, str(ROOT / "tests/support/origin.py")], folder / "origin.log",
                              r"listening on (\d+)")
        self.stack = stacks.Stack(with_gateway=False)
        self.stack.open_wide()
        self.backend = Backend("flooded")
        url = f"http://127.0.0.1:{self.origin.match.group(1)}"
        self.stalled = socket.create_server(("127.0.0.1", 0))   # its connections wait for ever to be accepted
        stalled_url = f"http://127.0.0.1:{self.stalled.getsockname()[1]}"
        for data in (projects.api("Calm", url), projects.api("Flood", self.backend.url, OPEN),
                     projects.api("Stalled", stalled_url, OPEN)):
            self.stack.ctl.deploy(projects.write(folder / data["name"], data), "--no-wait")
        self.key = self.stack.ctl.client("canary", "Calm")
        self.count = 0

    def close(self):
        self.backend.close()
        self.stalled.close()
        self.stack.close()
        self.origin.stop()

    @contextlib.contextmanager
    def gateway(self, settings=None, workers=1, wrapper=()):
        self.count += 1
        gateway = self.stack.add_gateway(f"gateway{self.count}", {**IDLE, **(settings or {})}, workers, wrapper)
        try:
            wait_until(lambda: self.is_served(gateway), 30, "the canary's key")
            yield gateway
            assert gateway.stop() == 0
        finally:
            gateway.stop()
            self.stack.gateways.remove(gateway)

    def is_served(self, gateway):
        return gateway.request("GET", "/calm/1.0.0/x", {"ApiKey": self.key}).status == 200

    def canary(self, gateway):
        return Canary(gateway.port, "/calm/1.0.0/x", {"ApiKey": self.key})

    def flood(self, gateway, some, path=f"{BASE}/x", **options):
        return Flood(gateway.port, some, path, **options)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("overload"))
    yield one
    one.close()


@pytest.fixture()
def backend(world):
    world.backend.script = world.backend.echo
    world.backend.clear()
    yield world.backend
    world.backend.script = world.backend.echo


BIG = bytes(BIG_BYTES)   # one for all back end threads


def big_answer(_received):
    def send(one):
        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BIG_BYTES)
        one.sendall(BIG)
        return True
    return send


# ---- too many, and too slow

def test_thousands_of_slow_clients(world, backend):
    settings = {"timeouts.first_byte_ms": 600000, "timeouts.head_ms": 600000, "limits.body_bytes_per_s": 0,
                "timeouts.body_idle_ms": 600000, "upstream.connections_max": 2000, "upstream.connect_ms": 60000}
    count = abuse.most(5000)
    some = {"head": count * 2 // 5, "silent": count * 2 // 5, "body": count // 5}
    with world.gateway(settings, workers=2) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        after = []
        for time_of_it in ("first", "second"):
            with world.flood(gateway, some) as flood:
                flood.wait_open(count)
                watch.suffer(f"{count} slow clients, {time_of_it} time")
                assert shares(flood, count, 0)
            watch.recover()
            after.append(memory.resident_kib(gateway.pid))
        watch.check_memory(stacks.asan())
        assert stacks.asan() or after[1] <= after[0] + (4 << 10), after


def test_slow_clients_are_ended_again_and_again(world, backend):
    settings = {"timeouts.first_byte_ms": 700, "timeouts.head_ms": 700, "timeouts.body_grace_ms": 700}
    with world.gateway(settings, workers=2) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        with world.flood(gateway, {"head": 100, "silent": 100, "body": 100}, again=True) as flood:
            wait_until(lambda: cut(flood.state()), 60, "the slow ones' end")
            watch.suffer("300 slow clients that come again and again")
            assert "200" not in flood.state()["statuses"]
        watch.recover()


def cut(state):
    """Once late heads and bodies (408) and silent ones (no word) were ended more often than there are."""
    return state["statuses"].get("408", 0) > 250 and state["turned_away"] > 150


def test_one_address_has_its_share(world, backend):
    settings = {"timeouts.first_byte_ms": 600000, "listen.trusted_proxies": '["127.0.200.0/24"]'}
    with world.gateway(settings) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        refused = lambda: gateway.metrics()['apim_connections_total{result="refused"}']
        before = refused()
        with world.flood(gateway, {"silent": 300}, address="127.0.100.1") as flood:
            wait_until(lambda: shares(flood, 256, 44), 60, "256 of one address, and no more")
            assert refused() == before + 44
            with pytest.raises((wire.Closed, ConnectionError)):
                gateway.request("GET", f"{BASE}/x", source="127.0.100.1")
            assert gateway.request("GET", f"{BASE}/x", source="127.0.100.2").status == 200
            with world.flood(gateway, {"silent": 300}, address="127.0.200.7") as trusted:
                wait_until(lambda: shares(trusted, 300, 0), 60, "every connection of a trusted proxy")
                watch.suffer("one address' 300 connections, a proxy's 300")
            assert shares(flood, 256, 44)
        watch.recover()
        assert gateway.request("GET", f"{BASE}/x", source="127.0.100.1").status == 200


def shares(flood, count, turned_away):
    state = flood.state()
    return state["open"] == count and state["turned_away"] == turned_away


def test_slow_readers_of_big_answers(world, backend):
    count = abuse.most(1000)
    backend.script = big_answer
    settings = {"upstream.connections_max": 2000, "upstream.connect_ms": 20000, "timeouts.head_ms": 60000}
    with world.gateway(settings, workers=2) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        after = []
        for time_of_it in ("first", "second"):
            backend.clear()
            with world.flood(gateway, {"deaf": count // 2, "trickle": count - count // 2}) as flood:
                wait_until(lambda: backend.count() >= count, 60, "every reader's request at the back end")
                watch.suffer(f"{count} slow readers, {time_of_it} time")
                assert flood.state()["open"] == count
            watch.recover()
            after.append(memory.resident_kib(gateway.pid))
        watch.check_memory(stacks.asan())
        assert stacks.asan() or after[1] <= after[0] + (4 << 10), after


# ---- more connections than there is room for

CAP = {"limits.connections": 200, "timeouts.first_byte_ms": 600000}


def test_beyond_the_cap_new_ones_are_refused(world, backend):
    with world.gateway(CAP) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        refused = lambda: gateway.metrics()['apim_connections_total{result="refused"}']
        for _ in range(2):
            before = refused()
            with world.flood(gateway, {"silent": 1000}) as flood:
                room = 200 - int(watch.open_connections)
                wait_until(lambda: shares(flood, room, 1000 - room), 60, "a full worker and refused newcomers")
                watch.suffer("1000 connections where 200 fit")
                assert refused() >= before + 1000 - room
            watch.recover()
        watch.check_memory(stacks.asan())


def test_idle_ones_make_room(world, backend):
    with world.gateway(CAP) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        room = 200 - int(watch.open_connections)
        with world.flood(gateway, {"asker": room}, path="/nowhere") as idle:
            wait_until(lambda: idle.state()["statuses"].get("404") == room, 60, "answers for everybody")
            with world.flood(gateway, {"silent": room}, again=True) as newcomers:
                wait_until(lambda: newcomers.state()["open"] >= room - 1 and idle.state()["open"] == 0, 60,
                           "newcomers in the idle ones' place")
                watch.suffer("newcomers in the idle ones' place")
        watch.recover()


def test_the_cap_holds_when_nobody_leaves(world, backend):
    with world.gateway(CAP) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        most = 0
        with world.flood(gateway, {"clinging": 3000}, path="/nowhere") as flood:
            while not flood.settled():
                most = max(most, gateway.metrics()["apim_connections_open"])
            assert most <= 200, "more connections than limits.connections"
            watch.suffer("3000 that never leave where 200 fit")
        watch.recover()


def test_out_of_descriptors(world, backend):
    over = threading.Event()
    backend.script = lambda received: (lambda one: over.wait(120))
    settings = {"upstream.response_ms": 600000, "upstream.connections_max": 1000, "timeouts.first_byte_ms": 600000}
    wrapper = ["prlimit", "--nofile=256:256"]
    with world.gateway(settings, wrapper=wrapper) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        for _ in range(2):
            over.clear()
            try:
                with world.flood(gateway, {"asker": 1000}) as flood:
                    flood.wait_dialled()
                    watch.suffer("1000 waiting for a stalled back end, 256 descriptors")
                    assert watch.ticks <= 10 * watch.calm_ticks + 100, (watch.ticks, watch.calm_ticks)
                    assert gateway.ask("/healthz").status == 200
                    # That we have no descriptor for it is not the back end's fault.
                    assert set(flood.state()["statuses"]) <= {"503"}, flood.state()
            finally:
                over.set()
            watch.recover()
        backend.script = backend.echo
        assert gateway.request("GET", f"{BASE}/x").status == 200


def shed(gateway, what):
    return gateway.metrics()[f'apim_shed_total{{what="{what}"}}']


@pytest.mark.skipif(stacks.asan(), reason="a sanitizer keeps what is freed")
def test_short_of_memory_it_sheds_and_comes_back(world, backend):
    patient = {"limits.body_bytes_per_s": 0, "timeouts.body_idle_ms": 600000, "upstream.response_ms": 600000,
               "upstream.connections_max": 2000}
    with world.gateway(patient) as gateway:
        calm_kib = memory.resident_kib(gateway.pid)
    limit_kib = calm_kib + (24 << 10)   # the readers' part would be three times as much
    backend.script = big_answer
    with world.gateway({**patient, "limits.memory_bytes": limit_kib << 10}) as gateway:
        assert gateway.request("GET", "/calm/1.0.0/x", {"ApiKey": world.key}).status == 200
        with world.flood(gateway, {"deaf": 1000}) as flood:
            resident = []
            def has_shed():   # The admin port is exempt: every look at it is answered.
                resident.append(memory.resident_kib(gateway.pid))
                return shed(gateway, "connection") > 0 and shed(gateway, "accept") > 0
            wait_until(has_shed, 60, "reset connections and a listener that stopped")
            assert gateway.ask("/healthz").status == 200
            assert max(resident) <= limit_kib + (16 << 10), (max(resident), limit_kib)
            # Readers that hold what they got must not keep everybody else out.
            wait_until(lambda: gateway.request("GET", "/calm/1.0.0/x", {"ApiKey": world.key}, seconds=60).status == 200,
                       60, "a served request beside the flood")
            assert set(flood.state()["statuses"]) <= {"200", "503"}
        wait_until(lambda: gateway.metrics()["apim_requests_running"] == 0, 60, "the end of the flood's requests")
        wait_until(lambda: memory.resident_kib(gateway.pid) < limit_kib * 82 // 100, 60, "the memory's return")
        assert gateway.request("GET", "/calm/1.0.0/x", {"ApiKey": world.key}).status == 200
        assert "memory_pressure" in gateway.process.errors()


# ---- a loop that stands still

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WAIT_FOR_THREADS = 0x40000000


@contextlib.contextmanager
def held(thread):
    """Stops one thread of another process."""
    def trace(request):
        if LIBC.ptrace(ctypes.c_long(request), ctypes.c_long(thread), None, None) != 0:
            pytest.skip(f"ptrace is not allowed here: {os.strerror(ctypes.get_errno())}")
    trace(PTRACE_SEIZE)
    trace(PTRACE_INTERRUPT)
    os.waitpid(thread, WAIT_FOR_THREADS)
    yield
    trace(PTRACE_DETACH)


def test_a_loop_that_stands_still_is_told(world, backend):
    with world.gateway() as gateway:
        runner = load.Load(gateway.port, [f"{BASE}/x"], connections=8)
        try:
            gateway.wait_answered()
            tasks = pathlib.Path(f"/proc/{gateway.pid}/task")
            worker = next(int(one.name) for one in tasks.iterdir() if (one / "comm").read_text() == "worker-0\n")
            def told():
                with held(worker):   # in the middle of a turn, if it was not just waiting
                    time.sleep(0.2)
                return "loop_stalled" in gateway.process.errors()
            wait_until(told, 60, "the warning")
        finally:
            runner.abandon()
        assert gateway.metrics()["apim_loop_stalls_total"] >= 1
        held_ms = re.search(r"warn loop_stalled worker=0 ms=(\d+)", gateway.process.errors()).group(1)
        assert int(held_ms) >= 100


# ---- a stop that does not wait

@pytest.mark.parametrize("is_answered", [False, True], ids=["an answer under way", "an answer not taken"])
def test_a_body_that_ends_by_closing_is_not_cut_in_silence(world, backend, is_answered):
    over = threading.Event()
    def script(_received):
        def send(one):
            one.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(64 if is_answered else 1):
                one.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            return over.wait(120) if not is_answered else one.sendall(b"0\r\n\r\n") is None
        return send
    backend.script = script
    with world.gateway({"drain.timeout_ms": 500}) as gateway, gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/x", version="HTTP/1.0"))
        assert connection.read_head().status == 200
        if not is_answered:
            connection.read_exactly(0x10000)
        assert gateway.stop() == 0
        over.set()
        with pytest.raises(ConnectionResetError):
            while connection.socket.recv(1 << 20):
                pass


# ---- the log cannot be written

def dropped(gateway):
    return gateway.metrics()["apim_access_log_dropped_total"]


def lines_of(path):
    """Every line of the log, and how many are no whole record."""
    good, bad = [], 0
    for text in path.read_text().split("\n")[:-1]:
        try:
            good.append(json.loads(text))
        except ValueError:
            bad += 1
    return good, bad


@pytest.fixture()
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def ask_many(gateway, count):
    run = load.burst(gateway.port, [wire.encode("GET", "/nowhere/at/all")], count, 20)
    assert run.statuses == {404: count} and not run.broken


def test_a_full_disk_costs_log_lines_only(world, backend, small_disk):
    log = small_disk / "access.log"
    with world.gateway({"log.access": log}) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        wait_until(lambda: ask_many(gateway, 200) or dropped(gateway) > 100, 60, "dropped lines")
        watch.suffer("a full disk")
        assert log.stat().st_size <= 64 << 10
        good, bad = lines_of(log)
        assert good and bad == 0, "whole lines, and the last one perhaps cut"
        # Room again: the log goes on by itself, and the cut line is ended first.
        subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
        wait_until(lambda: ask_many(gateway, 10) or log.stat().st_size > 80 << 10, 60, "lines again")
        log.rename(small_disk / "old.log")
        gateway.process.signal(signal.SIGHUP)
        wait_until(log.exists, 30, "a new log")
        before = dropped(gateway)
        gateway.request("GET", f"{BASE}/x", {"X-Request-Id": "after-the-full-disk"})
        wait_until(lambda: any(one["request_id"] == "after-the-full-disk" for one in lines_of(log)[0]), 30, "its line")
        assert dropped(gateway) == before
        assert lines_of(log)[1] == 0
        good, bad = lines_of(small_disk / "old.log")
        assert len(good) > 100 and bad <= 1, "more than the one line that met the full disk is cut"
        watch.recover()
        assert gateway.stop() == 0


def test_a_device_that_takes_nothing(world, backend, tmp_path):
    log, kept = tmp_path / "access.log", tmp_path / "kept.log"
    log.symlink_to("/dev/full")
    with world.gateway({"log.access": log}) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        before = dropped(gateway)
        ask_many(gateway, 2000)
        watch.suffer("a log that takes nothing")
        wait_until(lambda: dropped(gateway) >= before + 2000, 30, "the count of the lost lines")
        log.unlink()
        log.symlink_to(kept)
        gateway.process.signal(signal.SIGHUP)
        wait_until(kept.exists, 30, "a new log")
        gateway.request("GET", f"{BASE}/x", {"X-Request-Id": "after-the-device"})
        wait_until(lambda: any(one["request_id"] == "after-the-device" for one in lines_of(kept)[0]), 30, "its line")
        assert lines_of(kept)[1] == 0
        watch.recover()


def test_a_stalled_reader_of_the_log(world, backend, tmp_path):
    log = tmp_path / "access.fifo"
    os.mkfifo(log)
    reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with world.gateway({"log.access": log}) as gateway, world.canary(gateway) as canary:
            watch = Watch(gateway, canary)
            wait_until(lambda: ask_many(gateway, 2000) or dropped(gateway) > 0, 60, "dropped lines")
            watch.suffer("a log whose reader stalls")
            text = read_until(reader, b'"after-the-stall"', lambda: gateway.request(
                "GET", f"{BASE}/x", {"X-Request-Id": "after-the-stall"}))
            for line in text.split(b"\n")[:-1]:
                json.loads(line)
            watch.recover()
    finally:
        os.close(reader)


def read_until(descriptor, mark, ask):
    """Reads until `mark` came; `ask` makes the gateway write more."""
    parts = b""
    def came():
        nonlocal parts
        if mark not in parts:
            ask()
        with contextlib.suppress(BlockingIOError):
            while data := os.read(descriptor, 1 << 20):
                parts += data
        return mark in parts
    wait_until(came, 60, f"{mark} in the log")
    return parts


# ---- whatever is asked for

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_~"
TOKEN = LETTERS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$&'*+.^`|"


def word(source, least, most, letters=LETTERS):
    return "".join(source.choices(letters, k=source.randint(least, most)))


def random_path(source):
    kind = source.random()
    if kind < 0.01:
        return "/" + word(source, 2000, 7000)
    if kind < 0.1:
        return "/" + "".join(f"%{source.randint(0x80, 0xff):02X}" for _ in range(source.randint(1, 60)))
    return "/" + "/".join(word(source, 1, 12) for _ in range(source.randint(1, 6)))


def random_host(source):
    return f"{word(source, 1, 60, LETTERS[:36])}.{word(source, 2, 9, LETTERS[:26])}:{source.randint(1, 65535)}"


def test_random_requests_cost_no_memory_and_no_series(world, backend):
    source = random.Random(53)
    with world.gateway(workers=1) as gateway, world.canary(gateway) as canary:
        watch = Watch(gateway, canary)
        series = set(gateway.metrics())
        for _ in range(2):
            ask_random_paths(gateway, source, 10000)
        warm = memory.resident_kib(gateway.pid)
        for _ in range(8):
            assert set(ask_random_paths(gateway, source, 10000)) == {404}
        hosts = [wire.encode("GET", "/nowhere", host=random_host(source)) for _ in range(3000)]
        names = [wire.encode("GET", "/nowhere", {word(source, 1, 200, TOKEN): word(source, 0, 300)})
                 for _ in range(3000)]
        assert set(abuse.pipelined(gateway.port, names)) == {404}
        assert set(abuse.pipelined(gateway.port, hosts)) == {404}
        for _ in range(4000):
            method = word(source, 1, 30, TOKEN)
            assert gateway.request(method, "/nowhere").status == 501, method
        watch.suffer("110,000 random requests")
        grown = memory.resident_kib(gateway.pid) - warm
        print(f"memory +{grown} KiB after the first 20,000")
        assert set(gateway.metrics()) == series
        assert stacks.asan() or grown <= 4 << 10, f"{grown} KiB grown"
        check_lines(gateway, 110000)
        watch.recover()


def ask_random_paths(gateway, source, count):
    return abuse.pipelined(gateway.port, [wire.encode("GET", random_path(source)) for _ in range(count)])


def check_lines(gateway, least):
    """Every request left a record of at most 4 KiB, or was counted as dropped."""
    def all_written():
        with open(gateway.access_log, "rb") as log:
            return sum(1 for _ in log) + dropped(gateway) >= least
    wait_until(all_written, 60, "every line")
    with open(gateway.access_log, "rb") as log:
        for line in log:
            assert len(line) <= 4096 and line.endswith(b"\n")
            assert json.loads(line)["status"] > 0


# ---- below the least rate

RATES = {"limits.body_bytes_per_s": 10000, "timeouts.body_grace_ms": 500, "timeouts.body_idle_ms": 1500}


def head_of(length):
    framing = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    return f"POST {BASE}/x HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n".encode()


@pytest.fixture(scope="module")
def rated(world):
    with world.gateway({**RATES, "upstream.response_ms": 2000}) as gateway, world.canary(gateway) as canary:
        yield gateway, Watch(gateway, canary)


@pytest.mark.parametrize("length,piece", [(60000000, b"abcde"), (None, b"5\r\nabcde\r\n")])
def test_a_body_below_the_least_rate(rated, backend, length, piece):
    gateway, watch = rated
    with gateway.connect() as connection:
        connection.send(head_of(length))
        connection.socket.setblocking(False)
        def answered():
            with contextlib.suppress(OSError):
                connection.send(piece)
            with contextlib.suppress(BlockingIOError):
                return connection.socket.recv(1, socket.MSG_PEEK) == b"H"
            time.sleep(0.02)
            return False
        wait_until(answered, 30, "an answer for the slow body")
        connection.socket.settimeout(30)
        assert connection.read_answer().status == 408
        assert connection.is_closed()
    watch.recover()


def test_a_body_that_had_its_rate_may_pause(rated, backend):
    gateway, _ = rated
    with gateway.connect() as connection:
        connection.send(head_of(2000010) + b"x" * 2000000)
        for _ in range(10):
            time.sleep(0.1)   # longer than the grace altogether, and shorter than body_idle_ms each
            connection.send(b"y")
        answer = connection.read_answer()
    assert answer.status == 200 and len(answer.json()["body"]) == 2000010


def test_readers_below_the_least_rate_are_cut(world, rated, backend):
    gateway, watch = rated
    backend.script = big_answer
    with world.flood(gateway, {"deaf": 50, "trickle": 50}) as flood:
        wait_until(lambda: backend.count() >= 100, 60, "every reader's request")
        watch.suffer("100 readers below the least rate")
        # It is the gateway that ends them: its side is closed while theirs are open.
        watch.recover()
        wait_until(lambda: gateway.metrics()["apim_requests_running"] == 0, 30, "the requests' end")
        wait_until(lambda: abuse.orphans(gateway.port) == 0, 30, "the kernel's bytes for them given back")
        assert flood.state()["received"] < 100 * BIG_BYTES


def test_a_back_end_that_takes_nothing_of_a_body(rated, backend):
    gateway, watch = rated
    with gateway.connect() as connection:
        connection.send(f"POST /stalled/1.0.0/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {60 << 20}\r\n\r\n"
                        .encode())
        connection.socket.setblocking(False)
        def answered():
            if not select.select([connection.socket], [], [], 0.02)[0]:
                with contextlib.suppress(OSError):
                    connection.socket.send(bytes(65536))
                return False
            return True
        wait_until(answered, 30, "an answer")
        connection.socket.settimeout(30)
        answer = connection.read_answer()
    assert answer.status == 500 and answer.json()["code"] == "101504", answer
    watch.recover()


def test_a_back_end_that_stalls_in_its_answer(rated, backend):
    gateway, watch = rated
    over = threading.Event()
    def script(_received):
        def send(one):
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
            return over.wait(60)
        return send
    backend.script = script
    with gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/x"))
        assert connection.read_head().status == 200
        assert connection.read_to_end() == b"only this"
    over.set()
    watch.recover()
