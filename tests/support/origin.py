#!/usr/bin/env python3
"""Origin: a small, fast back end as a process of its own; for load, and for tools/demo.

Echoes method and path as JSON. Prints `origin: listening on PORT` when ready; ends with SIGTERM.
"""

import argparse
import asyncio
import json
import signal


class Origin(asyncio.Protocol):
    """One connection: requests with Content-Length or chunked bodies, pipelined or not."""

    def __init__(self, name, padding):
        self.name, self.padding = name, padding
        self.buffer = b""
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while True:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if not mark:
                return
            end = self.body_end(head, rest)
            if end < 0:
                return
            self.buffer = rest[end:]
            self.answer(head)

    @staticmethod
    def body_end(head, rest):
        """Where the body ends in `rest`; -1 when it is not complete yet."""
        lower = head.lower()
        if b"\r\ntransfer-encoding: chunked" in lower:
            position = rest.find(b"0\r\n\r\n")
            return position + 5 if position >= 0 else -1
        start = lower.find(b"\r\ncontent-length:")
        if start < 0:
            return 0
        length = int(lower[start + 17:].split(b"\r\n", 1)[0])
        return length if len(rest) >= length else -1

    def answer(self, head):
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        body = {"backend": self.name, "method": method, "path": target}
        if self.padding:
            body["padding"] = "x" * self.padding
        text = json.dumps(body).encode() + b"\n"
        content = b"" if method == "HEAD" else text
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(text), content))


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--name", default="origin")
    parser.add_argument("--padding", type=int, default=0, help="bytes added to each answer")
    options = parser.parse_args()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Origin(options.name, options.padding), "127.0.0.1",
                                      options.port, backlog=1024)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    print(f"origin: listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
