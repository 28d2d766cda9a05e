"""vCards as JSContact and back, example by example (RFC 9555 sections 2 and 3; names and values are ours)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from folkmoot.jmap.jscontact import JsError, new_card, patched, to_jscontact
from folkmoot.vcard import Binary, Card, parse
from folkmoot.vcard import format as format_card

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PRODID = "-//Folkmoot//Test//EN"


def card(*lines: str, version: str = "4.0") -> Card:
    return parse("\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", "UID:u", *lines, "END:VCARD", ""]))


def lines(card: Card) -> list[str]:
    """Return a card's lines without those that every test card has."""
    text = format_card(card).replace("\r\n ", "")
    return [line for line in text.split("\r\n")[3:-2] if not line.startswith(("PRODID", "REV"))]


def made(**value: Any) -> list[str]:
    """Return the lines of a new card, without what every new card has."""
    written = lines(new_card({"uid": "u", "name": {"full": "X"}, **value}, now=NOW, prodid=PRODID))
    return [line for line in written if not line.startswith(("UID", "FN:X", "N;DERIVED"))]


def entries(property_: str, *written: str, version: str = "4.0") -> list[Any]:
    return list(to_jscontact(card(*written, version=version)).get(property_, {}).values())


@pytest.mark.parametrize(
    ("line", "property_", "value"),
    [
        (
            "EMAIL;TYPE=work;PREF=3:ada@rook.example",
            "emails",
            {"address": "ada@rook.example", "contexts": {"work": True}, "pref": 3},
        ),
        (
            "TEL;TYPE=cell,voice;PREF=1:+44 1",
            "phones",
            {"number": "+44 1", "features": {"mobile": True, "voice": True}, "pref": 1},
        ),
        (
            'TEL;VALUE=uri;TYPE="home,fax":tel:+44-1',
            "phones",
            {"number": "tel:+44-1", "features": {"fax": True}, "contexts": {"private": True}},
        ),
        (
            'ORG;SORT-AS="tower":The Tower;Lamp',
            "organizations",
            {"name": "The Tower", "sortAs": "tower", "units": [{"name": "Lamp"}]},
        ),
        ("TITLE:Keeper", "titles", {"name": "Keeper"}),
        ("ROLE:Lights the lamp", "titles", {"name": "Lights the lamp", "kind": "role"}),
        (
            "IMPP;TYPE=home:xmpp:ada@im.example",
            "onlineServices",
            {"uri": "xmpp:ada@im.example", "vCardName": "impp", "contexts": {"private": True}},
        ),
        (
            "SOCIALPROFILE;SERVICE-TYPE=Fedi;USERNAME=ada:https://fedi.example/ada",
            "onlineServices",
            {"service": "Fedi", "user": "ada", "uri": "https://fedi.example/ada"},
        ),
        ("SOCIALPROFILE;SERVICE-TYPE=Fedi;VALUE=text:@ada", "onlineServices", {"service": "Fedi", "user": "@ada"}),
        ("LANG;TYPE=work;PREF=1:cy", "preferredLanguages", {"language": "cy", "contexts": {"work": True}, "pref": 1}),
        (
            "CALURI;PREF=1:https://cal.example/ada",
            "calendars",
            {"kind": "calendar", "uri": "https://cal.example/ada", "pref": 1},
        ),
        (
            "FBURL;MEDIATYPE=text/calendar:https://cal.example/fb",
            "calendars",
            {"kind": "freeBusy", "uri": "https://cal.example/fb", "mediaType": "text/calendar"},
        ),
        ("CALADRURI:mailto:ada@rook.example", "schedulingAddresses", {"uri": "mailto:ada@rook.example"}),
        ("KEY:https://rook.example/key.pgp", "cryptoKeys", {"uri": "https://rook.example/key.pgp"}),
        ("SOURCE:https://dir.example/ada.vcf", "directories", {"kind": "entry", "uri": "https://dir.example/ada.vcf"}),
        (
            "ORG-DIRECTORY;INDEX=2:ldap://dir.example/o=tower",
            "directories",
            {"kind": "directory", "uri": "ldap://dir.example/o=tower", "listAs": 2},
        ),
        ("URL:https://rook.example", "links", {"uri": "https://rook.example"}),
        ("CONTACT-URI:mailto:desk@rook.example", "links", {"kind": "contact", "uri": "mailto:desk@rook.example"}),
        ("LOGO:https://rook.example/l.png", "media", {"kind": "logo", "uri": "https://rook.example/l.png"}),
        (
            "PHOTO:data:image/png;base64,AAEC",
            "media",
            {"kind": "photo", "uri": "data:image/png;base64,AAEC", "mediaType": "image/png"},
        ),
        (
            "BDAY:19531015",
            "anniversaries",
            {"kind": "birth", "date": {"@type": "PartialDate", "year": 1953, "month": 10, "day": 15}},
        ),
        ("BDAY:--0203", "anniversaries", {"kind": "birth", "date": {"@type": "PartialDate", "month": 2, "day": 3}}),
        (
            "DEATHDATE:20190801T120000Z",
            "anniversaries",
            {"kind": "death", "date": {"@type": "Timestamp", "utc": "2019-08-01T12:00:00Z"}},
        ),
        (
            "ANNIVERSARY:2001-05",
            "anniversaries",
            {"kind": "wedding", "date": {"@type": "PartialDate", "year": 2001, "month": 5}},
        ),
        (
            "NOTE;AUTHOR-NAME=Ben;CREATED=20240102T030405Z:keeps bees",
            "notes",
            {"note": "keeps bees", "author": {"name": "Ben"}, "created": "2024-01-02T03:04:05Z"},
        ),
        (
            "EXPERTISE;LEVEL=expert;INDEX=1:lenses",
            "personalInfo",
            {"kind": "expertise", "value": "lenses", "level": "high", "listAs": 1},
        ),
        ("HOBBY;LEVEL=low:knots", "personalInfo", {"kind": "hobby", "value": "knots", "level": "low"}),
    ],
)
def test_a_line_and_its_entry_are_each_other_s(line: str, property_: str, value: dict[str, Any]) -> None:
    assert entries(property_, line) == [value]
    shown = to_jscontact(card(line))
    again = patched(card(), {property_: shown[property_]}, now=NOW)
    assert to_jscontact(again)[property_] == shown[property_]
    assert not [one for one in lines(again) if one.startswith("JSPROP")]


def test_a_name_has_components_and_a_full_text() -> None:
    shown = to_jscontact(card("FN:Dr. Ada M. Rook Jr.", 'N;SORT-AS="rook,ada":Rook;Ada;May,Ann;Dr.;Jr.'))
    assert shown["name"] == {
        "full": "Dr. Ada M. Rook Jr.",
        "components": [
            {"kind": "title", "value": "Dr."},
            {"kind": "given", "value": "Ada"},
            {"kind": "given2", "value": "May"},
            {"kind": "given2", "value": "Ann"},
            {"kind": "surname", "value": "Rook"},
            {"kind": "credential", "value": "Jr."},
        ],
        "sortAs": {"surname": "rook", "given": "ada"},
    }


def test_the_order_of_a_name_survives() -> None:
    ordered = {
        "isOrdered": True,
        "defaultSeparator": ", ",
        "components": [
            {"kind": "surname", "value": "Rook"},
            {"kind": "surname2", "value": "Ibáñez"},
            {"kind": "separator", "value": "; "},
            {"kind": "given", "value": "Ada"},
            {"kind": "generation", "value": "III"},
            {"kind": "credential", "value": "MD"},
        ],
    }
    written = new_card({"uid": "u", "name": ordered}, now=NOW, prodid=PRODID)
    (name,) = [line for line in lines(written) if line.startswith("N;")]
    assert name.endswith(":Rook,Ibáñez;Ada;;;III,MD;Ibáñez;III")
    assert to_jscontact(parse(format_card(written)))["name"] == ordered
    assert "FN;DERIVED=true:Rook\\, Ibáñez\\; Ada\\, III\\, MD" in lines(written)


def test_a_name_that_follows_from_its_components_follows_their_changes() -> None:
    first = new_card({"uid": "u", "name": {"components": [{"kind": "given", "value": "Ada"}]}}, now=NOW, prodid=PRODID)
    assert "FN;DERIVED=true:Ada" in lines(first)
    later = patched(first, {"name/components": [{"kind": "given", "value": "Eda"}]}, now=NOW)
    assert "FN;DERIVED=true:Eda" in lines(later)
    assert "full" not in to_jscontact(later)["name"]


def test_a_card_without_a_name_is_called_by_what_else_it_says() -> None:
    written = new_card({"uid": "u", "organizations": {"o": {"name": "The Tower"}}}, now=NOW, prodid=PRODID)
    assert "FN;DERIVED=true:The Tower" in lines(written)
    assert "name" not in to_jscontact(written)


def test_how_a_name_is_pronounced_is_read_and_written() -> None:
    shown = to_jscontact(card("N:山田;太郎;;;", "X-PHONETIC-LAST-NAME:やまだ", version="3.0"))
    assert shown["name"]["components"][1] == {"kind": "surname", "value": "山田", "phonetic": "やまだ"}
    ipa = to_jscontact(card("N;ALTID=1:Rook;Ada;;;", "N;ALTID=1;PHONETIC=ipa:ruk;;;;", "FN:Ada Rook"))
    assert ipa["name"]["phoneticSystem"] == "ipa"
    assert ipa["name"]["components"][1]["phonetic"] == "ruk"


def test_an_address_keeps_its_finer_parts_and_is_read_by_those_who_know_only_seven() -> None:
    address = {
        "components": [
            {"kind": "floor", "value": "3"},
            {"kind": "number", "value": "12"},
            {"kind": "name", "value": "Quay"},
            {"kind": "locality", "value": "Wick"},
            {"kind": "country", "value": "Scotland"},
        ],
        "countryCode": "GB",
        "coordinates": "geo:58.4,-3.1",
        "timeZone": "Europe/London",
        "contexts": {"private": True, "delivery": True},
        "full": "12 Quay\nWick",
    }
    (line,) = made(addresses={"a": address})
    assert line.endswith(":;3;12 Quay;Wick;;;Scotland;;;3;12;Quay;;;;;;")
    assert "LABEL=12 Quay^nWick" in line
    shown = to_jscontact(parse(f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\n{line}\r\nEND:VCARD\r\n"))
    assert shown["addresses"] == {"a": address}


def test_places_beside_an_address_are_the_address_s() -> None:
    old = card(
        "ADR;TYPE=work:;;Quay 1;Wick;;;", "GEO:58.4;-3.1", "TZ:+01:00", "LABEL;TYPE=work:Quay 1\\nWick", version="3.0"
    )
    ((key, address),) = to_jscontact(old)["addresses"].items()
    assert (address["coordinates"], address["timeZone"], address["full"]) == (
        "geo:58.4,-3.1",
        "Etc/GMT-1",
        "Quay 1\nWick",
    )
    moved = patched(old, {f"addresses/{key}/coordinates": "geo:1,2"}, now=NOW)
    assert [line.partition(":")[0].partition(";")[0] for line in lines(moved)] == ["ADR", "TZ", "LABEL"]
    assert to_jscontact(moved)["addresses"][key]["coordinates"] == "geo:1,2"


def test_labels_of_apple_are_read_written_changed_and_removed() -> None:
    apple = card(
        "item1.TEL:+1",
        "item1.X-ABLabel:_$!<HomeFAX>!$_",
        "item2.URL:https://a.example",
        "item2.X-ABLabel:Boat",
        version="3.0",
    )
    ((phone, value),) = to_jscontact(apple)["phones"].items()
    assert value == {"number": "+1", "label": "HomeFAX"}
    other = patched(apple, {f"phones/{phone}/label": "Mast"}, now=NOW)
    assert lines(other) == [
        "item1.TEL:+1",
        "item1.X-ABLabel:Mast",
        "item2.URL:https://a.example",
        "item2.X-ABLabel:Boat",
    ]
    assert lines(patched(apple, {f"phones/{phone}/label": None}, now=NOW))[0] == "item1.TEL:+1"
    assert lines(patched(apple, {"phones": None}, now=NOW)) == ["item2.URL:https://a.example", "item2.X-ABLabel:Boat"]
    new = patched(apple, {"phones/x": {"number": "+2", "label": "Keel"}}, now=NOW)
    assert lines(new)[2:4] == ["item3.TEL;PROP-ID=x:+2", "item3.X-ABLabel:Keel"]


def test_a_type_that_nobody_asked_about_stays() -> None:
    old = card("TEL;TYPE=CELL,X-SHIP;TYPE=pref;X-MORE=1:+1", version="3.0")
    (key,) = to_jscontact(old)["phones"]
    changed = patched(old, {f"phones/{key}/contexts": {"work": True}, f"phones/{key}/pref": None}, now=NOW)
    assert lines(changed) == ["TEL;TYPE=CELL,X-SHIP;X-MORE=1;TYPE=work:+1"]
    number = patched(old, {f"phones/{key}/number": "+2"}, now=NOW)
    assert lines(number) == [f"TEL;TYPE=CELL,X-SHIP;TYPE=pref;X-MORE=1;PROP-ID={key}:+2"]


def test_one_nickname_of_a_list_can_change() -> None:
    old = card("NICKNAME:Adi,The\\, Keeper,Ro")
    first, second, _ = to_jscontact(old)["nicknames"]
    changed = patched(old, {f"nicknames/{second}": None, f"nicknames/{first}/name": "Ada"}, now=NOW)
    assert lines(changed) == [f"NICKNAME;PROP-ID={first}:Ada", "NICKNAME:Ro"]


def test_keywords_come_and_go_one_by_one() -> None:
    old = card("CATEGORIES:Sea,Land\\;locked,Sky")
    assert to_jscontact(old)["keywords"] == {"Sea": True, "Land;locked": True, "Sky": True}
    changed = patched(old, {"keywords/Sea": None, "keywords/A, B": True}, now=NOW)
    assert lines(changed) == ["CATEGORIES:Land\\;locked,Sky,A\\, B"]


def test_groups_have_members_in_the_words_of_their_version() -> None:
    value = {"kind": "group", "members": {"urn:uuid:1": True, "ben": True}}
    assert made(**value) == [
        "X-ADDRESSBOOKSERVER-KIND:group",
        "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1",
        "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ben",
    ]
    new = patched(card("KIND:group", "MEMBER:urn:uuid:1"), {"members/urn:uuid:2": True}, now=NOW)
    assert lines(new) == ["KIND:group", "MEMBER:urn:uuid:1", "MEMBER:urn:uuid:2"]


def test_relatives_stand_where_apple_looks_for_them() -> None:
    assert made(
        relatedTo={"Ben Rook": {"relation": {"spouse": True}}, "urn:uuid:2": {"relation": {"friend": True}}}
    ) == [
        "item1.X-ABRELATEDNAMES:Ben Rook",
        "item1.X-ABLabel:_$!<Spouse>!$_",
        "RELATED;TYPE=friend:urn:uuid:2",
    ]


def test_a_translation_is_a_patch() -> None:
    old = card("FN:Ada Rook", "ORG;ALTID=1:The Tower", "ORG;ALTID=1;LANGUAGE=cy:Y Tŵr")
    shown = to_jscontact(old)
    (key,) = shown["organizations"]
    assert shown["localizations"] == {"cy": {f"organizations/{key}": {"name": "Y Tŵr"}}}
    more = patched(old, {"localizations/de": {f"organizations/{key}/name": "Der Turm"}}, now=NOW)
    assert to_jscontact(parse(format_card(more)))["localizations"]["de"] == {f"organizations/{key}/name": "Der Turm"}
    assert "ORG;ALTID=1;LANGUAGE=cy:Y Tŵr" in lines(more)
    assert "localizations" not in to_jscontact(patched(more, {"localizations": None}, now=NOW))


def test_pronouns_and_gender_are_of_one_object() -> None:
    old = card("GRAMGENDER:FEMININE", "PRONOUNS;PREF=1:she/her")
    shown = to_jscontact(old)["speakToAs"]
    assert shown["grammaticalGender"] == "feminine"
    assert list(shown["pronouns"].values()) == [{"pronouns": "she/her", "pref": 1}]
    assert lines(patched(old, {"speakToAs/grammaticalGender": None}, now=NOW)) == ["PRONOUNS;PREF=1:she/her"]


def test_what_no_property_says_is_kept_as_jsprop() -> None:
    value = {
        "rook.example:shelf": {"a": [1, True, None]},
        "emails": {"e": {"address": "a@b.example", "rook.example:x": 2}},
    }
    written = new_card({"uid": "u", **value}, now=NOW, prodid=PRODID)
    assert sum(line.startswith("JSPROP") for line in lines(written)) == 2
    shown = to_jscontact(parse(format_card(written)))
    assert {name: shown[name] for name in value} == value
    assert not [
        x for x in lines(patched(written, {"rook.example:shelf": None, "emails": None}, now=NOW)) if "JSPROP" in x
    ]


@pytest.mark.parametrize(
    "line",
    [
        'JSPROP;JSPTR=uid:"v"',
        "JSPROP;JSPTR=emails:{}",
        "JSPROP;JSPTR=emails/x/address:1",
        'JSPROP;JSPTR=name/full:{"a":1}',
        "JSPROP;JSPTR=a/b/c:" + "[" * 5000,
        "JSPROP;JSPTR=" + "a/" * 500 + ":1",
        "JSPROP:1",
        "JSPROP;JSPTR=members/x:true",
    ],
)  # fmt: skip
def test_hostile_jsprop_changes_nothing(line: str) -> None:
    assert to_jscontact(card("FN:Ada", line)) == to_jscontact(card("FN:Ada"))


def test_pictures_stay_until_others_come() -> None:
    old = card("PHOTO;ENCODING=b;TYPE=JPEG;X-CROP=1:AAEC", version="3.0")
    names = {"photo": lambda _key, _line: {"blobId": "B1"}}
    ((key, value),) = to_jscontact(old, photo=names["photo"])["media"].items()
    assert value == {"kind": "photo", "blobId": "B1", "mediaType": "image/jpeg"}
    labelled = patched(old, {f"media/{key}/pref": 1}, now=NOW, photo=names["photo"])
    assert lines(labelled) == ["PHOTO;ENCODING=b;TYPE=JPEG;X-CROP=1;TYPE=pref:AAEC"]
    png = Binary(b"\x01\x02", "image/png")
    other = patched(old, {f"media/{key}/blobId": "U2"}, now=NOW, photo=names["photo"], blobs={"U2": png})
    assert lines(other) == [f"PHOTO;X-CROP=1;ENCODING=b;TYPE=png;PROP-ID={key}:AQI="]
    with pytest.raises(JsError) as refused:
        patched(old, {f"media/{key}/blobId": "U3"}, now=NOW, photo=names["photo"])
    assert refused.value.properties == (f"media/{key}/blobId",)


def test_old_cards_are_changed_in_their_own_words() -> None:
    old = card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgens;S=C3=B6nke", "TEL;HOME;CELL:1", version="2.1")
    (key,) = to_jscontact(old)["phones"]
    changed = patched(old, {f"phones/{key}/contexts": None, "notes/n": {"note": "Zwei;\nÄste"}}, now=NOW)
    assert lines(changed)[:2] == [
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgens;S=C3=B6nke",
        "TEL;CELL:1",
    ]
    assert to_jscontact(parse(format_card(changed)))["notes"] == {"n": {"note": "Zwei;\nÄste"}}


def test_the_revision_tells_of_changes_and_only_of_them() -> None:
    old = card("REV:20200101T000000Z", "NOTE:a")
    (key,) = to_jscontact(old)["notes"]
    assert format_card(patched(old, {f"notes/{key}/note": "a"}, now=NOW)) == format_card(old)
    assert to_jscontact(patched(old, {f"notes/{key}/note": "b"}, now=NOW))["updated"] == "2026-11-23T10:00:00Z"


@pytest.mark.parametrize(
    ("patch", "wrong"),
    [
        ({"emails": []}, "emails"),
        ({"emails/x/address": "a"}, "emails"),
        ({"emails": {"x": {}}}, "emails/x/address"),
        ({"emails": {"x": {"address": "a", "pref": 101}}}, "emails/x/pref"),
        ({"emails": {"x": {"address": "a", "contexts": {"work": False}}}}, "emails/x/contexts"),
        ({"nonsense": 1}, "nonsense"),
        ({"uid": "other"}, "uid"),
        ({"@type": "Event"}, "@type"),
        ({"name": {"full": "a\x00"}}, "name/full"),
        ({"name": {"full": "\ud800"}}, "name/full"),
        ({"notes": {"n": {"note": "x" * 13_000_000}}}, "notes/n/note"),
        ({"keywords": {str(n): True for n in range(1_001)}}, "keywords"),
        ({"anniversaries": {"a": {"kind": "birth", "date": {"month": 2, "day": 30}}}}, "anniversaries/a/date"),
        ({"anniversaries": {"a": {"kind": "birth", "date": {}}}}, "anniversaries/a/date"),
        ({"links": {"l": {"uri": "javascript"}}}, "links/l/uri"),
        ({"media": {"m": {"kind": "photo"}}}, "media/m"),
        ({"members": {"x" * 400: True}}, "members"),
        ({"name": {"full": "A"}, "name/full": "B"}, "name"),
    ],
)
def test_what_cannot_be_is_refused_and_named(patch: dict[str, Any], wrong: str) -> None:
    old = card("FN:Ada")
    with pytest.raises(JsError) as refused:
        patched(old, patch, now=NOW)
    assert refused.value.properties == (wrong,)


def test_only_the_properties_asked_for_are_read() -> None:
    shown = to_jscontact(card("FN:Ada", "EMAIL:a@b.example", "TEL:1"), properties={"emails", "uid"})
    assert set(shown) == {"@type", "uid", "emails"}


def test_a_card_without_uid_has_the_same_one_each_time() -> None:
    nameless = parse("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n")
    assert to_jscontact(nameless)["uid"] == to_jscontact(nameless)["uid"]
    with pytest.raises(JsError):
        new_card({"name": {"full": "Ada"}}, now=NOW, prodid=PRODID)


def test_a_value_cannot_smuggle_in_a_line() -> None:
    value = {
        "name": {"full": "a\r\nX-EVIL:1"},
        "emails": {"e": {"address": "a\nX-EVIL:1", "label": "l\r\nX-EVIL:1"}},
        "onlineServices": {"o": {"uri": "x:y", "service": 's"\r\nX-EVIL:1'}},
        "addresses": {"a": {"full": 'q"\nX-EVIL:1', "components": [{"kind": "name", "value": "\nX-EVIL:1"}]}},
        "keywords": {"k\nX-EVIL:1": True},
        "members": {"m\nX-EVIL:1": True},
        "relatedTo": {"r\nX-EVIL:1": {}},
        "links": {"l": {"uri": "https://a.example/x", "mediaType": "t\nX-EVIL:1"}},
        "rook.example:x": "a\nX-EVIL:1",
    }
    written = parse(format_card(new_card({"uid": "u", **value}, now=NOW, prodid=PRODID)))
    assert not [line for line in written.properties if line.name == "X-EVIL"]
    with pytest.raises(JsError):
        new_card({"uid": "u\nX-EVIL:1"}, now=NOW, prodid=PRODID)


def test_a_card_of_twenty_thousand_lines_changes_as_fast_as_it_is_read() -> None:
    large = card(*[f"item{n}.EMAIL:same@rook.example" for n in range(5_000)], *["ADR:;;a;;;;", "LABEL:b"] * 5_000)
    assert len(to_jscontact(large)["emails"]) == 5_000
    assert "emails" not in to_jscontact(patched(large, {"emails": None}, now=NOW))
