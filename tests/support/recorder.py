"""Recorder: a back end that keeps every byte it was sent, request by request, and signs each of its answers.

An answer says which request it is for (`X-Answer-To: METHOD target`), so that nobody can take another one's.
Its reader is stricter than any real back end's: it answers only what the gateway may write.
"""

import re
import selectors
import socket
import threading

from .process import wait_until

ID = re.compile(rb"(\r\nX-Request-Id: )[0-9a-f]{32}(?=\r\n)")
CHUNK_SIZE = re.compile(rb"[1-9a-f][0-9a-f]*")


class Broken(Exception):
    """Bytes that the gateway must never send."""


def split_chunks(data, start):
    """(end of the chunked body or -1, its content). Only what the gateway writes: no extension, no trailer."""
    content = []
    while True:
        mark = data.find(b"\r\n", start)
        if mark < 0:
            return -1, b""
        size = data[start:mark]
        if size == b"0":
            if len(data) < mark + 4:
                return -1, b""
            if data[mark + 2:mark + 4] != b"\r\n":
                raise Broken("a trailer")
            return mark + 4, b"".join(content)
        if not CHUNK_SIZE.fullmatch(size):
            raise Broken(f"chunk size {size!r}")
        end = mark + 2 + int(size, 16)
        if len(data) < end + 2:
            return -1, b""
        if data[end:end + 2] != b"\r\n":
            raise Broken("no CRLF behind a chunk")
        content.append(data[mark + 2:end])
        start = end + 2


def split_content(data):
    """(head, content) of a request of which `data` is the beginning; chunk framing is removed."""
    head, mark, rest = data.partition(b"\r\n\r\n")
    if b"\r\ntransfer-encoding: chunked" not in head.lower():
        return head + mark, rest
    content = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        count = int(size, 16) if CHUNK_SIZE.fullmatch(size) else 0
        content.append(rest[:count])
        rest = rest[count + 2:]
    return head + mark, b"".join(content)


def split_request(data):
    """(length of the first request in `data`, its bytes as one chunk at most); (0, b"") while incomplete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return 0, b""
    head, body = data[:end + 4], end + 4
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked\r\n" in lower:
        length, content = split_chunks(data, body)
        if length < 0:
            return 0, b""
        chunk = b"%x\r\n%s\r\n" % (len(content), content) if content else b""
        return length, head + chunk + b"0\r\n\r\n"
    found = re.findall(rb"\r\ncontent-length: (\d+)(?=\r\n)", lower)
    length = body + (int(found[0]) if found else 0)
    return (length, data[:length]) if len(data) >= length else (0, b"")


class Kept:
    """One whole request: its bytes with the variable parts as tokens, and the connection it came on."""

    def __init__(self, raw, port, connection):
        self.raw = ID.sub(rb"\1<id>", raw.replace(b"\r\nHost: 127.0.0.1:%d\r\n" % port,
                                                  b"\r\nHost: <backend>\r\n", 1))
        self.connection = connection

    @property
    def line(self):
        method, target, _ = self.raw.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        return f"{method} {target}"


class Recorder:
    """Listens from construction to close(); one thread serves everything, so its order is the order of arrival."""

    def __init__(self):
        self.requests = []       # Kept, in order of completion
        self.cuts = []           # bytes of requests that ended in the middle, with their connection
        self.broken = []         # what should never have come
        self.accepted = 0
        self.answer = None       # bytes instead of the usual answer; b"<to>" stands for METHOD target
        self.answers_early = False   # at the end of the head instead of the request
        self._buffers = {}       # socket: [connection's number, bytes not yet understood, answered early]
        self._lock = threading.Lock()
        self._barriers = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._wake.close()
        self._thread.join(10)
        for one in list(self._buffers):
            one.close()
        self._listener.close()
        self._woken.close()
        self._selector.close()

    def catch_up(self):
        """Returns when everything that has reached this machine's sockets until now is kept."""
        barrier = threading.Event()
        with self._lock:
            self._barriers.append(barrier)
        self._wake.send(b"!")
        assert barrier.wait(20)

    def forget(self):
        """Begins a new record. What is still half received belongs to it."""
        self.catch_up()
        with self._lock:
            self.requests, self.cuts, self.broken = [], [], []
        self.answer, self.answers_early = None, False

    def half_received(self):
        """Connections that are open in the middle of a request."""
        self.catch_up()
        with self._lock:
            return [number for number, buffer, _ in self._buffers.values() if buffer]

    def settle(self):
        """Waits until no request is half received: it was completed, or its connection was closed."""
        wait_until(lambda: not self.half_received(), 10, "the end of half a request at the back end")

    def _run(self):
        while True:
            if self._turn(None) == "closed":
                return

    def _turn(self, patience):
        ready = self._selector.select(patience)
        woken = False
        for key, _ in ready:
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._woken:
                woken = True
            else:
                self._read(key.fileobj)
        if not woken:
            return "again" if ready else "quiet"
        if not self._woken.recv(4096):
            return "closed"
        with self._lock:
            barriers, self._barriers = self._barriers, []
        while (turned := self._turn(0)) == "again":
            pass
        for barrier in barriers:
            barrier.set()
        return turned

    def _accept(self):
        one, _ = self._listener.accept()
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self.accepted += 1
            self._buffers[one] = [self.accepted, b"", False]
        self._selector.register(one, selectors.EVENT_READ)

    def _read(self, one):
        try:
            data = one.recv(1 << 18)
        except OSError:
            data = b""
        entry = self._buffers[one]
        if not data:
            self._selector.unregister(one)
            one.close()
            with self._lock:
                del self._buffers[one]
                if entry[1]:
                    self.cuts.append(Kept(entry[1], self.port, entry[0]))
            return
        with self._lock:
            entry[1] += data
        try:
            while self._take(one, entry):
                pass
        except Broken as why:
            with self._lock:
                self.broken.append(f"{why} in {entry[1]!r}")
        except OSError:
            pass  # The gateway has closed: the next read says so.

    def _take(self, one, entry):
        """Keeps and answers the first request of a connection's bytes, if it is whole."""
        number, data, was_answered = entry
        if self.answers_early and not was_answered and b"\r\n\r\n" in data:
            entry[2] = True
            one.sendall(self._encode(Kept(data, self.port, number)))
        length, raw = split_request(data)
        if length == 0:
            return False
        kept = Kept(raw, self.port, number)
        with self._lock:
            self.requests.append(kept)
            entry[1] = data[length:]
        if not entry[2]:
            one.sendall(self._encode(kept))
        entry[2] = False
        return True

    def _encode(self, kept):
        to = kept.line.encode("latin-1")
        if self.answer is not None and b"/canary/" not in to:
            return self.answer.replace(b"<to>", to)
        content = b"" if kept.line.startswith("HEAD ") else to
        return (b"HTTP/1.1 200 OK\r\nX-Answer-To: %s\r\nContent-Length: %d\r\n\r\n%s"
                % (to, len(to), content))
