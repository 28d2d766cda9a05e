"""Transfer encodings and character sets, right and wrong."""

import base64
import quopri
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.mime.charsets import codec_of, detect, to_text
from folkmoot.mime.content import decode_content, encoding_name
from folkmoot.mime.iso2022jp import decode as decode_japanese
from folkmoot.mime.uuencoded import split_uuencoded

ENCODED = [
    (b"SGVsbG8=", "base64", b"Hello"),
    (b"SGVsbG8", "base64", b"Hello"),
    (b"SGVs\r\nbG8=\r\n", "BASE64", b"Hello"),
    (b"SG!Vs bG8=", "base64", b"Hello"),
    (b"SGVsbG8=\r\n_______\r\nlist footer", "base64", b"Hello"),
    (b"SGVsbG8=V29ybGQ=", "base64", b"HelloWorld"),
    (b"SGVsbG8=\r\nV29ybGQ=\r\n", "base64; x=y", b"HelloWorld"),
    (b"A", "base64", b""),
    (b"====", "base64", b""),
    (b"a=3Db=\r\nc", "quoted-printable", b"a=bc"),
    (b"a=3db", "quoted-printable", b"a=b"),
    (b"a=b =ZZ =", "quoted-printable", b"a=b =ZZ "),
    (b"a  \t\r\nb=20\r\n", "quoted-printable", b"a\r\nb \r\n"),
    (b"a= \r\nb", "quoted-printable", b"ab"),
    (b"\xe4", "quoted-printable", b"\xe4"),
    (b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n", "x-uuencode", b"Cat"),
    (b"no begin", "uuencode", b"no begin"),
    (b"x", "8bit", b"x"),
    (b"x", "nonsense", b"x"),
    (b"x", "", b"x"),
]


@pytest.mark.parametrize(("octets", "encoding", "decoded"), ENCODED)
def test_transfer_encodings_are_undone(octets: bytes, encoding: str, decoded: bytes) -> None:
    assert decode_content(octets, encoding) == decoded


@given(st.binary())
def test_what_is_encoded_comes_back(octets: bytes) -> None:
    assert decode_content(base64.encodebytes(octets), "base64") == octets
    assert (
        decode_content(quopri.encodestring(octets, quotetabs=True), "quoted-printable").replace(b"\r\n", b"\n")
        == octets.replace(b"\r\n", b"\n")
        or b"\r" in octets
    )


@given(st.binary(), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit", "Base64 (x)"]))
def test_no_encoding_makes_more_of_less(octets: bytes, encoding: str) -> None:
    assert len(decode_content(octets, encoding)) <= len(octets)


@pytest.mark.parametrize("piece", [b"=", b"=A", b"A=", b"==\r\n", b" ", b" \r\n", b"=\r", b"begin 644 a\n", b"A"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
def test_no_content_takes_long(piece: bytes, encoding: str) -> None:
    begun = time.process_time()
    decode_content(piece * (600_000 // len(piece)), encoding)
    assert time.process_time() - begun < 2


def test_names_of_encodings_are_taken_out_of_what_stands_around_them() -> None:
    assert encoding_name(' "Base64" ;x') == "base64"
    assert encoding_name("QuotedPrintable") == "quoted-printable"


LABELLED = [
    ("ä€", "windows-1252", "iso-8859-1"),
    ("ä€", "windows-1252", "LATIN1"),
    ("大熊", "gb18030", "gb2312"),
    ("똠방각하", "cp949", "ks_c_5601-1987"),
    ("①ｱ~", "cp932", "shift_jis"),
    ("中文", "big5", "Big5"),
    ("Привет", "koi8_r", "KOI8-R"),
    ("שלום", "iso8859_8", "iso-8859-8-i"),
    ("ä", "utf-8", '"UTF-8"'),
    ("ä", "utf-8", "utf8"),
    ("ä", "utf-8", "charset=utf-8"),
    ("äöü €", "utf-16", "utf-16"),
    ("text", "utf-16-be", "utf-16"),
    ("text", "utf-16-le", "utf-16"),
    ("日本語", "iso2022_jp", "iso-2022-jp"),
    ("ｱｲｳ", "iso2022_jp_ext", "iso-2022-jp-ms"),
    ("한국", "iso2022_kr", "iso-2022-kr"),
    ("汉字", "hz", "hz-gb-2312"),
    ("ä+b", "utf-7", "utf-7"),
    ("é", "mac_roman", "macintosh"),
    ("ą", "mac_latin2", "x-mac-ce"),
    ("é", "cp850", "cp850"),
    ("é", "cp437", "IBM437"),
    ("ไทย", "cp874", "tis-620"),
    ("ä", "windows-1252", "cp-1252"),
]


@pytest.mark.parametrize(("text", "codec", "label"), LABELLED)
def test_labels_are_read_as_mail_means_them(text: str, codec: str, label: str) -> None:
    assert to_text(text.encode(codec), label) == text


def test_the_users_choice_beats_the_label() -> None:
    assert to_text("Привет".encode("koi8_r"), "utf-8", "koi8-r") == "Привет"
    assert to_text(b"\xe4", "utf-8", "no-such") == "ä"


def test_marks_beat_the_label() -> None:
    assert to_text(b"\xef\xbb\xbf\xc3\xa4", "iso-8859-1") == "ä"
    assert to_text("ä".encode("utf-16"), "us-ascii") == "ä"


UNLABELLED = [
    ("Über Größe und Maße läßt sich streiten", "utf-8"),
    ("Über Größe und Maße läßt sich streiten; schön war es für alle.", "windows-1252"),
    ("это проверка кодировки русского текста в обычном письме", "koi8_r"),
    ("это проверка кодировки русского текста в обычном письме", "cp1251"),
    ("日本語のテキストです。これは少し長い文章です。よろしくお願いします。", "iso2022_jp"),
    ("日本語のテキストです。これは少し長い文章です。よろしくお願いします。", "cp932"),
    ("日本語のテキストです。これは少し長い文章です。よろしくお願いします。", "euc_jp"),
    ("这是一个用来检测字符编码的中文句子、应该足够长。", "gb18030"),
    ("이것은 문자 인코딩을 확인하기 위한 한국어 문장입니다.", "cp949"),
    ("plain words in UTF-16", "utf-16-le"),
]


@pytest.mark.parametrize(("text", "codec"), UNLABELLED)
def test_what_names_no_set_is_guessed(text: str, codec: str) -> None:
    for label in ("", "us-ascii", "x-unknown", "unknown-8bit"):
        assert to_text(text.encode(codec), label) == text


def test_what_is_wrongly_called_utf_8_is_guessed() -> None:
    assert to_text("Größe".encode("windows-1252"), "utf-8") == "Größe"
    assert to_text("Größe und Maße ".encode() * 9 + b"\xe4", "utf-8").endswith("\ufffd")


def test_a_character_cut_off_at_the_end_does_not_change_the_guess() -> None:
    assert detect("Grüße".encode() + b"\xc3") == "utf-8"


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "unicode_escape", "rot13", "base64", "zlib", "undefined", "mbcs", "../x", "\0"]
)
def test_codecs_that_are_no_character_sets_are_none(label: str) -> None:
    assert codec_of(label) == ""


@given(st.binary(), st.sampled_from([row[2] for row in LABELLED]) | st.text(max_size=20))
def test_any_octets_become_text_that_can_be_written(octets: bytes, label: str) -> None:
    to_text(octets, label).encode()


@given(st.text(st.sampled_from("日本語漢字かなカナｱｲｳABC 123、。「」ー亜腕弌熙"), max_size=30))
def test_japanese_comes_back(text: str) -> None:
    assert decode_japanese(text.encode("iso2022_jp_ext")) == text


@given(st.binary())
def test_any_octets_are_read_as_japanese(octets: bytes) -> None:
    decode_japanese(b"\x1b$B" + octets).encode()


def test_files_within_text_are_taken_out() -> None:
    octets = b"before\r\nbegin 644 ../a.txt\r\n#0V%T\r\n`\r\nend\r\nbegin the day\r\nafter"
    text, files = split_uuencoded(octets)
    assert text == b"before\r\nbegin the day\r\nafter"
    assert [(file.name, file.content) for file in files] == [("_a.txt", b"Cat")]
