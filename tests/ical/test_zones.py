"""Time zones: names of all kinds, custom definitions, and definitions of ours."""

import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import NotFound
from folkmoot.ical import Component, Line, Zones, find_zone, format, iana_name, parse, vtimezone  # noqa: A004
from folkmoot.ical.custom_zone import custom_zone
from folkmoot.ical.windows_zones import WINDOWS_ZONES
from folkmoot.ical.zones import offset_zone


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("US/Eastern", "US/Eastern"),
        ("EST5EDT", "EST5EDT"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/Europe/Berlin", "Europe/Berlin"),
        ("/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("W. Europe Standard Time ", "Europe/Berlin"),
        ('"Eastern Standard Time"', "America/New_York"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-03:00) Buenos Aires", "America/Buenos_Aires"),
        ("UTC", "Etc/UTC"),
        ("Z", "Etc/UTC"),
        ("tzone://Microsoft/Utc", "Etc/UTC"),
        ("Nowhere/Land", None),
        ("Customized Time Zone", None),
        ("Europe", None),
        ("../../etc/passwd", None),
        ("a\0b", None),
        ("", None),
        ("x" * 1000, None),
    ],
)
def test_names_are_resolved(name: str, expected: str | None) -> None:
    assert iana_name(name) == expected
    assert (find_zone(name) is None) is (expected is None)


def test_every_windows_name_leads_to_a_zone() -> None:
    assert all(find_zone(name) is not None for name in WINDOWS_ZONES)
    assert len(WINDOWS_ZONES) > 139


@pytest.mark.parametrize(
    ("name", "hours"), [("GMT+0100", 1.0), ("UTC-03:30", -3.5), ("(UTC+05:45) Nowhere", 5.75), ("GMT-5", -5.0)]
)
def test_names_that_spell_out_an_offset_are_read(name: str, hours: float) -> None:
    zone = offset_zone(name)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=hours)


def test_names_without_offset_have_none() -> None:
    assert offset_zone("Berlin") is None
    assert offset_zone("UTC+99") is None


def calendar(tzid: str, *lines: str) -> Component:
    body = "\n".join(lines)
    return parse(f"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:{tzid}\n{body}\nEND:VTIMEZONE\nEND:VCALENDAR\n")


STANDARD = ("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0545", "TZOFFSETTO:+0545", "END:STANDARD")


def offset(zones: Zones, tzid: str) -> timedelta | None:
    return datetime(2026, 7, 1, tzinfo=zones.get(tzid)).utcoffset()


def test_a_definition_is_the_last_resort() -> None:
    zones = Zones(calendar("Mine ", *STANDARD), UTC)
    assert offset(zones, '"Mine"') == timedelta(hours=5, minutes=45)
    assert offset(zones, "Other") == timedelta()
    named = Zones(calendar("Europe/Berlin", *STANDARD), UTC)
    assert offset(named, "Europe/Berlin") == timedelta(hours=2)
    hinted = Zones(calendar("Mine", "X-LIC-LOCATION:Europe/Berlin", *STANDARD), UTC)
    assert offset(hinted, "Mine") == timedelta(hours=2)
    assert offset(Zones(calendar("GMT+0100 thing"), UTC), "GMT+0100 thing") == timedelta(hours=1)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["BEGIN:STANDARD", "END:STANDARD"],
        ["BEGIN:STANDARD", "TZOFFSETTO:half past", "END:STANDARD"],
        ["BEGIN:STANDARD", "TZOFFSETTO:+0100", "DTSTART:once", "END:STANDARD"],
        ["BEGIN:STANDARD", "TZOFFSETTO:+0100", "RRULE:nonsense", "END:STANDARD"],
    ],
)
def test_a_broken_definition_falls_back_to_the_default_zone(lines: list[str]) -> None:
    assert offset(Zones(calendar("Mine", *lines), ZoneInfo("Asia/Tokyo")), "Mine") == timedelta(hours=9)


def test_a_definition_may_be_sloppy() -> None:
    sloppy = ["BEGIN:STANDARD", "TZOFFSETTO:+005328", "RRULE:FREQ=SECONDLY", "END:STANDARD"]
    assert offset(Zones(calendar("Mine", *sloppy), UTC), "Mine") == timedelta(seconds=3208)


def test_a_definition_with_rdate_and_until_is_followed() -> None:
    zone = custom_zone(
        "BEGIN:VTIMEZONE\r\nTZID:Mine\r\n"
        "BEGIN:STANDARD\r\nDTSTART:20201025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:S\r\n"
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20221030T010000Z\r\nEND:STANDARD\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:20200329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:D\r\n"
        "RDATE:20210328T020000,20220327T020000\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    )
    assert zone is not None
    names = [datetime(year, month, 1, tzinfo=zone).tzname() for year in (2019, 2021, 2023) for month in (1, 7)]
    assert names == ["D", "D", "S", "D", "S", "S"]
    assert datetime(2021, 7, 1, tzinfo=zone).dst() == timedelta(hours=1)
    assert datetime(2021, 1, 1, tzinfo=zone).dst() == timedelta()
    assert datetime(2021, 7, 1, tzinfo=zone).astimezone(UTC).hour == 22
    assert zone.utcoffset(None) == timedelta(hours=2)
    assert "Mine" in repr(zone)
    copy = pickle.loads(pickle.dumps(zone))  # noqa: S301  # our own bytes
    assert datetime(2021, 7, 1, tzinfo=copy).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "Europe/Dublin",
        "Pacific/Apia",
        "Asia/Tehran",
        "Africa/Cairo",
        "America/Caracas",
        "Antarctica/Troll",
    ],
)
def test_a_definition_of_ours_says_what_the_zone_says(name: str) -> None:
    ours, real = custom_zone(format(vtimezone(name, 1990, 2037))), ZoneInfo(name)
    assert ours is not None
    for hours in range(0, 24 * 365 * 47, 173):
        moment = datetime(1990, 1, 2, tzinfo=UTC) + timedelta(hours=hours)
        theirs = moment.astimezone(real)
        assert moment.astimezone(ours).replace(tzinfo=None) == theirs.replace(tzinfo=None), moment
        wall = theirs.replace(tzinfo=None)
        for fold in (0, 1):
            assert wall.replace(tzinfo=ours, fold=fold).utcoffset() == wall.replace(tzinfo=real, fold=fold).utcoffset()


def test_a_stable_zone_is_written_with_rules_for_ever() -> None:
    text = format(vtimezone("Europe/Berlin", 2020))
    assert text.count("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n") == 1
    assert text.count("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n") == 1
    assert "UNTIL" not in text
    assert "TZOFFSETTO:+0530" in format(vtimezone("Asia/Kolkata", 2020))
    assert "TZOFFSETTO:+0000" in format(vtimezone("UTC", 2020))
    assert "TZID:Europe/Berlin" in format(vtimezone("W. Europe Standard Time", 2020))
    with pytest.raises(NotFound):
        vtimezone("Nowhere/Land", 2020)


def test_a_change_of_clocks_is_read_both_ways() -> None:
    zone = custom_zone(format(vtimezone("Europe/Berlin", 2020)))
    assert zone is not None
    before = datetime(1969, 1, 1, tzinfo=UTC).astimezone(zone)
    assert before.utcoffset() == timedelta(hours=1)
    gap = datetime(2026, 3, 29, 2, 30, tzinfo=zone)
    assert gap.astimezone(UTC).hour == 1
    fold = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(zone)
    assert (fold.hour, fold.fold) == (2, 1)


@pytest.mark.parametrize("until", ["20210101", "20210101T000000", "20210101T000000Z"])
def test_a_rule_of_a_zone_may_end_in_any_form(until: str) -> None:
    zones = Zones(
        calendar(
            f"Mine {until}",
            "BEGIN:DAYLIGHT",
            "DTSTART:20200329T020000Z",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            f"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL={until}",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART;VALUE=DATE:20201025",
            "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0100",
            "END:STANDARD",
        ),
        UTC,
    )
    assert offset(zones, f"Mine {until}") == timedelta(hours=1)


def test_changes_off_the_calendar_are_pulled_in() -> None:
    edge = ["BEGIN:STANDARD", "DTSTART:00010101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0300", "END:STANDARD"]
    assert offset(Zones(calendar("Edge", *edge), UTC), "Edge") == timedelta(hours=3)


def test_a_hint_that_cannot_be_written_is_no_definition() -> None:
    strange = calendar("Mine", *STANDARD)
    strange.components[0].components[0].set(Line("TZNAME X", "y"))
    assert offset(Zones(strange, UTC), "Mine") == timedelta()


def test_a_path_may_end_in_a_single_name() -> None:
    assert iana_name("/example.org/UTC") == "UTC"
    assert iana_name("example.org/UTC") is None
    assert iana_name("(x) somewhere, nowhere") is None


def test_a_rule_of_a_zone_may_end_with_the_calendar() -> None:
    forever = ["BEGIN:STANDARD", "DTSTART:20200101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0300"]
    rule = ["RRULE:FREQ=YEARLY;UNTIL=99991231T235959", "END:STANDARD"]
    assert offset(Zones(calendar("Forever", *forever, *rule), UTC), "Forever") == timedelta(hours=3)
