import base64
from collections import Counter
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.vcard import Card, binary_value, parse, text_value, to_version
from folkmoot.vcard import format as format_card

Version = Literal["3.0", "4.0"]


def card_of(version: str, *lines: str) -> Card:
    return parse(
        "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", "N:Doe;Jane;;;", "FN:Jane Doe", *lines, "END:VCARD"])
    )


def converted(line: str, *, to: Version) -> list[str]:
    """Return what becomes of one property, unfolded."""
    card = to_version(card_of("4.0" if to == "3.0" else "3.0", line), to)
    text = format_card(card).replace("\r\n ", "").split("\r\n")
    return text[4:-2]


def meaning(card: Card) -> Counter[tuple[str, str | None, frozenset[tuple[str, str]], str]]:
    """Return a card's properties without the order and spelling of parameters."""
    return Counter(
        (
            line.name,
            line.group,
            frozenset(
                (parameter.name, word.lower() if parameter.name == "TYPE" else word)
                for parameter in line.params
                for value in parameter.values
                for word in (value.split(",") if parameter.name == "TYPE" else [value])
            ),
            line.value,
        )
        for line in card.properties
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TEL;TYPE=CELL;TYPE=pref:1", "TEL;TYPE=CELL;PREF=1:1"),
        ("PHOTO;ENCODING=b;TYPE=JPEG:AAEC", "PHOTO:data:image/jpeg;base64,AAEC"),
        ("LOGO;VALUE=uri;TYPE=PNG:https://a.example/l", "LOGO;MEDIATYPE=image/png:https://a.example/l"),
        ("KEY;ENCODING=b;TYPE=X509:AAEC", "KEY:data:application/pkix-cert;base64,AAEC"),
        ("KEY:-----BEGIN PGP-----", "KEY;VALUE=text:-----BEGIN PGP-----"),
        ("BDAY:1985-04-12", "BDAY:19850412"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", "BDAY:--0412"),
        ("BDAY:1953-10-15T23:10:00Z", "BDAY:19531015T231000Z"),
        ("BDAY;VALUE=text:circa 1800", "BDAY;VALUE=text:circa 1800"),
        ("X-ANNIVERSARY:2010-06-18", "ANNIVERSARY:20100618"),
        ("X-ADDRESSBOOKSERVER-KIND:group", "KIND:group"),
        ("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1", "MEMBER:urn:uuid:1"),
        ("X-GENDER:F", "GENDER:F"),
        ("X-AIM:jane doe", "IMPP:aim:jane%20doe"),
        ("X-JABBER;TYPE=HOME:jane@x.example", "IMPP;TYPE=HOME:xmpp:jane@x.example"),
        (
            "IMPP;X-SERVICE-TYPE=Jabber:xmpp:jane@x.example",
            "IMPP;X-SERVICE-TYPE=Jabber:xmpp:jane@x.example",
        ),
        ("GEO:52.5;13.4", "GEO:geo:52.5,13.4"),
        ("TZ:-05:00", "TZ;VALUE=utc-offset:-0500"),
        ("TZ;VALUE=text:Europe/Oslo", "TZ:Europe/Oslo"),
        ("REV:2026-02-14T08:15:00Z", "REV:20260214T081500Z"),
        ("REV:2026-01-05T10:11:12Z(3)", "REV:2026-01-05T10:11:12Z(3)"),
        ("AGENT;VALUE=uri:urn:uuid:2", "RELATED;TYPE=agent:urn:uuid:2"),
        ("CLASS:PRIVATE", "CLASS:PRIVATE"),
        ("X-CUSTOM1;X-A=b:kept", "X-CUSTOM1;X-A=b:kept"),
        ("UID:urn:uuid:3", "UID:urn:uuid:3"),
        ("PHOTO;ENCODING=b:!", "PHOTO;ENCODING=b:!"),
    ],
)
def test_a_property_goes_to_4_and_back(old: str, new: str) -> None:
    assert converted(old, to="4.0") == [new]
    assert meaning(to_version(to_version(card_of("3.0", old), "4.0"), "3.0")) == meaning(card_of("3.0", old))


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ('TEL;TYPE="cell,voice";PREF=1:tel:+331', ["TEL;TYPE=cell,voice;TYPE=pref:+331"]),
        ("TEL;VALUE=uri;TYPE=work:tel:+331", ["TEL;TYPE=work:+331"]),
        ("EMAIL;PREF=2:a@b.example", ["EMAIL;PREF=2:a@b.example"]),
        ("RELATED;TYPE=spouse:urn:uuid:1", ["RELATED;TYPE=spouse:urn:uuid:1"]),
        (
            "RELATED;TYPE=child;VALUE=text:Tim",
            ["item1.X-ABRELATEDNAMES:Tim", "item1.X-ABLabel:_$!<Child>!$_"],
        ),
        (
            "RELATED;TYPE=neighbor;VALUE=text:Tim",
            ["item1.X-ABRELATEDNAMES:Tim", "item1.X-ABLabel:neighbor"],
        ),
        ("RELATED;VALUE=text:Tim", ["X-ABRELATEDNAMES:Tim"]),
        (
            "ADR;TYPE=home;LABEL=1 Way^nTown:;;1 Way;Town;;;",
            ["ADR;TYPE=home:;;1 Way;Town;;;", "LABEL;TYPE=home:1 Way\\nTown"],
        ),
        ("BDAY:1985-04", ["BDAY;VALUE=text:1985-04"]),
        ("GENDER:O;intersex", ["X-GENDER:O;intersex"]),
        ("LANG;PREF=1:fr", ["LANG;TYPE=pref:fr"]),
        ("CLIENTPIDMAP:1;urn:uuid:4", ["CLIENTPIDMAP:1;urn:uuid:4"]),
        ("FN;ALTID=1;LANGUAGE=jp:x", ["FN;ALTID=1;LANGUAGE=jp:x"]),
        ("PHOTO:data:image/jpeg;base64,AAEC", ["PHOTO;ENCODING=b;TYPE=JPEG:AAEC"]),
        ("PHOTO:data:image/gif,%00%01", ["PHOTO;ENCODING=b;TYPE=GIF:AAE="]),
        ("PHOTO:https://a.example/p", ["PHOTO;VALUE=uri:https://a.example/p"]),
        ("KEY;VALUE=text:k", ["KEY:k"]),
        ("TZ:Europe/Oslo", ["TZ;VALUE=text:Europe/Oslo"]),
        ("TZ;VALUE=uri:https://tz.example", ["TZ;VALUE=uri:https://tz.example"]),
        ("GEO:https://map.example", ["GEO:https://map.example"]),
        ("IMPP:matrix:u/jane", ["IMPP:matrix:u/jane"]),
    ],
)
def test_a_4_0_property_as_3_0_says_it(new: str, old: list[str]) -> None:
    assert converted(new, to="3.0") == old


def test_apple_labels_survive_both_ways(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["apple-3.0.vcf"])
    upgraded = to_version(card, "4.0")
    assert [line.value for line in upgraded.all("RELATED")] == ["Lars Ødegård"]
    back = to_version(upgraded, "3.0")
    # INTERNET is what EMAIL means anyway.
    without_internet = meaning(parse(fixture_octets["apple-3.0.vcf"].replace(b";type=INTERNET", b"")))
    assert meaning(back) - without_internet == Counter()
    assert without_internet - meaning(back) == Counter()


def test_every_3_0_fixture_comes_back_as_it_was(fixture_octets: dict[str, bytes]) -> None:
    for name, octets in fixture_octets.items():
        card = parse(octets)
        if card.version != "3.0":
            continue
        back = meaning(to_version(to_version(card, "4.0"), "3.0"))
        lost = {(entry[0], entry[3]) for entry in meaning(card) - back}
        kept = {(entry[0], entry[3]) for entry in back}
        for property_name, value in lost - kept:
            assert property_name in {"PROFILE", "SORT-STRING", "BDAY", "GEO", "REV"}, (name, property_name, value)


def test_a_4_0_card_comes_back_from_3_0(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["davx5-4.0.vcf"])
    back = to_version(to_version(card, "3.0"), "4.0")
    lost = meaning(card) - meaning(back)
    # A number is the same with or without "tel:"; Apple's property needs a group to say "child".
    assert {entry[0] for entry in lost} == {"TEL", "RELATED"}
    assert [text_value(line) for line in back.all("RELATED")] == [text_value(line) for line in card.all("RELATED")]


def test_2_1_is_read_into_both_versions(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["nokia-2.1.vcf"])
    versions: tuple[Version, Version] = ("3.0", "4.0")
    for version in versions:
        modern = to_version(card, version)
        assert (modern.version, modern.text("FN")) == (version, "Sönke Jürgens")
        assert "QUOTED-PRINTABLE" not in format_card(modern)
        assert modern.text("NOTE") == card.text("NOTE")
        before, after = card.get("PHOTO"), modern.get("PHOTO")
        assert before is not None
        assert after is not None
        assert binary_value(before) == binary_value(after)


def test_commas_that_2_1_does_not_escape_are_escaped() -> None:
    card = card_of("2.1", "NOTE:a, b; c", "ORG:Smith, Sons;Sales")
    modern = to_version(card, "3.0")
    assert [line.value for line in modern.properties[-2:]] == ["a\\, b\\; c", "Smith\\, Sons;Sales"]


def test_a_nested_card_stays_in_agent(fixture_octets: dict[str, bytes]) -> None:
    modern = to_version(parse(fixture_octets["agent-2.1.vcf"]), "3.0")
    reread = parse(format_card(modern))
    assert parse(reread.text("AGENT") or "").text("FN") == "Fred Friday"


def test_names_that_a_version_requires_are_added() -> None:
    group = parse("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Board\r\nKIND:group\r\nEND:VCARD")
    assert to_version(group, "3.0").text("N") == "Board;;;;"
    nameless = parse("BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:1\r\nEND:VCARD")
    assert to_version(nameless, "4.0").text("FN") == "1"


def test_the_wanted_version_is_left_alone(fixture_octets: dict[str, bytes]) -> None:
    card = parse(fixture_octets["davx5-4.0.vcf"])
    assert to_version(card, "4.0") is card
    vlist = parse(fixture_octets["sogo-vlist.vcf"])
    assert to_version(vlist, "4.0") is vlist


_plain = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40)
_type = st.sampled_from(["HOME", "WORK", "CELL", "pref"])
_labels = st.sampled_from(["_$!<Spouse>!$_", "_$!<Friend>!$_", "Nachbar", "neighbor"])


def _typed(name: str) -> st.SearchStrategy[list[Line]]:
    return st.builds(
        lambda text, words: [Line(name, escape_text(text), [Parameter("TYPE", (word,)) for word in words])],
        _plain,
        st.lists(_type, unique=True, max_size=3),
    )


def _fixed(*lines: Line) -> st.SearchStrategy[list[Line]]:
    return st.just(list(lines))


_dates = st.dates().map(lambda date: date.isoformat()).filter(lambda text: not text.startswith("1604"))
_properties = st.one_of(
    _typed("TEL"),
    _typed("EMAIL"),
    _typed("ADR").map(lambda lines: [lines[0].replace(value=";;" + lines[0].value + "x;;;;")]),
    _plain.map(lambda text: [Line("NOTE", escape_text(text))]),
    _plain.map(lambda text: [Line("X-CUSTOM1", escape_text(text))]),
    _plain.map(lambda text: [Line("X-ICQ", escape_text(text.strip()))]),
    _dates.map(lambda text: [Line("BDAY", text)]),
    _dates.map(lambda text: [Line("X-ANNIVERSARY", text)]),
    st.dates().map(
        lambda date: [Line("BDAY", date.replace(year=1604).isoformat(), [Parameter("X-APPLE-OMIT-YEAR", ("1604",))])]
    ),
    st.binary(min_size=1, max_size=60).map(
        lambda octets: [Line("PHOTO", _base64(octets), [Parameter("ENCODING", ("b",)), Parameter("TYPE", ("PNG",))])]
    ),
    _fixed(Line("GEO", "1.5;-2.25"), Line("TZ", "+05:30"), Line("REV", "2026-01-02T03:04:05Z")),
    _fixed(Line("X-ADDRESSBOOKSERVER-KIND", "group"), Line("X-ADDRESSBOOKSERVER-MEMBER", "urn:uuid:9")),
    st.builds(
        lambda text, label, number: [
            Line("X-ABRELATEDNAMES", escape_text(text), (), f"item{number}"),
            Line("X-ABLabel", escape_text(label), (), f"item{number}"),
        ],
        _plain,
        _labels,
        st.integers(1, 10_000),
    ),
)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@given(st.lists(_properties, max_size=8))
@settings(max_examples=200)
def test_from_3_0_to_4_0_and_back_nothing_is_lost(properties: list[list[Line]]) -> None:
    groups = [line.group for lines in properties for line in lines if line.group]
    if len(groups) != 2 * len(set(groups)):
        return  # two relatives in one group
    names = [Line("VERSION", "3.0"), Line("N", "Doe;Jane;;;"), Line("FN", "Jane Doe")]
    card = Card("VCARD", names + [line for lines in properties for line in lines])
    upgraded = parse(format_card(to_version(parse(format_card(card)), "4.0")))
    assert meaning(to_version(upgraded, "3.0")) == meaning(card)
