"""No bytes from outside make the face fail: hostile paths, headers and XML bodies, any method."""

import random
from xml.etree import ElementTree as ET

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Request
from folkmoot.dav.options import ALLOW
from tests.support.dav import CALLERS, PREFIX, Dav, card, event, header
from tests.support.fuzz import fuzz_inputs

pytestmark = pytest.mark.anyio

METHODS = [*ALLOW.split(", "), "PATCH", "SEARCH"]
PATHS = [
    "/",
    "",
    "/anna",
    "/anna/",
    "/anna/Calendar/",
    "/anna/Calendar/personal/",
    "/anna/Calendar/personal/a.ics",
    "/anna/Calendar/personal.ics",
    "/anna/Calendar/personal.xml",
    "/anna/Calendar/inbox/",
    "/anna/Calendar/new/",
    "/anna/Contacts/personal/c.vcf",
    "/anna/Contacts/",
    "/anna/Files/",
    "/anna/Files/dir/",
    "/anna/Files/dir/file",
    "/anna/freebusy.ifb",
    "/anna/calendar-proxy-write/",
    "/ben/Calendar/personal/",
    "/users/anna/",
]
OBJECTS = [
    "/anna/Calendar/personal/a.ics",
    "/anna/Calendar/personal/b.ics",
    "/anna/Contacts/personal/c.vcf",
    "/anna/Files/dir/file",
]
OF_OBJECTS = {"GET", "HEAD", "PUT", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH"}
JUNK = [
    "",
    "/",
    "//",
    "..",
    ".",
    "\0",
    "\r\n",
    "%",
    "%00",
    "\udcff",
    "é",
    "\U0001d518",
    "a" * 300,
    "&<>\"'",
    "'; --",
    "\ufffe",
    "*",
]
NAMES = [
    "D:prop", "D:propfind", "D:allprop", "D:propname", "D:include", "D:propertyupdate", "D:set", "D:remove",
    "D:displayname", "D:getetag", "D:resourcetype", "D:collection", "D:owner", "D:href", "D:lockinfo", "D:lockscope",
    "D:exclusive", "D:shared", "D:locktype", "D:write", "D:mkcol", "D:lockdiscovery", "D:supportedlock",
    "D:sync-token", "D:acl", "C:mkcalendar", "C:calendar", "C:calendar-timezone", "C:calendar-timezone-id",
    "C:schedule-calendar-transp", "C:transparent", "C:supported-calendar-component-set", "C:comp", "C:calendar-data",
    "C:calendar-availability", "C:calendar-home-set", "CR:addressbook", "CR:address-data", "A:calendar-color",
    "A:calendar-order", "CS:getctag", "I:calendar-show-alarms", "I:events-default-classification",
    "I:contacts-categories", "I:category", "x:dead", "dead",
]  # fmt: skip
NAMESPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav" '
    'xmlns:A="http://apple.com/ns/ical/" xmlns:CS="http://calendarserver.org/ns/" '
    'xmlns:I="urn:inverse:params:xml:ns:inverse-dav" xmlns:x="urn:x"'
)
TEXTS = [
    "",
    "x",
    "1",
    "true",
    "#112233",
    "Europe/Oslo",
    "PRIVATE",
    "&#xfffd;",
    "&lt;",
    "]]&gt;",
    "VEVENT",
    "-1",
    "9" * 40,
]
ROOTS = {
    "PROPFIND": "D:propfind",
    "PROPPATCH": "D:propertyupdate",
    "LOCK": "D:lockinfo",
    "MKCOL": "D:mkcol",
    "MKCALENDAR": "C:mkcalendar",
}
HEADERS: dict[str, list[str]] = {
    "depth": ["0", "1", "infinity", "2", "", "0,noroot", "²"],
    "if": [
        "(<urn:uuid:x>)",
        '(["a"])',
        "(Not <DAV:no-lock>)",
        "(",
        "<x> (<y>)",
        "()",
        "<http://[> (<y>)",
        "(<a>" * 600,
    ],
    "if-match": ["*", '"a"', "a", '"', ",", 'W/"x", "y"'],
    "if-none-match": ["*", '"a"', "\xff"],
    "destination": ["/SOGo/dav/anna/Calendar/personal/b.ics", "http://h/x", "http://[", "%zz", "/SOGo/dav/\udcff", ""],
    "overwrite": ["T", "F", "x"],
    "timeout": ["Second-1", "Infinite", "Second-" + "9" * 50, "x" * 500],
    "lock-token": ["<urn:uuid:1>", "<>", "x", "<" + "a" * 5000 + ">"],
    "prefer": ["return=minimal", "return=representation", ";;,,=", "depth-noroot"],
    "range": ["bytes=0-", "bytes=-", "bytes=9999999999-", "bytes=5-1", "bytes=²-"],
    "content-type": ["text/calendar", "text/vcard", "application/xml", "x/y; charset=\xff", "a" * 2000],
    "content-range": ["bytes 0-1/2"],
    "accept": ["text/html", "text/vcard; version=4.0"],
    "user-agent": ["iCal/4.0", "iOS/18", "x" * 5000],
    "brief": ["t"],
}


def _tree(chance: random.Random, depth: int) -> str:
    name = chance.choice(NAMES)
    inner = "".join(_tree(chance, depth - 1) for _ in range(chance.randrange(4))) if depth else ""
    attribute = f' name="{chance.choice(TEXTS)}"' if chance.random() < 0.2 else ""
    return f"<{name}{attribute}>{chance.choice(TEXTS)}{inner}</{name}>"


def _shaped(chance: random.Random, method: str) -> str:
    props = "".join(_tree(chance, 1) for _ in range(chance.randrange(1, 4)))
    root = ROOTS.get(method) or chance.choice(list(ROOTS.values()))
    if root == "D:propfind":
        inner = f"<D:prop>{props}</D:prop>"
    elif root == "D:lockinfo":
        inner = "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>" + props
    else:
        inner = f"<D:set><D:prop>{props}</D:prop></D:set>"
        if root == "D:propertyupdate":
            inner += f"<D:remove><D:prop>{_tree(chance, 0)}</D:prop></D:remove>"
    return f"<{root} {NAMESPACES}>{inner}</{root}>"


def _body(chance: random.Random, method: str) -> bytes:
    if method in ROOTS and chance.random() < 0.7:
        return _shaped(chance, method).encode()
    if method == "PUT" and chance.random() < 0.8:
        body = chance.choice([event("a"), event("b"), card("c"), card("d")])
        return body if chance.random() < 0.3 else _mutated(chance, body)
    forms = [
        b"",
        b"",
        _shaped(chance, "").encode(),
        f"<{chance.choice(list(ROOTS.values()))} {NAMESPACES}>{_tree(chance, 3)}</x>".encode(),
        _mutated(chance, _shaped(chance, method).encode()),
        chance.randbytes(chance.randrange(200)),
    ]
    return chance.choice(forms)


def _mutated(chance: random.Random, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randrange(1, 6)):
        position = chance.randrange(len(data) + 1)
        match chance.randrange(3):
            case 0:
                data[position : position + chance.randrange(8)] = b""
            case 1:
                data[position:position] = chance.randbytes(chance.randrange(1, 4))
            case _:
                data[position:position] = data[: chance.randrange(60)]
    return bytes(data)


def _request(chance: random.Random) -> Request:
    method = chance.choice(METHODS)
    path = chance.choice(OBJECTS if method in OF_OBJECTS and chance.random() < 0.6 else PATHS)
    if chance.random() < 0.2:
        path += chance.choice(JUNK)
    if chance.random() < 0.1:
        path = path.replace("a", chance.choice(JUNK), 1)
    names = chance.sample(sorted(HEADERS), chance.choice([0, 0, 1, 1, 2, 4]))
    headers = {"host": "dav.test", **{name: chance.choice(HEADERS[name]) for name in names}}
    if method in {"COPY", "MOVE"} and chance.random() < 0.8:
        headers["destination"] = PREFIX + chance.choice(PATHS)
    caller = CALLERS[chance.choice(["anna", "anna", "anna", "ben", "root", "nobody"])]
    query = chance.choice(["", "", "x=1", "start=20260101T000000Z&end=1", "%zz"])
    return Request(method, path, query, headers, _body(chance, method), caller, PREFIX, "http://dav.test")


async def _check(face: DavFace, request: Request) -> None:
    response = await face(request)
    where = (request.method, request.path, request.headers, request.body)
    assert response.status < 500 or response.status in {502, 507}, where
    for name, value in response.headers:
        assert name.isascii(), where
        assert value.isprintable(), where
    kind = header(response, "Content-Type") or ""
    if response.body and (response.status == 207 or "xml" in kind) and request.method not in {"GET", "PUT"}:
        ET.fromstring(response.body)  # noqa: S314


async def _furnish(dav: Dav) -> None:
    """Put back what earlier requests may have removed or locked."""
    locks = dav.face.services.locks
    for held in await locks.of(PrincipalId("anna")):
        await locks.release(CALLERS["anna"], held.owner, held.path, held.token)
    await dav.request("PUT", "/anna/Calendar/personal/a.ics", event("a"))
    await dav.request("PUT", "/anna/Contacts/personal/c.vcf", card("c"))
    await dav.request("MKCOL", "/anna/Files/dir/")
    await dav.request("PUT", "/anna/Files/dir/file", b"x")


async def test_no_request_makes_the_face_fail(dav: Dav) -> None:
    await _try(dav, fuzz_inputs(8_000))


@pytest.mark.nightly
async def test_no_request_of_a_great_many_makes_the_face_fail(dav: Dav) -> None:
    await _try(dav, fuzz_inputs(1_000_000))


async def _try(dav: Dav, inputs: int) -> None:
    chance = random.Random(20260302)
    for count in range(inputs):
        if count % 50 == 0:
            await _furnish(dav)
        await _check(dav.face, _request(chance))
