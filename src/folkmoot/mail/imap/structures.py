"""ENVELOPE and BODYSTRUCTURE (RFC 9051 section 7.5.2) as values, whatever a server makes of broken messages."""

from typing import Final

from folkmoot.mail.imap.values import Envelope, Mailbox
from folkmoot.mail.imap.wire import Value, is_number
from folkmoot.mime.part import Part

DEPTH_MAX: Final = 100  # parts in parts; Dovecot stops there, too
PARTS_MAX: Final = 10_000  # in one message, likewise
ADDRESSES_MAX: Final = 10_000  # in one field
NUMBER_MAX: Final = 2**63 - 1
_ENVELOPE_LENGTH: Final = 10
_NESTED: Final = frozenset({"rfc822", "global"})
_Pairs = tuple[tuple[str, str], ...]


def read_envelope(value: Value) -> Envelope:
    """Return an ENVELOPE; what is missing is empty."""
    fields = value if isinstance(value, list) else []
    if len(fields) < _ENVELOPE_LENGTH:
        fields = fields + [None] * (_ENVELOPE_LENGTH - len(fields))
    return Envelope(
        octets_of(fields[0]),
        octets_of(fields[1]),
        _mailboxes(fields[2]),
        _mailboxes(fields[3]),
        _mailboxes(fields[4]),
        _mailboxes(fields[5]),
        _mailboxes(fields[6]),
        _mailboxes(fields[7]),
        octets_of(fields[8]),
        octets_of(fields[9]),
    )


def _mailboxes(value: Value) -> tuple[Mailbox, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        Mailbox(_maybe(entry[0]), _maybe(entry[2]), _maybe(entry[3]))
        for entry in value[:ADDRESSES_MAX]
        if isinstance(entry, list) and len(entry) >= 4  # noqa: PLR2004
    )


def read_structure(value: Value) -> Part:
    """Return a BODYSTRUCTURE, or a BODY; what cannot be understood is text/plain."""
    return _Reading().top(value, "", 0)


class _Reading:
    """One structure being read; it counts parts."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = PARTS_MAX

    def top(self, value: Value, path: str, depth: int) -> Part:
        """Return the top of a message that stands at ``path``; at "" it is the whole message."""
        if _is_multipart(value):
            return self._part(value, path, depth)
        return self._part(value, f"{path}.1" if path else "1", depth)

    def _part(self, value: Value, path: str, depth: int) -> Part:
        self._left -= 1
        if not isinstance(value, list) or not value:
            return Part(path)
        if isinstance(value[0], list):
            return self._multipart(value, path, depth)
        if _word(value[0]) == "multipart":
            return Part(path, "multipart", _word(_at(value, 1)) or "mixed", _parameters(_at(value, 2)))
        return self._single(value, path, depth)

    def _multipart(self, value: list[Value], path: str, depth: int) -> Part:
        prefix = f"{path}." if path else ""
        children = []
        index = 0
        for index, entry in enumerate(value):  # where the parts end
            if not isinstance(entry, list):
                break
            if depth < DEPTH_MAX and self._left > 0:
                children.append(self._part(entry, f"{prefix}{index + 1}", depth + 1))
        else:
            index += 1
        disposition, told = _disposition(_at(value, index + 2))
        return Part(
            path=path,
            type="multipart",
            subtype=_word(_at(value, index)) or "mixed",
            parameters=_parameters(_at(value, index + 1)),
            disposition=disposition,
            disposition_parameters=told,
            language=_language(_at(value, index + 3)),
            location=text_of(_at(value, index + 4)),
            children=tuple(children),
        )

    def _single(self, value: list[Value], path: str, depth: int) -> Part:
        kind, subtype = _word(value[0]) or "text", _word(_at(value, 1)) or "plain"
        lines, rest = 0, 7  # where the extension begins: after fields that only some kinds have
        children: tuple[Part, ...] = ()
        seventh = _at(value, 7)
        if kind == "message" and subtype in _NESTED and isinstance(_at(value, 8), list):
            if depth < DEPTH_MAX and self._left > 0:
                children = (self.top(value[8], path, depth + 1),)
            lines, rest = number_of(_at(value, 9)), 10
        elif is_number(seventh):
            lines, rest = number_of(seventh), 8
        disposition, told = _disposition(_at(value, rest + 1))
        return Part(
            path=path,
            type=kind,
            subtype=subtype,
            parameters=_parameters(_at(value, 2)),
            id=text_of(_at(value, 3)),
            description=text_of(_at(value, 4)),
            encoding=_word(_at(value, 5)) or "7bit",
            size=number_of(_at(value, 6)),
            lines=lines,
            disposition=disposition,
            disposition_parameters=told,
            language=_language(_at(value, rest + 2)),
            location=text_of(_at(value, rest + 3)),
            children=children,
        )


def _is_multipart(value: Value) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return isinstance(value[0], list) or _word(value[0]) == "multipart"


def _at(values: list[Value], index: int) -> Value:
    return values[index] if index < len(values) else None


def _word(value: Value) -> str:
    return text_of(value).strip().lower()


def _parameters(value: Value) -> _Pairs:
    if not isinstance(value, list) or not value:
        return ()
    return tuple([(_word(value[i]), text_of(value[i + 1])) for i in range(0, len(value) - 1, 2)])


def _disposition(value: Value) -> tuple[str, _Pairs]:
    if isinstance(value, list) and value:
        return _word(value[0]), _parameters(_at(value, 1))
    return _word(value), ()  # some servers leave the parentheses out


def _language(value: Value) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(text_of(entry) for entry in value)
    text = text_of(value)
    return (text,) if text else ()


def text_of(value: Value) -> str:
    """Return an atom or string as text; octets that are not UTF-8 stand as lone surrogates, so none is lost."""
    if value.__class__ is bytes:
        return value.decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else ""


def octets_of(value: Value) -> bytes:
    """Return an atom or string as octets; anything else is empty."""
    if value.__class__ is bytes:
        return value
    return value.encode("latin-1", "replace") if isinstance(value, str) else b""


def number_of(value: Value) -> int:
    """Return a number; anything else, negative ones among it, is 0."""
    if isinstance(value, bytes):  # quoted by some servers
        value = value.decode("latin-1")
    return min(int(value), NUMBER_MAX) if isinstance(value, str) and is_number(value) else 0


def _maybe(value: Value) -> bytes | None:
    return None if value is None else octets_of(value)
