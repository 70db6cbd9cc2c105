"""Report: the newest saved runs as a table and a picture.

Writes bench/results/load.svg (CPU per request as a bar for each subject) and the tables between the marks of
bench/README.md. A picture can be wrong in no other way than its figures: it is drawn from the same file.
Usage: tools/do bench report
"""

import html
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS, README, PICTURE = ROOT / "bench/results", ROOT / "bench/README.md", ROOT / "bench/results/load.svg"
BEGIN, END = "<!-- report: begin -->", "<!-- report: end -->"
ROW, LABEL, BAR, WIDTH, TOP = 24, 290, 380, 800, 64
COLOURS = {"null relay": "#8a8f98", "gateway": "#1f6feb", "other": "#b8860b"}


def newest(kind):
    """The newest saved run of a kind, or None."""
    files = sorted(RESULTS.glob(f"*-{kind}.json"))
    return json.loads(files[-1].read_text()) if files else None


def machine_line(run):
    about = run["machine"]
    return f"{about['cpu']}, {about['cores']} cores, kernel {about['kernel']}"


def by_payload(rows):
    payloads = {}
    for row in rows:
        payloads.setdefault(row["payload_bytes"], []).append(row)
    return payloads


def size_name(size):
    return f"{size // 1024} KiB" if size >= 1024 else f"{size} B"


def colour(subject):
    if subject.startswith(("gateway", "the same")):
        return COLOURS["gateway"]
    return COLOURS.get(subject, COLOURS["other"])


def cost(row, mark=""):
    return f"{row['cpu_us']:.1f} us, {mark}{row['ratio']:.2f}x{mark}"


def draw(run):
    """An SVG: for each payload its subjects, longest bar the dearest."""
    scale = BAR / max(row["cpu_us"] for row in run["rows"])
    parts, y = [], TOP
    for payload, rows in by_payload(run["rows"]).items():
        parts.append(f'<text x="8" y="{y + 4}" font-weight="bold">{size_name(payload)} answers</text>')
        y += 16
        for row in rows:
            wide = row["cpu_us"] * scale
            parts += [f'<text x="16" y="{y + 15}">{html.escape(row["subject"])}</text>',
                      f'<rect x="{LABEL}" y="{y + 3}" width="{wide:.1f}" height="16" fill="{colour(row["subject"])}"/>',
                      f'<text x="{LABEL + wide + 6:.1f}" y="{y + 15}">{cost(row)}</text>']
            y += ROW
        y += 18
    rounds = len(run["rows"][0]["rounds"]["cpu_us"])
    title = f"CPU per request, {run['connections']} connections, medians of {rounds} rounds"
    size = f'width="{WIDTH}" height="{y}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect {size} fill="white"/>',
        f'<text x="8" y="20" font-size="15">{title}</text>',
        f'<text x="8" y="38" fill="dimgray">{html.escape(machine_line(run))}; x: against the null relay of its round'
        '</text>', *parts, "</svg>", ""])


def load_table(run):
    payloads = by_payload(run["rows"])
    names = [row["subject"] for row in next(iter(payloads.values()))]
    lines = ["| subject | " + " | ".join(size_name(one) for one in payloads) + " |",
             "|---" * (len(payloads) + 1) + "|"]
    for name in names:
        cells = []
        for rows in payloads.values():
            row = next(one for one in rows if one["subject"] == name)
            cells.append(f"{cost(row, '**')} ({row['ratio_min']:.2f} to {row['ratio_max']:.2f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def scale_table(run):
    lines = ["| APIs | keys | compile | write | MiB | start from hub | from cache | resident | a key live | written "
             "| an API live | written |", "|---" * 12 + "|"]
    for row in run["rows"]:
        cells = [f"{row['apis']:,}", f"{row['keys']:,}", f"{row['compile_ms'] / 1000:.2f} s",
                 f"{row['write_ms'] / 1000:.2f} s", f"{row['bytes'] / 2**20:.1f}", f"{row['start_from_hub_ms']:.0f} ms",
                 f"{row['start_from_cache_ms']:.0f} ms", f"{row['resident_mib']:.0f} MiB"]
        for what in ("key", "api"):
            cells += [f"{row[f'{what}_live_ms']:.0f} ms", f"{100 * row[f'{what}_bytes'] / row['bytes']:.2f} %"]
        lines.append("| " + " | ".join(cells) + " |")
    idle = run["idle"]
    lines += ["", f"{idle['connections']:,} idle connections hold {idle['bytes_a_connection']:.0f} bytes each; the "
                  f"gateway is at {idle['start_kib']:,} KiB before, {idle['held_kib']:,} with them and "
                  f"{idle['after_kib']:,} after them."]
    return lines


def main():
    load, scale = newest("load"), newest("scale")
    if load is None or scale is None:
        print("bench report: save a run of each first: tools/do bench, tools/do bench scale", file=sys.stderr)
        return 1
    PICTURE.write_text(draw(load))
    text = [BEGIN, f"{machine_line(load)}; {load['connections']} connections; CPU per request, its ratio to the relay "
            "in bold, and that ratio's least and greatest over the rounds:",
            "", *load_table(load), "", f"![CPU per request](results/{PICTURE.name})", "",
            f"{machine_line(scale)}:", "", *scale_table(scale), END]
    before, rest = README.read_text().split(BEGIN)
    README.write_text(before + "\n".join(text) + rest.split(END)[1])
    print(f"written: {PICTURE.relative_to(ROOT)}, {README.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
