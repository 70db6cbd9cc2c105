#!/usr/bin/env python3
"""Flood: thousands of clients that behave badly, in one process with one loop.

Started with `--some KIND=COUNT`, it connects them all from many loopback addresses and goes on misbehaving. Each
line on standard input is answered with one line of JSON about what happened so far; the end of standard input
closes every connection and ends it.
"""

import argparse
import collections
import errno
import json
import os
import resource
import select
import socket
import sys
import time

TURN_SECONDS = 0.05
TURNS_OF_A_SECOND = 20
DIALS_OF_A_TURN = 500
IP_BIND_ADDRESS_NO_PORT = 24


class Client:
    """One connection. Subclasses say what it sends first, and what it does once a second."""

    receive_buffer = None
    reads = True
    clings = False   # stays although the other side ended the connection

    def __init__(self, flood, number):
        self.flood, self.number = flood, number
        self.socket = None
        self.is_connected = False
        self.received = 0

    def first(self):
        return b""

    def each_second(self):
        pass

    def send(self, data):
        try:
            self.socket.send(data)
        except BlockingIOError:
            pass
        except OSError:
            self.flood.lose(self)


class Silent(Client):
    """Connects and says nothing."""


class Head(Client):
    """A head that gets one byte a second."""

    def first(self):
        return f"GET {self.flood.path} HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".encode()

    def each_second(self):
        self.send(b"a")


class Body(Client):
    """A body that gets one byte a second."""

    def first(self):
        return f"POST {self.flood.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\n".encode()

    def each_second(self):
        self.send(b"a")


class Asker(Client):
    """One whole request, then silence with the connection kept."""

    def first(self):
        return f"GET {self.flood.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


class Clinging(Asker):
    """One whole request, then silence; it never closes, even when the other side did."""

    clings = True


class Deaf(Asker):
    """One whole request whose answer is never read."""

    receive_buffer = 4096
    reads = False


class Trickle(Deaf):
    """One whole request whose answer is read a KiB a second."""

    def each_second(self):
        try:
            self.received += len(self.socket.recv(1024))
        except BlockingIOError:
            pass
        except OSError:
            self.flood.lose(self)


KINDS = {kind.__name__.lower(): kind for kind in (Silent, Head, Body, Asker, Clinging, Deaf, Trickle)}


class Flood:
    def __init__(self, options):
        self.port, self.path, self.again = options.port, options.path, options.again
        self.address, self.addresses = options.address, options.addresses
        self.epoll = select.epoll()
        self.clients = {}   # by descriptor
        self.waiting = collections.deque()   # (kind, number) that still have to connect
        self.opened = self.closed = self.turned_away = 0
        self.statuses = collections.Counter()
        self.errors = collections.Counter()
        kinds = [(KINDS[name], int(count)) for name, count in (one.split("=") for one in options.some)]
        mixed = [kind for kind, count in kinds for _ in range(count)]
        # The kinds mixed evenly: the first hundred connections have all of them.
        order = sorted(range(len(mixed)), key=lambda i: self.place(mixed, kinds, i))
        self.waiting.extend((mixed[i], number) for number, i in enumerate(order))

    @staticmethod
    def place(mixed, kinds, index):
        start = 0
        for kind, count in kinds:
            if mixed[index] is kind:
                return (index - start) / count
            start += count
        raise ValueError(index)

    def source(self, number):
        if self.address:
            return self.address
        place = number % self.addresses
        return f"127.0.{1 + place // 250}.{1 + place % 250}"

    def dial(self, kind, number):
        client = kind(self, number)
        client.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        client.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        if kind.receive_buffer:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kind.receive_buffer)
        client.socket.bind((self.source(number), 0))
        self.opened += 1
        error = client.socket.connect_ex(("127.0.0.1", self.port))
        if error not in (0, errno.EINPROGRESS):
            self.errors[os.strerror(error)] += 1
            client.socket.close()
            return
        self.clients[client.socket.fileno()] = client
        self.epoll.register(client.socket.fileno(), select.EPOLLOUT | select.EPOLLRDHUP)

    def lose(self, client):
        """It is over: by the other side, or by an error."""
        if self.clients.pop(client.socket.fileno(), None) is None:
            return
        self.closed += 1
        if client.is_connected and client.received == 0:
            self.turned_away += 1
        self.epoll.unregister(client.socket.fileno())
        client.socket.close()
        if self.again:
            self.waiting.append((type(client), client.number))

    def connected(self, client):
        error = client.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self.errors[os.strerror(error)] += 1
            return self.lose(client)
        client.is_connected = True
        wanted = (select.EPOLLIN if client.reads else 0) | (0 if client.clings else select.EPOLLRDHUP)
        self.epoll.modify(client.socket.fileno(), wanted)
        if client.first():
            client.send(client.first())
        return None

    def read(self, client):
        try:
            data = client.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            return self.lose(client)
        if client.received == 0 and data[:9] == b"HTTP/1.1 ":
            self.statuses[data[9:12].decode()] += 1
        client.received += len(data)
        if not data and client.clings and client.received > 0:
            self.epoll.modify(client.socket.fileno(), 0)
        elif not data:
            self.lose(client)

    def turn(self, number):
        for _ in range(min(DIALS_OF_A_TURN, len(self.waiting))):
            self.dial(*self.waiting.popleft())
        for client in list(self.clients.values()):
            if client.is_connected and client.number % TURNS_OF_A_SECOND == number % TURNS_OF_A_SECOND:
                client.each_second()

    def handle(self, descriptor, events):
        client = self.clients.get(descriptor)
        if client is None:
            return
        if not client.is_connected and events & (select.EPOLLOUT | select.EPOLLERR | select.EPOLLHUP):
            return self.connected(client)
        if events & select.EPOLLIN:
            return self.read(client)
        if events & (select.EPOLLERR | select.EPOLLHUP | select.EPOLLRDHUP):
            self.lose(client)

    def state(self):
        connected = sum(client.is_connected for client in self.clients.values())
        return {"opened": self.opened, "open": connected, "to_come": len(self.waiting) + len(self.clients) - connected,
                "closed": self.closed, "turned_away": self.turned_away, "statuses": dict(self.statuses),
                "errors": dict(self.errors), "received": sum(c.received for c in self.clients.values())}

    def run(self):
        self.epoll.register(sys.stdin.fileno(), select.EPOLLIN)
        turn, due = 0, time.monotonic()
        while True:
            if time.monotonic() >= due:
                self.turn(turn)
                turn, due = turn + 1, time.monotonic() + TURN_SECONDS
            for descriptor, events in self.epoll.poll(max(0.0, due - time.monotonic()), 1024):
                if descriptor != sys.stdin.fileno():
                    self.handle(descriptor, events)
                elif os.read(descriptor, 4096):
                    print(json.dumps(self.state()), flush=True)
                else:
                    return


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/")
    parser.add_argument("--some", action="append", required=True, help=f"KIND=COUNT of {', '.join(KINDS)}")
    parser.add_argument("--again", action="store_true", help="whoever is closed comes again")
    parser.add_argument("--address", help="the only client address")
    parser.add_argument("--addresses", type=int, default=250, help="how many client addresses")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Flood(parser.parse_args()).run()


if __name__ == "__main__":
    main()
