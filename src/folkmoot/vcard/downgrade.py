"""vCard 4.0 to 3.0, in the words that users of 3.0 understand (RFC 2426, RFC 4770, Apple's properties)."""

from collections.abc import Callable
from typing import Final

from folkmoot.contentline import Line, escape_text
from folkmoot.vcard.groups import Labels, regroup
from folkmoot.vcard.moments import date_to_3, extended_offset, extended_stamp
from folkmoot.vcard.parameters import split_type_lists, type_from_pref, with_types, without
from folkmoot.vcard.terms import (
    ANNIVERSARY_LABEL,
    BINARY,
    LABEL_OF_RELATION,
    MESSENGER_CHARS_MAX,
    MESSENGER_OF_SCHEME,
    RENAMED,
)
from folkmoot.vcard.values import binary_value, encoding, structured_value, text_value, types, unquote_uri

_RENAMED_BACK: Final = {new: old for old, new in RENAMED.items()}


def downgrade(lines: list[Line]) -> list[Line]:
    """Return the properties of a 4.0 card, VERSION excepted, as 3.0 writes them.

    What 3.0 has no word for stays as it is: readers of 3.0 pass over unknown properties, and the way back finds it.
    """
    labels = Labels(lines)
    downgraded: list[Line] = []
    for line in lines:
        line = type_from_pref(split_type_lists(line)) if line.has_params else line
        rule = _RULES.get(line.name)
        if rule is None:
            downgraded.append(line)
        else:
            downgraded += rule(line, labels)
    return downgraded


def _phone(line: Line, _: Labels) -> list[Line]:
    value = line.value
    if value[:4].lower() == "tel:":
        return [without(line, "VALUE").replace(value=value[4:])]
    return [line]


def _binary(line: Line, _: Labels) -> list[Line]:
    content = binary_value(line)
    if content is None:
        if encoding(line) == "B":
            return [line]
        if (line.param("VALUE") or "").lower() == "text":
            return [without(line, "VALUE")]
        media_type = line.param("MEDIATYPE")
        linked = without(line, "MEDIATYPE", "VALUE").with_param("VALUE", "uri")
        return [with_types(linked, (_format_word(media_type),)) if media_type else linked]
    inline = without(line, "VALUE", "MEDIATYPE").with_param("ENCODING", "b").replace(value=content.base64())
    return [with_types(inline, (_format_word(content.media_type),)) if content.media_type else inline]


def _format_word(media_type: str) -> str:
    """Return the TYPE by which 3.0 names a format: JPEG, PNG, X509, PGP."""
    media_type = media_type.lower()
    known = {"application/pkix-cert": "X509", "application/x-x509-ca-cert": "X509", "application/pgp-keys": "PGP"}
    return known.get(media_type) or media_type.rpartition("/")[2].upper()


def _date(line: Line, _: Labels) -> list[Line]:
    return [date_to_3(line)]


def _anniversary(line: Line, labels: Labels) -> list[Line]:
    labelled = (labels.of(line) or "").lower() == ANNIVERSARY_LABEL
    return [date_to_3(line.replace(name="X-ABDATE" if labelled else "X-ANNIVERSARY"))]


def _related(line: Line, labels: Labels) -> list[Line]:
    is_text = (line.param("VALUE") or "").lower() == "text"
    relations = [word for word in types(line) if word != "pref"]
    if not is_text:
        if relations == ["agent"]:
            return [without(line, "TYPE").with_param("VALUE", "uri").replace(name="AGENT")]
        return [line]  # a link to another card: Apple's property holds names only
    named = without(line, "VALUE", "TYPE").replace(name="X-ABRELATEDNAMES")
    if "pref" in types(line):
        named = with_types(named, ("pref",))
    if labels.of(line) is not None or not relations:
        return [named]
    group, label = labels.open(LABEL_OF_RELATION.get(relations[0], relations[0]))
    return [regroup(named, name="X-ABRELATEDNAMES", group=group), label]


def _messenger(line: Line, _: Labels) -> list[Line]:
    if len(line.value) > 3 * MESSENGER_CHARS_MAX:  # in a URI an octet may take three characters
        return [line]
    scheme, colon, address = line.value.partition(":")
    name = MESSENGER_OF_SCHEME.get(scheme.lower())
    # Apple writes IMPP in 3.0 too, always with the name of the service.
    if not colon or name is None or line.param("X-SERVICE-TYPE") is not None:
        return [line]
    return [line.replace(name=name, value=escape_text(unquote_uri(address)))]


def _geo(line: Line, _: Labels) -> list[Line]:
    scheme, place = line.value[:4], line.value[4:]
    parts = place.partition(";")[0].split(",")
    if scheme.lower() != "geo:" or len(parts) < 2:  # noqa: PLR2004  # latitude and longitude
        return [line]
    return [line.replace(value=f"{parts[0]};{parts[1]}")]


def _time_zone(line: Line, _: Labels) -> list[Line]:
    kind = (line.param("VALUE") or "text").lower()
    if kind == "utc-offset":
        offset = extended_offset(text_value(line))
        return [line if offset is None else without(line, "VALUE").replace(value=offset)]
    return [line.with_param("VALUE", "text")] if kind == "text" else [line]


def _revision(line: Line, _: Labels) -> list[Line]:
    stamp = extended_stamp(text_value(line))
    return [line if stamp is None else without(line, "VALUE").replace(value=stamp)]


def _gender(line: Line, _: Labels) -> list[Line]:
    return [line.replace(name="X-GENDER")]


def _address(line: Line, _: Labels) -> list[Line]:
    label = line.param("LABEL")
    if label is None:
        return [line]
    address = without(line, "LABEL")
    params = [parameter for parameter in address.params if parameter.name in {"TYPE", "LANGUAGE"}]
    printed = Line("LABEL", escape_text(label), params, line.group)
    return [address, printed] if any(structured_value(line)) else [printed]


def _name(line: Line, _: Labels) -> list[Line]:
    sort_as = line.param_values("SORT-AS")
    if not sort_as:
        return [line]
    return [without(line, "SORT-AS"), Line("SORT-STRING", ",".join(escape_text(value) for value in sort_as))]


def _rename(line: Line, _: Labels) -> list[Line]:
    return [line.replace(name=_RENAMED_BACK[line.name])]


_RULES: Final[dict[str, Callable[[Line, Labels], list[Line]]]] = {
    "TEL": _phone,
    **dict.fromkeys(BINARY, _binary),
    "BDAY": _date,
    "DEATHDATE": _date,
    "ANNIVERSARY": _anniversary,
    "RELATED": _related,
    "IMPP": _messenger,
    "GEO": _geo,
    "TZ": _time_zone,
    "REV": _revision,
    "GENDER": _gender,
    "ADR": _address,
    "N": _name,
    "FN": _name,
    **dict.fromkeys(_RENAMED_BACK, _rename),
}
