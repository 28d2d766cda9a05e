"""Checks of JSON values: each says with a pointer what does not fit (RFC 9553 section 1.4)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from folkmoot.jmap.jscontact.errors import JsError

Check: TypeAlias = Callable[[Any, str], None]

TEXT_MAX: Final = 100_000  # characters of one text; notes of real people stay below 10,000
URI_MAX: Final = 12 * 1024 * 1024  # a photo of 8 MB as a data: URI; collections limit the whole card
ENTRIES_MAX: Final = 1_000  # of one map or list; a card of a person has a dozen
MEMBERS_MAX: Final = 20_000  # of a group: the largest lists of real universities
DEPTH_MAX: Final = 12  # of what vendors define; RFC 9553 itself needs five
VALUES_MAX: Final = 5_000  # in one vendor's value
PREF_MAX: Final = 100  # RFC 9553 section 1.5.4
UNSIGNED_MAX: Final = 2**53 - 1  # RFC 8620 section 1.3
_SHOWN: Final = 60  # characters of a value in a message

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
# C0 controls but tab and line breaks, DEL, and halves of surrogate pairs: no vCard can carry them.
_IMPOSSIBLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}:[^\s\x00-\x20\x7f]+")
_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
# Vendors name what is theirs by a domain of theirs (RFC 9553 section 1.8.1).
_VENDOR: Final = re.compile(r"[A-Za-z0-9.-]{1,200}:[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


def is_id(text: object) -> bool:
    """Whether this can be the key of a map of objects (RFC 9553 section 1.4.1)."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def is_vendor(name: str) -> bool:
    """Whether a name is a vendor's."""
    return ":" in name and _VENDOR.fullmatch(name) is not None


def text(limit: int = TEXT_MAX, *, empty: bool = False) -> Check:
    """Return the check of a text of at most so many characters."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, str):
            raise _wrong(value, at, "a text")
        if len(value) > limit:
            raise JsError(f"{at}: longer than {limit} characters", at)
        if _IMPOSSIBLE.search(value):
            raise JsError(f"{at}: characters that no card can hold", at)
        if not empty and not value.strip():
            raise JsError(f"{at}: empty", at)

    return check


def one_line(limit: int) -> Check:
    """Return the check of a text without line breaks or tabs."""
    whole = text(limit)

    def check(value: Any, at: str) -> None:
        whole(value, at)
        if not value.strip().isprintable():
            raise JsError(f"{at}: characters that no one-line text has", at)

    return check


_long = text(URI_MAX)


def uri(value: Any, at: str) -> None:
    """Check a URI."""
    _long(value, at)
    if not _URI.fullmatch(value.strip()):
        raise _wrong(value, at, "a URI")


def flag(value: Any, at: str) -> None:
    """Check a boolean."""
    if not isinstance(value, bool):
        raise _wrong(value, at, "true or false")


def number(low: int, high: int) -> Check:
    """Return the check of an integer in a range."""

    def check(value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(value, at, f"a number from {low} to {high}")

    return check


def utc(value: Any, at: str) -> None:
    """Check a UTCDateTime."""
    if isinstance(value, str) and _UTC.fullmatch(value):
        try:
            datetime.fromisoformat(value[:19])
        except ValueError:
            pass
        else:
            return
    raise _wrong(value, at, "a time in UTC")


def language(value: Any, at: str) -> None:
    """Check a language tag (RFC 5646, its shape only)."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise _wrong(value, at, "a language tag")


def word(*known: str) -> Check:
    """Return the check of one of these words, or of a vendor's."""
    words = frozenset(known)

    def check(value: Any, at: str) -> None:
        if not isinstance(value, str) or (value not in words and not is_vendor(value)):
            raise _wrong(value, at, f"one of {', '.join(known)}")

    return check


def flags(of: Check, limit: int = ENTRIES_MAX) -> Check:
    """Return the check of a set, written as a map whose values are true."""

    def check(value: Any, at: str) -> None:
        for key, one in _map(value, at, limit):
            of(key, at)
            if one is not True:
                raise JsError(f"{at}: {key[:_SHOWN]} is not true", at)

    return check


def map_of(of: Check, *, keys: Check | None = None, limit: int = ENTRIES_MAX) -> Check:
    """Return the check of a map, by ids if nothing is said about its keys."""

    def check(value: Any, at: str) -> None:
        for key, one in _map(value, at, limit):
            if keys is not None:
                keys(key, at)
            elif not is_id(key):
                raise JsError(f"{at}: {key[:_SHOWN]!r} is not an id", at)
            of(one, f"{at}/{pointer_step(key)}")

    return check


def list_of(of: Check) -> Check:
    """Return the check of a list."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, list):
            raise _wrong(value, at, "a list")
        if len(value) > ENTRIES_MAX:
            raise JsError(f"{at}: more than {ENTRIES_MAX} entries", at)
        for position, one in enumerate(value):
            of(one, f"{at}/{position}")

    return check


def object_of(type_: str, members: Mapping[str, Check], *required: str) -> Check:
    """Return the check of an object; unknown members must be a vendor's (RFC 9553 section 1.7.2)."""

    def check(value: Any, at: str) -> None:
        for key, one in _map(value, at, ENTRIES_MAX):
            member = members.get(key)
            if member is not None:
                member(one, f"{at}/{key}")
            elif key == "@type":
                if one != type_:
                    raise JsError(f"{at}/@type: not {type_}", f"{at}/@type")
            elif is_vendor(key):
                anything(one, f"{at}/{pointer_step(key)}")
            else:
                raise JsError(f"{at}: {type_} has no {key[:_SHOWN]!r}", f"{at}/{pointer_step(key)}")
        for name in required:
            if name not in value:
                raise JsError(f"{at}: {type_} needs {name}", f"{at}/{name}")

    return check


def anything(value: Any, at: str) -> None:
    """Check a vendor's value: of JSON, not too deep, not too large."""
    _count(value, at, DEPTH_MAX, [VALUES_MAX])


def pointer_step(key: str) -> str:
    """Return a key as a step of a JSON pointer (RFC 6901 section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def _count(value: Any, at: str, depth: int, left: list[int]) -> None:
    left[0] -= 1
    if depth < 0 or left[0] < 0:
        raise JsError(f"{at}: too deep or too large", at)
    if isinstance(value, str):
        if len(value) > TEXT_MAX or _IMPOSSIBLE.search(value):
            raise JsError(f"{at}: too long, or characters that no card can hold", at)
    elif isinstance(value, list):
        for one in value:
            _count(one, at, depth - 1, left)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            _plain_key(key, at)
            _count(one, at, depth - 1, left)
    elif isinstance(value, float):
        if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  # NaN equals nothing
            raise _wrong(value, at, "JSON")
    elif value is not None and not isinstance(value, (bool, int)):
        raise _wrong(value, at, "JSON")


def _plain_key(key: Any, at: str) -> None:
    if not isinstance(key, str) or len(key) > TEXT_MAX or _IMPOSSIBLE.search(key):
        raise JsError(f"{at}: an impossible name", at)


def _map(value: Any, at: str, limit: int) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise _wrong(value, at, "an object")
    if len(value) > limit:
        raise JsError(f"{at}: more than {limit} entries", at)
    pairs = list(value.items())
    for key, _ in pairs:
        _plain_key(key, at)
    return pairs


def _wrong(value: Any, at: str, wanted: str) -> JsError:
    shown = ascii(value) if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__
    return JsError(f"{at}: {shown[:_SHOWN]} is not {wanted}", at)
