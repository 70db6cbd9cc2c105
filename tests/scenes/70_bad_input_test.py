"""Bad input: every malformed project gets an error of its own, and nothing half-created stays."""

import io
import os
import sqlite3
import zipfile

import pytest
import yaml

from support import projects
from support.projects import operation

URL = "http://127.0.0.1:9"


def data(**fields):
    """A good API, changed. A value of None takes the field away."""
    found = projects.api("Bad", URL)
    for name, value in fields.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found


def endpoints(**config):
    return data(endpointConfig={"endpoint_type": "http", **config})


def one_operation(**fields):
    return data(operations=[{**operation("GET", "/a"), **fields}])


def yaml_of(content):
    return yaml.safe_dump({"type": "api", "version": "v4.7.0", "data": content}, sort_keys=False)


def folder_with(files):
    def make(folder):
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder
    return make


def project(content, files=None, with_definition=True):
    return lambda folder: projects.write(folder, content, files, with_definition)


def file_with(name, content):
    def make(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path
    return make


def archive(entries):
    return file_with("bad.zip", projects.pack(entries))


def link_in_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("P/api.yaml", yaml_of(data()))
        link = zipfile.ZipInfo("P/Definitions/swagger.yaml")
        link.external_attr = 0o120777 << 16
        out.writestr(link, "/etc/passwd")
    return file_with("bad.zip", packed.getvalue())


def linked_folder(folder):
    projects.write(folder, data())
    (folder / "Definitions/swagger.yaml").unlink()
    os.symlink("/etc/passwd", folder / "Definitions/swagger.yaml")
    return folder


def bomb():
    return archive({"P/api.yaml": yaml_of(data()), "P/Docs/big.txt": b"\0" * (80 << 20)})


BILLION = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]\n" for i in range(1, 10))
GOOD = yaml_of(data())
OLD = yaml.safe_dump({"id": {"providerName": "admin", "apiName": "Old", "version": "1"}, "context": "/old/1",
                      "contextTemplate": "/old/{version}", "status": "PUBLISHED",
                      "endpointConfig": "{}"})


def openapi(**changes):
    document = {"openapi": "3.0.1", "info": {"title": "Doc", "version": "1.0.0"},
                "servers": [{"url": URL + "/base"}],
                "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}}
    document.update(changes)
    return yaml.safe_dump({k: v for k, v in document.items() if v is not None}, sort_keys=False)


# name: (maker, words that must be in the error, options of deploy)
CASES = {
    "no such path": (lambda folder: folder / "nothing", ["nothing"], []),
    "empty folder": (folder_with({"README": "x"}), ["api.yaml"], []),
    "empty api.yaml": (folder_with({"api.yaml": ""}), ["api.yaml"], []),
    "yaml with a tab": (folder_with({"api.yaml": "type: api\ndata:\n\tname: x\n"}), ["api.yaml:3"], []),
    "yaml not closed": (folder_with({"api.yaml": "data:\n  name: [a, b\n"}), ["api.yaml"], []),
    "yaml of a list": (folder_with({"api.yaml": "- a\n- b\n"}), ["api.yaml"], []),
    "without data": (folder_with({"api.yaml": "type: api\nversion: v4\n"}), ["data"], []),
    "data is text": (folder_with({"api.yaml": "type: api\ndata: hello\n"}), ["data"], []),
    "another type": (folder_with({"api.yaml": GOOD.replace("type: api\n", "type: application\n", 1)}),
                     ["application"], []),
    "yaml deeper than anybody writes": (folder_with({"api.yaml": "data: " + "[" * 20000}), ["api.yaml"], []),
    "yaml that multiplies": (folder_with({"api.yaml": BILLION}), ["api.yaml"], []),
    "utf-16": (folder_with({"api.yaml": GOOD.encode("utf-16")}), ["api.yaml"], []),
    "not utf-8": (folder_with({"api.yaml": GOOD.encode().replace(b"admin", b"\xff\xfe\xfa")}), ["api.yaml"], []),
    "a NUL byte": (folder_with({"api.yaml": GOOD.replace("admin", "ad\0min")}), ["api.yaml"], []),
    "api.json broken": (folder_with({"api.json": "{\"data\": {\"name\": }}"}), ["api.json"], []),
    "oversized api.yaml": (folder_with({"api.yaml": GOOD + "# " + "x" * (20 << 20)}), ["api.yaml"], []),
    "a 3.x project": (folder_with({"Meta-information/api.yaml": OLD}), ["3.x"], []),
    "no name": (project(data(name=None), with_definition=False), ["name"], []),
    "a forbidden name": (project(data(name="Bad/Name")), ["name", "Bad/Name"], []),
    "no context": (project(data(context=None)), ["context"], []),
    "a context with a space": (project(data(context="/a b")), ["context"], []),
    "a context too long": (project(data(context="/" + "a" * 300)), ["context"], []),
    "no version": (project(data(version=None), with_definition=False), ["version"], []),
    "a version with a slash": (project(data(version="1/0")), ["version"], []),
    "a version too long": (project(data(version="1" * 40)), ["version"], []),
    "an unknown state": (project(data(lifeCycleStatus="LIVE")), ["lifeCycleStatus", "LIVE"], []),
    "an unknown kind": (project(data(type="FTP")), ["type", "FTP"], []),
    "transport that does not exist": (project(data(transport=["pigeon"])), ["transport", "pigeon"], []),
    "a scheme that does not exist": (project(data(securityScheme=["handshake"])), ["securityScheme", "handshake"], []),
    "policies is no list": (project(data(policies="Gold")), ["policies"], []),
    "an unknown plan": (project(data(policies=["Platinum"])), ["Platinum"], []),
    "an unknown API limit": (project(data(apiThrottlingPolicy="99PerMin")), ["99PerMin"], []),
    "a flag that is a word": (project(data(isDefaultVersion="maybe")), ["isDefaultVersion"], []),
    "cors is text": (project(data(corsConfiguration="yes")), ["corsConfiguration"], []),
    "a negative backend limit": (project(data(maxTps={"production": -5})), ["maxTps"], []),
    "a backend limit per fortnight": (project(data(maxTps={"production": 5, "productionTimeUnit": "FORTNIGHT"})),
                                      ["maxTps", "FORTNIGHT"], []),
    "operations is a map": (lambda folder: projects.write(
        folder, {**data(), "operations": {"a": "b"}}, with_definition=False), ["operations"], []),
    "an unknown verb": (project(one_operation(verb="FETCH")), ["verb", "FETCH"], []),
    "no verb": (lambda folder: projects.write(folder, {**data(), "operations": [{"target": "/a"}]},
                                              with_definition=False), ["verb"], []),
    "a target without a slash": (project(one_operation(target="menu")), ["target", "menu"], []),
    "a template that is not closed": (project(one_operation(target="/a/{id")), ["target", "{id"], []),
    "the same operation twice": (project(data(operations=[operation("GET", "/a"), operation("GET", "/a")])),
                                 ["/a"], []),
    "an unknown authType": (project(one_operation(authType="Maybe")), ["authType", "Maybe"], []),
    "an unknown resource limit": (project(one_operation(throttlingPolicy="99PerMin")), ["99PerMin"], []),
    "a scope nobody declared": (project(one_operation(scopes=["ghost"])), ["ghost"], []),
    "a scope without a name": (project(data(scopes=[{"scope": {"displayName": "x"}}])), ["scope"], []),
    "a policy we cannot run": (project(one_operation(operationPolicies={"request": [
        {"policyName": "myOwnMagic", "policyVersion": "v1", "policyType": "common", "parameters": {}}]})),
        ["myOwnMagic"], []),
    "no endpoint": (project(endpoints()), ["endpoint"], []),
    "an endpoint that is no URL": (project(endpoints(production_endpoints={"url": "htp:/x"})), ["htp:/x"], []),
    "an endpoint with a password": (project(endpoints(production_endpoints={"url": "http://u:pw@h/"})),
                                    ["endpoint"], []),
    "an endpoint at the metadata address": (project(endpoints(production_endpoints={
        "url": "http://169.254.169.254/latest"})), ["169.254.169.254"], []),
    "an unknown endpoint type": (project(data(endpointConfig={"endpoint_type": "pigeon"})), ["pigeon"], []),
    "a balance over nothing": (project(data(endpointConfig={"endpoint_type": "load_balance",
                                                            "production_endpoints": []})), ["endpoint"], []),
    "a timeout that is a word": (project(endpoints(production_endpoints={
        "url": URL, "config": {"actionDuration": "soon"}})), ["actionDuration"], []),
    "a definition that is no YAML": (project(data(), {"Definitions/swagger.yaml": "a: [b\n"}), ["swagger.yaml"], []),
    "a definition that is no OpenAPI": (project(data(), {"Definitions/swagger.yaml": "hello: world\n"}),
                                        ["swagger.yaml"], []),
    "a gateway environment nobody knows": (project(data(), {"deployment_environments.yaml": yaml.safe_dump(
        {"type": "deployment_environments", "data": [{"deploymentEnvironment": "Mars"}]})}), ["Mars"], []),
    "--env nobody knows": (project(data()), ["Mars"], ["--env", "Mars"]),
    "--vhost nobody knows": (project(data()), ["mars.example"], ["--vhost", "mars.example"]),
    "deployment environments as text": (project(data(), {"deployment_environments.yaml": "data: hello\n"}),
                                        ["deployment_environments.yaml"], []),
    "a variable that is not set": (project(endpoints(production_endpoints={"url": "${APIM_NOT_SET}"})),
                                   ["APIM_NOT_SET", "api.yaml:"], []),
    "a params file that is not there": (project(data()), ["none.yaml"], ["--params", "none.yaml"]),
    "params that are no YAML": (project(data(), {"api_params.yaml": "environments: [\n"}), ["api_params.yaml"], []),
    "params without that environment": (project(data(), {"api_params.yaml": yaml.safe_dump(
        {"environments": [{"name": "dev", "configs": {}}]})}), ["prod"], ["--params-env", "prod"]),
    "params with a bad URL": (project(data(), {"api_params.yaml": yaml.safe_dump({"environments": [
        {"name": "dev", "configs": {"endpoints": {"production": {"url": "nonsense"}}}}]})}), ["nonsense"], []),
    "a file that is no project": (file_with("note.txt", "hello"), ["note.txt"], []),
    "a binary file": (file_with("photo.yaml", bytes(range(256))), ["NUL"], []),
    "a zip that is none": (file_with("bad.zip", b"PK\3\4" + b"x" * 100), ["zip"], []),
    "a zip cut in the middle": (file_with("bad.zip", projects.pack({"P/api.yaml": GOOD})[:-30]), ["zip"], []),
    "a zip with ..": (archive({"P/api.yaml": GOOD, "P/../../evil.txt": "x"}), [".."], []),
    "a zip with an absolute path": (archive({"P/api.yaml": GOOD, "/etc/evil": "x"}), ["/etc/evil"], []),
    "a zip with a link": (link_in_zip(), ["swagger.yaml"], []),
    "a folder with a link": (linked_folder, ["swagger.yaml"], []),
    "a zip that explodes": (bomb(), ["big.txt"], []),
    "a zip without api.yaml": (archive({"P/readme": "x"}), ["api.yaml"], []),
    "OpenAPI without a title": (file_with("doc.yaml", openapi(info={"version": "1"})), ["title"], []),
    "OpenAPI without paths": (file_with("doc.yaml", openapi(paths=None)), ["paths"], []),
    "OpenAPI with a path without a slash": (file_with("doc.yaml", openapi(paths={"a": {"get": {}}})), ["doc.yaml"], []),
    "OpenAPI without a server": (file_with("doc.yaml", openapi(servers=None)), ["endpoint"], ["--context", "/doc"]),
    "OpenAPI of the future": (file_with("doc.yaml", openapi(openapi="9.0.0")), ["9.0.0"], []),
    "OpenAPI that is broken JSON": (file_with("doc.json", "{\"openapi\": \"3.0.0\", "), ["doc.json"], []),
    "OpenAPI with a bad endpoint": (file_with("doc.yaml", openapi()), ["ftp://x"], ["--endpoint", "ftp://x"]),
}


def rows(stack):
    """How many rows each table about APIs and revisions has."""
    counts = {}
    for path in stack.controller.data.glob("*.db"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            names = [n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                upper = name.upper()
                if any(word in upper for word in ("AM_API", "REVISION", "DEPLOY", "URL_MAPPING", "SCOPE", "OUTBOX")):
                    counts[f"{path.name}:{name}"] = database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]
    assert counts
    return counts


@pytest.fixture(scope="module")
def before(stack):
    return rows(stack)


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_project_is_refused_with_its_reason(stack, before, tmp_path, name):
    maker, words, options = CASES[name]
    made = maker(tmp_path / "p")
    code, said = stack.ctl.fails("deploy", made, "--no-wait", *options)
    assert code in (1, 2), said
    for word in words:
        assert word.lower() in said.lower(), said
    assert "unexpected: " not in said.lower() and "900967" not in said, said
    assert len(said) < 4000, "an error is for reading"
    assert stack.rest.apis() == []
    assert rows(stack) == before


def test_there_are_enough_of_them():
    assert len(CASES) >= 40


def upload(stack, content):
    return stack.rest.upload("/api/am/publisher/v4/apis/import?overwrite=true",
                             [("file", "p.zip", content)])


DIRECT = {
    "no zip": b"hello",
    "empty": b"",
    "a zip of nothing": projects.pack({}),
    "..": projects.pack({"P/api.yaml": GOOD, "../evil": "x"}),
    "bomb": projects.pack({"P/api.yaml": GOOD, "P/Docs/big": b"\0" * (80 << 20)}),
    "wrong yaml": projects.pack({"P/api.yaml": "data:\n\tx: y\n"}),
    "bad verb": projects.pack({"P/api.yaml": yaml_of(one_operation(verb="FETCH"))}),
    "unknown plan": projects.pack({"P/api.yaml": yaml_of(data(policies=["Platinum"]))}),
    "unknown environment": projects.pack({"P/api.yaml": GOOD, "P/deployment_environments.yaml": yaml.safe_dump(
        {"type": "deployment_environments", "data": [{"deploymentEnvironment": "Mars"}]})}),
    "metadata address": projects.pack({"P/api.yaml": yaml_of(endpoints(production_endpoints={
        "url": "http://169.254.169.254/"}))}),
    "a variable nobody replaced": projects.pack({"P/api.yaml": yaml_of(endpoints(production_endpoints={
        "url": "${BACKEND}"}))}),
}


@pytest.mark.parametrize("name", DIRECT)
def test_the_server_checks_by_itself(stack, before, name):
    """What apimctl would have refused is refused by the controller too, with WSO2's error body."""
    status, _, body = upload(stack, DIRECT[name])
    assert 400 <= status < 500, (status, body)
    assert isinstance(body, dict) and isinstance(body["code"], int), body
    assert body["message"] and body["description"], body
    assert stack.rest.apis() == []
    assert rows(stack) == before


def test_a_duplicate_context_changes_nothing(stack, tmp_path):
    first = projects.api("First", URL, context="/same")
    stack.ctl.deploy(projects.write(tmp_path / "a", first))
    try:
        before = rows(stack)
        second = projects.api("Second", URL, context="/same")
        code, said = stack.ctl.fails("deploy", projects.write(tmp_path / "b", second))
        assert code == 1 and "/same" in said and "context" in said.lower(), said
        assert [a["name"] for a in stack.rest.apis()] == ["First"]
        assert rows(stack) == before
    finally:
        stack.ctl.text("delete", "First")


def test_a_bad_update_leaves_the_good_api_alone(stack, backend, tmp_path):
    data_ = projects.api("Stable", backend.url, [operation("GET", "/a", auth="None")])
    stack.ctl.deploy(projects.write(tmp_path / "p", data_))
    try:
        for change in ({"policies": ["Platinum"]}, {"apiThrottlingPolicy": "99PerMin"}):
            stack.ctl.fails("deploy", projects.write(tmp_path / "p", {**data_, **change}))
            assert stack.gateway.request("GET", "/stable/1.0.0/a").status == 200
        api = stack.rest.must("GET", "/api/am/publisher/v4/apis/" + stack.rest.apis()[0]["id"])
        assert api["policies"] == ["Unlimited"]
    finally:
        stack.ctl.text("delete", "Stable")


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["deploy"], ["deploy", "x", "--nonsense"], ["apis", "-o", "xml"], ["keys"],
    ["subscribe", "app"], ["policies", "create", "subscription", "P", "--limit", "many"],
    ["deny", "add", "planet", "Mars"], ["snapshot", "rollback", "yesterday"], ["deploy", "x", "--timeout", "0"],
])
def test_usage_errors_are_2(stack, arguments):
    code, said = stack.ctl.fails(*arguments)
    assert code == 2 and said.strip(), said


@pytest.mark.parametrize("arguments", [
    ["undeploy", "Ghost"], ["delete", "Ghost:1"], ["subscribe", "ghost", "Ghost"], ["keys", "list", "ghost"],
    ["apps", "delete", "ghost"], ["policies", "delete", "subscription", "Ghost"], ["deny", "remove", "ghost"],
    ["snapshot", "verify", "999999"], ["snapshot", "rollback", "999999"],
])
def test_what_does_not_exist_is_1_and_named(stack, arguments):
    code, said = stack.ctl.fails(*arguments)
    assert code == 1 and (arguments[-1] in said or "ghost" in said.lower()), said


def test_an_unreachable_controller_is_3(stack, tmp_path):
    import json
    import socket
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    session = json.loads((stack.ctl.folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**session, "url": f"https://127.0.0.1:{port}"}))
    code, _, err = stack.ctl.run("apis", env={"APIM_CONFIG_DIR": str(tmp_path)})
    assert code == 3 and str(port) in err


def test_without_a_login_it_says_how(stack, tmp_path):
    code, _, err = stack.ctl.run("apis", env={"APIM_CONFIG_DIR": str(tmp_path)})
    assert code == 2 and "login" in err


def test_another_certificate_is_refused_before_the_password_is_sent(stack, tmp_path):
    import json
    session = json.loads((stack.ctl.folder / "config.json").read_text())
    pinned = "00:" * 31 + "00"
    (tmp_path / "config.json").write_text(json.dumps({**session, "fingerprint": pinned}))
    code, _, err = stack.ctl.run("apis", env={"APIM_CONFIG_DIR": str(tmp_path)})
    assert code == 3 and pinned in err and session["fingerprint"] in err


def test_the_login_is_for_its_owner_only(stack):
    assert (stack.ctl.folder / "config.json").stat().st_mode & 0o777 == 0o600


def test_a_wrong_password_is_1(stack, tmp_path):
    code, _, err = stack.ctl.run("login", stack.controller.url, "-u", "admin",
                                 env={"APIM_CONFIG_DIR": str(tmp_path), "APIM_PASSWORD": "wrong"})
    assert code == 1 and not (tmp_path / "config.json").exists(), err
