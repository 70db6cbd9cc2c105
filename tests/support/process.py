"""Process: one real binary under test, from its ready line to its end.

Its standard error is kept in a file and shown when a scene fails. It is stopped by its own pid only.
"""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 40

RUNNING = []  # every process a scene has started and not yet stopped


class Failed(Exception):
    """A binary did not do what a scene needs: it did not start, or did not get ready."""


def binary(name):
    """The path of a built binary: in $APIM_BUILD, else build/; what is not there, in $APIM_BUILD_FALLBACK."""
    folders = [os.environ.get("APIM_BUILD", "build"), os.environ.get("APIM_BUILD_FALLBACK", "")]
    paths = [ROOT / folder / name for folder in folders if folder]
    for path in paths:
        if path.exists():
            return str(path)
    raise Failed(f"{paths[0]} is missing: run tools/do build")


def wait_until(condition, seconds=30, what="the condition"):
    """Calls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"{what} did not come true within {seconds} s")
        time.sleep(0.01)


class Process:
    """A started binary. `ready` is a regular expression of its line on standard output."""

    def __init__(self, name, arguments, log, ready, env=None):
        self.name = name
        self.log = pathlib.Path(log)
        self.lines = []
        self.match = None
        self._seen = threading.Event()
        with open(self.log, "ab") as errors:
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, **(env or {})}, start_new_session=True)
        self.pid = self.child.pid
        RUNNING.append(self)
        self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self._reader.start()
        if not self._seen.wait(READY_SECONDS) or self.match is None:
            text = self.tail()
            self.stop()
            raise Failed(f"{name} did not get ready; its standard error:\n{text}")

    def _read(self, ready):
        for raw in self.child.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            self.lines.append(line)
            found = re.search(ready, line)
            if found and self.match is None:
                self.match = found
                self._seen.set()
        self._seen.set()

    @property
    def alive(self):
        return self.child.poll() is None

    def tail(self, count=60):
        """The newest lines of its standard error."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def errors(self):
        """All of its standard error."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def signal(self, number):
        if self.alive:
            os.kill(self.pid, number)

    def kill(self):
        """kill -9, and waits for the end."""
        self.signal(signal.SIGKILL)
        self.child.wait()
        self._gone()

    def stop(self):
        """Asks it to end, waits, and returns its exit code."""
        if self.alive:
            self.signal(signal.SIGTERM)
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._gone()
        return self.child.returncode

    def _gone(self):
        if self in RUNNING:
            RUNNING.remove(self)
        self._reader.join(5)
        if self.child.stdout:
            self.child.stdout.close()


def run(arguments, env=None, text=None, seconds=120):
    """Runs a program to its end: (exit code, standard output, standard error)."""
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, timeout=seconds,
                          env={**os.environ, **(env or {})}, check=False)
    return done.returncode, done.stdout, done.stderr
