"""Projects: apictl projects made for one scene, from the few fields it is about."""

import copy
import io
import json
import pathlib
import zipfile

import yaml

ANY = "Application & Application User"


def operation(verb, target, auth=ANY, policy="Unlimited", **more):
    return {"target": target, "verb": verb, "authType": auth, "throttlingPolicy": policy, **more}


def api(name, url, operations=None, **fields):
    """The `data` of an api.yaml: published, callable with an API key, one endpoint."""
    data = {
        "name": name, "context": "/" + name.lower(), "version": "1.0.0", "provider": "admin",
        "lifeCycleStatus": "PUBLISHED", "type": "HTTP", "transport": ["http", "https"],
        "policies": ["Unlimited"],
        "securityScheme": ["api_key", "oauth_basic_auth_api_key_mandatory"],
        "endpointConfig": {"endpoint_type": "http", "production_endpoints": {"url": url},
                           "sandbox_endpoints": {"url": url}},
        "operations": operations or [operation("GET", "/*"), operation("POST", "/*"),
                                     operation("PUT", "/*"), operation("DELETE", "/*"),
                                     operation("HEAD", "/*")],
    }
    data.update(copy.deepcopy(fields))
    return data


def definition(data):
    """The OpenAPI document that fits `data`."""
    paths = {}
    for one in data["operations"]:
        paths.setdefault(one["target"], {})[one["verb"].lower()] = {
            "responses": {"200": {"description": "ok"}}}
    return {"openapi": "3.0.1", "info": {"title": data["name"], "version": data["version"]},
            "paths": paths}


def write(folder, data, files=None, with_definition=True):
    """Writes a project folder; `files` adds or replaces files by name (None leaves one out)."""
    folder = pathlib.Path(folder)
    contents = {"api.yaml": yaml.safe_dump({"type": "api", "version": "v4.7.0", "data": data},
                                           sort_keys=False)}
    if with_definition:
        contents["Definitions/swagger.yaml"] = yaml.safe_dump(definition(data), sort_keys=False)
    contents.update(files or {})
    for name, text in contents.items():
        if text is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def pack(entries):
    """A zip of {name: bytes or text}."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return data.getvalue()


def read(folder):
    """The `data` of a project's api.yaml."""
    return yaml.safe_load((pathlib.Path(folder) / "api.yaml").read_text())["data"]


def openapi(title, url, paths):
    """A small OpenAPI document as text; `paths` is {path: [verbs]}."""
    body = {"openapi": "3.0.1", "info": {"title": title, "version": "1.0.0"},
            "servers": [{"url": url}],
            "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "ApiKey"}}},
            "paths": {path: {verb.lower(): {"responses": {"200": {"description": "ok"}}} for verb in verbs}
                      for path, verbs in paths.items()}}
    return json.dumps(body)
