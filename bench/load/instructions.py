"""Instructions: what one request through the spine costs, counted by callgrind; noise cannot touch it.

One worker, one client connection, one request after the other, so every request runs the same code. Counted is the
worker's thread only, from the first byte read to the end of its loop turns, kernel excluded. The committed figures
stand in bench/results/instructions.json; a request that costs 3 % more fails.
Usage: tools/do bench --instructions [--growth 1.03] [--save]
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support import process, projects, wire  # noqa: E402
from support.stack import Stack  # noqa: E402

COMMITTED = ROOT / "bench/results/instructions.json"
WARM_UP, COUNTED = 300, 1000


class Failed(Exception):
    """The count cannot be trusted, and why."""


def tool(name, *arguments):
    found = process.Process(f"bench-{name}", [process.binary(f"bench/bench-{name}"), *map(str, arguments)],
                            pathlib.Path("/dev/null"), r"127.0.0.1:(\d+)")
    return found, int(found.match.group(1))


def control(pid, *arguments):
    run = subprocess.run(["callgrind_control", *arguments, str(pid)], capture_output=True, text=True)
    if run.returncode != 0:
        raise Failed(f"callgrind_control: {run.stdout}{run.stderr}")


def send(port, path, key, count):
    request = wire.encode("GET", path, {"ApiKey": key, "User-Agent": "bench", "Accept": "*/*"})
    with wire.Connection(port, seconds=60) as connection:
        for _ in range(count):
            connection.send(request)
            answer = connection.read_answer()
            if answer.status != 200:
                raise Failed(f"{path} was answered {answer}")


def worker_total(folder):
    """Instructions of the busiest thread in the newest dumps."""
    totals = []
    for dump in folder.glob("counted.*"):
        found = re.search(r"^(?:summary|totals): (\d+)", dump.read_text(errors="replace"), re.MULTILINE)
        if found:
            totals.append(int(found.group(1)))
    if not totals:
        raise Failed(f"callgrind wrote nothing to {folder}")
    return max(totals)


def count(stack, gateway, folder, path, key):
    send(gateway.port, path, key, WARM_UP)
    for old in folder.glob("counted.*"):
        old.unlink()
    control(gateway.pid, "--zero")
    send(gateway.port, path, key, COUNTED)
    control(gateway.pid, "--dump")
    return worker_total(folder) / COUNTED


def measure():
    """{case: instructions a request}."""
    with Stack(workers=1, gateway={"log.access": ""}) as stack:
        folder = stack.folder / "callgrind"
        folder.mkdir()
        stack.open_wide()
        origin, origin_port = tool("origin", 0, 128)
        try:
            for level in ("subscription", "application", "advanced"):
                stack.ctl.text("policies", "create", level, f"Bench{level.title()}", "--limit", "2000000000/min")
            full = [projects.operation("GET", "/orders/{id}", policy="BenchAdvanced")]
            bare = [projects.operation("GET", "/orders/{id}", auth="None")]
            url = f"http://127.0.0.1:{origin_port}"
            for name, operations in (("Full", full), ("Bare", bare)):
                data = projects.api(name, url, operations, policies=["BenchSubscription"])
                stack.ctl.deploy(projects.write(stack.folder / name, data), "--wait")
            key = stack.ctl.client("bench", "Full", "BenchSubscription", application_plan="BenchApplication")
            gateway = stack.add_gateway("counted", {"log.level": "warn"}, workers=1, wrapper=[
                "valgrind", "--tool=callgrind", "--separate-threads=yes",
                f"--callgrind-out-file={folder}/counted", "--quiet"]).wait_ready(120)
            return {"plain": count(stack, gateway, folder, "/bare/1.0.0/orders/7", key),
                    "key, subscription, 3 limits, access log":
                        count(stack, gateway, folder, "/full/1.0.0/orders/7", key)}
        finally:
            origin.stop()
            if "APIM_KEEP_CALLGRIND" in os.environ:
                subprocess.run(["cp", "-r", str(folder), os.environ["APIM_KEEP_CALLGRIND"]], check=False)


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench --instructions")
    parser.add_argument("--growth", type=float, default=1.03, help="how much more than committed is allowed")
    parser.add_argument("--save", action="store_true", help="commit to what is counted now")
    options = parser.parse_args(arguments)
    try:
        now = measure()
    except (Failed, process.Failed) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    before = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {}
    good = True
    for case, instructions in now.items():
        old = before.get(case)
        ratio = instructions / old if old else 1.0
        kept = ratio <= options.growth
        good = good and kept
        print(f"{case:<42}{instructions:>9.0f} instructions a request"
              + (f", committed {old:.0f}, {100 * (ratio - 1):+.1f} %{'' if kept else ': GREW'}" if old else ""))
    if options.save or not before:
        COMMITTED.write_text(json.dumps({case: round(value) for case, value in now.items()}, indent=1) + "\n")
        print(f"written: {COMMITTED.relative_to(ROOT)}")
        return 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
