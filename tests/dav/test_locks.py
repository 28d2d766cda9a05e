"""LOCK, UNLOCK and the If header."""

import re

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.http import Response
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Answers, Dav, condition, event, header

pytestmark = pytest.mark.anyio

CALENDAR = "/anna/Calendar/personal/"
WORK = f"{CALENDAR}work.ics"
HREF = "/SOGo/dav/anna/Calendar/personal"


def lockinfo(scope: str = "exclusive", owner: str = "<D:href>mailto:anna</D:href>") -> str:
    return (
        f'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>'
        f"<D:owner>{owner}</D:owner></D:lockinfo>"
    )


def token(response: Response) -> str:
    value = header(response, "Lock-Token")
    assert value
    return value


async def share(dav: Dav) -> None:
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.propfind("/anna/Calendar/", depth="1")
    roles = frozenset(["PublicModifier", "PrivateModifier", "ConfidentialModifier", "ObjectCreator", "ObjectEraser"])
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", roles)


async def test_a_lock_holds_against_everybody_without_its_token(dav: Dav) -> None:
    await share(dav)
    await dav.request("PUT", WORK, event("a"))
    taken = await dav.request("LOCK", WORK, lockinfo(), timeout="Second-600")
    assert taken.status == 200
    for who in ("anna", "ben"):
        refused = await dav.request("PUT", WORK, event("a", "x"), who)
        assert refused.status == 423
        assert condition(refused) == "{DAV:}lock-token-submitted"
        assert f"<D:href>{HREF}/work.ics</D:href>".encode() in refused.body
        for method in ("DELETE", "MOVE"):
            assert (await dav.request(method, WORK, as_=who, destination=f"{HREF}/b.ics")).status == 423
    named = {"if": f"({token(taken)})"}
    assert (await dav.request("PUT", WORK, event("a", "x"), **named)).status == 204
    assert (await dav.request("PUT", WORK, event("a", "y"), "ben", **named)).status == 423
    assert (await dav.request("UNLOCK", WORK, as_="ben", lock_token=token(taken))).status == 403
    assert (await dav.request("UNLOCK", WORK, lock_token=token(taken))).status == 204
    assert (await dav.request("PUT", WORK, event("a", "y"), "ben")).status == 204


async def test_the_owner_may_break_a_lock(dav: Dav) -> None:
    await share(dav)
    await dav.request("PUT", WORK, event("a"))
    taken = await dav.request("LOCK", WORK, lockinfo(), "ben")
    assert (await dav.request("PUT", WORK, event("a", "x"))).status == 423
    assert (await dav.request("UNLOCK", WORK, lock_token=token(taken))).status == 204
    assert (await dav.request("PUT", WORK, event("a", "x"))).status == 204


async def test_a_lock_is_shown_with_all_the_client_said(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    taken = await dav.request("LOCK", WORK, lockinfo(owner="<x:me xmlns:x='urn:x'>Anna &amp; co</x:me>"))
    shown = (await dav.propfind(WORK, "{DAV:}lockdiscovery", "{DAV:}supportedlock")).found()
    active = shown["{DAV:}lockdiscovery"][0]
    assert active.findtext("{DAV:}locktoken/{DAV:}href") == token(taken)[1:-1]
    assert active.findtext("{DAV:}lockroot/{DAV:}href") == f"{HREF}/work.ics"
    assert active.findtext("{DAV:}owner/{urn:x}me") == "Anna & co"
    assert active.findtext("{DAV:}depth") == "0"
    assert re.fullmatch(r"Second-[0-9]+", active.findtext("{DAV:}timeout") or "")
    assert len(shown["{DAV:}supportedlock"]) == 2


async def test_exclusive_stands_alone_and_shared_stand_together(dav: Dav) -> None:
    await share(dav)
    await dav.request("PUT", WORK, event("a"))
    first = await dav.request("LOCK", WORK, lockinfo("shared"))
    second = await dav.request("LOCK", WORK, lockinfo("shared"), "ben")
    assert (first.status, second.status) == (200, 200)
    refused = await dav.request("LOCK", WORK, lockinfo())
    assert refused.status == 423
    assert condition(refused) == "{DAV:}no-conflicting-lock"


async def test_a_locked_collection_keeps_its_members(dav: Dav) -> None:
    await share(dav)
    await dav.request("PUT", WORK, event("a"))
    taken = await dav.request("LOCK", CALENDAR, lockinfo(), depth="infinity")
    named = {"if": f"<http://dav.test{HREF}/> ({token(taken)})"}
    assert (await dav.request("PUT", WORK, event("a", "x"))).status == 423
    assert (await dav.request("PUT", f"{CALENDAR}new.ics", event("b"))).status == 423
    assert (await dav.request("LOCK", WORK, lockinfo(), "ben")).status == 423
    assert (await dav.request("PUT", WORK, event("a", "x"), **named)).status == 204
    assert (await dav.request("PUT", f"{CALENDAR}new.ics", event("b"), **named)).status == 201


async def test_a_collection_locked_alone_keeps_its_list_of_members(dav: Dav) -> None:
    await share(dav)
    await dav.request("PUT", WORK, event("a"))
    await dav.request("LOCK", CALENDAR, lockinfo(), depth="0")
    assert (await dav.request("PUT", WORK, event("a", "x"), "ben")).status == 204
    assert (await dav.request("PUT", f"{CALENDAR}new.ics", event("b"), "ben")).status == 423
    assert (await dav.request("DELETE", WORK, as_="ben")).status == 423


async def test_a_lock_is_refreshed_by_its_token(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    taken = await dav.request("LOCK", WORK, lockinfo(), timeout="Second-10")
    named = {"if": f"({token(taken)})"}
    refreshed = await dav.request("LOCK", WORK, timeout="Infinite, Second-4100000000", **named)
    assert refreshed.status == 200
    assert header(refreshed, "Lock-Token") is None
    assert b"Second-86" in refreshed.body
    assert (await dav.request("LOCK", WORK)).status == 400
    assert (await dav.request("LOCK", WORK, **{"if": "(<urn:uuid:0>)"})).status == 412


async def test_a_lock_on_a_free_file_name_makes_an_empty_file(dav: Dav) -> None:
    taken = await dav.request("LOCK", "/anna/Files/new.txt", lockinfo())
    assert taken.status == 201
    assert (await dav.request("GET", "/anna/Files/new.txt")).body == b""
    assert (await dav.request("LOCK", "/anna/Files/none/new.txt", lockinfo())).status == 409


async def test_a_lock_on_a_free_event_name_reserves_it(dav: Dav) -> None:
    await share(dav)
    taken = await dav.request("LOCK", WORK, lockinfo())
    assert taken.status == 200
    assert (await dav.request("GET", WORK)).status == 404
    assert (await dav.request("PUT", WORK, event("a"), "ben")).status == 423
    assert (await dav.request("PUT", WORK, event("a"), **{"if": f"({token(taken)})"})).status == 201


async def test_who_may_not_write_may_not_lock(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset(["PublicViewer"]))
    assert (await dav.request("LOCK", WORK, lockinfo(), "ben")).status == 403
    assert (await dav.request("LOCK", CALENDAR, lockinfo(), "ben")).status == 403
    assert (await dav.request("LOCK", "/anna/", lockinfo())).status == 403
    assert (await dav.request("LOCK", "/anna/Calendar/personal.ics", lockinfo())).status == 403


async def test_who_may_not_create_may_not_reserve_a_name(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    place = Place(PrincipalId("anna"), Kind.CALENDAR, "personal")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset(["PublicViewer"]))
    assert (await dav.request("LOCK", f"{CALENDAR}new.ics", lockinfo(), "ben")).status == 403


@pytest.mark.parametrize(
    ("scope", "kind", "depth", "status"),
    [
        ("<D:exclusive/>", "<D:read/>", "0", 400),
        ("<D:own/>", "<D:write/>", "0", 400),
        ("", "", "0", 400),
        ("<D:exclusive/>", "<D:write/>", "1", 400),
    ],
)
async def test_locks_that_do_not_exist(dav: Dav, scope: str, kind: str, depth: str, status: int) -> None:
    body = f'<D:lockinfo xmlns:D="DAV:"><D:lockscope>{scope}</D:lockscope><D:locktype>{kind}</D:locktype></D:lockinfo>'
    assert (await dav.request("LOCK", CALENDAR, body, depth=depth)).status == status


async def test_an_unlock_names_a_lock_that_is_here(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    assert (await dav.request("UNLOCK", WORK)).status == 400
    assert (await dav.request("UNLOCK", WORK, lock_token="urn:uuid:1")).status == 400
    refused = await dav.request("UNLOCK", WORK, lock_token="<urn:uuid:1>")
    assert refused.status == 409
    assert condition(refused) == "{DAV:}lock-token-matches-request-uri"
    assert (await dav.request("UNLOCK", "/anna/", lock_token="<urn:uuid:1>")).status == 409


async def test_an_if_header_that_does_not_hold_is_412(dav: Dav) -> None:
    etag = header(await dav.request("PUT", WORK, event("a")), "ETag")
    for text, status in (
        (f"([{etag}])", 204),
        ('(["other"])', 412),
        (f"(Not [{etag}])", 412),
        (f'(["other"]) ([{etag}])', 204),
        ("(<DAV:no-lock>)", 412),
        ("(Not <DAV:no-lock>)", 204),
        (f"<{HREF}/work.ics> ([{etag}])", 204),
        (f"<http://elsewhere.test{HREF}/work.ics> ([{etag}])", 412),
        ("(<DAV:no-lock>", 400),
        ("nonsense", 400),
        ("()", 400),
    ):
        assert (await dav.request("PUT", WORK, event("a"), **{"if": text})).status == status, text


async def test_a_sync_token_is_a_state_token(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    token_now = (await dav.propfind(CALENDAR, "{DAV:}sync-token")).text("{DAV:}sync-token")
    named = {"if": f"<{HREF}/> (<{token_now}>)"}
    assert (await dav.request("PUT", WORK, event("a", "x"), **named)).status == 204
    assert (await dav.request("PUT", WORK, event("a", "y"), **named)).status == 412


async def test_a_listing_shows_locks_of_members(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    await dav.request("PUT", f"{CALENDAR}free.ics", event("b"))
    await dav.request("LOCK", WORK, lockinfo())
    body = '<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'
    answers = Answers((await dav.request("PROPFIND", CALENDAR, body, depth="1")).body)
    assert len(answers.found(f"{HREF}/work.ics")["{DAV:}lockdiscovery"]) == 1
    assert len(answers.found(f"{HREF}/free.ics")["{DAV:}lockdiscovery"]) == 0
