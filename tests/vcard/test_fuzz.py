"""Whatever bytes arrive, the room answers with a value, a Rejected, MalformedInput or TooLarge."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.vcard import (
    AddressFilter,
    Card,
    Collation,
    InvalidAddressObject,
    MatchType,
    ParamFilter,
    PropFilter,
    PropRequest,
    Rejected,
    Test,
    TextMatch,
    binary_value,
    birthdays,
    cards_from_csv,
    cards_from_ldif,
    check_address_object,
    csv_from_cards,
    display_name,
    ensure_uid,
    ldif_from_cards,
    match,
    parse,
    parse_stream,
    prefilter,
    restrict,
    summarize,
    to_version,
)
from folkmoot.vcard import format as format_card
from tests.support.card_inputs import mutations, samples

INPUTS = 2_000
NIGHTLY_INPUTS = int(os.environ.get("FOLKMOOT_FUZZ_INPUTS", "1000000"))

FILTERS = [
    AddressFilter(
        (
            PropFilter("FN", text_matches=(TextMatch("a", Collation.OCTET, MatchType.STARTS_WITH),)),
            PropFilter("item1.TEL", param_filters=(ParamFilter("TYPE", text_match=TextMatch("cell", negate=True)),)),
            PropFilter("EMAIL", text_matches=(TextMatch("e"),)),
        ),
        test,
    )
    for test in Test
] + [
    AddressFilter(
        (PropFilter("N", text_matches=(TextMatch("ö"),)), PropFilter("EMAIL", text_matches=(TextMatch("e"),)))
    )
]


def try_card(card: Card) -> None:
    text = format_card(card)
    # What we write we read, and it stays the same from then on.
    assert format_card(parse(text)) == text
    summary = summarize(card)
    assert summary.search.count("\n") < max(1, len(card.properties))
    assert "\x00" not in summary.search
    for condition in FILTERS:
        narrowed = prefilter(condition)
        found = match(card, condition)
        if narrowed is not None and (found or narrowed.exact):
            assert narrowed.accepts(summary.search) is found
    display_name(card)
    birthdays(card)
    for line in card.properties:
        binary_value(line)
    try_conversions(card)
    format_card(restrict(card, [PropRequest("FN"), PropRequest("item1.TEL", novalue=True)]))
    with suppress(InvalidAddressObject):
        check_address_object(ensure_uid(card, "u"))


def try_conversions(card: Card) -> None:
    newer = to_version(card, "4.0")
    older = to_version(card, "3.0")
    for converted in (newer, older, to_version(newer, "3.0"), to_version(older, "4.0")):
        assert parse(format_card(converted)).properties or not card.properties  # an empty list stays empty


def try_octets(octets: bytes) -> None:
    for item in (*parse_stream(octets), *cards_from_ldif(octets)):
        if isinstance(item, Rejected):
            assert item.line >= 1
            continue
        try_card(item)
        list(cards_from_ldif(ldif_from_cards([item]).encode()))
        list(cards_from_csv(csv_from_cards([item]).encode()))
    with suppress(MalformedInput, TooLarge):
        parse(octets)
    with suppress(MalformedInput, TooLarge):
        for item in cards_from_csv(octets):
            if isinstance(item, Card):
                format_card(item)


def test_damaged_samples_never_surprise(fixtures_path: Path) -> None:
    for octets in mutations(samples(fixtures_path), count=INPUTS, seed=6350):
        try_octets(octets)


@pytest.mark.nightly
def test_very_many_damaged_samples_never_surprise(fixtures_path: Path) -> None:
    for octets in mutations(samples(fixtures_path), count=NIGHTLY_INPUTS, seed=2426):
        try_octets(octets)
