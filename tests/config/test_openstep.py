"""OpenStep property lists: what stands in real configurations and backups."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.config import plist
from folkmoot.config.nodes import Dictionary, Plain, plain
from folkmoot.config.openstep import DEPTH_MAX
from folkmoot.core.errors import MalformedInput, TooLarge


def value(text: str | bytes) -> Plain:
    return plain(plist.parse(text).node)


@pytest.mark.parametrize(
    "word",
    [
        "ldap://host:389/????!StartTLS",
        "sieve://127.0.0.1:4190",
        "/var/spool/sogo",
        "a//b",
        "user@example.com",
        "$label1",
        "a&b*c+d#e%f^g|h~i_j",
        "-1",
        "München",
    ],
)
def test_punctuation_may_stand_in_an_unquoted_word(word: str) -> None:
    assert value(f"{{ key = {word}; }}") == {"key": word}


@pytest.mark.parametrize("key", ["acme.com", "anna@acme.com", "$label1", '"two words"'])
def test_keys_may_be_domains_addresses_and_quoted(key: str) -> None:
    assert value(f"{{ {key} = {{ a = b; }}; }}") == {key.strip('"'): {"a": "b"}}


def test_comments_of_both_kinds_stand_between_tokens_at_any_depth() -> None:
    text = """/* head */ { // one
        mapping = { /* two */ displayname = ("cn"); //listRequiresDot = NO;
        // three
        };
    } // end"""
    assert value(text) == {"mapping": {"displayname": ["cn"]}}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"mail=\'*\'", "mail='*'"),
        (r"\"quoted\"", '"quoted"'),
        (r"back\\slash", "back\\slash"),
        (r"tab\tline\n", "tab\tline\n"),
        (r"\101\12", "A\n"),
        (r"\351", "é"),
        (r"\U00e9\u00E9", "éé"),
        (r"\UD83D\UDE00", "😀"),
        (r"lone \UD83D half", "lone � half"),
        ("over\nlines", "over\nlines"),
        (r"\q", "q"),
    ],
)
def test_escapes_of_quoted_texts(written: str, meant: str) -> None:
    assert value(f'"{written}"') == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("(a, b,)", ["a", "b"]),
        ("()", []),
        ("{ a = 1; b = 2 }", {"a": "1", "b": "2"}),
        ("{}", {}),
        ("{ 'a b' = 'c d'; }", {"a b": "c d"}),
        ("{ a = 1; a = 2; }", {"a": "2"}),
    ],
)
def test_a_trailing_comma_and_a_missing_last_semicolon_are_tolerated(text: str, meant: Plain) -> None:
    assert value(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("<*I5>", 5),
        ('<*I"-12">', -12),
        ("<*R1.5>", 1.5),
        ("<*BY>", True),
        ("<*BN>", False),
        ("<*D2024-01-01 01:00:00 +0100>", datetime(2024, 1, 1, tzinfo=UTC)),
        ("<0fbd 77>", b"\x0f\xbd\x77"),
        ("<>", b""),
        ("<[aGVs\nbG8=]>", b"hello"),
    ],
)
def test_gnustep_typed_values_are_read(text: str, meant: Plain) -> None:
    assert value(text) == meant
    assert type(value(text)) is type(meant)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{ a = 1;\n  b 2; }", "line 2, column 5"),
        ("{\n a = ;\n}", "line 2, column 6"),
        ('{ a = "open; }', "line 1, column 7"),
        ("{ a = 1; /* open", "line 1, column 10"),
        ("{ a = <*I5; }", "line 1, column 7"),
        ("{ a = <xyz>; }", "line 1, column 7"),
        ("{ a = <[!]>; }", "line 1, column 7"),
        ("{ a = <*D2024-99-01 00:00:00 +0000>; }", "line 1, column 7"),
        ("{ a = (b; ); }", "line 1, column 9"),
        ("{ a = 1; } b", "line 1, column 12"),
        ("", "line 1, column 1"),
    ],
)
def test_a_fault_is_told_with_line_and_column(text: str, place: str) -> None:
    with pytest.raises(MalformedInput, match=place):
        value(text)


def test_every_key_and_value_knows_its_place() -> None:
    node = plist.parse("{\n  first = one;\n  second = (\n    two\n  );\n}").node
    assert isinstance(node.value, Dictionary)
    second = node.value.find("second")
    assert second is not None
    assert (second.line, second.column) == (3, 3)
    assert isinstance(second.node.value, tuple)
    assert (second.node.value[0].line, second.node.value[0].column) == (4, 5)


def test_a_no_break_space_is_read_as_a_space_and_reported_where_it_stands() -> None:
    parsed = plist.parse('{\n\u00a0 a = 1;\n // not\u00a0here\n b = "x\u00a0y"; /*\u00a0*/\n}')
    assert plain(parsed.node) == {"a": "1", "b": "x\u00a0y"}
    assert parsed.no_break_spaces == ((2, 1), (4, 8))


def test_nesting_has_a_limit() -> None:
    assert value("(" * DEPTH_MAX + ")" * DEPTH_MAX) is not None
    with pytest.raises(TooLarge):
        value("(" * 100_000)
    with pytest.raises(TooLarge):
        value("{a=" * 100_000)


def test_size_has_a_limit_that_a_backup_reader_may_raise() -> None:
    text = "(" + "a," * 3_000_000 + ")"
    with pytest.raises(TooLarge):
        plist.parse(text)
    assert plist.parse("(a, b)", size_max=6).node.value


@pytest.mark.parametrize("content", ['{a="é";}'.encode(), '{a="é";}'.encode("latin-1"), "\ufeff{a=é;}".encode()])
def test_bytes_are_utf_8_or_else_latin_1(content: bytes) -> None:
    assert value(content) == {"a": "é"}


def test_binary_property_lists_are_refused_by_name() -> None:
    with pytest.raises(MalformedInput, match="binary"):
        value(b"bplist00...")


_scalars = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False)
    | st.binary()
    | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    )
)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_values)
def test_parse_inverts_format(written: Plain) -> None:
    assert value(plist.format(written)) == written


_SEED = """{ /* c */ a = "x\\U00e9\\101"; b = (1, <*I5>, <0f>, <[aGk=]>, <*D2024-01-01 00:00:00 +0000>); // d
 acme.com = { filter = "(NOT a='b')"; url = ldap://h/????!StartTLS; }; }"""
_fragments = st.sampled_from(
    [
        "",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "<*",
        "[",
        '"',
        "'",
        "\\",
        "\\U",
        "=",
        ";",
        ",",
        "/*",
        "*/",
        "//",
        "\u00a0",
        "\0",
        "\ud800",
        "é",
    ]
)


@given(st.lists(st.tuples(st.integers(0, len(_SEED)), st.integers(0, 6), _fragments), max_size=4))
def test_a_mutated_property_list_either_parses_or_is_malformed(mutations: list[tuple[int, int, str]]) -> None:
    text = _SEED
    for position, removed, inserted in mutations:
        text = text[:position] + inserted + text[position + removed :]
    with contextlib.suppress(MalformedInput, TooLarge):
        value(text)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_input_either_parses_or_is_malformed(content: bytes | str) -> None:
    with contextlib.suppress(MalformedInput, TooLarge):
        value(content)
