"""Bench: what every run has in common: its options, its first line, where it is saved, and its exit code."""

import os
import sys

from client import Failed
from results import machine, save
from support import process


def words(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def add_options(parser, rounds, seconds, quick):
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--rounds", type=int, help=f"{rounds} unless said otherwise")
    parser.add_argument("--seconds", type=float, help=f"of each measurement; {seconds} unless said otherwise")
    parser.set_defaults(usual=(rounds, seconds))


def settle(options):
    """Fills in what was not said."""
    rounds, seconds = (2, 1) if options.quick else options.usual
    options.rounds = options.rounds or rounds
    options.seconds = options.seconds or seconds


def first_line(about, options):
    return (f"{about['cpu']}, {about['cores']} cores, kernel {about['kernel']}, load before "
            f"{about['load_before']:.1f}; {options.rounds} rounds of {options.seconds:g} s")


def run(kind, options, measure, show, judge):
    """Measures, shows, judges and saves; 0: every bar is kept, 1: one is missed or the run failed."""
    settle(options)
    if os.cpu_count() < 2:
        print("bench: two cores are needed, one for the subject and one for the load", file=sys.stderr)
        return 2
    about = machine()
    try:
        content = measure(options)
    except (Failed, process.Failed, OSError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    print(first_line(about, options))
    show(content)
    kept = judge(content)
    if not options.quick:
        print(f"written: {save(kind, {'machine': about, **content})}")
    return 0 if kept or options.quick else 1
