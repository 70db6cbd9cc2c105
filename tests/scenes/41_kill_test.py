"""kill -9 of the controller at any point of a deploy: the gateway serves, the database is consistent, and the
next start finishes or forgets the change.

APIM_KILL_COUNT sets how many times.
"""

import os
import random
import sqlite3
import subprocess
import time

from support import load, projects, stack as stacks
from support.process import binary, wait_until
from support.projects import operation

COUNT = int(os.environ.get("APIM_KILL_COUNT", "25"))


def variant(url, number):
    return projects.api("Killed", url, [operation("GET", "/always", auth="None"),
                                        operation("GET", f"/v{number}", auth="None")])


def check_databases(folder):
    files = list(folder.rglob("*.db"))
    assert files
    for path in files:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def served(gateway, highest):
    """Which /vN the gateway answers."""
    return [n for n in range(highest + 1)
            if gateway.request("GET", f"/killed/1.0.0/v{n}").status == 200]


def test_kill_at_random_points(backend, tmp_path):
    chance = random.Random(4711)
    with stacks.Stack() as one:
        one.open_wide()
        folder = projects.write(tmp_path / "p", variant(backend.url, 0))
        deploy = one.ctl.deploy(folder, "--rotate-revision")
        port = one.controller.port
        runner = load.Load(one.gateway.port, ["/killed/1.0.0/always"], connections=4, expect='"backend"')
        finished = forgotten = 0
        try:
            for number in range(1, COUNT + 1):
                projects.write(folder, variant(backend.url, number))
                before = served(one.gateway, number)
                assert len(before) == 1
                child = subprocess.Popen(
                    [binary("apimctl"), "deploy", str(folder), "--rotate-revision", "--timeout", "5"],
                    env={**os.environ, "APIM_CONFIG_DIR": str(one.ctl.folder)},
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(chance.uniform(0.0, 0.25))
                one.controller.kill()
                child.wait(60)
                assert one.gateway.request("GET", "/killed/1.0.0/always").status == 200
                one.controller.start()
                assert one.controller.port == port
                check_databases(one.controller.folder)
                state = settled(one, number)
                assert state in (before[0], number), state
                finished, forgotten = finished + (state == number), forgotten + (state != number)
                assert one.ctl.run("snapshot", "verify")[0] == 0
            # And the next whole deploy works as if nothing had happened.
            projects.write(folder, variant(backend.url, COUNT + 1))
            one.ctl.deploy(folder, "--rotate-revision")
            assert served(one.gateway, COUNT + 1) == [COUNT + 1]
            assert len(one.rest.apis()) == 1
            summary = runner.finish()
        finally:
            runner.abandon()
        print(f"{COUNT} kills: {finished} finished, {forgotten} forgotten; {summary['answered']} requests")
        assert load.failures(summary) == 0, summary
        assert deploy["id"] == one.rest.apis()[0]["id"]


def settled(one, highest):
    """The N of /vN that gateway, working copy and deployed revision agree on after the restart."""
    epoch = one.rest.must("GET", "/api/apim/v1/info")["epoch"]
    wait_until(lambda: one.gateway.snapshot()["epoch"] >= epoch, 20, "the newest epoch on the gateway")
    now = served(one.gateway, highest)
    assert len(now) == 1, now
    api = one.rest.must("GET", "/api/am/publisher/v4/apis/" + one.rest.apis()[0]["id"])
    targets = {o["target"] for o in api["operations"]}
    assert targets == {"/always", f"/v{now[0]}"}, targets
    return now[0]
