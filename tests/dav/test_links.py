"""Secret links: an address that reads one calendar, until it is taken back."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Request, Response
from folkmoot.dav.links import follow
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Dav, event, header, services_on
from tests.support.reports import CALENDAR, put

pytestmark = pytest.mark.anyio

PLACE = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
ANNA, BEN, ROOT = CALLERS["anna"], CALLERS["ben"], CALLERS["root"]
YEAR = 365 * 86_400_000


async def read(dav: Dav, token: str | None, method: str = "GET", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(method, f"/{token}.ics", "", named, b"", ANONYMOUS, "/SOGo/links/", "http://dav.test")
    return await follow(dav.face.services, request)


async def fill(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a", "Open house", extra="LOCATION:Hall\r\n"))
    await put(dav, f"{CALENDAR}b.ics", event("b", "Doctor", extra="CLASS:PRIVATE\r\n"))
    await put(dav, f"{CALENDAR}c.ics", event("c", "Merger", extra="CLASS:CONFIDENTIAL\r\n"))


async def test_a_link_reads_public_events_and_no_others(dav: Dav) -> None:
    await fill(dav)
    link = await dav.face.services.links.create(ANNA, PLACE, label="Club")
    assert link.token is not None
    assert len(link.token) >= 22, "128 bits in base64"
    response = await read(dav, link.token)
    assert response.status == 200
    assert header(response, "content-type") == "text/calendar; charset=utf-8"
    assert header(response, "cache-control") == "private, no-cache"
    assert b"Open house" in response.body
    assert b"Hall" in response.body
    assert b"Doctor" not in response.body
    assert b"Merger" not in response.body


async def test_private_events_are_shown_if_their_owner_says_so(dav: Dav) -> None:
    await fill(dav)
    link = await dav.face.services.links.create(ANNA, PLACE, with_private=True)
    body = (await read(dav, link.token)).body
    assert b"Doctor" in body
    assert b"Merger" in body


async def test_a_link_to_dates_tells_when_and_not_what(dav: Dav) -> None:
    await fill(dav)
    links = dav.face.services.links
    bodies = []
    for with_private, count in ((False, 1), (True, 3)):
        link = await links.create(ANNA, PLACE, dates_only=True, with_private=with_private)
        body = (await read(dav, link.token)).body
        assert body.count(b"BEGIN:VEVENT") == count
        assert b"20260302T090000Z" in body
        assert not any(word in body for word in (b"Open house", b"Hall", b"Doctor", b"Merger", b"UID:a\r\n"))
        bodies.append(body)
    uids = [{line for line in body.splitlines() if line.startswith(b"UID:")} for body in bodies]
    assert not uids[0] & uids[1], "what two links show has no name in common"


async def test_it_is_not_sent_again_while_nothing_has_changed(dav: Dav) -> None:
    await fill(dav)
    token = (await dav.face.services.links.create(ANNA, PLACE)).token
    etag = header(await read(dav, token), "etag") or ""
    known = await read(dav, token, if_none_match=etag)
    assert (known.status, known.body) == (304, b"")
    assert header(known, "cache-control") == "private, no-cache"
    assert (await read(dav, token, if_none_match='"other", broken"')).status == 200
    await put(dav, f"{CALENDAR}d.ics", event("d"))
    assert (await read(dav, token, if_none_match=etag)).status == 200


async def test_head_answers_without_the_body(dav: Dav) -> None:
    token = (await dav.face.services.links.create(ANNA, PLACE)).token
    whole, head = await read(dav, token), await read(dav, token, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert header(head, "content-length") == str(len(whole.body))
    assert header(head, "etag") == header(whole, "etag")


@pytest.mark.parametrize("method", ["PUT", "PROPFIND", "DELETE", "POST"])
async def test_nothing_else_can_be_done_with_it(dav: Dav, method: str) -> None:
    token = (await dav.face.services.links.create(ANNA, PLACE)).token
    response = await read(dav, token, method)
    assert response.status == 405
    assert header(response, "allow") == "GET, HEAD, OPTIONS"


@dataclass
class Settable:
    """A clock that is set by hand."""

    at: int = 1_800_000_000_000

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at / 1000, UTC)

    def milliseconds(self) -> int:
        return self.at


async def test_unknown_revoked_and_expired_links_look_the_same(dav: Dav) -> None:
    clock = Settable()
    services = services_on(_database(dav), clock)
    timed = Dav(DavFace(services, dav.face.settings))
    await fill(timed)
    links = services.links
    revoked, expiring = await links.create(ANNA, PLACE), await links.create(ANNA, PLACE, expires_at=clock.at + 1000)
    assert (await read(timed, revoked.token)).status == 200
    assert (await read(timed, expiring.token)).status == 200
    await links.revoke(ANNA, PLACE, revoked.id)
    clock.at += 1000
    answers = [
        await read(timed, token)
        for token in (
            "x" * 32,
            revoked.token,
            expiring.token,
            "",
            "ü" * 32,
            "\ud800",
            "x" * 8000,
            f"{revoked.token}.ics",
        )
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({(answer.body, tuple(answer.headers)) for answer in answers}) == 1
    assert [link.id for link in await links.of(ANNA, PLACE)] == [expiring.id]


def _database(dav: Dav) -> Database:
    return dav.face.services.links._access.database


async def test_the_owner_reads_the_token_again_and_the_store_does_not_hold_it(dav: Dav) -> None:
    links = dav.face.services.links
    made = await links.create(ANNA, PLACE, label="Club", expires_at=YEAR * 100)
    (found,) = await links.of(ANNA, PLACE)
    assert found == made
    assert made.token is not None
    assert made.token not in str(found.kept)
    assert found.kept.label == "Club"
    assert (await services_on(_database(dav)).links.of(ANNA, PLACE))[0].token == made.token, "in another worker"


async def test_only_the_owner_makes_sees_and_revokes_links(dav: Dav) -> None:
    links, grants = dav.face.services.links, dav.face.services.grants
    with pytest.raises(NotFound):
        await links.create(BEN, PLACE)
    await dav.propfind(CALENDAR, "{DAV:}displayname")
    await grants.set_(ANNA, PLACE, "ben", frozenset(["PublicModifier", "ObjectCreator"]))
    made = await links.create(ANNA, PLACE)
    with pytest.raises(Forbidden):
        await links.create(BEN, PLACE)
    with pytest.raises(Forbidden):
        await links.of(BEN, PLACE)
    with pytest.raises(Forbidden):
        await links.revoke(BEN, PLACE, made.id)
    with pytest.raises(Forbidden):
        await links.create(ANNA, Place(PLACE.owner, Kind.ADDRESSBOOK, "personal"))
    with pytest.raises(NotFound):
        await links.revoke(ANNA, PLACE, "other")
    with pytest.raises(TooLarge):
        await links.create(ANNA, PLACE, label="x" * 256)
    await links.revoke(ROOT, PLACE, made.id)
    assert await links.of(ANNA, PLACE) == []


async def test_a_link_dies_with_its_calendar(dav: Dav) -> None:
    await dav.request("MKCALENDAR", "/anna/Calendar/club/")
    token = (await dav.face.services.links.create(ANNA, Place(PLACE.owner, Kind.CALENDAR, "club"))).token
    assert (await read(dav, token)).status == 200
    await dav.request("DELETE", "/anna/Calendar/club/")
    assert (await read(dav, token)).status == 404
