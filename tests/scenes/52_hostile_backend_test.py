"""Hostile back ends: whatever one sends, nobody gets a cut answer as a whole one, nor an answer made for another."""

import concurrent.futures
import contextlib
import random
import socket
import threading

import pytest

from support import projects, stack as stacks
from support.hostile import World, begin, encode, meet
from support.hostile_answers import (
    BROKEN_CHUNKS, BROKEN_FIELDS, CHUNKED, CHUNKS, CODING, CONTINUE, HELLO, INTERIM, LENGTH, LYING_HEADS, OK, POISON,
    START_LINES, UNTIL_CLOSE, bodyless, head)
from support.process import wait_until
from support.projects import operation
from support.upstream import FLOOD_BYTES_MAX, Play, Upstream, identity_of
from support.view import look

OPEN = [operation(verb, "/*", auth="None") for verb in ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH")]
IMPATIENT_MS = 1500


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    patient = {"upstream.response_ms": 5000}
    impatient = {"upstream.response_ms": IMPATIENT_MS}
    with Upstream() as upstream, stacks.Stack(with_gateway=False) as stack:
        # One worker has one pool: which connection a request takes is no accident then.
        gateways = [stack.add_gateway("patient", patient, 1), stack.add_gateway("impatient", impatient, 1),
                    stack.add_gateway("crowd", patient, 2)]
        for gateway in gateways:
            gateway.wait_ready()
        stack.wait_known()
        stack.open_wide()
        data = projects.api("Hostile", upstream.url, OPEN)
        stack.ctl.deploy(projects.write(tmp_path_factory.mktemp("hostile"), data))
        yield World(upstream, gateways)
        for gateway in gateways:
            assert gateway.process.alive, "a gateway died"


# ---- heads nobody may believe

def cases(arguments, rows):
    """parametrize, where a row's first column is its name."""
    return pytest.mark.parametrize(arguments, [pytest.param(*row[1:], id=row[0]) for row in rows])


def assert_refused(world, data):
    """However it is cut into pieces, and whether the back end stays or goes."""
    size = 1 + len(data) // 300
    for play in (Play(data), Play(data, size=size), Play(data, size=7 * size, end="fin")):
        meeting = meet(world, play)
        meeting.assert_error("101506")
        assert len(meeting.seen) == 1
        meeting.assert_dropped()
        meeting.settle()


@pytest.mark.parametrize("name", LYING_HEADS)
def test_a_head_that_lies_about_its_body_is_101506(world, name):
    assert_refused(world, LYING_HEADS[name])


@pytest.mark.parametrize("name", BROKEN_FIELDS)
def test_a_broken_field_is_101506(world, name):
    assert_refused(world, BROKEN_FIELDS[name])


@pytest.mark.parametrize("name", START_LINES)
def test_a_broken_status_line_is_101506(world, name):
    assert_refused(world, head(LENGTH, start=START_LINES[name]))


@pytest.mark.parametrize("name", INTERIM)
def test_interim_answers_gone_wrong_are_101506(world, name):
    assert_refused(world, INTERIM[name])


def test_a_101_nobody_asked_for_ends_the_client_too(world):
    meeting = meet(world, Play(INTERIM["101 with an upgrade"]))
    meeting.assert_error("101506")
    assert meeting.view.closes and meeting.client.is_closed()


@pytest.mark.parametrize("name", ["Content_Length", "Transfer_Encoding", "Content.Length", "Transfer.Encoding"])
def test_a_name_that_aliases_a_framing_field_goes_no_further(world, name):
    meeting = meet(world, Play(head(name.encode() + b": 3", LENGTH)))
    if meeting.view.status == 200:
        meeting.assert_whole(200, b"hello")
        assert meeting.view.header(name) is None, meeting.view
    else:
        meeting.assert_error("101506")
    meeting.settle()


FLOODS = {
    "an endless status line": (b"HTTP/1.1 200 ", b"y" * 8192),
    "an endless name": (OK, b"y" * 8192),
    "an endless value": (OK + b"X-A: ", b"y" * 8192),
    "endless fields": (OK, b"X-A: y\r\n" * 512),
    "endless interim answers": (b"", CONTINUE * 128),
    "endless fat interim answers": (b"", b"HTTP/1.1 102 Processing\r\nX-A: " + b"y" * 30000 + b"\r\n\r\n"),
    "endless empty lines": (b"", b"\r\n" * 4096),
    "endless nothing": (b"", b"\0" * 8192),
}


@pytest.mark.parametrize("name", FLOODS)
def test_an_endless_head_is_101506(world, name):
    data, flood = FLOODS[name]
    meeting = meet(world, Play(data, flood=flood))
    meeting.assert_error("101506")
    meeting.assert_dropped()
    assert meeting.seen[0].flooded < FLOOD_BYTES_MAX
    meeting.settle()


# ---- chunks nobody may believe

@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_broken_chunks_never_make_a_whole_answer(world, name):
    data = BROKEN_CHUNKS[name]
    content = b"h" * 80 if "bomb" in name else b"hello"
    for play in (Play(CHUNKED + data), Play(CHUNKED + data, size=1 + len(data) // 300),
                 Play([CHUNKED, data], end="fin")):
        meeting = meet(world, play)
        meeting.assert_not_whole(content)
        meeting.assert_dropped()
        meeting.settle()


@cases("prefix,flood", [
    ("size", b"", b"0" * 4096), ("extension", b"5;", b"a" * 4096), ("trailer", b"0\r\nX-A: ", b"y" * 4096),
    ("trailers", b"0\r\n", b"X-A: y\r\n" * 512),
])
def test_endless_framing_is_cut(world, prefix, flood):
    meeting = meet(world, Play(CHUNKED + b"5\r\nhello\r\n" + prefix, flood=flood))
    meeting.assert_not_whole(b"hello")
    meeting.assert_dropped()
    assert meeting.seen[0].flooded < FLOOD_BYTES_MAX
    meeting.settle()


@pytest.mark.parametrize("name", ["Content-Length: 5", "Transfer-Encoding: chunked", "Host: a"])
def test_a_trailer_about_framing_goes_no_further(world, name):
    """The view itself refuses a trailer that reaches the client."""
    meeting = meet(world, Play(CHUNKED + b"5\r\nhello\r\n0\r\n" + name.encode() + b"\r\n\r\n"))
    if meeting.view.is_whole and meeting.view.status == 200:
        meeting.assert_whole(200, b"hello")
    else:
        meeting.assert_not_whole(b"hello")
    meeting.settle()


# ---- odd, and yet whole

WHOLE = {
    "a plain answer": HELLO,
    "a length with a zero in front": head(b"Content-Length: 005"),
    "a length with a space behind": head(b"Content-Length: 5 "),
    "a length without a space": head(b"Content-Length:5"),
    "high bytes in a value": head(b"X-A: \xe4\xff", LENGTH),
    "high bytes in the reason": head(LENGTH, start=b"HTTP/1.1 200 \xe4\xff\r\n"),
    "no reason": head(LENGTH, start=b"HTTP/1.1 200 \r\n"),
    "no reason and no space": head(LENGTH, start=b"HTTP/1.1 200\r\n"),
    "chunks": CHUNKED + CHUNKS,
    "capital coding": head(b"Transfer-Encoding: CHUNKED", rest=CHUNKS),
    "a chunk with an extension": CHUNKED + b"5;a=b\r\nhello\r\n0;c\r\n\r\n",
    "a size with sixteen digits": CHUNKED + b"0000000000000005\r\nhello\r\n0000\r\n\r\n",
    "chunks of one byte": CHUNKED + b"1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"5\r\nhello\r\n0\r\nX-Poison: 1\r\nSet-Cookie: a=b\r\nAuthorization: c\r\n\r\n",
    "one interim answer": CONTINUE + HELLO,
    "eight interim answers": CONTINUE * 8 + HELLO,
    "early hints": b"HTTP/1.1 103 Early Hints\r\nX-Poison: 1\r\nLink: </a>\r\n\r\n" + HELLO,
    "an interim answer with a length": b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + HELLO,
    "an interim answer with a coding": b"HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO,
    "HTTP/1.0 kept alive": head(b"Connection: keep-alive", LENGTH, start=b"HTTP/1.0 200 OK\r\n"),
    "200 fields": head(*[b"X-%d: y" % n for n in range(199)], LENGTH),
}


@pytest.mark.parametrize("name", WHOLE)
def test_odd_answers_pass_and_keep_their_connection(world, name):
    world.fresh()
    data = WHOLE[name]
    for size in (0, 1 + len(data) // 300, 9 + len(data) // 30):
        meeting = meet(world, Play(data, size=size))
        meeting.assert_whole(200, b"hello")
        assert meeting.view.reason == "OK" and meeting.view.header("link") is None
        meeting.settle_on_same()


@cases("data", [
    ("length and close", head(b"Connection: close", LENGTH)),
    ("length and close with a tab", head(b"Connection: close\t", LENGTH)),
    ("chunks and close", head(b"Connection: x, Close", CODING, rest=CHUNKS)),
    ("HTTP/1.0", head(LENGTH, start=b"HTTP/1.0 200 OK\r\n")),
])
def test_a_connection_that_says_close_is_not_used_again(world, data):
    """Although the back end would go on."""
    for size in (0, 1):
        meeting = meet(world, Play(data, size=size))
        meeting.assert_whole(200, b"hello")
        meeting.assert_dropped()
        meeting.settle()


@pytest.mark.parametrize("start", [b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n"])
def test_an_answer_until_the_end_passes_in_chunks(world, start):
    for size in (0, 1):
        meeting = meet(world, Play(start + b"\r\nhello", size=size, end="fin"))
        meeting.assert_whole(200, b"hello")
        assert meeting.view.header("transfer-encoding") == "chunked"
        meeting.assert_dropped()
        meeting.settle()


@cases("data", [
    ("quoted extension", CHUNKED + b'5;a="b;\\"c"\r\nhello\r\n0\r\n\r\n'),
    ("tab behind the length", head(b"Content-Length: 5\t")),
    ("tab behind the coding", head(b"Transfer-Encoding: chunked\t", rest=CHUNKS)),
])
def test_what_may_be_refused_is_never_misread(world, data):
    for size in (0, 1):
        meeting = meet(world, Play(data, size=size))
        if meeting.view.is_whole and meeting.view.status == 200:
            meeting.assert_whole(200, b"hello")
        else:
            meeting.assert_not_whole(b"hello")
        meeting.settle()


def test_hop_by_hop_fields_of_an_answer_end_here(world):
    private = [b"Keep-Alive: timeout=9", b"Proxy-Connection: x", b"TE: trailers", b"Trailer: X-T", b"Upgrade: h2c",
               b"Proxy-Authenticate: Basic", b"X-Private: 1"]
    meeting = meet(world, Play(head(*private, b"Connection: keep-alive, X-Private", b"X-Kept: 1", LENGTH)))
    meeting.assert_whole(200, b"hello")
    for line in private:
        assert meeting.view.header(line.split(b":")[0].decode()) is None, meeting.view
    assert meeting.view.header("connection") is None and meeting.view.header("x-kept") == "1"
    meeting.settle()


# ---- answers that must not have a body

@cases("method,status,data,length", [
    ("204 and a length", "GET", 204, bodyless(204, LENGTH), None),
    ("204 and a coding", "GET", 204, bodyless(204, CODING), None),
    ("304 and a length", "GET", 304, bodyless(304, LENGTH), "5"),
    ("304 and a coding", "GET", 304, bodyless(304, CODING), None),
    ("HEAD and a length", "HEAD", 200, bodyless(200, LENGTH), "5"),
    ("HEAD and a coding", "HEAD", 200, bodyless(200, CODING), None),
    ("HEAD and a 404", "HEAD", 404, bodyless(404, LENGTH), "5"),
])
def test_an_answer_without_a_body_ends_with_its_head(world, method, status, data, length):
    world.fresh()
    for size in (0, 1):
        meeting = meet(world, Play(data, size=size), method=method)
        meeting.assert_whole(status, b"")
        assert meeting.view.header("content-length") == length, meeting.view
        assert meeting.view.header("transfer-encoding") is None
        meeting.settle_on_same()


@cases("method,status,data", [
    ("204", "GET", 204, bodyless(204, LENGTH, rest=b"hello")),
    ("204 in chunks", "GET", 204, bodyless(204, CODING, rest=CHUNKS)),
    ("204 and an answer", "GET", 204, bodyless(204, rest=POISON)),
    ("304", "GET", 304, bodyless(304, LENGTH, rest=b"hello")),
    ("304 in chunks", "GET", 304, bodyless(304, CODING, rest=CHUNKS)),
    ("HEAD", "HEAD", 200, bodyless(200, LENGTH, rest=b"hello")),
    ("HEAD in chunks", "HEAD", 200, bodyless(200, CODING, rest=CHUNKS)),
    ("HEAD and an answer", "HEAD", 200, bodyless(200, LENGTH, rest=POISON)),
])
def test_a_body_nobody_may_send_makes_the_connection_unusable(world, method, status, data):
    whole, rest = data.split(b"\r\n\r\n", 1)
    for pieces in (data, [whole + b"\r\n\r\n", rest]):
        meeting = meet(world, Play(pieces), method=method)
        meeting.assert_whole(status, b"")
        meeting.assert_dropped()
        meeting.settle()


@pytest.mark.parametrize("data", [bodyless(205, LENGTH, rest=b"hello"), bodyless(205, CODING, rest=CHUNKS),
                                  bodyless(205, b"Connection: close", rest=b"hello")])
def test_the_body_of_a_205_is_dropped(world, data):
    meeting = meet(world, Play(data, end="fin" if b"close" in data else "next"))
    meeting.assert_whole(205, b"")
    meeting.settle()


# ---- more than was asked for

EXTRAS = {"a letter": b"X", "an empty line": b"\r\n", "an answer": POISON, "two answers": POISON * 2,
          "an interim answer": CONTINUE, "a cut answer": POISON[:30],
          "a farewell": b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"}
ANSWERS = {"length": (HELLO, 200, b"hello"), "chunked": (CHUNKED + CHUNKS, 200, b"hello"),
           "empty": (head(b"Content-Length: 0", rest=b""), 200, b""), "204": (bodyless(204), 204, b"")}


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_bytes_behind_an_answer_reach_nobody(world, answer, extra):
    data, status, body = ANSWERS[answer]
    meeting = meet(world, Play(data + EXTRAS[extra]))
    meeting.assert_whole(status, body)
    meeting.assert_dropped()
    meeting.settle()


@pytest.mark.parametrize("extra", EXTRAS)
def test_bytes_on_an_idle_connection_reach_nobody(world, extra):
    for settles_at_once in (True, False) * 3:
        meeting = meet(world, Play(HELLO))
        meeting.assert_whole(200, b"hello")
        peer = world.upstream.peers[meeting.seen[0].number]
        with contextlib.suppress(OSError):
            peer.socket.sendall(EXTRAS[extra])
            if extra == "a farewell":
                peer.socket.shutdown(socket.SHUT_WR)
        if not settles_at_once:
            meeting.assert_dropped()
        assert meeting.seen[0].number not in meeting.settle()


def test_a_body_longer_than_its_length_reaches_nobody(world):
    for pieces in ([HELLO + POISON], [HELLO[:-5], b"hello" + POISON], [HELLO[:-2], b"lo" + POISON]):
        meeting = meet(world, Play(pieces))
        meeting.assert_whole(200, b"hello")
        meeting.assert_dropped()
        meeting.settle()


@cases("greeting,status", [("a mail server's", b"220 mail.example ESMTP\r\n", 500), ("an answer", POISON, 200)])
def test_a_back_end_that_speaks_first_answers_nobody_else(world, greeting, status):
    world.fresh()
    world.upstream.greeting = greeting
    try:
        meeting = meet(world, Play(HELLO))
        assert wait_until(lambda: meeting.seen, 20, "the request")[0].answered.wait(20) or status == 500
    finally:
        world.upstream.greeting = b""
    if meeting.view.status == 200:
        # It may pass for the answer to the request that opened the connection, and only for that.
        meeting.assert_dropped()
    else:
        meeting.assert_error("101506")
    meeting.settle()


def hostile_play(chance, identity):
    """(play, is whole) for one of many: nothing it sends outside its own answer may be believed by anybody."""
    body = identity_of("GET", identity)
    answer = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    return chance.choice([
        (Play(answer), True), (Play(answer, size=chance.randint(1, 40)), True),
        (Play(answer + POISON), True), (Play(answer + b"X"), True),
        (Play(answer, end="fin"), True), (Play(CONTINUE + answer), True),
        (Play(CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), size=chance.randint(3, 60)), True),
        (Play(answer[:chance.randint(1, len(answer) - 1)], end=chance.choice(["fin", "reset"])), False),
        (Play(b"garbage\r\n" + POISON), False), (Play(b"", end="fin"), False)])


def test_many_clients_each_get_their_own(world):
    def one_client(seed):
        chance = random.Random(seed)
        client = world.crowd.connect()
        for _ in range(20):
            identity, method = world.identity(), "GET"
            is_whole = None   # None: either, as a POST may meet a connection that is just ending
            if chance.random() < 0.5:
                play, is_whole = hostile_play(chance, identity)
                world.upstream.expect(identity, play)
            elif chance.random() < 0.3:
                method = "POST"
            else:
                is_whole = True
            client.send(encode(method, identity, body=b"mine" if method == "POST" else b""))
            view = look(client, method)
            own = identity_of(method, identity, b"mine" if method == "POST" else b"")
            count = len(world.upstream.of(identity))
            assert count <= (1 if method == "POST" else 2), (identity, count)
            if view.status == 500:
                assert is_whole is not True and view.code in ("101505", "101506"), (identity, view)
            elif view.is_whole:
                assert is_whole is not False and view.body == own, (identity, view)
            else:
                assert is_whole is not True and own.startswith(view.body), (identity, view)
            if view.closes or not view.is_whole:
                client.close()
                client = world.crowd.connect()
        client.close()

    with concurrent.futures.ThreadPoolExecutor(16) as clients:
        for one in [clients.submit(one_client, seed) for seed in range(16)]:
            one.result()


# ---- cut answers

SHAPES = {"length": HELLO, "chunked": CHUNKED + CHUNKS}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("end", ["fin", "reset"])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_cut_anywhere_never_looks_whole(world, shape, end, method):
    answer = SHAPES[shape]
    body_at = answer.index(b"\r\n\r\n") + 4
    for offset in range(len(answer)):
        meeting = meet(world, Play(answer[:offset], end=end), method=method, body=b"x" if method == "POST" else b"")
        if offset < body_at:
            meeting.assert_error("101505")
        else:
            meeting.assert_not_whole(b"hello", "101505")
        assert len(meeting.seen) <= (2 if offset == 0 and method == "GET" else 1), offset
        meeting.assert_dropped()
        meeting.settle()


def test_an_answer_until_the_end_is_whole_only_after_an_orderly_end(world):
    body_at = UNTIL_CLOSE.index(b"\r\n\r\n") + 4
    for offset in range(len(UNTIL_CLOSE) + 1):
        meeting = meet(world, Play(UNTIL_CLOSE[:offset], end="fin"))
        if offset < body_at:
            meeting.assert_error("101505")
        else:
            meeting.assert_whole(200, UNTIL_CLOSE[body_at:offset])
        meeting.settle()
        meeting = meet(world, Play(UNTIL_CLOSE[:offset], end="reset"))
        meeting.assert_not_whole(b"hello", "101505")
        meeting.settle()


@pytest.mark.parametrize("end", ["fin", "reset"])
def test_a_length_that_is_never_reached_is_a_cut(world, end):
    for length in (6, 1 << 20, 1 << 40, (1 << 64) - 1):
        meeting = meet(world, Play(head(b"Content-Length: %d" % length), end=end))
        meeting.assert_not_whole(b"hello")
        meeting.assert_dropped()
        meeting.settle()


@cases("data", [("chunked", CHUNKED + b"5\r\nhello\r\n"), ("until the end", UNTIL_CLOSE)])
def test_a_client_without_chunks_sees_a_cut_as_a_reset(world, data):
    """An orderly end would make the answer look whole: HTTP/1.0 has no other sign."""
    meeting = meet(world, Play([data, b"more"], end="reset", pause=0.05), version="HTTP/1.0")
    assert meeting.view.status in (None, 500) or meeting.view.end == "reset", meeting.view
    meeting.assert_dropped()


@cases("data,end", [("chunked", CHUNKED + CHUNKS, "next"), ("until the end", UNTIL_CLOSE, "fin"),
                    ("length", HELLO, "next")])
def test_a_client_without_chunks_gets_none(world, data, end):
    meeting = meet(world, Play(data, end=end, size=3), version="HTTP/1.0")
    meeting.assert_whole(200, b"hello")
    assert meeting.view.header("transfer-encoding") is None
    assert meeting.seen[0].version == "HTTP/1.1"
    assert meeting.client.is_closed()


# ---- slow answers

def meet_all(world, plays, **more):
    """Every play at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(plays)) as clients:
        tasks = [clients.submit(meet, world, play, gateway=world.impatient, **more) for play in plays]
        return [task.result() for task in tasks]


def test_a_head_that_stalls_is_101504(world):
    data = CONTINUE + HELLO
    offsets = [0, 1, 12, len(CONTINUE) - 1, len(CONTINUE), len(CONTINUE) + 12, data.index(b": 5"),
               data.index(b"hello") - 1]
    for meeting in meet_all(world, [Play(data[:offset], end="hold") for offset in offsets]):
        meeting.assert_error("101504")
        assert len(meeting.seen) == 1, "a request that may have been worked on was sent again"
        meeting.assert_dropped()
        meeting.settle()


def test_a_body_that_stalls_is_cut(world):
    stalls = [HELLO[:-5], HELLO[:-1], CHUNKED, CHUNKED + b"5", CHUNKED + b"5\r\nhel", CHUNKED + b"5\r\nhello",
              CHUNKED + b"5\r\nhello\r\n", CHUNKED + b"5\r\nhello\r\n0", CHUNKED + b"5\r\nhello\r\n0\r\n",
              CHUNKED + b"5\r\nhello\r\n0\r\nX-T: a", UNTIL_CLOSE]
    for meeting in meet_all(world, [Play(data, end="hold") for data in stalls]):
        assert meeting.view.status == 200
        meeting.assert_not_whole(b"hello")
        meeting.assert_dropped()
        meeting.settle()


def test_a_head_that_drips_for_ever_is_101504(world):
    """response_ms bounds the whole head, not the pause between two bytes."""
    drops = [(b"HTTP/1.1 200 ", b"y"), (OK + b"X-A: ", b"y"), (OK, b"X: y\r\n")]
    for meeting in meet_all(world, [Play(start, flood=drop, pause=0.1) for start, drop in drops],
                            seconds=5 * IMPATIENT_MS / 1000):
        meeting.assert_error("101504")
        meeting.assert_dropped()
        meeting.settle()


def test_a_body_that_drips_passes_however_long_it_takes(world):
    count = 40
    pause = 1.3 * IMPATIENT_MS / 1000 / count
    plays = [Play([OK + b"Content-Length: %d\r\n\r\n" % count] + [b"x"] * count, pause=pause),
             Play([CHUNKED] + [b"1\r\nx\r\n"] * count + [b"0\r\n\r\n"], pause=pause)]
    for meeting in meet_all(world, plays):
        meeting.assert_whole(200, b"x" * count)
        meeting.settle()


# ---- answers before the end of the request

EARLY = b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"


@pytest.mark.parametrize("end", ["hold", "fin"])
@cases("fields,sent", [
    ("nothing", {"Content-Length": str(10 << 20)}, b""),
    ("a part", {"Content-Length": str(10 << 20)}, b"x" * 50000),
    ("a chunk", {"Transfer-Encoding": "chunked"}, b"5\r\nhello\r\n"),
])
def test_an_early_answer_is_delivered_and_ends_both_connections(world, fields, sent, end):
    meeting = begin(world, Play(EARLY, end=end, reads_body=False), fields, sent).look()
    meeting.assert_whole(413, b"big")
    assert meeting.view.closes, "the rest of the body would be read as a request"
    meeting.assert_dropped()
    assert len(meeting.seen) == 1
    meeting.settle()


def test_an_early_answer_never_makes_the_rest_of_the_body_a_request(world):
    hidden = encode("GET", "smuggled")
    size = {"Content-Length": str(500 + len(hidden))}
    meeting = begin(world, Play(EARLY, end="hold", reads_body=False, waits_for_body=100), size, b"x" * 500).look()
    meeting.assert_whole(413, b"big")
    meeting.assert_dropped()
    with contextlib.suppress(OSError):
        meeting.client.send(hidden)
    meeting.settle()
    assert not world.upstream.of("smuggled")


def test_an_early_answer_to_an_expectation(world):
    fields = {"Content-Length": "5", "Expect": "100-continue"}
    meeting = begin(world, Play(EARLY, end="hold", reads_body=False), fields, b"").look()
    assert meeting.view.interim in ([], [100])
    meeting.view.interim = []
    meeting.assert_whole(413, b"big")
    meeting.assert_dropped()


def test_interim_answers_to_an_expectation_are_consumed(world):
    fields = {"Content-Length": "5", "Expect": "100-continue"}
    meeting = begin(world, Play(CONTINUE * 3 + HELLO), fields, b"")
    assert meeting.client.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    meeting.client.send(b"hello")
    meeting.look().assert_whole(200, b"hello")
    assert meeting.seen[0].body == b"hello" and b"xpect" not in meeting.seen[0].head
    meeting.settle_on_same()


@contextlib.contextmanager
def sending(client, count):
    """Sends `count` bytes besides, as far as they are taken."""
    def send():
        with contextlib.suppress(OSError):
            for _ in range(count >> 16):
                client.socket.send(b"x" * 65536)
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    yield
    client.socket.close()
    sender.join(20)


def test_a_back_end_that_never_reads_a_big_body_is_101504(world):
    size = 32 << 20
    meeting = begin(world, Play(end="deaf", reads_body=False), {"Content-Length": str(size)}, b"", world.impatient)
    with sending(meeting.client, size):
        meeting.look().assert_error("101504")
        assert meeting.view.closes and len(meeting.seen) == 1
    after = meet(world, gateway=world.impatient)
    after.assert_own()
    assert after.seen[0].number != meeting.seen[0].number
    after.settle()


def test_a_back_end_that_answers_and_never_reads_a_big_body(world):
    size = 32 << 20
    meeting = begin(world, Play(EARLY, end="deaf", reads_body=False), {"Content-Length": str(size)}, b"")
    with sending(meeting.client, size):
        meeting.look().assert_whole(413, b"big")
        assert meeting.view.closes and len(meeting.seen) == 1
    after = meet(world)
    after.assert_own()
    assert after.seen[0].number != meeting.seen[0].number
    after.settle()


# ---- pooled connections that end

GOOD = Play(HELLO)


@pytest.mark.parametrize("end", ["fin", "reset"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_stale_connection_is_tried_again_exactly_once(world, method, end):
    data = HELLO if method != "HEAD" else HELLO[:-5]
    number = world.warm()
    meeting = meet(world, Play(end=end), Play(data), method=method)
    meeting.assert_whole(200, b"" if method == "HEAD" else b"hello")
    assert [one.method for one in meeting.seen] == [method, method]
    assert meeting.seen[0].number == number != meeting.seen[1].number
    meeting.settle()
    number = world.warm()
    meeting = meet(world, Play(end=end), Play(end=end), method=method)
    assert meeting.view.is_whole and meeting.view.status == 500 and len(meeting.seen) == 2, meeting.view
    meeting.settle()


@cases("method,body,play", [
    ("POST", "POST", b"once", Play(end="fin")), ("POST and a reset", "POST", b"once", Play(end="reset")),
    ("POST without a body", "POST", b"", Play(end="fin")), ("PATCH", "PATCH", b"once", Play(end="fin")),
    ("PUT with a body", "PUT", b"once", Play(end="fin")), ("GET with a body", "GET", b"once", Play(end="fin")),
    ("one byte of an answer", "GET", b"", Play(b"H", end="fin")),
    ("one byte and a reset", "GET", b"", Play(b"H", end="reset")),
    ("an interim answer", "GET", b"", Play(CONTINUE, end="fin")),
    ("all but the end of a head", "GET", b"", Play(HELLO[:-6], end="fin")),
])
def test_what_may_have_been_worked_on_is_never_sent_twice(world, method, body, play):
    number = world.warm()
    meeting = meet(world, play, GOOD, method=method, body=body)
    meeting.assert_error("101505")
    assert [one.number for one in meeting.seen] == [number]
    meeting.settle()


def test_a_new_connection_that_ends_is_not_tried_again(world):
    for end in ("fin", "reset"):
        world.fresh()
        meeting = meet(world, Play(end=end), GOOD)
        meeting.assert_error("101505")
        assert len(meeting.seen) == 1
        meeting.settle()


def test_a_second_attempt_is_judged_like_a_first(world):
    for play, code in ((Play(b"garbage\r\n\r\n"), "101506"), (Play(b"H", end="fin"), "101505")):
        world.warm()
        meeting = meet(world, Play(end="fin"), play)
        meeting.assert_error(code)
        assert len(meeting.seen) == 2
        meeting.settle()
    world.warm()
    meeting = meet(world, Play(end="fin"), Play(HELLO[:-1], end="fin"))
    meeting.assert_not_whole(b"hello")
    assert len(meeting.seen) == 2
    meeting.settle()


@pytest.mark.parametrize("method,body", [("GET", b""), ("POST", b"once")])
def test_a_pooled_connection_known_to_have_ended_is_not_used(world, method, body):
    for _ in range(20):
        number = world.warm()
        world.upstream.cut()
        meeting = meet(world, method=method, body=body)
        meeting.assert_own(body)
        assert len(meeting.seen) == 1 and meeting.seen[0].number != number
        meeting.client.close()


def test_a_back_end_that_resets_in_mid_request(world):
    meeting = meet(world, Play(end="reset", reads_body=False), method="POST", body=b"x" * 4096)
    meeting.assert_error("101503", "101505")
    assert len(meeting.seen) == 1
    meeting.settle()


def test_repeats_are_a_part_of_the_load_never_a_multiple(world):
    def is_repeated():
        meeting = meet(world, Play(end="fin"), GOOD)
        repeated = len(meeting.seen) == 2
        if repeated:
            meeting.assert_whole(200, b"hello")
        else:
            meeting.assert_error("101505")
        meeting.client.close()
        return repeated
    world.warm()
    # What was earned before is spent first: a hundred repeats at most.
    rounds = 0
    while is_repeated():
        rounds += 1
        assert rounds < 400
    repeats = 0
    for _ in range(100):
        world.warm()
        repeats += is_repeated()
    # Each round sends two requests or three, and each earns a fifth of a repeat.
    assert 30 <= repeats <= 70, repeats


def test_nothing_stays_behind(world):
    world.fresh()
    for gateway in (world.patient, world.impatient, world.crowd):
        for name in ("upstream_connections_open", "upstream_connections_idle", "requests_running"):
            wait_until(lambda: gateway.metrics()[f"apim_{name}"] == 0, 20, f"no more {name}")
