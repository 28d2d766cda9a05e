"""Invitations, answers and cancellations as each vendor packs them; the calendar texts are those of ``fixtures``."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import attached, message, multipart, octets, part

CALENDARS = Path(__file__).parents[2] / "fixtures" / "invitations"
_METHOD = re.compile(rb"^METHOD:([A-Z]+)", re.MULTILINE)
_SUMMARY = re.compile(rb"^SUMMARY[^:\r\n]*:([^\r\n]*)", re.MULTILINE)
TEXT = "Einladung, Einzelheiten im Kalender."


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    for path in sorted(CALENDARS.glob("*.ics")):
        yield _of_vendor(path.stem, path.read_bytes())
    yield from _odd()


def method_of(calendar: bytes) -> str:
    """Return the METHOD that a calendar text names."""
    found = _METHOD.search(calendar)
    return found[1].decode() if found else ""


def _of_vendor(name: str, calendar: bytes) -> Sample:
    vendor = name.partition("-")[0]
    sender = f"einlader@{vendor}.example"
    content, fields, files = _packed(vendor, name, octets(calendar.decode()))
    return Sample(
        name=f"invitation-{name}",
        special=f"as {vendor} packs it",
        octets=message(sender, f"Termin: {name}", content, *fields, message_id=f"<{name}@{vendor}.example>"),
        subject=f"Termin: {name}",
        sender=sender,
        text=(TEXT,),
        attachments=files,
        method=method_of(calendar),
        message_id=f"<{name}@{vendor}.example>",
    )


def _packed(vendor: str, name: str, calendar: bytes) -> tuple[bytes, tuple[str, ...], tuple[Attached, ...]]:
    method = method_of(calendar)
    plain = part("text/plain; charset=utf-8", TEXT + "\n", encoding="quoted-printable")
    page = part("text/html; charset=utf-8", f"<html><body><p>{TEXT}</p></body></html>", encoding="quoted-printable")
    file = Attached("invite.ics", "application/ics", len(calendar))
    match vendor:
        case "google" | "zoom":  # inside the alternative, and once more as a file
            within = part(
                f'text/calendar; charset="UTF-8"; method={method}',
                calendar,
                encoding="7bit" if calendar.isascii() else "quoted-printable",
            )
            inner = multipart("alternative", f"00000000000{name[-4:]}", plain, page, within)
            whole = multipart(
                "mixed", f"00000000001{name[-4:]}", inner, attached("application/ics", "invite.ics", calendar)
            )
            return (
                whole,
                ("Sender: Google Calendar <calendar-notification@google.example>", "Auto-Submitted: auto-generated"),
                (file,),
            )
        case "exchange":
            within = part(f'text/calendar; charset="utf-8"; method={method}', calendar, encoding="base64")
            return (
                multipart("alternative", f"_000_{name}_", plain, page, within),
                ("Content-Class: urn:content-classes:calendarmessage", "X-MS-Has-Attach:"),
                (),
            )
        case "outlook":  # Outlook without Exchange: the message is the calendar's part and nothing else beside text
            within = part(
                f'text/calendar; name="meeting.ics"; method={method}',
                calendar,
                "Content-Class: urn:content-classes:calendarmessage",
                encoding="quoted-printable",
            )
            return (
                multipart("alternative", f"----=_NextPart_{name}", plain, within),
                ("X-Mailer: Microsoft Outlook 16.0",),
                (),
            )
        case "apple":
            within = part(
                f'text/calendar; charset=utf-8; method={method}; name="iCal-20260310.ics"',
                calendar,
                "Content-Disposition: attachment; filename=iCal-20260310.ics",
                encoding="quoted-printable",
            )
            return (
                multipart(
                    "alternative",
                    f"Apple-Mail=_{name}",
                    plain,
                    multipart("mixed", f"Apple-Mail=_2{name}", page, within),
                ),
                ("X-Mailer: iCal 13.0",),
                (),
            )
        case "zimbra":
            within = part(
                f"text/calendar; charset=utf-8; method={method}; name=meeting.ics", calendar, encoding="base64"
            )
            return multipart("alternative", f"----=_Part_{name}", plain, page, within), (), ()
        case "notes":  # in a mixed multipart, the type application/octet-stream beside it
            within = part(
                f'text/calendar; method={method}; charset="US-ASCII"'
                if calendar.isascii()
                else f'text/calendar; method={method}; charset="UTF-8"',
                calendar,
                'Content-Disposition: attachment; filename="c112233.ics"',
                encoding="base64",
            )
            return (
                multipart(
                    "mixed", f"=_mixed {name}=", multipart("alternative", f"=_alternative {name}=", plain, page), within
                ),
                ("X-Mailer: IBM Notes Release 9.0.1",),
                (),
            )
        case "evolution":
            within = part(
                f'text/calendar; name="calendar.ics"; charset="utf-8"; METHOD={method}',
                calendar,
                "Content-Disposition: attachment; filename=calendar.ics",
                encoding="8bit",
            )
            return multipart("mixed", f"=-{name}", plain, within), (), ()
        case "kerio":
            within = part(
                f"text/calendar; charset=utf-8; method={method}; component=vevent", calendar, encoding="base64"
            )
            return multipart("mixed", f"=_{name}", multipart("alternative", f"=_2{name}", plain, within)), (), ()
        case "sogo" | "ours":
            within = part(f"text/calendar; charset=utf-8; method={method}", calendar, encoding="8bit")
            return (
                multipart("mixed", f"----=_={name}", multipart("alternative", f"----=_2{name}", plain, within)),
                (),
                (),
            )
        case _:
            within = part(f"text/calendar; charset=UTF-8; method={method}", calendar, encoding="quoted-printable")
            return multipart("alternative", f"-------{name}", plain, within), (), ()


def _odd() -> Iterator[Sample]:
    request = octets((CALENDARS / "ours-single.ics").read_text())
    cancel = octets((CALENDARS / "apple-cancel.ics").read_text())
    plain = part("text/plain; charset=utf-8", TEXT)

    def one(
        name: str,
        special: str,
        content: bytes,
        method: str,
        *,
        text: tuple[str, ...] = (TEXT,),
        attachments: tuple[Attached, ...] = (),
    ) -> Sample:
        return Sample(
            name=f"invitation-odd-{name}",
            special=special,
            octets=message("wer@kalender.example", name, content),
            subject=name,
            sender="wer@kalender.example",
            text=text,
            method=method,
            attachments=attachments,
        )

    yield one(
        "alone",
        "the calendar's text is the whole message",
        part("text/calendar; charset=utf-8; method=REQUEST", request, encoding="base64"),
        "REQUEST",
        text=(),
    )
    yield one(
        "wrong-method",
        "the parameter says REQUEST, the text CANCEL",
        multipart(
            "alternative", "o1", plain, part("text/calendar; charset=utf-8; method=REQUEST", cancel, encoding="8bit")
        ),
        "CANCEL",
    )
    yield one(
        "no-method",
        "the parameter is missing",
        multipart("alternative", "o2", plain, part("text/calendar; charset=utf-8", request, encoding="8bit")),
        "REQUEST",
    )
    yield one(
        "as-octets",
        "application/octet-stream, only the name tells",
        multipart("mixed", "o3", plain, attached("application/octet-stream", "invite.ics", request)),
        "REQUEST",
        attachments=(Attached("invite.ics", "application/octet-stream", len(request)),),
    )
    yield one(
        "as-ics-file",
        "application/ics as a file only",
        multipart("mixed", "o4", plain, attached("application/ics", "termin.ics", request)),
        "REQUEST",
        attachments=(Attached("termin.ics", "application/ics", len(request)),),
    )
    yield one(
        "published",
        "a calendar to look at, without a method",
        multipart(
            "mixed", "o5", plain, attached("text/calendar", "plan.ics", request.replace(b"METHOD:REQUEST\r\n", b""))
        ),
        "",
    )
    two = request.replace(
        b"END:VCALENDAR",
        request.partition(b"BEGIN:VEVENT")[2]
        .partition(b"END:VEVENT")[0]
        .join((b"BEGIN:VEVENT", b"END:VEVENT\r\n"))
        .replace(b"ours-1", b"ours-1b")
        + b"END:VCALENDAR",
    )
    yield one(
        "two-events",
        "two meetings in one text",
        multipart(
            "alternative", "o6", plain, part("text/calendar; charset=utf-8; method=REQUEST", two, encoding="8bit")
        ),
        "REQUEST",
    )
    yield one(
        "two-parts",
        "two calendar parts in one message",
        multipart(
            "mixed",
            "o7",
            plain,
            part("text/calendar; charset=utf-8; method=REQUEST", request, encoding="8bit"),
            part("text/calendar; charset=utf-8; method=CANCEL", cancel, encoding="8bit"),
        ),
        "REQUEST",
    )
    yield one(
        "in-forwarded",
        "the invitation is in a message that was forwarded",
        multipart(
            "mixed",
            "o8",
            plain,
            part(
                "message/rfc822",
                message(
                    "fremd@kalender.example",
                    "Termin",
                    multipart(
                        "alternative",
                        "o9",
                        part("text/plain", "innen\n"),
                        part("text/calendar; charset=utf-8; method=REQUEST", request, encoding="8bit"),
                    ),
                ),
            ),
        ),
        "REQUEST",
    )
    yield one(
        "latin",
        "the text is in ISO 8859-1, as the parameter says",
        multipart(
            "alternative",
            "o10",
            plain,
            part(
                "text/calendar; charset=iso-8859-1; method=REQUEST",
                request.decode().replace("Werkstatt", "Prüfung").encode("latin-1", "replace"),
                encoding="8bit",
            ),
        ),
        "REQUEST",
    )
    yield one(
        "bare-line-feeds",
        "LF alone within base64",
        multipart(
            "alternative",
            "o11",
            plain,
            part("text/calendar; charset=utf-8; method=REQUEST", request.replace(b"\r\n", b"\n"), encoding="base64"),
        ),
        "REQUEST",
    )
    yield one(
        "lower-case-method",
        "method=request in lower case",
        multipart(
            "alternative", "o12", plain, part("text/calendar; charset=utf-8; method=request", request, encoding="8bit")
        ),
        "REQUEST",
    )
    yield one(
        "not-a-calendar",
        "the part says calendar and holds something else",
        multipart(
            "alternative", "o13", plain, part("text/calendar; charset=utf-8; method=REQUEST", "<html>Hallo</html>")
        ),
        "",
    )
    yield one(
        "with-file",
        "an agenda beside the invitation",
        multipart(
            "mixed",
            "o14",
            multipart(
                "alternative",
                "o15",
                plain,
                part("text/calendar; charset=utf-8; method=REQUEST", request, encoding="base64"),
            ),
            attached("application/pdf", "Agenda.pdf", b"%PDF-1.4 x"),
        ),
        "REQUEST",
        attachments=(Attached("Agenda.pdf", "application/pdf", 10),),
    )
