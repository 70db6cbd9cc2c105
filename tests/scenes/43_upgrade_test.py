"""Upgrades: a new process takes over under load and nobody notices; what cannot work leaves the old one alone."""

import os
import pathlib
import socket
import sys
import threading

import pytest

from support import load, projects, stack as stacks, wire
from support.backend import Reply
from support.process import ROOT, Process, binary, run, wait_until
from support.projects import operation

UPGRADES = 3
KEPT = 16  # connections that send one request after the other
REQUEST = b"GET /upgraded/1.0.0/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module", autouse=True)
def migration():
    """The README's advice: without it a client that comes in the moment a listener closes may be reset."""
    setting = pathlib.Path("/proc/sys/net/ipv4/tcp_migrate_req")
    before = setting.read_text()
    setting.write_text("1")
    yield
    setting.write_text(before)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origin")
    process = Process("origin", [sys.executable, str(ROOT / "tests/support/origin.py")],
                      folder / "origin.log", r"listening on (\d+)")
    yield f"http://127.0.0.1:{process.match.group(1)}"
    process.stop()


@pytest.fixture(scope="module")
def one(backend, tmp_path_factory):
    folder = tmp_path_factory.mktemp("upgrade")
    with stacks.Stack(gateway={"drain.timeout_ms": 20000}) as stack:
        stack.open_wide()
        data = projects.api("Slow", backend.url, [operation("GET", "/*", auth="None")])
        stack.ctl.deploy(projects.write(folder / "slow", data))
        yield stack


class Newcomers:
    """A client that opens a new connection for every request, until it is stopped."""

    def __init__(self, port):
        self.port, self.answered, self.failed = port, 0, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
                    connection.sendall(REQUEST)
                    answer = b""
                    while piece := connection.recv(65536):
                        answer += piece
                if not answer.startswith(b"HTTP/1.1 200 ") or b'"backend"' not in answer:
                    self.failed.append(answer[:200])
                self.answered += 1
            except OSError as error:
                self.failed.append(repr(error))

    def stop(self):
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive()


def wait_busy(gateway, newcomers):
    """Until every kept connection is this process's, and each newcomer was answered anew."""
    before = [each.answered for each in newcomers]
    wait_until(lambda: gateway.metrics()["apim_connections_open"] >= KEPT, 60, "the kept connections")
    wait_until(lambda: all(each.answered > count + 20 for each, count in zip(newcomers, before)), 60,
               "answers on new connections")


def ended(process):
    """The exit code of a process that ends by itself."""
    wait_until(lambda: not process.alive, 40, f"the end of process {process.pid}")
    return process.stop()


def ready_as_told_on(connection):
    connection.send(wire.encode("GET", "/readyz"))
    return connection.read_answer().status == 200


def refused(gateway, *more):
    """(exit code, standard error) of a gateway process that must not come to serve."""
    code, out, err = run(gateway.arguments(*more))
    assert "listening" not in out
    return code, err


def test_three_upgrades_under_load_fail_no_request(one, origin, tmp_path):
    data = projects.api("Upgraded", origin, [operation("GET", "/*", auth="None")])
    one.ctl.deploy(projects.write(tmp_path / "p", data))
    gateway = one.gateway
    epoch = gateway.snapshot()["epoch"]
    kept = load.Load(gateway.port, ["/upgraded/1.0.0/x"], connections=KEPT, expect='"backend"')
    newcomers = [Newcomers(gateway.port) for _ in range(4)]
    try:
        for _ in range(UPGRADES):
            wait_busy(gateway, newcomers)
            old = gateway.upgrade()
            assert gateway.pid != old.pid
            # From the ready line on the new process is whole: the next upgrade might begin.
            assert gateway.is_ready()
            assert ended(old) == 0
            assert gateway.snapshot()["epoch"] == epoch
        wait_busy(gateway, newcomers)
        for each in newcomers:
            each.stop()
        summary = kept.finish()
    finally:
        kept.abandon()
        for each in newcomers:
            each.stopping.set()
    answered = sum(each.answered for each in newcomers)
    print(f"{UPGRADES} upgrades: {summary['answered']} kept, {answered} new connections, "
          f"p99 {summary['p99_ms']} ms, max {summary['max_ms']} ms")
    assert load.failures(summary) == 0, summary
    assert [failure for each in newcomers for failure in each.failed] == []
    assert summary["answered"] > 100 and answered > 100


def test_what_began_on_the_old_process_ends_there(one, backend):
    gateway = one.gateway
    backend.clear()
    release = threading.Event()

    def slow(_received):
        release.wait(60)
        return Reply(200, b"late")

    backend.script = slow
    try:
        with gateway.connect() as running, wire.Connection(gateway.admin) as asking:
            running.send(wire.encode("GET", "/slow/1.0.0/x"))
            wait_until(backend.count, 10, "the request at the back end")
            assert ready_as_told_on(asking)
            old = gateway.upgrade()
            wait_until(lambda: "gateway_draining" in old.errors(), 20, "the old process's drain")
            # The admin port is the new one's although the old one still works.
            wait_until(lambda: "admin_handed_over" in old.errors(), 20, "the admin port's hand-over")
            assert {gateway.ask("/readyz").status for _ in range(20)} == {200}
            # A health check whose connection is still the old one's hears that the address serves.
            assert ready_as_told_on(asking)
            assert old.alive
            release.set()
            answer = running.read_answer()
            assert answer.status == 200 and answer.body == b"late"
            assert answer.header("Connection") == "close"
        assert ended(old) == 0
    finally:
        release.set()
        backend.script = backend.echo


def test_only_a_running_gateway_can_be_replaced(one, backend):
    gateway = one.gateway
    gone = Process("true", ["sh", "-c", "echo up"], gateway.folder / "gone.log", "up")
    gone.child.wait()
    code, err = refused(gateway, "--replaces", str(gone.pid))
    gone.stop()
    assert code == 1 and "no such process" in err
    code, err = refused(gateway, "--replaces", str(os.getpid()))
    assert code == 1 and "and no apim-gateway" in err
    code, err = refused(gateway, "--replaces", "x")
    assert code == 2 and "needs a process id" in err
    # A gateway, but not the one whose directory this is.
    other = one.add_gateway("other", {"snapshot.cache_dir": one.folder / "elsewhere"})
    other.wait_ready()
    code, err = refused(gateway, "--replaces", str(other.pid))
    assert code == 1 and str(gateway.pid) in err
    assert other.process.alive and gateway.is_ready()
    other.stop()
    one.gateways.remove(other)


def test_a_process_without_a_snapshot_gives_up(one, backend):
    gateway = one.gateway
    kept = dict(gateway.settings)
    # Another signer's key: neither the hub's snapshot nor the cache's is valid.
    key = one.folder / "other.pub"
    key.write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
    gateway.settings |= {"snapshot.public_key_file": key, "snapshot.takeover_ms": 1000}
    try:
        code, err = refused(gateway, "--replaces", str(gateway.pid))
    finally:
        gateway.settings = kept
    assert code == 1 and "not ready to serve within snapshot.takeover_ms" in err
    assert gateway.process.alive and gateway.is_ready()
    assert gateway.request("GET", "/slow/1.0.0/x").status == 200
    # Nothing is left of the attempt: the next one works.
    assert ended(gateway.upgrade()) == 0
    assert gateway.request("GET", "/slow/1.0.0/x").status == 200


def test_a_directory_serves_one_gateway(one):
    gateway = one.gateway
    # After an upgrade the directory is the new process's with its ready line.
    assert (gateway.folder / "cache/gateway.lock").read_text() == f"{gateway.pid}\n"
    code, err = refused(gateway)
    assert code == 1 and "snapshot.cache_dir" in err and f"gateway {gateway.pid};" in err
    assert gateway.is_ready()
    # A gateway that was killed holds nothing.
    gateway.process.kill()
    gateway.start()
    gateway.wait_ready()


def test_the_binary_explains_itself():
    code, out, _ = run([binary("apim-gateway"), "--help"])
    assert code == 0 and "--replaces PID" in out
