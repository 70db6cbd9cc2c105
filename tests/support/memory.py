"""Memory: what a process keeps resident."""

import pathlib


def resident_kib(pid):
    """Private and shared resident memory of `pid`."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


def open_files(pid):
    """How many descriptors `pid` holds."""
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
