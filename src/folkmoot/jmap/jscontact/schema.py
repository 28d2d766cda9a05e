"""The properties of a JSContact Card and what each may hold (RFC 9553 section 2)."""

from typing import Final

from folkmoot.jmap.jscontact.checks import (
    MEMBERS_MAX,
    PREF_MAX,
    UNSIGNED_MAX,
    URI_MAX,
    Check,
    anything,
    flag,
    flags,
    language,
    list_of,
    map_of,
    number,
    object_of,
    one_line,
    text,
    uri,
    utc,
    word,
)

NAME_KINDS: Final = ("title", "given", "given2", "surname", "surname2", "credential", "generation", "separator")
ADDRESS_KINDS: Final = (
    *("room", "apartment", "floor", "building", "number", "name", "block", "subdistrict", "district", "locality"),
    *("region", "postcode", "country", "direction", "landmark", "postOfficeBox", "separator"),
)
FEATURES: Final = ("mobile", "voice", "text", "video", "main-number", "textphone", "fax", "pager")
KINDS: Final = ("individual", "group", "org", "location", "device", "application")
UID_MAX: Final = 255  # width of the index column
_MONTHS: Final = 12
_DAYS: Final = 31
_YEARS: Final = 9999

_text = text()
_blank = text(empty=True)
_contexts = flags(word("private", "work"))
_COMMON: Final[dict[str, Check]] = {"contexts": _contexts, "pref": number(1, PREF_MAX), "label": _text}
_RESOURCE: Final[dict[str, Check]] = {**_COMMON, "uri": uri, "mediaType": _text}
_component = {"value": _blank, "phonetic": _text}
_WRITTEN: Final[dict[str, Check]] = {
    "isOrdered": flag,
    "defaultSeparator": _blank,
    "full": _text,
    "phoneticScript": _text,
    "phoneticSystem": word("ipa", "jyut", "piny", "script"),
}

_name = object_of(
    "Name",
    {
        **_WRITTEN,
        "components": list_of(
            object_of("NameComponent", {**_component, "kind": word(*NAME_KINDS)}, "value", "kind"),
        ),
        "sortAs": map_of(_text, keys=word(*NAME_KINDS)),
    },
)
_address = object_of(
    "Address",
    {
        **_WRITTEN,
        "components": list_of(
            object_of("AddressComponent", {**_component, "kind": word(*ADDRESS_KINDS)}, "value", "kind"),
        ),
        "countryCode": text(2),
        "coordinates": uri,
        "timeZone": text(100),
        "contexts": flags(word("private", "work", "billing", "delivery")),
        "pref": _COMMON["pref"],
        "label": _text,
    },
)


def _date(value: object, at: str) -> None:
    if isinstance(value, dict) and (value.get("@type") == "Timestamp" or "utc" in value):
        _timestamp(value, at)
    else:
        _partial(value, at)


_timestamp = object_of("Timestamp", {"utc": utc}, "utc")
_partial = object_of(
    "PartialDate",
    {
        "year": number(0, _YEARS),
        "month": number(1, _MONTHS),
        "day": number(1, _DAYS),
        "calendarScale": text(20),
    },
)


def _resource(type_: str, *kinds: str, **more: Check) -> Check:
    members = {**_RESOURCE, **more} | ({"kind": word(*kinds)} if kinds else {})
    return map_of(object_of(type_, members, *([] if type_ == "Media" else ["uri"])))


SCHEMA: Final[dict[str, Check]] = {
    "@type": word("Card"),
    "version": word("1.0", "2.0"),
    "created": utc,
    "kind": word(*KINDS),
    "language": language,
    "members": flags(text(UID_MAX + 20), MEMBERS_MAX),
    "prodId": _text,
    "relatedTo": map_of(object_of("Relation", {"relation": flags(text(100))}), keys=text(4_000)),
    "uid": one_line(UID_MAX),
    "updated": utc,
    "name": _name,
    "nicknames": map_of(object_of("Nickname", {"name": _text, "contexts": _contexts, "pref": _COMMON["pref"]}, "name")),
    "organizations": map_of(
        object_of(
            "Organization",
            {
                "name": _text,
                "units": list_of(object_of("OrgUnit", {"name": _text, "sortAs": _text}, "name")),
                "sortAs": _text,
                "contexts": _contexts,
            },
        )
    ),
    "speakToAs": object_of(
        "SpeakToAs",
        {
            "grammaticalGender": word("animate", "common", "feminine", "inanimate", "masculine", "neuter"),
            "pronouns": map_of(
                object_of("Pronouns", {"pronouns": _text, "contexts": _contexts, "pref": _COMMON["pref"]}, "pronouns")
            ),
        },
    ),
    "titles": map_of(
        object_of("Title", {"name": _text, "kind": word("title", "role"), "organizationId": text(255)}, "name")
    ),
    "emails": map_of(object_of("EmailAddress", {**_COMMON, "address": _text}, "address")),
    "onlineServices": map_of(
        object_of("OnlineService", {**_COMMON, "service": _text, "uri": uri, "user": _text, "vCardName": text(100)})
    ),
    "phones": map_of(object_of("Phone", {**_COMMON, "number": _text, "features": flags(word(*FEATURES))}, "number")),
    "preferredLanguages": map_of(
        object_of("LanguagePref", {"language": language, "contexts": _contexts, "pref": _COMMON["pref"]}, "language")
    ),
    "calendars": _resource("Calendar", "calendar", "freeBusy"),
    "schedulingAddresses": map_of(object_of("SchedulingAddress", {**_COMMON, "uri": uri}, "uri")),
    "addresses": map_of(_address),
    "cryptoKeys": _resource("CryptoKey"),
    "directories": _resource("Directory", "directory", "entry", listAs=number(1, UNSIGNED_MAX)),
    "links": _resource("Link", "contact"),
    "media": _resource("Media", "photo", "sound", "logo", blobId=text(255)),
    "localizations": map_of(map_of(anything, keys=text(1_000)), keys=language),
    "anniversaries": map_of(
        object_of(
            "Anniversary",
            {"kind": word("birth", "death", "wedding"), "date": _date, "place": _address, "label": _text},
            "kind",
            "date",
        )
    ),
    "keywords": flags(text(1_000)),
    "notes": map_of(
        object_of(
            "Note",
            {
                "note": text(URI_MAX),
                "created": utc,
                "author": object_of("Author", {"name": _text, "uri": uri}),
            },
            "note",
        )
    ),
    "personalInfo": map_of(
        object_of(
            "PersonalInfo",
            {
                "kind": word("expertise", "hobby", "interest"),
                "value": _text,
                "level": word("high", "medium", "low"),
                "listAs": number(1, UNSIGNED_MAX),
                "label": _text,
            },
            "kind",
            "value",
        )
    ),
}
"""Property to check; the properties that a create or a patch may name, beside vendors' own."""
PROPERTIES: Final = frozenset(SCHEMA)
