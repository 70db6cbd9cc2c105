"""Proof: that subjects do the same work: before anything is measured, each is asked what it must refuse."""

from client import Failed
from support import wire

UNKNOWN_KEY = "0" * 43
# The statuses that differ from 200 are an API manager's: who are you, and this is not yours.
EXPECTED = {"a good key": 200, "an unknown key": 401, "a key of another API": 403}


def first_path(requests):
    """{key: path} of a requests.tsv."""
    lines = (line.split("\t") for line in requests.read_text().splitlines())
    return {key: path for _, path, key in lines}


def questions(field):
    """{what is asked: (path, key)}"""
    paths = first_path(field.calls / "requests.tsv")
    grant = field.work.grants[0]
    other = next(one for one in field.work.grants if one.context != grant.context)
    return {"a good key": (paths[grant.key], grant.key),
            "an unknown key": (paths[grant.key], UNKNOWN_KEY),
            "a key of another API": (paths[other.key], grant.key)}


def prove(field):
    """Fails when a subject in a mode with keys lets something pass, or refuses what is good."""
    for subject in field.subjects:
        for what, (path, key) in questions(field).items():
            wanted = EXPECTED[what] if subject.mode != "plain" else 200
            status = wire.request(subject.port, "GET", path, {"ApiKey": key}).status
            if status != wanted:
                raise Failed(f"{subject.name} answered {what} with {status} instead of {wanted}: GET {path}")
