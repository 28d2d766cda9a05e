from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.vcard import Card, Rejected, parse, structured_value, types
from folkmoot.vcard import csv_rows as csv_rows_module
from folkmoot.vcard.csv_contacts import cards_from_csv, csv_from_cards
from folkmoot.vcard.csv_rows import Row, denatured, neutral, parse_rows


def read(path: Path) -> list[Card | Rejected]:
    return list(cards_from_csv(path.read_bytes()))


def only_cards(path: Path) -> list[Card]:
    return [item for item in read(path) if isinstance(item, Card)]


def typed(card: Card, name: str) -> list[tuple[tuple[str, ...], str]]:
    return [(types(line), line.value) for line in card.all(name)]


def test_googles_table(fixtures_path: Path) -> None:
    card, company = only_cards(fixtures_path / "google.csv")
    assert card.text("N") == "Tanaka;Aiko;;;"
    assert card.text("FN") == "Aiko Tanaka"
    assert card.text("ORG") == "Kaigan KK;R&D"
    assert card.text("TITLE") == "Engineer"
    assert card.text("NOTE") == "Two\nlines, really"
    assert card.text("CATEGORIES") == "myContacts,Climbing"
    assert card.text("BDAY") == "--03-07"
    assert typed(card, "EMAIL") == [
        (("work",), "aiko@kaigan.example"),
        (("work",), "at@kaigan.example"),
        (("home",), "aiko@home.example"),
    ]
    assert typed(card, "TEL") == [(("cell",), "+81 90 1111 2222"), (("fax", "work"), "+81 3 3333 4444")]
    (address,) = card.all("ADR")
    assert structured_value(address) == ["", "Room 5", "1-2-3 Minato", "Tokyo", "Kanto", "105-0001", "Japan"]
    assert company.text("FN") == "Only Company GmbH"


def test_german_outlook(fixtures_path: Path) -> None:
    card, *rejected = read(fixtures_path / "outlook-de.csv")
    assert isinstance(card, Card)
    assert card.text("N") == "Müßig;Änne;;Frau;"
    assert card.text("ORG") == "Gebrüder Groß;Einkauf"
    assert card.text("TITLE") == "Leiterin"
    assert card.text("BDAY") == "1980-03-02"
    assert card.get("X-ANNIVERSARY") is None
    assert card.text("CATEGORIES") == "Kunden,VIP"
    assert card.text("NOTE") == 'sagt "Servus"'
    assert {types(line): structured_value(line)[2:6] for line in card.all("ADR")} == {
        ("work",): ["Königsplatz 1", "München", "Bayern", "80333"],
        ("home",): ["Am Bach 2", "Dachau", "", "85221"],
    }
    assert {kinds for kinds, _ in typed(card, "TEL")} == {("fax", "work"), ("work",), ("home",), ("cell",)}
    assert [item.line for item in rejected if isinstance(item, Rejected)] == [3, 4]


def test_french_outlook_calls_two_columns_titre(fixtures_path: Path) -> None:
    (card,) = only_cards(fixtures_path / "outlook-fr.csv")
    assert card.text("N") == "Lefèvre;Zoé;;Mme;"
    assert card.text("TITLE") == "Potière"
    assert card.text("BDAY") == "1980-03-02"
    assert [value for _, value in typed(card, "EMAIL")] == ["zoe@atelier.example", "zoe@maison.example"]
    assert {types(line): structured_value(line)[2:4] for line in card.all("ADR")} == {
        ("work",): ["3 rue des Capucins", "Lyon"],
        ("home",): ["5 quai", "Vienne"],
    }


def test_english_outlook_in_utf16_means_the_month_first(fixtures_path: Path) -> None:
    grace, nothing, just = read(fixtures_path / "outlook-en.csv")
    assert isinstance(grace, Card)
    assert grace.text("BDAY") == "1906-12-09"
    assert structured_value(grace.all("ADR")[0])[:4] == ["", "Pier 2", "1 Dock Rd", "Norfolk"]
    assert nothing == Rejected(3, "CSV: no name, address or number")
    assert isinstance(just, Card)


def test_thunderbirds_three_columns_of_a_birthday(fixtures_path: Path) -> None:
    (card,) = only_cards(fixtures_path / "thunderbird.csv")
    assert card.text("FN") == "Josep Vidal i Puig"
    assert card.text("BDAY") == "1966-12-24"
    assert card.text("X-CUSTOM1") == "forn 3"
    assert card.text("X-AIM") == "pepaim"
    assert typed(card, "URL") == [(("work",), "https://forn.example"), (("home",), "https://pep.example")]
    assert structured_value(card.all("ADR")[0])[1:3] == ["2n 1a", "Carrer Gran 1"]


def test_german_thunderbird_calls_the_day_geburtstag() -> None:
    (card,) = cards_from_csv(b"Vorname,Geburtsjahr,Geburtsmonat,Geburtstag\nAnna,1980,3,2\n")
    assert isinstance(card, Card)
    assert card.text("BDAY") == "1980-03-02"


def test_what_we_write_we_read(fixture_octets: dict[str, bytes]) -> None:
    people = [parse(octets) for name, octets in fixture_octets.items() if "group" not in name and "vlist" not in name]
    items = list(cards_from_csv(csv_from_cards(people).encode()))
    assert len(items) == len(people)
    for before, after in zip(people, items, strict=True):
        assert isinstance(after, Card)
        for name in ("UID", "NICKNAME", "TITLE"):
            assert (after.text(name) or None) == (before.text(name) or None)
        assert [line.value for line in after.all("EMAIL")] == [line.value for line in before.all("EMAIL")]


def test_groups_are_no_rows(fixture_octets: dict[str, bytes]) -> None:
    assert csv_from_cards([parse(fixture_octets["sogo-vlist.vcf"])]).count("\r\n") == 1


@pytest.mark.parametrize("octets", [b"", b"\n\n", b"a,b\nc,d\n", b"\xff\xfe"])
def test_a_file_without_known_columns_is_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedInput):
        list(cards_from_csv(octets))


def test_excels_own_line_names_the_separator() -> None:
    row_header, row = parse_rows(b"sep=;\r\nName;Mail\r\na,b;c\r\n")
    assert row_header == Row(2, ("Name", "Mail"))
    assert row == Row(3, ("a,b", "c"))


def test_a_quote_that_never_closes_does_not_hide_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'Name,Mail\n"open,x\n' + "a,b\n" * 60_000
    items = list(cards_from_csv(text.encode()))
    assert isinstance(items[0], Rejected)
    assert sum(isinstance(item, Card) for item in items) > 20_000


def test_rows_too_wide_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows_module, "COLUMNS_MAX", 2)
    assert [type(item) for item in parse_rows(b"a,b\nc,d,e\nf,g\n")] == [Row, Rejected, Row]


def test_files_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows_module, "CSV_OCTETS_MAX", 2)
    with pytest.raises(TooLarge):
        list(parse_rows(b"a,b\n"))


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "-cmd|x", "\tx", "'x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+49 89 (123) 4-5", "-1", "a=b", ""])
def test_numbers_of_telephones_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


@given(st.text(max_size=20))
def test_neutral_cells_come_back(cell: str) -> None:
    assert denatured(neutral(cell)) == cell
