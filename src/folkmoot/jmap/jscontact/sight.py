"""What every reader of a property looks at besides its line: labels, contexts, preference."""

from typing import Any, Final, TypeAlias
from zlib import crc32

from folkmoot.contentline import Line, split_values, unescape_text
from folkmoot.jmap.jscontact.checks import PREF_MAX, is_id
from folkmoot.vcard import Card, types
from folkmoot.vcard.groups import Labels
from folkmoot.vcard.values import text_value, written_value

Value: TypeAlias = dict[str, Any]

CONTEXTS: Final = {"home": "private", "work": "work"}
CONTEXT_WORDS: Final = {context: word for word, context in CONTEXTS.items()}
ADDRESS_CONTEXTS: Final = {**CONTEXTS, "billing": "billing", "delivery": "delivery"}
_PREFERRED: Final = 1  # TYPE=pref of 3.0 (RFC 6350 section 5.3)
_APPLE: Final = ("_$!<", ">!$_")  # around the labels that Apple translates


class Sight:
    """One card while it is read."""

    __slots__ = ("_labels", "card", "new")

    def __init__(self, card: Card) -> None:
        self.card = card
        self.new = card.version == "4.0"
        self._labels: Labels | None = None

    def label(self, line: Line) -> str | None:
        """Return the label of a line's group, as it was typed or as Apple names it in English."""
        if self._labels is None:
            self._labels = Labels(self.card.properties)
        label = self._labels.of(line)
        if label and label.startswith(_APPLE[0]) and label.endswith(_APPLE[1]):
            return label[len(_APPLE[0]) : -len(_APPLE[1])]
        return label or None

    def raw_label(self, line: Line) -> str:
        """Return the label of a line's group as it is written, in lower case."""
        if line.group is None:
            return ""
        if self._labels is None:
            self._labels = Labels(self.card.properties)
        return (self._labels.of(line) or "").lower()

    def common(self, line: Line, value: Value, contexts: dict[str, str] = CONTEXTS) -> Value:
        """Add contexts, preference and label of a line to a value."""
        if line.has_params:
            found = {}
            for word in types(line):
                context = contexts.get(word)
                if context is not None:
                    found[context] = True
            if found:
                value["contexts"] = found
            pref = preference(line)
            if pref is not None:
                value["pref"] = pref
        if line.group is not None:
            label = self.label(line)
            if label is not None:
                value["label"] = label
        return value


def preference(line: Line) -> int | None:
    """Return how preferred a property is, 1 to 100, or None if it does not tell."""
    if not line.has_params:
        return None
    stated = line.param("PREF")
    if stated is not None:
        return int(stated) if stated.isascii() and stated.isdigit() and 1 <= int(stated[:4]) <= PREF_MAX else None
    return _PREFERRED if "pref" in types(line) else None


def plain(line: Line) -> str:
    """Return the text of a value, without blanks around it; line breaks are line feeds."""
    text = text_value(line).strip()
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parts(line: Line) -> list[list[str]]:
    """Return the texts of a structured value whose parts may be lists, as N and ADR have."""
    written = written_value(line)
    if "\r" in written:
        written = written.replace("\r\n", "\n").replace("\r", "\n")
    return [
        [text for piece in split_values(part, ",") if (text := unescape_text(piece).strip())] if part else []
        for part in split_values(written, ";")
    ]


def identifier(line: Line) -> str:
    """Return the id of the entry that a line makes: PROP-ID, or a digest that stays while the line says the same."""
    if line.has_params:
        stated = line.param("PROP-ID")
        if stated is not None and is_id(stated):
            return stated
    return f"{line.name[:1].lower()}{crc32(line.value.encode('utf-8', 'replace')):08x}"
