"""What people type into a search field: ``from:anna has:attachment before:2026-01-01 "exact words" -word in:sent``.

Words stand together; ``OR`` between them means either; ``-`` or ``NOT`` before one excludes it; parentheses group.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap import criteria
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mailboxes import conditions
from folkmoot.mailboxes.keywords import is_keyword

TEXT_MAX: Final = 2_000  # characters of a query
TERMS_MAX: Final = 60  # words and conditions in one
DEPTH_MAX: Final = 20  # parentheses in parentheses
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\)) |
        (?P<minus>-)?(?:(?P<key>[A-Za-z_-]{1,20}):)?(?:"(?P<quoted>[^"]*)"?|(?P<word>[^\s()"]+))
    )""",
    re.VERBOSE,
)
_SIZE: Final = re.compile(r"([0-9]{1,12})\s*([kmg]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_AGE: Final = re.compile(r"([0-9]{1,5})([dwmy])", re.IGNORECASE | re.ASCII)
_DATE: Final = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?", re.ASCII)
_SCALE: Final = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_PLACES: Final = frozenset({"in", "folder"})
_DAYS: Final = {"d": 1, "w": 7, "m": 30, "y": 365}
_MARKS: Final[Mapping[str, Criterion]] = {
    "unread": conditions.UNSEEN,
    "unseen": conditions.UNSEEN,
    "read": criteria.flag("\\Seen"),
    "seen": criteria.flag("\\Seen"),
    "flagged": conditions.FLAGGED,
    "starred": conditions.FLAGGED,
    "unflagged": criteria.not_(conditions.FLAGGED),
    "answered": criteria.flag("\\Answered"),
    "replied": criteria.flag("\\Answered"),
    "unanswered": criteria.not_(criteria.flag("\\Answered")),
    "forwarded": conditions.FORWARDED,
    "draft": criteria.flag("\\Draft"),
    "important": conditions.HIGH_PRIORITY,
    "urgent": conditions.HIGH_PRIORITY,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, and where."""

    criterion: Criterion
    mailboxes: tuple[str, ...] = ()  # as typed after ``in:``; none: wherever the reader is
    words: tuple[str, ...] = ()  # to mark in what is found


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query depends on beside its text."""

    today: date
    labels: Mapping[str, str] = field(default_factory=dict)  # name in lower case: keyword
    bodies: bool = True  # bare words are looked for in texts too, not only in subjects and addresses


def parse_query(text: str, reading: Reading) -> Query:
    """Parse a query; an empty one is every message.

    Raises:
        MalformedInput: a condition that means nothing, or too many; the message says which.
    """
    if len(text) > TEXT_MAX:
        raise MalformedInput(f"a search has {TEXT_MAX} characters at most")
    parser = _Parser(list(_tokens(text)), reading)
    criterion = parser.alternatives(0)
    return Query(criterion, tuple(dict.fromkeys(parser.mailboxes)), tuple(dict.fromkeys(parser.words)))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # ( ) OR NOT term
    key: str = ""
    value: str = ""
    excluded: bool = False
    quoted: bool = False


def _tokens(text: str) -> Iterator[_Token]:
    at, count = 0, 0
    text = text.replace("\0", " ").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise MalformedInput(f"cannot be understood from here on: {text[at : at + 40]!r}")
        at = match.end()
        count += 1
        if count > TERMS_MAX:
            raise MalformedInput(f"a search has {TERMS_MAX} terms at most")
        if match["open"] or match["close"]:
            yield _Token(match["open"] or match["close"])
            continue
        key, word = (match["key"] or "").lower(), match["word"]
        if word in {"OR", "AND", "NOT"} and not key and not match["minus"]:
            if word != "AND":  # words stand together anyway
                yield _Token(word)
            continue
        if not key and word is not None and (word == "-" or _begun(word)):  # people type on
            continue
        quoted = match["quoted"]
        yield _Token("term", key, quoted if word is None else word, bool(match["minus"]), word is None)


def _begun(word: str) -> bool:
    return word.endswith(":") and word[:-1].lstrip("-").lower() in {*_CONDITIONS, *_PLACES}


class _Parser:
    def __init__(self, tokens: Sequence[_Token], reading: Reading) -> None:
        self._tokens = tokens
        self._at = 0
        self._reading = reading
        self.mailboxes: list[str] = []
        self.words: list[str] = []

    def alternatives(self, depth: int) -> Criterion:
        """Read terms up to the end or a closing parenthesis."""
        if depth > DEPTH_MAX:
            raise MalformedInput("too many parentheses in parentheses")
        either = [self._together(depth)]
        while (token := self._peek()) is not None and token.kind == "OR":
            self._at += 1
            either.append(self._together(depth))
        if depth == 0 and self._peek() is not None:
            self._at += 1  # a parenthesis too many: people type on
            return criteria.and_(criteria.or_(*either), self.alternatives(0)) if self._peek() else criteria.or_(*either)
        return criteria.or_(*either)

    def _together(self, depth: int) -> Criterion:
        found: list[Criterion] = []
        negate = False
        while (token := self._peek()) is not None and token.kind not in {"OR", ")"}:
            self._at += 1
            if token.kind == "NOT":
                negate = not negate
                continue
            if token.kind == "(":
                one: Criterion | None = self.alternatives(depth + 1)
                closing = self._peek()
                if closing is not None and closing.kind == ")":
                    self._at += 1
            else:
                one = self._term(token, excluded=token.excluded != negate)
            if one is not None:
                found.append(criteria.not_(one) if token.excluded != negate else one)
            negate = False
        return criteria.and_(*found)

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _term(self, token: _Token, *, excluded: bool) -> Criterion | None:
        value = token.value.strip()
        if token.key in _PLACES:
            if excluded:
                raise MalformedInput("a mailbox cannot be excluded from a search")
            if value:
                self.mailboxes.append(value)
            return None
        if not value:
            return None
        read = _CONDITIONS.get(token.key)
        if read is not None:
            if token.key in _MARKED and not excluded:
                self.words.append(value)
            return read(value, self._reading)
        words = f"{token.key}:{value}" if token.key else value  # a colon in a word: a time, an address
        if not excluded:
            self.words.append(words)
        return _anywhere(words, self._reading)


def _anywhere(words: str, reading: Reading) -> Criterion:
    fields = [criteria.header(name, words) for name in ("Subject", "From", "To", "Cc")]
    return criteria.or_(*fields, criteria.body(words)) if reading.bodies else criteria.or_(*fields)


def _has(value: str, reading: Reading) -> Criterion:
    if value.lower() in {"attachment", "attachments"}:
        return conditions.HAS_ATTACHMENT
    if value.lower() in {"label", "labels"}:
        return criteria.or_(*(criteria.flag(keyword) for keyword in reading.labels.values()))
    raise MalformedInput(f"has: knows attachment and label, not {value[:40]!r}")


def _is(value: str, _: Reading) -> Criterion:
    found = _MARKS.get(value.lower())
    if found is None:
        raise MalformedInput(f"is: knows {', '.join(_MARKS)}, not {value[:40]!r}")
    return found


def _label(value: str, reading: Reading) -> Criterion:
    keyword = reading.labels.get(value.lower(), value)
    if not is_keyword(keyword):
        raise MalformedInput(f"no such label: {value[:40]!r}")
    return criteria.flag(keyword)


def _larger(value: str, _: Reading) -> Criterion:
    return criteria.larger(_octets(value))


def _smaller(value: str, _: Reading) -> Criterion:
    return criteria.smaller(_octets(value))


def _octets(value: str) -> int:
    match = _SIZE.fullmatch(value)
    if match is None:
        raise MalformedInput(f"not a size: {value[:40]!r}; write 500k or 5M")
    return int(match[1]) * _SCALE[match[2].lower()]


def _before(value: str, reading: Reading) -> Criterion:
    return criteria.before(_period(value, reading)[0])


def _after(value: str, reading: Reading) -> Criterion:
    return criteria.since(_period(value, reading)[0])


def _on(value: str, reading: Reading) -> Criterion:
    first, end = _period(value, reading)
    return criteria.and_(criteria.since(first), criteria.before(end))


def _older(value: str, reading: Reading) -> Criterion:
    return criteria.before(_ago(value, reading))


def _newer(value: str, reading: Reading) -> Criterion:
    return criteria.since(_ago(value, reading))


def _ago(value: str, reading: Reading) -> date:
    match = _AGE.fullmatch(value)
    if match is None:
        raise MalformedInput(f"not an age: {value[:40]!r}; write 7d, 2w, 3m or 1y")
    try:
        return reading.today - timedelta(days=int(match[1]) * _DAYS[match[2].lower()])
    except OverflowError as error:
        raise MalformedInput(f"older than anything: {value[:40]!r}") from error


def _period(value: str, reading: Reading) -> tuple[date, date]:
    """Return the first day of a day, month or year, and the day after it."""
    named = {"today": 0, "yesterday": 1}.get(value.lower())
    if named is not None:
        day = reading.today - timedelta(days=named)
        return day, day + timedelta(days=1)
    match = _DATE.fullmatch(value)
    if match is None:
        raise MalformedInput(f"not a date: {value[:40]!r}; write 2026-01-31, 2026-01, 2026, today or yesterday")
    year, month, day_ = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    try:
        first = date(year, month, day_)
        if match[3]:
            return first, first + timedelta(days=1)
        if match[2]:
            return first, date(year + month // 12, month % 12 + 1, 1)
        return first, date(year + 1, 1, 1)
    except (ValueError, OverflowError) as error:
        raise MalformedInput(f"no such day: {value[:40]!r}") from error


def _header(*names: str) -> Callable[[str, Reading], Criterion]:
    def read(value: str, _: Reading) -> Criterion:
        return criteria.or_(*(criteria.header(name, value) for name in names))

    return read


_CONDITIONS: Final[Mapping[str, Callable[[str, Reading], Criterion]]] = {
    "from": _header("From"),
    "to": _header("To"),
    "cc": _header("Cc"),
    "bcc": _header("Bcc"),
    "recipient": _header("To", "Cc", "Bcc"),
    "participant": _header("From", "To", "Cc"),
    "subject": _header("Subject"),
    "list": _header("List-Id"),
    "body": lambda value, _: criteria.body(value),
    "text": lambda value, _: criteria.text(value),
    "has": _has,
    "is": _is,
    "label": _label,
    "keyword": _label,
    "larger": _larger,
    "smaller": _smaller,
    "before": _before,
    "after": _after,
    "since": _after,
    "on": _on,
    "older_than": _older,
    "newer_than": _newer,
}
_MARKED: Final = frozenset({"from", "to", "cc", "subject", "body", "text", "participant", "recipient"})
