"""What operators see: access log, rotation, metrics, health."""

import json
import signal
import time

import pytest

from support import load, projects, stack as stacks, wire
from support.process import wait_until
from support.projects import operation


@pytest.fixture(scope="module")
def logged(stack, backend, tmp_path_factory):
    stack.open_wide()
    data = projects.api("Logged", backend.url, [operation("GET", "/items/{id}"),
                                                operation("GET", "/open", auth="None")],
                        policies=["Unlimited"])
    api = stack.ctl.deploy(projects.write(tmp_path_factory.mktemp("logged"), data))
    stack.api_id = api["id"]
    return stack.ctl.client("logged-app", "Logged")


def record_of(stack, request_id):
    """The one log line of that request."""
    def found():
        return [r for r in stack.gateway.records() if r.get("request_id") == request_id]
    lines = wait_until(found, 10, f"the log line of {request_id}")
    assert len(lines) == 1
    return lines[0]


def test_a_line_tells_the_whole_request(stack, logged, fresh):
    answer = stack.gateway.request("GET", "/logged/1.0.0/items/7?secret=1",
                                   {"ApiKey": logged, "X-Request-Id": "line-1"})
    line = record_of(stack, "line-1")
    expected = {"method": "GET", "host": "localhost", "path": "/logged/1.0.0/items/7", "query": True,
                "api": "Logged", "version": "1.0.0", "api_id": stack.api_id, "resource": "/items/{id}",
                "application": "logged-app", "key_type": "PRODUCTION", "status": 200,
                "backend": f"127.0.0.1:{fresh.port}", "request_bytes": 0,
                "response_bytes": len(answer.body), "client": "127.0.0.1"}
    assert {name: line.get(name) for name in expected} == expected
    assert line["epoch"] == stack.gateway.snapshot()["epoch"]
    assert line["duration_us"] >= line["backend_us"] > 0
    assert line["worker"] in (0, 1)


@pytest.mark.parametrize("path,headers,status,fault,code", [
    ("/logged/1.0.0/items/7", {}, 401, "KeyMissing", 900902),
    ("/logged/1.0.0/items/7", {"ApiKey": "x"}, 401, "KeyUnknown", 900901),
    ("/logged/1.0.0/nothing", {}, 404, "ResourceNotFound", 404),
    ("/nothing", {}, 404, "ApiNotFound", 404),
])
def test_refusals_are_logged_with_their_fault(stack, logged, fresh, path, headers, status, fault, code):
    name = f"refused-{fault}"
    stack.gateway.request("GET", path, {**headers, "X-Request-Id": name})
    line = record_of(stack, name)
    assert (line["status"], line["fault"], line["code"]) == (status, fault, code)
    assert "backend" not in line


def test_no_secret_is_logged(stack, logged, fresh):
    stack.gateway.request("GET", f"/logged/1.0.0/items/7?ApiKey={logged}", {"X-Request-Id": "secret-1"})
    record_of(stack, "secret-1")
    assert logged not in stack.gateway.access_log.read_text()
    assert logged not in stack.gateway.process.errors()
    assert logged not in stack.controller.process.errors()
    assert stacks.PASSWORD not in stack.controller.process.errors()


def test_hostile_text_stays_one_line_of_json(stack, logged, fresh):
    before = len(stack.gateway.records())
    for path in ("/logged/1.0.0/items/%22%7D%0D", "/%E2%80%A8", "/" + "a" * 3000):
        stack.gateway.request("GET", path, {"User-Agent": 'x"}\t{'})
    wait_until(lambda: len(stack.gateway.records()) >= before + 3, 10, "three lines")
    for text in stack.gateway.access_log.read_text().splitlines():
        json.loads(text)


def test_one_line_for_each_request_and_metrics_that_agree(stack, logged, fresh):
    before = stack.gateway.metrics()
    lines = len(stack.gateway.records())
    requests = [wire.encode("GET", "/logged/1.0.0/items/1", {"ApiKey": logged}),
                wire.encode("GET", "/logged/1.0.0/open"), wire.encode("GET", "/logged/1.0.0/items/1"),
                wire.encode("GET", "/logged/1.0.0/none")]
    run = load.burst(stack.gateway.port, requests, 2000, 20)
    assert not run.broken and run.statuses == {200: 1000, 401: 500, 404: 500}
    wait_until(lambda: len(stack.gateway.records()) >= lines + 2000, 20, "every line")
    assert len(stack.gateway.records()) == lines + 2000
    after = stack.gateway.metrics()
    grown = lambda name: after.get(name, 0) - before.get(name, 0)
    assert grown('apim_requests_total{status="2xx"}') == 1000
    assert grown('apim_requests_total{status="4xx"}') == 1000
    assert grown('apim_faults_total{fault="KeyMissing",code="900902"}') == 500
    assert grown("apim_request_duration_seconds_count") == 2000
    assert after["apim_requests_running"] == 0
    assert after["apim_workers"] == 2
    assert after["apim_snapshot_epoch"] == stack.gateway.snapshot()["epoch"]


def test_the_exposition_is_well_formed(stack, logged):
    answer = stack.gateway.ask("/metrics")
    assert answer.header("content-type").startswith("text/plain; version=0.0.4")
    families, typed = set(), set()
    for line in answer.body.decode().splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif line and not line.startswith("#"):
            families.add(line.split("{")[0].split(" ")[0])
            float(line.rsplit(" ", 1)[1])
    for name in families:
        base = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
        assert name in typed or base in typed, name
    assert len(answer.body) < 64 << 10


def test_rotation_loses_no_line(stack, logged, fresh):
    log = stack.gateway.access_log
    lines = len(stack.gateway.records())
    runner = load.Load(stack.gateway.port, ["/logged/1.0.0/open"], connections=4)
    rotated = []
    try:
        for number in range(3):
            time.sleep(0.3)
            kept = log.with_name(f"access.{number}.log")
            log.rename(kept)
            stack.gateway.process.signal(signal.SIGHUP)
            rotated.append(kept)
            wait_until(log.exists, 10, "a new log file")
    finally:
        summary = runner.finish()
    assert load.failures(summary) == 0, summary
    def written():
        files = [*rotated, log]
        return sum(len(f.read_text().splitlines()) for f in files) - lines
    wait_until(lambda: written() >= summary["answered"], 20, "every line")
    assert written() == summary["answered"]
    for path in rotated:
        path.unlink()


def test_health_and_readiness(stack):
    assert stack.gateway.ask("/healthz").status == 200
    assert stack.gateway.ask("/readyz").status == 200
    assert stack.gateway.ask("/nothing").status == 404


def test_the_admin_port_serves_no_api(stack, logged):
    assert wire.request(stack.gateway.admin, "GET", "/logged/1.0.0/open").status == 404
    assert stack.gateway.request("GET", "/metrics").status == 404
    assert stack.gateway.request("GET", "/snapshot").status == 404


def test_the_snapshot_page(stack, logged):
    page = stack.gateway.snapshot()
    assert page["ready"] is True and page["refused"] is None
    assert page["counts"]["apis"] >= 1 and page["counts"]["keys"] >= 1
    assert {w["epoch"] for w in page["workers"]} == {page["epoch"]}
    assert {s["kind"].lower() for s in page["segments"]} >= {"routes", "apis", "limits", "consumers", "keys"}


def test_apimctl_lists_the_gateway(stack):
    listed = stack.ctl.json("gateways")["list"]
    assert len(listed) == 1 and listed[0]["alive"] is True
    assert listed[0]["epoch"] == stack.gateway.snapshot()["epoch"]
    assert listed[0]["id"] in stack.ctl.text("gateways")


def test_sigterm_finishes_what_runs(backend, tmp_path):
    from support.backend import Reply
    with stacks.Stack() as one:
        data = projects.api("Slow", backend.url, [operation("GET", "/*", auth="None")])
        one.ctl.deploy(projects.write(tmp_path / "p", data))
        backend.script = lambda received: Reply(200, b"late", delay=0.7)
        backend.clear()
        try:
            with one.gateway.connect() as running:
                running.send(wire.encode("GET", "/slow/1.0.0/x"))
                wait_until(backend.count, 10, "the request at the back end")
                one.gateway.process.signal(signal.SIGTERM)
                answer = running.read_answer()
                assert answer.status == 200 and answer.body == b"late"
            assert one.gateway.stop() == 0
        finally:
            backend.script = backend.echo


@pytest.mark.parametrize("name", ["apim-gateway", "apim-controller"])
def test_settings_are_documented_and_checked(name, tmp_path):
    from support.process import binary, run
    code, out, _ = run([binary(name), "--print-config"])
    assert code == 0 and "[log]" in out
    config = tmp_path / "printed.toml"
    config.write_text(out)
    code, _, err = run([binary(name), "--config", str(config), "--set", "log.nonsense=1"])
    assert code != 0 and "log.nonsense" in err
    config.write_text(out.replace("[log]", "[log]\nsurprise = 1"))
    line = config.read_text().splitlines().index("surprise = 1") + 1
    code, _, err = run([binary(name), "--config", str(config)])
    assert code != 0 and "surprise" in err and f"{line}" in err
    code, out, _ = run([binary(name), "--version"])
    assert code == 0 and "0.1.0" in out
