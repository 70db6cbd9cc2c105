"""Which API and which operation a request means: versions, contexts, vhosts, precedence, CORS."""

import pytest

from support import projects, stack as stacks
from support.projects import operation


def deploy(stack, tmp_path, data, *options, files=None):
    return stack.ctl.deploy(projects.write(tmp_path / (data["name"] + data["version"]), data, files), *options)


def opened(name, url, *targets, **fields):
    return projects.api(name, url, [operation("GET", t, auth="None") for t in targets or ("/*",)], **fields)


def test_versions_live_side_by_side_and_one_is_the_default(stack, backend, fresh, tmp_path):
    deploy(stack, tmp_path, opened("Many", fresh.url + "/v1", version="1.0.0", isDefaultVersion=True))
    deploy(stack, tmp_path, opened("Many", fresh.url + "/v2", version="2.0.0"))
    get = lambda path: stack.gateway.request("GET", path)
    assert get("/many/1.0.0/x").json()["target"] == "/v1/x"
    assert get("/many/2.0.0/x").json()["target"] == "/v2/x"
    assert get("/many/x").json()["target"] == "/v1/x"
    deploy(stack, tmp_path, opened("Many", fresh.url + "/v2", version="2.0.0", isDefaultVersion=True))
    assert get("/many/x").json()["target"] == "/v2/x"
    assert get("/many/1.0.0/x").json()["target"] == "/v1/x"


def test_a_template_context(stack, fresh, tmp_path):
    deploy(stack, tmp_path, opened("Templated", fresh.url, context="/t/{version}/shop", version="3.1"))
    assert stack.gateway.request("GET", "/t/3.1/shop/x?y").json()["target"] == "/x?y"
    assert stack.gateway.request("GET", "/t/3.1/x").status == 404


def test_a_context_is_matched_by_segments_and_case(stack, fresh, tmp_path):
    deploy(stack, tmp_path, opened("Short", fresh.url + "/short", context="/sh"))
    deploy(stack, tmp_path, opened("Longer", fresh.url + "/long", context="/sh/1.0.0/deep"))
    get = lambda path: stack.gateway.request("GET", path)
    assert get("/sh/1.0.0/a").json()["target"] == "/short/a"
    assert get("/sh/1.0.0/deep/1.0.0/a").json()["target"] == "/long/a"
    for path in ("/sh/1.0.01/a", "/SH/1.0.0/a", "/s/1.0.0/a", "/sh/1.0/a", "/xsh/1.0.0/a"):
        assert get(path).status == 404, path


def test_precedence_of_operations(stack, fresh, tmp_path):
    """Exact before template (in file order) before the longest wildcard."""
    targets = ["/*", "/a/*", "/a/b/*", "/a/{x}", "/a/{x}/c", "/a/{y}/{z}", "/a/b", "/x/{id}/y"]
    deploy(stack, tmp_path, projects.api("Order", fresh.url, [
        operation("GET", t, auth="None", operationPolicies={"request": [{
            "policyName": "addHeader", "policyVersion": "v3", "policyType": "common",
            "parameters": {"headerName": "X-Matched", "headerValue": t}}], "response": [], "fault": []})
        for t in targets]))
    expected = {"/a/b": "/a/b", "/a/q": "/a/{x}", "/a/q/c": "/a/{x}/c", "/a/q/d": "/a/{y}/{z}",
                "/a/b/c": "/a/{x}/c", "/a/b/c/d": "/a/b/*", "/a/q/r/s": "/a/*", "/a": "/a/*", "/q": "/*",
                "/x/1/y": "/x/{id}/y", "/x/1/z": "/*", "/": "/*"}
    for path, matched in expected.items():
        answer = stack.gateway.request("GET", "/order/1.0.0" + path)
        assert answer.status == 200, (path, answer)
        assert fresh.last().header("x-matched") == matched, path


def test_404_and_405(stack, fresh, tmp_path):
    deploy(stack, tmp_path, projects.api("Beside", fresh.url, [
        operation("GET", "/a", auth="None"), operation("POST", "/a", auth="None"),
        operation("GET", "/b/{id}", auth="None")]))
    for method, path in (("DELETE", "/a"), ("HEAD", "/a"), ("POST", "/b/1")):
        answer = stack.gateway.request(method, "/beside/1.0.0" + path)
        assert answer.status == 405, (method, path, answer)
        if method != "HEAD":
            assert answer.json() == {"code": "405", "type": "Status report", "message": "Runtime Error",
                                     "description": "Method not allowed for given API resource"}
    answer = stack.gateway.request("GET", "/beside/1.0.0/c")
    assert answer.status == 404
    assert answer.json() == {"code": "404", "type": "Status report", "message": "Runtime Error",
                             "description": "No matching resource found for given API Request"}
    assert fresh.count() == 0


def test_transport(stack, fresh, tmp_path):
    deploy(stack, tmp_path, opened("Secure", fresh.url, transport=["https"]))
    answer = stack.gateway.request("GET", "/secure/1.0.0/x")
    assert answer.status == 403 and "Unsupported Transport" in answer.body.decode()
    assert fresh.count() == 0


def test_an_unknown_host_is_the_default_vhost(stack, fresh, tmp_path):
    deploy(stack, tmp_path, opened("Hosted", fresh.url))
    assert stack.gateway.request("GET", "/hosted/1.0.0/x", host="anything.example").status == 200


def test_a_strict_gateway_knows_its_vhosts_only(backend, tmp_path):
    with stacks.Stack(gateway={"listen.default_vhost": ""}) as one:
        one.ctl.deploy(projects.write(tmp_path / "p", opened("Strict", backend.url)))
        for host, status in (("localhost", 200), ("LOCALHOST:8280", 200), ("other.example", 404)):
            assert one.gateway.request("GET", "/strict/1.0.0/x", host=host).status == status, host


def test_another_environment_has_its_own_gateways(backend, tmp_path):
    """Vhosts and environments: the same context on two hosts, and a gateway of another environment."""
    with stacks.Stack() as one:
        status, _, made = one.rest.call("POST", "/api/am/admin/v4/environments", {
            "name": "Edge", "displayName": "Edge", "provider": "wso2", "type": "hybrid",
            "vhosts": [{"host": "edge.example"}, {"host": "eu.example"}]})
        if status == 404:
            pytest.skip("the admin REST serves no environments yet")
        assert status == 201, made
        edge = one.add_gateway("edge", {"gateway.environment": "Edge"})
        deploy(one, tmp_path, opened("OnEdge", backend.url + "/edge", context="/same"), "--env", "Edge")
        deploy(one, tmp_path, opened("OnEu", backend.url + "/eu", context="/same2"), "--env", "Edge",
               "--vhost", "eu.example")
        edge.wait_ready()
        assert edge.request("GET", "/same/1.0.0/x", host="edge.example").status == 200
        assert edge.request("GET", "/same/1.0.0/x", host="eu.example").status == 404
        assert edge.request("GET", "/same2/1.0.0/x", host="eu.example").status == 200
        assert one.gateway.request("GET", "/same/1.0.0/x").status == 404


def test_a_blocked_api_is_503(stack, fresh, tmp_path):
    made = deploy(stack, tmp_path, opened("Stopped", fresh.url))
    stack.rest.must("POST", f"/api/am/publisher/v4/apis/change-lifecycle?action=Block&apiId={made['id']}")
    epoch = stack.rest.must("GET", "/api/apim/v1/info")["epoch"]
    stack.rest.must("GET", f"/api/apim/v1/gateways/wait?environment=Default&epoch={epoch}&timeout_ms=10000")
    answer = stack.gateway.request("GET", "/stopped/1.0.0/x")
    assert answer.status == 503 and answer.json()["code"] == "700700", answer


# ---- CORS

ORIGIN = "https://shop.example.com"


def preflight(stack, path, method="GET", origin=ORIGIN, headers="ApiKey"):
    return stack.gateway.request("OPTIONS", path, {
        "Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers})


def words(value):
    return {word.strip().lower() for word in (value or "").split(",") if word.strip()}


def test_a_preflight_is_answered_here(stack, fresh, tmp_path):
    deploy(stack, tmp_path, projects.api("Global", fresh.url, [
        operation("GET", "/a"), operation("POST", "/a"), operation("GET", "/b")]))
    answer = preflight(stack, "/global/1.0.0/a")
    assert answer.status == 200 and fresh.count() == 0
    assert answer.header("access-control-allow-origin") == "*"
    assert words(answer.header("access-control-allow-methods")) - {"options"} == {"get", "post"}
    assert "apikey" in words(answer.header("access-control-allow-headers"))
    assert answer.header("access-control-allow-credentials") is None


def test_answers_and_refusals_carry_the_origin(stack, fresh, tmp_path):
    deploy(stack, tmp_path, projects.api("Plain", fresh.url, [
        operation("GET", "/open", auth="None"), operation("GET", "/closed")]))
    for path, status in (("/open", 200), ("/closed", 401), ("/none", 404)):
        answer = stack.gateway.request("GET", "/plain/1.0.0" + path, {"Origin": ORIGIN})
        assert answer.status == status
        assert answer.header("access-control-allow-origin") == "*", path


def test_an_api_has_its_own_rules(stack, fresh, tmp_path):
    deploy(stack, tmp_path, projects.api("Own", fresh.url, [operation("GET", "/a", auth="None")],
                                         corsConfiguration={
        "corsConfigurationEnabled": True, "accessControlAllowOrigins": [ORIGIN, "https://*.example.org"],
        "accessControlAllowCredentials": True, "accessControlAllowHeaders": ["Content-Type", "X-Own"],
        "accessControlAllowMethods": ["GET", "POST"]}))
    answer = preflight(stack, "/own/1.0.0/a")
    assert answer.header("access-control-allow-origin") == ORIGIN
    assert answer.header("access-control-allow-credentials") == "true"
    assert words(answer.header("access-control-allow-methods")) - {"options"} == {"get"}
    assert "x-own" in words(answer.header("access-control-allow-headers"))
    for origin, allowed in (("https://a.example.org", True), ("https://evil.com", False),
                            ("https://shop.example.com.evil.com", False), ("null", False)):
        answer = stack.gateway.request("GET", "/own/1.0.0/a", {"Origin": origin})
        found = answer.header("access-control-allow-origin")
        assert (found == origin) if allowed else (found is None), origin


def test_options_that_an_api_defines_is_forwarded(stack, fresh, tmp_path):
    deploy(stack, tmp_path, projects.api("Opts", fresh.url, [operation("OPTIONS", "/a", auth="None"),
                                                             operation("GET", "/a", auth="None")]))
    answer = stack.gateway.request("OPTIONS", "/opts/1.0.0/a", {"Origin": ORIGIN})
    assert answer.status == 200 and fresh.last().method == "OPTIONS"
