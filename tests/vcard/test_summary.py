import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import TooLarge, Unsupported
from folkmoot.vcard import (
    InvalidAddressObject,
    PartialDate,
    PropRequest,
    accepted_version,
    check_address_object,
    ensure_uid,
    parse,
    report_version,
    restrict,
    summarize,
)
from folkmoot.vcard import format as format_card
from folkmoot.vcard import summary as summary_module
from folkmoot.vcard.casemap import ascii_casemap, unicode_casemap


def test_the_summary_of_a_card_of_apple(fixture_octets: dict[str, bytes]) -> None:
    summary = summarize(parse(fixture_octets["apple-3.0.vcf"]))
    assert summary.uid == "8C2A5E0E-6F10-4C1C-9D6A-1E53F1C7B0A1"
    assert summary.title == "Dr. Ingrid Marie Ødegård"
    assert summary.names == ("Ødegård", "Ingrid", "Marie", "Dr.", "Dr. Ingrid Marie Ødegård", "Inga")
    assert summary.mails == ("ingrid@fjordkraft.example", "ingrid.odegard@hjemme.example")
    assert summary.phones[0] == "+47 400 12 345"
    assert (summary.component, summary.kind, summary.has_photo) == ("VCARD", "individual", True)
    assert summary.birthday == PartialDate(None, 3, 7)
    assert "FN:dr. ingrid marie ødega\u030ard" in summary.search.split("\n")


def test_kinds(fixture_octets: dict[str, bytes]) -> None:
    kinds = {name: summarize(parse(octets)).kind for name, octets in fixture_octets.items()}
    assert {name for name, kind in kinds.items() if kind == "group"} == {
        "apple-group-3.0.vcf",
        "group-4.0.vcf",
        "sogo-vlist.vcf",
    }
    assert kinds["company-3.0.vcf"] == "org"
    assert kinds["davx5-4.0.vcf"] == "individual"


def test_a_company_without_a_name_is_listed_by_its_organization(fixture_octets: dict[str, bytes]) -> None:
    assert summarize(parse(fixture_octets["company-3.0.vcf"])).title == "Bäckerei Süß & Söhne"


def test_every_fixture_can_be_stored(fixture_octets: dict[str, bytes]) -> None:
    for octets in fixture_octets.values():
        check_address_object(parse(octets))
        assert summarize(parse(octets)).title


def test_a_value_with_line_breaks_is_one_line_of_the_search_text() -> None:
    summary = summarize(parse("BEGIN:VCARD\r\nFN:a\\nEMAIL:b\r\nEND:VCARD"))
    assert summary.search == "FN:a\x1femail:b"


def test_more_names_than_the_index_holds_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary_module, "SEARCH_CHARS_MAX", 10)
    with pytest.raises(TooLarge):
        summarize(parse("BEGIN:VCARD\r\nFN:eleven chars\r\nEND:VCARD"))


@pytest.mark.parametrize(
    "lines",
    [
        "FN:x",
        "UID:",
        "UID:a\r\nUID:b",
        "UID:" + "x" * 256,
        "VERSION:5.0\r\nUID:a",
    ],
)
def test_what_cannot_be_stored(lines: str) -> None:
    with pytest.raises(InvalidAddressObject):
        check_address_object(parse(f"BEGIN:VCARD\r\n{lines}\r\nEND:VCARD"))


@pytest.mark.parametrize("lines", ["UID:a", "UID:a\r\nUID:a", "VERSION:2.1\r\nUID:a"])
def test_sloppy_cards_can_be_stored(lines: str) -> None:
    check_address_object(parse(f"BEGIN:VCARD\r\n{lines}\r\nEND:VCARD"))


def test_a_uid_is_added_only_where_there_is_none() -> None:
    without = parse("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nUID:\r\nEND:VCARD\r\n")
    assert format_card(ensure_uid(without, "u;1")) == (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\\;1\r\nFN:x\r\nEND:VCARD\r\n"
    )
    with_uid = ensure_uid(without, "u1")
    assert ensure_uid(with_uid, "u2") is with_uid


def test_partial_retrieval_keeps_what_was_named(fixture_octets: dict[str, bytes]) -> None:
    card = restrict(
        parse(fixture_octets["apple-3.0.vcf"]),
        [PropRequest("fn"), PropRequest("item1.EMAIL"), PropRequest("PHOTO", novalue=True)],
    )
    assert [line.name for line in card.properties] == ["VERSION", "FN", "EMAIL", "PHOTO"]
    assert (card.text("PHOTO"), card.text("FN")) == ("", "Dr. Ingrid Marie Ødegård")


def test_the_version_of_a_report_defaults_to_3_0() -> None:
    assert report_version(None, None) == "3.0"
    assert report_version("text/vcard; charset=utf-8", "4.0") == "4.0"


@pytest.mark.parametrize(("content_type", "version"), [("text/calendar", None), (None, "2.1"), ("text/vcard", "9")])
def test_other_formats_are_unsupported(content_type: str | None, version: str | None) -> None:
    with pytest.raises(Unsupported):
        report_version(content_type, version)


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        (None, None),
        ("*/*", None),
        ("text/vcard", None),
        ("text/html, text/vcard;version=4.0;q=0.9", "4.0"),
        ('text/vcard; version="3.0"', "3.0"),
        ("text/vcard; version=2.1", None),
    ],
)
def test_an_accept_header_may_name_a_version(accept: str | None, version: str | None) -> None:
    assert accepted_version(accept) == version


@given(st.text(max_size=30), st.text(max_size=30))
def test_casemaps_respect_concatenation(left: str, right: str) -> None:
    assert unicode_casemap(left + right) == unicode_casemap(left) + unicode_casemap(right)
    assert ascii_casemap(left + right) == ascii_casemap(left) + ascii_casemap(right)


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert unicode_casemap(unicode_casemap(text)) == unicode_casemap(text)
