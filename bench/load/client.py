"""Client: runs bench-client against a subject, and what that cost the subject's processes."""

import dataclasses
import json
import subprocess

from cases import ANSWER_TO_UPLOAD, Case
from cpu import LOAD_CORE, spent_ns
from support import process


class Failed(Exception):
    """The run cannot be trusted, and why."""


@dataclasses.dataclass(frozen=True)
class Shot:
    """One run of the client; `rate` 0 is a closed loop."""
    case: Case
    seconds: float
    rate: float = 0
    warm: float = 0


def command(subject, folder, shot):
    case = shot.case
    is_up = case.direction == "up"
    arguments = ["taskset", "-c", str(LOAD_CORE), process.binary("bench/bench-client"), str(subject.port),
                 str(folder / case.list_name), "--connections", str(case.connections),
                 "--seconds", str(shot.seconds), "--warm", str(shot.warm), "--rate", str(shot.rate),
                 "--query", f"bytes={ANSWER_TO_UPLOAD if is_up else case.payload}"]
    arguments += ["--body", str(case.payload)] if is_up else []
    return arguments + ([] if case.keep_alive else ["--close"])


def fire(subject, folder, shot):
    """What the client prints, with cpu_us: the subject's CPU a request. Errors are in it, and up to the caller."""
    before = spent_ns(subject.pids)
    run = subprocess.run(command(subject, folder, shot), capture_output=True, text=True, check=False)
    spent = spent_ns(subject.pids) - before
    subject.after_shot()
    if run.returncode != 0:
        raise Failed(f"{subject.name}: bench-client ended with {run.returncode}: {run.stderr}")
    result = json.loads(run.stdout)
    result["cpu_us"] = spent / 1000 / max(1, result["answered"])
    return result


def fire_well(subject, folder, shot):
    """The same, when every answer was right: an error is cheaper than an answer."""
    result = fire(subject, folder, shot)
    if result["errors"] > 0:
        raise Failed(f"{subject.name}, {shot.case.name}: {result['errors']} errors; the first: {result['first_error']}")
    if result["requests"] + result["unsent"] == 0:
        raise Failed(f"{subject.name}, {shot.case.name}: no answer within {shot.seconds} s")
    return result
