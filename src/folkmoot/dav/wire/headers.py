"""Request headers of WebDAV as values (RFC 4918 section 10, RFC 9110 section 13, RFC 8144)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from folkmoot.core.errors import MalformedInput

LIST_MAX: Final = 100  # ETags, preferences or timeouts in one header; clients send one or two
CONDITIONS_MAX: Final = 500  # state tokens and ETags in one If header; litmus sends four
TIMEOUT_SECONDS_MAX: Final = 2**32 - 1  # RFC 4918 section 10.7
TOKEN_PREFIX: Final = "urn:uuid:"  # noqa: S105  # how our lock tokens begin

_ETAG: Final = re.compile(r'\s*(?:W/)?"([^"\x00-\x1f]*)"\s*(?:,|\Z)|\s*,')
_BARE: Final = re.compile(r"\s*([^\s,\"]+)\s*(?:,|\Z)")
_IF_PART: Final = re.compile(r'\s*(?:(\()|(\))|(Not)\b|<([^<>\s]*)>|\[(?:W/)?"([^"\[\]]*)"\])', re.IGNORECASE)


class Depth(Enum):
    """How far below its target a request reaches."""

    ZERO = "0"
    ONE = "1"
    INFINITY = "infinity"


def parse_depth(headers: Mapping[str, str], default: Depth) -> Depth:
    """Return the Depth header; a list, as clients send with "noroot", counts by its first item.

    Raises:
        MalformedInput: none of the three.
    """
    text = headers.get("depth", "").partition(",")[0].strip().lower()
    if not text:
        return default
    try:
        return Depth(text)
    except ValueError:
        raise MalformedInput("Depth is 0, 1 or infinity") from None


def parse_etags(text: str | None) -> frozenset[str] | None:
    """Return the ETags of If-Match or If-None-Match without quotes, None for an absent header.

    Clients that forget the quotes are understood.

    Raises:
        MalformedInput: no list of ETags.
    """
    if text is None:
        return None
    text = text.strip()
    if text == "*":
        return frozenset("*")
    found: set[str] = set()
    position = 0
    while position < len(text):
        item = _ETAG.match(text, position) or _BARE.match(text, position)
        if item is None or len(found) >= LIST_MAX:
            raise MalformedInput("not a list of entity tags")
        if item[1] is not None:
            found.add(item[1])
        position = item.end()
    return frozenset(found - {"*"})


@dataclass(frozen=True, slots=True)
class StateCondition:
    """One condition of an If list: a state token, or an ETag; exactly one is set."""

    negated: bool
    token: str | None = None  # the URI between < and >
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class IfList:
    """Conditions that must all hold for one resource; ``tag`` is its href, None for the request's target."""

    tag: str | None
    conditions: tuple[StateCondition, ...]


def parse_if(text: str) -> tuple[IfList, ...]:
    """Return the lists of an If header; one of them must hold (RFC 4918 section 10.4).

    Raises:
        MalformedInput: not that grammar.
    """
    lists: list[IfList] = []
    tag: str | None = None
    conditions: list[StateCondition] | None = None
    negated = False
    position = count = 0
    end = len(text.rstrip())
    while position < end:
        part = _IF_PART.match(text, position)
        count += 1
        if part is None or count > CONDITIONS_MAX:
            raise MalformedInput("the If header does not follow its grammar")
        position = part.end()
        opening, closing, not_word, coded, etag = part.groups()
        if conditions is None:
            if opening:
                conditions = []
            elif coded is not None:
                tag = coded
            else:
                raise MalformedInput("the If header has a condition outside of a list")
        elif closing and conditions and not negated:
            lists.append(IfList(tag, tuple(conditions)))
            conditions = None
        elif not_word and not negated:
            negated = True
        elif coded is not None or etag is not None:
            conditions.append(StateCondition(negated, coded, etag))
            negated = False
        else:
            raise MalformedInput("the If header does not follow its grammar")
    if conditions is not None or not lists:
        raise MalformedInput("the If header ends too early")
    return tuple(lists)


def lock_token(uri: str) -> str:
    """Return a lock token as the store knows it; a URI that is none of ours comes back as it is."""
    return uri.removeprefix(TOKEN_PREFIX)


def submitted_tokens(lists: tuple[IfList, ...]) -> frozenset[str]:
    """Return all lock tokens that an If header submits (RFC 4918 section 10.4.1)."""
    return frozenset(lock_token(c.token) for one in lists for c in one.conditions if c.token is not None)


def parse_timeout(text: str) -> int | None:
    """Return the first timeout that can be read, in milliseconds; None if the client leaves it to us."""
    for item in text.split(",")[:LIST_MAX]:
        name, _, value = item.strip().partition("-")
        if name.lower() == "infinite":
            return TIMEOUT_SECONDS_MAX * 1000
        if name.lower() == "second" and value.isascii() and value.isdigit() and len(value) <= len("4294967295"):
            return int(value) * 1000
    return None


def parse_overwrite(text: str) -> bool:
    """Return whether a COPY or MOVE may replace its destination.

    Raises:
        MalformedInput: neither T nor F.
    """
    if text.strip().upper() not in {"", "T", "F"}:
        raise MalformedInput("Overwrite is T or F")
    return text.strip().upper() != "F"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a client would like (RFC 7240, 8144); Brief is Microsoft's and Apple's older word for minimal."""

    minimal: bool = False
    representation: bool = False
    no_root: bool = False
    applied: str = ""  # value for Preference-Applied


def parse_preferences(headers: Mapping[str, str]) -> Preferences:
    """Return the preferences that we know; others are ignored, as they must be."""
    given = [item.partition(";")[0].strip().lower() for item in headers.get("prefer", "").split(",")[:LIST_MAX]]
    items = [item.replace(" ", "").replace('"', "") for item in given]
    returns = next((item for item in items if item.startswith("return=")), "")
    minimal = returns == "return=minimal" or "return-minimal" in items
    no_root = "depth-noroot" in items
    applied = [name for name, on in (("return=minimal", minimal), ("depth-noroot", no_root)) if on]
    return Preferences(
        minimal=minimal or headers.get("brief", "").strip().lower() == "t",
        representation=returns == "return=representation",
        no_root=no_root or "noroot" in headers.get("depth", "").lower(),
        applied=", ".join(applied),
    )
