"""Peer: a product running beside the gateway, from its filled-in configuration to its end."""

import pathlib
import re
import socket
import subprocess

from support import process, wire

HERE = pathlib.Path(__file__).resolve().parent
MODES = ("plain", "key", "limits", "log")
READY_SECONDS = 30
MARK = re.compile(r"(plain|key|limits|log)(\+?):(.*)", re.DOTALL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def select(text, mode):
    """The lines of a configuration that belong to `mode`, without their marks."""
    kept = []
    for line in text.splitlines(keepends=True):
        marked = MARK.match(line)
        if not marked:
            kept.append(line)
            continue
        first, and_more, rest = marked.groups()
        if first == mode or (and_more and MODES.index(mode) > MODES.index(first)):
            kept.append(rest)
    return "".join(kept)


def fill(text, values):
    """@name@ replaced by its value; a comment may say @names@."""
    return re.sub(r"@(\w+)@", lambda found: str(values.get(found.group(1), found.group(0))), text)


class Peer:
    """A running peer. Its configuration, its log and its errors are in `folder`.

    `work` needs `grants` (each with a key and the API's context) and `limit_per_minute`; plain needs none.
    """

    program = ""
    modes = MODES

    def __init__(self, folder, origin_port, mode="plain", work=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.mode = free_port(), mode
        self.grants = work.grants if work else []
        self.values = {"folder": self.folder, "origin": origin_port, "port": self.port, "mode": mode, "here": HERE,
                       "limit": work.limit_per_minute if work else 0}
        self.prepare()
        with open(self.folder / "errors.log", "w", encoding="utf-8") as errors:
            self.child = self.start(errors)
        try:
            process.wait_until(self.answers, READY_SECONDS, f"the answer of {self.program}")
        except process.Failed:
            self.stop()
            raise
        self.pids = self.workers()

    def prepare(self):
        """Writes the files that its command names."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def start(self, errors):
        return subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)

    def workers(self):
        """The processes that do the work."""
        return [self.child.pid]

    def numbered(self):
        """(subscription, grant) of each: a subscription is named by its number."""
        return enumerate(self.grants, 1)

    def contexts(self):
        return sorted({grant.context for grant in self.grants})

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def write_lines(self, name, lines):
        self.write(name, "".join(f"{line}\n" for line in lines))

    def write_grants(self):
        self.write_lines("grants.txt", (f"{grant.key} {number} {grant.context}" for number, grant in self.numbered()))

    def configure(self, *names):
        """Files of this folder, filled in and of this mode only."""
        for name in names:
            self.write(name, self.filled(name))

    def filled(self, name):
        return fill(select((HERE / name).read_text(encoding="utf-8"), self.mode), self.values)

    def answers(self):
        if self.child.poll() is not None:
            raise process.Failed(f"{self.program} ended:\n{(self.folder / 'errors.log').read_text()}")
        try:
            return wire.request(self.port, "GET", "/").status
        except (OSError, wire.Closed):
            return None

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
