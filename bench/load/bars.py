"""Bars: what the load run must reach, and whether it did."""

import statistics

from cases import HEADLINES
from rounds import ratios, verdict
from subjects import RELAY, ours

# (subject, compared with, the most that its CPU per request may be of the other's)
RATIOS = [(ours("log"), RELAY, 1.10), (ours("limits"), ours("plain"), 1.05), (ours("log"), ours("limits"), 1.01)]
PROXIES = ("nginx: plain", "HAProxy: plain")
BULK_PROXY = "nginx: plain"


def find(rows, case, subject):
    return next((row for row in rows if (row["case"], row["subject"]) == (case, subject)), None)


def judge_headline(rows, case):
    """Only what was measured is judged: (measured, kept) of each bar."""
    bars = RATIOS + [(ours("log"), proxy, 1.0) for proxy in PROXIES]
    for subject, other, bar in bars:
        mine, theirs = find(rows, case, subject), find(rows, case, other)
        if mine and theirs:
            against = statistics.median(ratios(mine["rounds"]["cpu_us"], theirs["rounds"]["cpu_us"]))
            yield verdict(f"{case}: CPU of {subject} / {other}", against, bar)


def judge_bulk(rows):
    for row in rows:
        theirs = find(rows, row["case"], BULK_PROXY)
        if row["subject"] == ours("log") and "mb_per_s" in row and theirs:
            against = statistics.median(ratios(row["rounds"]["requests_per_s"], theirs["rounds"]["requests_per_s"]))
            yield verdict(f"{row['case']}: throughput of {row['subject']} / {BULK_PROXY}", against, 1.0, is_floor=True)


def judge_load(rows):
    """Prints every bar; True when all are kept."""
    return all([*(kept for case in HEADLINES for kept in judge_headline(rows, case)), *judge_bulk(rows)])
