"""Rounds: subjects measured in turns, so that what the machine does meanwhile hits all of them."""

import statistics
import sys


def turns(items, rounds):
    """Every item once a round; nobody is always the first."""
    for number in range(rounds):
        start = number % len(items)
        yield from items[start:] + items[:start]


def say(text):
    print(text, file=sys.stderr, flush=True)


def ratios(mine, others):
    """Per round, against the figure of the same round."""
    return [one / other for one, other in zip(mine, others)]


def spread(name, values):
    """{name: median, name_min, name_max}"""
    return {name: statistics.median(values), f"{name}_min": min(values), f"{name}_max": max(values)}


def verdict(text, measured, bar, is_floor=False):
    """Prints one bar and whether it is kept; True when it is."""
    kept = measured >= bar if is_floor else measured <= bar
    side = ">=" if is_floor else "<="
    print(f"{text}: {round(measured, 3):g}, bar {side} {bar:g}: {'kept' if kept else 'MISSED'}")
    return kept
