"""Load run: CPU per request of the gateway, of the null relay and of other proxies, side by side in one run.

  load (wrk) ──core 1──> subject ──core 0──> origin (core 1)

Rounds are interleaved (relay, gateway, nginx, HAProxy, relay, ...), so that what the machine does meanwhile hits all of
them.
Any answer that is not 200, any socket error and any missing request fails the run. Method and noise: bench/README.md.
Usage: tools/do bench [load] [--quick] [--rounds N] [--seconds N] [--connections N] [--bar RATIO]
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/load"))

import peers  # noqa: E402
from results import machine, save  # noqa: E402
from support import process, projects  # noqa: E402
from support.stack import Stack  # noqa: E402

SUBJECT_CORE, LOAD_CORE = 0, 1
PAYLOADS = (128, 1024)
FULL = "gateway: key, subscription, 3 limits"

class Failed(Exception):
    """The run cannot be trusted, and why."""


class Subject:
    """One column: where to send requests, with which header, and whose CPU is counted."""

    def __init__(self, name, url, pids, header=None):
        self.name, self.url, self.pids, self.header = name, url, pids, header


class Cell:
    """One subject at one payload: what its rounds measured."""

    def __init__(self, subject, payload):
        self.subject, self.payload = subject, payload
        self.cpu_us, self.rate, self.p99_ms = [], [], []


def pin(pid, core):
    """Pins every thread of a process."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {core})


def cpu_ns(pid):
    """CPU time of a process and its threads, from the kernel's clock of that process."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def tool(name, *arguments):
    """Starts one of bench's C programs on a free port: (process, port)."""
    found = process.Process(f"bench-{name}", [process.binary(f"bench/bench-{name}"), *map(str, arguments)],
                            pathlib.Path(tempfile.gettempdir()) / f"bench-{name}.log", r"127.0.0.1:(\d+)")
    return found, int(found.match.group(1))


class Field:
    """Everything that runs during one load run, for one payload after the other."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-bench-"))
        self.started = []
        self.stack = None
        self.subjects = {}  # payload -> [Subject]

    def start(self):
        self.stack = Stack(workers=1, gateway={"log.access": "", "log.level": "warn"})
        self.logged = self.stack.add_gateway("logged", {"log.level": "warn"}, workers=1).wait_ready()
        self.make_policies()
        for payload in PAYLOADS:
            self.subjects[payload] = self.start_payload(payload)
        pin(self.stack.controller.process.pid, LOAD_CORE)
        for gateway in self.stack.gateways:
            pin(gateway.pid, SUBJECT_CORE)

    def make_policies(self):
        """Limits that are counted and never reached."""
        for level in ("subscription", "application", "advanced"):
            self.stack.ctl.text("policies", "create", level, f"Bench{level.title()}", "--limit", "2000000000/min")
        self.stack.ctl.application("bench", "BenchApplication")
        self.lift_unauthenticated()

    def lift_unauthenticated(self):
        """Calls without a key are limited by the plan of that name; the plain column must not reach it."""
        rest, path = self.stack.rest, "/api/am/admin/v4/throttling/policies/subscription"
        plan = next(one for one in rest.must("GET", path)["list"] if one["policyName"] == "Unauthenticated")
        plan["defaultLimit"]["requestCount"]["requestCount"] = 2_000_000_000
        rest.must("PUT", f"{path}/{plan['policyId']}", plan)

    def start_payload(self, payload):
        origin, origin_port = tool("origin", 0, payload)
        relay, relay_port = tool("relay", 0, origin_port)
        self.started += [origin, relay]
        pin(origin.pid, LOAD_CORE)
        pin(relay.pid, SUBJECT_CORE)
        url = f"http://127.0.0.1:{origin_port}"
        key = self.deploy(payload, url)
        gateway, logged = self.stack.gateway, self.logged
        path, bare = f"/full{payload}/1.0.0/orders/7", f"/bare{payload}/1.0.0/orders/7"
        header = f"ApiKey: {key}"
        subjects = [
            Subject("null relay", f"http://127.0.0.1:{relay_port}{path}", [relay.pid], header),
            Subject("gateway: no policy", f"http://127.0.0.1:{gateway.port}{bare}", [gateway.pid], header),
            Subject(FULL, f"http://127.0.0.1:{gateway.port}{path}", [gateway.pid], header),
            Subject("the same with access log", f"http://127.0.0.1:{logged.port}{path}", [logged.pid], header),
        ]
        for kind in peers.installed():
            peer = kind(self.folder / f"{kind.program}{payload}", origin_port)
            self.started.append(peer)
            for pid in peer.workers:
                pin(pid, SUBJECT_CORE)
            subjects.append(Subject(f"{kind.program}: plain proxy", f"http://127.0.0.1:{peer.port}{path}",
                                    peer.workers, header))
        return subjects

    def deploy(self, payload, url):
        """An API with everything and one without: the key of an application subscribed to the first."""
        limited = [projects.operation("GET", "/orders/{id}", policy="BenchAdvanced"),
                   projects.operation("POST", "/orders", policy="BenchAdvanced")]
        bare = [projects.operation("GET", "/orders/{id}", auth="None")]
        full = projects.api(f"Full{payload}", url, limited, policies=["BenchSubscription"])
        open_api = projects.api(f"Bare{payload}", url, bare)
        for data in (full, open_api):
            self.stack.ctl.deploy(projects.write(self.folder / data["name"], data), "--wait")
        self.stack.ctl.subscribe("bench", full["name"], "BenchSubscription")
        key = self.stack.ctl.key("bench")
        for gateway in self.stack.gateways:
            process.wait_until(lambda g=gateway: g.request("GET", f"/full{payload}/1.0.0/orders/7",
                                                           {"ApiKey": key}).status == 200, 30, "the first 200")
        return key

    def close(self):
        for one in self.started:
            one.stop()
        if self.stack:
            self.stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Failed(f"wrk printed nothing like {pattern}:\n{text}")
    return found


def milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def load(subject, seconds, connections):
    """One run of wrk: (requests, requests a second, p99 in ms)."""
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-H", subject.header] if subject.header else []
    text = subprocess.run([*command, subject.url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise Failed(f"{subject.name} gave errors:\n{text}")
    requests = int(number(r"(\d+) requests in", text).group(1))
    if requests == 0:
        raise Failed(f"{subject.name} answered nothing:\n{text}")
    rate = float(number(r"Requests/sec:\s+([\d.]+)", text).group(1))
    return requests, rate, milliseconds(number(r"99%\s+([\d.]+(?:us|ms|s))\b", text).group(1))


def measure(cell, seconds, connections):
    before = sum(cpu_ns(pid) for pid in cell.subject.pids)
    requests, rate, p99_ms = load(cell.subject, seconds, connections)
    spent = sum(cpu_ns(pid) for pid in cell.subject.pids) - before
    cell.cpu_us.append(spent / 1000 / requests)
    cell.rate.append(rate)
    cell.p99_ms.append(p99_ms)


def run_rounds(cells, options):
    for cell in cells:
        load(cell.subject, 1, options.connections)  # warms connections and caches
    for turn in range(options.rounds):
        start = turn % len(cells)  # nobody is always the first
        for cell in cells[start:] + cells[:start]:
            measure(cell, options.seconds, options.connections)
        print(f"round {turn + 1}/{options.rounds} done", file=sys.stderr, flush=True)


def ratios(cell, relay):
    """Per round, against the relay's figure of the same round."""
    return [mine / floor for mine, floor in zip(cell.cpu_us, relay.cpu_us)]


def summary(cells):
    """A row for each cell; figures are medians over the rounds."""
    rows = []
    for cell in cells:
        relay = next(one for one in cells if one.payload == cell.payload and one.subject.name == "null relay")
        against = ratios(cell, relay)
        rows.append({
            "subject": cell.subject.name, "payload_bytes": cell.payload,
            "cpu_us": statistics.median(cell.cpu_us), "cpu_us_min": min(cell.cpu_us), "cpu_us_max": max(cell.cpu_us),
            "ratio": statistics.median(against), "ratio_min": min(against), "ratio_max": max(against),
            "requests_per_s": statistics.median(cell.rate), "p99_ms": statistics.median(cell.p99_ms),
            "rounds": {"cpu_us": cell.cpu_us, "requests_per_s": cell.rate, "p99_ms": cell.p99_ms}})
    return rows


def show(rows):
    print(f"{'bytes':>6}  {'subject':<38}{'CPU us/request':>15}{'min..max':>16}{'x relay':>9}{'min..max':>13}"
          f"{'requests/s':>12}{'p99 ms':>8}")
    for row in rows:
        print(f"{row['payload_bytes']:>6}  {row['subject']:<38}{row['cpu_us']:>15.2f}"
              f"{row['cpu_us_min']:>9.2f}..{row['cpu_us_max']:.2f}{row['ratio']:>9.2f}"
              f"{row['ratio_min']:>7.2f}..{row['ratio_max']:.2f}{row['requests_per_s']:>12.0f}{row['p99_ms']:>8.2f}")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench")
    parser.add_argument("name", nargs="?", default="load", choices=["load"], help="what to measure")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 s; not saved")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="of each cell in each round")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--bar", type=float, default=1.25, help="the gateway's bar against the relay")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.seconds = 2, 1
    return options


def judge(rows, bar):
    """Says whether the gateway keeps its bar; True when it does."""
    kept = True
    for row in rows:
        if row["subject"] == FULL:
            good = row["ratio"] <= bar
            kept = kept and good
            print(f"{row['payload_bytes']} bytes: {FULL}: {row['ratio']:.2f}x the relay, bar {bar:.2f}x: "
                  f"{'kept' if good else 'MISSED'}")
    return kept


def main(arguments):
    options = parse(arguments)
    if os.cpu_count() < 2:
        print("bench: two cores are needed, one for the subject and one for the load", file=sys.stderr)
        return 2
    about = machine()
    field = Field()
    try:
        field.start()
        cells = [Cell(subject, payload) for payload, all_of in field.subjects.items() for subject in all_of]
        run_rounds(cells, options)
    except (Failed, process.Failed) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    finally:
        field.close()
    rows = summary(cells)
    print(f"{about['cpu']}, {about['cores']} cores, kernel {about['kernel']}, load before {about['load_before']:.1f}; "
          f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s")
    show(rows)
    kept = judge(rows, options.bar)
    if not options.quick:
        content = {"machine": about, "connections": options.connections, "seconds": options.seconds, "rows": rows}
        print(f"written: {save('load', content)}")
    return 0 if kept or options.quick else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
