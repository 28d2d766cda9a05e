"""vCard 3.0 to 4.0 (RFC 6350 appendix A, and what users of 3.0 invented meanwhile)."""

from collections.abc import Callable
from typing import Final

from folkmoot.contentline import Line, Parameter
from folkmoot.vcard.groups import Labels
from folkmoot.vcard.moments import basic_offset, basic_stamp, date_to_4
from folkmoot.vcard.parameters import pref_from_type, with_types, without, without_types
from folkmoot.vcard.terms import (
    ANNIVERSARY_LABEL,
    BINARY,
    GENDER_LETTERS,
    MESSENGER_CHARS_MAX,
    RELATION_OF_LABEL,
    RELATIONS,
    RENAMED,
    SCHEME_OF_MESSENGER,
)
from folkmoot.vcard.values import binary_value, encoding, listed_value, quote_uri, structured_value, text_value, types

_FORMAT_WORDS_KEPT: Final = frozenset({"pref", "home", "work"})  # TYPE of a photo names its format, but for these


def upgrade(lines: list[Line]) -> list[Line]:
    """Return the properties of a 3.0 card, VERSION excepted, as 4.0 writes them.

    What 4.0 has no word for stays as it is; the reverse conversion finds it there.
    """
    labels = Labels(lines)
    merged = _merge_sort_strings(_merge_labels(lines))
    upgraded: list[Line] = []
    for line in merged:
        rule = _RULES.get(line.name)
        if rule is not None:
            line = rule(line, labels)
        upgraded.append(pref_from_type(line))
    return upgraded


def _email(line: Line, _: Labels) -> Line:
    return without_types(line, ("internet",))  # 4.0 knows no other kind


def _binary(line: Line, _: Labels) -> Line:
    content = binary_value(line)
    if content is not None and encoding(line) == "B":
        kept = [word for word in types(line) if word in _FORMAT_WORDS_KEPT]
        return with_types(without(line, "ENCODING", "VALUE", "TYPE"), kept).replace(value=content.data_uri())
    if (line.param("VALUE") or "").lower() in {"uri", "url"}:
        linked = without(line, "VALUE")
        formats = [word for word in types(line) if word not in _FORMAT_WORDS_KEPT]
        if formats and line.param("MEDIATYPE") is None:
            family = "audio" if line.name == "SOUND" else "image"
            linked = without_types(linked, formats).with_param("MEDIATYPE", f"{family}/{formats[0]}")
        return linked
    if line.name == "KEY" and content is None and encoding(line) != "B":
        return line.with_param("VALUE", "text")
    return line


def _date(line: Line, _: Labels) -> Line:
    return date_to_4(line)


def _anniversary(line: Line, _: Labels) -> Line:
    return date_to_4(line.replace(name="ANNIVERSARY"))


def _labelled_date(line: Line, labels: Labels) -> Line:
    if (labels.of(line) or "").lower() == ANNIVERSARY_LABEL:
        return date_to_4(line.replace(name="ANNIVERSARY"))
    return line


def _related_name(line: Line, labels: Labels) -> Line:
    label = (labels.of(line) or "").lower()
    relation = RELATION_OF_LABEL.get(label) or (label if label in RELATIONS else None)
    related = line.replace(name="RELATED").with_param("VALUE", "text")
    return with_types(related, (relation,)) if relation else related


def _agent(line: Line, _: Labels) -> Line:
    if (line.param("VALUE") or "").lower() == "uri":
        return with_types(without(line, "VALUE").replace(name="RELATED"), ("agent",))
    return line.replace(value=line.value)  # a card in the open behind AGENT is written as text


def _messenger(line: Line, _: Labels) -> Line:
    if len(line.value) > MESSENGER_CHARS_MAX:
        return line
    address = quote_uri(text_value(line).strip())
    return line.replace(name="IMPP", value=f"{SCHEME_OF_MESSENGER[line.name]}:{address}")


def _geo(line: Line, _: Labels) -> Line:
    parts = structured_value(line)
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004  # latitude and longitude
        return line
    return line.replace(value=f"geo:{parts[0]},{parts[1]}")


def _time_zone(line: Line, _: Labels) -> Line:
    if line.param("VALUE") is not None:
        return without(line, "VALUE") if line.param("VALUE") == "text" else line
    offset = basic_offset(text_value(line))
    return line if offset is None else line.replace(value=offset).with_param("VALUE", "utc-offset")


def _revision(line: Line, _: Labels) -> Line:
    stamp = basic_stamp(text_value(line))
    return line if stamp is None else without(line, "VALUE").replace(value=stamp)


def _gender(line: Line, _: Labels) -> Line:
    words = text_value(line).strip().lower()
    return line.replace(name="GENDER", value=GENDER_LETTERS.get(words, line.value))


def _rename(line: Line, _: Labels) -> Line:
    return line.replace(name=RENAMED[line.name])


_RULES: Final[dict[str, Callable[[Line, Labels], Line]]] = {
    "EMAIL": _email,
    **dict.fromkeys(BINARY, _binary),
    "BDAY": _date,
    "DEATHDATE": _date,
    "ANNIVERSARY": _date,
    "X-ANNIVERSARY": _anniversary,
    "X-ABDATE": _labelled_date,
    "X-ABRELATEDNAMES": _related_name,
    "AGENT": _agent,
    **dict.fromkeys(SCHEME_OF_MESSENGER, _messenger),
    "GEO": _geo,
    "TZ": _time_zone,
    "REV": _revision,
    "X-GENDER": _gender,
    **dict.fromkeys(RENAMED, _rename),
}


def _merge_labels(lines: list[Line]) -> list[Line]:
    """Make each LABEL the LABEL parameter of the address of the same types (RFC 6350 section 6.3.1)."""
    labels = [line for line in lines if line.name == "LABEL"]
    if not labels:
        return lines
    waiting: dict[tuple[str | None, frozenset[str]], list[Line]] = {}
    for label in reversed(labels):
        waiting.setdefault(_place(label), []).append(label)
    merged: list[Line] = []
    for line in lines:
        if line.name == "LABEL":
            continue
        if line.name == "ADR" and line.param("LABEL") is None:
            of_this_place = waiting.get(_place(line))
            if of_this_place:
                line = line.with_param("LABEL", text_value(of_this_place.pop()))
        merged.append(line)
    for label in (label for of_one_place in waiting.values() for label in reversed(of_one_place)):
        params = [*label.params, Parameter("LABEL", (text_value(label),))]
        merged.append(Line("ADR", ";;;;;;", params, label.group))
    return merged


def _place(line: Line) -> tuple[str | None, frozenset[str]]:
    return line.group, frozenset(types(line)) - {"pref"}


def _merge_sort_strings(lines: list[Line]) -> list[Line]:
    """Make SORT-STRING the SORT-AS parameter of the name (RFC 6350 section 5.9)."""
    sort_string = next((line for line in lines if line.name == "SORT-STRING"), None)
    if sort_string is None:
        return lines
    rest = [line for line in lines if line is not sort_string]
    for name in ("N", "FN"):
        for position, line in enumerate(rest):
            if line.name == name and line.param("SORT-AS") is None:
                rest[position] = line.with_param("SORT-AS", *(listed_value(sort_string) or ("",)))
                return rest
    return lines
