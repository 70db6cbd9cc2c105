"""Live run: what requests notice while APIs and keys change under them.

  editions ──one after the other──> hub ──> gateway (core 0) <──a quarter of its rate── bench-client (core 1)

Open loop at a quarter of what the gateway does in a closed one, during nothing, during an API that changes every
100 ms, and during one key more every second. No request may fail, and the slow ones must not be slower. What changes
is compiled before the requests begin: on two cores a compiler takes the time of client and origin, and a relay's
slow answers become four times as slow, too.
Usage: tools/do bench live [--quick] [--rounds N] [--seconds N]
"""

import argparse
import pathlib
import statistics
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/load"))

import bench  # noqa: E402
from client import Shot, fire  # noqa: E402
from latency import CASE, QUANTILES, WARM_S, capacity, keeps_up  # noqa: E402
from rounds import ratios, say, turns, verdict  # noqa: E402
from subjects import Field, ours  # noqa: E402
from support.hub import Mirror  # noqa: E402

SHARE_OF_CAPACITY = 0.25
NAME = ours("log")
QUIET = "nothing changes"
# {what happens: (what bench-world is told, every how many seconds)}
CHANGES = {QUIET: None, "an API every 100 ms": ("api", 0.1), "a key every second": ("key", 1.0)}
BAR = 1.20  # p99 while an API changes every 100 ms, against that of the quiet time of the same round.


class Editions:
    """A hub for the gateway, and what its world publishes next: kept until the hub is pointed at it."""

    def __init__(self, world, folder):
        self.world, self.mirror = world, Mirror(world.folder / "hub", folder)
        self.mirror.sync()

    def make(self, what, count):
        """Changes the world `count` times; the names of the manifests."""
        names = []
        for _ in range(count):
            self.world.tell(what)
            self.world.read()
            self.mirror.sync_segments()
            name, data = self.mirror.current()
            (self.mirror.manifests / name).write_bytes(data)
            names.append(name)
        return names


class Changer:
    """Points the hub at one edition after the other until it is told to stop. A context manager."""

    def __init__(self, mirror, names, period_s):
        self.mirror, self.names, self.period_s = mirror, names, period_s
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.change)

    def change(self):
        due_s = time.monotonic()
        for name in self.names:
            due_s += self.period_s
            if self.over.wait(max(0, due_s - time.monotonic())):
                return
            self.mirror.point(name)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def measure_one(field, editions, name, shot):
    """The client's result, and how many images the gateway adopted meanwhile."""
    subject = field.find(NAME)
    if CHANGES[name] is None:
        before = subject.gateway.snapshot()["epoch"]
        result = fire(subject, field.calls, shot)
    else:
        what, period_s = CHANGES[name]
        names = editions.make(what, round((shot.warm + shot.seconds) / period_s))
        before = subject.gateway.snapshot()["epoch"]
        with Changer(editions.mirror, names, period_s):
            result = fire(subject, field.calls, shot)
    return {**result, "epochs": subject.gateway.snapshot()["epoch"] - before}


def row_of(name, results, quiet):
    """Medians over the rounds, errors of all of them; p99 against the quiet time of the same round."""
    failed = next((one["first_error"] for one in results if one["errors"]), "")
    return {"change": name, "errors": sum(one["errors"] for one in results), "first_error": failed,
            "keeps_up": keeps_up(results),
            **{field: statistics.median(one[field] for one in results) for field in (*QUANTILES, "cpu_us", "epochs")},
            "p99_ratio": statistics.median(ratios([one["p99_us"] for one in results],
                                                  [one["p99_us"] for one in quiet])), "rounds": results}


def measure(options):
    with Field(lambda name: False) as field:
        editions = Editions(field.world("log"), field.folder / "editions")
        subject = field.add_gateway(NAME, "log", hub=editions.mirror.folder)
        rate = SHARE_OF_CAPACITY * capacity(field, subject, options.seconds)
        say(f"{rate:.0f} requests a second")
        results = {name: [] for name in CHANGES}
        for name in turns(list(CHANGES), options.rounds):
            shot = Shot(CASE, options.seconds, rate=rate, warm=WARM_S)
            results[name].append(measure_one(field, editions, name, shot))
        rows = [row_of(name, results[name], results[QUIET]) for name in CHANGES]
    return {"subject": NAME, "case": CASE.name, "connections": CASE.connections, "rate": rate,
            "seconds": options.seconds, "count": options.rounds, "rows": rows}


def show(content):
    print(f"{content['subject']}, {content['rate']:.0f} requests a second over {content['connections']} connections")
    print(f"{'meanwhile':<22}{'errors':>8}{'p50 us':>10}{'p99 us':>10}{'p99.9 us':>11}{'p99 x quiet':>13}"
          f"{'CPU us/request':>16}{'epochs':>8}")
    for row in content["rows"]:
        print(f"{row['change']:<22}{row['errors']:>8}{row['p50_us']:>10.0f}{row['p99_us']:>10.0f}"
              f"{row['p999_us']:>11.0f}{row['p99_ratio']:>13.2f}{row['cpu_us']:>16.2f}{row['epochs']:>8.0f}"
              f"{'' if row['keeps_up'] else '  did not keep up with the rate'}"
              f"{'  ' + row['first_error'] if row['first_error'] else ''}")


def judge(content):
    kept = [verdict(f"errors while {row['change']}", row["errors"], 0) for row in content["rows"]]
    kept += [verdict(f"p99 while {row['change']} / {QUIET}", row["p99_ratio"], BAR)
             for row in content["rows"] if row["change"] != QUIET]
    # A world that did not change, or a gateway that did not follow, would prove nothing.
    kept += [verdict(f"epochs adopted while {row['change']}", row["epochs"], 1, is_floor=True)
             for row in content["rows"] if row["change"] != QUIET]
    return all(kept) and all(row["keeps_up"] for row in content["rows"])


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench live")
    bench.add_options(parser, rounds=5, seconds=10, quick="2 rounds of 1 s; not saved")
    return bench.run("live", parser.parse_args(arguments), measure, show, judge)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
