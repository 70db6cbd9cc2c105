"""The hostile wire: what one client sends on one connection, byte for byte, and everything that may come of it.

Each case of the tables goes out in one write, byte by byte, and line by line: all must end the same. Afterwards
two fresh requests on a new connection, and on the old one if it stays, must get their own answers through the
same connection to the back end. The gateway has one worker, so there is one such connection.
"""

import itertools
import re
import socket

import pytest

from support import (projects, stack as stacks, wire, wire_cases_chunks, wire_cases_framing, wire_cases_semantics,
                     wire_cases_sweeps, wire_cases_target)
from support.projects import operation
from support.recorder import Recorder, split_content
from support.wire_cases import BASE, HIDDEN, KEPT, Case, seen

TABLES = (wire_cases_framing, wire_cases_chunks, wire_cases_target, wire_cases_semantics)
CASES = [case for table in TABLES for case in table.CASES]
VERBS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH")
SMALL_BYTES_MAX = 1500   # bigger inputs do not go out byte by byte, but in at most so many pieces
CANARIES_EVERY = 32      # bytes of a sweep: behind each of them canaries take too long
WRONG_MAX = 20           # of a sweep: each may have taken as long as the patience of a read
PIECES_MAX = 1000        # the gateway reads on for 2 s behind a refusal: on a busy machine, more take longer


def in_one(data):
    return [data]


def in_bytes(data):
    size = 1 if len(data) <= SMALL_BYTES_MAX else len(data) // PIECES_MAX + 7
    return [data[start:start + size] for start in range(0, len(data), size)]


def in_lines(data):
    lines = re.findall(rb".*?\r\n|.+", data, re.DOTALL)
    count = len(lines) // PIECES_MAX + 1
    return [b"".join(lines[start:start + count]) for start in range(0, len(lines), count)]


SPLITS = {"one": in_one, "bytes": in_bytes, "lines": in_lines}


class World:
    """The gateway, its back end, a key, and a number for each canary."""

    def __init__(self, stack, recorder, key):
        self.stack, self.recorder, self.key = stack, recorder, key
        self.numbers = itertools.count()
        self.pooled = None   # the connection to the back end that the newest canaries came on


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    settings = {"limits.body_bytes": 65536, "upstream.idle_ms": 600000, "upstream.response_ms": 20000}
    with Recorder() as recorder, stacks.Stack(workers=1, gateway=settings) as stack:
        stack.open_wide()
        folder = tmp_path_factory.mktemp("hostile")
        operations = [operation(verb, "/*", auth="None") for verb in VERBS] + [operation("GET", "/secret")]
        for name, own in (("Wire", operations), ("Locked", [operation(verb, "/*") for verb in VERBS])):
            data = projects.api(name, recorder.url + "/up", own)
            stack.ctl.deploy(projects.write(folder / name, data))
        world = World(stack, recorder, stack.ctl.client("hostile", "Locked").encode())
        with stack.gateway.connect() as connection:
            send_canaries(world, connection)
        world.pooled = recorder.requests[-1].connection
        yield world


def send_canaries(world, connection):
    """Two different requests must get their own answers. Returns what the back end must have got for them."""
    expected = []
    for method in ("GET", "POST"):
        target = f"/canary/{next(world.numbers)}"
        body = target.encode() if method == "POST" else b""
        connection.send(wire.encode(method, BASE.decode() + target, body=body, host="a"))
        answer = connection.read_answer()
        assert answer.status == 200, f"canary: {answer}"
        assert answer.body.decode() == f"{method} /up{target}" == answer.header("x-answer-to"), "not its own answer"
        assert answer.interim == []
        expected.append(seen(method.encode(), target.encode(), length=body or None))
    return expected


def read_answers(case, connection):
    """The answers that came, up to as many as expected."""
    answers = []
    while len(answers) < len(case.statuses):
        try:
            answers.append(connection.read_answer("HEAD" if len(answers) in case.heads else "GET"))
        except wire.Closed:
            break
    return answers


def check_answers(case, answers):
    assert tuple(answer.status for answer in answers) == case.statuses, answers
    for answer in answers:
        assert answer.interim == [] or (case.may_continue and answer.interim == [100]), answer.interim
    passed = [answer.header("x-answer-to") for answer in answers if answer.header("x-answer-to")]
    assert passed == [request.split(b" HTTP/1.1")[0].decode() for request in case.upstream], "answers change places"
    if answers:
        said = [answer.header("connection") == "close" for answer in answers]
        assert said == [False] * (len(answers) - 1) + [case.fate != KEPT], "Connection: close is not where it must be"


def check_end(connection):
    """The other side closes in order, and has said nothing more."""
    rest = connection.buffer
    connection.socket.settimeout(5)
    try:
        rest += connection.socket.recv(1 << 16)
    except socket.timeout:
        pytest.fail("the connection stays open")
    assert rest == b"", f"more than was expected: {rest!r}"


def check_cut(case, cuts):
    """What came of a request that must not look whole is its beginning."""
    head, content = split_content(case.cut)
    for kept in cuts:
        got_head, got_content = split_content(kept.raw)
        assert head.startswith(got_head) and content.startswith(got_content), f"cut: {kept.raw!r}"


def check_upstream(world, case, canaries, pooled):
    """`pooled`: the connection to the back end that was idle before the case, if that is known."""
    recorder = world.recorder
    recorder.settle()
    assert recorder.broken == []
    assert [kept.raw for kept in recorder.requests] == list(case.upstream) + canaries
    assert case.cut is not None or recorder.cuts == [], recorder.cuts
    if case.cut is not None:
        check_cut(case, recorder.cuts)
    connections = {kept.connection for kept in recorder.requests}
    if case.cut is None and pooled is not None:
        assert connections <= {pooled}, "the pooled connection was given up"
        world.pooled = pooled
    if connections:
        world.pooled = recorder.requests[-1].connection


def play(world, case, pieces, fresh=True):
    """Sends a case, and checks all of it. `fresh`: also by canaries on a new connection."""
    pooled, world.pooled = world.pooled, None   # Should this one fail, it says nothing about the next one.
    world.recorder.forget()
    world.recorder.answer = case.answer
    with world.stack.gateway.connect(seconds=10) as connection:
        for piece in pieces:
            connection.send(piece)
        if case.ends:
            connection.finish_sending()
        check_answers(case, read_answers(case, connection))
        canaries = []
        if case.fate == KEPT:
            assert connection.buffer == b"", "more than was expected"
            canaries += send_canaries(world, connection)
        else:
            check_end(connection)
    if fresh:
        with world.stack.gateway.connect(seconds=10) as connection:
            canaries += send_canaries(world, connection)
    check_upstream(world, case, canaries, pooled)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hostile(world, case, split):
    play(world, case, SPLITS[split](case.send.replace(b"<key>", world.key)))


@pytest.mark.parametrize("sweep", wire_cases_sweeps.SWEEPS, ids=lambda sweep: sweep.name)
def test_every_byte(world, sweep):
    """In one write, and with the byte in a write of its own."""
    wrong = []
    for number, (case, at) in enumerate(sweep.cases()):
        for pieces in ([case.send], [case.send[:at], case.send[at:at + 1], case.send[at + 1:]]):
            try:
                play(world, case, [piece for piece in pieces if piece], fresh=number % CANARIES_EVERY == 0)
            except (AssertionError, OSError, wire.Closed) as why:
                wrong.append(f"{case.name}, {len(pieces)} writes: {type(why).__name__} {str(why).splitlines()[:1]}")
                assert len(wrong) < WRONG_MAX, "\n".join(["many are wrong:", *wrong])
    assert not wrong, "\n".join(["wrong:", *wrong])


def test_no_case_stands_twice():
    assert len({case.name for case in CASES}) == len({case.send for case in CASES}) == len(CASES)


@pytest.mark.parametrize("framing,first,rest", [
    ("Content-Length: 10", b"hello", b"world"),
    ("Transfer-Encoding: chunked", b"5\r\nhello\r\n", b"5\r\nworld\r\n0\r\n\r\n"),
])
def test_an_answer_before_the_body_s_end_ends_both_connections(world, framing, first, rest):
    """S10: the rest of the body is nobody's request, and the back end's connection is not used again."""
    world.recorder.forget()
    world.recorder.answers_early, world.pooled = True, None
    head = f"POST {BASE.decode()}/early HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n".encode()
    with world.stack.gateway.connect(seconds=10) as connection:
        connection.send(head + first)
        answer = connection.read_answer()
        assert answer.status == 200 and answer.body == b"POST /up/early"
        assert answer.header("connection") == "close"
        connection.send(rest + HIDDEN)
        check_end(connection)
    world.recorder.settle()
    assert len(world.recorder.cuts) == 1 and world.recorder.requests == []
    used = world.recorder.cuts[0].connection
    world.recorder.forget()
    with world.stack.gateway.connect(seconds=10) as connection:
        canaries = send_canaries(world, connection)
    check_upstream(world, Case("canaries", b""), canaries, None)
    assert world.pooled != used
