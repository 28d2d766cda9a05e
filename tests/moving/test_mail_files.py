"""Messages in files of other programs."""

import io
import zipfile

import pytest

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.moving import files
from folkmoot.moving.files import format_of, items

MBOX = b"""From anna@example.com Mon Jun  1 10:00:00 2026
Subject: One

>From the beginning.
>>From deeper.

From bert@example.com Mon Jun  1 11:00:00 2026
Subject: Two

Last line
"""


def test_an_mbox_file_is_parted_and_unquoted() -> None:
    one, two = items(MBOX, "mbox")
    assert one.body == b"Subject: One\n\nFrom the beginning.\n>From deeper.\n"
    assert two.body == b"Subject: Two\n\nLast line\n"
    assert [one.where, two.where] == ["message 1", "message 2"]


def test_an_mbox_file_of_windows() -> None:
    one, two = items(MBOX.replace(b"\n", b"\r\n"), "mbox")
    assert one.body.endswith(b">From deeper.\r\n")
    assert two.body.startswith(b"Subject: Two\r\n")


def test_what_is_no_mbox_or_zip_file_is_refused() -> None:
    for form in ("mbox", "zip"):
        with pytest.raises(MalformedInput):
            items(b"Subject: x\r\n\r\nHello", form)


def test_a_zip_file_names_what_it_cannot_unpack(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.eml", b"\0" * 5_000_000)
        archive.writestr("a/b/good.EML", b"Subject: x\r\n\r\nHello")
        archive.writestr("other.txt", b"x")
    monkeypatch.setattr(files, "MESSAGE_MAX", 1_000_000)
    assert [(one.where, one.fault is None) for one in items(packed.getvalue(), "zip")] == [
        ("bomb.eml", False),
        ("a/b/good.EML", True),
    ]
    octets = bytearray(packed.getvalue())
    octets[60:80] = b"\xff" * 20
    assert items(bytes(octets), "zip")[0].fault is not None


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ITEMS_MAX", 1)
    with pytest.raises(TooLarge):
        items(MBOX, "mbox")


@pytest.mark.parametrize(
    ("name", "kind", "octets", "form"),
    [
        ("a.ICS", "", b"", "ics"),
        ("a.ldi", "application/octet-stream", b"", "ldif"),
        ("upload", "text/vcard; charset=utf-8", b"", "vcf"),
        ("upload", "", b"\xef\xbb\xbfBEGIN:VCALENDAR", "ics"),
        ("x", "", b"\r\nbegin:vcard\r\n", "vcf"),
        ("x", "", b"PK\x03\x04", "zip"),
        ("x", "", b"From a@b Mon", "mbox"),
        ("x", "", b"dn: cn=x", "ldif"),
    ],
)
def test_a_file_is_known_by_name_type_or_beginning(name: str, kind: str, octets: bytes, form: str) -> None:
    assert format_of(name, kind, octets) == form


def test_a_file_that_is_none_of_these() -> None:
    with pytest.raises(MalformedInput):
        format_of("a.pdf", "application/pdf", b"%PDF")
