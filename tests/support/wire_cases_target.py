"""Wire cases of the request line, the target, Host and the path (rows T)."""

from .wire_cases import BASE, CLOSED, HIDDEN, LOCKED, Case, get, post, raw, refused, seen, served

AT_X = seen(b"GET", b"/x")


def line(name, text, status=400):
    """A request with `text` as its whole request line."""
    return refused(name, text + b"\r\nHost: a\r\n\r\n", status)


def version(name, text, status=400):
    return line(name, b"GET " + BASE + b"/x " + text, status)


def method(text, status=501):
    return line(f"T10 {text.decode('latin-1')}", text + b" " + BASE + b"/x HTTP/1.1", status)


def bad_target(name, target):
    return line(name, b"GET " + target + b" HTTP/1.1")


def bad_path(name, rest):
    return bad_target(name, BASE + rest)


def canonical(name, sent, forwarded):
    """`sent` and `forwarded` are what stands behind the API's context."""
    return served(name, get(path=BASE + sent), seen(b"GET", forwarded))


def answered(name, send, status):
    """By the gateway itself; the connection stays."""
    return Case(name, send, (status,))


LINES = [
    line("T1 two spaces behind the method", b"GET  " + BASE + b"/x HTTP/1.1"),
    line("T1 two spaces behind the target", b"GET " + BASE + b"/x  HTTP/1.1"),
    line("T1 space in the target", b"GET " + BASE + b"/x /y HTTP/1.1"),
    line("T1 space in the version", b"GET " + BASE + b"/x HTTP/1.1 HTTP/1.1"),
    line("T1 no target", b"GET HTTP/1.1"),
    line("T1 empty target", b"GET  HTTP/1.1"),
    line("T1 only a method", b"GET"),
    line("T1 only spaces", b"   "),
    line("T2 tab behind the method", b"GET\t" + BASE + b"/x HTTP/1.1"),
    line("T2 tab behind the target", b"GET " + BASE + b"/x\tHTTP/1.1"),
    line("T2 vertical tab behind the target", b"GET " + BASE + b"/x\vHTTP/1.1"),
    line("T2 form feed behind the target", b"GET " + BASE + b"/x\fHTTP/1.1"),
    line("T2 space behind the version", b"GET " + BASE + b"/x HTTP/1.1 "),
    line("T2 tab behind the version", b"GET " + BASE + b"/x HTTP/1.1\t"),
    line("T2 CR behind the version", b"GET " + BASE + b"/x HTTP/1.1\r"),
    served("T3 leading CRLF", b"\r\n" + get(), AT_X),
    served("T3 CRLF between requests", get() + b"\r\n" + get(), AT_X, AT_X),
    refused("T3 two leading CRLFs", b"\r\n\r\n" + get()),
    refused("T3 leading LF", b"\n" + get()),
    refused("T3 leading CR", b"\r" + get()),
    refused("T3 leading CR CR LF", b"\r\r\n" + get()),
    refused("T3 leading LF CR", b"\n\r" + get()),
    refused("T3 leading space", b" " + get()),
    refused("T3 leading tab", b"\t" + get()),
    refused("T3 leading NUL", b"\0" + get()),
    refused("T3 leading byte order mark", b"\xef\xbb\xbf" + get()),
    refused("T3 leading space and CRLF", b" \r\n" + get()),
    line("T4 0.9 with a field", b"GET " + BASE + b"/x"),
    refused("T4 0.9", b"GET " + BASE + b"/x\r\n\r\n"),
    refused("T4 0.9 of the root", b"GET /\r\n\r\n"),
    refused("T4 TLS instead of HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 32),
    version("T5 HTTP/0.9", b"HTTP/0.9", 505),
    version("T6 HTTP/2.0", b"HTTP/2.0", 505),
    version("T6 HTTP/3.0", b"HTTP/3.0", 505),
    version("T7 HTTP/1.2", b"HTTP/1.2", 505),
    version("T7 HTTP/1.9", b"HTTP/1.9", 505),
] + [version(f"T7 {text.decode('latin-1')!r}", text) for text in (
    b"HTTP/1.10", b"HTTP/01.1", b"http/1.1", b"Http/1.1", b"HTTP/1.", b"HTTP/.1", b"HTTP/1", b"HTTP/1,1", b"HTTP 1.1",
    b"HTTP/11", b"HTTP/1.1x", b"xHTTP/1.1", b"HTP/1.1", b"HTTPS/1.1", b"HTTP/1.1.1", b"HTTP/-1.1", b"HTTP/+1.1",
    b"HTTP//1.1", b"HTTP/1.\xb1", b"HTTP/1.1\0", b"HTTP/1.x", b"HTTP/a.1", b"HTTP\\1.1", b"/1.1")] + [
    refused("T8 preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 505),
    refused("T8 preface with a field", b"PRI * HTTP/2.0\r\nHost: a\r\n\r\nSM\r\n\r\n", 505),
    line("T8 PRI in 1.1", b"PRI * HTTP/1.1", 501),
    line("T9 ICE", b"SOURCE /x ICE/1.0"),
    line("T9 RTSP", b"DESCRIBE /x RTSP/1.0"),
    line("T9 SIP", b"INVITE sip:a@b SIP/2.0"),
    line("T9 GET by RTSP", b"GET " + BASE + b"/x RTSP/1.0"),
    line("T9 RTSP's method", b"DESCRIBE " + BASE + b"/x HTTP/1.1", 501),
    line("T9 ICE's method", b"SOURCE " + BASE + b"/x HTTP/1.1", 501),
] + [method(text) for text in (
    b"get", b"FOO", b"Get", b"GETT", b"PROPFIND", b"LOCK", b"M-SEARCH", b"QUERY", b"BREW", b"G", b"GET!", b"post",
    b"_", b"1", b"PURGE", b"LINK", b"A" * 200)] + [
    method(text, 400) for text in (b"G(T", b"GET/", b"GE\x80", b"GE\0T", b"[GET]", b"GET:", b'"GET"', b"G,T")]

TARGETS = [
    bad_path("T11 fragment", b"/x#frag"),
    bad_path("T11 fragment in the query", b"/x?a=b#frag"),
    bad_path("T11 empty fragment", b"/x#"),
    bad_target("T11 only a fragment", b"#"),
] + [bad_path(f"T12 {chr(byte)} in the path", b"/a" + bytes([byte]) + b"b") for byte in b'<>"{}|^\\`'] + [
    bad_path(f"T12 {chr(byte)} in the query", b"/x?a" + bytes([byte]) + b"b") for byte in b'<>"{}|^\\`'] + [
    bad_path("T13 high byte in the path", b"/caf\xe9"),
    bad_path("T13 UTF-8 in the path", "/\u00fc".encode()),
    bad_path("T13 overlong slash in the path", b"/a\xc0\xafb"),
    bad_path("T13 high byte in the query", b"/x?a=\xff"),
    bad_path("T14 NUL", b"/a\0b"),
    bad_path("T14 tab", b"/a\tb"),
    bad_path("T14 form feed", b"/a\fb"),
    bad_path("T14 DEL", b"/a\x7fb"),
    bad_path("T14 ESC", b"/a\x1bb"),
    bad_path("T14 NUL in the query", b"/x?a\0b"),
    bad_path("T14 DEL in the query", b"/x?a\x7fb"),
    bad_target("T15 other host", b"http://evil" + BASE + b"/x"),
    bad_target("T15 other port", b"http://a:81" + BASE + b"/x"),
    bad_target("T15 host with more", b"http://a.evil" + BASE + b"/x"),
    bad_target("T15 empty host", b"http://" + BASE + b"/x"),
    refused("T15 no Host line", b"GET http://a" + BASE + b"/x HTTP/1.1\r\n\r\n"),
    served("T15 same host", get(path=b"http://a" + BASE + b"/x"), AT_X),
    served("T15 same host and port", get(path=b"http://a:8080" + BASE + b"/x", host=b"Host: a:8080"),
           seen(b"GET", b"/x", host=b"a:8080", port=8080)),
    served("T15 host in other case", get(path=b"HTTP://A" + BASE + b"/x"), AT_X),
    served("T15 same host, dot segments and a query", get(path=b"http://a" + BASE + b"/y/../x?q=1"),
           seen(b"GET", b"/x?q=1")),
    answered("T15 same host without a path", get(path=b"http://a"), 404),
    bad_target("T16 file", b"file://a" + BASE + b"/x"),
    bad_target("T16 user", b"http://u@a" + BASE + b"/x"),
    bad_target("T16 user and password", b"http://u:p@a" + BASE + b"/x"),
    bad_target("T16 ftp", b"ftp://a" + BASE + b"/x"),
    bad_target("T16 scheme without host", b"http:" + BASE + b"/x"),
    bad_target("T16 one slash", b"http:/a" + BASE + b"/x"),
    bad_target("T16 gopher", b"gopher://a/x"),
    bad_target("T16 javascript", b"javascript:alert(1)"),
    bad_target("T16 relative", b"wire/1.0.0/x"),
    bad_target("T16 dots first", b".." + BASE + b"/x"),
    bad_target("T16 question first", b"?a=b"),
    bad_target("T16 at sign first", b"@a" + BASE + b"/x"),
    bad_target("T16 colon first", b":80" + BASE + b"/x"),
    bad_target("T16 authority", b"a:80"),
    bad_target("T17 GET *", b"*"),
    line("T17 POST *", b"POST * HTTP/1.1"),
    Case("T17 HEAD *", raw(b"HEAD", b"*") + HIDDEN, (400,), CLOSED, heads=(0,)),
    line("T17 OPTIONS *x", b"OPTIONS *x HTTP/1.1"),
    line("T17 OPTIONS *?a", b"OPTIONS *?a HTTP/1.1"),
    answered("T17 OPTIONS *", raw(b"OPTIONS", b"*"), 200),
    canonical("T17 star in a path", b"/*", b"/*"),
    line("T18 CONNECT", b"CONNECT a:443 HTTP/1.1", 501),
    refused("T18 CONNECT with a length", raw(b"CONNECT", b"a:443", b"Content-Length: 5", body=b"hello"), 501),
    line("T18 CONNECT of a path", b"CONNECT " + BASE + b"/x HTTP/1.1", 501),
    line("T18 CONNECT in 1.0", b"CONNECT a:443 HTTP/1.0", 501),
    refused("T18 CONNECT and TLS", raw(b"CONNECT", b"a:443") + b"\x16\x03\x01\x00\x05", 501),
]


def bad_host(name, value):
    return refused(f"T21 {name}", get(host=b"Host: " + value))


def host(name, value, port=80):
    return served(f"T21 {name}", get(host=b"Host: " + value), seen(b"GET", b"/x", host=value, port=port))


HOSTS = [
    refused("T19 no Host", get(host=None)),
    refused("T19 no Host but fields", get(b"A: b", b"X-Forwarded-Host: a", host=None)),
    Case("T19 no Host in 1.0", get(host=None, version=b"HTTP/1.0"), (200,), CLOSED, (seen(b"GET", b"/x", host=None),)),
    refused("T20 two equal", get(b"Host: a")),
    refused("T20 two that differ", get(b"Host: b")),
    refused("T20 two in odd case", get(b"hOST: a")),
    refused("T20 second is empty", get(b"Host:")),
    refused("T20 first is empty", get(b"Host: a", host=b"Host:")),
    refused("T20 two apart", get(b"A: b", b"C: d", b"Host: a")),
    refused("T20 two in 1.0", get(b"Host: a", version=b"HTTP/1.0")),
] + [bad_host(name, value) for name, value in (
    ("list", b"a, b"), ("list without space", b"a,b"), ("user", b"u@a"), ("path", b"a/b"), ("empty", b""),
    ("port too big", b"a:99999999"), ("port 65536", b"a:65536"), ("port of letters", b"a:http"),
    ("port signed", b"a:+80"),
    ("port with a space", b"a: 80"), ("two ports", b"a:80:80"), ("only a port", b":80"), ("space", b"a b"),
    ("tab", b"a\tb"), ("open bracket", b"[::1"), ("closing bracket", b"::1]"), ("empty brackets", b"[]"),
    ("behind brackets", b"[::1]x"), ("no address in brackets", b"[a.b]"), ("escape", b"a%00"),
    ("escaped dot", b"a%2eb"),
    ("question", b"a?b"), ("fragment", b"a#b"), ("backslash", b"a\\b"), ("URL", b"http://a"), ("quotes", b'"a"'),
    ("high byte", b"\xe9.example"), ("star", b"*"), ("semicolon", b"a;b"), ("brace", b"{a}"), ("angle", b"<a>"),
    ("300 bytes", b"a" * 300))] + [
    host("upper case", b"A.EXAMPLE"), host("dot behind", b"a."), host("port", b"a:8080", 8080), host("IPv6", b"[::1]"),
    host("IPv6 and port", b"[::1]:8080", 8080), host("IPv4", b"127.0.0.1"), host("underscore", b"a_b"),
    host("upper case of ours", b"LOCALHOST"), host("greatest port", b"a:65535", 65535),
    served("T21 spaces around", get(host=b"Host:  a  "), AT_X),
]

PATHS = [
    canonical("T22 two dots", b"/a/../b", b"/b"),
    canonical("T22 one dot", b"/a/./b", b"/a/b"),
    canonical("T22 dot last", b"/a/.", b"/a/"),
    canonical("T22 two dots last", b"/a/b/..", b"/a/"),
    canonical("T22 slashes", b"//a///b", b"/a/b"),
    canonical("T22 slashes last", b"/a//", b"/a/"),
    canonical("T22 slashes and dots", b"/a//.././/b", b"/b"),
    canonical("T22 three dots are a name", b"/.../b", b"/.../b"),
    canonical("T22 a name with dots", b"/a..b/.c", b"/a..b/.c"),
    canonical("T22 out of the context and back", b"/../1.0.0/b", b"/b"),
    canonical("T22 a dotted query", b"/a?../../b/./c//d", b"/a?../../b/./c//d"),
    served("T22 slashes before the context", get(path=b"//wire///1.0.0//x"), AT_X),
    served("T22 from another API", get(path=LOCKED + b"/../../wire/1.0.0/x"), AT_X),
    answered("T22 into another API", get(path=BASE + b"/../../locked/1.0.0/x"), 401),
    answered("T22 out of every API", get(path=BASE + b"/../../x"), 404),
    canonical("T23 escaped dots", b"/a/%2e%2e/b", b"/b"),
    canonical("T23 upper case", b"/a/%2E%2E/b", b"/b"),
    canonical("T23 half escaped", b"/a/.%2e/b", b"/b"),
    canonical("T23 one escaped dot", b"/a/%2e/b", b"/a/b"),
    canonical("T23 escaped letters", b"/%61%7Eb%2D", b"/a~b-"),
    canonical("T23 escaped twice", b"/%252e%252e/b", b"/%252e%252e/b"),
    canonical("T23 hex in upper case", b"/%c3%bc%3b", b"/%C3%BC%3B"),
    served("T23 escapes in the context", get(path=b"/w%69re/1%2e0.0/x"), AT_X),
    answered("T23 into another API", get(path=BASE + b"/%2e%2e/%2e%2e/locked/1.0.0/x"), 401),
    bad_path("T24 escaped slash", b"/a%2fb"),
    bad_path("T24 escaped slash in upper case", b"/a%2Fb"),
    bad_path("T24 escaped slash and dots", b"/a%2f..%2fb"),
    bad_path("T24 escaped backslash", b"/a%5cb"),
    bad_path("T24 escaped backslash and dots", b"/a%5C..%5Cb"),
    canonical("T24 escaped slash in the query", b"/a?b=%2f%5c", b"/a?b=%2f%5c"),
    bad_path("T25 semicolon behind two dots", b"/a/..;/b"),
    bad_path("T25 parameter behind two dots", b"/a/..;x=y/b"),
    bad_path("T25 semicolon behind a dot", b"/a/.;/b"),
    bad_path("T25 semicolon behind escaped dots", b"/a/%2e%2e;/b"),
    bad_path("T25 semicolon behind the last dots", b"/a/..;"),
    canonical("T25 parameter", b"/a;x=y/b", b"/a;x=y/b"),
    canonical("T25 parameter last", b"/a;x=y", b"/a;x=y"),
    canonical("T25 only a semicolon", b"/;/b", b"/;/b"),
    canonical("T25 a parameter makes another resource", b"/secret;x=y", b"/secret;x=y"),
    bad_target("T26 above the root", b"/../etc"),
    bad_target("T26 escaped above the root", b"/%2e%2e/etc"),
    bad_target("T26 far above the root", b"/wire/../../etc"),
    bad_target("T26 last segment above the root", b"/.."),
    bad_path("T26 above the root of everything", b"/../../../etc"),
    bad_path("T27 NUL", b"/a%00"),
    bad_path("T27 no hex", b"/a%zz"),
    bad_path("T27 half hex", b"/a%2"),
    bad_path("T27 percent last", b"/a%"),
    bad_path("T27 percent and a letter behind a digit", b"/a%2g"),
    bad_path("T27 CR and LF", b"/a%0d%0ab"),
    bad_path("T27 LF", b"/a%0a"),
    bad_path("T27 CR", b"/a%0D"),
    bad_path("T27 percent of Microsoft", b"/a%u002f"),
    bad_path("T27 NUL in the query", b"/a?b=%00"),
    bad_path("T27 no hex in the query", b"/a?b=%zz"),
    bad_path("T27 half hex in the query", b"/a?b=%1"),
    canonical("T27 line break in the query is a form's", b"/a?b=%0d%0a", b"/a?b=%0d%0a"),
    canonical("T27 overlong dots stay escaped", b"/a/%c0%ae%c0%ae/b", b"/a/%C0%AE%C0%AE/b"),
    canonical("T27 overlong slash stays escaped", b"/a%c0%afb", b"/a%C0%AFb"),
    canonical("T27 broken UTF-8 stays escaped", b"/%ff%fe", b"/%FF%FE"),
    canonical("T27 space and percent stay escaped", b"/a%20b%25", b"/a%20b%25"),
    bad_path("T28 backslash and dots", b"/a\\..\\b"),
    bad_target("T28 backslash first", b"\\wire\\1.0.0\\x"),
    answered("T29 a locked operation", get(path=BASE + b"/secret"), 401),
    answered("T29 slash last", get(path=BASE + b"/secret/"), 401),
    answered("T29 slashes last", get(path=BASE + b"/secret//"), 401),
    answered("T29 slash first", get(path=BASE + b"//secret"), 401),
    answered("T29 escaped letter", get(path=BASE + b"/%73ecret"), 401),
    answered("T29 dots around", get(path=BASE + b"/./a/../secret/."), 401),
    answered("T29 a query", get(path=BASE + b"/secret?a=b"), 401),
    answered("T29 empty query", get(path=BASE + b"/secret?"), 401),
    canonical("T30 other case is another resource", b"/Secret", b"/Secret"),
    answered("T30 other case is another API", get(path=b"/Wire/1.0.0/x"), 404),
]


def line_of(length, status=None):
    """A request line of exactly `length` bytes, its line break included."""
    rest = b"/" + b"a" * (length - len(b"GET " + BASE + b"/ HTTP/1.1\r\n"))
    name = f"T31 request line of {length} bytes"
    return bad_long(name, BASE + rest, status) if status else canonical(name, rest, rest)


def bad_long(name, target, status):
    return line(name, b"GET " + target + b" HTTP/1.1", status)


FIELD = b"X: y"
LIMITS = [
    line_of(8000), line_of(8192), line_of(8400, 414), line_of(9000, 414), line_of(70000, 414),
    refused("T31 9,000 bytes before anything else", b"z" * 9000, 414),
    refused("T31 long method", b"A" * 9000 + b" / HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    canonical("T31 long query", b"/a?" + b"b" * 7000, b"/a?" + b"b" * 7000),
    served("T32 100 fields", get(*[FIELD] * 99), seen(b"GET", b"/x", *[FIELD] * 99)),
    refused("T32 101 fields", get(*[FIELD] * 100), 431),
    refused("T32 150 fields", get(*[FIELD] * 149), 431),
    refused("T32 20,000 fields", get(*[FIELD] * 20000), 431),
    refused("T32 name of 70,000 bytes", get(b"X" * 70000 + b": y"), 431),
    refused("T32 value of 70,000 bytes", get(b"X: " + b"y" * 70000), 431),
    refused("T32 head of 33,000 bytes", get(*[b"X: " + b"y" * 1000] * 33), 431),
    served("T32 value of 20,000 bytes", get(b"X: " + b"y" * 20000), seen(b"GET", b"/x", b"X: " + b"y" * 20000)),
    served("T32 name of 8,000 bytes", get(b"X" * 8000 + b": y"), seen(b"GET", b"/x", b"X" * 8000 + b": y")),
    refused("T32 too many fields on a body", post(*[FIELD] * 120, b"Content-Length: 5", body=b"hello"), 431),
    Case("T32 good, then too many fields", get() + get(*[FIELD] * 100) + HIDDEN, (200, 431), CLOSED, (AT_X,)),
]

CASES = LINES + TARGETS + HOSTS + PATHS + LIMITS
