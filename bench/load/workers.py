"""Workers run: what a second worker costs a request: locks, shared limits, shared caches.

On two cores two workers cannot have one each beside the load, so both share the subject's core, as one worker has it
alone: what is compared is CPU per request of the same gateway, not throughput.
Usage: tools/do bench workers [--quick] [--rounds N] [--seconds N]
"""

import argparse
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/load"))

import bench  # noqa: E402
from cases import CASES, HEADLINES  # noqa: E402
from client import Shot, fire_well  # noqa: E402
from rounds import ratios, spread, turns, verdict  # noqa: E402
from subjects import Field, ours  # noqa: E402

WARM_S = 0.2
COUNTS = (1, 2)
BAR = 1.05


def name_of(count):
    return f"{ours('log')}, {count} worker{'' if count == 1 else 's'}"


def measure_case(field, case, options):
    results = {count: [] for count in COUNTS}
    for count in turns(list(COUNTS), options.rounds):
        shot = Shot(case, options.seconds, warm=WARM_S)
        results[count].append(fire_well(field.find(name_of(count)), field.calls, shot))
    cost = {count: [one["cpu_us"] for one in results[count]] for count in COUNTS}
    return [{"case": case.name, "workers": count, **spread("cpu_us", cost[count]),
             **spread("ratio", ratios(cost[count], cost[1])),
             "requests_per_s": statistics.median(one["per_s"] for one in results[count]), "rounds": results[count]}
            for count in COUNTS]


def measure(options):
    with Field(lambda name: False) as field:
        for count in COUNTS:
            field.add_gateway(name_of(count), "log", count)
        rows = [row for case in CASES if case.name in HEADLINES for row in measure_case(field, case, options)]
    return {"seconds": options.seconds, "count": options.rounds, "rows": rows}


def show(content):
    print(f"{'case':<10}{'workers':>8}{'CPU us/request':>16}{'min..max':>16}{'x one':>8}{'min..max':>13}"
          f"{'requests/s':>12}")
    for row in content["rows"]:
        print(f"{row['case']:<10}{row['workers']:>8}{row['cpu_us']:>16.2f}{row['cpu_us_min']:>9.2f}.."
              f"{row['cpu_us_max']:.2f}{row['ratio']:>8.3f}{row['ratio_min']:>7.2f}..{row['ratio_max']:.2f}"
              f"{row['requests_per_s']:>12.0f}")
    print("all workers share one core: the other one is the load's")


def judge(content):
    return all([verdict(f"{row['case']}: CPU of two workers / one", row["ratio"], BAR)
                for row in content["rows"] if row["workers"] == 2])


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench workers")
    bench.add_options(parser, rounds=5, seconds=2, quick="2 rounds of 1 s; not saved")
    return bench.run("workers", parser.parse_args(arguments), measure, show, judge)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
