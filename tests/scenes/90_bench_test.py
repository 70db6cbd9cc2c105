"""The benchmark's own tools: a client that hides no error and no waiting, and worlds whose calls are all admitted."""

import json
import sys

import pytest

from support import process
from support.backend import Reply
from support.process import ROOT

sys.path.append(str(ROOT / "bench/load"))

KEYS = 40


def tool(name):
    """A sanitized build has no benchmarks."""
    try:
        return process.binary(f"bench/bench-{name}")
    except process.Failed as missing:
        return pytest.skip(str(missing))


@pytest.fixture()
def ask(fresh, tmp_path):
    """Runs the client against the back end: what it prints."""
    def run(*options):
        requests = tmp_path / "requests.tsv"
        requests.write_text("GET\t/one\tsecret\nGET\t/two\t\n")
        code, out, err = process.run([tool("client"), str(fresh.port), str(requests), *map(str, options)])
        assert code == 0, err
        return json.loads(out)
    return run


def test_the_client_counts_the_answers_it_got(ask, fresh):
    result = ask("--connections", 4, "--seconds", 0.5)
    assert result["errors"] == 0
    assert result["answered"] == len(fresh.received)
    assert {one.target: one.header("ApiKey") for one in fresh.received} == {"/one": "secret", "/two": None}


def test_an_answer_that_is_not_200_is_an_error(ask, fresh):
    fresh.script = lambda received: Reply(503)
    result = ask("--connections", 2, "--seconds", 0.5)
    assert result["requests"] == 0
    assert result["errors"] > 0
    assert "503" in result["first_error"]


def test_a_short_answer_is_an_error(ask, fresh):
    fresh.script = lambda received: Reply(body=b"half", headers=[("Content-Length", "8")], close=True)
    result = ask("--connections", 1, "--seconds", 0.3)
    assert result["answered"] == 0
    assert "within the answer" in result["first_error"]


def test_waiting_for_a_connection_is_latency(ask, fresh):
    """One stall of a second: half of the requests of two seconds were due while it lasted."""
    fresh.script = lambda received: Reply(delay=1.0 if len(fresh.received) == 1 else 0.0)
    result = ask("--connections", 1, "--seconds", 2, "--rate", 50)
    assert result["errors"] == 0
    assert result["requests"] + result["unsent"] == 100
    assert result["p90_us"] > 500_000


def test_quantiles_are_as_exact_as_the_clock(ask, fresh):
    fresh.script = lambda received: Reply(delay=0.1)
    result = ask("--connections", 2, "--seconds", 1)
    assert 100_000 <= result["p50_us"] * 1.01
    assert result["p50_us"] <= result["p99_us"] * 1.01 <= result["max_us"] * 1.02


def test_an_upload_and_a_connection_for_each(ask, fresh):
    result = ask("--connections", 2, "--seconds", 0.3, "--body", 3000, "--close")
    assert result["errors"] == 0
    assert {len(one.body) for one in fresh.received} == {3000}
    assert len({one.connection for one in fresh.received}) == len(fresh.received)


def calls(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


@pytest.mark.parametrize("options", [{"auth": "none"}, {"auth": "key"}, {"auth": "key", "limit": 1_000_000}])
def test_every_call_of_an_even_world_is_admitted(options, fresh, tmp_path):
    tool("world")
    from world import World
    world = World(tmp_path, apis=7, applications=KEYS, keys=KEYS, subscriptions=1,
                  backend=f"http://127.0.0.1:{fresh.port}", **options)
    gateway = world.gateway("gateway").wait_ready()
    try:
        for method, path, key in calls(tmp_path / "requests.tsv") + calls(tmp_path / "uploads.tsv"):
            assert gateway.request(method, path, {"ApiKey": key}, b"x" if method == "POST" else b"").status == 200
        assert len(fresh.received) == 2 * KEYS
        (_, path, _), (_, _, other) = calls(tmp_path / "requests.tsv")[:2]
        is_open = options["auth"] == "none"
        assert gateway.request("GET", path, {"ApiKey": other}).status == (200 if is_open else 403)
        assert gateway.request("GET", path, {"ApiKey": "nobody's"}).status == (200 if is_open else 401)
    finally:
        gateway.stop()
        world.close()
