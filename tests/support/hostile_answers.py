"""Hostile answers: heads and chunks that no client may ever be told about, by what is wrong with them."""

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSE = OK + b"Connection: close\r\n\r\nhello"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
POISON = OK + b"X-Poison: 1\r\nContent-Length: 6\r\n\r\npoison"


def head(*lines, start=OK, rest=b"hello"):
    """An answer with these field lines."""
    return start + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + rest


def bodyless(status, *lines, rest=b""):
    return head(*lines, start=b"HTTP/1.1 %d Odd\r\n" % status, rest=rest)


LENGTH = b"Content-Length: 5"
CODING = b"Transfer-Encoding: chunked"
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"

LYING_HEADS = {
    "two lengths": head(LENGTH, b"Content-Length: 6"),
    "the same length twice": head(LENGTH, LENGTH),
    "a list of lengths": head(b"Content-Length: 5, 5"),
    "length and coding": head(LENGTH, CODING, rest=CHUNKS),
    "coding and length": head(CODING, LENGTH, rest=CHUNKS),
    "length with a plus": head(b"Content-Length: +5"),
    "negative length": head(b"Content-Length: -5"),
    "length minus nothing": head(b"Content-Length: -0", rest=b""),
    "length in hex": head(b"Content-Length: 0x5"),
    "length with an underscore": head(b"Content-Length: 5_0"),
    "length in two parts": head(b"Content-Length: 5 0"),
    "length with a vertical tab": head(b"Content-Length: 5\x0b"),
    "length with a parameter": head(b"Content-Length: 5;a"),
    "fractional length": head(b"Content-Length: 5.0"),
    "empty length": head(b"Content-Length:"),
    "length of 2^64": head(b"Content-Length: 18446744073709551616"),
    "length of forty digits": head(b"Content-Length: " + b"9" * 40),
    "chunked in 1.0": head(CODING, start=b"HTTP/1.0 200 OK\r\n", rest=CHUNKS),
    "gzip coding": head(b"Transfer-Encoding: gzip"),
    "gzip before chunked": head(b"Transfer-Encoding: gzip, chunked", rest=CHUNKS),
    "gzip after chunked": head(b"Transfer-Encoding: chunked, gzip", rest=CHUNKS),
    "identity": head(b"Transfer-Encoding: identity"),
    "identity after chunked": head(b"Transfer-Encoding: chunked, identity", rest=CHUNKS),
    "chunked twice": head(b"Transfer-Encoding: chunked, chunked", rest=CHUNKS),
    "chunked in two lines": head(CODING, CODING, rest=CHUNKS),
    "identity and chunked in two lines": head(b"Transfer-Encoding: identity", CODING, rest=CHUNKS),
    "comma before chunked": head(b"Transfer-Encoding: ,chunked", rest=CHUNKS),
    "comma after chunked": head(b"Transfer-Encoding: chunked,", rest=CHUNKS),
    "empty coding": head(b"Transfer-Encoding:", rest=CHUNKS),
    "empty coding and a length": head(b"Transfer-Encoding:", LENGTH),
    "prefixed coding": head(b"Transfer-Encoding: xchunked", rest=CHUNKS),
    "suffixed coding": head(b"Transfer-Encoding: chunkedx", rest=CHUNKS),
    "quoted coding": head(b'Transfer-Encoding: "chunked"', rest=CHUNKS),
    "coding with a parameter": head(b"Transfer-Encoding: chunked;q=1", rest=CHUNKS),
    "coding with a vertical tab": head(b"Transfer-Encoding: \x0bchunked", rest=CHUNKS),
    "coding with a no-break space": head(b"Transfer-Encoding: \xa0chunked", rest=CHUNKS),
    "coding with a nul": head(b"Transfer-Encoding: chunked\0", rest=CHUNKS),
}

BROKEN_FIELDS = {
    "space before the colon of the length": head(b"Content-Length : 5"),
    "space before the colon of the coding": head(b"Transfer-Encoding : chunked", rest=CHUNKS),
    "space before another colon": head(b"X-A : 1", LENGTH),
    "space in a name": head(b"X A: 1", LENGTH),
    "tab in a name": head(b"X\tA: 1", LENGTH),
    "empty name": head(b": x", LENGTH),
    "no colon": head(b"Nonsense", LENGTH),
    "a field begins with a space": head(b" X-A: 1", LENGTH),
    "a field begins with a tab": head(b"\tX-A: 1", LENGTH),
    "folded field": head(b"X-A: b\r\n c", LENGTH),
    "folded with a tab": head(b"X-A: b\r\n\tc", LENGTH),
    "folded coding": head(b"Transfer-Encoding:\r\n chunked", rest=CHUNKS),
    "length hidden in a fold": head(b"X: a\r\n Content-Length: 35"),
    "coding behind two bare returns": head(b"X:\r\rTransfer-Encoding: chunked", LENGTH),
    "head ends with a bare return": OK + LENGTH + b"\r\n\rXhello",
    "head ends with a bare feed": OK + LENGTH + b"\r\n\nhello",
    "bare feed ends a field": OK + b"X-A: b\n" + LENGTH + b"\r\n\r\nhello",
    "bare feeds everywhere": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "bare return in a value": head(b"X-A: b\rc", LENGTH),
    "bare feed in a value": head(b"X-A: b\nc", LENGTH),
    "nul in a value": head(b"X-A: b\0c", LENGTH),
    "nul in a name": head(b"X\0A: b", LENGTH),
    "bell in a value": head(b"X-A: b\x07c", LENGTH),
    "unit separator in a value": head(b"X-A: b\x1fc", LENGTH),
    "delete in a value": head(b"X-A: b\x7fc", LENGTH),
    "high byte in a name": head(b"X-\xc3\xa4: b", LENGTH),
    "parenthesis in a name": head(b"X(A): b", LENGTH),
    "slash in a name": head(b"X/A: b", LENGTH),
    "quote in a name": head(b'X"A: b', LENGTH),
    "more fields than anybody reads": head(*[b"X-%d: y" % n for n in range(201)], LENGTH),
    "a head over every limit": head(b"X-A: " + b"y" * (80 << 10), LENGTH),
}

START_LINES = {
    "status 099": b"HTTP/1.1 099 Odd\r\n",
    "status 020": b"HTTP/1.1 020 Odd\r\n",
    "status 000": b"HTTP/1.1 000 Odd\r\n",
    "status 2000": b"HTTP/1.1 2000 Odd\r\n",
    "status 20": b"HTTP/1.1 20 Odd\r\n",
    "status 600": b"HTTP/1.1 600 Odd\r\n",
    "status 999": b"HTTP/1.1 999 Odd\r\n",
    "negative status": b"HTTP/1.1 -200 OK\r\n",
    "status with a sign": b"HTTP/1.1 +20 OK\r\n",
    "status in letters": b"HTTP/1.1 two OK\r\n",
    "status in hex": b"HTTP/1.1 0xc OK\r\n",
    "status glued to its reason": b"HTTP/1.1 200OK\r\n",
    "no status": b"HTTP/1.1 OK\r\n",
    "version only": b"HTTP/1.1\r\n",
    "line feed only": b"HTTP/1.1 200 OK\n",
    "line return only": b"HTTP/1.1 200 OK\r",
    "nul in the reason": b"HTTP/1.1 200 O\0K\r\n",
    "return in the reason": b"HTTP/1.1 200 O\rK\r\n",
    "a field in the reason": b"HTTP/1.1 200 O\rX-Poison: 1\r\n",
    "bell in the reason": b"HTTP/1.1 200 O\x07K\r\n",
    "two spaces": b"HTTP/1.1  200 OK\r\n",
    "tabs": b"HTTP/1.1\t200\tOK\r\n",
    "version 2.0": b"HTTP/2.0 200 OK\r\n",
    "version 0.9": b"HTTP/0.9 200 OK\r\n",
    "version 1.2": b"HTTP/1.2 200 OK\r\n",
    "version 1.10": b"HTTP/1.10 200 OK\r\n",
    "small letters": b"http/1.1 200 OK\r\n",
    "a space in front": b" HTTP/1.1 200 OK\r\n",
    "an empty line in front": b"\r\nHTTP/1.1 200 OK\r\n",
    "another protocol": b"RTSP/1.0 200 OK\r\n",
    "a stream server": b"ICY 200 OK\r\n",
    "a mail server": b"220 mail.example ESMTP\r\n",
    "a shell server": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a request": b"GET /poison HTTP/1.1\r\nHost: a\r\n",
    "a body without a head": b"<html>poison</html>\r\n",
    "a byte order mark": b"\xef\xbb\xbfHTTP/1.1 200 OK\r\n",
}

INTERIM = {
    "101 nobody asked for": head(start=b"HTTP/1.1 101 Switching Protocols\r\n"),
    "101 with an upgrade": head(b"Connection: Upgrade", b"Upgrade: websocket", rest=POISON,
                                start=b"HTTP/1.1 101 Switching Protocols\r\n"),
    "101 and a length": head(LENGTH, start=b"HTTP/1.1 101 Switching Protocols\r\n"),
    "101 behind a 100": CONTINUE + head(start=b"HTTP/1.1 101 Switching Protocols\r\n"),
    "nine interim answers": CONTINUE * 9 + HELLO,
    "a broken interim answer": b"HTTP/1.1 100 Continue\r\nX A: 1\r\n\r\n" + HELLO,
    "a body behind an interim answer": b"HTTP/1.1 100 Continue\r\nContent-Length: 6\r\n\r\npoison" + HELLO,
    "garbage behind an interim answer": CONTINUE + b"garbage\r\n\r\n",
}

# Behind the head of a chunked answer; `hello` is all that may come of one.
BROKEN_CHUNKS = {
    "size with a plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "negative size": b"-5\r\nhello\r\n0\r\n\r\n",
    "size with a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "space before the size": b" 5\r\nhello\r\n0\r\n\r\n",
    "space behind the size": b"5 \r\nhello\r\n0\r\n\r\n",
    "tab behind the size": b"5\t\r\nhello\r\n0\r\n\r\n",
    "size with an underscore": b"5_0\r\nhello\r\n0\r\n\r\n",
    "no digit": b"Z\r\nhello\r\n0\r\n\r\n",
    "empty size": b"\r\nhello\r\n0\r\n\r\n",
    "size of 2^64 + 5": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "size with seventeen digits": b"00000000000000005\r\nhello\r\n0\r\n\r\n",
    "a thousand zeros": b"0" * 1000 + b"5\r\nhello\r\n0\r\n\r\n",
    "size ends with a feed": b"5\nhello\r\n0\r\n\r\n",
    "size ends with a return": b"5\rhello\r\n0\r\n\r\n",
    "size ends with a return and a letter": b"5\rXhello\r\n0\r\n\r\n",
    "extension without a name": b"5;\r\nhello\r\n0\r\n\r\n",
    "extension ends with a feed": b"5;a\nhello\r\n0\r\n\r\n",
    "return in an extension": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "nul in an extension": b"5;a\0\r\nhello\r\n0\r\n\r\n",
    "an extension of 300 bytes": b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n",
    "an extension of 20000 bytes": b"5;" + b"a" * 20000 + b"\r\nhello\r\n0\r\n\r\n",
    "a bomb of extensions": b"".join(b"1;" + b"a" * 250 + b"\r\nh\r\n" for _ in range(80)) + b"0\r\n\r\n",
    "data ends with a feed": b"5\r\nhello\n0\r\n\r\n",
    "data ends with a return": b"5\r\nhello\r0\r\n\r\n",
    "data ends with letters": b"5\r\nhelloXY0\r\n\r\n",
    "data ends with nothing": b"5\r\nhello0\r\n\r\n",
    "data over its size": b"5\r\nhellohello\r\n0\r\n\r\n",
    "the last line ends with a feed": b"5\r\nhello\r\n0\r\n\n",
    "the last size ends with a feed": b"5\r\nhello\r\n0\n\r\n",
    "the last line ends with a return": b"5\r\nhello\r\n0\r\n\rX",
    "a folded trailer": b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n",
    "a trailer without a colon": b"5\r\nhello\r\n0\r\nNonsense\r\n\r\n",
    "a trailer with a nul": b"5\r\nhello\r\n0\r\nX: a\0b\r\n\r\n",
    "a trailer with a feed": b"5\r\nhello\r\n0\r\nX: a\n\r\n",
    "an answer in place of a chunk": b"5\r\nhello\r\n" + POISON,
}
