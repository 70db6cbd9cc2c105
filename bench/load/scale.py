"""Scale run: what many APIs and many keys cost: compile, write, start, memory, and one change among them; and what
idle connections hold.

  bench-world ──hub──> gateway

A world of each size is made by the controller's own compiler and publisher (bench/world) and read by a real gateway.
Usage: tools/do bench scale [--quick]
"""

import argparse
import pathlib
import resource
import shutil
import socket
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench/load"))

from results import machine, save  # noqa: E402
from support import process  # noqa: E402
from support.memory import resident_kib  # noqa: E402
from world import World  # noqa: E402

SIZES = [(10, 10_000), (1_000, 10_000), (10_000, 10_000), (100_000, 10_000),
         (10, 1_000_000), (10_000, 1_000_000), (10, 10_000_000)]
QUICK_SIZES = [(10, 10_000), (1_000, 10_000)]
BAR_SIZE = (10_000, 1_000_000)
CHANGES = 5
IDLE_CONNECTIONS = 10_000
WARM_CONNECTIONS = 200


def make_world(folder, apis, keys):
    return World(folder, apis=apis, keys=keys, applications=max(100, keys // 10))


def start(world, name):
    """(gateway, milliseconds from its start to its readiness)."""
    began = time.monotonic()
    gateway = world.gateway(name)
    process.wait_until(gateway.is_ready, 300, "readiness")
    return gateway, (time.monotonic() - began) * 1000


def change(world, gateway, what):
    """One change: (milliseconds from telling to serving, bytes written)."""
    began = time.monotonic()
    world.tell(what)
    told = world.read()
    process.wait_until(lambda: gateway.snapshot()["epoch"] == told["epoch"], 300, "the new epoch")
    return (time.monotonic() - began) * 1000, told["bytes"]


def measure(apis, keys):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-scale-"))
    world = gateway = None
    try:
        world = make_world(folder, apis, keys)
        gateway, from_hub_ms = start(world, "gateway")
        resident = resident_kib(gateway.pid)
        changed = {what: [change(world, gateway, what) for _ in range(CHANGES)] for what in ("key", "api")}
        gateway.stop()
        world.close()
        gateway, from_cache_ms = start(world, "gateway")
        row = {"apis": apis, "keys": keys, **{name: world.made[name] for name in
                                            ("compile_ms", "write_ms", "segments", "bytes")},
               "start_from_hub_ms": from_hub_ms, "start_from_cache_ms": from_cache_ms,
               "resident_mib": resident / 1024}
        for what, runs in changed.items():
            row[f"{what}_live_ms"] = statistics.median(ms for ms, _ in runs)
            row[f"{what}_bytes"] = statistics.median(size for _, size in runs)
        return row
    finally:
        if gateway:
            gateway.stop()
        if world:
            world.close()
        shutil.rmtree(folder, ignore_errors=True)


def ask_once(connection):
    connection.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if not connection.recv(4096).startswith(b"HTTP/1.1 404"):
        raise process.Failed("an idle connection was not answered with 404")


def hold(port, count):
    """Opens connections that each have one request behind them."""
    held = []
    for _ in range(count):
        held.append(socket.create_connection(("127.0.0.1", port)))
        ask_once(held[-1])
    return held


def measure_idle(count):
    """Resident bytes a connection that has nothing to do, and what stays when all have gone."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-scale-"))
    world = make_world(folder, 10, 1_000)
    gateway, _ = start(world, "gateway")
    try:
        for connection in hold(gateway.port, WARM_CONNECTIONS):
            connection.close()
        before = resident_kib(gateway.pid)
        held = hold(gateway.port, count)
        during = resident_kib(gateway.pid)
        for connection in held:
            connection.close()
        process.wait_until(lambda: gateway.metrics()["apim_connections_open"] == 0, 60, "closed connections")
        after = resident_kib(gateway.pid)
        return {"connections": count, "bytes_a_connection": (during - before) * 1024 / count,
                "start_kib": before, "held_kib": during, "after_kib": after}
    finally:
        gateway.stop()
        world.close()
        shutil.rmtree(folder, ignore_errors=True)


def idle_count(wanted):
    """How many connections can be held: a gateway keeps clients below half of the descriptors it may open, and begins
    to close idle ones above four fifths of that."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(wanted, hard // 2 * 4 // 5 - WARM_CONNECTIONS)


def mib(size):
    return size / 2**20


def show(rows, idle):
    print(f"{'APIs':>8}{'keys':>12}{'compile s':>11}{'write s':>9}{'MiB':>9}{'start ms: hub':>15}{'cache':>8}"
          f"{'resident MiB':>14}{'a key live ms':>15}{'% written':>11}{'an API live ms':>16}{'% written':>11}")
    for row in rows:
        print(f"{row['apis']:>8}{row['keys']:>12}{row['compile_ms'] / 1000:>11.2f}{row['write_ms'] / 1000:>9.2f}"
              f"{mib(row['bytes']):>9.1f}{row['start_from_hub_ms']:>15.0f}{row['start_from_cache_ms']:>8.0f}"
              f"{row['resident_mib']:>14.1f}{row['key_live_ms']:>15.0f}{100 * row['key_bytes'] / row['bytes']:>11.2f}"
              f"{row['api_live_ms']:>16.0f}{100 * row['api_bytes'] / row['bytes']:>11.2f}")
    print(f"{idle['connections']} idle connections: {idle['bytes_a_connection']:.0f} bytes each; the gateway held "
          f"{idle['start_kib']} KiB before, {idle['held_kib']} with them, {idle['after_kib']} after them")


def judge(rows, idle):
    """Every bar with what was measured; True when all are kept."""
    verdicts = [("bytes an idle connection", idle["bytes_a_connection"], 1024),
                ("KiB after all connections went", idle["after_kib"], 1.1 * idle["start_kib"])]
    for row in rows:
        if (row["apis"], row["keys"]) == BAR_SIZE:
            verdicts += [("ms from start to ready", row["start_from_cache_ms"], 500),
                         ("MiB resident", row["resident_mib"], mib(row["bytes"]) + 64),
                         ("ms until one key is live", row["key_live_ms"], 100),
                         ("ms until one API is live", row["api_live_ms"], 100),
                         ("% written for one key", 100 * row["key_bytes"] / row["bytes"], 1),
                         ("% written for one API", 100 * row["api_bytes"] / row["bytes"], 1)]
    for what, measured, bar in verdicts:
        print(f"{what}: {measured:.1f}, bar {bar:.1f}: {'kept' if measured <= bar else 'MISSED'}")
    return all(measured <= bar for _, measured, bar in verdicts)


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools/do bench scale")
    parser.add_argument("--quick", action="store_true", help="small sizes, 1,000 connections; not saved")
    options = parser.parse_args(arguments)
    about = machine()
    rows = []
    try:
        idle = measure_idle(idle_count(1_000 if options.quick else IDLE_CONNECTIONS))
        for apis, keys in QUICK_SIZES if options.quick else SIZES:
            print(f"{apis} APIs, {keys} keys", file=sys.stderr, flush=True)
            rows.append(measure(apis, keys))
    except (process.Failed, OSError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    print(f"{about['cpu']}, {about['cores']} cores, kernel {about['kernel']}, load before {about['load_before']:.1f}")
    show(rows, idle)
    kept = judge(rows, idle)
    if not options.quick:
        print(f"written: {save('scale', {'machine': about, 'rows': rows, 'idle': idle})}")
    return 0 if kept or options.quick else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
