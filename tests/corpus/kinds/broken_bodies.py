"""Texts whose encoding or content is broken."""

from collections.abc import Iterator

from tests.corpus.kinds.broken import TEXT, WHO, broken
from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import attached, entity, message, multipart, octets, part


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield from _encodings()
    yield from _bodies()


def _encodings() -> Iterator[Sample]:
    def one(name: str, special: str, encoding: str, body: bytes, *text: str) -> Sample:
        fields = ["Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"]
        return broken(name, special, message(WHO, name, entity(fields, body)), *text)

    yield one("base64-no-padding", "base64 that ends early", "base64", b"SGFsbG8gV2VsdA", "Hallo Welt")
    yield one(
        "base64-rubbish",
        "characters that are not of base64 between",
        "base64",
        b"SGFs\xff\x00bG8g!!V2Vs\r\n dA==",
        "Hallo Welt",
    )
    yield one(
        "base64-twice-padded",
        "padding in the middle, and more after it",
        "base64",
        b"SGFsbG8=\r\nV2VsdA==\r\n",
        "Hallo",
    )
    yield one("base64-one-line", "5,000 characters of base64 in one line", "base64", b"QUJD" * 1250, "ABCABC")
    yield one(
        "base64-then-text",
        "a footer stands below the base64",
        "base64",
        b"SGFsbG8gV2VsdA==\r\n\r\n-- \r\nwww.broken.example\r\n",
        "Hallo Welt",
    )
    yield one("base64-is-plain", "it says base64 and is plain text", "base64", b"Das ist nicht kodiert.\r\n")
    yield one("qp-lower-case", "lower case digits", "quoted-printable", b"Pr=c3=bcfung", "Prüfung")
    yield one(
        "qp-bad-escapes", "escapes that are none", "quoted-printable", b"50=% Rabatt, a=b, =XY, Ende=", "Rabatt", "Ende"
    )
    yield one("qp-soft-break-blanks", "blanks after a soft line break", "quoted-printable", b"Hal=  \r\nlo", "Hallo")
    yield one("qp-long-lines", "lines of 2,000 characters", "quoted-printable", b"x" * 2000 + b"=C3=A4", "xxxx")
    yield one("encoding-unknown", "an encoding nobody knows", "x-nobody", b"Hallo Welt")
    yield one("encoding-with-comment", "the encoding has a remark", "8bit (as is)", octets("Hallo Wält"), "Hallo Wält")
    yield one("encoding-upper-case", "BASE64", "BASE64", b"SGFsbG8gV2VsdA==", "Hallo Welt")
    yield one("encoding-eight-bit", "a misspelt name", "8-bit", octets("Hallo Wält"), "Hallo Wält")
    yield one("binary", "binary, with NUL and long lines", "binary", b"a\0b " + b"z" * 1500, "zzz")
    yield one(
        "uuencode-as-encoding",
        "x-uuencode as the transfer encoding",
        "x-uuencode",
        b"begin 644 hallo.txt\r\n*2&%L;&\\@5V5L=```\r\n`\r\nend\r\n",
    )


def _bodies() -> Iterator[Sample]:
    yield broken(
        "bare-cr", "CR alone within the text", message(WHO, "bare-cr", part("text/plain", b"eins\rzwei\rdrei")), "eins"
    )
    yield broken(
        "nul-in-body", "NUL within the text", message(WHO, "nul-in-body", part("text/plain", b"ei\0ns zwei")), "zwei"
    )
    yield broken(
        "controls",
        "terminal escapes within the text",
        message(WHO, "controls", part("text/plain", b"\x1b[31mrot\x1b[0m \x07 Ende")),
        "Ende",
    )
    yield broken(
        "line-of-100000",
        "a line of 100,000 characters",
        message(WHO, "line-of-100000", part("text/plain", b"wort " * 20_000)),
        "wort wort",
    )
    yield broken(
        "truncated",
        "cut in the middle of an attachment",
        message(
            WHO,
            "truncated",
            multipart("mixed", "b1", part("text/plain", TEXT), attached("application/pdf", "a.pdf", b"%PDF" * 100)),
        )[:-300],
        TEXT,
        attachments=(Attached("a.pdf", "application/pdf"),),
    )
    yield broken(
        "uuencoded-within",
        "a file in the text, as before MIME",
        message(
            WHO,
            "uuencoded-within",
            part("text/plain", b"Anbei die Datei.\r\n\r\nbegin 644 hallo.txt\r\n*2&%L;&\\@5V5L=```\r\n`\r\nend\r\n"),
        ),
        "Anbei die Datei.",
    )
    yield broken("empty-html", "a page with nothing in it", message(WHO, "empty-html", part("text/html", b"")))
    yield broken(
        "html-unclosed",
        "elements that nobody closes",
        message(WHO, "html-unclosed", part("text/html", b"<table><tr><td><b>Hallo <i>du" * 30)),
        "Hallo du",
    )
    yield broken(
        "html-deep",
        "5,000 elements within each other",
        message(WHO, "html-deep", part("text/html", b"<div>" * 5000 + b"tief")),
    )
    yield broken(
        "html-in-plain",
        "a page that says it is plain text",
        message(WHO, "html-in-plain", part("text/plain", b"<b>fett?</b>")),
        "<b>fett?</b>",
    )
    yield broken(
        "alternative-of-one",
        "an alternative with one choice",
        message(WHO, "alternative-of-one", multipart("alternative", "b1", part("text/html", f"<p>{TEXT}"))),
        TEXT,
    )
    yield broken(
        "alternative-plain-last",
        "plain text after HTML, the wrong way round",
        message(
            WHO,
            "alternative-plain-last",
            multipart("alternative", "b1", part("text/html", f"<p>{TEXT}"), part("text/plain", TEXT)),
        ),
        TEXT,
    )
    yield broken(
        "alternative-empty-html",
        "the best choice is empty",
        message(
            WHO,
            "alternative-empty-html",
            multipart("alternative", "b1", part("text/plain", TEXT), part("text/html", b"")),
        ),
    )
    yield broken(
        "related-without-root",
        "a related multipart that begins with its picture",
        message(
            WHO,
            "related-without-root",
            multipart(
                "related",
                "b1",
                part("image/gif", b"GIF89a", "Content-ID: <p@b>", encoding="base64"),
                part("text/html", f"<p>{TEXT}"),
            ),
        ),
    )
    yield broken(
        "two-texts",
        "two plain texts after each other",
        message(
            WHO,
            "two-texts",
            multipart("mixed", "b1", part("text/plain", "Der erste Teil."), part("text/plain", "Der zweite Teil.")),
        ),
        "Der erste Teil.",
        "Der zweite Teil.",
        shape="mixed(text/plain,text/plain)",
    )
