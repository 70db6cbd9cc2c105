"""Snapshots as they should not be: refused with a reason while the last good one serves."""

import shutil
import struct
import time

import pytest

from support import projects, stack as stacks
from support.hub import ENVIRONMENT, World
from support.process import wait_until
from support.projects import operation


@pytest.fixture(scope="module")
def world(backend, tmp_path_factory):
    one = World(backend, tmp_path_factory.mktemp("world"))
    yield one
    one.stack.close()


@pytest.fixture(autouse=True)
def good_again(request):
    """Whatever a scene did to the mirror, the next one begins with a gateway that serves the newest epoch."""
    yield
    if "world" in request.fixturenames:
        request.getfixturevalue("world").good()


def break_new_segments(world, damage):
    known = world.mirror.segment_names()
    epoch = world.change()
    world.mirror.sync_segments()
    fresh = world.mirror.newest_segments(known)
    assert fresh
    for path in fresh:
        damage(path)
    name, data = world.mirror.current()
    return epoch, name, data


def flip(path, at=0.5):
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 0x40
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("damage", ["middle", "header", "last byte"])
def test_a_corrupt_segment(world, damage):
    at = {"middle": 0.5, "header": 0.0, "last byte": 0.9999999}[damage]
    before = world.gateway.snapshot()
    epoch, name, data = break_new_segments(world, lambda path: flip(path, at))
    world.mirror.publish(name, data)
    world.refused(before, ("sha-256", "sha256", "hash", "digest", "corrupt"), epoch)
    world.good()


def test_a_truncated_segment(world):
    before = world.gateway.snapshot()
    def cut(path):
        data = path.read_bytes()
        path.write_bytes(data[:len(data) // 2])
    epoch, name, data = break_new_segments(world, cut)
    world.mirror.publish(name, data)
    world.refused(before, ("bytes", "size", "length", "truncated", "short", "hash", "sha"), epoch)
    world.good()


@pytest.mark.parametrize("size", [0, 8 << 20])
def test_a_segment_of_another_size(world, size):
    before = world.gateway.snapshot()
    epoch, name, data = break_new_segments(world, lambda path: path.write_bytes(b"\0" * size))
    world.mirror.publish(name, data)
    world.refused(before, ("bytes", "size", "length", "truncated", "short", "larg", "hash", "sha"), epoch)


def test_a_missing_segment(world):
    before = world.gateway.snapshot()
    epoch, name, data = break_new_segments(world, lambda path: path.unlink())
    world.mirror.publish(name, data)
    def told():
        page = world.gateway.snapshot()
        return page["refusals"] > before["refusals"] or page["hub_errors"] > before["hub_errors"]
    wait_until(told, 20, "a word about the missing segment")
    assert world.gateway.snapshot()["epoch"] == before["epoch"] and world.serves()
    # It arrives late: then the epoch is adopted without another publication.
    world.mirror.sync_segments()
    wait_until(lambda: world.gateway.snapshot()["epoch"] >= epoch, 20, "the late segment")


def test_a_truncated_manifest(world):
    for keep in (0, 10, 64, 100, -64, -1):
        before = world.gateway.snapshot()
        epoch = world.change()
        world.mirror.sync_segments()
        name, data = world.mirror.current()
        world.mirror.publish(name, data[:keep])
        world.refused(before, ("truncat", "short", "bytes", "size", "signature", "manifest"))
        assert world.gateway.snapshot()["epoch"] < epoch
        world.good()


def test_an_unsigned_manifest(world):
    before = world.gateway.snapshot()
    world.change()
    world.mirror.sync_segments()
    name, data = world.mirror.current()
    world.mirror.publish(name, data[:-64] + b"\0" * 64)
    world.refused(before, ("sign",))
    world.good()


def test_a_changed_manifest(world):
    before = world.gateway.snapshot()
    world.change()
    world.mirror.sync_segments()
    name, data = world.mirror.current()
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    world.mirror.publish(name, bytes(changed))
    world.refused(before, ("sign", "hash", "sha"))
    world.good()


def test_another_controller_s_manifest(world):
    before = world.gateway.snapshot()
    with stacks.Stack(with_gateway=False) as stranger:
        path = stranger.controller.hub / "manifests" / ENVIRONMENT
        for _ in range(5):
            stranger.ctl.text("apps", "create", f"noise-{time.time_ns()}", "--no-wait")
        wait_until(lambda: (path / "CURRENT").exists(), 20, "the stranger's publication")
        foreign = (path / (path / "CURRENT").read_text().strip()).read_bytes()
        world.mirror.add_segments(stranger.controller.hub)
    world.mirror.publish("09999999999999999999.manifest", foreign)
    world.refused(before, ("sign", "key"))
    world.good()


def test_an_older_epoch(world):
    old_name, old = world.mirror.current()
    world.good()
    before = world.gateway.snapshot()
    world.mirror.publish(old_name, old)
    world.refused(before, ("old", "epoch"))
    # Under a newer name it is the same old content.
    before = world.gateway.snapshot()
    world.mirror.publish("00000000000000900000.manifest", old)
    world.refused(before, ("old", "epoch"))
    world.good()


def test_an_unknown_version_signed_by_the_right_key(world):
    before = world.gateway.snapshot()
    world.change()
    world.mirror.sync_segments()
    name, data = world.mirror.current()
    body = bytearray(data[:-64])
    body[4:6] = struct.pack("<H", 2)
    world.mirror.publish(name, world.signer.sign(bytes(body)))
    world.refused(before, ("version", "major"))
    world.good()


def test_nonsense_signed_by_the_right_key(world):
    """A signature proves the sender, not that the content can be read."""
    before = world.gateway.snapshot()
    world.change()
    _, data = world.mirror.current()
    for number, payload in enumerate((b"", b"\xff" * 64, b"\0" * 4096)):
        before = world.gateway.snapshot()
        world.mirror.publish(f"{900000 + number:020d}.manifest", world.signer.sign_payload(data, payload))
        world.refused(before, ("manifest", "flatbuffer", "payload", "corrupt", "read", "content", "verif"))


@pytest.mark.parametrize("text", ["", "nonsense", "../../../../etc/passwd", "/etc/passwd",
                                  "x" * 100000, "00000000000000000001.manifest.tmp"])
def test_a_current_that_names_nothing(world, text):
    before = world.gateway.snapshot()
    world.mirror.point(text)
    def told():
        page = world.gateway.snapshot()
        return page["refusals"] > before["refusals"] or page["hub_errors"] > before["hub_errors"]
    wait_until(told, 20, "a word about it")
    assert world.gateway.snapshot()["epoch"] == before["epoch"] and world.serves()
    world.good()


def test_a_hub_that_cannot_be_read(world):
    before = world.gateway.snapshot()
    current = world.mirror.manifests / "CURRENT"
    current.unlink()
    current.mkdir()
    try:
        wait_until(lambda: world.gateway.snapshot()["hub_errors"] > before["hub_errors"], 20, "a hub error")
        assert world.serves() and world.gateway.is_ready()
    finally:
        current.rmdir()


def test_apimctl_tells_which_gateway_refuses(world, backend, tmp_path):
    """The refusal ends the wait at once, with the gateway's own reason and exit code 1."""
    with stacks.Stack() as one:
        segments = one.controller.hub / "segments"
        before = {path.name for path in segments.rglob("*.seg")}
        one.gateway.stop()
        one.ctl.text("apps", "create", "a", "--no-wait")
        wait_until(lambda: {p.name for p in segments.rglob("*.seg")} - before, 20, "a publication")
        for path in segments.rglob("*.seg"):
            if path.name not in before:
                flip(path)
        one.gateway.start()
        wait_until(lambda: one.gateway.snapshot()["refused"], 20, "the refusal")
        listed = one.ctl.text("gateways")
        assert "refuses" in listed


def test_started_without_any(backend, tmp_path):
    with stacks.Stack(with_gateway=False) as one:
        gateway = stacks.Gateway(tmp_path / "g", tmp_path / "empty-hub", one.controller.public_key)
        one.gateways.append(gateway)
        assert gateway.ask("/healthz").status == 200
        assert gateway.ask("/readyz").status == 503
        answer = gateway.request("GET", "/anything/1.0.0/x")
        assert answer.status == 503 and answer.json()["code"] == "503", answer


def test_a_restart_without_the_controller_serves_the_last_good_one(backend, tmp_path):
    with stacks.Stack() as one:
        data = projects.api("Kept", backend.url, [operation("GET", "/*", auth="None")])
        one.ctl.deploy(projects.write(tmp_path / "p", data))
        epoch = one.gateway.snapshot()["epoch"]
        one.controller.stop()
        one.gateway.stop()
        shutil.rmtree(one.controller.hub)
        one.gateway.start()
        one.gateway.wait_ready()
        page = one.gateway.snapshot()
        assert page["epoch"] == epoch and page["from_cache"] is True
        assert one.gateway.request("GET", "/kept/1.0.0/x").status == 200


def test_a_corrupt_cache_is_not_served(backend, tmp_path):
    with stacks.Stack() as one:
        data = projects.api("Kept", backend.url, [operation("GET", "/*", auth="None")])
        one.ctl.deploy(projects.write(tmp_path / "p", data))
        one.controller.stop()
        one.gateway.stop()
        shutil.rmtree(one.controller.hub)
        for path in (one.gateway.folder / "cache").rglob("*.seg"):
            flip(path)
        one.gateway.start()
        assert one.gateway.request("GET", "/kept/1.0.0/x").status == 503
        assert not one.gateway.is_ready()


def test_rollback_serves_old_content_until_the_next_change(backend, tmp_path):
    with stacks.Stack() as one:
        data = projects.api("Rolled", backend.url, [operation("GET", "/old", auth="None")])
        first = one.ctl.deploy(projects.write(tmp_path / "a", data))["epoch"]
        data["operations"] = [operation("GET", "/new", auth="None")]
        one.ctl.deploy(projects.write(tmp_path / "b", data))
        status = lambda path: one.gateway.request("GET", "/rolled/1.0.0" + path).status
        assert (status("/old"), status("/new")) == (404, 200)
        one.ctl.text("snapshot", "rollback", str(first))
        assert (status("/old"), status("/new")) == (200, 404)
        assert any(s.get("rollbackOf") == first for s in one.ctl.json("snapshot", "list")["list"])
        one.ctl.text("apps", "create", "next-change")
        assert (status("/old"), status("/new")) == (404, 200)


def test_list_inspect_verify_diff(backend, tmp_path):
    with stacks.Stack() as one:
        data = projects.api("Shown", backend.url, [operation("GET", "/*", auth="None")])
        first = one.ctl.deploy(projects.write(tmp_path / "a", data))["epoch"]
        data["operations"].append(operation("GET", "/more", auth="None"))
        second = one.ctl.deploy(projects.write(tmp_path / "b", data))["epoch"]
        assert second > first
        text = one.ctl.text("snapshot", "list")
        assert str(first) in text and str(second) in text
        assert "apis" in one.ctl.text("snapshot", "inspect").lower()
        assert "Shown" in one.ctl.text("snapshot", "inspect", "--dump")
        assert "intact" in one.ctl.text("snapshot", "verify")
        assert "Shown" in one.ctl.text("snapshot", "diff", str(first), str(second))
        # One file damaged on the hub: verify says which.
        for path in (one.controller.hub / "segments").rglob("*.seg"):
            flip(path)
        code, said = one.ctl.fails("snapshot", "verify")
        assert code == 1 and "intact" in said
