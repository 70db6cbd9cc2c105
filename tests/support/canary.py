#!/usr/bin/env python3
"""Canary: an ordinary client in a process of its own that tells how it fares while others misbehave.

It asks the same thing over a few keep-alive connections in turn, one request at a time, and never stops. A line
`mark N` on standard input is answered, once N requests were made since the last mark, with one line of JSON about
them. The end of standard input ends it.
"""

import argparse
import collections
import json
import os
import select
import socket
import sys
import time

PATIENCE_SECONDS = 60


class Line:
    """One keep-alive connection."""

    def __init__(self, port):
        self.port = port
        self.socket = None

    def dial(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def is_ended(self):
        """Whether the other side closed it between two requests."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def drop(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def ask(self, request):
        """The status of the whole answer. Raises OSError when there is none."""
        self.socket.sendall(request)
        text = b""
        while b"\r\n\r\n" not in text:
            text += self.more()
        head, rest = text.split(b"\r\n\r\n", 1)
        lower = head.lower()
        start = lower.index(b"\r\ncontent-length:") + 17
        left = int(lower[start:].split(b"\r\n", 1)[0]) - len(rest)
        while left > 0:
            left -= len(self.more())
        return int(head[9:12])

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError("closed in the middle")
        return data


class Canary:
    """All its connections, and what happened since the last mark."""

    def __init__(self, port, count, request):
        self.lines = [Line(port) for _ in range(count)]
        self.request = request
        self.turn = 0
        self.clear()

    def clear(self):
        self.statuses = collections.Counter()
        self.troubles = collections.Counter()
        self.latencies = []
        self.asked = 0

    def step(self):
        line = self.lines[self.turn % len(self.lines)]
        self.turn += 1
        self.asked += 1
        try:
            if line.socket is not None and line.is_ended():
                self.troubles["closed while idle"] += 1
                line.drop()
            if line.socket is None:
                line.dial()
            begun = time.monotonic()
            self.statuses[line.ask(self.request)] += 1
            self.latencies.append(time.monotonic() - begun)
        except OSError as error:
            self.troubles[f"{type(error).__name__}: {error}"] += 1
            line.drop()

    def summary(self):
        ordered = sorted(self.latencies) or [0.0]
        at = lambda part: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 3)
        return {"asked": self.asked, "statuses": {str(k): v for k, v in sorted(self.statuses.items())},
                "troubles": dict(self.troubles), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pause-ms", type=float, default=4)
    options = parser.parse_args()
    lines = "".join(f"{line}\r\n" for line in options.header)
    request = f"GET {options.path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode("latin-1")
    canary = Canary(options.port, options.connections, request)
    wanted = None   # requests that must have been made before the summary is due
    while True:
        canary.step()
        if wanted is not None and canary.asked >= wanted:
            print(json.dumps(canary.summary()), flush=True)
            canary.clear()
            wanted = None
        if select.select([sys.stdin], [], [], options.pause_ms / 1000)[0]:
            text = os.read(sys.stdin.fileno(), 4096)
            if not text:
                return
            wanted = int(text.split()[-1])


if __name__ == "__main__":
    main()
