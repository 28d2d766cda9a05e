"""COPY and MOVE."""

import pytest

from tests.support.dav import Dav, card, condition, event, header

pytestmark = pytest.mark.anyio

CALENDAR = "/anna/Calendar/personal/"
WORK = f"{CALENDAR}work.ics"
ROOT = "/SOGo/dav"


async def test_an_event_moves_to_another_calendar(dav: Dav) -> None:
    put = await dav.request("PUT", WORK, event("a"))
    await dav.request("MKCALENDAR", "/anna/Calendar/team/")
    moved = await dav.request("MOVE", WORK, destination=f"http://dav.test{ROOT}/anna/Calendar/team/w%20k.ics")
    assert moved.status == 201
    assert (await dav.request("GET", WORK)).status == 404
    got = await dav.request("GET", "/anna/Calendar/team/w k.ics")
    assert got.body == event("a")
    assert header(got, "ETag") == header(put, "ETag")


async def test_a_copy_beside_itself_would_be_a_second_uid(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    refused = await dav.request("COPY", WORK, destination=f"{ROOT}{CALENDAR}b.ics")
    assert refused.status == 409
    assert condition(refused) == "{urn:ietf:params:xml:ns:caldav}no-uid-conflict"


async def test_overwrite_says_whether_the_destination_may_go(dav: Dav) -> None:
    await dav.request("PUT", WORK, event("a"))
    await dav.request("PUT", f"{CALENDAR}b.ics", event("b"))
    target = f"{ROOT}{CALENDAR}b.ics"
    assert (await dav.request("MOVE", WORK, destination=target, overwrite="F")).status == 412
    assert (await dav.request("MOVE", WORK, destination=target, overwrite="x")).status == 400
    assert (await dav.request("MOVE", WORK, destination=target)).status == 204
    assert (await dav.request("GET", f"{CALENDAR}b.ics")).body == event("a")


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ("", 400),
        ("http://elsewhere.test/SOGo/dav/anna/Calendar/personal/b.ics", 502),
        ("/other/place", 502),
        ("http://[bad", 400),
        (f"{ROOT}{CALENDAR}b.ics#part", 400),
        (f"{ROOT}{CALENDAR}%ff.ics", 400),
        (f"{ROOT}{WORK}", 403),
        (f"{ROOT}/anna/Calendar/none/b.ics", 409),
        (f"{ROOT}/anna/Contacts/personal/b.vcf", 403),
        (f"{ROOT}/anna/Calendar/b", 405),
        (f"{ROOT}/anna/", 405),
        (f"{ROOT}/ben/Calendar/personal/b.ics", 409),
    ],
)
async def test_where_an_event_cannot_go(dav: Dav, destination: str, status: int) -> None:
    await dav.request("PUT", WORK, event("a"))
    assert (await dav.request("MOVE", WORK, destination=destination)).status == status
    assert (await dav.request("GET", WORK)).status == 200


async def test_whole_calendars_and_books_are_moved_and_copied_by_their_owner(dav: Dav) -> None:
    await dav.request("MKCOL", "/anna/Contacts/a/")
    await dav.request("PUT", "/anna/Contacts/a/c.vcf", card("c"))
    assert (await dav.request("COPY", "/anna/Contacts/a/", destination=f"{ROOT}/anna/Contacts/b/")).status == 201
    assert (await dav.request("GET", "/anna/Contacts/b/c.vcf")).status == 200
    assert (
        await dav.request("COPY", "/anna/Contacts/a/", destination=f"{ROOT}/anna/Contacts/c", depth="0")
    ).status == 201
    assert (await dav.request("GET", "/anna/Contacts/c/c.vcf")).status == 404
    assert (await dav.request("MOVE", "/anna/Contacts/a/", destination=f"{ROOT}/anna/Contacts/b/")).status == 204
    assert (await dav.request("PROPFIND", "/anna/Contacts/a/")).status == 404
    for depth in ("0", "1"):
        refused = await dav.request("MOVE", "/anna/Contacts/b/", destination=f"{ROOT}/anna/Contacts/x/", depth=depth)
        assert refused.status == 400
    assert (await dav.request("MOVE", "/anna/Contacts/personal/", destination=f"{ROOT}/anna/Contacts/x/")).status == 403
    assert (await dav.request("MOVE", "/anna/Contacts/", destination=f"{ROOT}/anna/Contacts/x/")).status == 403


async def test_files_go_over_files_and_collections(dav: Dav) -> None:
    await dav.request("PUT", "/anna/Files/f.txt", b"file", content_type="text/plain")
    await dav.request("MKCOL", "/anna/Files/dir/")
    await dav.request("PUT", "/anna/Files/dir/in.txt", b"in")
    target = f"{ROOT}/anna/Files/dir"
    assert (await dav.request("COPY", "/anna/Files/f.txt", destination=target, overwrite="F")).status == 412
    assert (await dav.request("MOVE", "/anna/Files/dir/in.txt", destination=target)).status == 403
    assert (await dav.request("COPY", "/anna/Files/f.txt", destination=target)).status == 204
    assert (await dav.request("GET", "/anna/Files/dir")).body == b"file"
    assert (await dav.request("MOVE", "/anna/Files/", destination=f"{ROOT}/anna/Files/x/")).status == 403
