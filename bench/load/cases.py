"""Cases: the shapes of traffic that are measured."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    """`payload` bytes come down as an answer's body, or go up as a request's."""
    name: str
    payload: int
    direction: str = "down"
    connections: int = 64
    keep_alive: bool = True

    @property
    def is_bulk(self):
        """Bytes cost more than requests: throughput is what counts."""
        return self.payload >= 1 << 20

    @property
    def list_name(self):
        return "uploads.tsv" if self.direction == "up" else "requests.tsv"


ANSWER_TO_UPLOAD = 128
HEADLINES = ("128 B", "1 KiB")
CASES = [
    Case("128 B", 128),
    Case("1 KiB", 1024),
    Case("128 B, 1 connection", 128, connections=1),
    Case("128 B, 512 connections", 128, connections=512),
    Case("128 B, churn", 128, keep_alive=False),
    Case("10 KiB", 10 * 1024),
    Case("10 KiB up", 10 * 1024, "up"),
    Case("1 MiB", 1 << 20),
    Case("1 MiB up", 1 << 20, "up"),
]


def matches(name, words):
    """Whether a name is one of the words, or holds one that is no name by itself."""
    exact = {case.name for case in CASES}
    return any(word == name or (word in name and word not in exact) for word in words)


def chosen(words):
    """The cases that match; all of them without words."""
    return [case for case in CASES if not words or matches(case.name, words)]
