"""Redeploys under full load: no request fails, and memory stays flat.

APIM_RELOAD_SECONDS and APIM_RELOAD_COUNT shorten it for a quick look; unset, it runs whole, in sanitizer builds a fifth
of it.
"""

import os
import sys
import time

import pytest

from support import load, memory, projects, stack as stacks
from support.process import ROOT, Process
from support.projects import operation

SECONDS = float(os.environ.get("APIM_RELOAD_SECONDS", "60"))
COUNT = int(os.environ.get("APIM_RELOAD_COUNT", "40" if stacks.asan() else "200"))
# What the allocator and the kernel round to; a leak of one image a reload is many times this.
SLACK_KIB = 6 << 10


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origin")
    process = Process("origin", [sys.executable, str(ROOT / "tests/support/origin.py")],
                      folder / "origin.log", r"listening on (\d+)")
    yield f"http://127.0.0.1:{process.match.group(1)}"
    process.stop()


def variant(url, number):
    """One state of the API: what is called all the time, and something that changes."""
    operations = [operation("GET", "/always/{id}"), operation("GET", "/open", auth="None")]
    operations += [operation("GET", f"/changing/{number}/{i}") for i in range(1 + number % 20)]
    return projects.api("Reloaded", url, operations, description=f"state {number}",
                        policies=["Unlimited", "Gold"])


def test_redeploys_under_load(origin, tmp_path):
    with stacks.Stack(workers=2) as one:
        one.open_wide()
        folder = projects.write(tmp_path / "p", variant(origin, 0))
        one.ctl.deploy(folder, "--rotate-revision")
        key = one.ctl.client("load", "Reloaded")
        paths = ["/reloaded/1.0.0/always/1", "/reloaded/1.0.0/open", "/reloaded/1.0.0/always/2?x=y"]
        runner = load.Load(one.gateway.port, paths, {"ApiKey": key}, connections=32, expect='"backend"')
        try:
            resident, started, epochs = [], time.monotonic(), []
            for number in range(1, COUNT + 1):
                projects.write(folder, variant(origin, number))
                epochs.append(one.ctl.deploy(folder, "--rotate-revision")["epoch"])
                resident.append(memory.resident_kib(one.gateway.pid))
                assert runner.child.poll() is None, "the load ended too early"
                pause = started + SECONDS * number / COUNT - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
            summary = runner.finish()
        finally:
            runner.abandon()
        took = time.monotonic() - started
        print(f"{COUNT} redeploys in {took:.1f} s, {summary['answered']} requests, "
              f"p99 {summary['p99_ms']} ms, resident {resident[0]} -> {resident[-1]} KiB")
        assert load.failures(summary) == 0, summary
        assert summary["answered"] > 1000
        assert epochs == sorted(set(epochs)) and len(epochs) == COUNT
        page = one.gateway.snapshot()
        assert page["epoch"] >= epochs[-1] and page["refusals"] == 0
        assert page["live_images"] <= 3
        if not stacks.asan():
            warm = max(resident[:max(1, COUNT // 5)])
            assert max(resident) <= warm * 1.1 + SLACK_KIB, resident[:: max(1, COUNT // 20)]


def test_a_request_in_flight_keeps_what_it_began_with(backend, tmp_path):
    """The API disappears while a request waits for its back end: the request ends as it began."""
    from support import wire
    from support.backend import Reply
    from support.process import wait_until
    with stacks.Stack() as one:
        data = projects.api("Leaving", backend.url, [operation("GET", "/*", auth="None")])
        one.ctl.deploy(projects.write(tmp_path / "p", data))
        backend.clear()
        backend.script = lambda received: Reply(200, b"late", delay=1.0)
        try:
            with one.gateway.connect() as running:
                running.send(wire.encode("GET", "/leaving/1.0.0/x"))
                wait_until(backend.count, 10, "the request at the back end")
                one.ctl.text("undeploy", "Leaving")
                assert one.gateway.request("GET", "/leaving/1.0.0/x").status == 404
                answer = running.read_answer()
                assert answer.status == 200 and answer.body == b"late"
                # The same connection, the next request: the new state.
                running.send(wire.encode("GET", "/leaving/1.0.0/x"))
                assert running.read_answer().status == 404
        finally:
            backend.script = backend.echo


def test_undeploy_and_delete_leave_nothing_behind(backend, tmp_path):
    with stacks.Stack() as one:
        data = projects.api("Gone", backend.url, [operation("GET", "/*", auth="None")])
        one.ctl.deploy(projects.write(tmp_path / "p", data))
        assert one.gateway.request("GET", "/gone/1.0.0/x").status == 200
        one.ctl.text("undeploy", "Gone")
        assert one.gateway.request("GET", "/gone/1.0.0/x").status == 404
        one.ctl.text("delete", "Gone:1.0.0")
        assert one.rest.apis() == []
        one.ctl.deploy(tmp_path / "p")
        assert one.gateway.request("GET", "/gone/1.0.0/x").status == 200
