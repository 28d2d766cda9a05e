"""DAV:sync-collection over real services."""

import random

import pytest

from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from tests.support.dav import Answers, Dav, condition, event
from tests.support.reports import CALENDAR, CALENDAR_DATA, HOME, document, names, put, report, status_of

pytestmark = pytest.mark.anyio

BASE = f"{HOME}personal/"


def asking(token: str = "", limit: int | None = None, prop: str = "<D:getetag/>", level: str = "1") -> str:
    limited = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    return f"<D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>{limited}<D:prop>{prop}</D:prop>"


def token_of(answers: Answers) -> str:
    return answers.root.findtext("{DAV:}sync-token") or ""


async def sync(dav: Dav, content: str, as_: str = "anna") -> Answers:
    return await report(dav, CALENDAR, "D:sync-collection", content, as_=as_, depth="0")


async def test_a_first_sync_lists_what_lives_and_no_tombstones(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    await put(dav, f"{CALENDAR}b.ics", event("b"))
    assert (await dav.request("DELETE", f"{CALENDAR}b.ics")).status == 204
    answers = await sync(dav, asking())
    assert names(answers) == ["a.ics"]
    assert (await sync(dav, asking(token_of(answers)))).hrefs == []


async def test_changes_and_deletions_are_told_once(dav: Dav) -> None:
    for name in "abc":
        await put(dav, f"{CALENDAR}{name}.ics", event(name))
    token = token_of(await sync(dav, asking()))
    await put(dav, f"{CALENDAR}a.ics", event("a", "Changed"))
    assert (await dav.request("DELETE", f"{CALENDAR}b.ics")).status == 204
    answers = await sync(dav, asking(token, prop="<D:getetag/><C:calendar-data/>"))
    assert names(answers) == ["a.ics", "b.ics"]
    assert "Changed" in answers.text(CALENDAR_DATA, f"{BASE}a.ics")
    assert "404" in status_of(answers, f"{BASE}b.ics")
    assert (await sync(dav, asking(token_of(answers)))).hrefs == []


async def test_pages_end_with_507_and_their_tokens_go_on(dav: Dav) -> None:
    for number in range(7):
        await put(dav, f"{CALENDAR}{number}.ics", event(str(number)))
    seen: list[str] = []
    token, pages = "", 0
    while True:
        answers = await sync(dav, asking(token, limit=3))
        pages += 1
        more = BASE in answers.hrefs
        seen += [href for href in answers.hrefs if href != BASE]
        token = token_of(answers)
        if not more:
            break
        assert "507" in status_of(answers, BASE)
        assert answers.by_href[BASE].find("{DAV:}error/{DAV:}number-of-matches-within-limits") is not None
    assert pages == 3
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("token", ["nonsense", "urn:folkmoot:sync:999-1-1", "urn:folkmoot:sync:1-99999-99999"])
async def test_a_token_of_nobody_is_refused(dav: Dav, token: str) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    response = await dav.request("REPORT", CALENDAR, document("D:sync-collection", asking(token)), depth="0")
    assert response.status == 403
    assert condition(response) == "{DAV:}valid-sync-token"


@pytest.mark.parametrize(
    "content",
    ["<D:prop/>", asking(level="2"), asking(limit=0), asking() + asking()],
    ids=["no token", "odd level", "no results", "twice"],
)
async def test_malformed_reports_are_400(dav: Dav, content: str) -> None:
    response = await dav.request("REPORT", CALENDAR, document("D:sync-collection", content), depth="0")
    assert response.status == 400


async def test_infinite_level_means_the_same_where_nothing_is_nested(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    assert names(await sync(dav, asking(level="infinite"))) == ["a.ics"]


async def test_homes_are_not_synchronised(dav: Dav) -> None:
    response = await dav.request("REPORT", "/anna/Calendar/", document("D:sync-collection", asking()))
    assert response.status == 403
    assert condition(response) == "{DAV:}supported-report"


async def test_a_client_fed_only_by_sync_ends_equal_to_the_server(dav: Dav) -> None:
    chance = random.Random(6578)
    known: dict[str, str] = {}
    token = ""
    for step in range(60):
        name = f"{chance.randrange(8)}.ics"
        if chance.random() < 0.3:
            await dav.request("DELETE", f"{CALENDAR}{name}")
        else:
            await put(dav, f"{CALENDAR}{name}", event(name, f"Step {step}"))
        if chance.random() < 0.4 or step == 59:
            while True:
                answers = await sync(dav, asking(token, limit=chance.choice([1, 2, None])))
                token = token_of(answers)
                for href in answers.hrefs:
                    if href == BASE:
                        continue
                    if "404" in status_of(answers, href):
                        known.pop(href, None)
                    else:
                        known[href] = answers.text("{DAV:}getetag", href)
                if BASE not in answers.hrefs:
                    break
    listed = await dav.propfind(CALENDAR, "{DAV:}getetag", depth="1")
    assert known == {href: listed.text("{DAV:}getetag", href) for href in listed.hrefs if href != BASE}


async def test_what_becomes_private_is_taken_from_those_who_saw_it(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    ace = (
        "<D:ace><D:principal><D:href>/SOGo/dav/ben/</D:href></D:principal><D:grant><D:privilege>"
        "<I:viewwhole-public-records/></D:privilege></D:grant></D:ace>"
    )
    assert (await dav.request("ACL", CALENDAR, document("D:acl", ace))).status == 200
    first = await sync(dav, asking(), as_="ben")
    assert names(first) == ["a.ics"]
    await put(dav, f"{CALENDAR}a.ics", event("a", extra="CLASS:PRIVATE\r\n"))
    second = await sync(dav, asking(token_of(first)), as_="ben")
    assert "404" in status_of(second, f"{BASE}a.ics")


async def test_old_events_are_left_out_of_listings_but_their_changes_are_told(dav: Dav) -> None:
    limited = Dav(DavFace(dav.face.services, DavSettings(past_days=60)))
    await put(dav, f"{CALENDAR}old.ics", event("old", start="19990101T000000Z"))
    await put(dav, f"{CALENDAR}series.ics", event("series", start="19990101T000000Z", extra="RRULE:FREQ=DAILY\r\n"))
    first = await sync(limited, asking())
    assert names(first) == ["series.ics"]
    listed = await limited.propfind(CALENDAR, "{DAV:}getetag", depth="1")
    assert f"{BASE}old.ics" not in listed.hrefs
    await put(dav, f"{CALENDAR}old.ics", event("old", "Still old", "19990101T000000Z"))
    assert names(await sync(limited, asking(token_of(first)))) == ["old.ics"]
