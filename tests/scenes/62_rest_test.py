"""The controller's REST against its own OpenAPI documents: every answer has a status and a body the document
names, every operation is answered well and refused well. And the process: first start, second start, roles.
"""

import http.client
import io
import json
import re
import threading
import zipfile

import jsonschema
import pytest
import yaml

from support.process import ROOT, Process, binary, run, wait_until
from support.stack import Controller, Rest

PUBLISHER, DEVPORTAL = "/api/am/publisher/v4", "/api/am/devportal/v3"
ADMIN, APIM = "/api/am/admin/v4", "/api/apim/v1"


def plain(schema):
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` is the one difference used."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: plain(value) for key, value in schema.items() if key not in ("nullable", "readOnly")}
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


class Conformance(Rest):
    """Rest whose every answer is held against the documents the controller itself serves."""

    def __init__(self, port):
        super().__init__(port)
        self.operations = []   # (base, method, path's regular expression, path, operation, document)
        self.good, self.bad = set(), set()
        for base in (PUBLISHER, DEVPORTAL, ADMIN, APIM):
            text = Rest.call(self, "GET", f"{base}/swagger.yaml")[2]
            document = yaml.safe_load(text)
            assert document["servers"][0]["url"] == base
            for path, methods in document["paths"].items():
                pattern = re.compile(re.escape(base) + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$")
                for method in ("get", "put", "post", "delete", "patch"):
                    if method in methods:
                        self.operations.append((base, method.upper(), pattern, path, methods[method], document))

    def find(self, method, target):
        path = target.split("?")[0]
        found = [one for one in self.operations if one[1] == method and one[2].match(path)]
        assert found, f"{method} {path} is in no document"
        return min(found, key=lambda one: one[3].count("{"))

    def call(self, method, path, body=None, headers=None, raw=None, content_type="application/json"):
        status, fields, content = super().call(method, path, body, headers, raw, content_type)
        base, _, _, name, operation, document = self.find(method, path)
        self.check(f"{method} {path}: {status} {content}", status, fields, content, operation, document)
        (self.good if status < 400 else self.bad).add((base, method, name))
        return status, fields, content

    def check(self, what, status, fields, content, operation, document):
        response = operation["responses"].get(str(status))
        if status >= 400:
            response = document["components"]["responses"]["Error"]
        assert response is not None, what
        if "content" not in response:
            assert content == "", what
            return
        kind = fields["content-type"].split(";")[0]
        assert kind in response["content"], what
        if kind != "application/json":
            return
        schema = plain({**response["content"][kind]["schema"], "components": document["components"]})
        try:
            jsonschema.Draft4Validator(schema).validate(content)
        except jsonschema.ValidationError as error:
            raise AssertionError(f"{what}\n{error.message} at {list(error.absolute_path)}") from error


def api(name="pizza", version="1.0.0", **more):
    return {"name": name, "version": version, "context": f"/{name}", "policies": ["Gold", "Unlimited"],
            "securityScheme": ["api_key", "oauth_basic_auth_api_key_mandatory"],
            "endpointConfig": {"endpoint_type": "http", "production_endpoints": {"url": "http://127.0.0.1:9/x"}},
            "operations": [{"target": "/menu/{id}", "verb": "GET", "authType": "Application & Application User",
                            "throttlingPolicy": "Unlimited"}], **more}


def project(data, environment="Default"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("p/api.json", json.dumps({"type": "api", "version": "v4.7.0", "data": data}))
        archive.writestr("p/deployment_environments.yaml", yaml.safe_dump(
            {"type": "deployment_environments", "data": [{"deploymentEnvironment": environment}]}))
    return packed.getvalue()


OPENAPI = json.dumps({"openapi": "3.0.1", "info": {"title": "harbour", "version": "1.0.0"},
                      "servers": [{"url": "http://127.0.0.1:9/harbour"}],
                      "paths": {"/ships": {"get": {"responses": {"200": {"description": "ok"}}}}}}).encode()


@pytest.fixture(scope="module")
def controller(tmp_path_factory):
    one = Controller(tmp_path_factory.mktemp("controller"))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def rest(controller):
    return Conformance(controller.port)


def expect(rest, status, method, path, body=None, **more):
    found, fields, content = rest.call(method, path, body, **more)
    assert found == status, f"{method} {path}: {found} {content}"
    if method != "GET" and found < 400:
        assert int(fields["apim-epoch"]) >= 0
    return content


def test_publisher(rest):
    made = expect(rest, 201, "POST", f"{PUBLISHER}/apis", api())
    path = f"{PUBLISHER}/apis/{made['id']}"
    assert expect(rest, 200, "GET", path)["name"] == "pizza"
    assert expect(rest, 409, "POST", f"{PUBLISHER}/apis", api())["code"] == 900250
    expect(rest, 400, "POST", f"{PUBLISHER}/apis", {"name": "x"})
    expect(rest, 200, "PUT", path, {**made, "description": "thin"})
    expect(rest, 400, "PUT", path, {**made, "version": "9"})
    expect(rest, 200, "GET", f"{PUBLISHER}/apis?query=name:pizza&limit=1")
    expect(rest, 400, "GET", f"{PUBLISHER}/apis?limit=0")
    expect(rest, 200, "GET", f"{path}/swagger")
    expect(rest, 404, "GET", f"{PUBLISHER}/apis/none/swagger")
    document, more = ("file", "o.json", OPENAPI), ("additionalProperties", None, b'{"context": "/harbour"}')
    status, _, content = rest.upload(f"{PUBLISHER}/apis/import-openapi", [document, more])
    assert status == 201, content
    assert rest.upload(f"{PUBLISHER}/apis/import-openapi", [("other", None, b"x")])[0] == 400
    validate = f"{PUBLISHER}/apis/validate-openapi"
    assert rest.upload(f"{validate}?returnContent=true", [document])[2]["isValid"]
    assert not rest.upload(validate, [("file", "o.json", b"{}")])[2]["isValid"]
    assert rest.upload(validate, [("url", None, b"http://127.0.0.1/")])[0] == 400
    change = f"{PUBLISHER}/apis/change-lifecycle?apiId={made['id']}"
    expect(rest, 200, "POST", f"{change}&action=Publish")
    assert expect(rest, 400, "POST", f"{change}&action=Retire")["code"] == 900381
    assert expect(rest, 200, "GET", f"{path}/lifecycle-state")["state"] == "Published"
    expect(rest, 200, "GET", f"{path}/lifecycle-history")
    for part in ("lifecycle-state", "lifecycle-history", "deployments", "revisions"):
        expect(rest, 404, "GET", f"{PUBLISHER}/apis/none/{part}")
    expect(rest, 200, "GET", f"{PUBLISHER}/throttling-policies/subscription?limit=2&offset=1")
    expect(rest, 404, "GET", f"{PUBLISHER}/throttling-policies/nothing")
    expect(rest, 200, "GET", f"{PUBLISHER}/settings")


def put_form(rest, path, parts):
    mark = "----scene"
    body = b""
    for name, content in parts:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return rest.call("PUT", path, raw=body + f"--{mark}--\r\n".encode(),
                     content_type=f"multipart/form-data; boundary={mark}")


def test_revisions(rest):
    made = expect(rest, 201, "POST", f"{PUBLISHER}/apis", api("rev"))
    path = f"{PUBLISHER}/apis/{made['id']}"
    assert put_form(rest, f"{path}/swagger", [("apiDefinition", OPENAPI)])[0] == 200
    assert put_form(rest, f"{path}/swagger", [("apiDefinition", b"{")])[0] == 400
    revisions = [expect(rest, 201, "POST", f"{path}/revisions", {"description": str(n)}) for n in range(5)]
    assert expect(rest, 400, "POST", f"{path}/revisions", {})["code"] == 900351
    first = revisions[0]["id"]
    assert expect(rest, 200, "GET", f"{path}/revisions/{first}")["displayName"] == "Revision 1"
    expect(rest, 404, "GET", f"{path}/revisions/none")
    place = [{"name": "Default", "vhost": "localhost", "displayOnDevportal": True}]
    expect(rest, 201, "POST", f"{path}/deploy-revision?revisionId={first}", place)
    assert expect(rest, 404, "POST", f"{path}/deploy-revision?revisionId={first}", [{"name": "Mars"}])["code"] == 900506
    expect(rest, 400, "POST", f"{path}/deploy-revision", place)
    assert expect(rest, 200, "GET", f"{path}/deployments")["count"] == 1
    assert expect(rest, 200, "GET", f"{path}/revisions?query=deployed:true")["count"] == 1
    assert expect(rest, 400, "DELETE", f"{path}/revisions/{first}")["code"] == 900348
    expect(rest, 400, "POST", f"{path}/undeploy-revision?revisionId={first}", [])
    expect(rest, 201, "POST", f"{path}/undeploy-revision?revisionId={first}", place)
    expect(rest, 200, "DELETE", f"{path}/revisions/{first}")
    assert expect(rest, 201, "POST", f"{path}/revisions", {})["displayName"] == "Revision 6"
    expect(rest, 200, "DELETE", path)
    expect(rest, 404, "DELETE", path)
    expect(rest, 404, "GET", path)


def test_import_and_export(rest):
    data = api("bundle", lifeCycleStatus="PUBLISHED")
    target = f"{PUBLISHER}/apis/import"
    dry = rest.upload(f"{target}?dryRun=true", [("file", "p.zip", project(data))])
    assert dry[0] == 200 and dry[2]["dryRun"], dry
    done = rest.upload(target, [("file", "p.zip", project(data))])
    assert done[0] == 200 and done[2]["created"] and done[2]["revision"] == "1", done
    assert rest.upload(target, [("file", "p.zip", project(data))])[0] == 409
    assert rest.upload(f"{target}?overwrite=true", [("file", "p.zip", project(data))])[2]["revision"] == "2"
    assert rest.upload(f"{target}?overwrite=maybe", [("file", "p.zip", project(data))])[0] == 400
    assert rest.upload(target, [("file", "p.zip", b"not a zip")])[0] == 400
    before = rest.call("GET", f"{APIM}/info")[2]["epoch"]
    assert rest.upload(target, [("file", "p.zip", project(api("lost"), "Mars"))])[0] == 404
    assert rest.call("GET", f"{PUBLISHER}/apis?query=name:lost")[2]["count"] == 0
    assert rest.call("GET", f"{APIM}/info")[2]["epoch"] == before
    expect(rest, 200, "GET", f"{PUBLISHER}/apis/export?name=bundle&version=1.0.0&format=JSON")
    expect(rest, 200, "GET", f"{PUBLISHER}/apis/export?apiId={done[2]['id']}&latestRevision=true")
    expect(rest, 404, "GET", f"{PUBLISHER}/apis/export?name=none&version=1.0.0")


def test_devportal(rest):
    made = expect(rest, 201, "POST", f"{PUBLISHER}/apis", api("shopping"))
    expect(rest, 404, "GET", f"{DEVPORTAL}/apis/{made['id']}")
    expect(rest, 404, "GET", f"{DEVPORTAL}/apis/{made['id']}/swagger")
    expect(rest, 200, "POST", f"{PUBLISHER}/apis/change-lifecycle?apiId={made['id']}&action=Publish")
    anybody = Conformance(rest.port)
    anybody.user = ""
    shown = anybody.call("GET", f"{DEVPORTAL}/apis/{made['id']}")
    assert shown[0] == 200 and "endpointConfig" not in shown[2]
    expect(anybody, 200, "GET", f"{DEVPORTAL}/apis/{made['id']}/swagger")
    expect(anybody, 200, "GET", f"{DEVPORTAL}/apis?limit=1")
    expect(anybody, 200, "GET", f"{DEVPORTAL}/throttling-policies/application")
    expect(anybody, 200, "GET", f"{DEVPORTAL}/throttling-policies/subscription/Gold")
    expect(anybody, 404, "GET", f"{DEVPORTAL}/throttling-policies/subscription/None")
    expect(anybody, 400, "GET", f"{DEVPORTAL}/apis?offset=x")
    rest.good |= anybody.good
    rest.bad |= anybody.bad | {(DEVPORTAL, "GET", "/throttling-policies/{policyLevel}")}

    wish = {"name": "till", "throttlingPolicy": "10PerMin", "attributes": {"place": "hall"}}
    application = expect(rest, 201, "POST", f"{DEVPORTAL}/applications", wish)
    assert expect(rest, 409, "POST", f"{DEVPORTAL}/applications", wish)["code"] == 900301
    path = f"{DEVPORTAL}/applications/{application['applicationId']}"
    expect(rest, 200, "PUT", path, {**wish, "description": "left one"})
    expect(rest, 400, "PUT", path, {**wish, "throttlingPolicy": "None"})
    assert expect(rest, 200, "GET", path)["attributes"] == {"place": "hall"}
    expect(rest, 200, "GET", f"{DEVPORTAL}/applications?query=til&sortBy=createdTime&sortOrder=desc")
    expect(rest, 400, "GET", f"{DEVPORTAL}/applications?limit=x")

    key = expect(rest, 200, "POST", f"{path}/api-keys/PRODUCTION/generate",
                 {"keyName": "k", "validityPeriod": 60, "additionalProperties": {"permittedIP": "10.0.0.0/8"}})
    expect(rest, 400, "POST", f"{path}/api-keys/PRODUCTION/generate", {"validityPeriod": 0})
    listed = expect(rest, 200, "GET", f"{path}/api-keys/PRODUCTION")
    assert listed["count"] == 1 and key["apikey"] not in json.dumps(listed)
    expect(rest, 400, "GET", f"{path}/api-keys/OTHER")
    expect(rest, 200, "POST", f"{path}/api-keys/PRODUCTION/revoke", {"apikey": key["apikey"]})
    expect(rest, 404, "POST", f"{path}/api-keys/PRODUCTION/revoke", {"apikey": key["apikey"]})

    pair = {"applicationId": application["applicationId"], "apiId": made["id"], "throttlingPolicy": "Gold"}
    subscription = expect(rest, 201, "POST", f"{DEVPORTAL}/subscriptions", pair)
    assert expect(rest, 409, "POST", f"{DEVPORTAL}/subscriptions", pair)["code"] == 900336
    expect(rest, 409, "POST", f"{DEVPORTAL}/subscriptions/multiple", [pair])
    one = f"{DEVPORTAL}/subscriptions/{subscription['subscriptionId']}"
    expect(rest, 200, "GET", one)
    expect(rest, 200, "GET", f"{DEVPORTAL}/subscriptions?applicationId={application['applicationId']}")
    expect(rest, 400, "GET", f"{DEVPORTAL}/subscriptions")
    expect(rest, 200, "PUT", one, {**pair, "throttlingPolicy": "Unlimited"})
    expect(rest, 400, "PUT", one, {**pair, "throttlingPolicy": "Bronze"})
    number = subscription["subscriptionId"]
    expect(rest, 200, "GET", f"{PUBLISHER}/subscriptions?apiId={made['id']}")
    expect(rest, 400, "GET", f"{PUBLISHER}/subscriptions?limit=x")
    block = f"{PUBLISHER}/subscriptions/block-subscription?subscriptionId={number}"
    expect(rest, 200, "POST", f"{block}&blockState=BLOCKED")
    expect(rest, 400, "POST", f"{block}&blockState=X")
    assert expect(rest, 200, "GET", one)["status"] == "BLOCKED"
    expect(rest, 200, "POST", f"{PUBLISHER}/subscriptions/unblock-subscription?subscriptionId={number}")
    expect(rest, 404, "POST", f"{PUBLISHER}/subscriptions/unblock-subscription?subscriptionId=none")
    expect(rest, 409, "DELETE", f"{PUBLISHER}/apis/{made['id']}")
    expect(rest, 200, "DELETE", one)
    expect(rest, 404, "DELETE", one)
    expect(rest, 404, "GET", one)
    expect(rest, 200, "POST", f"{DEVPORTAL}/subscriptions/multiple", [pair])
    expect(rest, 200, "DELETE", path)
    expect(rest, 404, "DELETE", path)
    expect(rest, 404, "GET", path)


def quota(count):
    return {"type": "REQUESTCOUNTLIMIT", "requestCount": {"timeUnit": "min", "unitTime": 1, "requestCount": count}}


ADVANCED = [{"description": "office", "limit": quota(5), "conditions": [
    {"type": "IPCONDITION", "invertCondition": False,
     "ipCondition": {"ipConditionType": "IPRANGE", "startingIP": "10.0.0.1", "endingIP": "10.0.0.9"}},
    {"type": "HEADERCONDITION", "invertCondition": True,
     "headerCondition": {"headerName": "X-A", "headerValue": "b"}}]}]


@pytest.mark.parametrize("level,more", [
    ("subscription", {"rateLimitCount": 3, "rateLimitTimeUnit": "sec", "stopOnQuotaReach": True, "billingPlan": "FREE",
                      "customAttributes": [{"name": "a", "value": "b"}]}),
    ("application", {"burstLimit": {"rateLimitCount": 3, "rateLimitTimeUnit": "min"}}),
    ("advanced", {"conditionalGroups": ADVANCED})])
def test_policies(rest, level, more):
    path = f"{ADMIN}/throttling/policies/{level}"
    wish = {"policyName": "Tiny", "displayName": "Tiny", "description": "few", "defaultLimit": quota(7), **more}
    made = expect(rest, 201, "POST", path, wish)
    assert {key: made[key] for key in wish} == wish
    assert expect(rest, 200, "GET", f"{path}/{made['policyId']}") == made
    expect(rest, 409, "POST", path, wish)
    bad = {**wish, "policyName": "Bad", "defaultLimit": {"type": "REQUESTCOUNTLIMIT"}}
    refused = expect(rest, 400, "POST", path, bad)
    assert "defaultLimit.requestCount" in refused["error"][0]["message"]
    expect(rest, 200, "PUT", f"{path}/{made['policyId']}", {**wish, "defaultLimit": quota(8)})
    expect(rest, 400, "PUT", f"{path}/{made['policyId']}", {**wish, "defaultLimit": None})
    assert expect(rest, 200, "GET", path)["count"] > 1
    expect(rest, 200, "DELETE", f"{path}/{made['policyId']}")
    expect(rest, 404, "DELETE", f"{path}/{made['policyId']}")
    expect(rest, 404, "GET", f"{path}/{made['policyId']}")


def test_admin(rest):
    found = expect(rest, 200, "GET", f"{ADMIN}/throttling/policies/search?query=policyName:Gold%20type:sub")
    assert "Gold" in [one["policyName"] for one in found["list"]]
    for kind, value in (("IP", {"fixedIp": "10.0.0.1", "invert": False}), ("USER", "bob@carbon.super"),
                        ("IPRANGE", {"startingIp": "10.0.0.1", "endingIp": "10.0.0.9", "invert": False})):
        wish = {"conditionType": kind, "conditionValue": value}
        made = expect(rest, 201, "POST", f"{ADMIN}/throttling/deny-policies", wish)
        assert made["conditionValue"] == value and made["conditionStatus"]
        expect(rest, 409, "POST", f"{ADMIN}/throttling/deny-policies", wish)
        path = f"{ADMIN}/throttling/deny-policy/{made['conditionId']}"
        assert not expect(rest, 200, "PATCH", path, {"conditionStatus": False})["conditionStatus"]
        expect(rest, 400, "PATCH", path, {})
        expect(rest, 200, "GET", path)
        assert expect(rest, 200, "GET", f"{ADMIN}/throttling/deny-policies")["count"] == 1
        expect(rest, 200, "DELETE", path)
        expect(rest, 404, "DELETE", path)
        expect(rest, 404, "GET", path)
    edge = {"name": "Edge", "displayName": "Edge", "description": "", "vhosts": [{"host": "edge.example.com"}]}
    made = expect(rest, 201, "POST", f"{ADMIN}/environments", edge)
    expect(rest, 409, "POST", f"{ADMIN}/environments", edge)
    path = f"{ADMIN}/environments/{made['id']}"
    expect(rest, 200, "GET", path)
    expect(rest, 200, "GET", f"{ADMIN}/environments")
    expect(rest, 200, "PUT", path, {**edge, "vhosts": [{"host": "edge.example.com"}, {"host": "e2.example.com"}]})
    expect(rest, 400, "PUT", path, {**edge, "vhosts": []})
    expect(rest, 200, "DELETE", path)
    expect(rest, 404, "DELETE", path)
    expect(rest, 404, "GET", path)
    expect(rest, 200, "GET", f"{ADMIN}/settings")


def test_apim(rest):
    epoch = expect(rest, 200, "GET", f"{APIM}/info")["epoch"]
    assert expect(rest, 200, "GET", f"{APIM}/me")["user"] == "admin"
    expect(rest, 200, "GET", f"{APIM}/gateways")
    expect(rest, 404, "GET", f"{APIM}/gateways?environment=Mars")
    waited = expect(rest, 200, "GET", f"{APIM}/gateways/wait?environment=Default&epoch={epoch}&timeout_ms=20")
    assert not waited["reached"]
    expect(rest, 400, "GET", f"{APIM}/gateways/wait?environment=Default&epoch=x")
    where = "environment=Default"
    # What is listed may be a publication or two behind; two of them are always kept.
    snapshots = expect(rest, 200, "GET", f"{APIM}/snapshots?{where}")["list"]
    newest = snapshots[0]["epoch"]
    expect(rest, 400, "GET", f"{APIM}/snapshots")
    expect(rest, 200, "GET", f"{APIM}/snapshots/{newest}?{where}")
    expect(rest, 404, "GET", f"{APIM}/snapshots/99999999?{where}")
    expect(rest, 200, "GET", f"{APIM}/snapshots/{newest}/dump?{where}")
    expect(rest, 404, "GET", f"{APIM}/snapshots/99999999/dump?{where}")
    assert expect(rest, 200, "GET", f"{APIM}/snapshots/{newest}/verify?{where}")["valid"]
    expect(rest, 404, "GET", f"{APIM}/snapshots/99999999/verify?{where}")
    expect(rest, 200, "GET", f"{APIM}/snapshots/diff?{where}&from={newest}&to={newest}")
    expect(rest, 404, "GET", f"{APIM}/snapshots/diff?{where}&from=99999999&to={newest}")
    rolled = expect(rest, 200, "POST", f"{APIM}/snapshots/rollback?{where}&epoch={newest}")
    assert rolled["epoch"] > newest and rolled["rollbackOf"] == newest
    expect(rest, 400, "POST", f"{APIM}/snapshots/rollback?{where}")
    wish = {"name": "sue", "password": "long enough", "roles": ["Internal/subscriber"]}
    expect(rest, 201, "POST", f"{APIM}/users", wish)
    expect(rest, 409, "POST", f"{APIM}/users", {"name": "sue", "password": "long enough"})
    sue = Conformance(rest.port)
    sue.user, sue.password = "sue", "long enough"
    expect(sue, 403, "GET", f"{APIM}/users")
    change = f"{DEVPORTAL}/me/change-password"
    expect(sue, 200, "POST", change, {"currentPassword": "long enough", "newPassword": "longer still"})
    expect(sue, 401, "GET", f"{DEVPORTAL}/applications")
    sue.password = "longer still"
    expect(sue, 400, "POST", change, {"currentPassword": "wrong", "newPassword": "longer still"})
    assert expect(rest, 200, "GET", f"{APIM}/users")["count"] == 2
    expect(rest, 200, "DELETE", f"{APIM}/users/sue")
    expect(rest, 404, "DELETE", f"{APIM}/users/sue")
    rest.good |= sue.good
    rest.bad |= sue.bad


def test_every_operation_was_answered_and_refused(rest):
    """Runs last: what the scenes above did not reach."""
    for base in (PUBLISHER, DEVPORTAL, ADMIN, APIM):
        rest.call("GET", f"{base}/swagger.yaml")
    all_of_them = {(base, method, path) for base, method, _, path, _, _ in rest.operations}
    assert all_of_them - rest.good == set()
    # What may be refused with a login is refused without one.
    closed = {(base, method, path) for base, method, _, path, operation, _ in rest.operations
              if operation.get("security") != []}
    anybody = Conformance(rest.port)
    anybody.user = ""
    for base, method, path in closed:
        target = base + re.sub(r"\{\w+\}", "x", path)
        assert anybody.call(method, target)[0] == 401, (method, target)


def test_second_start_keeps_everything(tmp_path):
    folder = tmp_path / "data"
    arguments = [binary("apim-controller"), "--set", f"server.data_dir={folder}", "--set", "server.listen=127.0.0.1:0"]
    ready = r"^apim-controller: listening on https 127\.0\.0\.1:(\d+)$"
    first = Process("apim-controller", arguments, tmp_path / "first.log", ready)
    password = re.search(r"first start: user admin, password (\S+)", first.errors()).group(1)
    key = (folder / "keys/snapshot.pub").read_bytes()
    certificate = (folder / "tls/controller.crt").read_bytes()
    for secret in ("keys/snapshot.key", "tls/controller.key"):
        assert (folder / secret).stat().st_mode & 0o777 == 0o600
    Rest(int(first.match.group(1)), password=password).must("POST", f"{PUBLISHER}/apis", api("kept"))
    assert first.stop() == 0
    second = Process("apim-controller", arguments, tmp_path / "second.log", ready)
    assert "password" not in second.errors()
    assert len(Rest(int(second.match.group(1)), password=password).apis()) == 1
    assert (folder / "keys/snapshot.pub").read_bytes() == key
    assert (folder / "tls/controller.crt").read_bytes() == certificate
    assert second.stop() == 0
    assert len(first.lines) == 1 and len(second.lines) == 1


def test_data_is_private_and_the_hub_is_not(tmp_path):
    folder = tmp_path / "data"
    arguments = [binary("apim-controller"), "--set", f"server.data_dir={folder}", "--set", "server.listen=127.0.0.1:0"]
    one = Process("apim-controller", arguments, tmp_path / "one.log", r"listening on https \S*:(\d+)")
    databases = list(folder.glob("apim.db*"))
    assert len(databases) == 3
    for file in databases:
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert folder.stat().st_mode & 0o777 == 0o711
    for name, mode in (("keys", 0o755), ("keys/snapshot.pub", 0o644), ("hub", 0o755), ("hub/segments", 0o755)):
        assert (folder / name).stat().st_mode & 0o777 == mode, name
    port = one.match.group(1)
    code, _, errors = run([binary("apim-controller"), "--set", f"server.data_dir={tmp_path / 'other'}",
                           "--set", f"server.listen=127.0.0.1:{port}"])
    assert code == 1 and f"127.0.0.1 port {port}: address in use" in errors, errors
    assert one.stop() == 0


def test_a_data_dir_out_of_reach_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("file", "file/data"):
        code, _, errors = run([binary("apim-controller"), "--set", f"server.data_dir={tmp_path / place}"])
        assert code == 1 and str(tmp_path / "file") in errors, errors


def test_kill_during_imports_leaves_whole_apis_only(tmp_path):
    one = Controller(tmp_path)
    accepted = set()

    def upload(lane):
        rest = Rest(one.port)
        try:
            for number in range(1000):
                name = f"k{lane}x{number}"
                zipped = project(api(name, lifeCycleStatus="PUBLISHED"))
                if rest.upload(f"{PUBLISHER}/apis/import", [("file", "p.zip", zipped)])[0] == 200:
                    accepted.add(name)
        except (OSError, http.client.HTTPException):
            return  # killed

    lanes = [threading.Thread(target=upload, args=(lane,)) for lane in range(3)]
    for lane in lanes:
        lane.start()
    wait_until(lambda: len(accepted) >= 10, what="ten imports")
    one.kill()
    for lane in lanes:
        lane.join()
    one.start()
    stored = {found["name"]: found for found in one.rest.apis()}
    assert accepted <= set(stored)          # what was answered stays
    assert len(stored) <= len(accepted) + 3  # and at most what was on its way
    for found in stored.values():
        assert found["lifeCycleStatus"] == "PUBLISHED"
        assert one.rest.must("GET", f"{PUBLISHER}/apis/{found['id']}/deployments")["count"] == 1
    one.stop()


def test_what_is_wrong_at_the_start_is_said(tmp_path):
    program = binary("apim-controller")
    code, _, errors = run([program, "--set", "server.lisen=1"])
    assert code == 2 and "server.listen" in errors
    config = tmp_path / "c.toml"
    config.write_text("[server]\nthreads = 0\n")
    code, _, errors = run([program, "--config", str(config)])
    assert code == 2 and "c.toml:2" in errors
    code, _, errors = run([program, "--roles", "publisher,king", "--set", f"server.data_dir={tmp_path / 'd'}"])
    assert code == 1 and "king" in errors and not (tmp_path / "d").exists()
    code, _, errors = run([program, "--nonsense"])
    assert code == 2 and "--help" in errors
    code, out, _ = run([program, "--print-config"])
    assert code == 0 and out == (ROOT / "conf/controller.toml").read_text()
    code, out, _ = run([program, "--version"])
    assert code == 0 and "OpenSSL" in out and "SOCI" in out
