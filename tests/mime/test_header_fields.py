"""Header fields, encoded words, addresses, parameters and dates, as they are written and as they should be."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.mime.dates import Moment, parse_date
from folkmoot.mime.encoded_words import one_line
from folkmoot.mime.headers import (
    FIELDS_MAX,
    IDS_MAX,
    MailAddress,
    addresses,
    decode,
    message_ids,
    parse_headers,
)
from folkmoot.mime.parameters import parameter_text, parse_value


def test_fields_are_unfolded_and_found_by_name() -> None:
    headers = parse_headers(b"Subject: a\r\n b\r\n\tc\r\nTo: x@y\r\nTO: z@y\r\n\r\nBody: no")
    assert headers.get("subject") == b"a b\tc"
    assert headers.all("to") == (b"x@y", b"z@y")
    assert headers.get("body") is None


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_may_end_either_way(end: bytes) -> None:
    headers = parse_headers(end.join([b"A: 1", b" 2", b"B: 3", b"", b"C: 4"]))
    assert headers.fields == (("a", b"1 2"), ("b", b"3"))


def test_what_is_no_field_is_skipped() -> None:
    headers = parse_headers(b"From someone Mon Jan 1\r\n>From x\r\n\r\nA: no\r\n")
    assert headers.fields == ()
    headers = parse_headers(b"From someone Mon Jan 1\r\nA: 1\r\nno field\r\nB : 2\r\n\xff: 3\r\n")
    assert headers.fields == (("a", b"1"), ("b", b"2"))


def test_no_more_fields_than_the_bound_are_kept() -> None:
    assert len(parse_headers(b"X: 1\r\n" * (FIELDS_MAX + 10)).fields) == FIELDS_MAX


WORDS = {
    b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=": "Grüße",
    b"=?UTF-8?B?R3LDvMOfZQ==?=": "Grüße",
    b"=?utf-8?q?a?= =?utf-8?q?b?=": "ab",
    b"=?utf-8?q?a?=\r\n =?utf-8?q?b?=": "ab",
    b"=?utf-8?q?a?= b =?utf-8?q?c?=": "a b c",
    b"a=?utf-8?q?b?=c": "abc",
    b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=": "ä",
    b"=?utf-8?b?w6Q?=": "ä",
    b"=?iso-8859-1?q?=E4_=80?=": "ä €",
    b"=?utf-8*de?q?=C3=A4?=": "ä",
    b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=": "日本",
    b"=?iso-2022-jp?B?GyRCLSEtIhsoQg==?=": "①②",
    b"=?gb2312?B?tPPQ3A==?=": "大熊",
    b"=?ks_c_5601-1987?B?sKGzqg==?=": "가나",
    b"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=": "Привет",
    b"=?koi8-r?B?8NLJ18XU?=": "Привет",
    b"=?utf-8?q?with space?= x": "with space x",
    b"=?utf-8?q?never closed": "=?utf-8?q?never closed",
    b"=?no-such-set?q?a?=": "=?no-such-set?q?a?=",
    b"=?x-unknown?q?a=E4?=": "aä",
    b"=??q?a?= =?utf-8?x?a?=": "=??q?a?= =?utf-8?x?a?=",
    b"=?utf-8?q??= x": "x",
    b"caf\xe9": "café",
    "Grüße".encode(): "Grüße",
    b"=?utf-8?q?a=0D=0ABcc:_x=00?=": "a Bcc: x",
    "a\u202eb\u2066c".encode(): "abc",
    b'\x1b$B$"\x1b(B': "あ",
}


@pytest.mark.parametrize("octets", WORDS)
def test_words_are_decoded(octets: bytes) -> None:
    assert decode(octets) == WORDS[octets]


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"=?utf-8?q?", b"?=", b"=?", b"\n ", b"=C3", b"x", b" "])).map(b"".join)
)
def test_any_octets_become_one_line(octets: bytes) -> None:
    text = decode(octets)
    assert one_line(text) == text
    text.encode()


ADDRESSES = {
    b"a@b.test": [("", "a@b.test")],
    b"Anna <a@b.test>": [("Anna", "a@b.test")],
    b'"Doe, J." <j@b.test>, k@b.test': [("Doe, J.", "j@b.test"), ("", "k@b.test")],
    b'"q \\" uote" <a@b.test>': [('q " uote', "a@b.test")],
    b"a@b.test (Anna (the first))": [("Anna (the first)", "a@b.test")],
    b"Team: a@b.test, B <b@b.test>;, c@b.test": [("", "a@b.test"), ("B", "b@b.test"), ("", "c@b.test")],
    b"undisclosed-recipients:;": [],
    b"a@b.test; c@d.test": [("", "a@b.test"), ("", "c@d.test")],
    b"=?utf-8?q?J=C3=BCrgen?= <j@b.test>": [("Jürgen", "j@b.test")],
    b'"=?utf-8?q?J=C3=BCrgen?=" <j@b.test>': [("Jürgen", "j@b.test")],
    b"=?utf-8?q?a=2C_b_=3Cx=40y=3E?= <j@b.test>": [("a, b <x@y>", "j@b.test")],
    b'"never closed <a@b.test>': [("never closed", "a@b.test")],
    b"A <a@b.test, B <c@d.test>": [("A", "a@b.test"), ("B", "c@d.test")],
    b"<@relay.test,@other.test:a@b.test>": [("", "a@b.test")],
    b'"with space"@b.test': [("", '"with space"@b.test')],
    b"Anna a@b.test": [("Anna", "a@b.test")],
    b"'Anna' <a@b.test>": [("Anna", "a@b.test")],
    b"MAILTO:a@b.test": [("", "a@b.test")],
    b", ,,a@b.test,,": [("", "a@b.test")],
    b"Anna": [("", "Anna")],
    b"<>": [("", "")],
    b"Anna <a @ b.test>": [("Anna", "a@b.test")],
    b"(only a comment)": [],
    "Jürgen <jürgen@bücher.test>".encode(): [("Jürgen", "jürgen@bücher.test")],
    b"a@b.test\r\n ,\r\n c@d.test": [("", "a@b.test"), ("", "c@d.test")],
}


@pytest.mark.parametrize("octets", ADDRESSES)
def test_addresses_are_found(octets: bytes) -> None:
    assert addresses(octets) == tuple(MailAddress(*pair) for pair in ADDRESSES[octets])


@given(st.binary(max_size=200) | st.text('<>,;:"\\()@a. =?', max_size=60).map(str.encode))
def test_any_octets_are_read_as_addresses(octets: bytes) -> None:
    for address in addresses(octets):
        assert one_line(address.name) == address.name
        assert one_line(address.address) == address.address


@pytest.mark.parametrize(
    "piece", [b"<", b"(", b'"', b"\\", b'"\\', b"a<b", b"(a", b"a ", b"@a", b"=?utf-8?q?", b":", b"a,"]
)
def test_no_field_takes_long(piece: bytes) -> None:
    octets = (piece * 64_000)[:64_000]
    begun = time.process_time()
    addresses(octets)
    decode(octets)
    message_ids(octets)
    parse_value(octets)
    parse_date(octets)
    parse_headers(octets)
    assert time.process_time() - begun < 2


def test_message_ids_are_taken_out() -> None:
    assert message_ids(b"<a@b>\r\n <c@d> <a@b>") == ("<a@b>", "<c@d>")
    assert message_ids(b"Message of Monday <a\r\n b@c>") == ("<ab@c>",)
    assert message_ids(b"a@b c@d") == ("<a@b>", "<c@d>")
    assert message_ids(b"nothing") == ()
    many = b" ".join(b"<%d@x>" % number for number in range(IDS_MAX + 50))
    assert len(message_ids(many)) == IDS_MAX
    assert message_ids(many)[0] == "<0@x>"
    assert message_ids(many)[-1] == f"<{IDS_MAX + 49}@x>"


PARAMETERS = {
    b"attachment; filename=a.txt": "a.txt",
    b'attachment; filename="a;b.txt"': "a;b.txt",
    b"attachment; filename=my file.txt": "my file.txt",
    b'attachment; FileName = "a.txt" ; size=1': "a.txt",
    b"attachment; filename*=utf-8''%C3%A4.txt": "ä.txt",
    b"attachment; filename=plain.txt; filename*=utf-8'de'%C3%A4.txt": "ä.txt",
    b"attachment; filename*0*=iso-8859-1''%E4; filename*1=b; filename*2*=%FC.txt": "äbü.txt",
    b"attachment; filename*1=b; filename*0=a": "ab",
    b"attachment; filename*0=a; filename*2=c": "a",
    b'attachment; filename="=?utf-8?q?=C3=A4.txt?="': "ä.txt",
    b"attachment; filename==?utf-8?b?w6QudHh0?=": "ä.txt",
    'attachment; filename="ä.txt"'.encode(): "ä.txt",
    b'attachment; filename="\xe4.txt"': "ä.txt",
    b'attachment; filename="C:\\dir\\a.txt"': "C:\\dir\\a.txt",
    b'attachment; filename="a\\"b.txt"': 'a"b.txt',
    b'attachment; filename="never closed': "never closed",
    b"attachment; filename": "",
    b"attachment; filename*=utf-8''a%0D%0AX: y": "a X: y",
    b"attachment (a comment; filename=no); filename=yes": "yes",
}


@pytest.mark.parametrize("octets", PARAMETERS)
def test_file_names_are_found_however_they_are_written(octets: bytes) -> None:
    assert parameter_text(parse_value(octets)[1], "filename") == PARAMETERS[octets]


@given(st.binary(max_size=200))
def test_any_octets_are_read_as_parameters(octets: bytes) -> None:
    value, parameters = parse_value(octets)
    assert value == value.lower()
    for key, _ in parameters:
        parameter_text(parameters, key.partition("*")[0])


DATES = {
    b"Mon, 23 Nov 2026 20:13:00 +0100": (1795461180, 60),
    b"23 Nov 26 20:13 EST": (1795482780, -300),
    b"Mon Nov 23 20:13:00 2026": (1795464780, 0),
    b"2026-11-23T20:13:00Z": (1795464780, 0),
    b"2026-11-23 20:13:00+02:00": (1795457580, 120),
    b"Mon, 23 Nov 2026 08:13:00 PM -0500 (EST)": (1795482780, -300),
    b"23.11.2026 20:13": (1795464780, 0),
    b"23.11.2026": (1795392000, 0),
    b"11/23/2026 8:13 PM": (1795464780, 0),
    b"Mon, 23-Nov-2026 20.13.00 GMT": (1795464780, 0),
    b"Tue, 1 Jan 102 00:00:00 +0000": (1009843200, 0),
    b"November 23, 2026": (1795392000, 0),
    b"Mon, 23 Nov 2026 20:13:00 GMT+0200": (1795457580, 120),
    b"Mon, 23 Nov 2026 20:13:00 +9999": (1795464780, 0),
    b"Mon, 23 Nov 2026 20:13:00 MESZ": (1795457580, 120),
    "Mo, 23 Mär 2026 20:13:00 +0100".encode(): (1774293180, 60),
    b"Mon,  23\tNov 2026 20:13:00 -0000": (1795464780, 0),
    b"31 Dec 1969 23:59:59 GMT": (-1, 0),
}


@pytest.mark.parametrize("octets", DATES)
def test_dates_are_read_in_any_shape(octets: bytes) -> None:
    assert parse_date(octets) == Moment(*DATES[octets])


@pytest.mark.parametrize(
    "octets", [b"", b"yesterday", b"32 Nov 2026 20:00", b"Mon, 30 Feb 2026 10:00:00 +0000", b"\xff" * 300]
)
def test_what_is_no_date_is_none(octets: bytes) -> None:
    assert parse_date(octets) is None


@given(st.binary(max_size=200) | st.text("0123456789:/.-+ NovJanGMTZ,", max_size=60).map(str.encode))
def test_any_octets_are_a_date_or_none(octets: bytes) -> None:
    moment = parse_date(octets)
    assert moment is None or abs(moment.offset) < 900
