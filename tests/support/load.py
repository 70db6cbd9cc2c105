#!/usr/bin/env python3
"""Load: many connections at once, every answer checked, every failure counted.

As a program it runs until SIGTERM or for --seconds and prints one JSON line; as a module `burst` sends a
given number of requests as fast as it can.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import time


class Caller(asyncio.Protocol):
    """One keep-alive connection that always has one request on its way."""

    def __init__(self, run):
        self.run = run
        self.buffer = b""
        self.transport = None
        self.sent_at = 0.0
        self.waiting = False

    def connection_made(self, transport):
        self.transport = transport
        self.next()

    def next(self):
        request = self.run.take()
        if request is None:
            self.transport.close()
            return
        self.waiting = True
        self.sent_at = time.monotonic()
        self.transport.write(request)

    def data_received(self, data):
        self.buffer += data
        while self.waiting:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if not mark:
                return
            lower = head.lower()
            start = lower.find(b"\r\ncontent-length:")
            if start >= 0:
                length = int(lower[start + 17:].split(b"\r\n", 1)[0])
            elif b"transfer-encoding: chunked" in lower:
                position = rest.find(b"0\r\n\r\n")
                if position < 0:
                    return
                length = position + 5
            else:
                length = 0
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.waiting = False
            self.run.answered(int(head[9:12]), head, rest[:length], time.monotonic() - self.sent_at)
            if b"\r\nconnection: close" in lower:
                self.transport.close()
                return
            if self.run.pause:
                self.run.loop.call_later(self.run.pause, self.next)
            else:
                self.next()

    def connection_lost(self, error):
        if self.waiting:
            self.waiting = False
            self.run.broke(repr(error))
        self.run.left(self)


class Run:
    """What is sent, and what came of it."""

    def __init__(self, port, requests, connections, total=None, expect=None, host="127.0.0.1", pause=0.0):
        self.pause = pause   # of each connection between an answer and its next request
        self.port, self.requests, self.connections, self.host = port, requests, connections, host
        self.total, self.expect = total, expect
        self.sent = 0
        self.statuses = collections.Counter()
        self.broken = collections.Counter()
        self.wrong = []
        self.latencies = []
        self.heads = []
        self.stopping = False
        self.open = 0
        self.done = None
        self.loop = None

    def take(self):
        if self.stopping or (self.total is not None and self.sent >= self.total):
            return None
        request = self.requests[self.sent % len(self.requests)]
        self.sent += 1
        return request

    def answered(self, status, head, body, seconds):
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if self.total is not None:
            self.heads.append((status, head, body))
        if self.expect is not None and self.expect not in body and len(self.wrong) < 20:
            self.wrong.append(f"{status} {body[:200]!r}")

    def broke(self, reason):
        self.broken[reason] += 1

    def left(self, _caller):
        self.open -= 1
        wanted = not self.stopping and (self.total is None or self.sent < self.total)
        if wanted:
            self.loop.create_task(self.dial())
        elif self.open == 0:
            self.done.set()

    async def dial(self):
        self.open += 1
        for _ in range(50):
            try:
                await self.loop.create_connection(lambda: Caller(self), self.host, self.port)
                return
            except OSError as error:
                self.broken[f"connect: {error.strerror}"] += 1
                await asyncio.sleep(0.02)
        self.open -= 1
        if self.open == 0:
            self.done.set()

    async def go(self, seconds=None):
        self.loop = asyncio.get_running_loop()
        self.done = asyncio.Event()
        await asyncio.gather(*(self.dial() for _ in range(self.connections)))
        if seconds is not None:
            self.loop.call_later(seconds, self.stop)
        await self.done.wait()

    def stop(self):
        self.stopping = True
        if self.open == 0:
            self.done.set()

    def summary(self):
        ordered = sorted(self.latencies)
        at = lambda part: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 3) if ordered else 0
        return {"sent": self.sent, "answered": sum(self.statuses.values()),
                "statuses": {str(k): v for k, v in sorted(self.statuses.items())},
                "broken": dict(self.broken), "wrong": self.wrong,
                "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0)}


def burst(port, requests, count, connections=50, expect=None):
    """Sends `count` requests at once over `connections`; the Run with everything that came back."""
    run = Run(port, requests, connections, total=count, expect=expect)
    asyncio.run(asyncio.wait_for(run.go(), 120))
    return run


class Load:
    """The program below in a process of its own."""

    def __init__(self, port, paths, headers=None, connections=16, expect=None, seconds=None, pause=0.0):
        arguments = [sys.executable, str(pathlib.Path(__file__)), "--port", str(port),
                     "--connections", str(connections)]
        for path in paths:
            arguments += ["--path", path]
        for name, value in (headers or {}).items():
            arguments += ["--header", f"{name}: {value}"]
        if expect:
            arguments += ["--expect", expect]
        if pause:
            arguments += ["--pause-ms", str(pause * 1000)]
        if seconds:
            arguments += ["--seconds", str(seconds)]
        self.child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True,
                                      start_new_session=True)

    def finish(self):
        """Stops sending, waits for what is on its way, and returns the summary."""
        if self.child.poll() is None:
            os.kill(self.child.pid, signal.SIGTERM)
        return self.wait()

    def wait(self):
        text, _ = self.child.communicate(timeout=200)
        return json.loads(text)

    def abandon(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()


def failures(summary, good=("200",)):
    """How many requests did not end well: broken, wrong content, or another status."""
    bad = sum(count for status, count in summary["statuses"].items() if status not in good)
    unanswered = summary["sent"] - summary["answered"] - sum(summary["broken"].values())
    return bad + sum(summary["broken"].values()) + len(summary["wrong"]) + max(0, unanswered)


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", action="append", required=True)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--host", default="localhost", help="the Host header")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--expect", help="text every body must contain")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--pause-ms", type=float, default=0, help="of each connection between two requests")
    options = parser.parse_args()
    lines = "".join(f"{line}\r\n" for line in options.header)
    requests = [f"GET {path} HTTP/1.1\r\nHost: {options.host}\r\n{lines}\r\n".encode("latin-1")
                for path in options.path]
    expect = options.expect.encode() if options.expect else None
    run = Run(options.port, requests, options.connections, expect=expect, pause=options.pause_ms / 1000)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, run.stop)
    await run.go(options.seconds)
    print(json.dumps(run.summary()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
