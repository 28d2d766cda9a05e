"""Events of files, without storing them."""

import pytest

from folkmoot.database import Database
from tests.support.jmap import Client, world

pytestmark = pytest.mark.anyio

FILE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nMETHOD:PUBLISH\r\n"
    "BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260301T100000Z\r\nSUMMARY:One\r\n"
    "RRULE:FREQ=DAILY\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260302T100000Z\r\n"
    "DTSTART:20260302T120000Z\r\nSUMMARY:Other\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:u2\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20260301\r\nSUMMARY:Two\r\nEND:VEVENT\r\n"
    "BEGIN:VTODO\r\nUID:u3\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Three\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
)


async def _upload(client: Client, octets: bytes) -> str:
    kept = await client.services.uploads.put(client.caller.principal, "x.ics", "text/calendar", octets)
    return f"U{kept.id}"


async def test_a_file_of_events_is_parsed(embedded: Database) -> None:
    async with world(embedded) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        good, bad = await _upload(anna, FILE.encode()), await _upload(anna, b"BEGIN:VCALENDAR\r\nnothing")
        told = await anna.call(
            "CalendarEvent/parse", blobIds=[good, bad, "Unone"], properties=["title", "showWithoutTime"]
        )
        assert [one["title"] for one in told["parsed"][good]] == ["One", "Two"]
        assert told["parsed"][good][1]["showWithoutTime"]
        assert told["notParsable"] == [bad]
        assert told["notFound"] == ["Unone"]
        whole = (await anna.call("CalendarEvent/parse", blobIds=[good]))["parsed"][good]
        assert list(whole[0]["recurrenceOverrides"]) == ["2026-03-02T10:00:00"]
        assert (await bert.call("CalendarEvent/parse", blobIds=[good]))["notFound"] == [good]
        assert (await anna.call("CalendarEvent/query"))["ids"] == []
