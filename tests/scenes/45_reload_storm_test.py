"""A new image twenty times a second under load: no request fails, nothing is left over, and the sanitizers of a
sanitized gateway have nothing to say.

The snapshots are the controller's; the scene signs them again under the next epoch, which is all a deploy does
at its end. APIM_RELOAD_STORM_SECONDS sets how long: two minutes with a sanitizer, else ten seconds.
"""

import os
import sys
import time

import pytest

from support import load, projects, stack as stacks
from support.hub import World
from support.process import ROOT, Process, wait_until
from support.projects import operation

SECONDS = float(os.environ.get("APIM_RELOAD_STORM_SECONDS", "120" if stacks.asan() else "10"))
PERIOD_S = 0.05
STATES = 4
KEPT_MANIFESTS = 8
# So often the storm waits until the newest epoch is served: at least so many images were made.
WAIT_EVERY = 20
SANITIZER_WORDS = ("Sanitizer", "runtime error", "WARNING: ThreadSanitizer")


class Address:
    """What a World needs of a back end."""

    def __init__(self, url):
        self.url = url


@pytest.fixture()
def origin(tmp_path):
    process = Process("origin", [sys.executable, str(ROOT / "tests/support/origin.py")], tmp_path / "origin.log",
                      r"listening on (\d+)")
    yield f"http://127.0.0.1:{process.match.group(1)}"
    process.stop()


def states(world, url, folder):
    """Manifests of the controller that differ in routes, APIs, applications and keys; all segments in the mirror."""
    manifests = []
    for number in range(STATES):
        operations = [operation("GET", "/always/{id}"), operation("GET", "/open", auth="None")]
        operations += [operation("GET", f"/changing/{number}/{i}") for i in range(1 + 5 * number)]
        data = projects.api("Always", url, operations, description=f"state {number}")
        world.ctl.deploy(projects.write(folder / "always", data), "--rotate-revision", "--no-wait")
        if number == 0:
            world.ctl.text("apps", "create", "load", "--no-wait")
            world.ctl.text("subscribe", "load", "Always", "--no-wait")
            key = world.ctl.json("keys", "create", "load", "--no-wait")["apikey"]
        more = projects.api(f"More{number}", url)
        world.ctl.deploy(projects.write(folder / f"more{number}", more), "--no-wait")
        world.ctl.text("keys", "create", "load", "--no-wait")
        world.wait_published(world.stack.rest.must("GET", "/api/apim/v1/info")["epoch"])
        world.mirror.sync_segments()
        manifests.append(world.mirror.current()[1])
    assert len(set(manifests)) == STATES
    return manifests, key


def storm(world, manifests, still_running):
    """Publishes one manifest after the other; the last epoch, and how many there were."""
    epoch = first = world.epoch()
    due = time.monotonic()
    end = due + SECONDS
    while time.monotonic() < end:
        epoch += 1
        world.mirror.publish(*world.signer.at_epoch(manifests[epoch % len(manifests)], epoch))
        (world.mirror.manifests / f"{epoch - KEPT_MANIFESTS:020d}.manifest").unlink(missing_ok=True)
        if (epoch - first) % WAIT_EVERY == 0:
            wait_until(lambda: world.gateway.snapshot()["epoch"] == epoch, 60, "the newest epoch")
            still_running()
        due = max(due + PERIOD_S, time.monotonic() - PERIOD_S)
        time.sleep(max(0.0, due - time.monotonic()))
    return epoch, epoch - first


def test_a_new_image_every_50_ms(origin, tmp_path):
    world = World(Address(origin), tmp_path)
    try:
        world.stack.open_wide()
        manifests, key = states(world, origin, tmp_path)
        world.mirror.sync()
        gateway = world.gateway
        wait_until(lambda: gateway.snapshot()["epoch"] == world.epoch(), 30, "the last state")
        before = gateway.snapshot()
        paths = ["/always/1.0.0/always/1", "/always/1.0.0/open", "/held/1.0.0/x", "/always/1.0.0/always/2?x=y"]
        runner = load.Load(gateway.port, paths, {"ApiKey": key}, connections=8, expect='"backend"')

        def still_running():
            assert runner.child.poll() is None, "the load ended too early"
        try:
            gateway.wait_answered()
            epoch, published = storm(world, manifests, still_running)
            wait_until(lambda: gateway.snapshot()["epoch"] == epoch, 60, "the last epoch")
            still_running()
            summary = runner.finish()
        finally:
            runner.abandon()
        wait_until(lambda: gateway.snapshot()["live_images"] == 1, 30, "the end of the images before")
        page = gateway.snapshot()
        adopted = page["adopted"] - before["adopted"]
        print(f"{published} published and {adopted} adopted in {SECONDS:.0f} s, {summary['answered']} requests, "
              f"p99 {summary['p99_ms']} ms")
        assert load.failures(summary) == 0, summary
        assert summary["answered"] > 0
        assert adopted >= published // WAIT_EVERY >= 1
        assert page["refusals"] == before["refusals"] and page["hub_errors"] == before["hub_errors"]
        assert all(worker["images"] == 1 for worker in page["workers"])
        code, errors = gateway.stop(), gateway.process.errors()
        assert not [word for word in SANITIZER_WORDS if word in errors], errors
        assert code == 0
    finally:
        world.stack.close()
