"""Wire cases: what one client sends on one connection, and everything that may come of it.

Tables of them stand in wire_cases_*.py; names begin with the row of the list of hostile inputs they belong to.
`<key>` in `send` stands for a valid API key. Expected requests at the back end are exact, up to these tokens:
`<backend>` for its authority and `<id>` for a made request id; chunks are compared as one chunk.
"""

import dataclasses

BASE = b"/wire/1.0.0"        # open to everybody, but for GET /secret
LOCKED = b"/locked/1.0.0"    # wants an API key
KEPT, CLOSED = "kept", "closed"

# Stands behind every refused request: it must neither be answered nor forwarded.
HIDDEN = b"GET " + BASE + b"/hidden HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    send: bytes
    statuses: tuple = (200,)      # of the answers, in order; 1xx are not counted
    fate: str = KEPT              # of the client's connection, behind the last answer
    upstream: tuple = ()          # the whole requests the back end gets, in order
    cut: bytes = None             # the request of which the back end may get a part, but never all
    heads: tuple = ()             # which answers are to HEAD and so have no body
    ends: bool = False            # the client ends its half when everything is sent
    answer: bytes = None          # of the back end, instead of the usual one
    may_continue: bool = False    # a "100 Continue" may come: whether it does depends on the split


def raw(method, path, *lines, body=b"", host=b"Host: a", version=b"HTTP/1.1"):
    """A request's bytes: no line is added but Host, and `host=None` leaves that out too."""
    head = [b" ".join((method, path, version))] + ([host] if host is not None else []) + list(lines)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def get(*lines, path=BASE + b"/x", **more):
    return raw(b"GET", path, *lines, **more)


def post(*lines, path=BASE + b"/x", **more):
    return raw(b"POST", path, *lines, **more)


def chunked(body, *lines, **more):
    """A request whose body is `body`, chunk framing and all."""
    return post(b"Transfer-Encoding: chunked", *lines, body=body, **more)


def seen(method, target, *lines, host=b"a", port=80, length=None, chunks=None, request_id=b"<id>"):
    """A forwarded request. `target` lacks the back end's own prefix; `length` and `chunks` are bodies, framed so."""
    head = [method + b" /up" + target + b" HTTP/1.1", b"Host: <backend>", *lines,
            b"X-Forwarded-For: 127.0.0.1", b"X-Forwarded-Proto: http"]
    if host is not None:
        head.append(b"X-Forwarded-Host: " + host)
    head += [b"X-Forwarded-Port: %d" % port, b"X-Request-Id: " + request_id]
    body = b""
    if chunks is not None:
        head.append(b"Transfer-Encoding: chunked")
        body = (b"%x\r\n%s\r\n" % (len(chunks), chunks) if chunks else b"") + b"0\r\n\r\n"
    elif length is not None:
        head.append(b"Content-Length: %d" % len(length))
        body = length
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def refused(name, send, status=400):
    """One answer, then the end; nothing is forwarded, the bytes behind it neither."""
    return Case(name, send + HIDDEN, (status,), CLOSED)


def refused_body(name, body, status=400, content=b"hello"):
    """A chunked request that turns out broken in its body: the back end may have seen its beginning."""
    return Case(name, chunked(body) + HIDDEN, (status,), CLOSED,
                cut=seen(b"POST", b"/x", chunks=content))


def served(name, send, *upstream, **more):
    """Answered by the back end, once for each request it gets."""
    more.setdefault("statuses", (200,) * len(upstream))
    return Case(name, send, upstream=upstream, **more)


@dataclasses.dataclass(frozen=True)
class Sweep:
    """One place in a request, and every byte that is put there."""
    name: str
    place: bytes          # the request; `<byte>` marks the place
    bytes_put: tuple
    served: dict          # byte: the requests the back end gets for it, or another status than `status`
    status: int = 400     # of the refusal of all other bytes
    cut: bytes = None

    def cases(self):
        """A Case for each byte, and where in it the byte stands."""
        at = self.place.index(b"<byte>")
        for byte in self.bytes_put:
            name = f"{self.name}: 0x{byte:02x}"
            send = self.place.replace(b"<byte>", bytes([byte]))
            upstream = self.served.get(byte, self.status)
            if isinstance(upstream, int):
                yield Case(name, send + HIDDEN, (upstream,), CLOSED, cut=self.cut), at
            else:
                yield Case(name, send, (200,) * len(upstream), KEPT, upstream), at
