"""The wire: what clients and back ends may do to each other, and what a broken one gets."""

import json
import socket
import threading
import time

import pytest

from support import memory, projects, stack as stacks, wire
from support.backend import Backend, Reply
from support.process import wait_until
from support.projects import operation

OPEN = [operation(verb, "/*", auth="None") for verb in
        ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH")]
BASE = "/wire/1.0.0"


@pytest.fixture(scope="module")
def stack(backend, tmp_path_factory):
    settings = {"upstream.response_ms": 2000, "upstream.connect_ms": 500,
                "timeouts.head_ms": 1500, "limits.body_bytes": 256 << 20}
    with stacks.Stack(gateway=settings) as one:
        one.open_wide()
        data = projects.api("Wire", backend.url + "/up", OPEN)
        one.ctl.deploy(projects.write(tmp_path_factory.mktemp("wire"), data))
        yield one


def deploy(stack, tmp_path, name, endpoint_config, **fields):
    data = projects.api(name, "http://127.0.0.1:1", OPEN, endpointConfig=endpoint_config, **fields)
    stack.ctl.deploy(projects.write(tmp_path / name, data))
    return f"/{name.lower()}/1.0.0"


# ---- requests as they should be

def test_keep_alive_serves_many_on_one_connection(stack, fresh):
    with stack.gateway.connect() as connection:
        for number in range(50):
            connection.send(wire.encode("GET", f"{BASE}/{number}"))
            answer = connection.read_answer()
            assert answer.status == 200 and answer.json()["target"] == f"/up/{number}"
    assert len({r.connection for r in fresh.received}) <= 2


def test_pipelined_requests_are_answered_in_order(stack, fresh):
    def script(received):
        reply = fresh.echo(received)
        reply.delay = 0.05 if received.target.endswith(("0", "3", "6")) else 0.0
        return reply
    fresh.script = script
    with stack.gateway.connect() as connection:
        connection.send(b"".join(wire.encode("GET", f"{BASE}/p{n}") for n in range(12)))
        for number in range(12):
            answer = connection.read_answer()
            assert answer.status == 200 and answer.json()["target"] == f"/up/p{number}"


def test_pipelined_bodies_and_refusals_keep_their_order(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("POST", f"{BASE}/a", body=b"one")
                        + wire.encode("GET", "/nowhere/at/all")
                        + wire.encode("POST", f"{BASE}/b", body=b"two")
                        + wire.encode("OPTIONS", f"{BASE}/c")
                        + wire.encode("GET", f"{BASE}/d"))
        answers = [connection.read_answer() for _ in range(5)]
    assert [a.status for a in answers] == [200, 404, 200, 200, 200]
    assert answers[0].json()["body"] == "one" and answers[2].json()["body"] == "two"
    assert answers[4].json()["target"] == "/up/d"


def test_a_request_in_single_bytes(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send_split(wire.encode("POST", f"{BASE}/slow?x=1", {"A": "b"}, b"0123456789"))
        answer = connection.read_answer()
    assert answer.json()["target"] == "/up/slow?x=1" and answer.json()["body"] == "0123456789"


def test_head_has_no_body_and_keeps_the_connection(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("HEAD", f"{BASE}/h") + wire.encode("GET", f"{BASE}/g"))
        head = connection.read_answer("HEAD")
        assert head.status == 200 and int(head.header("content-length")) > 0
        assert connection.read_answer().json()["target"] == "/up/g"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(stack, fresh, status):
    fresh.script = lambda received: Reply(status)
    with stack.gateway.connect() as connection:
        for _ in range(2):
            connection.send(wire.encode("GET", f"{BASE}/n"))
            assert connection.read_answer().status == status


@pytest.mark.parametrize("status", [200, 201, 301, 400, 404, 418, 500, 503])
def test_the_back_end_s_answer_passes_as_it_is(stack, fresh, status):
    fresh.script = lambda received: Reply(status, b"as it is", [
        ("X-Own", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Type", "text/odd")])
    answer = stack.gateway.request("GET", f"{BASE}/s")
    assert answer.status == status and answer.body == b"as it is"
    assert answer.all("set-cookie") == ["a=1", "b=2"] and answer.header("content-type") == "text/odd"


def test_a_chunked_request_arrives_whole(stack, fresh):
    chunks = [b"hello ", b"w", b"orld" * 1000]
    framed = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\nTrailer: x\r\n\r\n"
    head = (f"POST {BASE}/c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
    with stack.gateway.connect() as connection:
        connection.send_split(head + framed, 7)
        assert connection.read_answer().status == 200
        connection.send(wire.encode("GET", f"{BASE}/after"))
        assert connection.read_answer().json()["target"] == "/up/after"
    received = next(r for r in fresh.received if r.method == "POST")
    assert received.body == b"".join(chunks)
    assert received.header("trailer") is None


def test_a_chunked_answer_arrives_whole(stack, fresh):
    chunks = [b"a", b"bc" * 5000, b"d"]
    fresh.script = lambda received: Reply(200, chunks=chunks)
    with stack.gateway.connect() as connection:
        for _ in range(2):
            connection.send(wire.encode("GET", f"{BASE}/c"))
            answer = connection.read_answer()
            assert answer.chunked and answer.body == b"".join(chunks)


def test_an_answer_that_ends_with_the_connection(stack, fresh):
    def script(_received):
        def send(one):
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end")
            return True
        return send
    fresh.script = script
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/e"))
        assert connection.read_answer().body == b"until the end"


def test_interim_answers_of_the_back_end_do_not_confuse(stack, fresh):
    fresh.script = lambda received: (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                     b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with stack.gateway.connect() as connection:
        for _ in range(2):
            connection.send(wire.encode("GET", f"{BASE}/i"))
            answer = connection.read_answer()
            assert answer.status == 200 and answer.body == b"ok"


def test_expect_continue(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("POST", f"{BASE}/x", {"Expect": "100-continue",
                                                          "Content-Length": "5"}))
        assert connection.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.send(b"hello")
        answer = connection.read_answer()
    assert answer.status == 200 and answer.json()["body"] == "hello"


def test_expect_continue_is_not_answered_for_a_refused_request(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("POST", "/nowhere", {"Expect": "100-continue",
                                                         "Content-Length": "5"}))
        answer = connection.read_answer()
    assert answer.status == 404 and answer.interim == []


def test_http_1_0(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/old", version="HTTP/1.0"))
        answer = connection.read_answer()
        assert answer.status == 200 and answer.json()["target"] == "/up/old"
        assert connection.is_closed()


def test_http_1_0_never_gets_chunks(stack, fresh):
    fresh.script = lambda received: Reply(200, chunks=[b"one", b"two"])
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/old", version="HTTP/1.0"))
        answer = connection.read_answer()
        assert not answer.chunked and answer.body == b"onetwo"


def test_connection_close_closes(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/bye", {"Connection": "close"}))
        assert connection.read_answer().header("connection") == "close"
        assert connection.is_closed()


def test_a_half_closed_client_still_gets_its_answer(stack, fresh):
    def script(received):
        reply = fresh.echo(received)
        reply.delay = 0.2
        return reply
    fresh.script = script
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/half"))
        connection.finish_sending()
        assert connection.read_answer().status == 200


# ---- what the back end sees

def test_hop_by_hop_fields_end_here(stack, fresh):
    stack.gateway.request("GET", f"{BASE}/hop", {
        "Connection": "close, X-Private", "X-Private": "1", "Keep-Alive": "timeout=5", "TE": "trailers",
        "Proxy-Authorization": "Basic eA==", "Upgrade": "h2c", "X-Kept": "1"})
    seen = fresh.last()
    for name in ("x-private", "keep-alive", "te", "proxy-authorization", "upgrade"):
        assert seen.header(name) is None, name
    assert seen.header("x-kept") == "1"


def test_the_back_end_learns_who_asked(stack, fresh):
    stack.gateway.request("GET", f"{BASE}/who", {"X-Forwarded-For": "203.0.113.9"}, host="api.example.com")
    seen = fresh.last()
    assert seen.header("host") == f"127.0.0.1:{fresh.port}"
    assert "127.0.0.1" in seen.header("x-forwarded-for")
    assert seen.header("x-forwarded-proto") == "http"


def test_the_request_id_is_kept_or_made(stack, fresh):
    answer = stack.gateway.request("GET", f"{BASE}/id", {"X-Request-Id": "abc-123"})
    assert answer.header("x-request-id") == "abc-123" == fresh.last().header("x-request-id")
    answer = stack.gateway.request("GET", f"{BASE}/id")
    made = answer.header("x-request-id")
    assert made and made == fresh.last().header("x-request-id")
    answer = stack.gateway.request("GET", f"{BASE}/id", {"X-Request-Id": "bad id\" {}" + "x" * 300})
    assert answer.header("x-request-id") not in (None, "bad id\" {}" + "x" * 300)


def test_paths_are_canonical_before_anything_is_decided(stack, fresh):
    for sent, seen in (("/a/../b", "/up/b"), ("//c///d", "/up/c/d"), ("/%7Euser", "/up/~user"),
                       ("/a%2eb", "/up/a.b"), ("/x/./y?q=%20&r", "/up/x/y?q=%20&r"),
                       ("/sp%20ace", "/up/sp%20ace")):
        answer = stack.gateway.request("GET", BASE + sent)
        assert answer.status == 200 and answer.json()["target"] == seen, (sent, answer)


# ---- big bodies

def pattern(count):
    block = bytes(range(256)) * 4096
    return (block * (count // len(block) + 1))[:count]


def test_a_big_request_body(stack, fresh):
    body = pattern(48 << 20)
    fresh.script = lambda received: Reply(200, str(len(received.body)).encode())
    answer = stack.gateway.request("POST", f"{BASE}/big", body=body, seconds=120)
    assert answer.body == str(len(body)).encode()
    assert fresh.last().body == body
    fresh.clear()


def flood(size):
    """A script that answers with `size` bytes, made as they are taken."""
    block = pattern(1 << 20)

    def script(_received):
        def send(one):
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size >> 20):
                one.sendall(block)
            return True
        return send
    return script


def test_a_slow_reader_does_not_fill_the_memory(stack, fresh):
    size = 128 << 20
    fresh.script = flood(size)
    before = memory.resident_kib(stack.gateway.pid)
    readers = [stack.gateway.connect(receive_buffer=65536, seconds=120) for _ in range(4)]
    for reader in readers:
        reader.send(wire.encode("GET", f"{BASE}/flood"))
    for reader in readers:
        reader.read_exactly(1000)
    # Everything that will ever be buffered without a reader is buffered when the memory stands still.
    seen = [0]
    def stands_still():
        now = memory.resident_kib(stack.gateway.pid)
        still, seen[0] = abs(now - seen[0]) < 256, now
        time.sleep(0.3)
        return still
    wait_until(stands_still, 60, "a steady memory")
    grown = memory.resident_kib(stack.gateway.pid) - before
    if not stacks.asan():
        assert grown < 16 << 10, f"{grown} KiB grown by {len(readers)} readers that do not read"
    first = readers[0]
    total = 1000 + len(first.read_exactly(size - 2000))
    assert total > size - 2000
    for reader in readers:
        reader.close()


def test_a_slow_back_end_does_not_fill_the_memory(stack, tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))
    path = deploy(stack, tmp_path, "Lazy", {
        "endpoint_type": "http",
        "production_endpoints": {"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}})
    before = memory.resident_kib(stack.gateway.pid)
    client = stack.gateway.connect(seconds=3)
    client.send(f"POST {path}/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {200 << 20}\r\n\r\n".encode())
    held, _ = listener.accept()
    sent = 0
    try:
        while sent < 200 << 20:
            sent += client.socket.send(pattern(1 << 20))
    except (socket.timeout, BrokenPipeError, ConnectionResetError):
        pass  # nobody takes more, or the gateway has given the back end up
    grown = memory.resident_kib(stack.gateway.pid) - before
    assert sent < 100 << 20, "nobody reads, and everything was taken"
    if not stacks.asan():
        assert grown < 16 << 10, f"{grown} KiB grown"
    client.close()
    held.close()
    listener.close()


def test_both_ways_at_once(stack, fresh):
    size = 8 << 20
    body = pattern(size)
    fresh.script = lambda received: Reply(200, received.body)
    answer = stack.gateway.request("POST", f"{BASE}/mirror", body=body, seconds=60)
    assert answer.body == body
    fresh.clear()


# ---- requests as they should not be

BAD = {
    "two lengths": b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunked": b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad length": b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
    "negative length": b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "no host": b"GET /wire/1.0.0/x HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "host with a path": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "space before the colon": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n",
    "folded line": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n",
    "no colon": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nNonsense\r\n\r\n",
    "empty name": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
    "nul in a value": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n",
    "bare line feed": b"GET /wire/1.0.0/x HTTP/1.1\nHost: a\n\n",
    "bare line feed at the end": b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n\n",
    "two spaces": b"GET  /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": b"GET /wire/1.0.0/x#y HTTP/1.1\r\nHost: a\r\n\r\n",
    "raw quote": b"GET /wire/1.0.0/\"x HTTP/1.1\r\nHost: a\r\n\r\n",
    "above the root": b"GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n",
    "escaped slash": b"GET /wire/1.0.0/a%2fb HTTP/1.1\r\nHost: a\r\n\r\n",
    "escaped nul": b"GET /wire/1.0.0/a%00b HTTP/1.1\r\nHost: a\r\n\r\n",
    "bad escape": b"GET /wire/1.0.0/%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    "chunked twice": b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "empty coding": b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
    "chunked in 1.0": b"POST /wire/1.0.0/x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "http 0.9": b"GET /\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_400_and_closes(stack, fresh, name):
    with stack.gateway.connect() as connection:
        connection.send(BAD[name])
        answer = connection.read_answer()
        assert answer.status == 400, answer
        assert answer.header("connection") == "close"
        assert answer.json()["code"] == "400"
        assert connection.is_closed()
    assert fresh.count() == 0


@pytest.mark.parametrize("name,data,status", [
    ("long line", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ("many fields", b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ("big field", b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40000 + b"\r\n\r\n", 431),
    ("unknown method", b"FOO /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("gzip coding", b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n"
                    b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("version 2", b"GET /wire/1.0.0/x HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("version 1.2", b"GET /wire/1.0.0/x HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    ("odd expectation", b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 0\r\n\r\n", 417),
    ("body too large", b"POST /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n", 413),
])
def test_limits_of_a_request(stack, fresh, name, data, status):
    with stack.gateway.connect() as connection:
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert connection.read_answer().status == status
    assert fresh.count() == 0


def test_connect_never_tunnels(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(f"CONNECT 127.0.0.1:{fresh.port} HTTP/1.1\r\nHost: 127.0.0.1:{fresh.port}\r\n\r\n".encode())
        assert connection.read_answer().status in (400, 404, 405, 501)
    assert fresh.count() == 0 and fresh.connections >= 0


def test_a_bad_chunk_is_never_forwarded_as_whole(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(f"POST {BASE}/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\nhello\r\nXX\r\n".encode())
        answer = connection.read_answer()
        assert answer.status == 400
        assert connection.is_closed()
    assert all(r.body != b"hello" for r in fresh.received)


def test_nothing_is_smuggled_behind_a_refused_body(stack, fresh):
    """The bytes behind a refused request's head are its body, not a request."""
    hidden = wire.encode("GET", f"{BASE}/hidden")
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("POST", "/nowhere", body=hidden) + wire.encode("GET", f"{BASE}/next"))
        assert connection.read_answer().status == 404
        answer = connection.read_answer()
        assert answer.json()["target"] == "/up/next"
    assert [r.target for r in fresh.received] == ["/up/next"]


def test_a_slow_head_is_given_up(stack, fresh):
    with stack.gateway.connect() as connection:
        connection.send(b"GET /wire/1.0.0/x HTTP/1.1\r\nHos")
        assert connection.read_answer().status == 408
        assert connection.is_closed()


def test_many_idle_and_broken_clients_leave_nothing(stack, fresh):
    before = memory.open_files(stack.gateway.pid)
    for _ in range(5):
        many = [stack.gateway.connect() for _ in range(100)]
        for number, one in enumerate(many):
            one.send(b"GET /wire/1.0.0/x HTTP/1.1\r\nHost: a\r\n\r\n"[:5 + number % 30])
        for one in many:
            one.close()
    wait_until(lambda: memory.open_files(stack.gateway.pid) <= before + 8, 20, "closed descriptors")
    assert stack.gateway.request("GET", f"{BASE}/fine").status == 200


def test_a_client_that_vanishes_ends_the_back_end_s_work(stack, fresh):
    gone = threading.Event()
    def script(_received):
        def hold(one):
            one.settimeout(20)
            try:
                while one.recv(1):
                    pass
            except OSError:
                pass
            gone.set()
            return True
        return hold
    fresh.script = script
    connection = stack.gateway.connect()
    connection.send(wire.encode("GET", f"{BASE}/wait"))
    wait_until(fresh.count, 10, "the request at the back end")
    connection.close()
    assert gone.wait(10), "the back end's connection stayed although nobody waits"


# ---- back ends as they should not be

def runtime_error(answer, code, status=500):
    body = answer.json()
    assert answer.status == status, answer
    assert (body["code"], body["type"], body["message"]) == (code, "Status report", "Runtime Error"), body
    return body


def test_a_refused_connection_is_101503(stack, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    path = deploy(stack, tmp_path, "Refused", {
        "endpoint_type": "http", "production_endpoints": {"url": f"http://127.0.0.1:{port}"}})
    body = runtime_error(stack.gateway.request("GET", path + "/x"), "101503")
    assert body["description"] == "Error connecting to the back end"


def test_a_name_that_does_not_resolve_is_101503(stack, tmp_path):
    path = deploy(stack, tmp_path, "Nameless", {
        "endpoint_type": "http", "production_endpoints": {"url": "http://no-such-host.invalid"}})
    runtime_error(stack.gateway.request("GET", path + "/x"), "101503")


def test_a_slow_back_end_is_101504(stack, fresh):
    fresh.script = lambda received: Reply(200, b"late", delay=6)
    runtime_error(stack.gateway.request("GET", f"{BASE}/slow"), "101504")


def test_an_endpoint_has_its_own_patience(stack, fresh, tmp_path):
    path = deploy(stack, tmp_path, "Patient", {
        "endpoint_type": "http",
        "production_endpoints": {"url": fresh.url, "config": {"actionSelect": "fault",
                                                              "actionDuration": "300"}}})
    fresh.script = lambda received: Reply(200, b"late", delay=1)
    runtime_error(stack.gateway.request("GET", path + "/x"), "101504")


def close_without_answer(_received):
    return lambda one: True


def test_a_back_end_that_closes_early_is_101505(stack, fresh):
    fresh.script = close_without_answer
    runtime_error(stack.gateway.request("POST", f"{BASE}/close", body=b"x"), "101505")


@pytest.mark.parametrize("data", [
    b"garbage\r\n\r\n", b"HTTP/1.1 banana OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
])
def test_garbage_from_the_back_end_is_101506(stack, fresh, data):
    def script(_received):
        def send(one):
            one.sendall(data)
            return True
        return send
    fresh.script = script
    answer = stack.gateway.request("GET", f"{BASE}/garbage")
    assert answer.status == 500 and answer.json()["code"] in ("101506", "101505"), answer
    fresh.script = fresh.echo
    assert stack.gateway.request("GET", f"{BASE}/fine").status == 200


@pytest.mark.parametrize("head", [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n64\r\n"])
def test_an_answer_cut_in_the_middle_never_looks_whole(stack, fresh, head):
    def script(_received):
        def send(one):
            one.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"only this")
            return True
        return send
    fresh.script = script
    with stack.gateway.connect() as connection:
        connection.send(wire.encode("GET", f"{BASE}/cut"))
        with pytest.raises((wire.Closed, ConnectionResetError)):
            connection.read_answer()


def test_a_stale_pooled_connection_is_not_the_client_s_problem(stack, fresh):
    for number in range(20):
        assert stack.gateway.request("GET", f"{BASE}/{number}").status == 200
        fresh.drop()


def test_round_robin(stack, tmp_path):
    with Backend("one") as one, Backend("two") as two, Backend("three") as three:
        path = deploy(stack, tmp_path, "Robin", {
            "endpoint_type": "load_balance",
            "algoClassName": "org.apache.synapse.endpoints.algorithms.RoundRobin",
            "algoCombo": "org.apache.synapse.endpoints.algorithms.RoundRobin",
            "sessionManagement": "", "failOver": "False",
            "production_endpoints": [{"url": b.url + "/r"} for b in (one, two, three)]})
        with stack.gateway.connect() as connection:
            names = []
            for _ in range(30):
                connection.send(wire.encode("GET", path + "/x"))
                names.append(connection.read_answer().json()["backend"])
        assert [names.count(n) for n in ("one", "two", "three")] == [10, 10, 10]


def test_failover_and_return(stack, tmp_path):
    first, second = Backend("first"), Backend("second")
    path = deploy(stack, tmp_path, "Fail", {
        "endpoint_type": "failover",
        "production_endpoints": {"url": first.url, "config": {
            "suspendErrorCode": ["101503", "101505"], "suspendDuration": "500",
            "suspendMaxDuration": "500", "factor": "1"}},
        "production_failovers": [{"url": second.url, "endpoint_type": "http"}]})
    name = lambda: stack.gateway.request("GET", path + "/x").json()["backend"]
    try:
        assert {name() for _ in range(5)} == {"first"}
        first.close()
        assert {name() for _ in range(10)} == {"second"}
        first = Backend("first", port=first.port)
        wait_until(lambda: name() == "first", 10, "the primary's return")
    finally:
        first.close()
        second.close()


def test_a_body_is_sent_again_to_the_next_endpoint(stack, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Backend("second") as second:
        path = deploy(stack, tmp_path, "Again", {
            "endpoint_type": "failover", "production_endpoints": {"url": f"http://127.0.0.1:{port}"},
            "production_failovers": [{"url": second.url, "endpoint_type": "http"}]})
        answer = stack.gateway.request("POST", path + "/x", body=b"payload" * 100)
        assert answer.status == 200 and answer.json()["body"] == "payload" * 100


def test_a_suspended_endpoint_is_303001(stack, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    path = deploy(stack, tmp_path, "Suspended", {
        "endpoint_type": "http", "production_endpoints": {
            "url": f"http://127.0.0.1:{port}",
            "config": {"suspendErrorCode": ["101503"], "suspendDuration": "60000",
                       "suspendMaxDuration": "60000", "factor": "1"}}})
    with stack.gateway.connect() as connection:
        codes = []
        for _ in range(3):
            connection.send(wire.encode("GET", path + "/x"))
            codes.append(connection.read_answer().json()["code"])
    assert codes[0] == "101503" and codes[-1] == "303001", codes


def test_a_group_with_nobody_ready_is_303000(stack, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    config = {"suspendErrorCode": ["101503"], "suspendDuration": "60000",
              "suspendMaxDuration": "60000", "factor": "1"}
    path = deploy(stack, tmp_path, "Nobody", {
        "endpoint_type": "load_balance",
        "production_endpoints": [{"url": f"http://127.0.0.1:{port}/{n}", "config": config} for n in (1, 2)]})
    with stack.gateway.connect() as connection:
        codes = []
        for _ in range(4):
            connection.send(wire.encode("GET", path + "/x"))
            codes.append(connection.read_answer().json()["code"])
    assert codes[-1] == "303000", codes


def test_errors_are_json_with_cors(stack, fresh):
    answer = stack.gateway.request("GET", "/nowhere/1.0.0/x", {"Origin": "https://a.example"})
    assert answer.status == 404 and answer.header("content-type").startswith("application/json")
    assert json.loads(answer.body) == {"code": "404", "type": "Status report", "message": "Not Found",
                                       "description": "The requested resource is not available."}
