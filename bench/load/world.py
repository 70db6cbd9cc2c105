"""World: bench-world and its hub, made by the controller's own compiler and publisher, for gateways to read."""

import json
import subprocess

from support import process
from support.stack import Gateway


class World:
    """bench-world with its hub in `folder`; `options` are its own, without their dashes."""

    def __init__(self, folder, **options):
        self.folder = folder
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        self.child = subprocess.Popen([process.binary("bench/bench-world"), str(folder), *arguments],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.made = self.read()

    @property
    def pid(self):
        return self.child.pid

    def read(self):
        line = self.child.stdout.readline()
        if not line:
            raise process.Failed(f"bench-world ended with {self.child.wait()}")
        return json.loads(line)

    def tell(self, what):
        """Asks for a change, "key" or "api"; what it took is the next line to read."""
        self.child.stdin.write(what + "\n")
        self.child.stdin.flush()

    def gateway(self, name, settings=None, workers=1, hub=None):
        """A gateway on this world's hub or a copy of it, without access log unless `settings` say so."""
        # All connections come from one address here.
        return Gateway(self.folder / name, hub or self.folder / "hub", self.folder / "keys/snapshot.pub",
                       {"log.access": "", "log.level": "warn", "limits.connections_per_address": 100_000,
                        **(settings or {})}, workers=workers)

    def close(self):
        """Ends it; the hub stays."""
        self.child.stdin.close()
        self.child.wait()
