"""XML property lists, and what must not get in with XML."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.config import plist
from folkmoot.config.nodes import Dictionary, plain
from folkmoot.core.errors import MalformedInput, TooLarge

APPLE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
)
DOCUMENT = APPLE + (
    '<plist version="1.0"><dict>\n<key>name</key><string>a &amp; b</string>\n<key>list</key><array><integer>5</integer>'
    "<real>1.5</real><true/><false/><date>2024-01-01T00:00:00Z</date><data>aGVs\nbG8=</data><dict/></array></dict></plist>"
)


def test_every_kind_of_value_is_read() -> None:
    assert plain(plist.parse(DOCUMENT).node) == {
        "name": "a & b",
        "list": [5, 1.5, True, False, datetime(2024, 1, 1, tzinfo=UTC), b"hello", {}],
    }


def test_keys_know_their_line() -> None:
    node = plist.parse(DOCUMENT).node
    assert isinstance(node.value, Dictionary)
    assert [entry.line for entry in node.value] == [4, 5]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE plist [<!ENTITY a "b">]><plist><string>&a;</string></plist>',
        '<!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]><plist><string>&a;</string></plist>',
        '<!DOCTYPE plist [<!ENTITY % a SYSTEM "http://127.0.0.1/"> %a;]><plist><string/></plist>',
        "<!DOCTYPE plist []><plist><string/></plist>",
        "<plist><string>&undefined;</string></plist>",
    ],
)
def test_entities_and_internal_subsets_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        plist.parse(text)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<dict><key>a</key></dict>",
        "<dict><string>a</string></dict>",
        "<dict><key>a</key><key>b</key><string/></dict>",
        "<array><key>a</key></array>",
        "<string>a</string><string>b</string>",
        "<string><string>a</string></string>",
        "<integer>five</integer>",
        "<integer>" + "9" * 5_000 + "</integer>",
        "<real>x</real>",
        "<date>2024-13-01T00:00:00Z</date>",
        "<data>!</data>",
        "<unknown/>",
        "loose text",
        "<string>a</dict>",
    ],
)
def test_what_is_no_property_list_is_malformed(body: str) -> None:
    with pytest.raises(MalformedInput):
        plist.parse(f"<plist>{body}</plist>")


def test_nesting_has_a_limit() -> None:
    with pytest.raises(TooLarge):
        plist.parse("<plist>" + "<array>" * 100_000)


@given(st.lists(st.tuples(st.integers(0, len(DOCUMENT)), st.integers(0, 8), st.text(max_size=3)), max_size=3))
def test_a_mutated_document_either_parses_or_is_malformed(mutations: list[tuple[int, int, str]]) -> None:
    text = DOCUMENT
    for position, removed, inserted in mutations:
        text = text[:position] + inserted + text[position + removed :]
    with contextlib.suppress(MalformedInput, TooLarge):
        plist.parse(text)
