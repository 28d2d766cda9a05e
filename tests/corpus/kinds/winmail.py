"""winmail.dat of several sorts; what is expected is what stands in them."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.corpus import files, tnef_streams
from tests.corpus.sample import Attached, Sample
from tests.corpus.tnef_streams import (
    APPOINTMENT,
    MEETING,
    binary,
    body,
    compressed,
    embedded,
    file,
    flag,
    global_id,
    message_class,
    message_properties,
    number,
    recipients,
    stream,
    string8,
    subject,
    time,
    unicode,
    weekly,
    zone_named,
    zone_rules,
)
from tests.corpus.writing import attached, message, multipart, part

TEXT = "Guten Tag, anbei die Datei für Žižkov."
START = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
END = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
_HTML_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fmodern Courier New;}{\f2\fnil\fcharset2 Symbol;}}"
    rb"{\colortbl\red0\green0\blue0;\red0\green0\blue255;}\uc1\pard\plain\deftab360 \f0\fs24 "
    rb"{\*\htmltag19 <html>}\htmlrtf \lang1031 \htmlrtf0 {\*\htmltag34 <head>}{\*\htmltag41 </head>}{\*\htmltag50 <body>}"
    rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Guten Tag, anbei die Datei f\'fcr \u381?i\u382?kov.\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}"
    rb'{\*\htmltag84 <img src="cid:bild@tnef">}{\*\htmltag58 </body>}{\*\htmltag27 </html>}}'
)  # fmt: skip
_PLAIN_RTF = rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil Arial;}}\uc1\pard Guten Tag, anbei die {\b Datei} f\'fcr \u381?i\u382?kov.\par}"


def streams() -> dict[str, bytes]:
    """Return the streams by name."""
    kind = message_class("IPM.Microsoft Mail.Note")
    one = file("ANGEBO~1.PDF", files.pdf(), string8(0x370E, "application/pdf"), long="Angebot für Žižkov.pdf")
    html = message_properties(binary(0x1009, compressed(_HTML_RTF)))
    picture = file("BILD.PNG", files.png(), string8(0x370E, "image/png"), unicode(0x3712, "bild@tnef"), long="Bild.png")
    page = message_properties(binary(0x1013, f"<p>{TEXT}</p>".encode()), number(0x3FDE, 65001))
    within = stream(message_class("IPM.Note"), subject("Innen"), body("Innen steht das."), file("a.txt", b"innen"))
    deep = within
    for level in range(30):
        deep = stream(kind, subject(f"Ebene {level}"), body("tiefer"), embedded(deep))
    return {
        "file": stream(kind, subject("Datei"), one),
        "text-and-file": stream(kind, subject("Text"), body("Guten Tag, anbei die Datei."), one),
        "html-in-rtf": stream(kind, subject("HTML"), html, picture, one),
        "plain-rtf": stream(kind, subject("RTF"), message_properties(binary(0x1009, compressed(_PLAIN_RTF)))),
        "rtf-not-compressed": stream(kind, message_properties(binary(0x1009, tnef_streams.uncompressed(_PLAIN_RTF)))),
        "html-property": stream(kind, subject("Seite"), page, one),
        "cyrillic": stream(kind, body("Добрый день, вот файл.", "cp1251"), tnef_streams.attribute(2, 0x00069002, bytes(14)) + tnef_streams.attribute(2, 0x00018010, "отчёт.txt".encode("cp1251") + b"\0") + tnef_streams.attribute(2, 0x0006800F, b"x"), code_page=1251),
        "three-files": stream(kind, *(file(f"{name}.TXT", name.encode(), long=f"{name}.txt") for name in ("a", "b", "c"))),
        "message-within": stream(kind, body("Außen."), embedded(within)),
        "thirty-deep": deep,
        "empty": stream(kind),
        "hostile-name": stream(kind, file("X.EXE", b"MZ", long="..\\..\\rechnung\u202efdp.exe\r\nX: y")),
        "request": stream(message_class("IPM.Microsoft Schedule.MtgReq"), subject("Werkstatt"), body("Bitte kommen."), _meeting(), _people()),
        "request-all-day": stream(message_class("IPM.Microsoft Schedule.MtgReq"), subject("Betriebsausflug"), _meeting(flag((APPOINTMENT, 0x8215), value=True), start=datetime(2026, 3, 16, 23, tzinfo=UTC), end=datetime(2026, 3, 17, 23, tzinfo=UTC)), _people()),
        "request-weekly": stream(message_class("IPM.Microsoft Schedule.MtgReq"), subject("Jour fixe"), _meeting(binary((APPOINTMENT, 0x8216), _weekly()), binary((APPOINTMENT, 0x8233), zone_rules()), binary((APPOINTMENT, 0x8260), zone_named())), _people()),
        "request-instance": stream(message_class("IPM.Microsoft Schedule.MtgReq"), subject("Jour fixe"), _meeting(time((APPOINTMENT, 0x8228), START), day=(2026, 3, 17)), _people()),
        "cancel": stream(message_class("IPM.Microsoft Schedule.MtgCncl"), subject("Abgesagt: Werkstatt"), _meeting(number((APPOINTMENT, 0x8201), 3)), _people()),
        "accepted": stream(message_class("IPM.Microsoft Schedule.MtgRespP"), subject("Zugesagt: Werkstatt"), _meeting(), recipients(("Erika", "erika@folkmoot.example", 1))),
        "declined": stream(message_class("IPM.Microsoft Schedule.MtgRespN"), subject("Abgesagt: Werkstatt"), body("Leider nicht."), _meeting(), recipients(("Erika", "erika@folkmoot.example", 1))),
        "tentative": stream(message_class("IPM.Schedule.Meeting.Resp.Tent"), subject("Mit Vorbehalt: Werkstatt"), _meeting(), recipients(("Erika", "erika@folkmoot.example", 1))),
        "proposal": stream(message_class("IPM.Schedule.Meeting.Resp.Tent"), subject("Neue Zeit: Werkstatt"), _meeting(flag((APPOINTMENT, 0x8257), value=True), time((APPOINTMENT, 0x8250), END), time((APPOINTMENT, 0x8251), datetime(2026, 3, 17, 11, tzinfo=UTC))), recipients(("Erika", "erika@folkmoot.example", 1))),
    }  # fmt: skip


def _meeting(
    *more: bytes, day: tuple[int, int, int] | None = None, start: datetime = START, end: datetime = END
) -> bytes:
    return message_properties(
        time((APPOINTMENT, 0x820D), start),
        time((APPOINTMENT, 0x820E), end),
        unicode((APPOINTMENT, 0x8208), "Werkstatt, Hof 2"),
        binary((MEETING, 0x0003), global_id(b"werkstatt-1", day)),
        binary((MEETING, 0x0023), global_id(b"werkstatt-1")),
        time((MEETING, 0x001A), datetime(2026, 3, 10, 8, tzinfo=UTC)),
        unicode(0x0042, "Carla Weber"),
        unicode(0x5D02, "carla@winmail.example"),
        *more,
    )


def _people() -> bytes:
    return recipients(
        ("Erika Muster", "erika@folkmoot.example", 1),
        ("Jonas", "jonas@folkmoot.example", 2),
        ("Raum 1", "raum1@folkmoot.example", 3),
    )


def _weekly() -> bytes:
    return weekly(
        datetime(2026, 3, 17, 10, 0), datetime(2026, 5, 26), mask=4, count=10,  # noqa: DTZ001
        deleted=[datetime(2026, 3, 24)], moved=[(datetime(2026, 3, 31, 10, 0), datetime(2026, 4, 1, 14, 0), datetime(2026, 4, 1, 15, 0))],  # noqa: DTZ001
    )  # fmt: skip


_PDF = Attached("Angebot für Žižkov.pdf", "application/pdf", len(files.pdf()))
_EXPECTED: dict[str, tuple[tuple[str, ...], tuple[Attached, ...], str, int]] = {
    "file": ((), (_PDF,), "", 0),
    "text-and-file": (("Guten Tag, anbei die Datei.",), (_PDF,), "", 0),
    "html-in-rtf": ((TEXT,), (_PDF,), "", 1),
    "plain-rtf": ((TEXT,), (), "", 0),
    "rtf-not-compressed": ((TEXT,), (), "", 0),
    "html-property": ((TEXT,), (_PDF,), "", 0),
    "cyrillic": (("Добрый день, вот файл.",), (Attached("отчёт.txt", "application/octet-stream", 1),), "", 0),
    "three-files": ((), tuple(Attached(f"{name}.txt", "application/octet-stream", 1) for name in "abc"), "", 0),
    "message-within": (("Außen.",), (), "", 0),
    "thirty-deep": (("tiefer",), (), "", 0),
    "empty": ((), (), "", 0),
    "hostile-name": ((), (), "", 0),
    "request": (("Bitte kommen.",), (), "REQUEST", 0),
    "request-all-day": ((), (), "REQUEST", 0),
    "request-weekly": ((), (), "REQUEST", 0),
    "request-instance": ((), (), "REQUEST", 0),
    "cancel": ((), (), "CANCEL", 0),
    "accepted": ((), (), "REPLY", 0),
    "declined": (("Leider nicht.",), (), "REPLY", 0),
    "tentative": ((), (), "REPLY", 0),
    "proposal": ((), (), "COUNTER", 0),
}


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    for name, content in streams().items():
        text, attachments, method, pictures = _EXPECTED[name]
        outer = f"Hülle {name}."
        plain = part("text/plain; charset=utf-8", outer, encoding="8bit")
        yield Sample(
            name=f"winmail-{name}",
            special=f"a winmail.dat: {name}",
            octets=message(
                "carla@winmail.example",
                name,
                multipart(
                    "mixed", f"----_=_NextPart_{name}", plain, attached("application/ms-tnef", "winmail.dat", content)
                ),
                "X-MS-TNEF-Correlator: <1@winmail.example>",
                "X-MS-Has-Attach: yes",
            ),
            subject=name,
            sender="carla@winmail.example",
            text=(outer, *text),
            attachments=attachments,
            method=method,
            pictures=pictures,
        )
    whole = streams()["text-and-file"]
    yield Sample(
        name="winmail-alone",
        special="the whole message is TNEF, as Exchange sends to those it takes for its own",
        octets=message(
            "carla@winmail.example", "alone", part('application/ms-tnef; name="winmail.dat"', whole, encoding="base64")
        ),
        subject="alone",
        sender="carla@winmail.example",
        text=("Guten Tag, anbei die Datei.",),
        attachments=(_PDF,),
    )
    yield Sample(
        name="winmail-as-octets",
        special="only its name tells",
        octets=message(
            "carla@winmail.example",
            "as-octets",
            multipart(
                "mixed", "w1", part("text/plain", "Hülle."), attached("application/octet-stream", "winmail.dat", whole)
            ),
        ),
        subject="as-octets",
        sender="carla@winmail.example",
        attachments=(_PDF,),
        text=("Guten Tag, anbei die Datei.",),
    )
    yield Sample(
        name="winmail-damaged",
        special="it ends in the middle of a file",
        octets=message(
            "carla@winmail.example",
            "damaged",
            multipart(
                "mixed",
                "w2",
                part("text/plain", "Umschlag."),
                attached("application/ms-tnef", "winmail.dat", whole[:-500]),
            ),
        ),
        subject="damaged",
        sender="carla@winmail.example",
        text=("Umschlag.", "Guten Tag, anbei die Datei."),
    )
    yield Sample(
        name="winmail-none",
        special="it says TNEF and is none",
        octets=message(
            "carla@winmail.example",
            "none",
            multipart(
                "mixed",
                "w3",
                part("text/plain", "Umschlag."),
                attached("application/ms-tnef", "winmail.dat", b"nichts"),
            ),
        ),
        subject="none",
        sender="carla@winmail.example",
        text=("Umschlag.",),
    )
