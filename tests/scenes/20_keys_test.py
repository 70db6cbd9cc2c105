"""Who gets in: API keys, subscriptions, restrictions, and schemes that are not checked yet."""

import pytest

from support import projects
from support.projects import operation

ADVICE = ("Invalid Credentials. Make sure your API invocation call has a header: "
          "'Authorization : Bearer ACCESS_TOKEN' or 'Authorization : Basic ACCESS_TOKEN' or "
          "'ApiKey : API_KEY'")
CHALLENGE = ('API Key realm="WSO2 API Manager", Internal API Key realm="WSO2 API Manager", '
             'error="invalid_token", error_description="The provided token is invalid"')


@pytest.fixture(scope="module")
def keyed(stack, backend, tmp_path_factory):
    """An API with an open resource and guarded ones; an application that is subscribed; its key."""
    folder = tmp_path_factory.mktemp("keyed")
    sandbox = {"url": backend.url + "/sandbox"}
    data = projects.api("Keyed", backend.url + "/prod", [
        operation("GET", "/open", auth="None"), operation("GET", "/closed"),
        operation("GET", "/items/{id}")])
    data["endpointConfig"]["sandbox_endpoints"] = sandbox
    stack.ctl.deploy(projects.write(folder / "a", data))
    other = projects.api("Unsubscribed", backend.url, apiKeyHeader="X-Own-Key")
    stack.ctl.deploy(projects.write(folder / "b", other))
    return stack.ctl.client("keyed-app", "Keyed")


def refusal(answer, status, code, message, description=None):
    body = answer.json()
    assert (answer.status, body["code"], body["message"]) == (status, code, message), answer
    if description is not None:
        assert body["description"] == description
    assert answer.header("content-type").startswith("application/json")
    return body


def test_a_key_opens_and_is_not_forwarded(stack, keyed, fresh):
    answer = stack.gateway.request("GET", "/keyed/1.0.0/items/7?a=1&b=2", {"ApiKey": keyed})
    assert answer.status == 200, answer
    seen = fresh.last()
    assert seen.target == "/prod/items/7?a=1&b=2"
    assert seen.header("apikey") is None
    assert keyed not in seen.head.decode("latin-1")


def test_a_key_in_the_query_opens_and_is_not_forwarded(stack, keyed, fresh):
    answer = stack.gateway.request("GET", f"/keyed/1.0.0/items/7?a=1&ApiKey={keyed}&b=2")
    assert answer.status == 200, answer
    assert fresh.last().target == "/prod/items/7?a=1&b=2"
    assert keyed not in fresh.last().head.decode("latin-1")


def test_the_header_is_matched_without_case(stack, keyed, fresh):
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"APIKEY": keyed}).status == 200


def test_without_a_key_it_stays_closed(stack, keyed, fresh):
    answer = stack.gateway.request("GET", "/keyed/1.0.0/closed")
    refusal(answer, 401, "900902", "Missing Credentials", ADVICE)
    assert answer.header("www-authenticate") == CHALLENGE
    assert fresh.count() == 0


def test_an_unknown_key_is_refused(stack, keyed, fresh):
    answer = stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": "x" * len(keyed)})
    refusal(answer, 401, "900901", "Invalid Credentials",
            "Invalid Credentials. Make sure you have provided the correct security credentials")
    assert answer.header("www-authenticate") == CHALLENGE
    assert fresh.count() == 0


@pytest.mark.parametrize("value", ["", " ", "a", "\u00e4\u00f6", "x" * 4000, "null", "0"])
def test_odd_keys_are_refused(stack, keyed, fresh, value):
    answer = stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": value})
    assert answer.status == 401, answer
    assert fresh.count() == 0


def test_almost_the_key_is_not_the_key(stack, keyed, fresh):
    for wrong in (keyed[:-1], keyed + "A", keyed.swapcase(), keyed[1:]):
        assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": wrong}).status == 401
    assert fresh.count() == 0


def test_no_subscription_is_403(stack, keyed, fresh):
    answer = stack.gateway.request("GET", "/unsubscribed/1.0.0/x", {"X-Own-Key": keyed})
    refusal(answer, 403, "900908", "Resource forbidden ",
            "User is NOT authorized to access the Resource. API Subscription validation failed.")
    assert answer.header("www-authenticate") is None
    assert fresh.count() == 0


def test_an_api_has_its_own_key_header(stack, keyed, fresh):
    answer = stack.gateway.request("GET", "/unsubscribed/1.0.0/x", {"ApiKey": keyed})
    body = refusal(answer, 401, "900902", "Missing Credentials")
    assert "'x-own-key : api_key'" in body["description"].lower()


def test_an_open_operation_needs_nothing(stack, keyed, fresh):
    assert stack.gateway.request("GET", "/keyed/1.0.0/open").status == 200
    assert stack.gateway.request("GET", "/keyed/1.0.0/open", {"ApiKey": "nonsense"}).status == 200


def test_the_key_type_chooses_the_endpoint(stack, keyed, fresh):
    sandbox = stack.ctl.key("keyed-app", "--type", "sandbox")
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": sandbox}).status == 200
    assert fresh.last().target == "/sandbox/closed"
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": keyed}).status == 200
    assert fresh.last().target == "/prod/closed"


def test_a_sandbox_key_needs_a_sandbox_endpoint(stack, backend, fresh, tmp_path):
    data = projects.api("ProdOnly", backend.url)
    del data["endpointConfig"]["sandbox_endpoints"]
    stack.ctl.deploy(projects.write(tmp_path / "p", data))
    stack.ctl.client("prodonly-app", "ProdOnly")
    key = stack.ctl.key("prodonly-app", "--type", "sandbox")
    answer = stack.gateway.request("GET", "/prodonly/1.0.0/x", {"ApiKey": key})
    refusal(answer, 403, "900901", "Invalid Credentials",
            "Sandbox key offered to the API with no sandbox endpoint")
    assert fresh.count() == 0


def test_address_restriction(stack, keyed, fresh):
    allowed = stack.ctl.key("keyed-app", "--ip", "10.0.0.0/8,127.0.0.0/8")
    refused = stack.ctl.key("keyed-app", "--ip", "10.0.0.0/8,192.168.1.7,2001:db8::/32")
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": allowed}).status == 200
    answer = stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": refused})
    body = refusal(answer, 403, "900908", "Resource forbidden ")
    assert "Access forbidden for API key" in body["description"]
    # A forged forwarding header of an untrusted client changes nothing.
    forged = stack.gateway.request("GET", "/keyed/1.0.0/closed",
                                   {"ApiKey": refused, "X-Forwarded-For": "10.1.2.3"})
    assert forged.status == 403


def test_referer_restriction(stack, keyed, fresh):
    key = stack.ctl.key("keyed-app", "--referer", "https://shop.example.com/*")
    call = lambda headers: stack.gateway.request("GET", "/keyed/1.0.0/closed",
                                                 {"ApiKey": key, **headers})
    assert call({"Referer": "https://shop.example.com/cart"}).status == 200
    for headers in ({}, {"Referer": "https://evil.example.com/"},
                    {"Referer": "https://shop.example.com.evil.org/"}):
        assert call(headers).status == 403


def test_a_revoked_key_is_closed_at_once(stack, keyed, fresh):
    key = stack.ctl.key("keyed-app", "--name", "short-lived")
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key}).status == 200
    stack.ctl.text("keys", "revoke", "keyed-app", key)
    refusal(stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key}), 401, "900901",
            "Invalid Credentials")


def test_keys_are_listed_without_their_text(stack, keyed):
    text = stack.ctl.text("keys", "list", "keyed-app")
    assert keyed not in text
    assert "PRODUCTION" in text


def test_a_deleted_application_is_closed_at_once(stack, keyed, fresh):
    key = stack.ctl.client("goner", "Keyed")
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key}).status == 200
    stack.ctl.text("apps", "delete", "goner")
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key}).status == 401


def subscription_of(stack, application):
    found = stack.ctl.json("apps")["list"]
    number = next(a["applicationId"] for a in found if a["name"] == application)
    return stack.rest.must("GET", f"/api/am/devportal/v3/subscriptions?applicationId={number}"
                           )["list"][0]["subscriptionId"]


def settle(stack):
    """Waits until the gateway serves the newest epoch."""
    epoch = stack.rest.must("GET", "/api/apim/v1/info")["epoch"]
    answer = stack.rest.must("GET", "/api/apim/v1/gateways/wait?environment=Default"
                             f"&epoch={epoch}&timeout_ms=10000")
    assert answer["reached"], answer


@pytest.mark.parametrize("state,sandbox_open", [("BLOCKED", False), ("PROD_ONLY_BLOCKED", True)])
def test_a_blocked_subscription(stack, keyed, fresh, state, sandbox_open):
    name = "blocked-" + state.lower()
    key = stack.ctl.client(name, "Keyed")
    sandbox = stack.ctl.key(name, "--type", "sandbox")
    path = "/api/am/publisher/v4/subscriptions/"
    number = subscription_of(stack, name)
    stack.rest.must("POST", f"{path}block-subscription?subscriptionId={number}&blockState={state}")
    settle(stack)
    answer = stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key})
    refusal(answer, 401, "900907", "The requested API is temporarily blocked")
    other = stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": sandbox})
    assert (other.status == 200) == sandbox_open, other
    stack.rest.must("POST", f"{path}unblock-subscription?subscriptionId={number}")
    settle(stack)
    assert stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key}).status == 200


@pytest.mark.parametrize("schemes,challenge", [
    (["oauth2", "oauth_basic_auth_api_key_mandatory"], "Bearer realm"),
    (["basic_auth", "oauth_basic_auth_api_key_mandatory"], "Basic realm"),
    (["mutualssl", "mutualssl_mandatory"], "Mutual SSL realm"),
])
def test_a_scheme_that_cannot_be_checked_stays_closed(stack, backend, fresh, tmp_path, schemes,
                                                      challenge):
    name = "Closed" + schemes[0].replace("_", "").title()
    data = projects.api(name, backend.url, securityScheme=schemes)
    answer = stack.ctl.deploy(projects.write(tmp_path / "p", data))
    assert any("securityScheme" in w["field"] for w in answer["warnings"]), answer["warnings"]
    key = stack.ctl.client(name.lower() + "-app", name)
    path = f"/{name.lower()}/1.0.0/x"
    for headers in ({}, {"Authorization": "Bearer abc"}, {"Authorization": "Basic YTpi"},
                    {"ApiKey": key}):
        refused = stack.gateway.request("GET", path, headers)
        assert refused.status == 401, refused
        assert refused.json()["code"] in ("900901", "900902")
        assert challenge in refused.header("www-authenticate")
    assert fresh.count() == 0


def test_one_scheme_that_works_is_enough(stack, backend, fresh, tmp_path):
    data = projects.api("Mixed", backend.url, securityScheme=[
        "oauth2", "basic_auth", "api_key", "oauth_basic_auth_api_key_mandatory"])
    stack.ctl.deploy(projects.write(tmp_path / "p", data))
    key = stack.ctl.client("mixed-app", "Mixed")
    assert stack.gateway.request("GET", "/mixed/1.0.0/x", {"ApiKey": key}).status == 200
    refused = stack.gateway.request("GET", "/mixed/1.0.0/x")
    assert refused.status == 401
    for realm in ("Bearer realm", "Basic realm", "API Key realm"):
        assert realm in refused.header("www-authenticate")


def test_a_mandatory_certificate_is_not_replaced_by_a_key(stack, backend, fresh, tmp_path):
    data = projects.api("Both", backend.url, securityScheme=[
        "api_key", "oauth_basic_auth_api_key_mandatory", "mutualssl", "mutualssl_mandatory"])
    stack.ctl.deploy(projects.write(tmp_path / "p", data))
    key = stack.ctl.client("both-app", "Both")
    assert stack.gateway.request("GET", "/both/1.0.0/x", {"ApiKey": key}).status == 401
    assert fresh.count() == 0


def test_an_expired_key_says_so(stack, keyed, fresh):
    from support.process import wait_until
    key = stack.ctl.key("keyed-app", "--valid", "2")
    answer = wait_until(lambda: next(
        (a for a in [stack.gateway.request("GET", "/keyed/1.0.0/closed", {"ApiKey": key})]
         if a.status != 200), None), 10, "the key's expiry")
    # A publication after its expiry leaves it out; from then on it is unknown.
    code = answer.json()["code"]
    assert code in ("900903", "900901")
    refusal(answer, 401, code, "Access Token Expired" if code == "900903" else "Invalid Credentials")
