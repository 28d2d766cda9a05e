"""Address books in LDIF, as Thunderbird, SOGo and LDAP servers write them, to cards and back."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from uuid import NAMESPACE_X500, uuid5

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.core.errors import MalformedInput
from folkmoot.vcard.birthday import date_of
from folkmoot.vcard.card import Card, Rejected
from folkmoot.vcard.dates import PartialDate, parse_date
from folkmoot.vcard.ldif import Record, decode_text, format_ldif, parse_ldif
from folkmoot.vcard.names import display_name, kind
from folkmoot.vcard.slots import Slot, card_from, texts_of, written_date
from folkmoot.vcard.values import Binary, binary_value, text_value

_HOME: Final = ("home",)
_WORK: Final = ("work",)

# The first attribute of a slot is the one we write; the others are read.
_ATTRIBUTES: Final[dict[Slot, tuple[str, ...]]] = {
    Slot("FN"): ("cn", "displayname", "commonname"),
    Slot("N", part=1): ("givenname",),
    Slot("N", part=0): ("sn", "surname"),
    Slot("N", part=2): ("initials",),
    Slot("N", part=3): ("personaltitle",),
    Slot("N", part=4): ("generationqualifier",),
    Slot("NICKNAME"): ("mozillanickname", "xmozillanickname", "nickname"),
    Slot("ORG", part=0): ("o", "organizationname", "company"),
    Slot("ORG", part=1): ("ou", "department", "departmentnumber", "orgunit"),
    Slot("TITLE"): ("title",),
    Slot("EMAIL"): ("mail", "rfc822mailbox", "email"),
    Slot("EMAIL", _HOME): ("mozillasecondemail", "xmozillasecondemail", "mozillahomeemail"),
    Slot("TEL", _WORK): ("telephonenumber",),
    Slot("TEL", _HOME): ("homephone",),
    Slot("TEL", ("cell",)): ("mobile", "cellphone", "carphone", "mobiletelephonenumber"),
    Slot("TEL", ("fax",)): ("facsimiletelephonenumber", "fax"),
    Slot("TEL", ("pager",)): ("pager", "pagerphone"),
    Slot("ADR", _WORK, 0): ("postofficebox",),
    Slot("ADR", _WORK, 1): ("mozillaworkstreet2", "mozillapostaladdress2"),
    Slot("ADR", _WORK, 2): ("street", "streetaddress"),
    Slot("ADR", _WORK, 3): ("l", "locality", "localityname"),
    Slot("ADR", _WORK, 4): ("st", "region", "stateorprovincename"),
    Slot("ADR", _WORK, 5): ("postalcode", "zip"),
    Slot("ADR", _WORK, 6): ("c", "countryname", "co", "friendlycountryname"),
    Slot("ADR", _HOME, 1): ("mozillahomestreet2", "mozillahomepostaladdress2"),
    Slot("ADR", _HOME, 2): ("mozillahomestreet", "homepostaladdress"),
    Slot("ADR", _HOME, 3): ("mozillahomelocalityname",),
    Slot("ADR", _HOME, 4): ("mozillahomestate",),
    Slot("ADR", _HOME, 5): ("mozillahomepostalcode",),
    Slot("ADR", _HOME, 6): ("mozillahomecountryname", "mozillahomecountry"),
    Slot("URL", _WORK): ("mozillaworkurl", "workurl", "labeleduri", "url"),
    Slot("URL", _HOME): ("mozillahomeurl", "homeurl"),
    Slot("X-AIM"): ("nsaimid", "nscpaimscreenname"),
    Slot("NOTE"): ("description", "notes", "info"),
    Slot("CATEGORIES"): ("vcardcategories", "mozillacategories"),
    Slot("FBURL"): ("calfburl",),
    Slot("X-MOZILLA-HTML"): ("mozillausehtmlmail", "xmozillausehtmlmail"),
    Slot("X-CUSTOM1"): ("mozillacustom1", "custom1"),
    Slot("X-CUSTOM2"): ("mozillacustom2", "custom2"),
    Slot("X-CUSTOM3"): ("mozillacustom3", "custom3"),
    Slot("X-CUSTOM4"): ("mozillacustom4", "custom4"),
}
_SLOT_OF: Final = {attribute: slot for slot, attributes in _ATTRIBUTES.items() for attribute in attributes}
# Where a text goes if its own place is taken or LDAP has none.
_FALLBACKS: Final = {
    "EMAIL": (Slot("EMAIL"), Slot("EMAIL", _HOME)),
    "TEL": (Slot("TEL", _WORK), Slot("TEL", _HOME)),
    "URL": (Slot("URL", _WORK), Slot("URL", _HOME)),
}
_PERSON: Final = ("top", "person", "organizationalPerson", "inetOrgPerson", "mozillaAbPersonAlpha")
_GROUP: Final = ("top", "groupOfNames")
_GROUP_CLASSES: Final = frozenset({"groupofnames", "groupofuniquenames", "mailinglist"})
_MEMBER_ATTRIBUTES: Final = ("member", "uniquemember")
_MAIL_IN_DN: Final = re.compile(r"(?:^|,)\s*mail\s*=\s*((?:\\.|[^,\\])+)", re.IGNORECASE)
_NAME_IN_DN: Final = re.compile(r"(?:^|,)\s*cn\s*=\s*((?:\\.|[^,\\])+)", re.IGNORECASE)
_DN_PIECE: Final = re.compile(r"\\[0-9A-Fa-f]{2}|\\.|[^\\]", re.DOTALL)
_HEX_PAIR_CHARS: Final = 3  # with the backslash
_DN_SPECIAL: Final = re.compile(r'[,+"\\<>;=#]')


def cards_from_ldif(octets: bytes) -> Iterator[Card | Rejected]:
    """Yield the people and groups of an LDIF file as vCards 3.0 with UIDs; everything else is yielded as Rejected.

    A UID is made of the distinguished name, so that the same file read twice gives the same contacts, and groups
    find their members.

    Raises:
        TooLarge: the file is larger than ``ldif.LDIF_OCTETS_MAX``.
    """
    records = list(parse_ldif(octets))
    uids = _uids(record for record in records if isinstance(record, Record))
    taken: set[str] = set()
    for record in records:
        if isinstance(record, Rejected):
            yield record
            continue
        uid = uids[_folded(record.dn)]
        if uid in taken:
            yield Rejected(record.line, "LDIF: the same dn twice")
            continue
        taken.add(uid)
        try:
            yield _group_card(record, uid, uids) if _is_group(record) else _person_card(record, uid)
        except MalformedInput as error:
            yield Rejected(record.line, f"LDIF: {error}")


def ldif_from_cards(cards: Sequence[Card]) -> str:
    """Return people and groups as LDIF; what LDAP's schema of people has no attribute for is left out."""
    dns = {text_value(uid): _dn(card) for card in cards if (uid := card.get("UID")) is not None}
    return format_ldif(
        (_dn(card), _group_attributes(card, dns) if kind(card) == "group" else _person_attributes(card))
        for card in cards
    )


def _uids(records: Iterable[Record]) -> dict[str, str]:
    uids: dict[str, str] = {}
    for record in records:
        stated = record.first("entryuuid").strip()
        uids.setdefault(_folded(record.dn), stated or str(uuid5(NAMESPACE_X500, _folded(record.dn))))
    return uids


def _folded(dn: str) -> str:
    return ",".join(part.strip() for part in dn.casefold().split(","))


def _is_group(record: Record) -> bool:
    return any(name.strip().lower() in _GROUP_CLASSES for name in record.all("objectclass"))


def _person_card(record: Record, uid: str) -> Card:
    entries = [(Slot("UID"), uid)]
    for attribute, value in record.attributes:
        slot = _SLOT_OF.get(attribute)
        if slot is not None:
            text = decode_text(value).replace("$", "\n") if attribute.endswith("postaladdress") else decode_text(value)
            entries.append((slot, text.split(" ", 1)[0] if attribute == "labeleduri" else text))
    date = _birthday(record)
    if date is not None:
        entries.append((Slot("BDAY"), written_date(date)))
    extra: list[Line] = []
    for attribute, value in record.attributes:
        if attribute in {"jpegphoto", "thumbnailphoto"} and value and not extra:
            params = (Parameter("ENCODING", ("b",)), Parameter("TYPE", ("JPEG",)))
            extra.append(Line("PHOTO", Binary(value, "image/jpeg").base64(), params))
    return card_from(entries, extra=extra)


def _birthday(record: Record) -> PartialDate | None:
    year, month, day = (record.first(name).strip() for name in ("birthyear", "birthmonth", "birthday"))
    if not month.isdecimal() or not day.isdecimal():
        return parse_date(day)
    return parse_date(f"{year}-{month}-{day}" if year else f"--{month:0>2}{day:0>2}")


def _group_card(record: Record, uid: str, uids: dict[str, str]) -> Card:
    name = record.first("cn") or _unescape_dn(_first(_NAME_IN_DN, record.dn))
    lines = [
        Line("VERSION", "3.0"),
        Line("UID", escape_text(uid)),
        Line("N", f"{escape_text(name)};;;;"),
        Line("FN", escape_text(name)),
        Line("X-ADDRESSBOOKSERVER-KIND", "group"),
    ]
    for attribute in ("mozillanickname", "description"):
        text = record.first(attribute)
        if text:
            lines.append(Line("NICKNAME" if attribute == "mozillanickname" else "NOTE", escape_text(text)))
    for attribute in _MEMBER_ATTRIBUTES:
        for dn in record.all(attribute):
            member = uids.get(_folded(dn))
            mail = _unescape_dn(_first(_MAIL_IN_DN, dn))
            if member is not None:
                lines.append(Line("X-ADDRESSBOOKSERVER-MEMBER", f"urn:uuid:{member}"))
            elif mail:
                lines.append(Line("X-ADDRESSBOOKSERVER-MEMBER", f"mailto:{mail}"))
    if not name:
        raise MalformedInput("a group without a name")
    return Card("VCARD", lines)


def _person_attributes(card: Card) -> Iterator[tuple[str, str | bytes]]:
    for name in _PERSON:
        yield "objectclass", name
    taken: set[Slot] = set()
    if not any(line.name == "FN" and text_value(line).strip() for line in card.properties):
        yield "cn", display_name(card)
    for slot, text in texts_of(card):
        place = _place(slot, taken)
        if place is not None:
            taken.add(place)
            yield _ATTRIBUTES[place][0], text
    birthday = card.get("BDAY")
    date = None if birthday is None else date_of(birthday)
    if date is not None:
        for attribute, number in (("birthyear", date.year), ("birthmonth", date.month), ("birthday", date.day)):
            if number is not None:
                yield attribute, str(number)
    photo = card.get("PHOTO")
    binary = None if photo is None else binary_value(photo)
    if binary is not None and binary.media_type in {"image/jpeg", "image/jpg", ""}:
        yield "jpegphoto", binary.content


def _place(slot: Slot, taken: set[Slot]) -> Slot | None:
    """Return the slot LDAP has for a text: it knows fewer types than a card.

    A second text goes to a second place if there is one; otherwise mail addresses and numbers may repeat.
    """
    words: tuple[str, ...] = slot.types
    if slot.name == "TEL":
        words = next(((word,) for word in ("fax", "pager", "cell") if word in words), words[:1])
    elif slot.name == "ADR":
        words = _HOME if "home" in words else _WORK
    own = Slot(slot.name, words, slot.part)
    candidates: list[Slot] = [place for place in (own, *_FALLBACKS.get(slot.name, ())) if place in _ATTRIBUTES]
    free = next((place for place in candidates if place not in taken), None)
    if free is None and candidates and slot.name in {"EMAIL", "TEL"}:
        return candidates[0]
    return free


def _group_attributes(card: Card, dns: dict[str, str]) -> Iterator[tuple[str, str | bytes]]:
    for name in _GROUP:
        yield "objectclass", name
    yield "cn", display_name(card)
    nickname, note = card.text("NICKNAME"), card.text("NOTE") or card.text("DESCRIPTION")
    if nickname:
        yield "mozillanickname", nickname
    if note:
        yield "description", note
    for line in card.properties:
        if line.name == "CARD":
            yield "member", _dn_of(line.param("FN") or "", line.param("EMAIL") or "")
        elif line.name in {"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"}:
            uid = line.value.removeprefix("urn:uuid:")
            dn = dns.get(uid) or dns.get(line.value)
            if dn is None and line.value.lower().startswith("mailto:"):
                dn = _dn_of("", line.value[len("mailto:") :])
            if dn is not None:
                yield "member", dn


def _dn(card: Card) -> str:
    mail = next((text for slot, text in texts_of(card) if slot.name == "EMAIL"), "")
    return _dn_of(display_name(card), mail)


def _dn_of(name: str, mail: str) -> str:
    parts = [f"{key}={_escape_dn(text)}" for key, text in (("cn", name), ("mail", mail)) if text]
    return ",".join(parts) or "cn=unnamed"


def _escape_dn(text: str) -> str:
    """Escape an attribute value of a distinguished name (RFC 4514 section 2.4)."""
    return _DN_SPECIAL.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def _unescape_dn(text: str) -> str:
    """Undo the escapes; pairs of hexadecimal digits stand for octets of UTF-8 (RFC 4514 section 3)."""
    octets = b"".join(
        bytes.fromhex(piece[1:])
        if len(piece) == _HEX_PAIR_CHARS
        else piece.removeprefix("\\").encode("utf-8", "replace")
        for piece in _DN_PIECE.findall(text)
    )
    return decode_text(octets).strip()


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found is not None else ""
