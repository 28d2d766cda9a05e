"""Messages that follow no standard, as they arrive all the same."""

from collections.abc import Iterator

from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import CRLF, attached, entity, message, multipart, octets, part

WHO = "kaputt@broken.example"
TEXT = "Guten Tag, hier ist der Text."


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield from _boundaries()
    yield from _fields()
    yield from _dates()


def broken(
    name: str, special: str, octets_: bytes, *text: str, attachments: tuple[Attached, ...] = (), shape: str = ""
) -> Sample:
    return Sample(
        name=f"broken-{name}",
        special=special,
        octets=octets_,
        subject=name,
        sender=WHO,
        text=text,
        attachments=attachments,
        shape=shape,
    )


def _boundaries() -> Iterator[Sample]:
    plain = part("text/plain; charset=utf-8", TEXT, encoding="8bit")
    page = part("text/html; charset=utf-8", f"<p>{TEXT}</p>", encoding="8bit")
    file = attached("application/pdf", "a.pdf", b"%PDF-1.4 a")
    expected = (Attached("a.pdf", "application/pdf", 10),)
    yield broken(
        "not-closed",
        "the closing boundary is missing",
        message(WHO, "not-closed", multipart("mixed", "b1", plain, file, closed=False)),
        TEXT,
        attachments=expected,
    )
    yield broken(
        "boundary-never-comes",
        "the boundary does not stand in the body",
        message(
            WHO, "boundary-never-comes", entity(['Content-Type: multipart/mixed; boundary="nowhere"'], octets(TEXT))
        ),
    )
    yield broken(
        "no-boundary-parameter",
        "a multipart that names no boundary",
        message(
            WHO,
            "no-boundary-parameter",
            entity(["Content-Type: multipart/alternative"], octets(f"--x\n\n{TEXT}\n--x--\n")),
        ),
    )
    yield broken(
        "boundary-with-blanks",
        "blanks follow the boundary lines",
        message(
            WHO, "boundary-with-blanks", multipart("mixed", "b1", plain, file).replace(b"--b1\r\n", b"--b1 \t\r\n")
        ),
        TEXT,
        attachments=expected,
    )
    yield broken(
        "boundary-prefix",
        "one boundary is the beginning of the other",
        message(WHO, "boundary-prefix", multipart("mixed", "b1", multipart("alternative", "b12", plain, page), file)),
        TEXT,
        attachments=expected,
    )
    yield broken(
        "same-boundary-within",
        "inner and outer multipart use one boundary",
        message(
            WHO, "same-boundary-within", multipart("mixed", "b1", multipart("alternative", "b1", plain, page), file)
        ),
    )
    yield broken(
        "inner-not-closed",
        "the outer boundary ends the inner multipart",
        message(
            WHO,
            "inner-not-closed",
            multipart("mixed", "b1", multipart("alternative", "b2", plain, page, closed=False), file),
        ),
        TEXT,
        attachments=expected,
    )
    yield broken(
        "preamble-and-epilogue",
        "text before the first and after the last boundary",
        message(
            WHO,
            "preamble-and-epilogue",
            multipart("mixed", "b1", plain, preamble=b"This is a MIME message.", epilogue=b"Nobody reads this."),
        ),
        TEXT,
    )
    yield broken(
        "no-parts",
        "a multipart with no part in it",
        message(WHO, "no-parts", entity(['Content-Type: multipart/mixed; boundary="b1"'], b"--b1--\r\n")),
    )
    yield broken(
        "part-without-blank-line",
        "a part has neither fields nor the empty line",
        message(
            WHO,
            "part-without-blank-line",
            entity(['Content-Type: multipart/mixed; boundary="b1"'], b"--b1\r\nHallo du\r\n--b1--\r\n"),
        ),
    )
    yield broken(
        "part-without-fields",
        "a part begins with the empty line",
        message(
            WHO,
            "part-without-fields",
            entity(['Content-Type: multipart/mixed; boundary="b1"'], b"--b1\r\n\r\nHallo du\r\n--b1--\r\n"),
        ),
        "Hallo du",
    )
    yield broken(
        "bare-line-feeds",
        "LF alone ends each line",
        message(WHO, "bare-line-feeds", multipart("mixed", "b1", plain, file)).replace(CRLF, b"\n"),
        TEXT,
        attachments=expected,
    )
    yield broken(
        "mixed-line-ends",
        "CRLF in the fields, LF in the body",
        b"".join(
            (
                message(WHO, "mixed-line-ends", b"")[:-2],
                CRLF,
                multipart("mixed", "b1", plain, file).replace(CRLF, b"\n"),
            )
        ),
        TEXT,
        attachments=expected,
    )
    yield broken(
        "boundary-in-text",
        "the boundary's characters stand within a line",
        message(WHO, "boundary-in-text", multipart("mixed", "b1", part("text/plain", "so --b1 no\n"))),
        "so --b1 no",
    )
    yield broken(
        "boundary-of-70",
        "the longest boundary allowed, and odd characters",
        message(WHO, "boundary-of-70", multipart("mixed", "'()+_,-./:=? " + "x" * 56 + "y", plain)),
        TEXT,
    )
    yield broken(
        "boundary-encoded",
        "the boundary as RFC 2231 would write it",
        message(
            WHO,
            "boundary-encoded",
            entity(
                ['Content-Type: multipart/mixed; boundary*0="b"; boundary*1="1"'],
                b"--b1\r\n" + plain + b"\r\n--b1--\r\n",
            ),
        ),
    )
    deep = plain
    for level in range(60):
        deep = multipart("mixed", f"level-{level}", deep)
    yield broken("deep", "60 multiparts within each other", message(WHO, "deep", deep))
    yield broken(
        "many-parts",
        "500 small parts",
        message(WHO, "many-parts", multipart("mixed", "b1", plain, *[part("application/octet-stream", b"x")] * 499)),
        TEXT,
    )
    yield broken(
        "multipart-encoded",
        "a multipart in base64, which no standard allows",
        message(
            WHO,
            "multipart-encoded",
            part('multipart/mixed; boundary="b1"', b"--b1\r\n" + plain + b"\r\n--b1--\r\n", encoding="base64"),
        ),
    )


def _fields() -> Iterator[Sample]:
    body = part("text/plain; charset=utf-8", TEXT, encoding="8bit")
    yield Sample(name="broken-empty", special="no octet at all", octets=b"")
    yield Sample(name="broken-only-newline", special="an empty line", octets=b"\r\n")
    yield Sample(
        name="broken-header-only",
        special="fields and no body, no empty line",
        octets=b"From: kaputt@broken.example\r\nSubject: header-only\r\n",
        subject="header-only",
        sender=WHO,
    )
    yield Sample(
        name="broken-no-header",
        special="a body and no field",
        octets=b"\r\nNur Text, sonst nichts.\r\n",
        text=("Nur Text, sonst nichts.",),
    )
    yield Sample(
        name="broken-body-at-once",
        special="the first line is no field",
        octets=b"Hallo, das ist kein Feld\r\nund das auch nicht\r\n",
    )
    yield broken(
        "duplicate-subject",
        "two subjects; the first counts",
        b"Subject: duplicate-subject\r\n" + message(WHO, "zweiter", body),
        TEXT,
    )
    yield broken(
        "duplicate-type",
        "two content types",
        message(
            WHO,
            "duplicate-type",
            b"Content-Type: text/plain; charset=utf-8\r\n" + part("text/html; charset=utf-8", TEXT, encoding="8bit"),
        ),
        TEXT,
    )
    yield broken(
        "mbox-line",
        "the line that separates messages in a file came along",
        b"From kaputt@broken.example Tue Mar 10 09:15:00 2026\r\n" + message(WHO, "mbox-line", body),
    )
    yield broken(
        "quoted-mbox-line",
        "the same, as a quotation",
        b">From kaputt@broken.example Tue Mar 10 09:15:00 2026\r\n" + message(WHO, "quoted-mbox-line", body),
    )
    yield broken(
        "space-before-colon",
        "a blank before the colon",
        message(WHO, "x", body).replace(b"Subject: x", b"Subject : space-before-colon"),
    )
    yield broken(
        "long-line",
        "a field of 10,000 characters in one line",
        message(WHO, "long-line", body, "X-Long: " + "x" * 10_000),
        TEXT,
    )
    yield broken(
        "many-fields",
        "1,500 fields",
        message(WHO, "many-fields", body, *[f"X-Number-{number}: {number}" for number in range(1500)]),
        TEXT,
    )
    yield broken(
        "many-recipients",
        "2,000 recipients",
        message(WHO, "many-recipients", body, to=",\r\n ".join(f"p{number}@broken.example" for number in range(2000))),
        TEXT,
    )
    yield broken("nul-in-field", "NUL in a field", message(WHO, b"nul-in-field", body, b"X-Nul: a\0b"), TEXT)
    yield broken(
        "cr-in-field",
        "a bare CR in a field",
        message(WHO, "cr-in-field", body, b"X-Cr: a\rBcc: b@broken.example"),
        TEXT,
    )
    yield broken(
        "no-type-value",
        "an empty content type",
        message(WHO, "no-type-value", entity(["Content-Type:"], octets(TEXT))),
        TEXT,
    )
    yield broken(
        "type-without-slash",
        "a content type of one word",
        message(WHO, "type-without-slash", entity(["Content-Type: text"], octets(TEXT))),
    )
    yield broken(
        "type-upper-case",
        "TEXT/PLAIN",
        message(WHO, "type-upper-case", entity(["Content-Type: TEXT/PLAIN; CHARSET=UTF-8"], octets(TEXT))),
        TEXT,
    )
    yield broken(
        "parameters-broken",
        "semicolons where nothing follows",
        message(WHO, "parameters-broken", entity(["Content-Type: text/plain;; charset=utf-8; ;format"], octets(TEXT))),
        TEXT,
    )
    yield broken(
        "unclosed-quote",
        "a quotation mark that never closes",
        message(WHO, "unclosed-quote", entity(['Content-Type: text/plain; charset="utf-8'], octets(TEXT))),
        TEXT,
    )
    yield broken(
        "no-version",
        "parts, but no MIME-Version",
        message(WHO, "no-version", multipart("mixed", "b1", body)).replace(b"MIME-Version: 1.0\r\n", b""),
        TEXT,
    )
    yield Sample(
        name="broken-no-from",
        special="nobody sent it",
        octets=entity(["Subject: no-from"], octets(TEXT)),
        subject="no-from",
        text=(TEXT,),
    )
    yield Sample(
        name="broken-from-empty-group",
        special="the sender is an empty group",
        octets=message("undisclosed-sender:;", "group", body),
        subject="group",
        text=(TEXT,),
    )
    yield broken(
        "references-absurd",
        "a References field of 20 kB",
        message(
            WHO,
            "references-absurd",
            body,
            "References: " + "\r\n ".join(f"<{number}.{'y' * 80}@broken.example>" for number in range(220)),
        ),
        TEXT,
    )
    yield broken(
        "message-id-odd",
        "a Message-ID without brackets, with blanks",
        message(WHO, "message-id-odd", body, message_id="ab c@d e"),
        TEXT,
    )


def _dates() -> Iterator[Sample]:
    body = part("text/plain", "Wann?\n")
    for number, date in enumerate(
        (
            "Tue, 10 Mar 26 09:15 +0100",
            "10 Mar 2026 09:15:00",
            "Tue Mar 10 09:15:00 2026",
            "Tue, 10 Mar 2026 09:15:00 CEST (Mitteleuropäische Zeit)",
            "2026-03-10T09:15:00Z",
            "Tue, 31 Feb 2026 25:61:61 +9900",
            "Mon, 01 Jan 0001 00:00:00 +0000",
            "Fri, 31 Dec 9999 23:59:60 -1200",
            "Di, 10 Mär 2026 09:15:00 +0100",
            "gestern",
            "",
            "Tue, 10 Mar 2026 09:15:00 +0100 " + "(" * 200,
        )
    ):
        yield broken(
            f"date-{number}",
            f"a date written as {date[:60]!r}",
            message(WHO, f"date-{number}", body, date=date),
            "Wann?",
        )
