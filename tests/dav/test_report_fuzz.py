"""No body of a report, however odd, is our failure."""

import os
import random
from xml.etree import ElementTree as ET

import pytest

from tests.support.dav import Dav, card, event
from tests.support.report_inputs import VALID, bodies
from tests.support.reports import BOOK, CALENDAR, put

pytestmark = pytest.mark.anyio

FAST_INPUTS = 6_000
NIGHTLY_INPUTS = int(os.environ.get("FOLKMOOT_FUZZ_INPUTS", "1000000")) // 10
PATHS = (CALENDAR, CALENDAR, BOOK, "/anna/Calendar/", "/anna/Contacts/", "/anna/", "/", f"{CALENDAR}a.ics", "/ben/")
DEPTHS = ("", "0", "1", "infinity", "2")


async def fill(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a", "Fair", extra="RRULE:FREQ=DAILY\r\n"))
    await put(dav, f"{CALENDAR}b c.ics", event("b", start="20260302T090000"))
    await put(dav, f"{BOOK}a.vcf", card("a", extra="item1.EMAIL;TYPE=WORK:a@x\r\n"))


def assert_well_formed(answer: bytes, body: bytes) -> None:
    try:
        ET.fromstring(answer)  # noqa: S314  # our own answer
    except ET.ParseError as error:
        raise AssertionError((body, answer)) from error


async def check(dav: Dav, seed: int, count: int) -> None:
    await fill(dav)
    chance = random.Random(seed)
    for body in bodies(seed, count):
        method = "ACL" if b":acl " in body[:50] else "REPORT"
        depth = chance.choice(DEPTHS)
        headers = {"depth": depth} if depth else {}
        response = await dav.request(method, chance.choice(PATHS), body, chance.choice(("anna", "ben")), **headers)
        assert response.status < 500, (body, response)
        if response.status == 207:
            assert_well_formed(response.body, body)


async def test_every_valid_body_is_understood_somewhere(dav: Dav) -> None:
    await fill(dav)
    for body in VALID:
        method = "ACL" if "D:acl " in body else "REPORT"
        statuses = {(await dav.request(method, path, body)).status for path in dict.fromkeys(PATHS)}
        assert statuses & {200, 207} or "sync:1-2-3" in body, body


async def test_no_odd_report_is_our_failure(dav: Dav) -> None:
    await check(dav, 4791, FAST_INPUTS)


@pytest.mark.nightly
async def test_no_odd_report_of_a_great_many_is_our_failure(dav: Dav) -> None:
    await check(dav, random.SystemRandom().randrange(2**32), NIGHTLY_INPUTS)
