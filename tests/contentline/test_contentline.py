"""Content lines: what comes in goes out, and what is broken is named."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.contentline import (
    Line,
    Parameter,
    escape_text,
    fold,
    format_line,
    format_lines,
    line_number,
    parse_lines,
    split_values,
    unescape_text,
)
from folkmoot.core.errors import MalformedInput, TooLarge

APPLE = (
    "BEGIN:VEVENT\r\n"
    'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="Platz 1, 10115 Berlin";X-TI\r\n'
    ' TLE="Café: Mitte":geo:52.5,13.4\r\n'
    "SUMMARY;LANGUAGE=de:Gr\u00fc\u00dfe\\, alle\r\n"
    "END:VEVENT\r\n"
)


def test_untouched_lines_come_out_as_they_came_in() -> None:
    assert format_lines(parse_lines(APPLE)) == APPLE
    assert format_lines(parse_lines(APPLE.encode())).encode() == APPLE.encode()


def test_name_parameters_and_value_are_read() -> None:
    line = parse_lines(APPLE)[1]
    assert line.name == "X-APPLE-STRUCTURED-LOCATION"
    assert line.value == "geo:52.5,13.4"
    assert line.param("X-TITLE") == "Café: Mitte"
    assert line.param("X-ADDRESS") == "Platz 1, 10115 Berlin"
    assert line.param("ABSENT") is None
    assert line.has_params
    assert line.param_values("VALUE") == ("URI",)


def test_a_changed_value_keeps_the_spelling_of_its_parameters() -> None:
    [line] = parse_lines("dtstart;Tzid=Europe/Berlin:20260101T100000\r\n")
    changed = line.replace(value="20260102T100000")
    assert format_line(changed) == "dtstart;Tzid=Europe/Berlin:20260102T100000"
    assert changed.param("TZID") == "Europe/Berlin"


def test_a_parameter_can_be_set_and_removed() -> None:
    line = Line("ATTENDEE", "mailto:a@example.org", [Parameter("CN", ("A, B",))])
    assert format_line(line) == 'ATTENDEE;CN="A, B":mailto:a@example.org'
    assert format_line(line.with_param("PARTSTAT", "ACCEPTED")).startswith('ATTENDEE;CN="A, B";PARTSTAT')
    assert format_line(line.with_param("CN")) == "ATTENDEE:mailto:a@example.org"
    assert line.replace(name="ORGANIZER").name == "ORGANIZER"


def test_equality_looks_at_meaning_not_at_spelling() -> None:
    [written] = parse_lines('summary;x="1":t\r\n')
    assert written == Line("SUMMARY", "t", [Parameter("X", ("1",))])
    assert hash(written) == hash(Line("SUMMARY", "t"))
    assert written != "summary"
    assert "SUMMARY" in repr(written)


def test_groups_are_split_off() -> None:
    [line] = parse_lines("item1.X-ABLabel:_$!<HomePage>!$_\r\n")
    assert (line.group, line.name) == ("item1", "X-ABLABEL")
    assert format_line(line.replace(value="Blog")) == "item1.X-ABLabel:Blog"


def test_bare_words_of_vcard_21_are_parameters_without_values() -> None:
    [line] = parse_lines("TEL;HOME;VOICE:1\r\n")
    assert line.params == (Parameter("HOME", ()), Parameter("VOICE", ()))
    assert format_line(line.replace(params=line.params)) == "TEL;HOME;VOICE:1"


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\r\n", "\r\n"])
def test_every_kind_of_line_break_is_read(line_break: str) -> None:
    text = line_break.join(["BEGIN:VEVENT", "SUMMARY:a", " b", "\tc", "", "END:VEVENT", ""])
    assert [line.value for line in parse_lines(text)] == ["VEVENT", "abc", "VEVENT"]


def test_a_fold_inside_a_character_is_mended() -> None:
    body = b"SUMMARY:" + b"\xc3\r\n \xbc" + b"!\r\n"
    [line] = parse_lines(body)
    assert line.value == "ü!"
    assert format_line(line) == "SUMMARY:ü!"


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_lines(b"\xef\xbb\xbfSUMMARY:a\r\n") == [Line("SUMMARY", "a")]


def test_bytes_that_are_not_utf8_need_a_charset() -> None:
    body = b"FN:a\r\nNOTE:M\xfcller\r\n"
    with pytest.raises(MalformedInput, match="line 2"):
        parse_lines(body)
    assert parse_lines(body, fallback_charset="cp1252")[1].value == "Müller"
    named = b"NOTE;CHARSET=iso-8859-2:\xb3\r\nFN:\xc3\xbc\r\n"
    assert [line.value for line in parse_lines(named, fallback_charset="cp1252")] == ["ł", "ü"]
    unknown = b"NOTE;CHARSET=klingon:\x81\r\n"
    assert parse_lines(unknown, fallback_charset="cp1252")[0].value == "\x81"


def test_soft_line_breaks_of_quoted_printable_are_joined_on_request() -> None:
    text = "NOTE;ENCODING=QUOTED-PRINTABLE:one=20=\r\ntwo=\r\nthree\r\nFN:a=\r\n"
    lines = parse_lines(text, quoted_printable=True)
    assert [line.value for line in lines] == ["one=20twothree", "a="]
    assert format_lines(lines) == text
    cut_short = "NOTE;QUOTED-PRINTABLE:one=\r\n"
    assert parse_lines(cut_short, quoted_printable=True)[0].value == "one"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("BEGIN:VEVENT\r\nnonsense\r\n", "line 2"),
        ("A:1\r\n 2\r\n 3\r\nnonsense\r\n", "line 4"),
        ("A:1\r\nB?:2\r\n", "line 2"),
        (":value\r\n", "line 1"),
        ("A.:value\r\n", "line 1"),
    ],
)
def test_a_broken_line_is_named_by_its_number(text: str, place: str) -> None:
    with pytest.raises(MalformedInput, match=place):
        parse_lines(text)


def test_line_numbers_count_folds() -> None:
    assert line_number(parse_lines("A:1\r\n 2\r\nB:3\r\n"), 1) == 3


def test_limits_are_kept() -> None:
    with pytest.raises(TooLarge):
        parse_lines(b"A:1\r\n", octets_max=3)
    with pytest.raises(TooLarge):
        parse_lines("A:1\r\nA:2\r\n", lines_max=1)
    with pytest.raises(TooLarge):
        _ = parse_lines("A" + ";B" * 2_000 + ":1\r\n")[0].params


def test_quotes_that_never_close_are_taken_as_they_stand() -> None:
    [line] = parse_lines('ATTENDEE;CN="Anna:mailto:anna@example.org\r\n')
    assert line.value == "mailto:anna@example.org"
    assert line.param("CN") == "Anna"
    [line] = parse_lines('A;X=one,"two:three":v\r\n')
    assert line.params[0].values == ("one", "two:three")


def test_carets_are_decoded_and_encoded() -> None:
    [line] = parse_lines("ATTENDEE;CN=George ^'Babe^' Ruth^nx ^^ ^y:mailto:b\r\n")
    assert line.param("CN") == 'George "Babe" Ruth\nx ^ ^y'
    assert parse_lines(format_line(line.replace(params=line.params)))[0].params == line.params


def test_a_value_cannot_smuggle_in_a_line() -> None:
    assert format_line(Line("SUMMARY", "a\r\nATTENDEE:b")) == "SUMMARY:a\\nATTENDEE:b"
    assert parse_lines(format_line(Line("A", "v", [Parameter("X", ("a\r\nB:c",))])))[0].value == "v"


@pytest.mark.parametrize(
    "line",
    [
        Line("A:B", "v"),
        Line("A", "v", group="x:y"),
        Line("A", "v", [Parameter("X=Y", ("1",))]),
        Line("", "v"),
    ],
)
def test_impossible_names_are_refused_on_output(line: Line) -> None:
    with pytest.raises(MalformedInput):
        format_line(line)


def test_long_lines_are_folded_at_75_octets_between_characters() -> None:
    folded = fold("SUMMARY:" + "ü€😀" * 100)
    pieces = folded.split("\r\n")
    assert max(len(piece.encode()) for piece in pieces) <= 75
    assert min(len(piece.encode()) for piece in pieces[:-1]) >= 72
    assert folded.replace("\r\n ", "") == "SUMMARY:" + "ü€😀" * 100


@given(st.text())
def test_unescape_inverts_escape(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    assert unescape_text(escape_text(text)) == plain


@given(st.lists(st.text(), min_size=1))
def test_split_values_inverts_joining_escaped_text(texts: list[str]) -> None:
    joined = ",".join(map(escape_text, texts))
    assert [unescape_text(piece) for piece in split_values(joined)] == [
        text.replace("\r\n", "\n").replace("\r", "\n") for text in texts
    ]


def test_a_lone_backslash_at_the_end_stands() -> None:
    assert split_values("a\\,b,c\\") == ["a\\,b", "c\\"]
    assert unescape_text("c\\") == "c\\"


visible = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
names = st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True)
parameters = st.builds(Parameter, names.map(str.upper), st.lists(visible, min_size=1, max_size=3).map(tuple))


@given(names, visible, st.lists(parameters, max_size=3), st.none() | names)
def test_parse_inverts_format(name: str, value: str, params: list[Parameter], group: str | None) -> None:
    line = Line(name, value, params, group)
    assert parse_lines(format_line(line).encode() + b"\r\n") == [line]


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_either_parse_or_are_malformed(body: bytes) -> None:
    for fallback in (None, "cp1252"):
        with suppress(MalformedInput, TooLarge):
            lines = parse_lines(body, fallback_charset=fallback, quoted_printable=True)
            assert all(line.params is not None for line in lines)
            format_lines(lines)


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("ISO-8859-1", "\u00e9"),
        ("windows-1251", "\u0439"),
        ("punycode", "\u00e9"),
        ("nonsense", "\u00e9"),
        ("utf-16", "\u00e9"),
    ],
)
def test_only_real_character_sets_are_believed(charset: str, text: str) -> None:
    (line,) = parse_lines(b"FN;CHARSET=" + charset.encode() + b":\xe9", fallback_charset="windows-1252")
    assert line.value == text
