"""Restricted copies: what they hold, and that nothing else gets into them."""

import pytest

from folkmoot.calendars.restricted import restricted, restricted_calendar
from folkmoot.collections.restricting import viewer_of
from folkmoot.core.ids import ETag, PrincipalId, ResourceName, Revision
from folkmoot.ical import format as format_calendar
from folkmoot.ical import parse, summarize
from folkmoot.sharing.rights import Level, Rights
from folkmoot.store.records import ObjectMeta, StoredObject
from tests.calendars.conftest import BERLIN

BEN = viewer_of(b"k" * 32, PrincipalId("ben"))
EVA = viewer_of(b"k" * 32, PrincipalId("eva"))
# Every property of RFC 5545, 7986 and 9073 that an event may have, and a few of vendors, with a mark in each.
FULL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Client//EN
METHOD:SECRET
X-WR-CALNAME:SECRET
BEGIN:VTIMEZONE
TZID:Here
X-LIC-LOCATION:SECRET
COMMENT:SECRET
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:SECRET
COMMENT:SECRET
END:STANDARD
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Unused
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:SECRET-uid
DTSTAMP:20260213T141516Z
CREATED:20260213T141517Z
LAST-MODIFIED:20260213T141518Z
DTSTART;TZID=Here;X-WHY=SECRET:20260610T100000
DTEND;TZID=Here:20260610T110000
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE;TZID=Here:20260617T100000
RDATE;TZID=Here:20260701T100000
SUMMARY;LANGUAGE=en:SECRET
DESCRIPTION;ALTREP="cid:SECRET":SECRET
X-ALT-DESC;FMTTYPE=text/html:SECRET
LOCATION:SECRET
GEO:47.1;8.5
ORGANIZER;CN=SECRET:mailto:secret@example.org
ATTENDEE;CN=SECRET;PARTSTAT=ACCEPTED:mailto:secret@example.org
CATEGORIES:SECRET
COMMENT:SECRET
CONTACT:SECRET
RESOURCES:SECRET
RELATED-TO:SECRET
URL:http://SECRET.example.org
ATTACH:http://SECRET.example.org/file
CONFERENCE:http://SECRET.example.org
IMAGE;VALUE=URI:http://SECRET.example.org
COLOR:red
PRIORITY:1
SEQUENCE:7
STATUS:TENTATIVE
TRANSP:TRANSPARENT
CLASS:PRIVATE
REQUEST-STATUS:2.0;SECRET
X-MOZ-LASTACK:20260213T141519Z
X-SECRET:SECRET
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
DESCRIPTION:SECRET
END:VALARM
BEGIN:VLOCATION
NAME:SECRET
END:VLOCATION
END:VEVENT
END:VCALENDAR
"""


def test_a_copy_has_just_what_is_listed() -> None:
    text = format_calendar(restricted_calendar(parse(FULL), BEN)).replace("\r\n", "\n")
    assert (
        text
        == f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Client//EN
BEGIN:VTIMEZONE
TZID:Here
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:{BEN.uid("SECRET-uid")}
DTSTAMP:20260610T090000Z
DTSTART;TZID=Here:20260610T100000
DTEND;TZID=Here:20260610T110000
RRULE:FREQ=WEEKLY;COUNT=3
RDATE;TZID=Here:20260701T100000
EXDATE;TZID=Here:20260617T100000
SUMMARY:(Private event)
TRANSP:TRANSPARENT
STATUS:TENTATIVE
X-SOGo-Secure:YES
END:VEVENT
END:VCALENDAR
"""
    )


def test_viewers_cannot_compare_what_they_see() -> None:
    assert BEN.uid("a") == BEN.uid("a") != EVA.uid("a")
    assert BEN.etag(ETag("a")) != EVA.etag(ETag("a"))
    assert BEN.uid("a") != BEN.etag(ETag("a"))
    assert viewer_of(b"K" * 32, PrincipalId("ben")).uid("a") != BEN.uid("a")


def test_a_task_tells_when_it_is_due_and_not_whether_it_is_done() -> None:
    task = FULL.replace("VEVENT", "VTODO").replace("DTEND", "DUE").replace("STATUS:TENTATIVE", "STATUS:COMPLETED")
    text = format_calendar(restricted_calendar(parse(task), BEN))
    assert "SUMMARY:(Private task)" in text
    assert "DUE;TZID=Here:20260610T110000" in text
    assert "STATUS" not in text


def test_what_cannot_be_read_is_not_copied() -> None:
    broken = FULL.replace("DTSTART;TZID=Here;X-WHY=SECRET:20260610T100000", "DTSTART:tomorrow")
    meta = ObjectMeta(
        ResourceName("a.ics"), "SECRET-uid", ETag("e"), 1, "text/calendar", Revision(1), False, 1, 1, "VEVENT",
        None, None, False, False, 1, "", "SECRET", "tag", "ACCEPTED",
    )  # fmt: skip
    assert restricted(StoredObject(meta, broken.encode(), {}), BEN) is None
    copy = restricted(StoredObject(meta, FULL.encode(), {"{x}y": "<SECRET/>"}), BEN)
    assert copy is not None
    assert copy.meta.size == len(copy.body)
    assert "SECRET" not in repr(copy).replace("X-SOGo-Secure", "")
    assert (copy.meta.title, copy.meta.schedule_tag, copy.meta.participation) == ("(Private event)", None, "")


SERIES = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:s
DTSTART:20260601T100000Z
RRULE:FREQ=DAILY;COUNT=5
CLASS:{master}
END:VEVENT
BEGIN:VEVENT
UID:s
RECURRENCE-ID:20260602T100000Z
DTSTART:20260602T120000Z
{override}END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("master", "override", "rights", "level"),
    [
        ("PUBLIC", "CLASS:PRIVATE\n", Rights(public=Level.MODIFY), Level.NONE),
        ("PUBLIC", "CLASS:PRIVATE\n", Rights(public=Level.MODIFY, private=Level.DATES), Level.DATES),
        ("PRIVATE", "CLASS:PUBLIC\n", Rights(public=Level.MODIFY), Level.NONE),
        ("CONFIDENTIAL", "CLASS:PRIVATE\n", Rights(confidential=Level.VIEW, private=Level.RESPOND), Level.VIEW),
        ("PRIVATE", "CLASS:CONFIDENTIAL\n", Rights(private=Level.VIEW), Level.NONE),
        ("CONFIDENTIAL", "", Rights(confidential=Level.VIEW), Level.VIEW),
        ("X-OURS", "", Rights(public=Level.VIEW, confidential=Level.VIEW), Level.NONE),
    ],
)
def test_a_series_is_as_closed_as_the_most_closed_of_its_occurrences(
    master: str, override: str, rights: Rights, level: Level
) -> None:
    summary = summarize(parse(SERIES.format(master=master, override=override)), default_zone=BERLIN)
    assert rights.level(summary.classification) is level


def test_each_occurrence_of_a_copy_tells_its_own_class() -> None:
    text = format_calendar(
        restricted_calendar(parse(SERIES.format(master="CONFIDENTIAL", override="CLASS:PUBLIC\n")), BEN)
    )
    assert [line for line in text.splitlines() if line.startswith("SUMMARY")] == [
        "SUMMARY:(Confidential event)",
        "SUMMARY:(Public event)",
    ]
    inherited = format_calendar(restricted_calendar(parse(SERIES.format(master="PRIVATE", override="")), BEN))
    assert inherited.count("SUMMARY:(Private event)") == 2
