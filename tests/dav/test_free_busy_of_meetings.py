"""Free-busy follows a meeting from the invitation to the answer."""

import pytest

from tests.support.dav import Dav, event
from tests.support.reports import CALENDAR, put

pytestmark = pytest.mark.anyio

WINDOW = "start=20260302T000000Z&end=20260303T000000Z"
BUSY = "FREEBUSY:20260302T090000Z/20260302T100000Z"
TENTATIVE = "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T090000Z/20260302T100000Z"
BENS = "/ben/Calendar/personal/"


def meeting(partstat: str = "NEEDS-ACTION", *, series: bool = False) -> bytes:
    rule = "RRULE:FREQ=YEARLY\r\n" if series else ""
    lines = f"ORGANIZER:mailto:anna@example.org\r\nATTENDEE;PARTSTAT={partstat}:mailto:ben@example.org\r\n{rule}"
    return event("meeting", extra=lines)


async def busy(dav: Dav, who: str, asking: str = "anna") -> list[str]:
    response = await dav.request("GET", f"/{who}/freebusy.ifb", as_=asking, query=WINDOW)
    assert response.status == 200
    return [line for line in response.body.decode().splitlines() if line.startswith("FREEBUSY")]


async def copy_of_ben(dav: Dav) -> tuple[str, bytes]:
    listed = await dav.propfind(BENS, "{DAV:}getetag", depth="1", as_="ben")
    href = next(href for href in listed.hrefs if href.endswith(".ics"))
    path = href.removeprefix("/SOGo/dav")
    return path, (await dav.request("GET", path, as_="ben")).body


@pytest.mark.parametrize("series", [False, True], ids=["once", "series"])
@pytest.mark.parametrize(("answer", "expected"), [("ACCEPTED", [BUSY]), ("TENTATIVE", [TENTATIVE]), ("DECLINED", [])])
async def test_an_invitation_is_tentative_until_it_is_answered(
    dav: Dav, series: bool, answer: str, expected: list[str]
) -> None:
    await put(dav, f"{CALENDAR}meeting.ics", meeting(series=series))
    assert await busy(dav, "anna") == [BUSY]
    assert await busy(dav, "ben") == [TENTATIVE]
    path, body = await copy_of_ben(dav)
    answered = body.replace(b"PARTSTAT=NEEDS-ACTION", b"PARTSTAT=" + answer.encode())
    assert answered != body
    await put(dav, path, answered, as_="ben")
    assert await busy(dav, "ben", asking="ben") == expected
    assert await busy(dav, "anna") == [BUSY]


async def test_a_cancelled_meeting_makes_nobody_busy(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}meeting.ics", meeting())
    assert (await dav.request("DELETE", f"{CALENDAR}meeting.ics")).status == 204
    assert await busy(dav, "anna") == []
    assert await busy(dav, "ben") == []
