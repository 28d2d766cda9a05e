"""winmail.dat: what stands in it comes out, and nothing that is promised and not there."""

import random
import struct
from datetime import UTC, datetime
from time import process_time

import pytest

from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge
from folkmoot.ical.component import parse as parse_calendar
from folkmoot.mime.reading import read_message
from folkmoot.mime.tnef import Tnef, is_tnef, read_tnef, unpack
from folkmoot.mime.tnef.rtf import decompress
from folkmoot.mime.tnef.rtf_text import read_rtf
from tests.corpus import tnef_streams
from tests.corpus.kinds.winmail import TEXT, streams
from tests.support.fuzz import fuzz_inputs

STREAMS = streams()
_START = datetime(2026, 3, 17, 9, tzinfo=UTC)
_NUMBERS = (0, 1, 0x100, 0x7FFFFFFF, 0xFFFFFFFF)
_CARLA = "ORGANIZER;CN=Carla Weber:mailto:carla@winmail.example"


def _calendar(name: str) -> str:
    calendar = read_tnef(STREAMS[name]).calendar
    assert calendar is not None
    assert all(len(line.encode()) <= 75 for line in calendar.text.split("\r\n"))
    return calendar.text.replace("\r\n ", "")


def test_a_file_has_its_long_name_and_its_type() -> None:
    (file,) = read_tnef(STREAMS["text-and-file"]).files
    assert (file.name, file.content_type, file.content[:5]) == ("Angebot für Žižkov.pdf", "application/pdf", b"%PDF-")


def test_html_hidden_in_rtf_comes_out_as_it_was() -> None:
    html = read_tnef(STREAMS["html-in-rtf"]).html
    assert html == f'<html><head></head><body><p>{TEXT}</p><img src="cid:bild@tnef"></body></html>'


@pytest.mark.parametrize("name", ["plain-rtf", "rtf-not-compressed"])
def test_other_rtf_gives_its_text(name: str) -> None:
    assert read_tnef(STREAMS[name]).text == TEXT


def test_names_are_in_the_code_page_that_the_stream_names() -> None:
    read = read_tnef(STREAMS["cyrillic"])
    assert (read.text, read.files[0].name) == ("Добрый день, вот файл.", "отчёт.txt")


def test_messages_within_are_read_to_a_bounded_depth() -> None:
    (within,) = read_tnef(STREAMS["message-within"]).messages
    assert (within.subject, within.text, within.files[0].content) == ("Innen", "Innen steht das.", b"innen")
    depth, read = 1, read_tnef(STREAMS["thirty-deep"])
    while read.messages:
        depth, read = depth + 1, read.messages[0]
    assert depth == 4


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "request",
            ["METHOD:REQUEST", "DTSTART:20260317T090000Z", _CARLA],
        ),
        ("request-all-day", ["DTSTART;VALUE=DATE:20260317", "DTEND;VALUE=DATE:20260318"]),
        (
            "request-weekly",
            [
                "DTSTART;TZID=W. Europe Standard Time:20260317T100000",
                "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;COUNT=10",
                "EXDATE;TZID=W. Europe Standard Time:20260324T100000",
                "RECURRENCE-ID;TZID=W. Europe Standard Time:20260331T100000",
                "DTSTART;TZID=W. Europe Standard Time:20260401T140000",
            ],
        ),
        ("request-instance", ["RECURRENCE-ID:20260317T090000Z"]),
        ("cancel", ["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3"]),
        ("accepted", ["METHOD:REPLY", "ATTENDEE;CN=Carla Weber;PARTSTAT=ACCEPTED:mailto:carla@winmail.example"]),
        ("declined", ["METHOD:REPLY", "COMMENT:Leider nicht.", "ORGANIZER;CN=Erika:mailto:erika@folkmoot.example"]),
        ("tentative", ["METHOD:REPLY"]),
        ("proposal", ["METHOD:COUNTER", "DTSTART:20260317T100000Z", "DTEND:20260317T110000Z"]),
    ],
)
def test_meetings_become_itip_messages(name: str, lines: list[str]) -> None:
    text = _calendar(name)
    written = text.split("\r\n")
    assert [line for line in lines if line not in written] == []
    parse_calendar(text.encode())


def test_all_messages_about_one_meeting_have_one_uid() -> None:
    uids = {
        line
        for name in ("request", "request-instance", "cancel", "accepted")
        for line in _calendar(name).split("\r\n")
        if line.startswith("UID:")
    }
    assert len(uids) == 1


def test_a_uid_that_came_as_icalendar_goes_back_as_it_was() -> None:
    octets = tnef_streams.global_id(b"vCal-Uid\x01\0\0\0abc@google.example\0")
    meeting = tnef_streams.message_properties(
        tnef_streams.time((tnef_streams.APPOINTMENT, 0x820D), _START),
        tnef_streams.binary((tnef_streams.MEETING, 0x0003), octets),
    )
    calendar = read_tnef(
        tnef_streams.stream(tnef_streams.message_class("IPM.Schedule.Meeting.Request"), meeting)
    ).calendar
    assert calendar is not None
    assert "UID:abc@google.example\r\n" in calendar.text


@pytest.mark.parametrize("name", STREAMS)
def test_unpacked_it_is_an_ordinary_message(name: str) -> None:
    read = read_tnef(STREAMS[name])
    message = read_message(unpack(read))
    leaves = [part for part in message.part.walk() if not part.children and not part.is_multipart]
    files = [message.content(part.path) for part in leaves if part.disposition]
    assert sorted(files) == sorted(file.content for file in read.files)
    methods = [part.parameter("method") for part in leaves if part.content_type == "text/calendar"]
    assert methods == ([read.calendar.method] if read.calendar else [])


def test_names_of_files_cannot_break_out_of_their_field() -> None:
    message = read_message(unpack(read_tnef(STREAMS["hostile-name"])))
    assert b"\r\nX: y" not in message.section("")
    (part,) = [part for part in message.part.walk() if part.disposition]
    name = dict(part.disposition_parameters)["filename"]
    assert not {"\u202e", "\\", "/", "\r"} & set(name)


def test_what_is_no_tnef_is_refused() -> None:
    assert not is_tnef(b"nichts")
    with pytest.raises(MalformedInput):
        read_tnef(b"nichts")


def test_a_text_that_claims_gigabytes_is_refused() -> None:
    with pytest.raises(TooLarge):
        decompress(struct.pack("<II4sI", 20, 0xFFFFFFFF, b"LZFu", 0) + b"\x01\x0a\xff" * 4)
    bomb = struct.pack("<II4sI", 20, 20_000_000, b"LZFu", 0) + b"\xff" + b"\x0a\xff" * 8
    assert len(decompress(bomb)) <= 17 * 8


def test_no_count_makes_us_loop() -> None:
    began = process_time()
    for kind in (0x1003, 0x101F, 0x1102, 0x1E, 0x0D, 0x1000, 0x1001):
        counts = struct.pack("<IHHI", 1, kind, 0x1000, 0xFFFFFFFF)
        read_tnef(tnef_streams.stream(tnef_streams.attribute(1, 0x00069003, counts + b"\0" * 1000)))
    read_tnef(tnef_streams.stream(tnef_streams.attribute(1, 0x00069004, b"\xff" * 400)))
    assert process_time() - began < 1


def test_groups_within_each_other_are_bounded() -> None:
    assert read_rtf(b"{\\rtf1 " + b"{" * 100_000 + b"x" + b"}" * 100_000 + b"Ende}").text == "Ende"


def test_any_octets_are_read_or_refused() -> None:
    source = random.Random(20260310)
    whole = list(STREAMS.values())
    for _ in range(fuzz_inputs(1_500)):
        octets = bytearray(source.choice(whole))
        for _ in range(source.randrange(1, 12)):
            place = source.randrange(4, len(octets))
            match source.randrange(4):
                case 0:
                    octets[place] = source.randrange(256)
                case 1:
                    octets[place : place + 4] = struct.pack(
                        "<I", source.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, len(octets)))
                    )
                case 2:
                    del octets[place : place + source.randrange(64)]
                case _:
                    octets[place:place] = octets[place - source.randrange(4) : place + source.randrange(64)]
            if len(octets) < 8:
                break
        try:
            read: Tnef = read_tnef(bytes(octets))
            read_message(unpack(read))
        except FolkmootError:
            continue


def test_any_rtf_is_read() -> None:
    source = random.Random(7)
    text = (
        rb"{ } \u-10179? \uc9 \' \'e4 \fromhtml1 {\*\htmltag64<p>} \htmlrtf \f1 \fonttbl \fcharset128 "
        rb"\ansicpg932 x \\ \ \u56832?"
    )
    words = text.split(b" ")
    for _ in range(fuzz_inputs(2_000)):
        read = read_rtf(b"{\\rtf1" + b"".join(source.choices(words, k=source.randrange(40))))
        (read.html + read.text).encode()
