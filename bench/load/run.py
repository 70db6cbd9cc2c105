"""Load run: CPU per request of the gateway, of the null relay and of other proxies, side by side in one run.

  bench-client ──core 1──> subject ──core 0──> origin (core 1)

Rounds are interleaved, so that what the machine does meanwhile hits all subjects. Any answer that is not 200, any
socket error and any missing answer fails the run. Method and noise: bench/README.md.
Usage: tools/do bench [load] [--quick] [--rounds N] [--seconds N] [--cases WORD,...] [--subjects WORD,...]
"""

import argparse
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/load"))

import bench  # noqa: E402
import cases  # noqa: E402
from bars import judge_load  # noqa: E402
from client import Failed, Shot, fire_well  # noqa: E402
from proof import prove  # noqa: E402
from rounds import ratios, say, spread, turns  # noqa: E402
from subjects import RELAY, Field  # noqa: E402

NAMES = ("load", "latency", "live", "workers", "scale", "micro", "report")
WARM_S = 0.2  # Connections are made and caches filled before anything counts.


class Cell:
    """One subject in one case: what its rounds measured."""

    def __init__(self, case, subject):
        self.case, self.subject = case, subject
        self.cpu_us, self.rate, self.p99_us = [], [], []

    def measure(self, field, seconds):
        result = fire_well(self.subject, field.calls, Shot(self.case, seconds, warm=WARM_S))
        self.cpu_us.append(result["cpu_us"])
        self.rate.append(result["per_s"])
        self.p99_us.append(result["p99_us"])

    def row(self, relay):
        """Figures are medians over the rounds; ratios are taken within a round."""
        case, rate = self.case, statistics.median(self.rate)
        row = {"case": case.name, "subject": self.subject.name, "payload_bytes": case.payload,
               "direction": case.direction, "connections": case.connections, "keep_alive": case.keep_alive,
               **spread("cpu_us", self.cpu_us), **spread("ratio", ratios(self.cpu_us, relay.cpu_us)),
               "requests_per_s": rate, "p99_ms": statistics.median(self.p99_us) / 1000,
               "rounds": {"cpu_us": self.cpu_us, "requests_per_s": self.rate, "p99_us": self.p99_us}}
        if case.is_bulk:
            row["mb_per_s"] = rate * case.payload / 1e6
        return row


def measure_case(field, case, options):
    """The rows of one case."""
    cells = [Cell(case, subject) for subject in field.subjects]
    for cell in turns(cells, options.rounds):
        cell.measure(field, options.seconds)
    say(f"{case.name}: {options.rounds} rounds done")
    relay = next(cell for cell in cells if cell.subject.name == RELAY)
    return [cell.row(relay) for cell in cells]


def show(rows):
    wide = max(len(row["subject"]) for row in rows) + 2
    print(f"{'case':<24}{'subject':<{wide}}{'CPU us/request':>15}{'min..max':>18}{'x relay':>9}{'min..max':>13}"
          f"{'requests/s':>12}{'p99 ms':>8}{'MB/s':>8}")
    for row in rows:
        bulk = f"{row['mb_per_s']:>8.0f}" if "mb_per_s" in row else ""
        around = f"{row['cpu_us_min']:.2f}..{row['cpu_us_max']:.2f}"
        print(f"{row['case']:<24}{row['subject']:<{wide}}{row['cpu_us']:>15.2f}{around:>18}{row['ratio']:>9.3f}"
              f"{row['ratio_min']:>7.2f}..{row['ratio_max']:.2f}{row['requests_per_s']:>12.0f}{row['p99_ms']:>8.2f}"
              f"{bulk}")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench")
    parser.add_argument("name", nargs="?", default="load", help=f"what to measure: {', '.join(NAMES)}")
    parser.add_argument("--cases", type=bench.words, default=[], help="only those whose name holds one of these words")
    parser.add_argument("--subjects", type=bench.words, default=[], help="the same; the relay is always measured")
    bench.add_options(parser, rounds=5, seconds=2, quick="2 rounds of 1 s of the first case; not saved")
    options = parser.parse_args(arguments)
    if options.name != "load":  # tools/do takes the others to their own programs.
        parser.error(f"there is no '{options.name}'; there are {', '.join(NAMES)}, and --instructions")
    if options.quick and not options.cases:
        options.cases = [cases.HEADLINES[0]]
        options.chosen = [cases.CASES[0]]
    else:
        options.chosen = cases.chosen(options.cases)
    if not options.chosen:
        parser.error(f"no case holds {' or '.join(options.cases)}; they are: "
                     + "; ".join(case.name for case in cases.CASES))
    return options


def measure(options):
    wanted = lambda name: not options.subjects or any(word in name for word in options.subjects)
    with Field(wanted) as field:
        if len(field.subjects) == 1:
            raise Failed(f"no subject's name holds {' or '.join(options.subjects)}; try apim, nginx, HAProxy or Node")
        prove(field)
        rows = [row for case in options.chosen for row in measure_case(field, case, options)]
    return {"seconds": options.seconds, "count": options.rounds, "rows": rows}


def main(arguments):
    options = parse(arguments)
    return bench.run("load", options, measure, lambda content: show(content["rows"]),
                     lambda content: judge_load(content["rows"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
