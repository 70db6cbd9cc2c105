"""Hub: the folder of snapshots that a gateway reads, filled by a scene instead of the controller."""

import base64
import ctypes
import ctypes.util
import hashlib
import pathlib
import shutil
import struct
import time

from . import projects, stack as stacks
from .process import wait_until
from .projects import operation

ENVIRONMENT = "Default"
HEADER_BYTES = 64
SIGNATURE_BYTES = 64
EPOCH_FIELD = 1  # of the table Manifest, schemas/snapshot/manifest.fbs


class Mirror:
    """A hub of our own that the gateway reads: filled from the controller's, or with something else."""

    def __init__(self, hub, folder):
        self.hub, self.folder = pathlib.Path(hub), pathlib.Path(folder)
        self.manifests = self.folder / "manifests" / ENVIRONMENT
        self.manifests.mkdir(parents=True)

    def current(self):
        """Name and bytes of the controller's current manifest."""
        source = self.hub / "manifests" / ENVIRONMENT
        name = (source / "CURRENT").read_text().strip()
        return name, (source / name).read_bytes()

    def sync_segments(self):
        self.add_segments(self.hub)

    def add_segments(self, hub):
        """Those of any hub, without drafts that its controller may be writing."""
        shutil.copytree(hub / "segments", self.folder / "segments", dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("*.tmp"))

    def point(self, name):
        draft = self.manifests / "CURRENT.tmp"
        draft.write_text(name + "\n")
        draft.rename(self.manifests / "CURRENT")

    def publish(self, name, data):
        draft = self.manifests / (name + ".tmp")
        draft.write_bytes(data)
        draft.rename(self.manifests / name)
        self.point(name)

    def sync(self):
        self.sync_segments()
        self.publish(*self.current())

    def segment_path(self, digest):
        return self.folder / "segments" / digest[:2] / f"{digest}.seg"

    def newest_segments(self, known):
        """Segment files that `known` (a set of names) lacks."""
        return [path for path in (self.folder / "segments").rglob("*.seg") if path.name not in known]

    def segment_names(self):
        return {path.name for path in (self.folder / "segments").rglob("*.seg")}


class Signer:
    """The controller's own key, for manifests that it never wrote."""

    def __init__(self, controller):
        self.sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
        assert self.sodium.sodium_init() >= 0
        seed = base64.b64decode((controller.data / "keys/snapshot.key").read_text())[:32]
        public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        assert self.sodium.crypto_sign_seed_keypair(public, self.secret, seed) == 0

    def sign(self, header_and_payload):
        """`header_and_payload` followed by its signature."""
        signature = ctypes.create_string_buffer(SIGNATURE_BYTES)
        length = ctypes.c_ulonglong(len(header_and_payload))
        assert self.sodium.crypto_sign_detached(signature, None, header_and_payload, length, self.secret) == 0
        return header_and_payload + signature.raw

    def sign_payload(self, manifest, payload):
        """A manifest with the header of `manifest`, made to fit `payload`."""
        header = bytearray(manifest[:HEADER_BYTES])
        header[16:24] = struct.pack("<Q", len(payload))
        header[24:56] = hashlib.sha256(payload).digest()
        return self.sign(bytes(header) + payload)

    def at_epoch(self, manifest, epoch):
        """The name and the bytes of the same content under another epoch."""
        payload = bytearray(manifest[HEADER_BYTES:-SIGNATURE_BYTES])
        table = struct.unpack_from("<I", payload)[0]
        slots = table - struct.unpack_from("<i", payload, table)[0]
        field = struct.unpack_from("<H", payload, slots + 4 + 2 * EPOCH_FIELD)[0]
        assert field != 0, "the manifest has no epoch"
        struct.pack_into("<Q", payload, table + field, epoch)
        return f"{epoch:020d}.manifest", self.sign_payload(manifest, bytes(payload))


class World:
    """A controller, its mirror, and a gateway that serves one good epoch of it."""

    def __init__(self, backend, folder, settings=None, wrapper=()):
        self.stack = stacks.Stack(with_gateway=False)
        self.ctl = self.stack.ctl
        data = projects.api("Held", backend.url, [operation("GET", "/*", auth="None")])
        self.ctl.deploy(projects.write(folder / "held", data), "--no-wait")
        controller = self.stack.controller
        self.mirror = Mirror(controller.hub, folder / "mirror")
        self.gateway = stacks.Gateway(folder / "gateway", self.mirror.folder, controller.public_key, settings,
                                      wrapper=wrapper)
        self.stack.gateways.append(self.gateway)
        self.signer = Signer(controller)
        self.wait_published(1)
        self.good()

    def epoch(self):
        return int(self.mirror.current()[0].split(".")[0])

    def wait_published(self, epoch):
        path = self.mirror.hub / "manifests" / ENVIRONMENT / "CURRENT"
        wait_until(lambda: path.exists() and self.epoch() >= epoch, 20, "a publication")

    def change(self):
        """Makes the controller publish one more epoch; returns it."""
        before = self.epoch()
        self.ctl.text("apps", "create", f"noise-{time.time_ns()}", "--no-wait")
        self.wait_published(before + 1)
        return self.epoch()

    def good(self):
        """Lets the gateway have the newest epoch; returns it."""
        epoch = self.change()
        self.mirror.sync()
        wait_until(lambda: self.gateway.snapshot()["epoch"] >= epoch, 20, "the good epoch")
        return epoch

    def serves(self):
        return self.gateway.request("GET", "/held/1.0.0/x").status == 200

    def refused(self, before, words, epoch=None):
        """Waits for a refusal after `before`; checks the reason; the old epoch serves on."""
        def page():
            found = self.gateway.snapshot()
            return found if found["refusals"] > before["refusals"] and found["refused"] else None
        seen = wait_until(page, 20, "a refusal")
        reason = seen["refused"]["reason"]
        assert any(word in reason.lower() for word in words), reason
        if epoch is not None:
            assert seen["refused"]["epoch"] == epoch
        assert seen["epoch"] == before["epoch"] and seen["ready"]
        assert self.serves()
        return reason
