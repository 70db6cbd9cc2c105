"""CPU: who runs on which core, and what a process has spent.

Two cores are the least: the subject has one alone, load and origin share the other.
"""

import os
import time

SUBJECT_CORE, LOAD_CORE = 0, 1


def pin(pid, core):
    """Pins every thread of a process."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {core})


def cpu_ns(pid):
    """CPU time of a process and its threads, from the kernel's clock of that process."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def spent_ns(pids):
    return sum(cpu_ns(pid) for pid in pids)
