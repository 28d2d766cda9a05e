"""A card as the entries of a JSContact Card, each with the lines that say it (RFC 9555 section 2)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeAlias
from uuid import NAMESPACE_OID, uuid5

from folkmoot.contentline import Line, split_values
from folkmoot.jmap.jscontact import channels, places, resources
from folkmoot.jmap.jscontact.names import NAME_LINES, read_names
from folkmoot.jmap.jscontact.resources import Photo
from folkmoot.jmap.jscontact.sight import Sight, Value, identifier, plain
from folkmoot.vcard import Card, types
from folkmoot.vcard import format as format_card
from folkmoot.vcard.moments import extended_stamp
from folkmoot.vcard.names import kind as kind_of
from folkmoot.vcard.values import listed_value

Reader: TypeAlias = Callable[[Line, Sight], Value | None]

PRONOUNS: Final = "speakToAs/pronouns"
GENDER: Final = "speakToAs/grammaticalGender"
ENTRY_READERS: Final[dict[str, tuple[str, Reader]]] = {
    "EMAIL": ("emails", channels.read_email),
    "TEL": ("phones", channels.read_phone),
    "NICKNAME": ("nicknames", channels.read_nickname),
    "ORG": ("organizations", channels.read_organization),
    "TITLE": ("titles", channels.read_title),
    "ROLE": ("titles", channels.read_title),
    "PRONOUNS": (PRONOUNS, channels.read_pronouns),
    "LANG": ("preferredLanguages", channels.read_language),
    "IMPP": ("onlineServices", channels.read_messenger),
    **dict.fromkeys(channels.MESSENGERS, ("onlineServices", channels.read_messenger)),
    "SOCIALPROFILE": ("onlineServices", channels.read_profile),
    "X-SOCIALPROFILE": ("onlineServices", channels.read_profile),
    "NOTE": ("notes", channels.read_note),
    **dict.fromkeys(("EXPERTISE", "HOBBY", "INTEREST"), ("personalInfo", channels.read_personal)),
    "CALURI": ("calendars", resources.reader("calendar")),
    "FBURL": ("calendars", resources.reader("freeBusy")),
    "CALADRURI": ("schedulingAddresses", resources.read_scheduling),
    "KEY": ("cryptoKeys", resources.reader()),
    "ORG-DIRECTORY": ("directories", resources.reader("directory")),
    "SOURCE": ("directories", resources.reader("entry")),
    "URL": ("links", resources.reader()),
    "CONTACT-URI": ("links", resources.reader("contact")),
    "ADR": ("addresses", places.read_address_line),
    **dict.fromkeys(places.DAYS, ("anniversaries", places.read_day)),
}
MEDIA: Final = frozenset({"PHOTO", "LOGO", "SOUND"})
RELATIONS: Final = frozenset({"RELATED", "X-ABRELATEDNAMES"})
MEMBERS: Final = frozenset({"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"})
# Lines that say one thing, and the property; of several lines the first counts.
SCALARS: Final = {
    "LANGUAGE": "language",
    "CREATED": "created",
    "REV": "updated",
    "PRODID": "prodId",
    "GRAMGENDER": GENDER,
    "UID": "uid",
}
# Lines that belong to the entry of another line, and the property of that.
_BESIDE: Final = {
    "LABEL": "addresses",
    "GEO": "addresses",
    "TZ": "addresses",
    "BIRTHPLACE": "anniversaries",
    "DEATHPLACE": "anniversaries",
}
_PLACE_OF: Final = {"BIRTHPLACE": "birth", "DEATHPLACE": "death"}
KINDS: Final = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND", "X-ABSHOWAS"})
_URN: Final = "urn:uuid:"


# The ids in use by property, and how many more of each were wanted.
Used: TypeAlias = dict[str, dict[str, int]]


@dataclass(slots=True)
class Entry:
    """One value and the lines that say it, the one that carries its id first.

    ``shared`` if the line says other entries, too; ``line`` is then not in the card, but what ``holder`` says of it.
    """

    property: str
    id: str
    value: Any
    lines: list[Line]
    holder: Line | None = None


@dataclass(slots=True)
class Reading:
    """All entries of a card; those of translations have ``localizations`` as property, and pointers as ids."""

    sight: Sight
    entries: list[Entry] = field(default_factory=list)
    extras: list[Line] = field(default_factory=list)  # JSPROP

    def of(self, property_: str) -> list[Entry]:
        """Return the entries of one property."""
        return [entry for entry in self.entries if entry.property == property_]


@lru_cache(maxsize=256)
def _wanted(properties: frozenset[str] | None) -> tuple[dict[str, tuple[str, Reader]], frozenset[str]]:
    """Return the readers of these properties, and the names of all other lines that matter for them."""
    everything: list[tuple[Iterable[str], str]] = [
        (NAME_LINES, "name"),
        (MEDIA, "media"),
        (RELATIONS, "relatedTo"),
        (MEMBERS, "members"),
        (KINDS, "kind"),
        (("CATEGORIES",), "keywords"),
        *(((name,), property_) for name, property_ in (SCALARS | _BESIDE).items()),
    ]
    if properties is None:
        names = {name for some, _ in everything for name in some}
        return ENTRY_READERS, frozenset({*names, "JSPROP"})
    tops = {property_.partition("/")[0] for property_ in properties}
    names = {name for some, property_ in everything for name in some if property_.partition("/")[0] in tops}
    readers = {name: rule for name, rule in ENTRY_READERS.items() if rule[0].partition("/")[0] in tops}
    return readers, frozenset({*names, "JSPROP"})


def read(card: Card, properties: Collection[str] | None = None, *, photo: Photo | None = None) -> Reading:
    """Return the entries of a card; only of these properties, if given."""
    wanted = frozenset(properties) if properties is not None else None
    if wanted is not None and "localizations" in wanted:
        wanted = None  # any line can be a translation
    readers, others = _wanted(wanted)
    sight = Sight(card)
    reading = Reading(sight)
    entries = reading.entries
    beside: dict[str, list[Line]] = {}
    translated: list[tuple[str, Line]] = []
    lines = card.properties
    if any(line.has_params and line.param("ALTID") is not None for line in lines):
        lines, translated = _untranslated(lines)
    used: Used = {}
    for line in lines:
        rule = readers.get(line.name)
        if rule is not None:
            if line.name == "NICKNAME" and "," in line.value:
                _split(line, sight, entries, used)
                continue
            value = rule[1](line, sight)
            if value is not None:
                entries.append(Entry(rule[0], _unique(identifier(line), rule[0], used), value, [line]))
        elif line.name in others:
            if line.name in MEDIA:
                ident = _unique(identifier(line), "media", used)
                value = resources.read_media(line, sight, ident, photo)
                if value is not None:
                    entries.append(Entry("media", ident, value, [line]))
            elif line.name == "JSPROP":
                reading.extras.append(line)
            else:
                beside.setdefault(line.name, []).append(line)
    if beside:
        _read_beside(beside, reading, lines)
    if translated and (wanted is None or "localizations" in wanted):
        _read_translated(translated, reading)
    return reading


def _unique(ident: str, property_: str, used: Used) -> str:
    taken = used.setdefault(property_, {})
    found, number = ident, taken.get(ident, 0)
    while found in taken:
        number += 1
        found = f"{ident[:240]}-{number + 1}"
    taken[ident] = number
    taken[found] = taken.get(found, 0)
    return found


def _split(line: Line, sight: Sight, entries: list[Entry], used: Used) -> None:
    """Make each nickname of a list an entry, as if it had its own line."""
    property_, reader = ENTRY_READERS[line.name]
    for piece in split_values(line.value, ","):
        own = line.replace(value=piece)
        value = reader(own, sight)
        if value is not None:
            entries.append(Entry(property_, _unique(identifier(own), property_, used), value, [own], line))


def _read_beside(beside: dict[str, list[Line]], reading: Reading, lines: list[Line]) -> None:
    entries, sight = reading.entries, reading.sight
    if not beside.keys().isdisjoint(NAME_LINES):
        value, said = read_names([line for line in lines if line.name in NAME_LINES])
        entries.append(Entry("name", "", value, said))
    for name, property_ in SCALARS.items():
        for line in beside.get(name, ())[:1]:
            text = _scalar(line)
            if text:
                entries.append(Entry(property_, "", text, [line]))
    stated = [line for name in KINDS for line in beside.get(name, ())]
    if stated:
        found = kind_of(Card(sight.card.component, stated))
        says_so = any(line.name != "X-ABSHOWAS" for line in stated) or found != "individual"
        if says_so:
            entries.append(Entry("kind", "", found, stated))
    for line in beside.get("CATEGORIES", ()):
        for piece in split_values(line.value, ",") if not line.has_params else [None]:
            own = line if piece is None else line.replace(value=piece)
            entries += [Entry("keywords", word, True, [own], line) for word in _words(own, whole=piece is None)]
    _read_members(beside, reading)
    _read_relations(beside, reading)
    _read_addresses(beside, reading)
    for name, kind in _PLACE_OF.items():
        day = next((one for one in entries if one.property == "anniversaries" and one.value["kind"] == kind), None)
        for line in beside.get(name, ())[:1]:
            place = places.read_place(line)
            if day is not None and place is not None:
                day.value["place"] = place
                day.lines.append(line)


def _read_relations(beside: dict[str, list[Line]], reading: Reading) -> None:
    related: dict[str, Entry] = {}
    for name in sorted(RELATIONS):
        for line in beside.get(name, ()):
            found_relation = channels.read_relation(line, reading.sight)
            if found_relation is None:
                continue
            key, value = found_relation
            if key in related:
                related[key].lines.append(line)
                if value:
                    merged = related[key].value.setdefault("relation", {})
                    merged |= value["relation"]
            else:
                related[key] = Entry("relatedTo", key, value, [line])
    reading.entries += related.values()


def _scalar(line: Line) -> str:
    text = plain(line)
    if line.name in {"CREATED", "REV"}:
        stamp = extended_stamp(text)
        return stamp if stamp is not None and stamp.endswith("Z") else ""
    return text.lower() if line.name == "GRAMGENDER" else text


def _words(line: Line, *, whole: bool) -> list[str]:
    if not whole:
        text = plain(line)
        return [text] if text else []
    return listed_value(line)


def _read_members(beside: dict[str, list[Line]], reading: Reading) -> None:
    bare = has_bare_uid(reading.sight.card)
    for name in sorted(MEMBERS):
        for line in beside.get(name, ()):
            text = plain(line)
            if bare and text[: len(_URN)].lower() == _URN:
                text = text[len(_URN) :]
            if text:
                reading.entries.append(Entry("members", text, True, [line]))


def has_bare_uid(card: Card) -> bool:
    """Whether a card's UID is no URN, as Apple writes it; its members are then meant without the prefix, too."""
    uid = card.get("UID")
    return uid is not None and not uid.value.strip().lower().startswith("urn:")


def _read_addresses(beside: dict[str, list[Line]], reading: Reading) -> None:
    addresses = reading.of("addresses")
    used: Used = {"addresses": {entry.id: 0 for entry in addresses}}
    unlabelled: dict[tuple[str | None, frozenset[str]], list[Entry]] = {}
    if "LABEL" in beside:
        for one in reversed(addresses):
            if "full" not in one.value:
                unlabelled.setdefault(_kind_of_place(one.lines[0]), []).append(one)
    for line in beside.get("LABEL", ()):
        waiting = unlabelled.get(_kind_of_place(line))
        _join(line, "full", plain(line), waiting.pop() if waiting and plain(line) else None, reading, used)
    for name, member in (("GEO", "coordinates"), ("TZ", "timeZone")):
        for line in beside.get(name, ())[:1]:
            said = places.coordinates(line) if name == "GEO" else places.time_zone(line)
            addresses = reading.of("addresses")
            _join(line, member, said, next((a for a in addresses if member not in a.value), None), reading, used)


def _kind_of_place(line: Line) -> tuple[str | None, frozenset[str]]:
    return line.group, frozenset(types(line)) - {"pref"}


def _join(line: Line, member: str, text: str | None, home: Entry | None, reading: Reading, used: Used) -> None:
    if not text:
        return
    if home is not None:
        home.value[member] = text
        home.lines.append(line)
    else:
        value = reading.sight.common(line, {member: text})
        reading.entries.append(Entry("addresses", _unique(identifier(line), "addresses", used), value, [line]))


def _untranslated(lines: list[Line]) -> tuple[list[Line], list[tuple[str, Line]]]:
    """Return the lines without those that say the same in another language, and those (RFC 6350 section 5.4)."""
    chosen = next((plain(line) for line in lines if line.name == "LANGUAGE"), "").lower()
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        alternative = line.param("ALTID") if line.has_params else None
        if alternative is not None and line.param("PHONETIC") is None:
            groups.setdefault((line.name, alternative), []).append(line)
    dropped: dict[int, str] = {}
    for members in groups.values():
        main = next(
            (one for one in members if (one.param("LANGUAGE") or "").lower() in {"", chosen}),
            members[0],
        )
        for line in members:
            tongue = line.param("LANGUAGE")
            if line is not main and tongue:
                dropped[id(line)] = tongue
    kept = [line for line in lines if id(line) not in dropped]
    return kept, [(dropped[id(line)], line) for line in lines if id(line) in dropped]


def _read_translated(translated: list[tuple[str, Line]], reading: Reading) -> None:
    names: dict[str, list[Line]] = {}
    originals = {(one.lines[0].name, one.lines[0].param("ALTID")): one for one in reading.entries if one.lines}
    for tongue, line in translated:
        if line.name in NAME_LINES:
            names.setdefault(tongue, []).append(line)
            continue
        rule = ENTRY_READERS.get(line.name)
        value = rule[1](line, reading.sight) if rule is not None else None
        if rule is None or value is None:
            continue
        entry = originals.get((line.name, line.param("ALTID")))
        if entry is not None:
            pointer = f"{tongue}/{rule[0]}~1{entry.id}"
            reading.entries.append(Entry("localizations", pointer, value, [line]))
    for tongue, lines in names.items():
        value, said = read_names(lines)
        if value:
            reading.entries.append(Entry("localizations", f"{tongue}/name", value, said))


def fallback_uid(card: Card) -> str:
    """Return a UID for a card that has none; the same text gets the same (RFC 9555 section 2.1.1)."""
    return f"{_URN}{uuid5(NAMESPACE_OID, format_card(card))}"
