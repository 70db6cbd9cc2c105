"""Latency run: how long answers take at a rate that every subject can do, and not at the rate of a saturated one.

The rate is half of what the gateway with everything on does in a closed loop, measured at the start; it is the same
for all. A request's latency counts from when it was due, whether or not a connection was free (bench-client, --rate).
Usage: tools/do bench latency [--quick] [--rounds N] [--seconds N] [--rate R]
"""

import argparse
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/load"))

import bench  # noqa: E402
import peers  # noqa: E402
from cases import CASES  # noqa: E402
from client import Shot, fire_well  # noqa: E402
from proof import prove  # noqa: E402
from rounds import ratios, say, turns, verdict  # noqa: E402
from subjects import RELAY, Field, fullest, ours  # noqa: E402

CASE = CASES[0]
SHARE_OF_CAPACITY = 0.5
WARM_S = 0.5
QUANTILES = ("p50_us", "p90_us", "p99_us", "p999_us")
# So much of the schedule may be missed at the end of a measurement before the subject counts as too slow for it.
UNSENT_SHARE_MAX = 0.01
STALL = "0.004096"  # Seconds of one turn of the gateway's loop, as its histogram has them: more is a stall of ours.
BAR = 1.20  # p99 of the gateway with everything on, against the relay's.


def capacity(field, subject, seconds):
    """Requests a second of a closed loop."""
    return fire_well(subject, field.calls, Shot(CASE, seconds, warm=WARM_S))["per_s"]


def measured():
    """The names of the columns: each peer in the mode that checks most."""
    return {RELAY, ours("plain"), ours("log"),
            *(f"{kind.program}: {fullest(kind.modes)}" for kind in peers.installed())}


def keeps_up(results):
    """Whether the schedule was kept in most rounds: a neighbour of this machine can spoil one."""
    shares = [one["unsent"] / (one["requests"] + one["unsent"]) for one in results]
    return statistics.median(shares) <= UNSENT_SHARE_MAX


def stalls(subject):
    """Turns of the gateway's loop that kept others waiting for too long, since it runs; 0 for what has no such loop."""
    if not hasattr(subject, "gateway"):
        return 0
    metrics = subject.gateway.metrics()
    return metrics["apim_loop_lag_seconds_count"] - metrics[f'apim_loop_lag_seconds_bucket{{le="{STALL}"}}']


def row_of(subject, results, relay):
    """Medians over the rounds; p99 against the relay's of the same round."""
    row = {"subject": subject.name, "keeps_up": keeps_up(results),
           **{name: statistics.median(one[name] for one in results) for name in QUANTILES},
           "stalls": sum(one["stalls"] for one in results),
           "cpu_us": statistics.median(one["cpu_us"] for one in results),
           "per_s": statistics.median(one["per_s"] for one in results), "rounds": results}
    against = ratios([one["p99_us"] for one in results], [one["p99_us"] for one in relay])
    return {**row, "p99_ratio": statistics.median(against), "p99_ratio_min": min(against),
            "p99_ratio_max": max(against)}


def measure(options):
    names = measured()
    with Field(lambda name: name in names) as field:
        prove(field)
        rate = options.rate or SHARE_OF_CAPACITY * capacity(field, field.find(ours("log")), options.seconds)
        say(f"{rate:.0f} requests a second")
        results = {subject.name: [] for subject in field.subjects}
        for subject in turns(field.subjects, options.rounds):
            shot = Shot(CASE, options.seconds, rate=rate, warm=WARM_S)
            before = stalls(subject)
            result = fire_well(subject, field.calls, shot)
            results[subject.name].append({**result, "stalls": stalls(subject) - before})
        rows = [row_of(subject, results[subject.name], results[RELAY]) for subject in field.subjects]
    return {"case": CASE.name, "connections": CASE.connections, "rate": rate, "seconds": options.seconds,
            "count": options.rounds, "rows": rows}


def show(content):
    print(f"{content['rate']:.0f} requests a second over {content['connections']} connections, {content['case']}")
    wide = max(len(row["subject"]) for row in content["rows"]) + 2
    print(f"{'subject':<{wide}}{'p50 us':>10}{'p90 us':>10}{'p99 us':>10}{'p99.9 us':>11}{'p99 x relay':>13}"
          f"{'min..max':>14}{'CPU us':>9}")
    for row in content["rows"]:
        around = f"{row['p99_ratio_min']:.2f}..{row['p99_ratio_max']:.2f}"
        late = "" if row["keeps_up"] else f"  cannot do this rate: {row['per_s']:.0f} a second"
        print(f"{row['subject']:<{wide}}{row['p50_us']:>10.0f}{row['p90_us']:>10.0f}{row['p99_us']:>10.0f}"
              f"{row['p999_us']:>11.0f}{row['p99_ratio']:>13.2f}{around:>14}{row['cpu_us']:>9.2f}{late}")


def judge(content):
    row = next(row for row in content["rows"] if row["subject"] == ours("log"))
    kept = [verdict(f"p99 of {ours('log')} / {RELAY}", row["p99_ratio"], BAR),
            verdict(f"turns of its loop above {STALL} s, in all rounds", row["stalls"], 0)]
    return all(kept)


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench latency")
    parser.add_argument("--rate", type=float, help="requests a second; half of the gateway's own unless said otherwise")
    bench.add_options(parser, rounds=5, seconds=5, quick="2 rounds of 1 s; not saved")
    return bench.run("latency", parser.parse_args(arguments), measure, show, judge)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
