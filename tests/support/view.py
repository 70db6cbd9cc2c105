"""View: one answer exactly as a client saw it, whole or cut."""

import json
import re

from .wire import Closed


class View:
    """`status` is None when not even a head came. `end`: how the connection ended under the answer, if it did."""

    def __init__(self):
        self.status = None
        self.reason = ""
        self.headers = []
        self.interim = []
        self.body = b""
        self.is_whole = False
        self.end = None    # "fin" or "reset"

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        return values[0] if values else None

    @property
    def closes(self):
        return self.header("connection") == "close"

    @property
    def code(self):
        """The code of an error the gateway made itself, or None."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return None
        return body.get("code") if isinstance(body, dict) else None

    def __repr__(self):
        whole = "whole" if self.is_whole else f"cut by {self.end}"
        return f"<{self.status} {whole} {self.headers} {self.body[:200]!r}>"


def look(connection, method="GET"):
    """Reads one answer, as far as it comes."""
    view = View()
    try:
        _read(connection, method, view)
    except Closed:
        view.end = "fin"
    except (ConnectionResetError, BrokenPipeError):
        view.end = "reset"
    return view


def _read(connection, method, view):
    head = connection.read_head()
    while 100 <= head.status < 200:
        view.interim.append(head.status)
        head = connection.read_head()
    view.status, view.reason, view.headers = head.status, head.reason, head.headers
    lengths, codings = view.all("content-length"), view.all("transfer-encoding")
    assert len(lengths) + len(codings) <= 1, f"more than one framing reached the client: {view.headers}"
    if method == "HEAD" or view.status in (204, 304):
        view.is_whole = True
    elif codings:
        assert codings == ["chunked"]
        _read_chunks(connection, view)
    elif lengths:
        assert re.fullmatch(r"0|[1-9]\d*", lengths[0]), lengths
        _read_some(connection, view, int(lengths[0]))
        view.is_whole = True
    else:
        _read_to_end(connection, view)


def _receive(connection):
    data = connection.socket.recv(65536)
    if not data:
        raise Closed("closed by the other side")
    connection.buffer += data


def _read_some(connection, view, count):
    """What came before a cut is kept."""
    while count > 0:
        if not connection.buffer:
            _receive(connection)
        part, connection.buffer = connection.buffer[:count], connection.buffer[count:]
        view.body += part
        count -= len(part)


def _read_chunks(connection, view):
    while True:
        line = connection.read_until(b"\r\n")
        assert re.fullmatch(rb"[0-9a-f]{1,16}", line), f"chunk line {line!r}"
        size = int(line, 16)
        if size == 0:
            assert connection.read_until(b"\r\n") == b"", "a trailer reached the client"
            view.is_whole = True
            return
        _read_some(connection, view, size)
        assert connection.read_exactly(2) == b"\r\n"


def _read_to_end(connection, view):
    """Without a length, an orderly end is the only sign of a whole answer, a reset the only sign of a cut one."""
    while True:
        view.body += connection.buffer
        connection.buffer = b""
        try:
            _receive(connection)
        except Closed:
            view.end, view.is_whole = "fin", True
            return
