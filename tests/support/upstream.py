"""Upstream: a raw back end that answers each request with exactly the bytes, the pieces and the end it is told to.

Which Play a request gets is told by its field X-Play; a request whose X-Play nobody expects gets its own identity
back: `canary:METHOD:X-Play:BODY`. Every request and every connection is kept, so that a scene can say what reached
the back end, on which connection, and that the gateway gave that connection up.
"""

import collections
import dataclasses
import re
import socket
import struct
import threading
import time

PIECE_PAUSE = 0.0001    # lets the reader see a piece before the next one comes; nothing depends on it
FLOOD_BYTES_MAX = 32 << 20


@dataclasses.dataclass
class Play:
    """What is done to one request. `data`: bytes, or a list of pieces. `end`: what follows the last byte.

    next   the connection waits for the next request
    fin    the connection ends
    reset  the connection breaks
    hold   nothing more is sent; what still comes is thrown away until the gateway ends the connection
    deaf   nothing more is sent or read until cut()
    """
    data: object = b""
    end: str = "next"
    size: int = 0          # split the data into pieces of this size
    pause: float = PIECE_PAUSE
    reads_body: bool = True
    waits_for_body: int = 0   # with reads_body false: that much of the body is read before the answer
    flood: bytes = b""     # after the data: sent again and again until the gateway refuses more

    def pieces(self):
        data = [self.data] if isinstance(self.data, bytes) else self.data
        if self.size:
            whole = b"".join(data)
            data = [whole[start:start + self.size] for start in range(0, len(whole), self.size)]
        return [piece for piece in data if piece]


@dataclasses.dataclass
class Seen:
    """One request as it came."""
    identity: str
    method: str
    version: str
    head: bytes
    number: int            # of the connection
    body: bytes = b""
    flooded: int = 0       # bytes of the flood the gateway took
    answered: threading.Event = dataclasses.field(default_factory=threading.Event)


class Peer:
    """One connection of the gateway."""

    def __init__(self, one, number):
        self.socket, self.number = one, number
        self.buffer = b""
        self.has_ended = threading.Event()   # either side ended it
        self.may_hear = threading.Event()    # ends deafness

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def read_head(self):
        """The bytes of one request's head, or None at the end."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head

    def _line(self):
        while b"\r\n" not in self.buffer:
            if not self._more():
                raise ConnectionResetError
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def read_exactly(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise ConnectionResetError
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_body(self, head):
        if re.search(rb"(?im)^transfer-encoding:", head):
            parts = []
            while (size := int(self._line(), 16)) > 0:
                parts.append(self.read_exactly(size))
                self.read_exactly(2)
            self._line()
            return b"".join(parts)
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        return self.read_exactly(int(length.group(1))) if length else b""

    def read_to_end(self):
        while self._more():
            self.buffer = b""

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Upstream:
    """Listens from construction to close()."""

    def __init__(self):
        self.greeting = b""    # sent on every new connection, before anybody asked
        self.peers = {}
        self._seen = collections.defaultdict(list)
        self._plays = {}
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._listener.close()
        self.cut()

    def expect(self, identity, *plays):
        """The n-th request of that identity gets the n-th play, every further one the last."""
        with self._lock:
            self._plays[identity] = plays

    def of(self, identity):
        with self._lock:
            return list(self._seen[identity])

    def cut(self):
        """Ends every connection; goes on listening."""
        with self._lock:
            peers = [peer for peer in self.peers.values() if not peer.has_ended.is_set()]
        for peer in peers:
            peer.may_hear.set()
            try:
                peer.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def open_count(self):
        with self._lock:
            return sum(1 for peer in self.peers.values() if not peer.has_ended.is_set())

    def _accept(self):
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                peer = Peer(one, len(self.peers) + 1)
                self.peers[peer.number] = peer
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            peer.socket.sendall(self.greeting)
            while self._serve_one(peer):
                pass
        except OSError:
            pass
        finally:
            peer.has_ended.set()
            peer.socket.close()

    def _serve_one(self, peer):
        head = peer.read_head()
        if head is None:
            return False
        method, _, version = head.split(b"\r\n", 1)[0].decode().split(" ")
        named = re.search(rb"(?im)^x-play: *(\S+)", head)
        seen = Seen(named.group(1).decode() if named else "", method, version, head, peer.number)
        with self._lock:
            plays = self._plays.get(seen.identity)
            of_same = self._seen[seen.identity]
            play = plays[min(len(of_same), len(plays) - 1)] if plays else None
            of_same.append(seen)
        if play is None or play.reads_body:
            seen.body = peer.read_body(head)
        elif play.waits_for_body:
            seen.body = peer.read_exactly(play.waits_for_body)
        return self._perform(peer, play or canary(seen), seen)

    def _perform(self, peer, play, seen):
        for number, piece in enumerate(play.pieces()):
            if number:
                time.sleep(play.pause)
            peer.socket.sendall(piece)
        while play.flood and seen.flooded < FLOOD_BYTES_MAX:
            seen.flooded += peer.socket.send(play.flood)
            if play.pause > PIECE_PAUSE:
                time.sleep(play.pause)
        seen.answered.set()
        if play.end == "next":
            return True
        if play.end == "reset":
            peer.reset()
        elif play.end == "deaf":
            peer.may_hear.wait()
        else:
            if play.end == "fin":
                peer.socket.shutdown(socket.SHUT_WR)
            peer.read_to_end()
        return False


def identity_of(method, identity, body=b""):
    """The body of the answer that belongs to one request only."""
    return b"canary:%s:%s:%s" % (method.encode(), identity.encode(), body)


def canary(seen):
    body = identity_of(seen.method, seen.identity, seen.body)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    return Play(head if seen.method == "HEAD" else head + body)
