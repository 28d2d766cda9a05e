"""Filters of ``ContactCard/query`` (RFC 9610 section 3.3.1).

A condition is first asked of what the index keeps of a card; only where that does not tell, of the card itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from folkmoot.jmap.jscontact import PROPERTIES
from folkmoot.jmap.protocol.describing import Arguments, UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Joined, Operator
from folkmoot.store.records import ObjectMeta, uid_key
from folkmoot.vcard.summary import search_fold

TEXT_MAX: Final = 1_000  # characters of one text that is looked for
WORDS_MAX: Final = 20  # of one text
_URN: Final = "urn:uuid:"


class CardCondition(Arguments):
    """One condition; several of its properties hold together."""

    in_address_book: str | None = None
    uid: str | None = None
    has_member: str | None = None
    kind: str | None = None
    created_before: UTCDate | None = None
    created_after: UTCDate | None = None
    updated_before: UTCDate | None = None
    updated_after: UTCDate | None = None
    text: str | None = None
    name: str | None = None
    name_given: str | None = None
    name_surname: str | None = None
    name_surname2: str | None = None
    nickname: str | None = None
    organization: str | None = None
    email: str | None = None
    phone: str | None = None
    online_service: str | None = None
    address: str | None = None
    note: str | None = None


Filter: TypeAlias = CardCondition | Joined[CardCondition] | None

_SLASHED: Final = {"name/given": "nameGiven", "name/surname": "nameSurname", "name/surname2": "nameSurname2"}
_TEXTS: Final = (
    *("text", "name", "name_given", "name_surname", "name_surname2", "nickname", "organization", "email", "phone"),
    *("online_service", "address", "note"),
)
# Which lines of the search text say what a condition asks about.
_LINES: Final = {
    "name": ("FN", "N"),
    "nickname": ("NICKNAME",),
    "organization": ("ORG",),
    "email": ("EMAIL",),
    "phone": ("TEL",),
}
_INDEXED: Final = ("FN", "N", "NICKNAME", "EMAIL", "TEL", "ORG", "CATEGORIES")
_NAME_KINDS: Final = {"name_given": "given", "name_surname": "surname", "name_surname2": "surname2"}
_PROPERTIES: Final = {
    "nickname": "nicknames",
    "organization": "organizations",
    "email": "emails",
    "phone": "phones",
    "online_service": "onlineServices",
    "address": "addresses",
    "note": "notes",
    "name": "name",
}
# Pictures, sounds and keys: nobody looks for words in them.
_CONTENT: Final = re.compile(
    rb"^(?:[A-Za-z0-9_-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:].*(?:\n[ \t].*)*\n?", re.IGNORECASE | re.MULTILINE
)
_FOLD: Final = re.compile(rb"\n[ \t]")
_ESCAPED: Final = re.compile(r"[,;:\\%\x1f^\"]")
_UNSEARCHED: Final = frozenset({"media", "cryptoKeys", "uid", "prodId", "@type", "version", "created", "updated"})
SEARCHED: Final = PROPERTIES - _UNSEARCHED


@dataclass
class Subject:
    """A card while a filter looks at it; ``value`` is its JSContact value, once somebody has read it."""

    book: str  # id
    meta: ObjectMeta
    search: str | None  # None: the index does not tell
    value: Mapping[str, Any] | None = None
    raw: str | None = None  # the folded text of the whole card, where it says all that the value does
    _lines: dict[str, list[str]] | None = field(default=None, repr=False)

    def lines(self, names: Iterable[str]) -> list[str] | None:
        """Return the folded values of properties of these names; None if the index does not tell."""
        if self.search is None:
            return None
        if self._lines is None:
            self._lines = {}
            for line in self.search.split("\n"):
                name, _, value = line.partition(":")
                self._lines.setdefault(name, []).append(value)
        return [value for name in names for value in self._lines.get(name, ())]


def slashed(value: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a filter whose property names have no slashes, bounded by who reads it afterwards."""
    if value is None or not isinstance(value.get("conditions"), list):
        return None if value is None else {_SLASHED.get(name, name): one for name, one in value.items()}
    below = [slashed(one) if isinstance(one, dict) else one for one in value["conditions"]]
    return {**value, "conditions": below}


def check(condition: Filter) -> None:
    """Look at a filter before anything is read.

    Raises:
        MethodFailed: a text too long to look for.
    """
    if isinstance(condition, Joined):
        for one in condition.conditions:
            check(one)
    elif condition is not None:
        for name in _TEXTS:
            value = getattr(condition, name)
            if value is not None and (len(value) > TEXT_MAX or len(value.split()) > WORDS_MAX):
                raise MethodFailed("unsupportedFilter", f"{name} is too long")


def conditions_of(condition: Filter) -> list[CardCondition]:
    """Return all the conditions of a filter."""
    if isinstance(condition, Joined):
        return [one for below in condition.conditions for one in conditions_of(below)]
    return [] if condition is None else [condition]


def asks_texts(condition: Filter) -> bool:
    """Whether the search texts are of use."""
    return any(getattr(one, name) is not None for one in conditions_of(condition) for name in _TEXTS)


def book_named(condition: Filter) -> str | None:
    """Return the one book that all cards must be in for a filter to hold, if it names one."""
    if isinstance(condition, CardCondition):
        return condition.in_address_book
    if isinstance(condition, Joined) and condition.operator is Operator.AND:
        return next((named for one in condition.conditions if (named := book_named(one)) is not None), None)
    return None


def properties_of(condition: Filter) -> frozenset[str]:
    """Return the properties of a card that a filter asks about, beside those that the index has."""
    found: set[str] = set()
    for one in conditions_of(condition):
        if one.text is not None:
            return SEARCHED
        found |= {"kind"} if one.kind is not None else set()
        found |= {"members"} if one.has_member is not None else set()
        found |= {"name"} if any(getattr(one, name) is not None for name in _NAME_KINDS) else set()
        found |= {property_ for name, property_ in _PROPERTIES.items() if getattr(one, name) is not None}
    return frozenset(found)


def holds(condition: Filter, subject: Subject) -> bool | None:
    """Whether a filter holds for a card; None if only the card's value would tell."""
    if condition is None:
        return True
    if isinstance(condition, CardCondition):
        return _all(test(condition, subject) for test in _TESTS)
    below = (holds(one, subject) for one in condition.conditions)
    if condition.operator is Operator.AND:
        return _all(below)
    found = _any(below)
    if condition.operator is Operator.OR:
        return found
    return None if found is None else not found


def _all(answers: Iterable[bool | None]) -> bool | None:
    known: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            known = None
    return known


def _any(answers: Iterable[bool | None]) -> bool | None:
    known: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            known = None
    return known


def words_of(text: str) -> list[str]:
    """Return what is looked for, folded as the index folds."""
    return [search_fold(word) for word in text.split()]


def _found(words: Iterable[str], values: Iterable[str]) -> bool:
    """Whether each word occurs in some value."""
    lines = list(values)
    return all(any(word in line for line in lines) for word in words)


def raw_text(body: bytes) -> str | None:
    """Return the text of a card in which its words are found as they are; None if some may be written otherwise."""
    text = _CONTENT.sub(b"", body).replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    return (
        None
        if _FOLD.search(text) or b"QUOTED-PRINTABLE" in text.upper()
        else search_fold(text.decode("utf-8", "replace"))
    )


def _is_missing(words: Iterable[str], subject: Subject) -> bool:
    """Whether a word stands nowhere in the card; words that a card writes with escapes are not judged."""
    raw = subject.raw
    return raw is not None and any(word not in raw and not _ESCAPED.search(word) for word in words)


def _book(asked: CardCondition, subject: Subject) -> bool | None:
    return asked.in_address_book in {None, subject.book}


def _uid(asked: CardCondition, subject: Subject) -> bool | None:
    return asked.uid is None or subject.meta.uid == uid_key(asked.uid)


def _times(asked: CardCondition, subject: Subject) -> bool | None:
    meta = subject.meta
    for text, at, later in (
        (asked.created_before, meta.created_at, False),
        (asked.created_after, meta.created_at, True),
        (asked.updated_before, meta.modified_at, False),
        (asked.updated_after, meta.modified_at, True),
    ):
        if text is not None and (at >= _milliseconds(text)) is not later:
            return False
    return True


def _kind(asked: CardCondition, subject: Subject) -> bool | None:
    if asked.kind is None:
        return True
    if subject.meta.component == "VLIST":
        return asked.kind == "group"
    return None if subject.value is None else subject.value.get("kind", "individual") == asked.kind


def _member(asked: CardCondition, subject: Subject) -> bool | None:
    if asked.has_member is None:
        return True
    if subject.value is None:
        return None
    wanted = asked.has_member.removeprefix(_URN)
    return any(uid.removeprefix(_URN) == wanted for uid in subject.value.get("members") or ())


def _indexed(name: str) -> Callable[[CardCondition, Subject], bool | None]:
    def test(asked: CardCondition, subject: Subject) -> bool | None:
        wanted = getattr(asked, name)
        if wanted is None:
            return True
        lines = subject.lines(_LINES[name])
        if lines is not None:
            return _found(words_of(wanted), lines)
        return None if subject.value is None else _found(words_of(wanted), _said(subject.value, name))

    return test


def _read(name: str) -> Callable[[CardCondition, Subject], bool | None]:
    def test(asked: CardCondition, subject: Subject) -> bool | None:
        wanted = getattr(asked, name)
        if wanted is None:
            return True
        if subject.value is not None:
            return _found(words_of(wanted), _said(subject.value, name))
        if _is_missing(words_of(wanted), subject):
            return False
        lines = subject.lines(("N",)) if name in _NAME_KINDS else None
        # What stands nowhere in N stands in no part of it.
        return False if lines is not None and not _found(words_of(wanted), lines) else None

    return test


def _text(asked: CardCondition, subject: Subject) -> bool | None:
    if asked.text is None:
        return True
    words = words_of(asked.text)
    if _found(words, subject.lines(_INDEXED) or ()):
        return True
    if subject.value is None:
        return False if _is_missing(words, subject) else None
    values = (one for name, value in subject.value.items() if name in SEARCHED for one in _texts(value))
    return _found(words, map(search_fold, values))


def _said(value: Mapping[str, Any], name: str) -> Iterable[str]:
    """Yield what a JSContact value says about what a condition asks, folded."""
    kind = _NAME_KINDS.get(name)
    if kind is not None:
        components = (value.get("name") or {}).get("components") or ()
        yield from (search_fold(one["value"]) for one in components if one["kind"] == kind)
        return
    for text in _texts(value.get(_PROPERTIES[name]) or {}):
        yield search_fold(text)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if one is True:
                yield key
            elif key not in {"@type", "kind", "contexts", "features"}:
                yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _milliseconds(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000


_TESTS: Final = (
    _book,
    _uid,
    _times,
    *(_indexed(name) for name in _LINES),
    _kind,
    *(_read(name) for name in ("name_given", "name_surname", "name_surname2", "online_service", "address", "note")),
    _member,
    _text,
)
