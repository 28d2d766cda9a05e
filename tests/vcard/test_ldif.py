from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import TooLarge
from folkmoot.vcard import Card, Rejected, binary_value, birthdays, parse, structured_value, types
from folkmoot.vcard import ldif as ldif_module
from folkmoot.vcard.ldif import Record, format_ldif, parse_ldif
from folkmoot.vcard.ldif_contacts import cards_from_ldif, ldif_from_cards


@pytest.fixture
def thunderbird(fixtures_path: Path) -> bytes:
    return (fixtures_path / "thunderbird.ldif").read_bytes()


def cards(octets: bytes) -> list[Card]:
    return [item for item in cards_from_ldif(octets) if isinstance(item, Card)]


def test_people_of_thunderbird_become_cards(thunderbird: bytes) -> None:
    card = cards(thunderbird)[0]
    assert card.text("FN") == "Jürgen Groß"
    assert card.text("N") == "Groß;Jürgen;;;"
    assert card.text("ORG") == "Maschinenbau AG;Fertigung"
    assert [line.value for line in card.all("EMAIL")] == ["juergen@gross.example", "jupp@privat.example"]
    assert {types(line): line.value for line in card.all("TEL")} == {
        ("work",): "+49 89 123456",
        ("home",): "+49 89 654321",
        ("fax",): "+49 89 123499",
        ("pager",): "4711",
        ("cell",): "+49 170 1234567",
    }
    addresses = {types(line): structured_value(line) for line in card.all("ADR")}
    assert addresses[("home",)] == ["", "", "Lindenstraße 5", "München", "", "80331", "Deutschland"]
    assert addresses[("work",)] == ["", "Halle 3", "Werkstr. 1", "Garching", "Bayern", "85748", "Deutschland"]
    assert card.text("NOTE") == "isst kein Fleisch; erst nach 9 Uhr anrufen, sonst nie"
    assert card.text("X-CUSTOM1") == "Spind 12"
    assert (birthdays(card)[0].year, birthdays(card)[0].month, birthdays(card)[0].day) == (1961, 2, 9)
    photo = card.get("PHOTO")
    assert photo is not None
    binary = binary_value(photo)
    assert binary is not None
    assert binary.content.startswith(b"\xff\xd8")


def test_groups_find_their_members(thunderbird: bytes) -> None:
    people = cards(thunderbird)
    group = people[-1]
    assert group.text("X-ADDRESSBOOKSERVER-KIND") == "group"
    assert [line.value for line in group.all("X-ADDRESSBOOKSERVER-MEMBER")] == [
        f"urn:uuid:{people[0].text('UID')}",
        "mailto:guest@else.example",
    ]


def test_each_bad_record_is_named_and_hides_no_other(thunderbird: bytes) -> None:
    items = list(cards_from_ldif(thunderbird))
    lines = thunderbird.decode().split("\n")
    rejected = {item.line: item.reason for item in items if isinstance(item, Rejected)}
    starts = [lines.index(f"dn: cn={name}") + 1 for name in ("Nobody", "Evil", "Change", "Broken")]
    assert list(rejected) == [*starts, lines.index("cn: No DN") + 1]
    assert "URL" in rejected[starts[1]]
    assert sum(isinstance(item, Card) for item in items) == 3


def test_the_same_file_gives_the_same_uids(thunderbird: bytes) -> None:
    assert [card.text("UID") for card in cards(thunderbird)] == [card.text("UID") for card in cards(thunderbird)]


def test_a_dn_twice_is_rejected_once() -> None:
    items = list(cards_from_ldif(b"dn: cn=a\ncn: a\n\ndn: CN=A\ncn: b\n"))
    assert [type(item) for item in items] == [Card, Rejected]


def test_an_ldap_servers_words_are_read() -> None:
    (card,) = cards(
        b"dn: uid=x,dc=e\nentryUUID: 11111111-2222-4333-8444-555555555555\ncn;lang-de: X\nlabeledURI: http://a b\n"
        b"homePostalAddress: 1 Way$Town\n"
    )
    assert card.text("UID") == "11111111-2222-4333-8444-555555555555"
    assert card.text("URL") == "http://a"
    assert structured_value(card.all("ADR")[0])[2] == "1 Way\nTown"


def test_old_code_pages_and_utf16_are_read() -> None:
    assert cards("dn: cn=x\ncn: Jürgen\n".encode("windows-1252"))[0].text("FN") == "Jürgen"
    assert cards("dn: cn=x\ncn: Jürgen\n".encode("utf-16"))[0].text("FN") == "Jürgen"


def test_export_and_import_give_the_same_people(thunderbird: bytes) -> None:
    before = cards(thunderbird)
    after = cards(ldif_from_cards(before).encode())
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        assert {(line.name, types(line), line.value) for line in old.properties if line.name != "UID"} == {
            (line.name, types(line), line.value) for line in new.properties if line.name != "UID"
        }


def test_a_list_of_sogo_is_exported_as_a_group(fixture_octets: dict[str, bytes]) -> None:
    text = ldif_from_cards([parse(fixture_octets["sogo-vlist.vcf"])])
    (record,) = parse_ldif(text.encode())
    assert isinstance(record, Record)
    assert record.all("objectclass") == ["top", "groupOfNames"]
    assert record.all("member")[0] == "cn=O'Neill\\, Siobhán,mail=siobhan@baile.example"


def test_every_fixture_can_be_exported_and_read_again(fixture_octets: dict[str, bytes]) -> None:
    text = ldif_from_cards([parse(octets) for octets in fixture_octets.values()])
    items = list(cards_from_ldif(text.encode()))
    assert [item for item in items if isinstance(item, Rejected)] == []
    assert len(items) == len(fixture_octets)
    assert max(map(len, text.split("\n"))) <= 76


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldif_module, "LDIF_OCTETS_MAX", 3)
    with pytest.raises(TooLarge):
        list(parse_ldif(b"dn: cn=x"))


def test_a_group_too_large_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldif_module, "RECORD_ATTRIBUTES_MAX", 2)
    (item,) = parse_ldif(b"dn: cn=x\nmember: a\nmember: b")
    assert isinstance(item, Rejected)


@given(st.text(max_size=120), st.binary(max_size=120))
def test_values_survive_the_text(text: str, octets: bytes) -> None:
    (record,) = parse_ldif(format_ldif([("cn=x", [("a", text), ("b", octets)])]).encode())
    assert isinstance(record, Record)
    assert record.attributes == (("a", text.encode("utf-8", "replace")), ("b", octets))
