"""Wire cases of what a proxy gets wrong although every byte is legal: fields, connections, bodies, order (rows S)."""

from .wire_cases import BASE, CLOSED, HIDDEN, LOCKED, Case, chunked, get, post, raw, refused, seen, served

AT_X = seen(b"GET", b"/x")
FIVE = b"Content-Length: 5"
HELLO = seen(b"POST", b"/x", length=b"hello")
KEY = b"ApiKey: <key>"
AT_LOCK = LOCKED + b"/x"
EXPECT = b"Expect: 100-continue"


def dropped(name, *lines):
    """`lines` never reach the back end; what stands beside them does."""
    return served(name, get(b"A: 1", *lines, b"B: 2"), seen(b"GET", b"/x", b"A: 1", b"B: 2"))


def kept(name, *lines):
    return served(name, get(*lines), seen(b"GET", b"/x", *lines))


def names(text):
    """Connection names a field that it must not name."""
    return refused(f"S1 Connection names {text.decode()}", get(b"Connection: close, " + text, text + b": 1"))


CONNECTION = [names(text) for text in (
    b"Content-Length", b"Transfer-Encoding", b"Authorization", b"Cookie", b"X-Forwarded-For", b"X-Forwarded-Host",
    b"X-Forwarded-Proto", b"X-Forwarded-Port", b"Forwarded", b"X-Real-IP", b"X-Request-Id", b"Content-Type",
    b"Internal-Key")] + [
    refused("S1 Connection names Host", get(b"Connection: host")),
    refused("S1 Connection names a field that is not there", get(b"Connection: keep-alive, authorization")),
    refused("S1 a second Connection line names Cookie",
            get(b"Connection: keep-alive", b"Connection: x , cookie\t", b"Cookie: a=b")),
    refused("S1 Connection names the API key's field", get(b"Connection: close, ApiKey", KEY, path=AT_LOCK)),
    Case("S1 Connection names another field", get(b"Connection: close, X-Auth-User", b"X-Auth-User: 1", b"A: 2"),
         (200,), CLOSED, (seen(b"GET", b"/x", b"A: 2"),)),
    dropped("S1 named in odd case", b"Connection: x-AUTH-user", b"X-Auth-User: 1"),
    dropped("S1 named before the fields", b"Connection: C, D", b"C: 1", b"D: 2", b"c: 3"),
    dropped("S1 named behind the fields", b"C: 1", b"Connection: C"),
    dropped("S1 nobody by that name", b"Connection: nobody"),
    kept("S1 part of a name is not the name", b"X-Auth: 1", b"X-Auth-User-2: 1"),
    dropped("S2 Connection", b"Connection: keep-alive"),
    dropped("S2 Keep-Alive", b"Keep-Alive: timeout=5, max=1000"),
    dropped("S2 Proxy-Connection", b"Proxy-Connection: close"),
    dropped("S2 TE", b"TE: trailers"),
    dropped("S2 TE with chunked", b"TE: chunked, gzip;q=0.5"),
    dropped("S2 Trailer", b"Trailer: Content-Length"),
    dropped("S2 Upgrade", b"Upgrade: foo/2"),
    dropped("S2 HTTP2-Settings", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
    dropped("S2 Proxy-Authenticate", b"Proxy-Authenticate: Basic"),
    dropped("S2 Proxy-Authorization", b"Proxy-Authorization: Basic eA=="),
    dropped("S2 all of them at once", b"Connection: TE, upgrade", b"TE: x", b"te: y", b"Upgrade: z", b"KEEP-ALIVE: 1"),
]

NAMES = [
    dropped("S3 X_Forwarded_For", b"X_Forwarded_For: 10.0.0.1"),
    dropped("S3 X.Forwarded.For", b"X.Forwarded.For: 10.0.0.1"),
    dropped("S3 X-Forwarded_Host", b"X-Forwarded_Host: evil"),
    dropped("S3 X_Request_Id", b"X_Request_Id: 1"),
    dropped("S3 X.Real.IP", b"X.Real.IP: 10.0.0.1"),
    dropped("S3 Internal_Key", b"Internal_Key: 1"),
    dropped("S3 Proxy_Authorization", b"Proxy_Authorization: Basic eA=="),
    dropped("S3 Keep_Alive", b"Keep_Alive: 1"),
    dropped("S3 X_Original_URL", b"X_Original_URL: /admin"),
    dropped("S3 X.Rewrite.URL", b"X.Rewrite.URL: /admin"),
    dropped("S3 Content_Type", b"Content_Type: text/html"),
    dropped("S3 X_Auth_User", b"X_Auth_User: admin"),
    dropped("S3 any name with an underscore", b"Some_Thing: 1"),
    kept("S3 another name with a dot", b"some.thing: 1"),
    Case("S3 Api_Key is no key", get(b"Api_Key: <key>", path=AT_LOCK), (401,)),
    Case("S3 ApiKey with a dot is no key", get(b"Api.Key: <key>", path=AT_LOCK), (401,)),
] + [dropped(f"S4 {text.decode()}", text + b": 10.0.0.1") for text in (
    b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Forwarded-Proto", b"X-Forwarded-Port", b"X-Forwarded-Prefix",
    b"Forwarded", b"X-Real-IP", b"X-Original-URL", b"X-Rewrite-URL", b"Proxy", b"X-Forwarded-Server",
    b"X-Forwarded-User", b"X-Forwarded-Scheme", b"X-Forwarded-Ssl", b"x-forwarded-anything", b"Internal-Key")] + [
    dropped("S4 repeated", b"X-Forwarded-For: 10.0.0.1", b"x-forwarded-for: 10.0.0.2"),
    served("S4 a good request id is kept", get(b"X-Request-Id: abc-123"), seen(b"GET", b"/x", request_id=b"abc-123")),
    served("S4 a bad request id is replaced", get(b'X-Request-Id: a"b'), AT_X),
    served("S4 two request ids become one", get(b"X-Request-Id: one", b"X-Request-Id: two"),
           seen(b"GET", b"/x", request_id=b"one")),
    refused("S5 two Authorizations", get(b"Authorization: Bearer a", b"Authorization: Bearer b")),
    refused("S5 two equal Authorizations", get(b"Authorization: Bearer a", b"authorization: Bearer a")),
    refused("S5 two Content-Types", post(b"Content-Type: a/b", b"Content-Type: c/d", FIVE, body=b"hello")),
    refused("S5 Content-Type and an empty one", post(b"Content-Type: a/b", b"Content-Type:", FIVE, body=b"hello")),
    Case("S5 two API keys", get(KEY, b"ApiKey: other", path=AT_LOCK), (401,)),
    Case("S5 two equal API keys", get(KEY, KEY, path=AT_LOCK), (401,)),
    Case("S5 API key and an empty one", get(KEY, b"apikey:", path=AT_LOCK), (401,)),
    Case("S5 a list of API keys", get(b"ApiKey: <key>, <key>", path=AT_LOCK), (401,)),
    Case("S5 the key with a byte behind", get(b"ApiKey: <key>\x80", path=AT_LOCK), (401,)),
    served("S5 one API key, which ends here", get(KEY, b"A: 1", path=AT_LOCK), seen(b"GET", b"/x", b"A: 1")),
    served("S5 an API key in the query ends here", get(path=LOCKED + b"/x?a=1&apikey=<key>&b=2"),
           seen(b"GET", b"/x?a=1&b=2")),
    kept("S5 cookies may be repeated", b"Cookie: a=b", b"Cookie: c=d"),
]

UPGRADE = [
    served("S6 websocket is not offered: a plain request, and another one behind it",
           get(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13",
               b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==") + get(),
           seen(b"GET", b"/x", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), AT_X),
    Case("S6 frames behind an upgrade are no request",
         get(b"Connection: Upgrade", b"Upgrade: websocket") + b"\x81\x85\0\0\0\0hello" + HIDDEN,
         (200, 400), CLOSED, (AT_X,)),
    served("S6 a body with an upgrade is a body",
           post(b"Connection: Upgrade", b"Upgrade: websocket", FIVE, body=b"hello") + get(), HELLO, AT_X),
    served("S7 h2c is plain HTTP/1.1",
           get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__") + get(),
           AT_X, AT_X),
    Case("S7 a preface behind h2c is no request",
         get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__")
         + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (200, 505), CLOSED, (AT_X,)),
]


def continued(name, *lines):
    return served(name, post(*lines, FIVE, body=b"hello") + get(), HELLO, AT_X, may_continue=True)


EXPECTATIONS = [
    continued("S9 100-continue", EXPECT),
    continued("S9 in odd case", b"eXPECT: 100-Continue"),
    continued("S9 comma behind", b"Expect: 100-continue,"),
    continued("S9 empty members", b"Expect: , 100-continue ,"),
    continued("S9 twice", EXPECT, EXPECT),
    served("S9 chunks", chunked(b"5\r\nhello\r\n0\r\n\r\n", EXPECT) + get(), seen(b"POST", b"/x", chunks=b"hello"),
           AT_X, may_continue=True),
    served("S9 without a body", get(EXPECT) + get(), AT_X, AT_X),
    served("S9 with length 0", post(EXPECT, b"Content-Length: 0"), seen(b"POST", b"/x", length=b"")),
    Case("S9 in 1.0 it means nothing", post(EXPECT, FIVE, body=b"hello", version=b"HTTP/1.0"), (200,), CLOSED,
         (HELLO,)),
    refused("S9 another member", post(b"Expect: 100-continue, magic", FIVE, body=b"hello"), 417),
    refused("S9 something else", post(b"Expect: magic", FIVE, body=b"hello"), 417),
    refused("S9 a number", post(b"Expect: 100", FIVE, body=b"hello"), 417),
    refused("S9 a parameter", post(b"Expect: 100-continue;a=b", FIVE, body=b"hello"), 417),
    refused("S9 something else in a second line", post(EXPECT, b"Expect: magic", FIVE, body=b"hello"), 417),
    Case("S9 not continued without a key", post(EXPECT, FIVE, path=AT_LOCK, body=b"hello") + HIDDEN, (401,), CLOSED),
    Case("S9 not continued to nowhere", post(EXPECT, FIVE, path=b"/nowhere", body=b"hello") + HIDDEN, (404,), CLOSED),
    refused("S9 not continued when too large", post(EXPECT, b"Content-Length: 65537", body=b"hello"), 413),
]

LOCAL = [
    Case("S11 401 without a body", get(path=AT_LOCK) + get(), (401, 200), upstream=(AT_X,)),
    Case("S11 401 and a body", post(FIVE, path=AT_LOCK, body=b"hello") + get(), (401, 200), upstream=(AT_X,)),
    Case("S11 401 and a request as a body",
         post(b"Content-Length: %d" % len(HIDDEN), path=AT_LOCK, body=HIDDEN) + get(), (401, 200), upstream=(AT_X,)),
    Case("S11 401 and a big body", post(b"Content-Length: 60000", path=AT_LOCK, body=b"z" * 60000) + get(),
         (401, 200), upstream=(AT_X,)),
    Case("S11 401 and chunks", chunked(b"5\r\nhello\r\n0\r\n\r\n", path=AT_LOCK) + HIDDEN, (401,), CLOSED),
    Case("S11 401 and broken chunks", chunked(b"Z\r\nhello\r\n0\r\n\r\n", path=AT_LOCK) + HIDDEN, (401,), CLOSED),
    Case("S11 401 and a request as chunks",
         chunked(b"%x\r\n%s\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN), path=AT_LOCK), (401,), CLOSED),
    Case("S11 404 and a body", post(FIVE, path=b"/nowhere", body=b"hello") + get(), (404, 200), upstream=(AT_X,)),
    Case("S11 405 and a body", raw(b"TRACE", BASE + b"/x", FIVE, body=b"hello") + get(), (405, 200), upstream=(AT_X,)),
    Case("S11 401 and close", get(b"Connection: close", path=AT_LOCK) + HIDDEN, (401,), CLOSED),
    served("S12 HEAD, then GET", raw(b"HEAD", BASE + b"/x") + get(), seen(b"HEAD", b"/x"), AT_X, heads=(0,)),
    Case("S12 HEAD of nothing", raw(b"HEAD", b"/nowhere") + get(), (404, 200), upstream=(AT_X,), heads=(0,)),
    Case("S12 HEAD without a key", raw(b"HEAD", AT_LOCK) + get(), (401, 200), upstream=(AT_X,), heads=(0,)),
    Case("S19 good, bad, good", get() + get(host=None) + HIDDEN, (200, 400), CLOSED, (AT_X,)),
    Case("S19 good, bad bytes, good", get() + b"\0\r\n\r\n" + HIDDEN, (200, 400), CLOSED, (AT_X,)),
    Case("S19 good, not found, good", get() + get(path=b"/nowhere") + get(), (200, 404, 200), upstream=(AT_X, AT_X)),
    Case("S19 good, no key, good", get() + get(path=AT_LOCK) + get(), (200, 401, 200), upstream=(AT_X, AT_X)),
    Case("S19 good, unknown method, good", get() + raw(b"FOO", BASE + b"/x") + HIDDEN, (200, 501), CLOSED, (AT_X,)),
    Case("S19 good, two lengths, good", get() + post(FIVE, FIVE, body=b"hello") + HIDDEN, (200, 400), CLOSED, (AT_X,)),
    Case("S19 two good, bad", post(FIVE, body=b"hello") + get() + get(b"X : y") + HIDDEN, (200, 200, 400), CLOSED,
         (HELLO, AT_X)),
    Case("S19 good, bad chunk", get() + chunked(b"Z\r\n") + HIDDEN, (200, 400), CLOSED, (AT_X,),
         cut=seen(b"POST", b"/x", chunks=b"")),
    served("S19 twenty", b"".join(get(path=BASE + b"/%d" % number) for number in range(20)),
           *(seen(b"GET", b"/%d" % number) for number in range(20))),
    Case("S20 TRACE", raw(b"TRACE", BASE + b"/x"), (405,)),
    Case("S20 TRACE with Max-Forwards", raw(b"TRACE", BASE + b"/x", b"Max-Forwards: 0"), (405,)),
    Case("S20 OPTIONS", raw(b"OPTIONS", BASE + b"/x"), (200,)),
    Case("S20 OPTIONS with a body", raw(b"OPTIONS", BASE + b"/x", FIVE, body=b"hello") + get(), (200, 200),
         upstream=(AT_X,)),
]

CHUNKED_ANSWER = (b"HTTP/1.1 200 OK\r\nX-Answer-To: <to>\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
OLD = {"version": b"HTTP/1.0"}
OLD_CLIENTS = [
    Case("S21 1.0 closes", get(**OLD) + HIDDEN, (200,), CLOSED, (AT_X,)),
    served("S21 1.0 that asks to stay", get(b"Connection: keep-alive", **OLD) + get(), AT_X, AT_X),
    served("S21 1.0 that asks in odd case", get(b"connection: Keep-Alive", **OLD) + get(), AT_X, AT_X),
    Case("S21 1.0 with a Keep-Alive field alone", get(b"Keep-Alive: timeout=5", **OLD) + HIDDEN, (200,), CLOSED,
         (AT_X,)),
    Case("S21 1.0 that asks both", get(b"Connection: keep-alive, close", **OLD) + HIDDEN, (200,), CLOSED, (AT_X,)),
    Case("S21 1.0 gets no chunks", get(b"Connection: keep-alive", **OLD) + HIDDEN, (200,), CLOSED, (AT_X,),
         answer=CHUNKED_ANSWER),
    served("S21 1.0 with a body", post(b"Connection: keep-alive", FIVE, body=b"hello", **OLD) + get(), HELLO, AT_X),
    Case("S21 1.0 without a key", get(path=AT_LOCK, **OLD) + HIDDEN, (401,), CLOSED),
    Case("S21 1.0 HEAD", raw(b"HEAD", BASE + b"/x", **OLD) + HIDDEN, (200,), CLOSED, (seen(b"HEAD", b"/x"),),
         heads=(0,)),
    served("S21 1.1 gets chunks", get() + get(), AT_X, AT_X, answer=CHUNKED_ANSWER),
    Case("S24 close behind tabs and empty members", get(b"Connection: ,\t,close\t, ,") + HIDDEN, (200,), CLOSED,
         (AT_X,)),
    dropped("S24 a name behind empty members", b"Connection: ,,\tC\t,", b"C: 1"),
    dropped("S24 an empty list", b"Connection: ,", b"Connection:"),
]

CASES = CONNECTION + NAMES + UPGRADE + EXPECTATIONS + LOCAL + OLD_CLIENTS
