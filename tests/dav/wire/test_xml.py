"""XML of requests and answers."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.wire.multistatus import Propstat, document, error_body, multistatus, response, status_response
from folkmoot.dav.wire.names import empty_element
from folkmoot.dav.wire.xml import escape, parse_body, xml_text

BOMB = (
    b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "&%c;&%c;&%c;">' % (98 + n, 97 + n, 97 + n, 97 + n) for n in range(20)
    ) + b"]><l>&u;</l>"
)  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"<a>",
        b"text",
        b"<a/><b/>",
        b"<a b='1' b='2'/>",
        b"<x:a/>",
        b"<a xmlns:b=''/>",
        b"\xff\xfe<a/>",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<a>&nbsp;</a>",
        b"<a>\x00</a>",
        b"<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>".encode("utf-16"),
        BOMB,
    ],
)
def test_what_is_not_well_formed_or_has_a_doctype_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedInput):
        parse_body(body)


@pytest.mark.parametrize(
    "body", [b"<a>" * 150 + b"</a>" * 150, b"<a>" + b"<b/>" * 200_000 + b"</a>", b"<a>" + b"x" * 9_000_000 + b"</a>"]
)
def test_what_is_too_large_or_too_deep_is_refused(body: bytes) -> None:
    with pytest.raises((TooLarge, MalformedInput)):
        parse_body(body)


def test_a_million_levels_are_refused_at_once() -> None:
    with pytest.raises((TooLarge, MalformedInput)):
        parse_body(b"<a>" * 1_000_000)


def test_an_empty_body_is_none_and_comments_are_gone() -> None:
    assert parse_body(b" \r\n") is None
    root = parse_body(b"<a><!-- c --><?pi x?><b/></a>")
    assert root is not None
    assert [child.tag for child in root] == ["b"]


def test_a_part_of_a_document_stands_alone() -> None:
    root = parse_body(b"<a xmlns:p='urn:p' xmlns:q='urn:q' xml:lang='de'><p:b q:c='&lt;1'>x<d/></p:b>tail</a>")
    assert root is not None
    alone = ET.fromstring(xml_text(root[0]))  # noqa: S314
    assert alone.tag == "{urn:p}b"
    assert alone.attrib == {"{urn:q}c": "<1", "{http://www.w3.org/XML/1998/namespace}lang": "de"}
    assert alone.tail is None


@given(st.text())
def test_escaped_text_is_well_formed_and_comes_back(text: str) -> None:
    again = ET.fromstring(f'<a b="{escape(text)}">{escape(text)}</a>'.encode())  # noqa: S314
    legal = "".join(c if escape(c) != "\ufffd" else "\ufffd" for c in text)
    assert (again.text or "") == legal


def test_answers_are_well_formed() -> None:
    props = [Propstat(200, "<D:displayname>a</D:displayname>"), Propstat(404, empty_element("{urn:\"'&x}y"), "<D:z/>")]
    body = multistatus([response("/a", props), status_response("/b", 404, "<D:e/>")], sync_token="t&<")
    root = ET.fromstring(body)  # noqa: S314
    assert root.findtext("{DAV:}sync-token") == "t&<"
    assert len(root) == 3
    assert ET.fromstring(error_body("{urn:o&x}cond", "<D:href>/a</D:href>"))[0][0].text == "/a"  # noqa: S314
    assert ET.fromstring(document("D:prop", "")).tag == "{DAV:}prop"  # noqa: S314
