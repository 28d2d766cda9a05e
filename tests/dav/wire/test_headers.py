"""WebDAV headers as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.wire.headers import (
    Depth,
    IfList,
    StateCondition,
    parse_depth,
    parse_etags,
    parse_if,
    parse_overwrite,
    parse_preferences,
    parse_timeout,
    submitted_tokens,
)


@pytest.mark.parametrize(
    ("text", "etags"),
    [
        ("*", {"*"}),
        ('"a"', {"a"}),
        ('"a", W/"b" ,"c,d"', {"a", "b", "c,d"}),
        ("bare", {"bare"}),
        ('"*"', set()),
        (' , "a" ,, ', {"a"}),
    ],
)
def test_lists_of_etags(text: str, etags: set[str]) -> None:
    assert parse_etags(text) == frozenset(etags)


def test_an_absent_list_is_none_and_a_broken_one_refused() -> None:
    assert parse_etags(None) is None
    for text in ('"a', '"a" "b"', "a b", ",".join(f'"{n}"' for n in range(200))):
        with pytest.raises(MalformedInput):
            parse_etags(text)


def test_an_if_header_with_tags_negations_and_etags() -> None:
    lists = parse_if('<http://h/a> (<urn:uuid:1> ["e"]) (not <DAV:no-lock>) </b> (Not [W/"x"])')
    assert lists == (
        IfList("http://h/a", (StateCondition(False, "urn:uuid:1"), StateCondition(False, etag="e"))),
        IfList("http://h/a", (StateCondition(True, "DAV:no-lock"),)),
        IfList("/b", (StateCondition(True, etag="x"),)),
    )
    assert submitted_tokens(lists) == {"1", "DAV:no-lock"}


@pytest.mark.parametrize(
    "text", ["", "()", "(", "(<a>", "<a>", "(Not Not <a>)", "(Not)", "x (<a>)", "(<a>) x", '(["a)']
)
def test_if_headers_that_do_not_follow_the_grammar(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_if(text)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("Second-10", 10_000),
        ("Infinite, Second-10", (2**32 - 1) * 1000),
        ("Extended, Second-5", 5000),
        ("", None),
        ("Second-99999999999999", None),
        ("Second-²", None),
    ],
)
def test_timeouts(text: str, milliseconds: int | None) -> None:
    assert parse_timeout(text) == milliseconds


def test_depths_and_overwrite() -> None:
    assert parse_depth({}, Depth.ONE) is Depth.ONE
    assert parse_depth({"depth": "1,noroot"}, Depth.ZERO) is Depth.ONE
    assert parse_depth({"depth": "Infinity"}, Depth.ZERO) is Depth.INFINITY
    with pytest.raises(MalformedInput):
        parse_depth({"depth": "7"}, Depth.ZERO)
    assert parse_overwrite("")
    assert not parse_overwrite(" f ")


def test_preferences_that_are_unknown_are_ignored() -> None:
    preferences = parse_preferences({"prefer": 'respond-async, return="minimal"; x=1, depth-noroot'})
    assert (preferences.minimal, preferences.no_root) == (True, True)
    assert preferences.applied == "return=minimal, depth-noroot"
    assert parse_preferences({"prefer": "return-minimal"}).minimal
    assert not parse_preferences({"brief": "f"}).minimal


@given(st.text(alphabet='()<>[]"NotW/ab *,:', max_size=60))
def test_any_text_either_parses_or_is_malformed(text: str) -> None:
    for parse in (parse_if, parse_etags, parse_overwrite):
        try:
            parse(text)
        except MalformedInput:
            continue
    parse_timeout(text)
    parse_preferences({"prefer": text, "depth": text})
