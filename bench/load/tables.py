"""Tables: a saved run's rows as lines of Markdown."""


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|",
            *("| " + " | ".join(cells) + " |" for cells in rows)]


def size_name(size):
    return f"{size // 1024} KiB" if size >= 1024 else f"{size} B"


def by_case(rows):
    """{case: its rows}. Rows of older runs have no name for theirs: the size was all that differed."""
    found = {}
    for row in rows:
        found.setdefault(row.get("case", size_name(row["payload_bytes"])), []).append(row)
    return found


def cost(row, mark=""):
    return f"{row['cpu_us']:.1f} us, {mark}{row['ratio']:.2f}x{mark}"


def cpu_cell(row):
    return f"{cost(row, '**')} ({row['ratio_min']:.2f} to {row['ratio_max']:.2f})"


def bulk_cell(row):
    bulk = f", {row['mb_per_s']:,.0f} MB/s" if "mb_per_s" in row else ""
    return f"{row['cpu_us']:.0f} us, **{row['ratio']:.2f}x**{bulk}"


def load_table(cases, cell):
    """A line for each subject, a column for each case of `cases`."""
    subjects = [row["subject"] for row in next(iter(cases.values()))]
    lines = []
    for subject in subjects:
        found = [next((row for row in rows if row["subject"] == subject), None) for rows in cases.values()]
        lines.append([subject, *(cell(row) if row else "" for row in found)])
    return table(["subject", *cases], lines)


def latency_table(run):
    lines = [[row["subject"], *(f"{row[name]:,.0f} us" for name in ("p50_us", "p90_us", "p99_us", "p999_us")),
              f"**{row['p99_ratio']:.2f}x** ({row['p99_ratio_min']:.2f} to {row['p99_ratio_max']:.2f})"]
             if row["keeps_up"] else [row["subject"], f"does {row['per_s']:,.0f} a second", "", "", "", ""]
             for row in run["rows"]]
    return table(["subject", "p50", "p90", "p99", "p99.9", "p99 against the relay"], lines)


def live_table(run):
    return table(["meanwhile", "epochs", "errors", "p50", "p99", "p99.9", "p99 against the quiet", "CPU a request"],
                 [[row["change"], f"{row['epochs']:,.0f}", str(row["errors"]),
                   *(f"{row[name]:,.0f} us" for name in ("p50_us", "p99_us", "p999_us")),
                   f"**{row['p99_ratio']:.2f}x**", f"{row['cpu_us']:.1f} us"] for row in run["rows"]])


def workers_table(run):
    return table(["case", "workers", "CPU a request", "against one"],
                 [[row["case"], str(row["workers"]), f"{row['cpu_us']:.1f} us",
                   f"**{row['ratio']:.2f}x** ({row['ratio_min']:.2f} to {row['ratio_max']:.2f})"]
                  for row in run["rows"]])


def scale_table(run):
    head = ["APIs", "keys", "compile", "write", "MiB", "start from hub", "from cache", "resident", "a key live",
            "written", "an API live", "written"]
    lines = []
    for row in run["rows"]:
        cells = [f"{row['apis']:,}", f"{row['keys']:,}", f"{row['compile_ms'] / 1000:.2f} s",
                 f"{row['write_ms'] / 1000:.2f} s", f"{row['bytes'] / 2**20:.1f}", f"{row['start_from_hub_ms']:.0f} ms",
                 f"{row['start_from_cache_ms']:.0f} ms", f"{row['resident_mib']:.0f} MiB"]
        for what in ("key", "api"):
            cells += [f"{row[f'{what}_live_ms']:.0f} ms", f"{100 * row[f'{what}_bytes'] / row['bytes']:.2f} %"]
        lines.append(cells)
    idle = run["idle"]
    return [*table(head, lines),
            "", f"{idle['connections']:,} idle connections hold {idle['bytes_a_connection']:.0f} bytes each; the "
                f"gateway is at {idle['start_kib']:,} KiB before, {idle['held_kib']:,} with them and "
                f"{idle['after_kib']:,} after them."]
