"""Report: the newest saved run of each kind as tables and pictures.

Writes bench/results/load.svg (CPU per request) and latency.svg (p99) and the tables between the marks of
bench/README.md. A picture can be wrong in no other way than its figures: it is drawn from the same file.
Usage: tools/do bench report
"""

import json
import pathlib
import sys

import tables
from cases import HEADLINES
from picture import draw

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS, README = ROOT / "bench/results", ROOT / "bench/README.md"
BEGIN, END = "<!-- report: begin -->", "<!-- report: end -->"


def newest(kind):
    """The newest saved run of a kind, or None."""
    files = sorted(RESULTS.glob(f"*-{kind}.json"))
    return json.loads(files[-1].read_text()) if files else None


def machine_line(run):
    about = run["machine"]
    return f"{about['cpu']}, {about['cores']} cores, kernel {about['kernel']}"


def rounds_of(run):
    """Older runs keep how many there were only as the lengths of their lists."""
    return run.get("count") or len(run["rows"][0]["rounds"]["cpu_us"])


def draw_load(run, headline):
    groups = [(case, [(row["subject"], row["cpu_us"], tables.cost(row)) for row in rows])
              for case, rows in headline.items()]
    return draw(f"CPU per request, 64 connections, medians of {rounds_of(run)} rounds",
                f"{machine_line(run)}; x: against the null relay of its round", groups)


def draw_latency(run):
    bars = [(row["subject"], row["p99_us"] if row["keeps_up"] else None,
             f"{row['p99_us']:,.0f} us, {row['p99_ratio']:.2f}x" if row["keeps_up"] else "cannot do this rate")
            for row in run["rows"]]
    return draw(f"p99 at {run['rate']:,.0f} requests a second, {run['connections']} connections, medians of "
                f"{rounds_of(run)} rounds", f"{machine_line(run)}; x: against the null relay of its round",
                [(run["case"], bars)])


def load_section(run):
    found = tables.by_case(run["rows"])
    headline = {case: rows for case, rows in found.items() if case in HEADLINES}
    others = {case: rows for case, rows in found.items() if case not in HEADLINES}
    (RESULTS / "load.svg").write_text(draw_load(run, headline or found))
    lines = [f"{machine_line(run)}; 64 connections; CPU per request, its ratio to the relay in bold, and that ratio's "
             f"least and greatest over {rounds_of(run)} rounds:", "",
             *tables.load_table(headline or found, tables.cpu_cell), "", "![CPU per request](results/load.svg)"]
    if headline and others:
        lines += ["", "The other cases:", "", *tables.load_table(others, tables.bulk_cell)]
    return lines


def latency_section(run):
    (RESULTS / "latency.svg").write_text(draw_latency(run))
    return [f"{machine_line(run)}; {run['case']}, {run['rate']:,.0f} requests a second over {run['connections']} "
            f"connections, medians of {rounds_of(run)} rounds:", "", *tables.latency_table(run), "",
            "![p99](results/latency.svg)"]


def live_section(run):
    return [f"{machine_line(run)}; {run['case']}, {run['rate']:,.0f} requests a second over {run['connections']} "
            f"connections, medians of {rounds_of(run)} rounds of {run['seconds']:g} s:", "", *tables.live_table(run)]


def workers_section(run):
    return [f"{machine_line(run)}; workers on one core, medians of {rounds_of(run)} rounds:", "",
            *tables.workers_table(run)]


def scale_section(run):
    return [f"{machine_line(run)}:", "", *tables.scale_table(run)]


SECTIONS = {"load": load_section, "latency": latency_section, "live": live_section, "workers": workers_section,
            "scale": scale_section}


def main():
    found = {kind: newest(kind) for kind in SECTIONS}
    missing = [kind for kind, run in found.items() if run is None]
    if len(missing) == len(found):
        print("bench report: nothing is saved yet: tools/do bench saves a run", file=sys.stderr)
        return 1
    if missing:
        print(f"bench report: no saved run of: {', '.join(missing)}", file=sys.stderr)
    parts = [SECTIONS[kind](run) for kind, run in found.items() if run is not None]
    text = "\n\n".join("\n".join(lines) for lines in parts)
    before, rest = README.read_text().split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    print(f"written: {README.relative_to(ROOT)} and the pictures beside the results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
