"""Hostile: requests that meet a back end which misbehaves, and what their clients may have seen of it."""

import itertools

from . import wire
from .process import wait_until
from .upstream import identity_of
from .view import look

BASE = "/hostile/1.0.0"


class World:
    """Gateways over one raw upstream: their pools hold connections to nobody else."""

    def __init__(self, upstream, gateways):
        self.upstream = upstream
        self.patient, self.impatient, self.crowd = gateways
        self._numbers = itertools.count(1)

    def identity(self):
        return f"p{next(self._numbers)}"

    def fresh(self):
        """No pooled connection is left."""
        self.upstream.cut()
        wait_until(lambda: self.upstream.open_count() == 0, 20, "the end of every pooled connection")

    def warm(self, gateway=None):
        """The number of the pooled connection the next request is going to take."""
        meeting = meet(self, method="GET", gateway=gateway)
        meeting.assert_own()
        meeting.client.close()
        return meeting.seen[0].number


class Meeting:
    """One request of one client, and what came of it."""

    def __init__(self, world, gateway, identity, method, seconds=20):
        self.world, self.gateway, self.identity, self.method = world, gateway, identity, method
        self.client = gateway.connect(seconds=seconds)
        self.view = None

    def look(self):
        self.view = look(self.client, self.method)
        return self

    @property
    def seen(self):
        return self.world.upstream.of(self.identity)

    def assert_error(self, *codes):
        """A whole error of the gateway's own."""
        view = self.view
        assert view.is_whole and view.status == 500 and view.code in codes, view
        assert view.interim == [] and b"poison" not in view.body, view

    def assert_whole(self, status, body):
        view = self.view
        assert view.is_whole and (view.status, view.body) == (status, body), view
        assert view.interim == [] and view.header("x-poison") is None, view

    def assert_own(self, body=b""):
        self.assert_whole(200, identity_of(self.method, self.identity, body))

    def assert_not_whole(self, content, *codes):
        """An error, or an answer that is visibly cut, and nothing but the beginning of `content` in it."""
        if self.view.status in (None, 200):
            assert not self.view.is_whole and self.view.end, self.view
            assert content.startswith(self.view.body), self.view
        else:
            self.assert_error(*(codes or ("101505", "101506")))

    def assert_dropped(self):
        """The gateway has ended every connection this request came on."""
        for one in self.seen:
            peer = self.world.upstream.peers[one.number]
            assert peer.has_ended.wait(20), f"connection {one.number} stayed after {self.view}"

    def settle(self):
        """Two more requests get what is theirs: on the client's connection if it lives on, as it then must."""
        client = self.client
        if not self.view.is_whole or self.view.closes or self.view.end:
            assert client.is_closed(), f"more came after {self.view}"
            client.close()
            client = self.gateway.connect()
        numbers = []
        with client:
            for method, body in (("GET", b""), ("POST", b"of its own")):
                identity = self.world.identity()
                client.send(encode(method, identity, body=body))
                view = look(client, method)
                assert view.is_whole and view.body == identity_of(method, identity, body), view
                seen = self.world.upstream.of(identity)
                assert len(seen) == 1 and seen[0].body == body
                numbers.append(seen[0].number)
        return numbers

    def settle_on_same(self):
        number = self.seen[-1].number
        assert self.settle() == [number, number], "a good connection was given up"


def encode(method, identity, fields=None, body=b"", version="HTTP/1.1"):
    return wire.encode(method, f"{BASE}/{identity}", {"X-Play": identity, **(fields or {})}, body, version=version)


def meet(world, *plays, method="GET", fields=None, body=b"", version="HTTP/1.1", gateway=None, seconds=20):
    """A request that the upstream answers with `plays` (none: properly)."""
    identity = world.identity()
    if plays:
        world.upstream.expect(identity, *plays)
    meeting = Meeting(world, gateway or world.patient, identity, method, seconds)
    meeting.client.send(encode(method, identity, fields, body, version))
    return meeting.look()


def begin(world, play, fields, sent, gateway=None):
    """A POST of which only `sent` is sent."""
    identity = world.identity()
    world.upstream.expect(identity, play)
    meeting = Meeting(world, gateway or world.patient, identity, "POST")
    meeting.client.send(encode("POST", identity, fields) + sent)
    return meeting
