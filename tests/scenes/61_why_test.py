"""Why: what the gateway says it would do with a request is what it does, and asking costs nothing."""

import collections
import json
import random
import urllib.parse

import pytest

from support import projects, stack as stacks, wire
from support.backend import Backend
from support.process import wait_until
from support.projects import operation

COMPARED_MIN = 400
ROUNDS_MAX = 600
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(gateway, method, url, headers=(), client=None, **more):
    """The explanation, or the answer when the question is refused."""
    fields = [("method", method), ("url", url)]
    fields += [("header", f"{name}: {value}") for name, value in dict(headers).items()]
    fields += [("client", client)] if client else []
    fields += list(more.items())
    answer = wire.request(gateway.admin, "POST", "/why", FORM, urllib.parse.urlencode(fields).encode())
    return answer.json() if answer.status == 200 else answer


def timeless(explanation):
    return {name: value for name, value in explanation.items() if name != "at_ms"}


def step(explanation, name):
    return next((one for one in explanation["steps"] if one["step"] == name), None)


def levels(explanation):
    """{level: the level} of the throttle step; empty when it was not reached."""
    throttled = step(explanation, "throttle")
    return {one["level"]: one for one in throttled["levels"]} if throttled else {}


def same_windows(one, other):
    windows = lambda explanation: {name: level["window_end_s"] for name, level in levels(explanation).items()}
    return windows(one) == windows(other)


def settle(stack):
    epoch = stack.rest.must("GET", "/api/apim/v1/info")["epoch"]
    answer = stack.rest.must("GET", "/api/apim/v1/gateways/wait?environment=Default"
                             f"&epoch={epoch}&timeout_ms=10000")
    assert answer["reached"], answer


def block(stack, application, state):
    listed = stack.ctl.json("apps")["list"]
    number = next(one["applicationId"] for one in listed if one["name"] == application)
    path = f"/api/am/devportal/v3/subscriptions?applicationId={number}"
    for one in stack.rest.must("GET", path)["list"]:
        stack.rest.must("POST", "/api/am/publisher/v4/subscriptions/block-subscription"
                        f"?subscriptionId={one['subscriptionId']}&blockState={state}")


def deploy_apis(stack, url, folder):
    deploy = lambda data: stack.ctl.deploy(
        projects.write(folder / (data["name"] + data["version"]), data))
    operations = [operation("GET", "/items/{id}"), operation("POST", "/items", policy="Resource"),
                  operation("GET", "/open", auth="None"), operation("GET", "/files/*")]
    plans = {"policies": ["Unlimited", "Few", "Loose", "Plenty"]}
    first = projects.api("Guarded", url + "/prod", operations, isDefaultVersion=True, **plans)
    first["endpointConfig"]["sandbox_endpoints"] = {"url": url + "/sandbox"}
    deploy(first)
    second = projects.api("Guarded", url + "/two", operations, version="2.0.0", **plans)
    del second["endpointConfig"]["sandbox_endpoints"]
    deploy(second)
    deploy(projects.api("Secure", url, transport=["https"]))
    deploy(projects.api("Own", url, apiKeyHeader="X-Own-Key"))
    deploy(projects.api("Closed", url, securityScheme=["oauth2", "oauth_basic_auth_api_key_mandatory"]))
    deploy(projects.api("Capped", url, maxTps={"production": 40, "productionTimeUnit": "MINUTE"}))
    deploy(projects.api("Denied", url))
    stopped = deploy(projects.api("Stopped", url))
    stack.rest.must("POST", "/api/am/publisher/v4/apis/change-lifecycle?action=Block"
                    f"&apiId={stopped['id']}")


def make_keys(stack):
    """{what it is: its text}, each of an application of its own unless it shares one."""
    ctl = stack.ctl

    def client(name, plan=None, application_plan="Unlimited"):
        ctl.application(name, application_plan)
        ctl.subscribe(name, "Guarded:1.0.0", plan)
        for api in ("Guarded:2.0.0", "Own", "Capped", "Denied", "Secure", "Closed"):
            ctl.subscribe(name, api, "Unlimited")
        return ctl.key(name)

    keys = {"good": client("why-good", "Plenty", "AppPlenty"), "few": client("why-few", "Few"),
            "loose": client("why-loose", "Loose"),
            "poor": client("why-poor", "Unlimited", "AppFew"),
            "blocked": client("why-blocked", "Unlimited"), "half": client("why-half", "Unlimited"),
            "denied": client("why-denied", "Unlimited"), "unknown": "x" * 40, "empty": ""}
    keys["sandbox"] = ctl.key("why-good", "--type", "sandbox")
    keys["half sandbox"] = ctl.key("why-half", "--type", "sandbox")
    keys["address"] = ctl.key("why-good", "--ip", "127.0.0.7,10.0.0.0/8")
    keys["referer"] = ctl.key("why-good", "--referer", "https://shop.example.com/*")
    keys["revoked"] = ctl.key("why-good", "--name", "why-revoked")
    ctl.text("keys", "revoke", "why-good", keys["revoked"])
    ctl.application("why-stranger")
    keys["stranger"] = ctl.key("why-stranger")
    block(stack, "why-blocked", "BLOCKED")
    block(stack, "why-half", "PROD_ONLY_BLOCKED")
    return keys


@pytest.fixture(scope="module")
def keys(stack, backend, tmp_path_factory):
    create = lambda level, name, *more: stack.ctl.text("policies", "create", level, name, *more)
    create("subscription", "Few", "--limit", "5/day", "--burst", "1000/min")
    create("subscription", "Loose", "--limit", "5/day")
    path = "/api/am/admin/v4/throttling/policies/subscription"
    loose = next(one for one in stack.rest.must("GET", path)["list"] if one["policyName"] == "Loose")
    stack.rest.must("PUT", f"{path}/{loose['policyId']}", {**loose, "stopOnQuotaReach": False})
    create("subscription", "Plenty", "--limit", "100000/day", "--burst", "1000/min")
    create("application", "AppFew", "--limit", "5/hour")
    create("application", "AppPlenty", "--limit", "100000/day", "--burst", "1000/min")
    create("advanced", "Resource", "--limit", "5/hour")
    deploy_apis(stack, backend.url, tmp_path_factory.mktemp("why"))
    made = make_keys(stack)
    for kind, value in (("application", "admin:why-denied"), ("api", "/denied/1.0.0"), ("ip", "127.0.0.9")):
        stack.ctl.text("deny", "add", kind, value)
    settle(stack)
    return made


def any_request(chance, keys):
    """A described request: (method, path, host, headers, client), and what it is about."""
    method = chance.choices(["GET", "POST", "PUT", "OPTIONS", "HEAD", "BREW"], [68, 14, 4, 5, 6, 3])[0]
    context = chance.choices(
        ["/guarded/1.0.0", "/guarded/2.0.0", "/guarded", "/secure/1.0.0", "/own/1.0.0", "/closed/1.0.0",
         "/capped/1.0.0", "/denied/1.0.0", "/stopped/1.0.0", "/guarded/3.0.0", "/nothing"],
        [46, 10, 12, 3, 6, 2, 12, 3, 3, 2, 1])[0]
    resource = chance.choices(
        ["/items/7", "/items", "/open", "/files/a/b", "/items/7/", "/none", "", "/files/%7Ex", "/files/../open",
         "/files/%2e%2e/%2e%2e/%2e%2e", "/items/%zz", "/files//x"], [46, 14, 10, 14, 3, 3, 2, 3, 2, 1, 1, 1])[0]
    if method == "POST" and chance.random() < 0.7:
        resource = "/items"
    host = chance.choices(["localhost", "127.0.0.1", "other.example:8280", "LOCALHOST", "bad host"],
                          [70, 10, 10, 8, 2])[0]
    client = chance.choices(["127.0.0.1", "127.0.0.7", "127.0.0.9"], [75, 18, 7])[0]
    kind = chance.choice(sorted(keys))
    if chance.random() < 0.5:  # Half of them may pass.
        kind = chance.choice(["good", "good", "few", "poor", "loose", "sandbox", "address"])
    key = keys[kind]
    name = "X-Own-Key" if context.startswith("/own") else "ApiKey"
    headers, query = {}, chance.choice(["", "?a=1&b=2"])
    place = chance.choices(["header", "query", "nowhere", "both", "twice", "bearer", "elsewhere"],
                           [72, 12, 6, 3, 2, 3, 2])[0]
    if place in ("header", "both", "twice"):
        headers[chance.choice([name, name.upper(), name.lower()])] = key
    if place == "twice":
        headers[name.swapcase()] = key
    if place in ("query", "both"):
        query = f"?{name}={key}&a=1"
    if place == "bearer":
        headers["Authorization"] = "Bearer abc"
    if place == "elsewhere":
        headers["X-Key"] = key
    if chance.random() < 0.3:
        headers["Referer"] = chance.choice(["https://shop.example.com/cart", "https://evil.example.com/"])
    if chance.random() < 0.2:
        headers["X-Forwarded-For"] = "10.1.2.3"
    return method, context + resource + query, host, headers, client


def compare(foretold, answer, method, before, backend):
    """The real answer against what why said of it."""
    outcome = foretold["outcome"]
    if outcome["forwarded"]:
        assert answer.status == 200, (foretold, answer)
        assert backend.count() == before + 1, foretold
        assert len(outcome["to"]) == 1
        target = urllib.parse.urlsplit(outcome["to"][0])
        assert backend.last().target.split("?")[0] == target.path, foretold
        assert target.port == backend.port
        return
    assert answer.status == outcome["status"], (foretold, answer)
    assert backend.count() == before, foretold
    if method != "HEAD" and "body" in outcome:
        assert answer.json() == outcome["body"], (foretold, answer)
        assert answer.json()["code"] == str(outcome["code"])


def compare_counters(before, after, was_forwarded):
    """Each level moved by one request that was forwarded, and by no other; how many were looked at."""
    old, new = levels(before), levels(after)
    for name in old:
        moved = new[name]["used"] - old[name]["used"]
        assert moved == (1 if was_forwarded else 0), (name, before, after)
        assert new[name]["remains"] == max(0, new[name]["limit"] - new[name]["used"])
    return len(old) if was_forwarded else 0


def test_why_and_the_real_answer_agree(stack, keys, backend, fresh):
    chance = random.Random(61)
    compared, counters, faults = 0, 0, collections.Counter()
    for number in range(ROUNDS_MAX):
        if compared >= COMPARED_MIN:
            break
        method, path, host, headers, client = any_request(chance, keys)
        question = (method, f"http://{host}{path}", headers, client)
        foretold = ask(stack.gateway, *question)
        again = ask(stack.gateway, *question)
        before = fresh.count()
        answer = stack.gateway.request(method, path, headers, host=host, source=client)
        after = ask(stack.gateway, *question)
        if not (same_windows(foretold, again) and (same_windows(again, after) or not levels(after))):
            continue  # A window ended meanwhile: the next answers are about another one.
        assert timeless(foretold) == timeless(again)
        compare(again, answer, method, before, fresh)
        if levels(after):
            counters += compare_counters(again, after, again["outcome"]["forwarded"])
        if number % 20 == 0:
            arguments = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
            told = stack.ctl.json("why", "--method", method, "--url", question[1], "--client", client, *arguments,
                                  "--gateway-admin", f"http://127.0.0.1:{stack.gateway.admin}")
            assert timeless(told) == timeless(after) or not same_windows(told, after)
        faults[again["outcome"].get("fault", again["outcome"].get("status", "forwarded"))] += 1
        compared += 1
    assert compared >= COMPARED_MIN
    assert counters > 200 and faults["forwarded"] > 100, (counters, faults)
    expected = {"forwarded", 200, "BadRequest", "MethodUnknown", "ApiNotFound", "ResourceNotFound", "MethodNotAllowed",
                "TransportRefused", "ApiBlocked", "KeyMissing", "KeyUnknown", "NotSubscribed", "SubscriptionBlocked",
                "KeyForbiddenAddress", "KeyForbiddenReferer", "NoSandboxEndpoint", "Denied", "ThrottledSubscription",
                "ThrottledResource", "ThrottledApplication"}
    assert expected <= set(faults), expected - set(faults)


def settled_metrics(gateway):
    """The metrics once nothing runs and the access log, which is written behind, has a line for every request."""
    def settled():
        if gateway.metrics()["apim_requests_running"] != 0:
            return None
        metrics = gateway.metrics()
        count = sum(value for name, value in metrics.items() if name.startswith("apim_requests_total"))
        return metrics if len(gateway.records()) == count else None
    return wait_until(settled, 20, "a line for every request")


def test_nothing_is_counted(stack, keys, fresh):
    gateway = stack.gateway
    before, lines = settled_metrics(gateway), len(gateway.records())
    for number in range(50):
        ask(gateway, "GET", f"http://localhost/guarded/1.0.0/items/{number}", {"ApiKey": keys["few"]})
        ask(gateway, "GET", "http://localhost/guarded/1.0.0/open", client=f"10.0.0.{number}")
    after = gateway.metrics()
    for name in before:
        if "_total" in name or "counters" in name or "duration" in name:
            assert after[name] == before[name], name
    assert fresh.count() == 0
    # What comes later is logged later: with this line there, no earlier one is missing.
    gateway.request("GET", "/nothing")
    wait_until(lambda: len(gateway.records()) > lines, 20, "the line of a request")
    settled_metrics(gateway)
    assert len(gateway.records()) == lines + 1


def test_no_answer_holds_a_key_or_a_query(stack, keys, fresh):
    secret = keys["good"]
    url = "http://localhost/guarded/1.0.0/items/7"
    asked = [ask(stack.gateway, "GET", url, {"ApiKey": secret}),
             ask(stack.gateway, "GET", f"{url}?apikey={secret}&token=hush"),
             ask(stack.gateway, "GET", f"http://localhost/nothing?apikey={secret}"),
             ask(stack.gateway, "GET", url, {"Authorization": f"Bearer {secret}"}),
             ask(stack.gateway, "GET", url, key=secret)]
    for one in asked:
        assert secret not in json.dumps(one) and "hush" not in json.dumps(one), one
    for name in ("key", "client", "url"):
        answer = ask(stack.gateway, "GET", url, {"X": "a\r\nY: b"}, **{"key": secret})
        assert answer.status == 400 and secret.encode() not in answer.body, name
    assert secret not in stack.gateway.process.errors()


def test_the_key_goes_where_the_api_looks(stack, keys, fresh, tmp_path):
    file = tmp_path / "key"
    file.write_text(keys["good"] + "\n")
    admin = f"http://127.0.0.1:{stack.gateway.admin}"
    for path in ("/guarded/1.0.0/items/7", "/own/1.0.0/x"):
        told = stack.ctl.json("why", "--url", "http://localhost" + path, "--key-file", file, "--gateway-admin", admin)
        assert told["outcome"]["forwarded"] is True, told
    text = stack.ctl.text("why", "--url", "http://localhost/own/1.0.0/x", "--key-file", file, "--gateway-admin", admin)
    assert "application why-good" in text and "STEP" in text and keys["good"] not in text
    assert f"(epoch {stack.gateway.snapshot()['epoch']})" in text.splitlines()[-1]
    refused = stack.ctl.text("why", "--url", "http://localhost/own/1.0.0/x", "--key-file", file,
                             "--key-header", "ApiKey", "--gateway-admin", admin)
    assert "refused with 401, code 900902" in refused.splitlines()[-1]
    piped = stack.ctl.run("why", "--url", "http://localhost/own/1.0.0/x", "--key-file", "-", "--gateway-admin", admin,
                          text=keys["good"] + "\n")
    assert piped[0] == 0 and "forwarded to" in piped[1], piped


def test_exit_codes(stack, keys, fresh):
    admin = f"http://127.0.0.1:{stack.gateway.admin}"
    assert stack.ctl.run("why", "--url", "http://localhost/nothing", "--gateway-admin", admin)[0] == 0
    assert stack.ctl.run("why", "--url", "nothing", "--gateway-admin", admin)[0] == 2
    assert stack.ctl.run("why", "--gateway-admin", admin)[0] == 2
    with Backend() as gone:
        port = gone.port
    code, _, err = stack.ctl.run("why", "--url", "http://localhost/", "--gateway-admin", f"http://127.0.0.1:{port}")
    assert code == 3 and f"127.0.0.1:{port}" in err


def test_a_suspended_endpoint_is_foretold(stack, keys, fresh, tmp_path):
    """Each worker knows for itself which endpoint rests; all of them resting is an answer of the gateway's."""
    with Backend() as gone:
        port = gone.port
    data = projects.api("Resting", "http://unused", [operation("GET", "/x", auth="None")])
    tuned = {"url": f"http://127.0.0.1:{port}", "config": {
        "suspendErrorCode": ["101503"], "suspendDuration": "600000", "suspendMaxDuration": "600000", "factor": "1.0"}}
    data["endpointConfig"] = {"endpoint_type": "http", "production_endpoints": tuned}
    stack.ctl.deploy(projects.write(tmp_path / "resting", data))
    url = "http://localhost/resting/1.0.0/x"
    assert ask(stack.gateway, "GET", url)["outcome"]["forwarded"] is True
    seen = set()
    for _ in range(500):
        codes = [one.get("code") for one in step(ask(stack.gateway, "GET", url), "forward")["next"]]
        assert len(codes) == 2
        if codes == [303001, 303001]:
            break
        answer = stack.gateway.request("GET", "/resting/1.0.0/x")
        seen.add(answer.json()["code"])
    told = ask(stack.gateway, "GET", url)
    answer = stack.gateway.request("GET", "/resting/1.0.0/x")
    assert told["outcome"]["code"] == 303001 and "101503" in seen
    assert (answer.status, answer.json()) == (told["outcome"]["status"], told["outcome"]["body"])


def test_the_page_is_not_for_browsers_and_bounded(stack, keys):
    form = b"method=GET&url=http://localhost/"
    post = lambda headers, body=form: wire.request(stack.gateway.admin, "POST", "/why", headers, body)
    assert post(FORM).status == 200
    assert post({**FORM, "Origin": "http://evil.example"}).status == 403
    assert post({"Content-Type": "text/plain"}).status == 415
    assert post(FORM, b"method=GET").status == 400
    assert post(FORM, b"method=GET&url=" + b"a" * (300 << 10)).status == 413
    assert stack.gateway.ask("/why").status == 405
    assert wire.request(stack.gateway.port, "POST", "/why", FORM, form).status == 404
