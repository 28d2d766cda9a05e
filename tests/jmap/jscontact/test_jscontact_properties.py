"""What holds for every card and every patch."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.contentline import format_line
from folkmoot.jmap.jscontact import PROPERTIES, JsError, new_card, patched, to_jscontact
from folkmoot.jmap.jscontact.extras import pointer_of
from folkmoot.vcard import Card, parse
from folkmoot.vcard import format as format_card

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "vcard").glob("*.vcf"))
CARDS = [path for path in FIXTURES if "vlist" not in path.name]
PRODID = "-//Folkmoot//Test//EN"

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and bool(text)
)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
uris = st.sampled_from(["https://rook.example/a", "mailto:a@rook.example", "urn:uuid:0-1", "geo:1.5,2.5;u=1"])
languages = st.sampled_from(["de", "en-GB", "zh-Hant"])
contexts = st.dictionaries(st.sampled_from(["private", "work"]), st.just(True), min_size=1)
prefs = st.integers(1, 100)


def a_map(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(ids, value, min_size=1, max_size=3)


def an_object(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


def components(*kinds: str) -> st.SearchStrategy[Any]:
    one = an_object({"kind": st.sampled_from(kinds), "value": words}, phonetic=words)
    return st.lists(one, min_size=1, max_size=6)


name_kinds = ("title", "given", "given2", "surname", "surname2", "credential", "generation")
address_kinds = ("number", "name", "locality", "region", "postcode", "country", "apartment", "building", "district")
addresses = an_object(
    {"components": components(*address_kinds)},
    isOrdered=st.booleans(),
    full=words,
    countryCode=st.sampled_from(["DE", "us"]),
    coordinates=st.just("geo:52.5,13.4"),
    timeZone=st.just("Europe/Berlin"),
    contexts=st.dictionaries(st.sampled_from(["private", "work", "billing"]), st.just(True), min_size=1),
    pref=prefs,
    label=words,
)
dates = st.one_of(
    st.dates().map(lambda day: {"@type": "PartialDate", "year": day.year, "month": day.month, "day": day.day}),
    st.just({"month": 2, "day": 29}),
    st.just({"year": 1968}),
    st.just({"@type": "Timestamp", "utc": "1990-01-02T03:04:05Z"}),
)
common = {"contexts": contexts, "pref": prefs, "label": words}
values: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["individual", "group", "org", "location"]),
    "language": languages,
    "created": st.just("2024-02-03T04:05:06Z"),
    "keywords": st.dictionaries(words, st.just(True), min_size=1, max_size=4),
    "name": an_object(
        {},
        full=words,
        components=components(*name_kinds),
        isOrdered=st.booleans(),
        sortAs=st.dictionaries(st.sampled_from(["surname", "given"]), words, min_size=1),
    ).filter(bool),
    "nicknames": a_map(an_object({"name": words}, contexts=contexts, pref=prefs)),
    "organizations": a_map(
        an_object({"name": words}, sortAs=words, units=st.lists(an_object({"name": words}, sortAs=words), max_size=3))
    ),
    "titles": a_map(an_object({"name": words}, kind=st.just("role"), organizationId=ids)),
    "emails": a_map(an_object({"address": words}, **common)),
    "phones": a_map(
        an_object(
            {"number": words},
            features=st.dictionaries(st.sampled_from(["mobile", "fax", "text", "main-number"]), st.just(True)),
            **common,
        )
    ),
    "onlineServices": a_map(an_object({"uri": uris}, service=words, user=words, **common)),
    "preferredLanguages": a_map(an_object({"language": languages}, contexts=contexts, pref=prefs)),
    "addresses": a_map(addresses),
    "cryptoKeys": a_map(an_object({"uri": st.sampled_from(["https://rook.example/k", "data:text/plain;base64,AAEC"])})),
    "links": a_map(an_object({"uri": uris}, kind=st.just("contact"), **common)),
    "directories": a_map(
        an_object({"uri": uris, "kind": st.sampled_from(["entry", "directory"])}, listAs=st.integers(1, 9))
    ),
    "calendars": a_map(an_object({"uri": uris, "kind": st.sampled_from(["calendar", "freeBusy"])}, **common)),
    "anniversaries": a_map(
        an_object(
            {"kind": st.sampled_from(["birth", "death", "wedding"]), "date": dates},
            place=st.sampled_from([{"full": "Wick"}, {"coordinates": "geo:1.5,2.5"}]),
        )
    ),
    "personalInfo": a_map(
        an_object(
            {"kind": st.sampled_from(["expertise", "hobby", "interest"]), "value": words},
            level=st.sampled_from(["high", "medium", "low"]),
            listAs=st.integers(1, 99),
            label=words,
        )
    ),
    "notes": a_map(
        an_object({"note": words}, created=st.just("2020-01-01T00:00:00Z"), author=st.just({"name": "Ada"}))
    ),
    "relatedTo": st.dictionaries(
        st.sampled_from(["urn:uuid:9", "Ada Rook", "Ben"]),
        an_object({"relation": st.dictionaries(st.sampled_from(["friend", "spouse", "child"]), st.just(True))}),
        min_size=1,
    ),
    "speakToAs": an_object(
        {"pronouns": a_map(an_object({"pronouns": words}, pref=prefs))}, grammaticalGender=st.just("feminine")
    ),
    "media": a_map(
        an_object({"kind": st.sampled_from(["photo", "logo"]), "uri": st.just("data:image/png;base64,iVBORw0KGgo=")})
    ),
    "localizations": st.dictionaries(languages, st.dictionaries(st.just("name/full"), words, min_size=1), min_size=1),
    "rook.example:shelf": st.recursive(
        st.one_of(words, st.integers(0, 9), st.booleans()), lambda inner: st.dictionaries(words, inner, max_size=2)
    ),
}


@st.composite
def property_and_value(draw: st.DrawFn) -> tuple[str, Any]:
    name = draw(st.sampled_from(sorted(values)))
    return name, draw(values[name])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def lines_of(card: Card) -> list[str]:
    return [format_line(line) for line in card.properties]


def reread(card: Card) -> Card:
    return parse(format_card(card).encode())


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
@given(change=property_and_value())
@settings(max_examples=4, deadline=None)
def test_a_patch_of_one_property_leaves_every_other_line_as_it_was(path: Path, change: tuple[str, Any]) -> None:
    card = parse(path.read_bytes())
    before = to_jscontact(card)
    name, value = change
    after = patched(card, {name: value}, now=NOW)
    shown = to_jscontact(reread(after))

    # What the lines of all other properties say, and in which octets.
    assert {key: one for key, one in shown.items() if key not in {name, "updated"}} == {
        key: one for key, one in before.items() if key not in {name, "updated"}
    }
    again = patched(after, {name: shown.get(name)}, now=NOW)
    assert format_card(again) == format_card(after)
    restored = patched(reread(after), {name: before.get(name)}, now=NOW)
    assert {k: v for k, v in to_jscontact(restored).items() if k != "updated"} == {
        k: v for k, v in before.items() if k != "updated"
    }


@given(change=property_and_value())
@settings(max_examples=40, deadline=None)
def test_a_patch_shows_just_what_was_asked_for_and_touches_no_unknown_line(change: tuple[str, Any]) -> None:
    name, value = change
    strange = ['X-STRANGE;X-A="b":Keep  me', "item9.X-THING:1", "item9.X-ABLabel:Own", "x-lower;foo=bar:z"]
    card = parse("\r\n".join(["BEGIN:VCARD", "VERSION:4.0", "UID:u1", "FN:Rook", *strange, "END:VCARD", ""]))
    after = reread(patched(card, {name: value}, now=NOW))
    assert [line for line in lines_of(after) if line in strange] == strange
    once = to_jscontact(after).get(name)
    twice = to_jscontact(reread(patched(after, {name: once}, now=NOW))).get(name)
    assert once == twice
    gone = patched(after, {name: None}, now=NOW)
    assert name not in to_jscontact(reread(gone)) or name == "name"
    assert [line for line in lines_of(reread(gone)) if line in strange] == strange


@given(st.fixed_dictionaries({}, optional=values))
@settings(max_examples=40, deadline=None)
def test_what_a_new_card_says_is_what_a_card_made_of_it_says(value: dict[str, Any]) -> None:
    first = to_jscontact(reread(new_card({**value, "uid": "urn:uuid:1"}, now=NOW, prodid=PRODID)))
    second = to_jscontact(reread(new_card(first, now=NOW, prodid=PRODID)))
    assert second == first
    assert first.keys() >= {name for name, one in value.items() if one} - {"name"}


@given(st.dictionaries(st.sampled_from(sorted(PROPERTIES)) | st.text(max_size=12), json_values, max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_json_is_a_card_or_refused(value: dict[str, Any]) -> None:
    card = parse(FIXTURES[1].read_bytes())
    with suppress(JsError):
        reread(new_card({"uid": "u", **value}, now=NOW, prodid=PRODID))
    with suppress(JsError):
        reread(patched(card, value, now=NOW))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_any_pointer_into_a_card_is_followed_or_refused(path: Path, data: st.DataObject) -> None:
    card = parse(path.read_bytes())
    shown = to_jscontact(card)
    pointers = list(_pointers(shown, ()))
    chosen = data.draw(st.sampled_from(pointers))
    value = data.draw(json_values)
    with suppress(JsError):
        after = reread(patched(card, {pointer_of(chosen): value}, now=NOW))
        other = to_jscontact(after)
        assert {k: v for k, v in other.items() if k not in {chosen[0], "updated"}} == {
            k: v for k, v in shown.items() if k not in {chosen[0], "updated"}
        }


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_setting_what_is_there_changes_no_octet(path: Path) -> None:
    card = parse(path.read_bytes())
    shown = to_jscontact(card)
    for pointer in _pointers(shown, ()):
        present = shown
        for step in pointer:
            present = present[step]
        assert patched(card, {pointer_of(pointer): present}, now=NOW).properties == card.properties
    assert json.dumps(to_jscontact(reread(patched(card, shown, now=NOW)))) == json.dumps(shown)


def _pointers(value: Any, at: tuple[str, ...]) -> Any:
    for key, one in value.items():
        yield (*at, key)
        if isinstance(one, dict):
            yield from _pointers(one, (*at, key))
