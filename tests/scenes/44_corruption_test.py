"""Files of the hub and of the local cache, damaged in every way while requests run: the old image serves, the
gateway says what is wrong, and the next good publication is adopted.

APIM_CORRUPTION_COUNT sets how many damages the running gateway sees; APIM_CORRUPTION_SEED chooses them.
"""

import contextlib
import os
import random

import pytest

from support import load, projects
from support.hub import World
from support.process import wait_until
from support.projects import operation

COUNT = int(os.environ.get("APIM_CORRUPTION_COUNT", "60"))
SEED = int(os.environ.get("APIM_CORRUPTION_SEED", "20240601"))
# Root reads everything; without these two rights it is refused like anybody else.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
KINDS = {2: "routes", 3: "apis", 4: "limits", 5: "consumers", 6: "keys"}


# ---- damages: what happens to one file

def flipped(path, chance):
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 0x80
    with open(path, "r+b") as file:
        file.write(data)


def truncated(path, chance):
    os.truncate(path, chance.randrange(1, path.stat().st_size))


def emptied(path, _chance):
    os.truncate(path, 0)


def longer(path, chance):
    with open(path, "ab") as file:
        file.write(chance.randbytes(chance.choice((1, 64, 5000))))


def overwritten(path, chance):
    with open(path, "r+b") as file:
        file.write(chance.randbytes(path.stat().st_size))


def replaced(path, chance):
    # Not beside it: a gateway sweeps its cache's folder after each store, and the draft with it.
    draft = path.parent.parent / f"draft-of-{path.name}"
    draft.write_bytes(chance.randbytes(path.stat().st_size))
    draft.rename(path)


def removed(path, _chance):
    path.unlink()


def made_a_directory(path, _chance):
    path.unlink()
    path.mkdir()


def made_a_fifo(path, _chance):
    path.unlink()
    os.mkfifo(path)


def made_a_symlink_loop(path, _chance):
    path.unlink()
    path.symlink_to(path.name)


def made_unreadable(path, _chance):
    path.chmod(0)


DAMAGES = [flipped, truncated, emptied, longer, overwritten, replaced, removed, made_a_directory, made_a_fifo,
           made_a_symlink_loop, made_unreadable]


def clear(path):
    """Whatever stands at `path` is gone."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


class State:
    """One good snapshot of the controller: its manifest, and its segments by kind."""

    def __init__(self, world):
        self.manifest = world.mirror.current()[1]
        listed = world.gateway.snapshot()["segments"]
        self.segments = {one["kind"]: world.mirror.segment_path(one["sha256"]) for one in listed}
        self.contents = {path: path.read_bytes() for path in self.segments.values()}

    def heal(self):
        for path, content in self.contents.items():
            clear(path)
            path.write_bytes(content)


class Corrupted(World):
    """A World that knows two states with no segment in common: what is published has to be read."""

    def __init__(self, backend, folder):
        super().__init__(backend, folder, wrapper=AS_ANYBODY)
        self.stack.open_wide()
        self.ctl.text("apps", "create", "first", "--no-wait")
        first = self.settled()
        data = projects.api("Other", backend.url, [operation("GET", "/*")])
        self.ctl.deploy(projects.write(folder / "other", data), "--no-wait")
        self.ctl.text("apps", "create", "second", "--no-wait")
        self.ctl.text("subscribe", "second", "Other", "--no-wait")
        self.ctl.text("keys", "create", "second", "--no-wait")
        self.stack.rest.must("POST", "/api/am/admin/v4/throttling/deny-policies",
                             {"conditionType": "IP", "conditionStatus": True,
                              "conditionValue": {"fixedIp": "192.0.2.1", "invert": False}})
        self.states = [first, self.settled()]
        for kind in KINDS.values():
            paths = [state.segments[kind] for state in self.states]
            assert paths[0] != paths[1], f"both states have the same {kind}"
        self.at = 1
        self.newest = self.epoch()

    def settled(self):
        """The state after everything the controller was asked for."""
        self.wait_published(self.stack.rest.must("GET", "/api/apim/v1/info")["epoch"])
        epoch = self.epoch()
        self.mirror.sync()
        wait_until(lambda: self.gateway.snapshot()["epoch"] >= epoch, 20, "the newest state")
        return State(self)

    def next_manifest(self):
        """The other state under a new epoch, its segments in the hub: the manifest's name and bytes."""
        self.at = 1 - self.at
        self.newest += 1
        self.states[self.at].heal()
        return self.signer.at_epoch(self.states[self.at].manifest, self.newest)

    def publish_good(self):
        """The state that was damaged last, whole and under a new epoch: it must be adopted."""
        self.newest += 1
        self.states[self.at].heal()
        current = self.mirror.manifests / "CURRENT"
        if current.is_dir() and not current.is_symlink():
            current.rmdir()  # nothing can be renamed to it
        self.mirror.publish(*self.signer.at_epoch(self.states[self.at].manifest, self.newest))
        wait_until(lambda: self.gateway.snapshot()["epoch"] == self.newest, 30, "the good epoch")

    def publish_damaged(self, target, damage, chance):
        """Damages one file of the next publication before it is named."""
        name, manifest = self.next_manifest()
        path = self.mirror.manifests / name
        if target == "CURRENT":
            damage(self.mirror.manifests / "CURRENT", chance)
            return
        path.write_bytes(manifest)
        damage(path if target == "manifest" else self.states[self.at].segments[target], chance)
        self.mirror.point(name)

    def told(self, before):
        """Waits until the page says something new is wrong; the reason."""
        def reason():
            page = self.gateway.snapshot()
            if page["refusals"] > before["refusals"] and page["refused"]:
                return page["refused"]["reason"]
            return page["hub_error"] if page["hub_errors"] > before["hub_errors"] else None
        return wait_until(reason, 30, "a word about the damage")


@pytest.fixture(scope="module")
def world(backend, tmp_path_factory):
    one = Corrupted(backend, tmp_path_factory.mktemp("world"))
    yield one
    one.stack.close()


@pytest.fixture()
def running(world):
    """Requests all the time; at the end not one of them failed."""
    runner = load.Load(world.gateway.port, ["/held/1.0.0/x", "/held/1.0.0/y?z=1"], connections=4, expect='"backend"',
                       pause=0.01)
    try:
        world.gateway.wait_answered()
        yield runner
        assert runner.child.poll() is None, "the load ended too early"
        summary = runner.finish()
    finally:
        runner.abandon()
    assert load.failures(summary) == 0, summary
    assert summary["answered"] > 0


def check_serving(world, before):
    page = world.gateway.snapshot()
    assert page["epoch"] == before["epoch"] and page["ready"] and world.gateway.is_ready()
    assert world.serves()


def test_a_damaged_publication_changes_nothing(world, running):
    chance = random.Random(SEED)
    targets = ["manifest", "CURRENT", *KINDS.values()]
    # Every damage of the manifest and of CURRENT, and a sample of those of segments.
    cases = [(target, damage) for target in targets for damage in DAMAGES]
    chance.shuffle(cases)
    for number, (target, damage) in enumerate(cases[:COUNT]):
        what = f"case {number}: {target} {damage.__name__}"
        before = world.gateway.snapshot()
        world.publish_damaged(target, damage, chance)
        reason = world.told(before)
        assert reason, what
        if target in KINDS.values():
            path = world.states[world.at].segments[target]
            assert target in reason or path.stem in reason, f"{what}: {reason}"
        elif "refused" not in reason and damage in (made_a_directory, made_a_fifo, made_unreadable):
            assert str(world.mirror.manifests) in reason, f"{what}: {reason}"
        check_serving(world, before)
        world.publish_good()
        page = world.gateway.snapshot()
        assert page["refused"] is None and page["hub_error"] is None, what


@pytest.mark.parametrize("damage", [flipped, truncated, emptied, longer, overwritten, replaced, removed],
                         ids=lambda damage: damage.__name__)
def test_files_in_use_may_go(world, running, damage):
    """Nothing of an image in use is a file: not of the hub, not of the cache."""
    chance = random.Random(SEED)
    world.publish_good()
    before = world.gateway.snapshot()
    cache = world.gateway.folder / "cache"
    wait_until(lambda: cached_epoch_is_whole(world), 20, "the cache")
    for path in [*(cache / "segments").iterdir(), cache / "manifest", *world.states[world.at].segments.values()]:
        damage(path, chance)
    for _ in range(20):
        check_serving(world, before)
    # The same content again, and then another: neither needs what was damaged.
    world.publish_good()
    world.next_manifest()
    world.publish_good()


def cached_epoch_is_whole(world):
    """The cache holds what is served: its manifest is the hub's, and every segment is there."""
    def content(path):
        try:
            return path.read_bytes() if path.is_file() else None
        except OSError:  # it is being replaced just now
            return None
    cache, manifests = world.gateway.folder / "cache", world.mirror.manifests
    name = (manifests / "CURRENT").read_text().strip()
    files = {path.name: content(path) for path in (cache / "segments").iterdir()}
    return (content(cache / "manifest") == (manifests / name).read_bytes()
            and files == {path.name: held for path, held in world.states[world.at].contents.items()})


def judged(world, log_before):
    """Whether the started gateway has looked at its cache: it serves it, or said why not."""
    return world.gateway.is_ready() or "snapshot_cache_" in world.gateway.process.errors()[log_before:]


@contextlib.contextmanager
def hub_away(world):
    """Neither manifests nor segments; the gateway's own reports may go on."""
    folders = [world.mirror.folder / name for name in ("manifests", "segments")]
    for folder in folders:
        folder.rename(folder.with_suffix(".away"))
    try:
        yield
    finally:
        for folder in reversed(folders):
            folder.with_suffix(".away").rename(folder)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("target", ["manifest", "segment", "segments"])
def test_a_damaged_cache_with_the_hub_away(world, damage, target):
    """Nothing damaged is served; when the hub is back it serves, and the cache is whole again."""
    chance = random.Random(f"{SEED} {damage.__name__} {target}")
    world.next_manifest()
    world.publish_good()
    wait_until(lambda: cached_epoch_is_whole(world), 20, "the cache")
    gateway = world.gateway
    assert gateway.stop() == 0
    cache = gateway.folder / "cache"
    segments = sorted((cache / "segments").iterdir())
    paths = {"manifest": [cache / "manifest"], "segment": [chance.choice(segments)], "segments": segments}[target]
    for path in paths:
        damage(path, chance)
    with hub_away(world):
        log_before = len(gateway.process.errors())
        gateway.start()
        if not (target == "manifest" and damage is removed):  # no cache at all is no news
            wait_until(lambda: judged(world, log_before), 20, "a word about the cache")
        assert not gateway.is_ready()
        answer = gateway.request("GET", "/held/1.0.0/x")
        assert answer.status == 503, answer
        assert gateway.ask("/healthz").status == 200
    wait_until(lambda: gateway.snapshot()["epoch"] == world.newest, 20, "the hub's snapshot")
    assert world.serves()
    if target == "manifest" and damage is made_a_directory:
        clear(cache / "manifest")  # a directory is not the gateway's to remove
        return
    wait_until(lambda: cached_epoch_is_whole(world), 20, "the repaired cache")


def test_a_whole_cache_serves_with_the_hub_away(world):
    world.publish_good()
    wait_until(lambda: cached_epoch_is_whole(world), 20, "the cache")
    assert world.gateway.stop() == 0
    with hub_away(world):
        world.gateway.start()
        world.gateway.wait_ready()
        page = world.gateway.snapshot()
        assert page["epoch"] == world.newest and page["from_cache"]
        assert world.serves()
