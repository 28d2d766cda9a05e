"""Hostile requests to share, to subscribe and to answer: nothing of them is our failure."""

import random

import pytest

from tests.dav.test_subscriptions import MOUNT, WRITE, subscribe
from tests.support.dav import Dav, event
from tests.support.fuzz import fuzz_inputs
from tests.support.reports import CALENDAR, document, put

pytestmark = pytest.mark.anyio

PATHS = (
    "/",
    "/public/anna/",
    "/anna/",
    "/anna/Calendar/",
    "/anna/Contacts/personal/",
    "/anna/Files/",
    "/anna/calendar-proxy-write/",
    CALENDAR,
    MOUNT,
    f"{MOUNT}a.ics",
    "/ben/Calendar/",
    "/ben/Calendar/anna_personal.ics",
    "/ben/Calendar/_/",
    "/ben/Calendar/anna_/a.ics",
    "/ben/Calendar/__________/",
    "/ben/notifications/",
    "/ben/notifications/x/y/z",
)
WHO = ("anna", "ben", "root", "carl", "nobody")
NAMES = ("ben", "zoe", "&lt;default&gt;", "anonymous", "@staff", "", ",,", "a" * 300, "\u0000".encode().hex(), "ü")
BODIES = (
    '<I:acl-query><I:set-roles user="{0}"><I:PublicViewer/><{1}/></I:set-roles></I:acl-query>',
    '<I:acl-query><I:set-roles users="{0},{0}"/></I:acl-query>',
    '<I:acl-query><I:add-users users="{0}"/></I:acl-query>',
    '<I:acl-query><I:remove-user user="{0}"/></I:acl-query>',
    '<I:acl-query><I:roles user="{0}"/></I:acl-query>',
    '<I:acl-query><I:user-list params="{0}"/></I:acl-query>',
    '<I:subscribe users="{0}"/>',
    "<I:unsubscribe/>",
    "<CS:share><CS:set><D:href>mailto:{0}@example.org</D:href><{1}/></CS:set></CS:share>",
    "<CS:share><CS:remove><D:href>/SOGo/dav/{0}/</D:href></CS:remove></CS:share>",
    "<CS:invite-reply><CS:invite-accepted/><CS:in-reply-to>{0}</CS:in-reply-to></CS:invite-reply>",
    "<CS:publish-calendar/>",
    "<CS:unpublish-calendar/>",
    "<D:propertyupdate><D:set><D:prop><D:group-member-set><D:href>{0}</D:href></D:group-member-set></D:prop></D:set></D:propertyupdate>",
    "<D:propertyupdate><D:set><D:prop><D:displayname>{0}</D:displayname><{1}>x</{1}></D:prop></D:set></D:propertyupdate>",
)
ELEMENTS = ("CS:read", "CS:read-write", "I:ObjectViewer", "D:href", "CS:summary", "I:None", "C:calendar-description")
METHODS = (
    "POST",
    "POST",
    "POST",
    "PROPPATCH",
    "PROPFIND",
    "GET",
    "PUT",
    "DELETE",
    "MKCALENDAR",
    "LOCK",
    "MOVE",
    "REPORT",
)


def _body(chance: random.Random) -> bytes:
    text = chance.choice(BODIES).format(chance.choice(NAMES), chance.choice(ELEMENTS))
    root, _, rest = text[1:].partition(">")
    name, _, attributes = root.rstrip("/").partition(" ")
    inner = "" if root.endswith("/") else rest.rpartition("</")[0]
    data = bytearray(document(name, inner, attributes).encode())
    if chance.random() < 0.2:
        position = chance.randrange(len(data))
        data[position : position + chance.randrange(1, 9)] = chance.randbytes(chance.randrange(4))
    return bytes(data)


async def test_no_request_about_sharing_makes_the_face_fail(dav: Dav) -> None:
    chance = random.Random(20261123)
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    for count in range(fuzz_inputs(2_000)):
        if count % 100 == 0:
            await subscribe(dav, WRITE)
        method, path, who = chance.choice(METHODS), chance.choice(PATHS), chance.choice(WHO)
        headers = {"content_type": chance.choice(["text/xml", "application/xml", "text/calendar", ""])}
        headers["destination"] = f"/SOGo/dav{chance.choice(PATHS)}"
        body = _body(chance) if method in {"POST", "PROPPATCH", "REPORT"} else event("b") if method == "PUT" else b""
        response = await dav.request(method, path, body, who, **headers)
        assert response.status < 500, (method, path, who, body, response)
