"""Requests as no client should send them, octet by octet, and a connection to send them on."""

import gzip
import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support import calendar_inputs, card_inputs, report_inputs
from tests.support.folkmoot import DAV, Person

ANSWER_SECONDS: Final = 20
FIXTURES: Final = Path(__file__).parents[1] / "fixtures"

METHODS: Final = (
    *("PROPFIND", "REPORT", "PUT", "GET", "PROPPATCH", "DELETE", "OPTIONS", "HEAD", "POST", "MKCOL", "MKCALENDAR"),
    *("COPY", "MOVE", "LOCK", "UNLOCK", "ACL", "TRACE", "PATCH", "SEARCH", "BIND", "get", "BREW", "CONNECT", "PRI"),
)
_WEIGHTS: Final = (16, 24, 30, 12, 10, 6, 3, 3, 3, 4, 4, 4, 4, 2, 3, 3, *[1] * 8)
_STEPS: Final = (
    *("Calendar", "Contacts", "Files", "personal", "collected", "inbox", "outbox", "new", "a.ics", "b.ics", "c.vcf"),
    *("personal.ics", "personal.xml", "freebusy.ifb", "dir", "file", "", ".", "..", "%2e%2e", "%2F", "%00", "%ff", "%"),
    *(
        "%E2%80%AE",
        "a%0d%0aX: y",
        "é",
        "x" * 300,
        "~",
        "*",
        ";",
        "users",
        "principals",
        "calendar-proxy-read",
        "%C3%A9",
    ),
)
_QUERIES: Final = (
    *(
        "",
        "?",
        "?start=20260301T000000Z&end=20260401T000000Z",
        "?start=x",
        "?start=00010101T000000Z&end=99991231T235959Z",
    ),
    *("?%ff=%00", "?" + "a=b&" * 400, "?export", "?user=bert"),
)
_ETAGS: Final = ('"x"', "*", 'W/"x"', "x", '"', '"a", "b"', "", '"' + "y" * 5000 + '"', "\x7f", "é")
_HREFS: Final = (
    *("/", "http://example.org/SOGo/dav/", "//", "x", "http://[", "/SOGo/dav/%00", "/SOGo/dav/../../etc/passwd"),
    *("ftp://localhost/SOGo/dav/", "http://user:pass@127.0.0.1/SOGo/dav/", "y" * 9000),
)
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "Depth": ("0", "1", "infinity", "-1", "2", "x", "", "1, 1", "INFINITY", "9" * 30),
    "If-Match": _ETAGS,
    "If-None-Match": _ETAGS,
    "If": (
        *("(<opaquelocktoken:x>)", '(["x"])', "<http://127.0.0.1/SOGo/dav/> (Not <DAV:no-lock>)", "(", ")", "()", "<>"),
        *("(Not Not <x>)", "(<x>" * 500, '<x> (["' + "z" * 3000 + '"])', "é"),
    ),
    "If-Schedule-Tag-Match": _ETAGS,
    "If-Modified-Since": ("Mon, 02 Mar 2026 09:00:00 GMT", "yesterday", "Mon, 99 Mar 99999 99:99:99 GMT"),
    "Overwrite": ("T", "F", "t", "", "X"),
    "Timeout": ("Second-60", "Infinite", "Second-" + "9" * 40, "Infinite, Second-4100000000", "Second--1", "x"),
    "Lock-Token": ("<opaquelocktoken:x>", "<", "opaquelocktoken:x", "", "<" + "x" * 4000 + ">"),
    "Content-Type": (
        *(
            "text/calendar; charset=utf-8",
            "text/vcard; version=4.0",
            "application/xml",
            "text/xml; charset=utf-16",
            "x",
        ),
        *("text/calendar; charset=nonsense", "multipart/mixed; boundary=x", "", "text/vcard;;;=", "a/b;" * 500),
    ),
    "Content-Encoding": ("gzip", "deflate", "identity", "x", "gzip, gzip"),
    "Accept": ("text/vcard; version=4.0", "*/*;q=0", "text/calendar;q=x", "application/calendar+xml", ",,,"),
    "Accept-Encoding": ("gzip", "gzip;q=0", "br", "*", ";;"),
    "Prefer": ("return=minimal", "return=representation", "depth-noroot", "wait=" + "9" * 30, ";=,"),
    "Brief": ("t", "f", "x"),
    "Range": ("bytes=0-10", "bytes=-1", "bytes=9-1", "bytes=0-0,1-1,2-2", "x=1", "bytes=" + "0-0," * 1000),
    "User-Agent": ("iOS/18.5 (22F76) dataaccessd/1.0", "DAVx5/4.4.8", "Mozilla Thunderbird", "x" * 4000, ""),
    "Host": ("example.org", "x:y", "[::1]:1", "", "a b", "127.0.0.1:99999"),
    "X-Forwarded-For": ("1.2.3.4", "x", ", , ,", "::1"),
    "X-Forwarded-Proto": ("https", "javascript", ""),
    "X-Forwarded-Host": ("example.org", "a/b", "é"),
    "x-webobjects-remote-user": ("", "\x01"),
    "x-webobjects-server-url": ("https://example.org", "x", ""),
    "X-HTTP-Method-Override": ("DELETE",),
    "Expect": ("100-continue", "x"),
    "Slug": ("é" * 100,),
    "Caldav-Timezones": ("F", "x"),
}
_DEEP: Final = 50_000
_XML: Final = (
    b'<propfind xmlns="DAV:"><allprop/></propfind>',
    b'<propfind xmlns="DAV:"><propname/></propfind>',
    b'<propfind xmlns="DAV:"><prop>' + b"<x xmlns='urn:x'/>" * 3000 + b"</prop></propfind>",
    b'<propertyupdate xmlns="DAV:"><set><prop><displayname>x</displayname></prop></set></propertyupdate>',
    b'<propertyupdate xmlns="DAV:"><set><prop><d xmlns="urn:d">' + b"\xe2\x82\xac" * 20_000 + b"</d></prop></set>"
    b"<remove><prop><displayname/><resourcetype/></prop></remove></propertyupdate>",
    b'<mkcol xmlns="DAV:"><set><prop><resourcetype><collection/></resourcetype></prop></set></mkcol>',
    b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>',
    b'<lockinfo xmlns="DAV:"><lockscope><shared/></lockscope><locktype><write/></locktype></lockinfo>',
    b"<x>" * _DEEP + b"</x>" * _DEEP,
    b"<x " + b"".join(b'a%d="" ' % number for number in range(20_000)) + b"/>",
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % ((99 + i,) + (98 + i,) * 8) for i in range(12))
    + b']><propfind xmlns="DAV:">&n;</propfind>',
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><propfind xmlns="DAV:">&a;</propfind>',
    b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    b'<?xml version="1.0" encoding="utf-7"?><x/>',
    '<?xml version="1.0" encoding="utf-16"?><propfind xmlns="DAV:"><allprop/></propfind>'.encode("utf-16"),
    b"<?x?>" * 5000 + b"<x/>",
    b"<!--" + b"-" * 5000 + b"--><x/>",
    b'<propfind xmlns="DAV:"><prop><a:b/></prop></propfind>',
    b'<x xmlns="' + b"u" * 100_000 + b'"/>',
)
_FRAMES: Final = (
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x=y;" * 3000 + b"\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Content-Length: -1\r\n\r\n",
    b"Content-Length: +5\r\n\r\nhello",
    b"Content-Length: 5 5\r\n\r\nhello",
    b"Content-Length: 99999999999999999999999\r\n\r\nhello",
    b"Content-Length: 500\r\n\r\nhello",
    b"Content-Length: 0x5\r\n\r\nhello",
    b"Content-Length: 5\nX: y\n\nhello",
    b"X\r\n y: z\r\n\r\n",
    b"X: \x00\r\n\r\n",
    b" X: y\r\n\r\n",
    b"X : y\r\n\r\n",
    b"\xff\xfe: y\r\n\r\n",
    b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    b"X: y\r\n" * 500 + b"\r\n",
    b"Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n",
    b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
)
_OPENINGS: Final = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/0.9\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1 x\r\n\r\n",
    b"GET  / HTTP/1.1\r\n\r\n",
    b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\r\n" * 200,
    b"\x00" * 100,
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"SSH-2.0-x\r\n",
    b"{}\n",
)
_AUTHORIZATIONS: Final = (
    *(
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic eA==",
        "Basic Og==",
        "Basic OnA=",
        "Bearer x",
        "Negotiate YII",
        "Digest x",
    ),
    *("Basic " + "QUFB" * 3000, "é", "Basic YW5uYTp3cm9uZw==", "Basic /////w=="),
)


@dataclass(frozen=True)
class Attempt:
    """What to send; ``last`` means that the connection cannot be used afterwards."""

    octets: bytes
    last: bool
    head: bool  # the answer has no body


@dataclass
class Attacker:
    """Makes requests, always the same for one seed."""

    seed: int
    person: Person

    def __post_init__(self) -> None:
        self.calendars = calendar_inputs.samples(FIXTURES / "ical" / "clients")
        self.cards = [one for one in card_inputs.samples(FIXTURES / "vcard") if b"VCARD" in one]

    def attempts(self, count: int) -> Iterator[Attempt]:
        chance = random.Random(self.seed)
        bodies = {
            "calendar": calendar_inputs.mutated(self.calendars, count, seed=self.seed),
            "cards": card_inputs.mutations(self.cards, count=count, seed=self.seed),
            "reports": report_inputs.bodies(self.seed, count),
        }
        for _ in range(count):
            if chance.random() < 0.03:
                yield Attempt(chance.choice(_OPENINGS), last=True, head=False)
                continue
            (method,) = chance.choices(METHODS, _WEIGHTS)
            body = self._body(chance, method, bodies)
            yield self._framed(chance, method, self._head(chance, method), body)

    def _body(self, chance: random.Random, method: str, bodies: dict[str, Iterator[bytes]]) -> bytes:
        usual = {
            "PUT": ("sound", "calendar", "sound card", "cards"),
            "REPORT": ("reports",),
            "GET": ("",),
            "ACL": ("reports",),
        }
        source = chance.choice(usual.get(method, ("xml", "xml", "reports", "")))
        if chance.random() < 0.1:
            source = chance.choice(["calendar", "cards", "reports", "xml", "noise"])
        match source:
            case "":
                return b""
            case "sound":
                return chance.choice(self.calendars)
            case "sound card":
                return chance.choice(self.cards)
            case "xml":
                body = chance.choice(_XML)
            case "noise":
                body = chance.randbytes(chance.randrange(3000))
            case _:
                body = next(bodies[source])
        match chance.randrange(20):
            case 0:
                return body[: chance.randrange(len(body) + 1)]
            case 1:
                return gzip.compress(body)
        return body

    def _head(self, chance: random.Random, method: str) -> list[str]:
        path = self._path(chance)
        fields = [f"Host: {chance.choice(_FIELDS['Host']) if chance.random() < 0.02 else '127.0.0.1'}"]
        if chance.random() < 0.97:
            fields.append(f"Authorization: {self.person.authorization}")
        elif chance.random() < 0.8:
            fields.append(f"Authorization: {chance.choice(_AUTHORIZATIONS)}")
        if method in {"COPY", "MOVE"} and chance.random() < 0.9:
            there = f"http://127.0.0.1{self._path(chance)}" if chance.random() < 0.7 else chance.choice(_HREFS)
            fields.append(f"Destination: {there}")
        for _ in range(chance.choice([0, 0, 0, 0, 1, 1, 2, 4])):
            name = chance.choice(list(_FIELDS))
            if name != "Host":
                fields.append(f"{name}: {chance.choice(_FIELDS[name])}")
        return [f"{method} {path} HTTP/1.{1 if chance.random() < 0.97 else 0}", *fields]

    def _path(self, chance: random.Random) -> str:
        match chance.randrange(12):
            case 0:
                steps = [chance.choice(_STEPS) for _ in range(chance.randrange(1, 7))]
                return "/" + "/".join(steps) + chance.choice(_QUERIES)
            case 1:
                return f"{DAV}/bert/Calendar/personal/" + chance.choice(["", "a.ics"])
            case 2 | 3:
                return self.person.path + "/" + "/".join(chance.choices(_STEPS, k=2)) + chance.choice(_QUERIES)
            case 4:
                return self.person.path + chance.choice(
                    ["", "/", "/Files/", "/Files/dir/", "/Files/file", "/Calendar/"]
                )
            case 5 | 6 | 7:
                return self.person.address_book + chance.choice(["", "c.vcf", "d.vcf", "e.vcf"])
            case _:
                return self.person.calendar + chance.choice(["", "", "a.ics", "b.ics", "c.ics", "d.ics"])

    def _framed(self, chance: random.Random, method: str, head: list[str], body: bytes) -> Attempt:
        start = "\r\n".join(head).encode("utf-8", "surrogatepass") + b"\r\n"
        if chance.random() < 0.05:
            return Attempt(start + chance.choice(_FRAMES), last=True, head=False)
        # What goes wrong in these leaves nothing of the connection, or no way to know where the answer ends.
        last = b" HTTP/1.0\r\n" in start or method in {"CONNECT", "PRI", "BREW", "get", "BIND"} or b"Expect: " in start
        if body and chance.random() < 0.1:
            pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            return Attempt(
                start + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n", last, method == "HEAD"
            )
        return Attempt(start + b"Content-Length: %d\r\n\r\n" % len(body) + body, last, method == "HEAD")


class Connection:
    """A connection that sends anything and reads answers, opened again when the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._read = b""

    def send(self, attempt: Attempt) -> tuple[int, float]:
        """Return the status of the answer, 0 for a closed connection, and the seconds it took.

        Raises:
            TimeoutError: there is no answer.
        """
        began = time.monotonic()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS)
        try:
            self._socket.sendall(attempt.octets)
            if attempt.last:
                self._socket.shutdown(socket.SHUT_WR)
            status = self._answer(attempt.head)
        except TimeoutError:
            raise
        except OSError:  # it has closed the connection
            status = 0
        if status == 0 or attempt.last:
            self.close()
        return status, time.monotonic() - began

    def send_text(self, octets: str) -> tuple[int, float]:
        """Send a request after which the server closes the connection."""
        return self.send(Attempt(octets.encode(), last=True, head=False))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._read = None, b""

    def _answer(self, head: bool) -> int:
        status, first = 100, b""
        while status < 200:
            while b"\r\n\r\n" not in self._read:
                if not self._more():
                    return 0
            first, _, self._read = self._read.partition(b"\r\n\r\n")
            status = int(first.split(b" ", 2)[1])
        fields = first.lower()
        length = 0
        if not head and b"\r\ncontent-length: " in fields:
            length = int(fields.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
        while len(self._read) < length and self._more():
            pass
        self._read = self._read[length:]
        if b"\r\nconnection: close" in fields:
            self.close()
        return status

    def _more(self) -> bool:
        assert self._socket is not None
        part = self._socket.recv(65536)
        self._read += part
        return bool(part)
