"""What messages carry: files of all kinds, other messages, pictures within the text, old-style encryption."""

from collections.abc import Iterator

from tests.corpus import files
from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import attached, base64_of, entity, message, multipart, octets, part

WHO = "traeger@carried.example"
TEXT = "Siehe Anlage, bitte prüfen."


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield from _files()
    yield from _names()
    yield from _forwarded()
    yield from _pictures()
    yield from _pgp()


def _of(
    name: str,
    special: str,
    content: bytes,
    *fields: str,
    text: tuple[str, ...] = (TEXT,),
    hidden: tuple[str, ...] = (),
    attachments: tuple[Attached, ...] = (),
    pictures: int = 0,
    remote: bool = False,
    shape: str = "",
) -> Sample:
    return Sample(
        name=f"carried-{name}",
        special=special,
        octets=message(WHO, name, content, *fields),
        subject=name,
        sender=WHO,
        text=text,
        hidden=hidden,
        attachments=attachments,
        pictures=pictures,
        remote=remote,
        shape=shape,
    )


def _text() -> bytes:
    return part("text/plain; charset=utf-8", TEXT, encoding="8bit")


def _with(
    name: str,
    special: str,
    *parts: bytes,
    attachments: tuple[Attached, ...],
    text: tuple[str, ...] = (TEXT,),
    shape: str = "",
) -> Sample:
    return _of(
        name,
        special,
        multipart("mixed", f"c-{name}"[:60], _text(), *parts),
        attachments=attachments,
        text=text,
        shape=shape,
    )


def _files() -> Iterator[Sample]:
    for name, kind, file, content in (
        ("pdf", "application/pdf", "Angebot.pdf", files.pdf()),
        ("zip", "application/zip", "alles.zip", files.zip_of(a__txt=b"a", b__txt=b"b")),
        (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "Brief.docx",
            files.zip_of(word=b"<w/>"),
        ),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Zahlen.xlsx",
            files.zip_of(xl=b"<x/>"),
        ),
        ("octets", "application/octet-stream", "daten.bin", files.noise(3000)),
        ("svg", "image/svg+xml", "bild.svg", files.SVG),
        ("html-file", "text/html", "seite.html", b"<script>alert(1)</script>"),
        ("xml", "application/xml", "rechnung.xml", b"<?xml version='1.0'?><a/>"),
        ("text-file", "text/plain", "notiz.txt", b"Inhalt der Notiz"),
        ("csv", "text/csv", "liste.csv", b"a;b\r\n1;2\r\n"),
        ("vcard", "text/x-vcard", "jonas.vcf", files.VCARD),
        ("executable", "application/x-msdownload", "rechnung.pdf.exe", b"MZ" + bytes(62)),
        ("signature-file", "application/pgp-signature", "signature.asc", b"-----BEGIN PGP SIGNATURE-----\n"),
        ("eml-as-octets", "application/octet-stream", "weiter.eml", b"From: a@b.example\r\n\r\nText"),
        ("empty-file", "application/octet-stream", "leer.dat", b""),
        ("gzip", "application/gzip", "sicherung.tar.gz", b"\x1f\x8b\x08" + bytes(20)),
    ):
        yield _with(
            name, f"a file of {kind}", attached(kind, file, content), attachments=(Attached(file, kind, len(content)),)
        )
    large = files.noise(300_000)
    yield _with(
        "large",
        "a file of 300 kB",
        attached("application/octet-stream", "gross.bin", large),
        attachments=(Attached("gross.bin", "application/octet-stream", len(large)),),
    )
    yield _with(
        "declared-large",
        "it declares 2 GB and is small in fact",
        part(
            'application/octet-stream; name="riesig.iso"',
            b"klein",
            'Content-Disposition: attachment; filename="riesig.iso"; size=2147483648',
            "Content-Length: 2147483648",
            encoding="base64",
        ),
        attachments=(Attached("riesig.iso", "application/octet-stream", 5),),
    )
    yield _with(
        "twenty",
        "20 files",
        *(attached("text/plain", f"{number}.txt", b"%d" % number) for number in range(20)),
        attachments=tuple(Attached(f"{number}.txt", "text/plain", len(str(number))) for number in range(20)),
    )
    yield _with(
        "qp-file",
        "a file in quoted-printable",
        attached("text/x-log", "lauf.log", octets("Größe=1\nEnde\n"), encoding="quoted-printable"),
        attachments=(Attached("lauf.log", "text/x-log", None),),
    )
    yield _with(
        "8bit-file",
        "a file as it is",
        part(
            'text/x-python; charset=utf-8; name="a.py"',
            "print('ä')\n",
            'Content-Disposition: attachment; filename="a.py"',
            encoding="8bit",
        ),
        attachments=(Attached("a.py", "text/x-python", None),),
    )
    yield _with(
        "no-name",
        "a file without a name",
        part("application/pdf", files.pdf(), "Content-Disposition: attachment", encoding="base64"),
        attachments=(),
    )
    yield _with(
        "external-body",
        "a part that is elsewhere (RFC 2046 section 5.2.3)",
        part(
            'message/external-body; access-type=URL;\r\n URL="https://files.carried.example/gross.iso"',
            "Content-Type: application/octet-stream\nContent-ID: <e1@carried.example>\n\n",
        ),
        attachments=(),
    )
    yield _of(
        "partial",
        "the second of three pieces of a message (RFC 2046 section 5.2.2)",
        part('message/partial; id="p1@carried.example"; number=2; total=3', "Mitte des Textes\n"),
        text=(),
    )


def _names() -> Iterator[Sample]:
    for name, written in (
        ("path", "../../etc/passwd.txt"),
        ("drive", "C:\\\\Users\\\\erika\\\\brief.txt"),
        ("right-to-left", "rechnung\u202efdp.txt"),
        ("markup", "<img src=x onerror=alert(1)>.txt"),
        ("reserved", "CON.txt"),
        ("dots", "..."),
        ("very-long", "x" * 400 + ".txt"),
        ("controls", "a\tb\x07c.txt"),
        ("quotes", 'a\\"b.txt'),
        ("semicolon", "a;b=c.txt"),
    ):
        yield _with(
            f"name-{name}",
            f"the name of a file: {name}",
            part("text/plain", b"x", f'Content-Disposition: attachment; filename="{written}"', encoding="base64"),
            attachments=(),
        )
    yield _with(
        "name-line-ends",
        "line ends in the name of a file",
        part(
            "text/plain",
            b"x",
            "Content-Disposition: attachment; filename*=utf-8''a%0D%0ASet-Cookie:%20x.txt",
            encoding="base64",
        ),
        attachments=(),
    )


def _forwarded() -> Iterator[Sample]:
    first = message(
        "Erste <eins@carried.example>", "Innerste", part("text/plain; charset=utf-8", "Ganz innen.\n", encoding="8bit")
    )
    second = message(
        "Zweite <zwei@carried.example>",
        "Fwd: Innerste",
        multipart(
            "mixed",
            "fw-2",
            part("text/plain", "In der Mitte.\n"),
            part("message/rfc822", first, "Content-Disposition: inline"),
        ),
    )
    third = message(
        "Dritte <drei@carried.example>",
        "Fwd: Fwd: Innerste",
        multipart(
            "mixed",
            "fw-3",
            part("text/plain", "Weiter außen.\n"),
            part("message/rfc822", second, "Content-Disposition: inline"),
            attached("application/pdf", "a.pdf", files.pdf()),
        ),
    )
    yield _of(
        "forwarded-once",
        "a message within a message",
        multipart("mixed", "fw-1", _text(), part("message/rfc822", first, "Content-Disposition: inline")),
        shape="mixed(text/plain,message/rfc822(text/plain))",
    )
    yield _of(
        "forwarded-three-deep",
        "three messages within each other",
        multipart("mixed", "fw-0", _text(), part("message/rfc822", third, "Content-Disposition: inline")),
        shape="mixed(text/plain,message/rfc822(mixed(text/plain,message/rfc822(mixed(text/plain,message/rfc822(text/plain))),application/pdf)))",
    )
    yield _of(
        "forwarded-alone",
        "nothing but a message within",
        part("message/rfc822", first),
        text=(),
        shape="message/rfc822(text/plain)",
    )
    yield _of(
        "forwarded-attached",
        "a message as a file",
        multipart(
            "mixed",
            "fw-4",
            _text(),
            part(
                'message/rfc822; name="Innerste.eml"', first, 'Content-Disposition: attachment; filename="Innerste.eml"'
            ),
        ),
    )
    yield _of(
        "forwarded-base64",
        "a message within in base64, which the standard forbids and Outlook.com does",
        multipart(
            "mixed",
            "fw-5",
            _text(),
            entity(["Content-Type: message/rfc822", "Content-Transfer-Encoding: base64"], base64_of(first)),
        ),
    )
    yield _of(
        "forwarded-empty",
        "a message within that is empty",
        multipart("mixed", "fw-6", _text(), part("message/rfc822", b"")),
    )
    yield _of(
        "forwarded-many",
        "eight messages forwarded at once",
        multipart(
            "mixed",
            "fw-7",
            _text(),
            *(
                part(
                    "message/rfc822",
                    message(f"p{number}@carried.example", f"Nr. {number}", part("text/plain", f"Inhalt {number}.\n")),
                )
                for number in range(8)
            ),
        ),
    )
    deep = first
    for level in range(40):
        deep = message(f"p{level}@carried.example", f"Ebene {level}", part("message/rfc822", deep))
    yield _of("forwarded-forty-deep", "40 messages within each other", part("message/rfc822", deep), text=())
    yield _of(
        "forwarded-inline",
        "forwarded as text",
        part(
            "text/plain; charset=utf-8",
            f"{TEXT}\n\n---------- Forwarded message ---------\nVon: Jonas <jonas@carried.example>\nBetreff: Alt\n\nDer alte Text\n",
            encoding="8bit",
        ),
    )


def _pictures() -> Iterator[Sample]:
    def related(
        name: str,
        special: str,
        markup: str,
        *parts: bytes,
        pictures: int = 0,
        remote: bool = False,
        attachments: tuple[Attached, ...] = (),
    ) -> Sample:
        page = part(
            "text/html; charset=utf-8", f"<html><body><p>{TEXT}</p>{markup}</body></html>", encoding="quoted-printable"
        )
        return _of(
            name,
            special,
            multipart("related", f"r-{name}", page, *parts, more='; type="text/html"'),
            pictures=pictures,
            remote=remote,
            attachments=attachments,
        )

    def picture(
        cid: str,
        content: bytes = files.PNG if hasattr(files, "PNG") else files.png(),
        kind: str = "image/png",
        *more: str,
    ) -> bytes:
        return part(kind, content, f"Content-ID: {cid}", *more, encoding="base64")

    yield related(
        "cid", "a picture by cid", '<img src="cid:bild@carried.example">', picture("<bild@carried.example>"), pictures=1
    )
    yield related(
        "cid-three",
        "three pictures, one used twice",
        "".join(f'<img src="cid:b{number}@x">' for number in (1, 2, 3, 1)),
        *(picture(f"<b{number}@x>") for number in (1, 2, 3)),
        pictures=3,
    )
    yield related(
        "cid-percent",
        "the cid is percent-encoded (RFC 2392)",
        '<img src="cid:bild%2B1@carried.example">',
        picture("<bild+1@carried.example>"),
        pictures=1,
    )
    yield related(
        "cid-no-brackets", "a Content-ID without brackets", '<img src="cid:bild1">', picture("bild1"), pictures=1
    )
    yield related(
        "cid-upper-case",
        "the scheme in upper case",
        '<img src="CID:bild@carried.example">',
        picture("<bild@carried.example>"),
        pictures=1,
    )
    yield related(
        "cid-unused",
        "a picture that the text does not use",
        "",
        picture("<bild@x>", files.png(), "image/png", 'Content-Disposition: inline; filename="frei.png"'),
    )
    yield related("cid-missing", "a picture that is not there", '<img src="cid:fehlt@x" alt="fehlt">')
    yield related(
        "cid-svg",
        "an SVG by cid, which can run scripts",
        '<img src="cid:s@x">',
        picture("<s@x>", files.SVG, "image/svg+xml"),
    )
    yield related(
        "cid-html",
        "a page by cid as a picture",
        '<img src="cid:h@x"><iframe src="cid:h@x"></iframe>',
        picture("<h@x>", b"<script>alert(1)</script>", "text/html"),
    )
    yield related(
        "cid-quotes",
        "a cid that breaks out of the attribute",
        "<img src='cid:\"onerror=alert(1)//@x'>",
        picture('<"onerror=alert(1)//@x>'),
        pictures=1,
    )
    yield related(
        "cid-background",
        "a picture by cid behind a table",
        '<table background="cid:bild@x"><tr><td>Zelle</td></tr></table>',
        picture("<bild@x>"),
    )
    yield related(
        "location",
        "a picture by Content-Location (RFC 2557)",
        '<img src="bild.png">',
        part("image/png", files.png(), "Content-Location: bild.png", encoding="base64"),
        pictures=1,
    )
    yield related(
        "location-absolute",
        "a picture whose location is elsewhere, but which came along",
        '<img src="https://www.carried.example/bild.png">',
        part("image/png", files.png(), "Content-Location: https://www.carried.example/bild.png", encoding="base64"),
        pictures=1,
    )
    yield related("remote", "a picture from elsewhere", '<img src="https://www.carried.example/bild.png">', remote=True)
    yield related(
        "remote-and-cid",
        "one from elsewhere, one from here",
        '<img src="http://www.carried.example/bild.png"><img src="cid:b@x">',
        picture("<b@x>"),
        pictures=1,
        remote=True,
    )
    yield related(
        "data-png",
        "a picture in the address itself",
        '<img src="data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==">',
    )
    yield related(
        "data-svg", "an SVG in the address itself", '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">'
    )
    yield related(
        "wrong-type",
        "a PNG that says it is octets",
        '<img src="cid:o@x">',
        part("application/octet-stream; name=bild.png", files.png(), "Content-ID: <o@x>", encoding="base64"),
        pictures=1,
    )
    yield _of(
        "picture-alone",
        "a message that is a picture",
        part('image/png; name="foto.png"', files.png(), encoding="base64"),
        text=(),
    )


def _pgp() -> Iterator[Sample]:
    armour = "-----BEGIN PGP {0}-----\n\niQEzBAEBCAAdFiEEd3JpdHRlbiBmb3IgdGhlIHB1cnBvc2UFAmkR\n=ab12\n-----END PGP {0}-----\n"
    yield _of(
        "pgp-mime-signed",
        "signed with PGP/MIME: the text is shown",
        multipart(
            "signed",
            "pgp-1",
            _text(),
            part(
                'application/pgp-signature; name="signature.asc"',
                armour.format("SIGNATURE"),
                "Content-Description: OpenPGP digital signature",
            ),
            more='; micalg=pgp-sha512; protocol="application/pgp-signature"',
        ),
        shape="signed(text/plain,application/pgp-signature)",
    )
    yield _of(
        "pgp-mime-encrypted",
        "encrypted with PGP/MIME: nothing to show",
        multipart(
            "encrypted",
            "pgp-2",
            part("application/pgp-encrypted", "Version: 1\n"),
            part(
                'application/octet-stream; name="encrypted.asc"',
                armour.format("MESSAGE"),
                'Content-Disposition: inline; filename="encrypted.asc"',
            ),
            more='; protocol="application/pgp-encrypted"',
        ),
        text=(),
        shape="encrypted(application/pgp-encrypted,application/octet-stream)",
    )
    yield _of(
        "pgp-inline-signed",
        "signed within the text",
        part(
            "text/plain; charset=utf-8",
            f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{TEXT}\n- -- \nAnja\n{armour.format('SIGNATURE')}",
            encoding="8bit",
        ),
    )
    yield _of(
        "pgp-inline-encrypted",
        "encrypted within the text",
        part("text/plain; charset=utf-8", armour.format("MESSAGE")),
        text=("BEGIN PGP MESSAGE",),
    )
    yield _of(
        "pgp-key",
        "a key attached",
        multipart(
            "mixed",
            "pgp-3",
            _text(),
            attached("application/pgp-keys", "schluessel.asc", armour.format("PUBLIC KEY BLOCK").encode()),
        ),
        attachments=(Attached("schluessel.asc", "application/pgp-keys", None),),
    )
    yield _of(
        "pgp-autocrypt",
        "a key in the Autocrypt field",
        _text(),
        "Autocrypt: addr=traeger@carried.example; prefer-encrypt=mutual; keydata=\r\n " + "A" * 76 + "\r\n " + "B" * 76,
    )
