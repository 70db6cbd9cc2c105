"""Work: what every subject of a run has to do: the calls that are admitted, and the limit that each of them counts."""

import dataclasses
import pathlib

# High enough that no load reaches it: what is measured is counting, not refusing.
LIMIT_PER_MINUTE = 1_000_000_000


@dataclasses.dataclass(frozen=True)
class Grant:
    """A key and the context of the one API that it opens: "/synthetic-7/1.0.0"."""
    key: str
    context: str


@dataclasses.dataclass(frozen=True)
class Work:
    """`limit_per_minute` holds for each operation, application and subscription by itself."""
    grants: list
    limit_per_minute: int

    @classmethod
    def open(cls, folder, limit_per_minute=LIMIT_PER_MINUTE):
        """Reads the grants.tsv of bench-world."""
        lines = (pathlib.Path(folder) / "grants.tsv").read_text().splitlines()
        return cls([Grant(*line.split("\t")) for line in lines], limit_per_minute)
