"""Wire cases that put every byte into one place of a request: what may stand there passes, all else is refused."""

from .wire_cases import BASE, Sweep, chunked, get, post, raw, seen

EVERY = tuple(range(256))
ODD = tuple(range(0x01, 0x20)) + tuple(range(0x7f, 0x100))   # no byte of a token, of a text or of a target
DIGITS = b"0123456789"
LETTERS = bytes(range(ord("a"), ord("z") + 1)) + bytes(range(ord("A"), ord("Z") + 1))
TOKEN = DIGITS + LETTERS + b"!#$%&'*+-.^_`|~"
TEXT = b"\t" + bytes(range(0x20, 0x7f)) + bytes(range(0x80, 0x100))
PLAIN = DIGITS + LETTERS + b"-._~!$&'()*+,=:@[];/?"   # of a target
TAB, LF, CR = b"\t\n\r"

LAST = b"0\r\n\r\n"
AT_X = seen(b"GET", b"/x")
EMPTY = (seen(b"POST", b"/x", chunks=b""),)
FIVE = (seen(b"POST", b"/x", length=b"hello"),)
CHUNKS = (seen(b"POST", b"/x", chunks=b"hello"),)
NEVER = seen(b"POST", b"/x", chunks=b"")     # of a body that breaks before its first content
NEVER_WHOLE = seen(b"POST", b"/x", chunks=b"hello")


def coding(name, line, served=None):
    return Sweep(f"coding, {name}", post(line, body=LAST), ODD, served or {})


def length(name, line, served=None):
    return Sweep(f"length, {name}", post(line, body=b"hello"), ODD, served or {})


FRAMING = [
    coding("before the name", b"<byte>Transfer-Encoding: chunked"),
    coding("in the name", b"Transfer<byte>-Encoding: chunked"),
    coding("instead of the dash", b"Transfer<byte>Encoding: chunked"),
    coding("behind the name", b"Transfer-Encoding<byte>: chunked"),
    coding("behind the colon", b"Transfer-Encoding:<byte>chunked", {TAB: EMPTY}),
    coding("behind the space", b"Transfer-Encoding: <byte>chunked", {TAB: EMPTY}),
    coding("in the value", b"Transfer-Encoding: chun<byte>ked"),
    coding("behind the value", b"Transfer-Encoding: chunked<byte>", {TAB: EMPTY}),
    coding("behind the line break before", b"X: y\r\n<byte>Transfer-Encoding: chunked"),
    coding("instead of the line feed before", b"X: y\r<byte>Transfer-Encoding: chunked",
           {LF: (seen(b"POST", b"/x", b"X: y", chunks=b""),)}),
    coding("before a line feed", b"X: y<byte>\nTransfer-Encoding: chunked",
           {CR: (seen(b"POST", b"/x", b"X: y", chunks=b""),)}),
    length("before the name", b"<byte>Content-Length: 5"),
    length("in the name", b"Content<byte>-Length: 5"),
    length("behind the name", b"Content-Length<byte>: 5"),
    length("behind the colon", b"Content-Length:<byte>5", {TAB: FIVE}),
    length("between digits", b"Content-Length: 0<byte>5"),
    length("behind the digits", b"Content-Length: 5<byte>"),
]

NAMES = {byte: (seen(b"GET", b"/x", b"X" + bytes([byte]) + b"Y: 1"),) for byte in TOKEN if byte != ord("_")}
NAMES[ord(":")] = (seen(b"GET", b"/x", b"X: Y: 1"),)
NOT_UNDERSCORE = tuple(byte for byte in EVERY if byte != ord("_"))   # those names have a case of their own
HOST_NAME = DIGITS + LETTERS + b"-._"

HEADS = [
    Sweep("in a field's name", get(b"X<byte>Y: 1"), NOT_UNDERSCORE, NAMES),
    Sweep("in a field's value", get(b"X: a<byte>b"), EVERY,
          {byte: (seen(b"GET", b"/x", b"X: a" + bytes([byte]) + b"b"),) for byte in TEXT}),
    Sweep("in Host", get(host=b"Host: a<byte>b"), EVERY,
          {byte: (seen(b"GET", b"/x", host=b"a" + bytes([byte]) + b"b"),) for byte in HOST_NAME}),
    Sweep("in the path", get(path=BASE + b"/a<byte>b"), EVERY,
          {byte: (seen(b"GET", b"/a" + bytes([byte]) + b"b"),) for byte in PLAIN}),
    Sweep("in the query", get(path=BASE + b"/x?a<byte>b"), EVERY,
          {byte: (seen(b"GET", b"/x?a" + bytes([byte]) + b"b"),) for byte in PLAIN}),
    Sweep("in the method", raw(b"G<byte>T", BASE + b"/x"), EVERY,
          {**{byte: 501 for byte in TOKEN}, ord("E"): (AT_X,)}),
    Sweep("before the method", b"<byte>" + get(), EVERY, {byte: 501 for byte in TOKEN}),
    Sweep("behind the method", b"GET<byte>" + BASE + b"/x HTTP/1.1\r\nHost: a\r\n\r\n", EVERY, {ord(" "): (AT_X,)}),
    Sweep("behind the target", b"GET " + BASE + b"/x<byte>HTTP/1.1\r\nHost: a\r\n\r\n", EVERY, {ord(" "): (AT_X,)}),
    Sweep("behind the protocol's name", get(version=b"HTTP<byte>1.1"), EVERY, {ord("/"): (AT_X,)}),
    Sweep("as the major version", get(version=b"HTTP/<byte>.1"), EVERY,
          {**{byte: 505 for byte in DIGITS}, ord("1"): (AT_X,)}),
    Sweep("as the version's dot", get(version=b"HTTP/1<byte>1"), EVERY, {ord("."): (AT_X,)}),
    Sweep("as the minor version", get(version=b"HTTP/1.<byte>"), tuple(b for b in EVERY if b != ord("0")),
          {**{byte: 505 for byte in DIGITS}, ord("1"): (AT_X,)}),
    Sweep("behind the start line's CR", b"GET " + BASE + b"/x HTTP/1.1\r<byte>Host: a\r\n\r\n", EVERY, {LF: (AT_X,)}),
    Sweep("behind the last CR", get()[:-1] + b"<byte>", EVERY, {LF: (AT_X,)}),
]

HEX = b"0123456789abcdefABCDEF"
NO_HEX = tuple(byte for byte in EVERY if byte not in HEX)
EXTENSION = bytes(range(0x21, 0x7f))

CHUNK_BODIES = [
    Sweep("before a chunk's size", chunked(b"<byte>5\r\nhello\r\n" + LAST), NO_HEX, {}, cut=NEVER),
    Sweep("behind a chunk's size", chunked(b"5<byte>\r\nhello\r\n" + LAST), NO_HEX, {}, cut=NEVER),
    Sweep("behind the size's CR", chunked(b"5\r<byte>hello\r\n" + LAST), EVERY, {LF: CHUNKS}, cut=NEVER),
    Sweep("in a chunk's extension", chunked(b"5;a<byte>b\r\nhello\r\n" + LAST), EVERY,
          {byte: CHUNKS for byte in EXTENSION}, cut=NEVER),
    Sweep("behind a chunk's data", chunked(b"5\r\nhello<byte>\r\n" + LAST), EVERY, {}, cut=NEVER_WHOLE),
    Sweep("behind the data's CR", chunked(b"5\r\nhello\r<byte>" + LAST), EVERY, {LF: CHUNKS}, cut=NEVER_WHOLE),
    Sweep("behind the last size's CR", chunked(b"5\r\nhello\r\n0\r<byte>\r\n"), EVERY, {LF: CHUNKS}, cut=NEVER_WHOLE),
    Sweep("behind the last CR of a body", chunked(b"5\r\nhello\r\n0\r\n\r<byte>"), EVERY, {LF: CHUNKS},
          cut=NEVER_WHOLE),
    Sweep("in a trailer's name", chunked(b"5\r\nhello\r\n0\r\nA<byte>B: 1\r\n\r\n"), EVERY,
          {byte: CHUNKS for byte in TOKEN + b":"}, cut=NEVER_WHOLE),
    Sweep("in a trailer's value", chunked(b"5\r\nhello\r\n0\r\nA: a<byte>b\r\n\r\n"), EVERY,
          {byte: CHUNKS for byte in TEXT}, cut=NEVER_WHOLE),
]

SWEEPS = FRAMING + HEADS + CHUNK_BODIES
