"""Results: on which machine and with what was measured, and the file that keeps it."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

import peers
from support import process

ROOT = pathlib.Path(__file__).resolve().parents[2]


def first_line(*command):
    try:
        run = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return ((run.stdout + run.stderr).splitlines() or [""])[0]


def peer_versions():
    """{program: its version}; peers know best how theirs is asked for."""
    if hasattr(peers, "versions"):
        return peers.versions()
    return {kind.program: first_line(kind.program, "-v") for kind in peers.installed()}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = re.findall(r"model name\s*: (.*)", file.read())
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load_before": os.getloadavg()[0]}


def versions():
    gateway = subprocess.run([process.binary("apim-gateway"), "--version"], capture_output=True, text=True).stdout
    return {"apim-gateway": gateway.splitlines(), "commit": first_line("git", "-C", str(ROOT), "rev-parse", "HEAD"),
            "compiler": first_line("g++", "--version"),
            **peer_versions()}


def save(kind, content):
    """Writes bench/results/<date>-<machine>-<kind>.json; its path from the project's root."""
    about = content["machine"]
    name = re.sub(r"[^a-z0-9]+", "-", f"{about['cpu']} {about['cores']} cores {kind}".lower()).strip("-")
    path = ROOT / "bench/results" / f"{datetime.date.today().isoformat()}-{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"versions": versions(), **content}, indent=1) + "\n")
    return path.relative_to(ROOT)
