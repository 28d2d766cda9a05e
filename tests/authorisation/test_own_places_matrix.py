"""What is one person's alone, or sent in a person's name: inbox, notifications, outbox, secret links; by everybody."""

from dataclasses import dataclass
from typing import Final

import pytest

from folkmoot.collections.content import Place
from folkmoot.collections.notifications import notify
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.dav.http import Request, Response
from folkmoot.dav.links import follow
from folkmoot.dav.methods import METHODS
from folkmoot.dav.methods.outbox_itip import METHODS as MESSAGES
from folkmoot.dav.settings import DavSettings
from folkmoot.store import collections, grants
from folkmoot.store.records import Kind
from tests.authorisation.operations import FREE_BUSY, GET_DATA, LOCK, SET
from tests.authorisation.oracle import EVERY_ROLE, PUBLIC_METHODS
from tests.authorisation.test_matrix import database
from tests.authorisation.world import STATE
from tests.support.dav import PREFIX, event
from tests.support.meetings import Desk, desk_on, meeting
from tests.support.reports import document

__all__ = ["database"]
pytestmark = pytest.mark.anyio

ANNA, BEN, DORA = (Caller(PrincipalId(name)) for name in ("anna", "ben", "dora"))
SUPERUSER: Final = Caller(PrincipalId("ben"), superuser=True)
CALENDAR: Final = Place(ANNA.principal, Kind.CALENDAR, "personal")
# Who asks for what is anna's; ben has every role on every calendar of hers, dora none.
OWNERS: Final = {"owner": ANNA, "superuser": SUPERUSER}
OTHERS: Final = {"delegate": BEN, "stranger": DORA, "anonymous": ANONYMOUS}


@dataclass(frozen=True, slots=True)
class Row:
    """One request on a place: its status for those whose it is, and for others where that is not 404."""

    method: str
    done: int
    others: int = 404
    body: str = ""
    changes: bool = False


GRANT: Final = document(
    "D:acl",
    "<D:ace><D:principal><D:href>/SOGo/dav/room/</D:href></D:principal><D:grant><D:privilege><D:read/></D:privilege>"
    "</D:grant></D:ace>",
)
SYNC: Final = document("D:sync-collection", f"<D:sync-token/><D:sync-level>1</D:sync-level>{GET_DATA}")
ROLES: Final = document("I:acl-query", '<I:set-roles user="room"><I:ObjectCreator/></I:set-roles>')
# The server alone fills both; their owner reads, and takes away.  The last row takes away what the others ask for.
_ON_BOTH: Final = (
    Row("OPTIONS", 200, 200),
    Row("GET", 405),
    Row("HEAD", 405),
    Row("PROPFIND", 207),
    Row("REPORT", 207, body=SYNC),
    Row("POST", 400, body=ROLES),
    Row("PUT", 405, 405, event("x").decode()),
    Row("ACL", 403, body=GRANT),
    Row("COPY", 403),
    Row("MOVE", 403),
    Row("UNLOCK", 409, 409),
    Row("MKCALENDAR", 403, 403),
)
_ON_OBJECTS: Final = (
    Row("OPTIONS", 200, 200),
    Row("GET", 200),
    Row("HEAD", 200),
    Row("PROPFIND", 207),
    Row("REPORT", 403, body=SYNC),
    Row("POST", 405, body=ROLES),
    Row("PUT", 403, body=event("x").decode()),
    Row("ACL", 405, body=GRANT),
    Row("COPY", 403),
    Row("MOVE", 403),
    Row("UNLOCK", 409, 409),
)
PLACES: Final = {
    "inbox": (*_ON_BOTH, Row("MKCOL", 403, 403), Row("PROPPATCH", 207, body=SET, changes=True), Row("DELETE", 403)),
    "notifications": (
        *_ON_BOTH,
        Row("MKCOL", 405, 405),
        Row("PROPPATCH", 207, body=SET, changes=True),
        Row("DELETE", 403),
    ),
    "message": (
        *_ON_OBJECTS,
        Row("MKCOL", 409, 409),
        Row("MKCALENDAR", 409, 409),
        Row("PROPPATCH", 207, body=SET, changes=True),
        Row("DELETE", 204, changes=True),
    ),
    "notification": (
        *_ON_OBJECTS,
        Row("MKCOL", 403, 403),
        Row("MKCALENDAR", 403, 403),
        Row("PROPPATCH", 207, body=SET, changes=True),
        Row("DELETE", 204, changes=True),
    ),
}
LOCKED: Final = {"inbox": 405, "notifications": 405, "message": 404, "notification": 404}  # to others
# Messages in the outbox's owner's name, and the level that sending takes.
NEEDS: Final = {
    "REQUEST": "modify",
    "CANCEL": "modify",
    "ADD": "modify",
    "DECLINECOUNTER": "modify",
    "REPLY": "respond",
    "COUNTER": "respond",
    "REFRESH": "respond",
    "free-busy": "respond",
}
SENDERS: Final[dict[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "owner": ((), frozenset({"modify", "respond"})),
    "superuser": ((), frozenset({"modify", "respond"})),
    "modifier": (("PublicModifier",), frozenset({"modify", "respond"})),
    "responder": (("PublicResponder",), frozenset({"respond"})),
    "viewer": (("PublicViewer", "PrivateViewer", "ConfidentialViewer"), frozenset()),
    "creator": (("ObjectCreator", "ObjectEraser"), frozenset()),
    "stranger": ((), frozenset()),
    "anonymous": ((), frozenset()),
}


@dataclass
class Office:
    """Anna's meeting with dora, dora's with anna, and what has come to anna by them."""

    desk: Desk
    database: Database
    paths: dict[str, str]

    async def request(self, caller: Caller, method: str, path: str, body: str = "", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"host": "dav.test"}
        public = "/public" if caller.anonymous else ""
        return await self.desk.dav.face(
            Request(method, public + path, "", named, body.encode(), caller, PREFIX, "http://dav.test")
        )

    async def ask(self, caller: Caller, place: str, row: Row) -> Response:
        headers = {"depth": "infinity" if row.method in {"COPY", "MOVE"} else "0"}
        headers |= {"content_type": "text/xml"} if row.body.startswith("<") else {}
        headers |= {"lock_token": "<urn:uuid:none>"} if row.method == "UNLOCK" else {}
        headers["destination"] = (
            f"{PREFIX}/{caller.principal or 'dora'}/Calendar/{'personal/' * ('.' in self.paths[place])}new"
        )
        return await self.request(caller, row.method, self.paths[place], row.body, **headers)

    async def state(self) -> tuple[object, ...]:
        row = await self.database.read(lambda tx: tx.fetch_one(STATE))
        return tuple(row or ())

    async def grant(self, *roles: str) -> None:
        async def work(tx: Transaction) -> None:
            for kind in (Kind.CALENDAR, Kind.INBOX, Kind.NOTIFICATIONS):
                for one in await collections.list_home(tx, ANNA.principal, kind):
                    await grants.set_many(tx, one.id, {"ben": roles})

        await self.database.write(work)


@pytest.fixture
async def office(database: Database) -> Office:
    desk = desk_on(database)
    desk.dav.face.settings = DavSettings(public_access=True)
    await desk.put("anna", "own.ics", meeting("own", "dora@example.org", summary="SECRET"))
    theirs = meeting("theirs", "anna@example.org", organizer="mailto:dora@example.org", summary="SECRET")
    await desk.put("dora", "theirs.ics", theirs)
    await desk.names("ben")
    await database.write(lambda tx: notify(tx, ANNA.principal, "n", "SHARE", b"<x>SECRET</x>", 1))
    (message,) = await desk.names("anna", "inbox")
    inbox, notifications = "/anna/Calendar/inbox/", "/anna/notifications/"
    paths = {"inbox": inbox, "notifications": notifications}
    return Office(desk, database, paths | {"message": inbox + message, "notification": f"{notifications}n.xml"})


@pytest.mark.parametrize("place", PLACES)
def test_every_method_has_its_row(place: str) -> None:
    assert {row.method for row in PLACES[place]} | {"LOCK"} == METHODS.keys()


@pytest.mark.parametrize("who", OTHERS)
async def test_nobody_else_reads_or_changes_what_came_to_somebody(office: Office, who: str) -> None:
    await office.grant(*EVERY_ROLE)
    wrong = []
    before = await office.state()
    for place, rows in PLACES.items():
        for row in (*rows, Row("LOCK", 200, LOCKED[place], LOCK)):
            response = await office.ask(OTHERS[who], place, row)
            expected = row.others
            if who == "anonymous":
                expected = 403 if row.method not in PUBLIC_METHODS else row.others
            if response.status != expected or b"SECRET" in response.body:
                wrong.append(f"{row.method} {place}: {response.status} where {expected} is expected")
    assert not wrong
    assert await office.state() == before


@pytest.mark.parametrize("who", OWNERS)
async def test_owners_read_it_and_take_it_away_and_no_more(office: Office, who: str) -> None:
    wrong = []
    before = await office.state()
    for place, rows in PLACES.items():
        for row in rows:
            response = await office.ask(OWNERS[who], place, row)
            after = await office.state()
            if response.status != row.done:
                wrong.append(f"{row.method} {place}: {response.status}")
            if after != before and not row.changes:
                wrong.append(f"{row.method} {place} changes something")
            before = after
    assert not wrong


def test_every_message_has_its_row() -> None:
    assert NEEDS.keys() == MESSAGES | {"free-busy"}


@pytest.mark.parametrize("who", SENDERS)
async def test_messages_are_sent_in_somebodys_name_by_who_may_act_so(office: Office, who: str) -> None:
    roles, abilities = SENDERS[who]
    await office.grant(*roles)
    caller = {**OWNERS, "stranger": DORA, "anonymous": ANONYMOUS}.get(who, BEN)
    refused = 404 if who == "stranger" else 403
    wrong = []
    before = await office.state()
    for key, needed in NEEDS.items():
        response = await office.request(
            caller, "POST", "/anna/Calendar/personal/", message_of(key), content_type="text/calendar"
        )
        if response.status != (200 if needed in abilities else refused):
            wrong.append(f"{key}: {response.status} {response.body[:200]!r}")
        after = await office.state()
        if response.status != 200 and after != before:
            wrong.append(f"{key} changes something")
        before = after
    assert not wrong


def message_of(key: str) -> str:
    if key == "free-busy":
        return FREE_BUSY
    if NEEDS[key] == "modify":
        body = meeting("own", "dora@example.org", summary="SECRET")
    else:
        body = meeting("theirs", ";PARTSTAT=ACCEPTED:mailto:anna@example.org", organizer="mailto:dora@example.org")
    if key == "ADD":
        body = body.replace("SUMMARY", "SEQUENCE:1\r\nSUMMARY")
    return body.replace("VERSION:2.0\r\n", f"VERSION:2.0\r\nMETHOD:{key}\r\n")


@pytest.mark.parametrize("who", [*OWNERS, *OTHERS])
async def test_links_are_made_and_revoked_by_owners_alone(office: Office, who: str) -> None:
    await office.grant(*EVERY_ROLE)
    links = office.desk.dav.face.services.links
    caller = {**OWNERS, **OTHERS}[who]
    for root, asked in (("publish-calendar", True), ("unpublish-calendar", False)):
        if who in OTHERS and not asked:
            await links.create(ANNA, CALENDAR, label="web")
        before = len(await links.of(ANNA, CALENDAR))
        body = document(f"CS:{root}", "")
        response = await office.request(caller, "POST", "/anna/Calendar/personal/", body, content_type="text/xml")
        after = len(await links.of(ANNA, CALENDAR))
        if who in OWNERS:
            assert (response.status, after) == ((202, 1) if asked else (200, 0))
        else:
            assert (response.status, after) == (404 if who == "stranger" else 403, before)


@pytest.mark.parametrize("kind", ["open", "unknown", "revoked"])
async def test_a_link_reads_what_is_public_and_does_nothing_else(office: Office, kind: str) -> None:
    """By whoever knows it: who follows a link is nobody."""
    await office.desk.put("anna", "p.ics", meeting("p", summary="SECRET", extra="CLASS:PRIVATE\r\n"))
    await office.desk.put("anna", "q.ics", meeting("q", summary="Open"))
    await office.desk.delete("anna", "own.ics")
    await office.desk.delete("anna", "theirs.ics")
    services = office.desk.dav.face.services
    link = await services.links.create(ANNA, CALENDAR)
    token = "A" * 32 if kind == "unknown" else link.token
    if kind == "revoked":
        await services.links.revoke(ANNA, CALENDAR, link.id)
    before = await office.state()
    for method in METHODS:
        for caller in (ANONYMOUS, DORA, ANNA):
            request = Request(method, f"/{token}.ics", "", {}, b"", caller, "/SOGo/links", "http://dav.test")
            response = await follow(services, request)
            done = 200 if kind == "open" else 404
            assert response.status == {"GET": done, "HEAD": done, "OPTIONS": 200}.get(method, 405)
            assert b"SECRET" not in response.body
            assert (b"Open" in response.body) == (method == "GET" and kind == "open")
    assert await office.state() == before
