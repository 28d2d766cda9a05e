import pytest

from folkmoot.vcard import Birthday, PartialDate, birthdays, parse, parse_date


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1985-04-12", PartialDate(1985, 4, 12)),
        ("19850412", PartialDate(1985, 4, 12)),
        ("1985-04-12T23:20:50Z", PartialDate(1985, 4, 12)),
        ("19850412T102200-0800", PartialDate(1985, 4, 12)),
        ("1985/4/12", PartialDate(1985, 4, 12)),
        ("12.4.1985", PartialDate(1985, 4, 12)),
        ("--0412", PartialDate(None, 4, 12)),
        ("--04-12", PartialDate(None, 4, 12)),
        ("0000-04-12", PartialDate(None, 4, 12)),
        ("---12", PartialDate(None, None, 12)),
        ("--04", PartialDate(None, 4, None)),
        ("1985-04", PartialDate(1985, 4, None)),
        ("1985", PartialDate(1985, None, None)),
        ("20000229", PartialDate(2000, 2, 29)),
        ("--0229", PartialDate(None, 2, 29)),
        ("19850229", None),
        ("1985-13-01", None),
        ("1985-04-31", None),
        ("0000", None),
        ("T102200", None),
        ("circa 1800", None),
        ("", None),
        ("1985-04-12" + " " * 100 + "x", None),
        ("\uff11\uff19\uff18\uff15\uff10\uff14\uff11\uff12", None),
    ],
)
def test_dates_as_they_are_written(value: str, expected: PartialDate | None) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize("text", ["19850412", "--0412", "1985-04", "1985", "--04", "---12"])
def test_dates_of_4_0_come_back(text: str) -> None:
    date = parse_date(text)
    assert date is not None
    assert date.format_basic() == text


def test_apples_year_for_no_year(fixture_octets: dict[str, bytes]) -> None:
    name = "Dr. Ingrid Marie Ødegård"
    assert birthdays(parse(fixture_octets["apple-3.0.vcf"])) == [
        Birthday("birthday", 3, 7, None, name),
        Birthday("anniversary", 6, 18, 2011, name),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("davx5-4.0.vcf", [("birthday", 2, 29, 1988), ("anniversary", 7, 5, 2014)]),
        ("evolution-3.0.vcf", [("birthday", 12, 24, 1966), ("anniversary", 5, 9, 1992)]),
        ("outlook-2.1-latin1.vcf", [("anniversary", 7, 14, 2001)]),
        ("google-3.0.vcf", []),
        ("sogo-vlist.vcf", []),
    ],
)
def test_birthdays_of_many_makes(
    fixture_octets: dict[str, bytes], name: str, expected: list[tuple[str, int, int, int]]
) -> None:
    found = birthdays(parse(fixture_octets[name]))
    assert [(day.kind, day.month, day.day, day.year) for day in found] == expected


def test_a_day_stated_twice_counts_once() -> None:
    card = parse("BEGIN:VCARD\r\nFN:x\r\nBDAY:19850412\r\nBDAY:1985-04-12\r\nBDAY:1985\r\nEND:VCARD")
    assert birthdays(card) == [Birthday("birthday", 4, 12, 1985, "x")]
