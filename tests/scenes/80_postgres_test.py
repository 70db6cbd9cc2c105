"""PostgreSQL: the same way as on SQLite, with the databases apart, and with two controllers on them."""

import shutil

import pytest

from support import projects, stack as stacks
from support.postgres import Postgres
from support.process import wait_until
from support.projects import operation


@pytest.fixture(scope="module")
def postgres():
    one = Postgres()
    yield one
    one.stop()


def way(one, backend, folder, name):
    """Deploys, subscribes, calls; the key."""
    data = projects.api(name, backend.url, [operation("GET", "/a"), operation("GET", "/open", auth="None")],
                        policies=["Gold"])
    one.ctl.deploy(projects.write(folder / name, data))
    key = one.ctl.client(f"{name}-app", name)
    path = f"/{name.lower()}/1.0.0/a"
    assert one.gateway.request("GET", path, {"ApiKey": key}).status == 200
    assert one.gateway.request("GET", path).status == 401
    data["operations"].append(operation("GET", "/b"))
    answer = one.ctl.deploy(projects.write(folder / name, data))
    assert answer["change"]["operationsAdded"] == ["GET /b"]
    assert one.gateway.request("GET", f"/{name.lower()}/1.0.0/b", {"ApiKey": key}).status == 200
    return key


def test_the_whole_way_with_two_databases(postgres, backend, tmp_path):
    settings = {"database.apim_url": postgres.create("apim_a"),
                "database.shared_url": postgres.create("shared_a")}
    with stacks.Stack(controller=settings) as one:
        key = way(one, backend, tmp_path, "Elephant")
        code, said = one.ctl.fails("deploy", projects.write(tmp_path / "x", projects.api(
            "Wrong", backend.url, policies=["Platinum"])))
        assert code == 1 and "Platinum" in said
        one.controller.kill()
        one.controller.start()
        assert [a["name"] for a in one.rest.apis()] == ["Elephant"]
        one.ctl.text("keys", "revoke", "Elephant-app", key)
        assert one.gateway.request("GET", "/elephant/1.0.0/a", {"ApiKey": key}).status == 401
    tables = postgres.query("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'",
                            "shared_a")
    assert int(tables) > 0
    apis = postgres.query("SELECT count(*) FROM am_api", "apim_a")
    assert int(apis) == 1


def test_one_database_for_both(postgres, backend, tmp_path):
    url = postgres.create("apim_both")
    with stacks.Stack(controller={"database.apim_url": url, "database.shared_url": url}) as one:
        way(one, backend, tmp_path, "Both")


def test_two_controllers_on_one_database(postgres, backend, tmp_path):
    """Any of them serves REST, one publishes; when that one dies the other takes over."""
    settings = {"database.apim_url": postgres.create("apim_two"),
                "database.shared_url": postgres.create("shared_two")}
    with stacks.Stack(controller=settings) as one:
        first = one.controller
        folder = one.folder / "second"
        # They sign with the same key and publish to the same hub.
        shutil.copytree(first.data / "keys", folder / "data/keys")
        second = stacks.Controller(folder, {**settings, "server.hub_dir": first.hub})
        try:
            ctl = stacks.Ctl(one.folder / "ctl2", second)
            ctl.login()
            data = projects.api("Twin", backend.url, [operation("GET", "/*", auth="None")])
            ctl.deploy(projects.write(tmp_path / "p", data))
            assert one.gateway.request("GET", "/twin/1.0.0/x").status == 200
            assert [a["name"] for a in one.rest.apis()] == ["Twin"]
            first.kill()
            data["operations"] = [operation("GET", "/only", auth="None")]
            ctl.text("deploy", projects.write(tmp_path / "p", data), "--timeout", "60")
            wait_until(lambda: one.gateway.request("GET", "/twin/1.0.0/only").status == 200, 60,
                       "a publication by the other controller")
            assert one.gateway.request("GET", "/twin/1.0.0/x").status == 404
            first.start()
            assert [a["name"] for a in one.rest.apis()] == ["Twin"]
        finally:
            second.stop()


def test_a_database_that_goes_away_is_said_and_survived(backend, tmp_path):
    server = Postgres()
    try:
        settings = {"database.apim_url": server.create("apim"), "database.shared_url": server.create("shared")}
        with stacks.Stack(controller=settings) as one:
            way(one, backend, tmp_path, "Lasting")
            server._run("pg_ctl", "-D", str(server.data), "-m", "immediate", "-w", "stop")
            code, said = one.ctl.fails("apis")
            assert code == 1 and said.strip()
            assert one.gateway.request("GET", "/lasting/1.0.0/open").status == 200
            options = f"-p {server.port} -k {server.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
            server._run("pg_ctl", "-D", str(server.data), "-l", str(server.folder / "log"), "-w", "-o", options,
                        "start")
            wait_until(lambda: one.ctl.run("apis")[0] == 0, 30, "the controller's return")
            one.ctl.text("apps", "create", "afterwards")
    finally:
        server.stop()
