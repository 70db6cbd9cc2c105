"""Postgres: a real PostgreSQL server on a free port, in a folder of its own, for as long as a scene needs it."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

from .process import Failed


def _programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise Failed("PostgreSQL is not installed: run tools/do setup")
    return found[-1]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """Runs as `postgres` when we are root, because it refuses to run as root."""

    def __init__(self):
        self.bin = _programs()
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = self.folder / "data"
        self._run("initdb", "-D", str(self.data), "-U", "apim", "--auth=trust", "-N", "-E", "UTF8",
                  "--locale=C")
        self.port = _free_port()
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-o", options,
                  "start")

    def _run(self, program, *arguments):
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failed(f"{program} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def create(self, name):
        """A new database; its URL."""
        self.query(f"CREATE DATABASE {name}", "postgres")
        return f"postgresql://apim@127.0.0.1:{self.port}/{name}"

    def query(self, sql, database):
        """The rows as text, one a line, columns apart by '|'."""
        return self._run("psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "apim", "-d", database,
                         "-At", "-c", sql)

    def stop(self):
        try:
            self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
