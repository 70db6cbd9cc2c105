"""Limits: every level admits exactly what it may, however many ask at once, and says when to come back."""

import email.utils
import re
import time

import pytest

from support import load, projects, wire
from support.projects import operation

COUNT = 1000
LIMIT = 100


def policy(stack, level, name, limit, *more):
    stack.ctl.text("policies", "create", level, name, "--limit", limit, *more)


def window_with_room(seconds=20):
    """Waits until the current clock minute has at least `seconds` left."""
    left = 60 - time.time() % 60
    if left < seconds:
        time.sleep(left + 0.05)
    return int(time.time() // 60)


def get(path, key):
    headers = {"ApiKey": key} if key else {}
    return wire.encode("GET", path, headers)


def send(stack, path, key, count=COUNT, connections=50):
    """`count` requests at once inside one minute; the Run."""
    minute = window_with_room()
    run = load.burst(stack.gateway.port, [get(path, key)], count, connections)
    assert int(time.time() // 60) == minute, "the burst crossed a minute: the machine is too slow"
    assert not run.broken, run.broken
    assert sum(run.statuses.values()) == count
    return run


def refused_body(run, status=429):
    import json
    head, body = next((h, b) for s, h, b in run.heads if s == status)
    return head.decode("latin-1"), json.loads(body)


def check_quota(run, code, description="You have exceeded your quota", status=429):
    head, body = refused_body(run, status)
    assert body["code"] == code
    assert body["message"] == "Message throttled out"
    after = re.search(r"(?im)^retry-after: (.*)$", head).group(1).strip()
    moment = email.utils.parsedate_to_datetime(after).timestamp()
    assert after.endswith("GMT")
    assert moment % 60 == 0 and 0 < moment - time.time() <= 60
    shown = time.strftime("%Y-%b-%d %H:%M:%S+0000 UTC", time.gmtime(moment))
    assert body["nextAccessTime"] == shown
    assert body["description"] == f"{description} .You can access API after {shown}"
    assert re.search(r"(?im)^content-type: application/json", head)


def admitted(run):
    return run.statuses.get(200, 0)


@pytest.fixture(scope="module")
def limited(stack, backend, tmp_path_factory):
    """Plans of 100 a minute at each level, and an API each."""
    folder = tmp_path_factory.mktemp("limited")
    policy(stack, "subscription", "Hundred", "100/min")
    policy(stack, "application", "AppHundred", "100/min")
    policy(stack, "advanced", "AdvHundred", "100/min")
    policy(stack, "subscription", "SubBurst", "100000/min", "--burst", "100/min")
    policy(stack, "application", "AppBurst", "100000/min", "--burst", "100/min")
    deploy = lambda data: stack.ctl.deploy(projects.write(folder / data["name"], data))
    deploy(projects.api("Plan", backend.url, policies=["Hundred", "Unlimited", "SubBurst"]))
    deploy(projects.api("Whole", backend.url, apiThrottlingPolicy="AdvHundred"))
    deploy(projects.api("Resource", backend.url, [
        operation("GET", "/a", policy="AdvHundred"), operation("GET", "/b"),
        operation("GET", "/open", auth="None", policy="AdvHundred")]))
    deploy(projects.api("Capped", backend.url,
                        maxTps={"production": 100, "productionTimeUnit": "MINUTE",
                                "sandbox": 5, "sandboxTimeUnit": "MINUTE"}))
    return stack


def test_subscription_admits_exactly_its_limit(limited, fresh):
    key = limited.ctl.client("sub-app", "Plan", "Hundred")
    run = send(limited, "/plan/1.0.0/x", key)
    assert admitted(run) == LIMIT and run.statuses[429] == COUNT - LIMIT
    assert fresh.count() == LIMIT
    check_quota(run, "900804")


def test_application_admits_exactly_its_limit(limited, fresh):
    key = limited.ctl.client("app-app", "Plan", "Unlimited", "AppHundred")
    run = send(limited, "/plan/1.0.0/x", key)
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    check_quota(run, "900803")


def test_application_limit_spans_apis(limited, fresh):
    key = limited.ctl.client("span-app", "Plan", "Unlimited", "AppHundred")
    limited.ctl.subscribe("span-app", "Resource")
    minute = window_with_room()
    requests = [get("/plan/1.0.0/x", key), get("/resource/1.0.0/b", key)]
    run = load.burst(limited.gateway.port, requests, COUNT, 50)
    assert int(time.time() // 60) == minute
    assert admitted(run) == LIMIT and fresh.count() == LIMIT


def test_api_level_admits_exactly_its_limit(limited, fresh):
    first = limited.ctl.client("whole-one", "Whole")
    second = limited.ctl.client("whole-two", "Whole")
    minute = window_with_room()
    requests = [get("/whole/1.0.0/x", first), get("/whole/1.0.0/y", second)]
    run = load.burst(limited.gateway.port, requests, COUNT, 50)
    assert int(time.time() // 60) == minute
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    check_quota(run, "900800")


def test_resource_level_admits_exactly_its_limit(limited, fresh):
    key = limited.ctl.client("res-app", "Resource")
    run = send(limited, "/resource/1.0.0/a", key)
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    check_quota(run, "900802")
    # Another resource of the same API has its own count.
    assert limited.gateway.request("GET", "/resource/1.0.0/b", {"ApiKey": key}).status == 200


def test_an_open_operation_is_limited_too(limited, fresh):
    run = send(limited, "/resource/1.0.0/open", None)
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    check_quota(run, "900802")


def test_subscription_burst(limited, fresh):
    key = limited.ctl.client("subburst-app", "Plan", "SubBurst")
    run = send(limited, "/plan/1.0.0/x", key)
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    check_quota(run, "900807")


def test_application_burst(limited, fresh):
    key = limited.ctl.client("appburst-app", "Plan", "Unlimited", "AppBurst")
    run = send(limited, "/plan/1.0.0/x", key)
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    check_quota(run, "900809", "You have exceeded your application burst limit quota")


def test_backend_limit_is_503(limited, fresh):
    key = limited.ctl.client("capped-app", "Capped")
    run = send(limited, "/capped/1.0.0/x", key)
    assert admitted(run) == LIMIT and fresh.count() == LIMIT
    head, body = refused_body(run, 503)
    assert body == {"code": "900801", "message": "API Limit Reached",
                    "description": "API not accepting requests"}
    assert "retry-after" not in head.lower()


def test_backend_limit_counts_sandbox_apart(limited, fresh):
    limited.ctl.client("capped-sand", "Capped")
    sandbox = limited.ctl.key("capped-sand", "--type", "sandbox")
    run = send(limited, "/capped/1.0.0/x", sandbox, 50, 10)
    assert admitted(run) == 5 and fresh.count() == 5


def test_what_is_refused_later_is_given_back(limited, fresh):
    """An application of 100 over two APIs: what the subscription refuses costs the application nothing."""
    limited.ctl.text("policies", "create", "subscription", "Ten", "--limit", "10/min")
    limited.ctl.text("policies", "create", "application", "AppThirty", "--limit", "30/min")
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        data = projects.api("GiveBack", fresh.url, [operation("GET", "/r", policy="AdvHundred"),
                                                    operation("GET", "/s", policy="AdvHundred")],
                            policies=["Ten", "Unlimited"])
        limited.ctl.deploy(projects.write(folder, data))
    # Application level refuses after 30; the resource level (100 a minute, shared by all) must not lose more.
    first = limited.ctl.client("giver", "GiveBack", "Unlimited", "AppThirty")
    second = limited.ctl.client("taker", "GiveBack", "Unlimited")
    minute = window_with_room(30)
    one = load.burst(limited.gateway.port, [get("/giveback/1.0.0/r", first)], 300, 30)
    assert admitted(one) == 30
    two = load.burst(limited.gateway.port, [get("/giveback/1.0.0/r", second)], 300, 30)
    assert int(time.time() // 60) == minute
    assert admitted(two) == LIMIT - 30
    # And what the subscription refused was not taken from the resource: /s, fresh, in the same way.
    third = limited.ctl.client("tenner", "GiveBack", "Ten")
    minute = window_with_room(30)
    three = load.burst(limited.gateway.port, [get("/giveback/1.0.0/s", third)], 100, 10)
    assert admitted(three) == 10
    four = load.burst(limited.gateway.port, [get("/giveback/1.0.0/s", second)], 300, 30)
    assert int(time.time() // 60) == minute
    assert admitted(four) == LIMIT - 10


def test_a_new_window_is_open_again(limited, fresh):
    """A limit per second: over several windows never more than the limit in any of them."""
    limited.ctl.text("policies", "create", "subscription", "FiveASecond", "--limit", "5/s")
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        data = projects.api("Seconds", fresh.url, policies=["FiveASecond"])
        limited.ctl.deploy(projects.write(folder, data))
    key = limited.ctl.client("seconds-app", "Seconds", "FiveASecond")
    first, count = time.time(), 0
    while time.time() - first < 4:
        answer = limited.gateway.request("GET", "/seconds/1.0.0/x", {"ApiKey": key})
        assert answer.status in (200, 429)
        count += answer.status == 200
    windows = int(time.time()) - int(first) + 1
    # Every whole window in between was used up, and none was used beyond its limit.
    assert 5 * (windows - 2) <= count <= 5 * windows


def test_the_moment_in_retry_after_works(limited, fresh):
    key = limited.ctl.client("again-app", "Seconds", "FiveASecond")
    answer = None
    while answer is None or answer.status == 200:
        answer = limited.gateway.request("GET", "/seconds/1.0.0/x", {"ApiKey": key})
    assert answer.status == 429
    moment = email.utils.parsedate_to_datetime(answer.header("retry-after")).timestamp()
    time.sleep(max(0.0, moment - time.time()))
    assert limited.gateway.request("GET", "/seconds/1.0.0/x", {"ApiKey": key}).status == 200


def test_counters_survive_a_reload(limited, fresh):
    key = limited.ctl.client("reload-app", "Plan", "Hundred")
    minute = window_with_room(30)
    one = load.burst(limited.gateway.port, [get("/plan/1.0.0/x", key)], 60, 10)
    limited.ctl.application("reload-noise")
    two = load.burst(limited.gateway.port, [get("/plan/1.0.0/x", key)], 300, 10)
    assert int(time.time() // 60) == minute
    assert admitted(one) + admitted(two) == LIMIT


@pytest.mark.parametrize("kind,value,more", [
    ("api", "/plan/1.0.0", []),
    ("application", "admin:denied-app", []),
    ("user", "admin@carbon.super", []),
    ("ip", "127.0.0.1", []),
    ("iprange", "127.0.0.1", ["--last", "127.0.0.9"]),
])
def test_deny_policies(limited, fresh, kind, value, more):
    listed = [a["name"] for a in limited.ctl.json("apps")["list"]]
    if "denied-app" not in listed:
        limited.ctl.client("denied-app", "Plan", "Unlimited")
    key = limited.ctl.key("denied-app")
    call = lambda: limited.gateway.request("GET", "/plan/1.0.0/x", {"ApiKey": key})
    assert call().status == 200
    made = limited.ctl.json("deny", "add", kind, value, *more)
    answer = call()
    assert answer.status == 403, answer
    assert answer.json() == {"code": "900805", "message": "Message blocked",
                             "description": "You have been blocked from accessing the resource"}
    limited.ctl.text("deny", "remove", made["conditionId"])
    assert call().status == 200


def test_a_denied_range_ends_where_it_says(limited, fresh):
    key = limited.ctl.client("range-app", "Plan", "Unlimited")
    made = limited.ctl.json("deny", "add", "iprange", "127.0.0.2", "--last", "127.0.0.9")
    assert limited.gateway.request("GET", "/plan/1.0.0/x", {"ApiKey": key}).status == 200
    limited.ctl.text("deny", "remove", made["conditionId"])


def test_retry_after_of_deny_is_absent(limited, fresh):
    key = limited.ctl.client("noretry-app", "Plan", "Unlimited")
    made = limited.ctl.json("deny", "add", "ip", "127.0.0.1")
    answer = limited.gateway.request("GET", "/plan/1.0.0/x", {"ApiKey": key})
    limited.ctl.text("deny", "remove", made["conditionId"])
    assert answer.status == 403 and answer.header("retry-after") is None
