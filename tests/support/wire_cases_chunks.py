"""Wire cases of chunked bodies: sizes, extensions, line ends, trailers, and bodies that stop (rows C)."""

from .wire_cases import BASE, CLOSED, HIDDEN, LOCKED, Case, chunked, get, raw, refused_body, seen, served

LAST = b"0\r\n\r\n"
HELLO = seen(b"POST", b"/x", chunks=b"hello")
NEXT = seen(b"GET", b"/x")


def refused_size(name, size):
    """`size` stands where the first chunk's size should."""
    return refused_body(f"C1 size {name}", size + b"\r\nhello\r\n" + LAST, content=b"")


def after_hello(name, rest, status=400):
    """Behind a good first chunk."""
    return refused_body(name, b"5\r\nhello\r\n" + rest, status)


def taken(name, body, content=b"hello"):
    """A body that is good, and the next request behind it."""
    return served(name, chunked(body) + get(), seen(b"POST", b"/x", chunks=content), NEXT)


SIZES = [refused_size(name, size) for name, size in (
    ("+5", b"+5"), ("-5", b"-5"), ("0x5", b"0x5"), ("space before", b" 5"), ("tab before", b"\t5"), ("5_0", b"5_0"),
    ("Z", b"Z"), ("empty", b""), ("5 5", b"5 5"), ("5.0", b"5.0"), ("5h", b"5h"), ("x5", b"x5"), ("5,5", b"5,5"),
    ("quoted", b'"5"'), ("NUL before", b"\0" b"5"), ("NUL behind", b"5\0"), ("vertical tab before", b"\v5"),
    ("CRLF before", b"\r\n5"), ("LF before", b"\n5"), ("other script's digit", "\u0665".encode()),
    ("minus 0", b"-0"), ("0x0", b"0x0"), ("colon", b"5:"), ("extension without size", b";a=b"))] + [
    after_hello("C1 second size -1", b"-1\r\nx\r\n" + LAST),
    after_hello("C1 second size empty", b"\r\nx\r\n" + LAST),
    after_hello("C1 second size 0x0", b"0x0\r\n\r\n"),
    after_hello("C1 second size Z", b"Z\r\n\r\n"),
    refused_body("C2 space behind", b"5 \r\nhello\r\n" + LAST, content=b""),
    refused_body("C2 tab behind", b"5\t\r\nhello\r\n" + LAST, content=b""),
    refused_body("C2 spaces before an extension", b"5  ;a\r\nhello\r\n" + LAST, content=b""),
    after_hello("C2 space behind the last", b"0 \r\n\r\n"),
    refused_body("C3 2^64 + 5", b"10000000000000005\r\nhello\r\n" + LAST, content=b""),
    refused_body("C3 2^65", b"20000000000000000\r\nhello\r\n" + LAST, content=b""),
    refused_body("C4 1000 zeros", b"0" * 1000 + b"5\r\nhello\r\n" + LAST, content=b""),
    refused_body("C4 seventeen digits", b"0" * 16 + b"5\r\nhello\r\n" + LAST, content=b""),
    after_hello("C4 1000 zeros at the end", b"0" * 1000 + b"\r\n\r\n"),
    taken("C4 sixteen digits", b"0" * 15 + b"5\r\nhello\r\n" + LAST),
    taken("C4 sixteen zeros at the end", b"5\r\nhello\r\n" + b"0" * 16 + b"\r\n\r\n"),
    taken("C4 hex in both cases", b"a\r\n0123456789\r\nA\r\n0123456789\r\n" + LAST, b"0123456789" * 2),
]

EXTENSIONS = [
    taken("C5 extension", b"5;a=b\r\nhello\r\n" + LAST),
    taken("C5 name only", b"5;a\r\nhello\r\n" + LAST),
    taken("C5 several", b"5;a=b;c;d=e\r\nhello\r\n" + LAST),
    taken("C5 at the end", b"5\r\nhello\r\n0;a=b\r\n\r\n"),
    taken("C5 that looks like a size", b"5;1000\r\nhello\r\n" + LAST),
    refused_body("C6 empty", b"5;\r\nhello\r\n" + LAST, content=b""),
    after_hello("C6 empty at the end", b"0;\r\n\r\n"),
    refused_body("C7 LF ends it", b"5;a\nhello\r\n" + LAST, content=b""),
    refused_body("C7 LF ends a size", b"5\nhello\r\n" + LAST, content=b""),
    refused_body("C7 LF hides a size", b"5;a\n2\r\nhe\r\n" + LAST, content=b""),
    after_hello("C7 LF ends the last size", b"0\n\r\n"),
    refused_body("C8 NUL", b"5;a\0\r\nhello\r\n" + LAST, content=b""),
    refused_body("C8 CR", b"5;a\rb\r\nhello\r\n" + LAST, content=b""),
    refused_body("C8 CR CR LF", b"5;a\r\r\nhello\r\n" + LAST, content=b""),
    refused_body("C8 DEL", b"5;a\x7f\r\nhello\r\n" + LAST, content=b""),
    refused_body("C8 high byte", b"5;a=\xff\r\nhello\r\n" + LAST, content=b""),
    taken("C9 quoted", b'5;a="b;\\"c"\r\nhello\r\n' + LAST),
    refused_body("C9 quoted line break", b'5;a="b\r\nhello"\r\nhello\r\n' + LAST),
    refused_body("C10 20,000 bytes", b"5;" + b"a" * 20000 + b"\r\nhello\r\n" + LAST, content=b""),
    refused_body("C10 257 bytes", b"5;" + b"a" * 257 + b"\r\nhello\r\n" + LAST, content=b""),
    taken("C10 256 bytes", b"5;" + b"a" * 256 + b"\r\nhello\r\n" + LAST),
    refused_body("C10 too many in one body", (b"1;" + b"a" * 250 + b"\r\nz\r\n") * 80 + LAST, content=b"z" * 80),
    taken("C10 many in one body", (b"1;" + b"a" * 250 + b"\r\nz\r\n") * 60 + LAST, b"z" * 60),
]

DATA = [
    refused_body("C11 LF ends the data", b"5\r\nhello\n0\r\n\r\n"),
    refused_body("C11 CR ends the data", b"5\r\nhello\r0\r\n\r\n"),
    refused_body("C11 nothing ends the data", b"5\r\nhello0\r\n\r\n"),
    refused_body("C11 LF CR ends the data", b"5\r\nhello\n\r0\r\n\r\n"),
    refused_body("C12 XX ends the data", b"5\r\nhelloXX0\r\n\r\n"),
    refused_body("C12 XX and CRLF", b"5\r\nhelloXX\r\n0\r\n\r\n"),
    refused_body("C12 a request ends the data", b"5\r\nhello" + HIDDEN),
    refused_body("C13 CR X ends the size", b"5\rXhello\r\n" + LAST, content=b""),
    refused_body("C13 CR alone ends the size", b"5\rhello\r\n" + LAST, content=b""),
    refused_body("C13 CR CR LF ends the size", b"5\r\r\nhello\r\n" + LAST, content=b""),
    refused_body("C14 more data than said", b"5\r\nhello!\r\n" + LAST),
    refused_body("C14 much more data than said", b"5\r\nhello" + b"z" * 300 + b"\r\n" + LAST),
    refused_body("C14 less data than said", b"8\r\nhello\r\n0\r\n\r\n", content=b"hello\r\n0"),
    refused_body("C14 size 0 with data", b"0\r\nhello\r\n\r\n", content=b""),
]


def trailer(name, *lines):
    """Dropped: the back end gets the body and nothing else."""
    return served(f"C16 {name}", chunked(b"5\r\nhello\r\n0\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n")
                  + get(), HELLO, NEXT)


TRAILERS = [
    after_hello("C15 Content-Length", b"0\r\nContent-Length: 5\r\n\r\n"),
    after_hello("C15 Transfer-Encoding", b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    after_hello("C15 content-length in lower case", b"0\r\nA: b\r\ncontent-length: 5\r\n\r\n"),
    after_hello("C15 transfer-encoding identity", b"0\r\ntransfer-encoding: identity\r\n\r\n"),
    trailer("Host", b"Host: evil"),
    trailer("Authorization", b"Authorization: Bearer x"),
    trailer("X-Auth-User", b"X-Auth-User: admin"),
    trailer("Cookie", b"Cookie: a=b"),
    trailer("Content-Type", b"Content-Type: text/html"),
    trailer("Connection: close", b"Connection: close"),
    trailer("X-Forwarded-For", b"X-Forwarded-For: 10.0.0.1"),
    trailer("Expect", b"Expect: magic"),
    trailer("several", b"A: b", b"C: d", b"A: e", b"Digest: f"),
    trailer("announced", b"X-Sum: 1"),
    served("C16 announced by Trailer", chunked(b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", b"Trailer: X-Sum") + get(),
           HELLO, NEXT),
    Case("C16 an API key in a trailer is no key",
         chunked(b"5\r\nhello\r\n0\r\nApiKey: <key>\r\n\r\n", path=LOCKED + b"/x"), (401,), CLOSED),
    after_hello("C17 folded", b"0\r\nA: b\r\n c\r\n\r\n"),
    after_hello("C17 folded by tab", b"0\r\nA: b\r\n\tc\r\n\r\n"),
    after_hello("C17 folded first", b"0\r\n A: b\r\n\r\n"),
    after_hello("C17 LF ends a trailer", b"0\r\nA: b\nC: d\r\n\r\n"),
    after_hello("C17 last line break bare", b"0\r\n\n"),
    after_hello("C17 last line break bare behind a trailer", b"0\r\nA: b\r\n\n"),
    after_hello("C17 CR X at the end", b"0\r\n\rX"),
    after_hello("C17 NUL in a value", b"0\r\nA: \0\r\n\r\n"),
    after_hello("C17 space behind a name", b"0\r\nA : b\r\n\r\n"),
    after_hello("C17 no colon", b"0\r\nA\r\n\r\n"),
    after_hello("C17 empty name", b"0\r\n: b\r\n\r\n"),
    after_hello("C17 a request in place of the end", b"0\r\n"),
    after_hello("C17 20,000 bytes", b"0\r\nA: " + b"b" * 20000 + b"\r\n\r\n"),
    after_hello("C17 a thousand", b"0\r\n" + b"A: b\r\n" * 1000 + b"\r\n"),
]


def cut(name, body, content=b"hello"):
    """The client ends in the middle: the back end must never see a whole request."""
    return Case(f"C18 {name}", chunked(body), (), CLOSED, cut=seen(b"POST", b"/x", chunks=content), ends=True)


CUTS = [
    cut("in a size", b"5"), cut("behind a size", b"5\r\n", b""), cut("in the data", b"5\r\nhel", b"hel"),
    cut("behind the data", b"5\r\nhello"), cut("behind a chunk", b"5\r\nhello\r\n"),
    cut("in the last size", b"5\r\nhello\r\n0"), cut("behind the last size", b"5\r\nhello\r\n0\r\n"),
    cut("in the last line break", b"5\r\nhello\r\n0\r\n\r"), cut("in a trailer", b"5\r\nhello\r\n0\r\nA: b"),
    cut("behind a trailer", b"5\r\nhello\r\n0\r\nA: b\r\n"), cut("in an extension", b"5;a=b", b""),
    cut("at once", b"", b""), cut("in a chunk of 2^64 - 1", b"FFFFFFFFFFFFFFFF\r\nhello"),
    Case("C18 in a body with a length", raw(b"POST", BASE + b"/x", b"Content-Length: 10", body=b"hello"), (), CLOSED,
         cut=seen(b"POST", b"/x", length=b"helloworld"), ends=True),
]

METERED = [
    taken("C19 one byte a chunk", b"1\r\nz\r\n" * 5000 + LAST, b"z" * 5000),
    taken("C19 chunks of every small size",
          b"".join(b"%x\r\n%s\r\n" % (size, b"y" * size) for size in range(1, 100)) + LAST, b"y" * 4950),
    taken("C19 the limit", b"10000\r\n" + b"z" * 65536 + b"\r\n" + LAST, b"z" * 65536),
    refused_body("C19 one byte over the limit", b"10000\r\n" + b"z" * 65536 + b"\r\n1\r\nz\r\n" + LAST, 413,
                 b"z" * 65536),
    refused_body("C19 over the limit in one chunk", b"10001\r\n" + b"z" * 65537 + b"\r\n" + LAST, 413, b"z" * 65537),
    taken("C19 empty body", LAST, b""),
]

CASES = SIZES + EXTENSIONS + DATA + TRAILERS + CUTS + METERED
