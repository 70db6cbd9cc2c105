"""Deploy: every operation of every example answers as its definition says, and so does everything beside them.

The expectations are generated from the projects themselves: what is called, what the back end must see.
"""

import re

import pytest
import yaml

from support import projects, stack as stacks
from support.backend import Backend
from support.stack import example

VERBS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
PROJECTS = ("bookshop", "parcel-rates", "parcel-tracking", "wildlife")


@pytest.fixture(scope="module")
def second():
    with Backend("second") as one:
        yield one


@pytest.fixture(scope="module")
def environment(backend, second):
    return {"BACKEND_PORT": str(backend.port), "BACKEND_PORT_2": str(second.port)}


class Deployed:
    """One deployed API: its document as the publisher shows it, and keys of both types."""

    def __init__(self, stack, name, answer):
        self.stack, self.answer = stack, answer
        self.api = stack.rest.must("GET", "/api/am/publisher/v4/apis/" + answer["id"])
        self.header = self.api.get("apiKeyHeader") or "ApiKey"
        context, version = self.api["context"], self.api["version"]
        expanded = context.replace("{version}", version)
        self.base = expanded if "{version}" in context else f"{context}/{version}"
        plans = self.api["policies"]
        plan = "Unlimited" if "Unlimited" in plans else plans[-1]
        self.key = stack.ctl.client(f"{name}-app", f"{self.api['name']}:{version}", plan)
        self.sandbox_key = stack.ctl.key(f"{name}-app", "--type", "sandbox")

    def endpoints(self, kind):
        found = self.api["endpointConfig"].get(f"{kind}_endpoints")
        found = found if isinstance(found, list) else [found]
        return [re.sub(r"^http://[^/]+", "", one["url"]) for one in found]

    def call(self, verb, path, key=None, body=b""):
        headers = {self.header: key} if key else {}
        return self.stack.gateway.request(verb, self.base + path, headers, body)


@pytest.fixture(scope="module")
def deployed(stack, environment):
    found = {}
    for name in PROJECTS:
        options = ["--params-env", "prod"] if name == "parcel-tracking" else []
        found[name] = Deployed(stack, name, stack.ctl.deploy(example(name), *options, env=environment))
    answer = stack.ctl.deploy(example("harbour.openapi.yaml"), "--plan", "Unlimited", env=environment)
    found["harbour"] = Deployed(stack, "harbour", answer)
    return found


def concrete(target):
    """A path the target means and no literal of the examples equals: {x} filled in, * as two more segments."""
    path = re.sub(r"\{([^}]+)\}", r"some-\1", target)
    return re.sub(r"/\*$", "/wild/one/two/three", path)


def rank(target):
    """Exact before template before wildcard, as WSO2 matches."""
    if "*" in target:
        return 2
    return 1 if "{" in target else 0


def matches(target, path):
    pattern = re.escape(target).replace(r"/\*", "(/.*)?")
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
    return re.fullmatch(pattern, path) is not None


def winner(operations, verb, path):
    """The operation that must answer, by the rules written down for the gateway."""
    fitting = [o for o in operations if o["verb"] == verb and matches(o["target"], path)]
    if not fitting:
        return None
    best = min(rank(o["target"]) for o in fitting)
    same = [o for o in fitting if rank(o["target"]) == best]
    return same[0] if best < 2 else max(same, key=lambda o: len(o["target"]))


def policies_of(operation, flow):
    return {p["policyName"]: p.get("parameters") or {}
            for p in ((operation.get("operationPolicies") or {}).get(flow) or [])}


def expected_request(api, operation, path, query):
    """(verb, target, headers) the back end must see."""
    applied = policies_of(operation, "request")
    verb = applied.get("changeHTTPMethod", {}).get("httpMethod", operation["verb"])
    rewritten = applied.get("rewriteResourcePath", {}).get("newResourcePath")
    path = rewritten or path
    if "addQueryParam" in applied:
        more = applied["addQueryParam"]
        query += f"&{more['paramKey']}={more['paramValue']}"
    headers = {}
    for flow in ((api.get("apiPolicies") or {}).get("request") or [],
                 (operation.get("operationPolicies") or {}).get("request") or []):
        for policy in flow:
            if policy["policyName"] == "addHeader":
                headers[policy["parameters"]["headerName"]] = policy["parameters"]["headerValue"]
    return verb, f"{path}?{query}", headers


def check(api, backends, bases, operation, answer, path):
    verb, target, headers = expected_request(api.api, operation, path, "q=1&r")
    assert answer.status == 200, (operation["verb"], path, answer)
    received = next(b.last() for b in backends if b.count())
    assert received.method == verb
    assert received.target in [base + target for base in bases], (received.target, bases, target)
    for name, value in headers.items():
        assert received.header(name) == value, name
    assert received.header(api.header) is None


@pytest.mark.parametrize("name", [*PROJECTS, "harbour"])
def test_every_operation_answers_as_defined(deployed, backend, second, name):
    api = deployed[name]
    operations = api.api["operations"]
    assert len(operations) >= 5
    for declared in operations:
        verb, path = declared["verb"], concrete(declared["target"])
        operation = winner(operations, verb, path)
        for kind, key in (("production", api.key), ("sandbox", api.sandbox_key)):
            if operation["authType"] == "None" and kind == "sandbox":
                continue
            if not api.api["endpointConfig"].get(f"{kind}_endpoints"):
                continue
            for one in (backend, second):
                one.clear()
            body = b"payload" if verb in ("POST", "PUT", "PATCH") else b""
            answer = api.call(verb, path + "?q=1&r", None if operation["authType"] == "None" else key, body)
            check(api, (backend, second), api.endpoints(kind), operation, answer, path)
            if body:
                assert next(b.last() for b in (backend, second) if b.count()).body == body


@pytest.mark.parametrize("name", [*PROJECTS, "harbour"])
def test_a_closed_operation_needs_its_key(deployed, backend, second, name):
    api = deployed[name]
    for one in (backend, second):
        one.clear()
    for declared in api.api["operations"]:
        path = concrete(declared["target"])
        operation = winner(api.api["operations"], declared["verb"], path)
        wanted = 200 if operation["authType"] == "None" else 401
        answer = api.call(declared["verb"], path)
        assert answer.status == wanted, (declared["verb"], path, answer)


@pytest.mark.parametrize("name", [*PROJECTS, "harbour"])
def test_methods_beside_the_operations_are_405(deployed, name):
    api = deployed[name]
    operations = api.api["operations"]
    checked = 0
    for path in {concrete(o["target"]) for o in operations}:
        for verb in VERBS:
            if verb == "OPTIONS" or winner(operations, verb, path):
                continue
            answer = api.call(verb, path, api.key)
            assert answer.status == 405, (verb, path, answer)
            checked += 1
    assert checked > 0


@pytest.mark.parametrize("name", [*PROJECTS, "harbour"])
def test_paths_beside_the_operations_are_404(deployed, name):
    api = deployed[name]
    operations = api.api["operations"]
    candidates = ["/", "/nothing/here", "/x"] + [concrete(o["target"]) + "/beyond/all" for o in operations]
    candidates += [concrete(o["target"]).upper() for o in operations]
    for path in candidates:
        if any(winner(operations, verb, path) for verb in VERBS):
            continue
        answer = api.call("GET", path, api.key)
        assert answer.status == 404, (path, answer)


def test_the_default_version_needs_no_version(deployed, backend):
    api = deployed["wildlife"]
    backend.clear()
    answer = api.stack.gateway.request("GET", "/wildlife/species", {"ApiKey": api.key})
    assert answer.status == 200 and backend.last().target == "/wildlife/species"
    assert api.stack.gateway.request("GET", "/bookshop/books", {"ApiKey": api.key}).status == 404


def test_two_back_ends_take_turns(deployed, backend, second):
    api = deployed["parcel-rates"]
    for one in (backend, second):
        one.clear()
    for _ in range(40):
        assert api.call("GET", "/zones", api.key).status == 200
    # Each worker takes turns by itself.
    assert backend.count() + second.count() == 40 and abs(backend.count() - second.count()) <= 2


def test_a_policy_of_the_response_is_applied(deployed, backend):
    from support.backend import Reply
    api = deployed["wildlife"]
    backend.script = lambda received: Reply(200, b"{}", [("X-Backend-Version", "9")])
    try:
        answer = api.call("POST", "/sightings", api.key, b"{}")
        assert answer.header("x-recorded-by") == "atlas"
        assert answer.header("x-backend-version") is None
    finally:
        backend.script = backend.echo


def test_failover_of_the_example(deployed, backend, second):
    from support.backend import Reply
    api = deployed["parcel-tracking"]
    second.clear()
    backend.script = lambda received: (lambda one: True)
    try:
        answer = api.call("GET", "/parcels/1", api.key)
        assert answer.status == 200 and answer.json()["backend"] == "second"
    finally:
        backend.script = backend.echo


# ---- what deploy says

def test_warnings_name_what_is_not_enforced(deployed):
    fields = " ".join(w["field"] for w in deployed["bookshop"].answer["warnings"])
    assert "securityScheme" in fields or "oauth2" in fields, deployed["bookshop"].answer["warnings"]


def test_the_output_tells_people_what_changed(stack, backend, tmp_path):
    data = projects.api("Told", backend.url, [projects.operation("GET", "/a"), projects.operation("GET", "/b")])
    text = stack.ctl.text("deploy", projects.write(tmp_path / "p", data))
    assert "created API Told 1.0.0" in text and "+ GET /a" in text
    assert re.search(r"live on 1/1 gateways in \d+ ms", text)
    assert re.search(r"[Rr]evision.*1.*Default", text) and re.search(r"epoch \d+", text)
    data["operations"] = [projects.operation("GET", "/a", policy="10KPerMin"), projects.operation("POST", "/c")]
    text = stack.ctl.text("deploy", projects.write(tmp_path / "p", data))
    assert "updated API Told 1.0.0" in text
    for line in ("+ POST /c", "- GET /b", "~ GET /a (throttlingPolicy)"):
        assert line in text, text
    text = stack.ctl.text("deploy", projects.write(tmp_path / "p", data))
    assert "unchanged API Told 1.0.0" in text


def test_every_form_of_a_project(stack, backend, tmp_path):
    data = projects.api("Form", backend.url, [projects.operation("GET", "/a", auth="None")])
    folder = projects.write(tmp_path / "p", data)
    files = {f"Form-1.0.0/{p.relative_to(folder)}": p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    (tmp_path / "form.zip").write_bytes(projects.pack(files))
    for source in (folder, folder / "api.yaml", tmp_path / "form.zip"):
        answer = stack.ctl.deploy(source)
        assert answer["name"] == "Form"
        assert stack.gateway.request("GET", "/form/1.0.0/a").status == 200


def test_openapi_flags(stack, backend, fresh, tmp_path):
    document = tmp_path / "doc.json"
    document.write_text(projects.openapi("Flagged", "http://127.0.0.1:1/ignored", {"/a": ["GET"]}))
    answer = stack.ctl.deploy(document, "--name", "Renamed", "--context", "/ren", "--version", "7",
                              "--endpoint", backend.url + "/to", "--plan", "Unlimited")
    assert (answer["name"], answer["version"]) == ("Renamed", "7")
    key = stack.ctl.client("flag-app", "Renamed")
    answer = stack.gateway.request("GET", "/ren/7/a", {"ApiKey": key})
    assert answer.status == 200 and fresh.last().target == "/to/a"


def test_params_choose_the_environment(stack, backend, fresh, tmp_path):
    data = projects.api("Params", "http://127.0.0.1:1", [projects.operation("GET", "/a", auth="None")])
    params = {"environments": [
        {"name": "dev", "configs": {"endpoints": {"production": {"url": "${MY_BACKEND}/dev"}}}},
        {"name": "prod", "configs": {"endpoints": {"production": {"url": "${MY_BACKEND}/prod"}}}}]}
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(params))
    folder = projects.write(tmp_path / "p", data)
    for name in ("dev", "prod"):
        stack.ctl.deploy(folder, "--params", file, "--params-env", name, env={"MY_BACKEND": backend.url})
        assert stack.gateway.request("GET", "/params/1.0.0/a").status == 200
        assert fresh.last().target == f"/{name}/a"


def test_revisions_are_limited_and_rotate(stack, backend, tmp_path):
    folder = tmp_path / "p"
    for number in range(5):
        data = projects.api("Revised", backend.url, [projects.operation("GET", f"/{number}", auth="None")])
        stack.ctl.deploy(projects.write(folder, data))
    data["operations"] = [projects.operation("GET", "/last", auth="None")]
    projects.write(folder, data)
    code, said = stack.ctl.fails("deploy", folder)
    assert code == 1 and "900351" in said and "--rotate-revision" in said
    assert stack.gateway.request("GET", "/revised/1.0.0/4").status == 200
    stack.ctl.deploy(folder, "--rotate-revision")
    assert stack.gateway.request("GET", "/revised/1.0.0/last").status == 200


def test_export_gives_back_what_was_deployed(deployed, stack, tmp_path):
    import base64
    import http.client
    import ssl
    api = deployed["bookshop"]
    connection = http.client.HTTPSConnection("127.0.0.1", stack.controller.port,
                                             context=ssl._create_unverified_context())
    token = base64.b64encode(f"admin:{stacks.PASSWORD}".encode()).decode()
    connection.request("GET", f"/api/am/publisher/v4/apis/export?apiId={api.answer['id']}&format=YAML",
                       headers={"Authorization": f"Basic {token}"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200
    (tmp_path / "export.zip").write_bytes(content)
    again = stack.ctl.deploy(tmp_path / "export.zip")
    assert again["change"] == {"created": False, "operationsAdded": [], "operationsRemoved": [],
                               "operationsChanged": [], "fields": []}


def test_the_other_forms_of_rest_live_too(stack, backend, fresh, tmp_path):
    """import-openapi, revisions, deploy-revision: the long way apictl and the portals go."""
    rest, base = stack.rest, "/api/am/publisher/v4/apis"
    document = projects.openapi("Longway", backend.url, {"/a": ["GET"]}).encode()
    more = b'{"name":"Longway","context":"/longway","version":"1.0.0","policies":["Unlimited"]}'
    status, _, api = rest.upload(f"{base}/import-openapi", [("file", "o.json", document),
                                                            ("additionalProperties", None, more)])
    assert status == 201, api
    rest.must("PUT", f"{base}/{api['id']}", {**api, "securityScheme": ["api_key"], "endpointConfig": {
        "endpoint_type": "http", "production_endpoints": {"url": backend.url + "/long"}}})
    revision = rest.must("POST", f"{base}/{api['id']}/revisions", {"description": "first"})
    status, headers, made = rest.call("POST", f"{base}/{api['id']}/deploy-revision?revisionId={revision['id']}",
                                      [{"name": "Default", "vhost": "localhost", "displayOnDevportal": True}])
    assert status == 201, made
    rest.must("POST", f"{base}/change-lifecycle?action=Publish&apiId={api['id']}")
    key = stack.ctl.client("long-app", "Longway")
    assert int(headers["apim-epoch"]) > 0
    assert stack.gateway.request("GET", "/longway/1.0.0/a", {"ApiKey": key}).status == 200
    assert fresh.last().target == "/long/a"
