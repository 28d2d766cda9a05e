"""Attachments decoded piece by piece are what they are when decoded as a whole."""

import base64
import quopri
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import TooLarge
from folkmoot.mime.content import decode_content
from folkmoot.mime.incremental import LINE_MAX, UUENCODED_MAX, decoder

_ENCODINGS = st.sampled_from(["base64", "quoted-printable", "7bit", "8bit", "x-uuencode", "strange"])
_TEXT = st.lists(
    st.sampled_from(
        [b"QUJD", b"QQ==", b"=", b"=4", b"=3D", b"=\r\n", b" ", b"\t", b"\r\n", b"\n", b"\r", b"-- \nx", b"z"]
    )
).map(b"".join)


def _decoded(encoding: str, octets: bytes, cuts: list[int]) -> bytes:
    one = decoder(encoding)
    pieces, start = [], 0
    for cut in sorted(cuts):
        pieces.append(one.feed(octets[start : min(cut, len(octets))]))
        start = min(cut, len(octets))
    pieces.append(one.feed(octets[start:]))
    return b"".join([*pieces, one.finish()])


@given(_ENCODINGS, _TEXT | st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=8))
def test_where_it_is_cut_makes_no_difference(encoding: str, octets: bytes, cuts: list[int]) -> None:
    assert _decoded(encoding, octets, cuts) == decode_content(octets, encoding)


@pytest.mark.parametrize("piece", [1000, 4099, 70_001])
def test_a_long_file_comes_out_whole(piece: int) -> None:
    content = random.Random(7).randbytes(300_001)
    for encoding, octets in (
        ("base64", base64.encodebytes(content)),
        ("base64", base64.b64encode(content)),
        ("base64", base64.encodebytes(content[:1000]) + base64.encodebytes(content[1000:])),
    ):
        cuts = list(range(piece, len(octets), piece))
        assert _decoded(encoding, octets, cuts) == content
    lines = quopri.encodestring(bytes(range(32, 256)) * 2000)
    assert _decoded("quoted-printable", lines, list(range(piece, len(lines), piece))) == bytes(range(32, 256)) * 2000


def test_text_after_the_padding_is_left_out() -> None:
    octets = base64.encodebytes(b"a file!") + b"_______\r\nlist footer\r\n" * 10_000
    assert _decoded("base64", octets, list(range(0, len(octets), 5000))) == b"a file!"


def test_little_is_kept_of_a_line_without_end() -> None:
    one = decoder("quoted-printable")
    got = sum(len(one.feed(b"a=C3=BC" * 1000)) for _ in range(100))
    assert got > 100 * 3000 - LINE_MAX


def test_a_huge_uuencoded_file_is_refused() -> None:
    one = decoder("uuencode")
    one.feed(bytes(UUENCODED_MAX))
    with pytest.raises(TooLarge):
        one.feed(b"x")
