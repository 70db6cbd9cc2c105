"""Wire: an HTTP/1.1 client that sends exactly the bytes it is told to and reads exactly one answer at a time."""

import json
import socket
import time


class Closed(Exception):
    """The other side closed where bytes were expected."""


class Answer:
    """One response as it came: names as sent, in order."""

    def __init__(self, version, status, reason, headers, body, raw_head):
        self.version, self.status, self.reason = version, status, reason
        self.headers, self.body, self.raw_head = headers, body, raw_head
        self.interim = []    # statuses of 1xx answers before it
        self.chunked = False

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Connection:
    """One connection. Reads are bounded by `seconds`."""

    def __init__(self, port, host="127.0.0.1", seconds=30, receive_buffer=None, source=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if source:
            self.socket.bind((source, 0))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_split(self, data, size=1, pause=0.0):
        """Sends in pieces of `size` bytes, each its own segment as far as the kernel lets it."""
        for start in range(0, len(data), size):
            self.socket.sendall(data[start:start + size])
            if pause:
                time.sleep(pause)

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed("closed by the other side")
        self.buffer += data

    def read_until(self, mark):
        while mark not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def read_exactly(self, count):
        parts, have = [self.buffer[:count]], min(count, len(self.buffer))
        self.buffer = self.buffer[count:]
        while have < count:
            data = self.socket.recv(min(1 << 20, count - have))
            if not data:
                raise Closed(f"closed {count - have} bytes too early")
            parts.append(data)
            have += len(data)
        return b"".join(parts)

    def read_head(self):
        head = self.read_until(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        version, status, *reason = lines[0].decode("latin-1").split(" ", 2)
        headers = []
        for line in lines[1:]:
            name, value = line.decode("latin-1").split(":", 1)
            headers.append((name, value.strip()))
        return Answer(version, int(status), reason[0] if reason else "", headers, b"", head)

    def read_chunks(self):
        """The chunks of a chunked body, each as it was framed."""
        while True:
            size = int(self.read_until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                while self.read_until(b"\r\n"):
                    pass
                return
            yield self.read_exactly(size)
            assert self.read_exactly(2) == b"\r\n"

    def read_answer(self, method="GET"):
        """One whole answer; 1xx answers before it are collected in `interim`."""
        interim = []
        answer = self.read_head()
        while 100 <= answer.status < 200 and answer.status != 101:
            interim.append(answer.status)
            answer = self.read_head()
        answer.interim = interim
        if method == "HEAD" or answer.status in (204, 304):
            return answer
        if (answer.header("transfer-encoding") or "").lower() == "chunked":
            answer.chunked = True
            answer.body = b"".join(self.read_chunks())
        elif answer.header("content-length") is not None:
            answer.body = self.read_exactly(int(answer.header("content-length")))
        else:
            answer.body = self.read_to_end()
        return answer

    def read_to_end(self):
        parts = [self.buffer]
        self.buffer = b""
        while True:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                break
            if not data:
                break
            parts.append(data)
        return b"".join(parts)

    def is_closed(self, seconds=5):
        """Whether the other side closes within `seconds` without sending anything more."""
        self.socket.settimeout(seconds)
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False


def encode(method, path, headers=None, body=b"", host="localhost", version="HTTP/1.1"):
    """A request's bytes. Content-Length is added for a body unless framing is given."""
    fields = dict(headers or {})
    lines = [f"{method} {path} {version}"]
    if "Host" not in fields:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in fields.items()]
    framed = any(name.lower() in ("content-length", "transfer-encoding") for name in fields)
    if body and not framed:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def request(port, method, path, headers=None, body=b"", host="localhost", seconds=30, source=None):
    """One request on a connection of its own; `source` is the client's own address."""
    fields = {"Connection": "close", **(headers or {})}
    with Connection(port, seconds=seconds, source=source) as connection:
        connection.send(encode(method, path, fields, body, host))
        return connection.read_answer(method)
