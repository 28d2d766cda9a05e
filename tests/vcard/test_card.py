import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.vcard import Card, Rejected, binary_value, display_name, parse, parse_stream, text_value, types
from folkmoot.vcard import card as card_module
from folkmoot.vcard import format as format_card

# Not UTF-8, so the bytes of the text cannot come back; the store keeps them.
NOT_UTF8 = {"outlook-2.1-latin1.vcf"}


def test_what_came_in_goes_out(fixture_octets: dict[str, bytes]) -> None:
    for name, octets in fixture_octets.items():
        if name in NOT_UTF8:
            continue
        expected = octets.replace(b"\r\n\r\nX-CLASS", b"\r\nX-CLASS")  # the blank line that ends 2.1 base64
        assert format_card(parse(octets)).encode() == expected, name


def test_bare_line_feeds_are_read_and_become_crlf() -> None:
    assert format_card(parse("BEGIN:VCARD\nFN:A\nEND:VCARD\n")) == "BEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n"


def test_quoted_printable_in_a_named_character_set_is_read(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["nokia-2.1.vcf"])
    assert card.text("FN") == "Sönke Jürgens"
    assert card.text("LABEL") == "Große Elbstraße 9\r\n22767 Hamburg\r\nDeutschland"
    assert card.text("NOTE") == "Klingelt zweimal; hört schlecht"
    assert types(card.all("TEL")[1]) == ("home", "voice")


def test_eight_bit_text_is_read_in_its_character_set(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["outlook-2.1-latin1.vcf"])
    assert card.text("FN") == "Änne Müßig"
    assert display_name(card) == "Änne Müßig"


def test_text_folded_inside_a_character_is_mended() -> None:
    octets = b"BEGIN:VCARD\r\nFN:Zo" + b"\xc3\r\n \xab" + b" Lef\r\nEND:VCARD\r\n"
    assert parse(octets).text("FN") == "Zoë Lef"


def test_photos_of_all_three_versions_are_the_same_octets(fixture_octets: dict[str, bytes]) -> None:
    contents = set()
    for name in ("apple-3.0.vcf", "nokia-2.1.vcf", "davx5-4.0.vcf"):
        photo = parse(fixture_octets[name]).get("PHOTO")
        assert photo is not None
        binary = binary_value(photo)
        assert binary is not None
        assert binary.media_type == "image/png"
        contents.add(binary.content)
    assert len(contents) == 1


def test_a_card_within_agent_does_not_hide_its_master(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["agent-2.1.vcf"])
    assert card.text("FN") == "Big Boss"
    assert card.text("UID") == "boss-1"
    agent = card.text("AGENT")
    assert agent is not None
    assert parse(agent).text("FN") == "Fred Friday"


def test_apple_labels_are_found_by_group(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["apple-3.0.vcf"])
    phone = card.all("TEL")[2]
    assert (phone.group, card.label(phone)) == ("item2", "Hytta")
    assert card.label(card.all("TEL")[0]) is None


def test_a_list_of_sogo_is_read(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["sogo-vlist.vcf"])
    assert card.component == "VLIST"
    members = card.all("CARD")
    assert [member.param("EMAIL") for member in members] == ["siobhan@baile.example", "k.wisniewska@firma.example"]
    assert members[0].param("FN") == "O'Neill, Siobhán"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FN:x\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCARD\r\nFN:x\r\n",
        "BEGIN:VCARD\r\nFN:x\r\nEND:VLIST\r\n",
        "BEGIN:VCARD\r\nno colon\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nEND:VCARD\r\nFN:x\r\nEND:VCARD\r\n",
    ],
)
def test_what_is_not_exactly_one_card_is_malformed(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse(text)


def test_the_message_names_the_line() -> None:
    with pytest.raises(MalformedInput, match="line 3"):
        parse("BEGIN:VCARD\r\nFN:x\r\nno colon\r\nEND:VCARD\r\n")


def test_cards_nested_without_end_are_too_large() -> None:
    depth = 20
    text = "BEGIN:VCARD\r\n" + "AGENT:\r\nBEGIN:VCARD\r\n" * depth + "END:VCARD\r\n" * (depth + 1)
    with pytest.raises(TooLarge):
        parse(text)


def test_too_many_parameters_are_refused_at_once() -> None:
    with pytest.raises(TooLarge):
        parse("BEGIN:VCARD\r\nTEL" + ";TYPE=a" * 1_001 + ":1\r\nEND:VCARD\r\n")


def test_too_many_lines_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_module, "CARD_LINES_MAX", 100)
    with pytest.raises(TooLarge):
        parse("BEGIN:VCARD\r\n" + "NOTE:x\r\n" * 100 + "END:VCARD\r\n")


def test_one_bad_card_hides_no_other(fixture_octets: dict[str, bytes]) -> None:
    good = fixture_octets["thunderbird-3.0.vcf"]
    unended = b"BEGIN:VCARD\r\nFN:open\r\n"
    broken = b"BEGIN:VCARD\r\nno colon\r\nEND:VCARD\r\n"
    data = good + b"\r\n" + broken + b"stray\r\n" + fixture_octets["agent-2.1.vcf"] + unended + good
    found = list(parse_stream(data))
    assert [type(item) for item in found] == [Card, Rejected, Rejected, Card, Rejected, Card]
    lines = data.split(b"\r\n")
    rejected = [item for item in found if isinstance(item, Rejected)]
    starts = [lines.index(b"no colon"), lines.index(b"stray") + 1, lines.index(b"FN:open")]
    assert [item.line for item in rejected] == starts


def test_all_fixtures_in_one_file_are_found(fixture_octets: dict[str, bytes]) -> None:
    found = list(parse_stream(b"\r\n".join(fixture_octets.values())))
    assert len(found) == len(fixture_octets)
    assert all(isinstance(item, Card) for item in found)


def test_a_file_in_utf16_is_read(fixture_octets: dict[str, bytes]) -> None:
    (card,) = parse_stream(fixture_octets["google-3.0.vcf"].decode().encode("utf-16"))
    assert isinstance(card, Card)
    assert card.text("FN") == "株式会社 山田 太郎"


def test_a_file_with_bare_carriage_returns_is_read() -> None:
    found = list(parse_stream(b"BEGIN:VCARD\rFN:a\rEND:VCARD\rBEGIN:VCARD\rFN:b\rEND:VCARD\r"))
    assert [card.text("FN") for card in found if isinstance(card, Card)] == ["a", "b"]


def test_setting_a_property_keeps_its_place() -> None:
    card = parse("BEGIN:VCARD\r\nFN:a\r\nTEL:1\r\nfn:b\r\nEND:VCARD\r\n")
    card.set(Line("FN", "c"))
    card.set(Line("NOTE", "d"))
    assert format_card(card) == "BEGIN:VCARD\r\nFN:c\r\nTEL:1\r\nNOTE:d\r\nEND:VCARD\r\n"
    card.remove("TEL")
    assert card.get("TEL") is None


def test_a_quoted_list_of_types_is_several_types() -> None:
    line = Line("TEL", "1", (Parameter("TYPE", ("cell,voice", "Pref")),))
    assert types(line) == ("cell", "voice", "pref")


def test_an_unknown_character_set_is_no_way_into_the_codec_search() -> None:
    text = "BEGIN:VCARD\r\nFN;CHARSET=rot13;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg\r\nEND:VCARD\r\n"
    assert parse(text).text("FN") == "Jörg"


_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)
_lines = st.builds(
    lambda name, text, group: Line(name, escape_text(text), (), group),
    st.sampled_from(["FN", "NOTE", "X-Own", "TEL"]),
    _texts,
    st.sampled_from([None, "item1", "a-b"]),
)


@given(st.lists(_lines, max_size=12), st.sampled_from(["VCARD", "VLIST"]))
def test_parse_inverts_format(lines: list[Line], component: str) -> None:
    card = Card(component, lines)
    assert parse(format_card(card)) == card
    assert parse(format_card(card).encode()) == card


@given(_texts)
def test_text_survives_its_escapes(text: str) -> None:
    assert text_value(Line("NOTE", escape_text(text))) == text
