"""Mails of meetings: what people read, and what their programs act on (RFC 6047)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot import ical
from folkmoot.core.errors import MalformedInput
from folkmoot.mail.layout import Layout
from folkmoot.mail.words import Reader, words_for
from folkmoot.scheduling.letters.imip import ItipMail, compose, itip_mail_of
from folkmoot.scheduling.values import Reason

GOLDEN = Path(__file__).parent / "golden" / "mail"
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
MEETING = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:meeting-1
DTSTAMP:20260601T080000Z
DTSTART;TZID=Europe/Berlin:20260608T100000
DTEND;TZID=Europe/Berlin:20260608T113000
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20260901T080000Z
SUMMARY:Planung <Herbst> & Überblick
LOCATION:Raum 2\\, Hauptstraße 7
URL:https://meet.example.org/planung
DESCRIPTION:Bitte mitbringen:\\n- Zahlen\\n- Ideen <b>fett</b>
ORGANIZER;CN=Anna Berg:mailto:anna@example.org
ATTENDEE;CN=Anna Berg;PARTSTAT=ACCEPTED:mailto:anna@example.org
ATTENDEE;CN=Ida Holm;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ida@example.net
ATTENDEE;CN=Ole;ROLE=OPT-PARTICIPANT;RSVP=TRUE:mailto:ole@example.net
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT5M
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
INSTANCE = (
    MEETING.replace("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20260901T080000Z\r\n", "")
    .replace("SUMMARY:", "RECURRENCE-ID;TZID=Europe/Berlin:20260610T100000\r\nSUMMARY:")
    .replace("20260608T1", "20260610T1")
)
BEFORE = MEETING.replace("T100000\r", "T090000\r").replace("T113000", "T100000").replace("URL:", "X-URL:")
REPLY = MEETING.replace("NEEDS-ACTION;RSVP=TRUE:mailto:ida", "{}:mailto:ida").replace(
    "BEGIN:VALARM", "COMMENT:Ich komme zehn Minuten später.\r\nBEGIN:VALARM"
)
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "SpanishSpain"}


def _mail(reason: str, method: str = "REQUEST", itip: str = MEETING, **more: object) -> ItipMail:
    payload: dict[str, object] = {
        "method": method,
        "reason": reason,
        "itip": itip.replace("METHOD:REQUEST", f"METHOD:{method}"),
        "uid": "meeting-1",
        "sender_address": "anna@example.org",
        "sender_name": "Anna Berg",
        "recipient_name": "Ida Holm",
        **more,
    }
    return itip_mail_of(payload)


def _from_ida(partstat: str) -> ItipMail:
    return _mail("reply", "REPLY", REPLY.format(partstat), sender_address="ida@example.net", sender_name="Ida Holm")


CASES: Mapping[str, ItipMail] = {
    "invitation": _mail("invitation"),
    "acting": _mail("invitation", acting_address="otto@example.org", acting_name="Otto Fink"),
    "task": _mail(
        "invitation",
        itip=MEETING.replace("VEVENT", "VTODO").replace("DTEND;", "DUE;").replace("20260608T11", "20260615T11"),
    ),
    "update": _mail("update", previous=BEFORE),
    "cancellation": _mail("cancellation", "CANCEL"),
    "cancellation-date": _mail("cancellation", "CANCEL", INSTANCE, recurrence_ids=["20260610T080000Z"]),
    "accepted": _from_ida("ACCEPTED"),
    "tentative": _from_ida("TENTATIVE"),
    "declined": _from_ida("DECLINED"),
    "delegated": _from_ida('DELEGATED;DELEGATED-TO="mailto:ole@example.net"'),
    "counter": _mail("counter", "COUNTER", sender_address="ida@example.net", sender_name="Ida Holm"),
    "decline-counter": _mail("decline-counter", "DECLINECOUNTER"),
}


def _compose(
    mail: ItipMail, language: str = "English", zone: ZoneInfo | None = BERLIN, to: str = "ida@example.net"
) -> EmailMessage:
    return compose(
        mail,
        to,
        reader=Reader(words_for(language), zone),
        layout=Layout(),
        default_zone=BERLIN,
        key="k1",
        now=NOW,
    )


def _text(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def _calendar(message: EmailMessage) -> EmailMessage:
    (found,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_a_mail_reads_as_it_did(case: str, code: str) -> None:
    message = _compose(CASES[case], LANGUAGES[code])
    found = f"Subject: {message['Subject']}\n\n{_text(message)}"
    path = GOLDEN / f"{case}.{code}.txt"
    if not path.exists():  # a new case: read what is written, and commit it
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path.name} is new")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_the_html_says_what_the_text_says(case: str) -> None:
    message = _compose(CASES[case], "German")
    plain = re.sub(r"[=>()\s-]+", " ", _text(message)).split()
    html = re.sub(r"<title>.*?</title>|<[^>]*>", " ", _text(message, "html"))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")):
        html = html.replace(entity, character)
    shown = set(re.sub(r"[=>()\s-]+", " ", html).split())
    assert [word for word in plain if word.rstrip(":") not in shown and word not in shown] == []


def test_nothing_of_an_event_becomes_markup() -> None:
    html = _text(_compose(CASES["invitation"]), "html")
    assert "Planung &lt;Herbst&gt; &amp; Überblick" in html
    assert "<b>fett" not in html
    assert "<script" not in html


def test_the_calendar_stands_where_programs_look_for_it() -> None:
    message = _compose(CASES["invitation"])
    assert message.get_content_type() == "multipart/mixed"
    alternative, attached = message.iter_parts()
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    part = _calendar(message)
    assert part.get_param("method") == "REQUEST"
    assert part.get_param("component") == "VEVENT"
    assert part.get_content_charset() == "utf-8"
    assert attached.get_content_type() == "application/ics"
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content_disposition() == "attachment"
    text = part.get_payload(decode=True)
    assert text == attached.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.count(b"\n") == text.count(b"\r\n")
    calendar = ical.parse(text)
    assert calendar.text("METHOD") == "REQUEST"
    assert b"VALARM" not in text
    assert calendar.components[0].text("SUMMARY") == "Planung <Herbst> & Überblick"


@pytest.mark.parametrize("case", CASES)
def test_no_line_is_longer_than_relays_take_and_all_is_ascii(case: str) -> None:
    mail = CASES[case]
    long = msgspec.structs.replace(mail, itip=mail.itip.replace("Raum 2", "Raum " + "ü" * 3000))
    octets = _compose(long, "French").as_bytes()
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert octets.isascii()


def test_what_holds_pictures_is_not_sent_twice() -> None:
    picture = f"ATTACH;ENCODING=BASE64;VALUE=BINARY:{'A' * 1_200_000}\r\n"
    message = _compose(_mail("invitation", itip=MEETING.replace("BEGIN:VALARM", f"{picture}BEGIN:VALARM")))
    assert [part.get_content_type() for part in message.iter_parts()] == ["multipart/alternative"]
    assert len(message.as_bytes()) < 2_000_000


def test_the_headers_say_who_sends_for_whom_and_what_it_is() -> None:
    message = _compose(CASES["acting"])
    assert message["From"] == "Anna Berg <anna@example.org>"
    assert message["Sender"] == "Otto Fink <otto@example.org>"
    assert message["To"] == "Ida Holm <ida@example.net>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Class"] == "urn:content-classes:calendarmessage"
    assert message["Message-ID"] == "<k1@example.org>"
    assert "Sender" not in _compose(CASES["invitation"])


def test_the_kind_of_message_is_said_as_sogo_says_it() -> None:
    kinds = {
        case: _compose(CASES[case])["X-SOGo-Message-Type"]
        for case in ("invitation", "update", "cancellation", "accepted")
    }
    assert kinds == {
        "invitation": "calendar:invitation",
        "update": "calendar:invitation-update",
        "cancellation": "calendar:cancellation",
        "accepted": "calendar:invitation-reply",
    }
    assert all(_compose(mail)["X-SOGo-Message-Type"] for mail in CASES.values())


def test_all_mails_of_a_meeting_refer_to_one_thread() -> None:
    assert len({_compose(mail)["References"] for mail in CASES.values()}) == 1
    other = _compose(msgspec.structs.replace(CASES["invitation"], uid="meeting-2"))
    assert other["References"] != _compose(CASES["invitation"])["References"]


def test_who_takes_no_part_gets_words_only() -> None:
    message = _compose(_mail("invitation", text_only=True))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "no answer is needed" in _text(message)
    assert "Content-Class" not in message


def test_who_is_not_asked_is_not_told_to_answer() -> None:
    assert "Please answer" in _text(_compose(CASES["invitation"]))
    assert "Please answer" not in _text(_compose(CASES["invitation"], to="otto@example.org"))


def test_times_are_told_in_the_readers_zone_or_in_that_of_the_event() -> None:
    here = _compose(CASES["invitation"], zone=ZoneInfo("America/New_York"))
    assert "04:00 – 05:30 (Eastern Daylight Time)" in _text(here)  # noqa: RUF001
    tokyo = _mail("invitation", itip=MEETING.replace("TZID=Europe/Berlin", "TZID=Asia/Tokyo"))
    assert "10:00 – 11:30 (Japan Standard Time)" in _text(_compose(tokyo, zone=None))  # noqa: RUF001
    utc = _mail(
        "invitation",
        itip=MEETING.replace(";TZID=Europe/Berlin", "")
        .replace("000\r\nDTEND", "000Z\r\nDTEND")
        .replace("3000\r\n", "3000Z\r\n"),
    )
    assert "12:00 – 13:30 (Central European Summer Time)" in _text(_compose(utc, zone=None))  # noqa: RUF001


def test_a_moved_date_of_a_series_says_when_it_was() -> None:
    moved = INSTANCE.replace(
        "DTSTART;TZID=Europe/Berlin:20260610T10", "DTSTART;TZID=Europe/Berlin:20260611T10"
    ).replace("DTEND;TZID=Europe/Berlin:20260610T11", "DTEND;TZID=Europe/Berlin:20260611T11")
    mail = _mail("update", itip=moved, previous=MEETING, recurrence_ids=["20260610T080000Z"])
    text = _text(_compose(mail))
    assert "When: Thursday, 11 June 2026, 10:00 – 11:30 (Central European Summer Time)\n" in text  # noqa: RUF001
    assert "    (was: Wednesday, 10 June 2026, 10:00 – 11:30 (Central European Summer Time))\n" in text  # noqa: RUF001
    assert text.count("was:") == 1
    assert "every" not in text


def test_whole_days_and_floating_times_name_no_zone() -> None:
    days = _mail(
        "invitation",
        itip=MEETING.replace(";TZID=Europe/Berlin:20260608T100000", ";VALUE=DATE:20260608").replace(
            ";TZID=Europe/Berlin:20260608T113000", ";VALUE=DATE:20260610"
        ),
    )
    assert "When: Monday, 8 June 2026 – Tuesday, 9 June 2026, all day\n" in _text(_compose(days))  # noqa: RUF001
    floating = _mail("invitation", itip=MEETING.replace(";TZID=Europe/Berlin", ""))
    assert "When: Monday, 8 June 2026, 10:00 – 11:30\n" in _text(_compose(floating))  # noqa: RUF001


def test_americans_read_twelve_hours() -> None:
    message = compose(
        CASES["invitation"],
        "ida@example.net",
        reader=Reader(words_for("English", "America/Chicago"), ZoneInfo("America/Chicago")),
        layout=Layout(),
        default_zone=BERLIN,
        key="k1",
        now=NOW,
    )
    assert "Monday, June 8, 2026, 3:00\u202fAM" in _text(message)


def test_a_long_list_of_people_is_cut() -> None:
    people = "".join(f"ATTENDEE;CN=Person {number}:mailto:p{number}@example.net\r\n" for number in range(60))
    text = _text(_compose(_mail("invitation", itip=MEETING.replace("BEGIN:VALARM", people + "BEGIN:VALARM"))))
    assert "Person 16, and 43 more" in text


def test_texts_that_nobody_reads_to_the_end_are_cut() -> None:
    long = MEETING.replace("- Zahlen", "Zahlen " * 10_000).replace("Planung", "Planung " * 500)
    message = _compose(_mail("invitation", itip=long))
    assert len(_text(message)) < 12_000
    assert len(message["Subject"]) < 520


@pytest.mark.parametrize("field", ["SUMMARY", "LOCATION", "DESCRIPTION"])
def test_no_field_can_add_a_header(field: str) -> None:
    evil = "x\\nBcc: eve@example.com\\n\\nbody\x0b\x85y"
    itip = re.sub(rf"{field}:.*", lambda _: f"{field}:{evil}\r", MEETING)
    message = _compose(_mail("invitation", itip=itip, sender_name="A\r\nBcc: e@example.com", recipient_name='"\r\n.'))
    assert "Bcc" not in message
    assert "\n" not in message["Subject"]
    assert message["From"].addresses[0].addr_spec == "anna@example.org"


@pytest.mark.parametrize(
    "change",
    [
        {"sender_address": "a\r\nb@c.org"},
        {"acting_address": "none"},
        {"itip": "x"},
        {"reason": "none"},
        {"method": "x"},
    ],
)
def test_what_cannot_be_a_mail_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(MalformedInput):
        _compose(msgspec.structs.replace(CASES["invitation"], **change))


def test_a_payload_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(MalformedInput):
        itip_mail_of({"method": "REQUEST"})
    with pytest.raises(MalformedInput):
        itip_mail_of({**msgspec.to_builtins(CASES["invitation"]), "recurrence_ids": "x"})


def test_every_reason_has_its_words() -> None:
    assert {mail.reason for mail in CASES.values()} == {reason.value for reason in Reason}


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(LANGUAGES.values())))
def test_any_text_makes_a_message(summary: str, name: str, language: str) -> None:
    itip = MEETING.replace("Planung <Herbst> & Überblick", ical.escape_text(summary))
    try:
        message = _compose(_mail("invitation", itip=itip, sender_name=name), language)
    except MalformedInput:
        return
    assert b"\r\n\r\n" in message.as_bytes()
