"""Check: that the peers do the same work. Each installed peer in each mode against a back end that keeps what it got.

A fixed or sliding window lets exactly the limit pass; nginx's leaky bucket the limit and what it leaked meanwhile.
Prints a table, and ends with 1 when anything fails or, told --all, when a peer is not installed.
Usage: python3 bench/load/peers/check.py [--all] [PROGRAM...]
"""

import concurrent.futures
import dataclasses
import pathlib
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[0:1] = [str(ROOT / "tests"), str(ROOT / "bench/load")]

import peers  # noqa: E402
from peers import kinds  # noqa: E402
from support import process, wire  # noqa: E402
from support.backend import Backend, Reply  # noqa: E402

KEYS, APIS = 10_000, 100
LIMIT, NEVER = 20, 2_000_000_000
WINDOW_SECONDS, SPARE_SECONDS = 60, 5
MEBIBYTE = 1 << 20
CLIENTS, CLIENT_REQUESTS = 600, 3
PATH = "/orders/7"


@dataclasses.dataclass
class Grant:
    key: str
    context: str


@dataclasses.dataclass
class Work:
    grants: list
    limit_per_minute: int


def make_work(limit):
    return Work([Grant(f"key-{number:05d}-{'0123456789abcdef' * 2}", f"/synthetic-{number % APIS}/1.0.0")
                 for number in range(KEYS)], limit)


class Failed(Exception):
    """A check of a peer, and what came instead."""


def expect(condition, what):
    if not condition:
        raise Failed(what)


class Bench:
    """One peer in one mode with its back end, while it is checked."""

    def __init__(self, peer, backend, work):
        self.peer, self.backend, self.work = peer, backend, work

    def ask(self, grant=0, method="GET", path=None, headers=None, body=b""):
        """An answer; the key is that of the grant of this number unless headers are given."""
        one = self.work.grants[grant]
        fields = {"ApiKey": one.key} if headers is None else headers
        return wire.request(self.peer.port, method, one.context + PATH if path is None else path, fields, body)

    def expect_status(self, status, *arguments, **named):
        answer = self.ask(*arguments, **named)
        expect(answer.status == status, f"{answer.status} instead of {status}")
        return answer


def proxies(bench):
    answer = bench.expect_status(200, 1)
    expect(answer.json()["target"] == bench.work.grants[1].context + PATH, "another path at the origin")


def sends_mebibyte_up(bench):
    body = bytes(range(256)) * (MEBIBYTE // 256)
    bench.expect_status(200, 2, "POST", body=body)
    expect(bench.backend.last().body == body, "another body at the origin")


def sends_mebibyte_down(bench):
    body = bytes(range(256)) * (MEBIBYTE // 256)
    echo, bench.backend.script = bench.backend.script, lambda _: Reply(200, body)
    try:
        expect(bench.expect_status(200, 3).body == body, "another body at the client")
    finally:
        bench.backend.script = echo


def keeps_connections(bench):
    """Both sides: requests on one client connection, and no new connection to the origin for them."""
    grant = bench.work.grants[4]
    request = wire.encode("GET", grant.context + PATH, {"ApiKey": grant.key})
    with wire.Connection(bench.peer.port) as connection:
        connection.send(request)
        connection.read_answer()
        before = bench.backend.connections
        for _ in range(10):
            connection.send(request)
            expect(connection.read_answer().status == 200, "an answer that is not 200")
    expect(bench.backend.connections == before, "new connections to the origin")
    expect((bench.backend.last().header("connection") or "").lower() != "close", "the origin was told to close")


def client(bench, number):
    grant = bench.work.grants[number]
    request = wire.encode("GET", grant.context + PATH, {"ApiKey": grant.key})
    with wire.Connection(bench.peer.port) as connection:
        for _ in range(CLIENT_REQUESTS):
            connection.send(request)
            expect(connection.read_answer().status == 200, "an answer that is not 200")


def takes_many_clients(bench):
    """Connections that are all open at once, then as many that come and go."""
    held = [wire.Connection(bench.peer.port) for _ in range(CLIENTS)]
    try:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda number: client(bench, 100 + number), range(CLIENTS)))
        for number, connection in enumerate(held):
            grant = bench.work.grants[100 + number]
            connection.send(wire.encode("GET", grant.context + PATH, {"ApiKey": grant.key}))
        for connection in held:
            expect(connection.read_answer().status == 200, "an answer that is not 200")
    finally:
        for connection in held:
            connection.close()


def knows_keys(bench):
    bench.expect_status(401, 5, headers={"ApiKey": "unknown"})
    bench.expect_status(401, 5, headers={})
    bench.expect_status(403, 5, path=bench.work.grants[6].context + PATH)
    bench.expect_status(404, 5, path="/nothing/1.0.0/orders/7")
    for number in (0, KEYS // 2, KEYS - 1):
        bench.expect_status(200, number)


def refuses_before_the_origin(bench):
    before = bench.backend.count()
    bench.ask(5, headers={"ApiKey": "unknown"})
    bench.ask(5, path=bench.work.grants[6].context + PATH)
    expect(bench.backend.count() == before, "a refused request reached the origin")


def hides_key(bench):
    key = bench.work.grants[7].key
    bench.expect_status(200, 7)
    expect(key.encode() not in bench.backend.last().head, "the key reached the origin")
    expect(bench.backend.last().header("apikey") is None, "the header ApiKey reached the origin")


def adds_headers(bench):
    ids = set()
    for _ in range(2):
        bench.expect_status(200, 8)
        expect(bench.backend.last().header("x-forwarded-for") == "127.0.0.1", "no X-Forwarded-For at the origin")
        ids.add(bench.backend.last().header("x-request-id") or "")
    expect(len(ids) == 2, "X-Request-Id is not of one request")
    expect(min(len(one) for one in ids) >= 32, "X-Request-Id is missing or short")


def writes_log(bench):
    number = 4321
    path = bench.work.grants[number].context + PATH
    bench.expect_status(200, number)
    log = bench.peer.folder / "access.log"
    parts = (time.strftime("%Y"), "127.0.0.1", "GET", path, "200", str(number + 1))
    process.wait_until(lambda: any(all(part in line for part in parts) for line in log.read_text().splitlines()),
                       5, f"a log line with {', '.join(parts)}")


def limits_subscription(bench):
    """Only for a work with a small limit. `bench.work.grants[11]` is another subscription to the same work."""
    spare = WINDOW_SECONDS - time.time() % WINDOW_SECONDS
    if spare < SPARE_SECONDS:
        time.sleep(spare)
    began, statuses = time.monotonic(), []
    while 429 not in statuses and len(statuses) < 3 * LIMIT:
        statuses.append(bench.ask(10).status)
    leaked = 1 + int((time.monotonic() - began) * LIMIT / WINDOW_SECONDS)
    passed, more = statuses.count(200), leaked if bench.peer.program == "nginx" else 0
    expect(LIMIT <= passed <= LIMIT + more, f"{passed} passed of {LIMIT}")
    expect(statuses[-1] == 429, f"{statuses[-1]} after the limit")
    bench.expect_status(200, 11)


PLAIN = (proxies, sends_mebibyte_up, sends_mebibyte_down, keeps_connections, takes_many_clients)
KEY = (*PLAIN, knows_keys, refuses_before_the_origin, hides_key, adds_headers)
CHECKS = {"plain": PLAIN, "key": KEY, "limits": KEY, "log": (*KEY, writes_log)}


def run(kind, folder, mode, work, checks):
    """{name of the check: what is wrong, or None}."""
    found = {}
    with Backend() as backend:
        try:
            peer = kind(folder, backend.port, mode, work)
        except process.Failed as problem:
            return {one.__name__: str(problem) for one in checks}
        try:
            for one in checks:
                try:
                    one(Bench(peer, backend, work))
                    found[one.__name__] = None
                except (Failed, process.Failed, OSError, wire.Closed) as problem:
                    found[one.__name__] = str(problem) or type(problem).__name__
        finally:
            peer.stop()
    return found


def check(kind, folder):
    """{mode: {name of the check: what is wrong, or None}} of a peer."""
    found = {}
    for mode in kind.modes:
        found[mode] = run(kind, folder / mode, mode, make_work(NEVER), CHECKS[mode])
        if mode in ("limits", "log"):
            found[mode] |= run(kind, folder / f"{mode}-small", mode, make_work(LIMIT), (limits_subscription,))
    return found


def show(program, found):
    names = [name.__name__ for name in (*CHECKS["log"], limits_subscription)]
    print(f"{program:<30}" + "".join(f"{mode:>8}" for mode in found))
    for name in names:
        marks = ["" if name not in row else "ok" if row[name] is None else "FAILED" for row in found.values()]
        print(f"  {name.replace('_', ' '):<28}" + "".join(f"{mark:>8}" for mark in marks))
    for mode, row in found.items():
        for name, problem in row.items():
            if problem:
                print(f"  {mode}: {name}: {problem}")


def main(arguments):
    wanted = [one for one in arguments if one != "--all"]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apim-peers-"))
    good = True
    try:
        for number, kind in enumerate(kinds.KINDS):
            if wanted and kind.program not in wanted:
                continue
            if not kind.is_installed():
                print(f"{kind.program:<30}not installed")
                good = good and "--all" not in arguments
                continue
            found = check(kind, folder / f"peer {number}")
            show(kind.program, found)
            good = good and not any(problem for row in found.values() for problem in row.values())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for program, version in peers.versions().items():
        print(f"{program}: {version}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
