"""Backend: a scriptable HTTP back end on raw sockets that keeps exactly what it received.

By default it echoes each request as JSON: {"backend", "method", "target", "headers", "body"}. `script` may
be replaced by a function from a Received to a Reply, to bytes that are sent as they are, or to a callable
that is given the socket and does as it likes; it closes the connection when it returns True.
"""

import json
import socket
import threading
import time


class Received:
    """One request, as its bytes said."""

    def __init__(self, head, body, connection):
        lines = head.split(b"\r\n")
        self.head = head
        self.line = lines[0].decode("latin-1")
        self.method, self.target, self.version = self.line.split(" ", 2)
        self.headers = []
        for line in lines[1:]:
            name, value = line.decode("latin-1").split(":", 1)
            self.headers.append((name, value.strip()))
        self.body = body
        self.connection = connection   # number of the connection it came on

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default


class Reply:
    """A response to send. `chunks`: sent chunked. `close`: the connection ends after it."""

    def __init__(self, status=200, body=b"", headers=(), chunks=None, delay=0.0, close=False):
        self.status, self.body, self.headers = status, body, list(headers)
        self.chunks, self.delay, self.close = chunks, delay, close

    def encode(self, method):
        names = {name.lower() for name, _ in self.headers}
        lines = [f"HTTP/1.1 {self.status} Answer"] + [f"{n}: {v}" for n, v in self.headers]
        has_body = method != "HEAD" and self.status not in (204, 304) and self.status >= 200
        if self.chunks is not None:
            lines.append("Transfer-Encoding: chunked")
        elif "content-length" not in names and self.status not in (204, 304):
            lines.append(f"Content-Length: {len(self.body)}")
        if self.close:
            lines.append("Connection: close")
        data = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if not has_body:
            return data
        if self.chunks is None:
            return data + self.body
        framed = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in self.chunks if c)
        return data + framed + b"0\r\n\r\n"


class Backend:
    """Listens from construction to close()."""

    def __init__(self, name="backend", script=None, port=0):
        self.name = name
        self.script = script or self.echo
        self.received = []
        self.connections = 0
        self._open = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Stops listening and ends every connection: from now on it refuses."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.drop()

    def drop(self):
        """Ends every open connection; goes on listening."""
        with self._lock:
            sockets = list(self._open)
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def clear(self):
        with self._lock:
            self.received.clear()

    def last(self):
        with self._lock:
            return self.received[-1]

    def count(self):
        with self._lock:
            return len(self.received)

    def echo(self, received):
        body = {"backend": self.name, "method": received.method, "target": received.target,
                "headers": received.headers, "body": received.body.decode("latin-1")}
        return Reply(200, json.dumps(body).encode(), [("Content-Type", "application/json")])

    def _accept(self):
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(one)
                number = self.connections
            threading.Thread(target=self._serve, args=(one, number), daemon=True).start()

    def _serve(self, one, number):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = one.makefile("rb")
        try:
            while self._serve_one(one, stream, number):
                pass
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(one)
            stream.close()
            one.close()

    def _serve_one(self, one, stream, number):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline(1 << 20)
            if not line:
                return False
            head += line
        received = Received(head[:-4], b"", number)
        if (received.header("expect") or "").lower() == "100-continue":
            one.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        received.body = self._read_body(received, stream)
        with self._lock:
            self.received.append(received)
        reply = self.script(received)
        if callable(reply):
            return not reply(one)
        if isinstance(reply, bytes):
            one.sendall(reply)
            return True
        if reply.delay:
            time.sleep(reply.delay)
        one.sendall(reply.encode(received.method))
        return not reply.close

    @staticmethod
    def _read_body(received, stream):
        if (received.header("transfer-encoding") or "").lower() == "chunked":
            parts = []
            while True:
                size = int(stream.readline().split(b";")[0], 16)
                if size == 0:
                    while stream.readline() not in (b"\r\n", b""):
                        pass
                    return b"".join(parts)
                parts.append(stream.read(size))
                stream.read(2)
        length = received.header("content-length")
        return stream.read(int(length)) if length else b""
