"""Filters and orders of emails (RFC 8621 section 4.4) as questions to the mailboxes room."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.mail.keywords import flag_of
from folkmoot.jmap.mail.views import Mailboxes
from folkmoot.jmap.protocol.describing import Arguments, Id, UnsignedInt, UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Comparator, Joined, Operator
from folkmoot.mail.imap import criteria
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mailboxes import conditions
from folkmoot.mailboxes.keywords import is_keyword
from folkmoot.mailboxes.query_language import Reading, parse_query
from folkmoot.mailboxes.querying import InThread
from folkmoot.mailboxes.question import All, Any, InThreads, Meets, No, Quantity, Question, Received, Within
from folkmoot.mailboxes.sorting import Level, SortBy

TOKENS_MAX: Final = 40  # words of one text
WORDS_MAX: Final = 60  # to mark in snippets
_TOKEN: Final = re.compile(r'"([^"]*)"|\'([^\']*)\'|(\S+)')
_NOWHERE: Final = "\0"  # no mailbox is called so


class EmailFilter(Arguments):
    """Conditions on emails (RFC 8621 section 4.4.1); ``query`` beyond the standard: what people type."""

    in_mailbox: Id | None = None
    in_mailbox_other_than: list[Id] | None = None
    before: UTCDate | None = None
    after: UTCDate | None = None
    min_size: UnsignedInt | None = None
    max_size: UnsignedInt | None = None
    all_in_thread_have_keyword: str | None = None
    some_in_thread_have_keyword: str | None = None
    none_in_thread_have_keyword: str | None = None
    has_keyword: str | None = None
    not_keyword: str | None = None
    has_attachment: bool | None = None
    has_smime: bool | None = None  # RFC 9219 section 4.2
    text: str | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None
    cc: str | None = None
    bcc: str | None = None
    subject: str | None = None
    body: str | None = None
    header: list[str] | None = None
    query: str | None = None


Filter = EmailFilter | Joined[EmailFilter]


@dataclass(slots=True)
class Translated:
    """A filter as a question, and the words to mark in what is found."""

    question: Question
    words: tuple[str, ...]


def translated(condition: Filter | None, mailboxes: Mailboxes, today: datetime) -> Translated:
    """Return what a filter asks.

    Raises:
        MethodFailed: ``unsupportedFilter``.
    """
    words: list[str] = []
    try:
        question = All(()) if condition is None else _question(condition, mailboxes, today, words)
    except MalformedInput as error:
        raise MethodFailed("unsupportedFilter", str(error)) from error
    return Translated(question, tuple(dict.fromkeys(words))[:WORDS_MAX])


def levels_of(comparators: Sequence[Comparator] | None) -> tuple[Level | InThread, ...]:
    """Return what an order asks; none at all is by moment of receipt, the newest first.

    Raises:
        MethodFailed: ``unsupportedSort``.
    """
    if not comparators:
        return (Level(),)
    return tuple(map(_level, comparators))


def _question(condition: Filter, mailboxes: Mailboxes, today: datetime, words: list[str]) -> Question:
    if isinstance(condition, Joined):
        inside = [] if condition.operator is Operator.NOT else words
        parts = tuple(_question(one, mailboxes, today, inside) for one in condition.conditions)
        match condition.operator:
            case Operator.AND:
                return All(parts)
            case Operator.OR:
                return Any(parts)
            case _:
                return No(Any(parts))
    parts_of: list[Question] = []
    for name, translate in _CONDITIONS.items():
        value = getattr(condition, name)
        if value is not None:
            parts_of.append(translate(value))
    if condition.in_mailbox is not None:
        parts_of.append(Within(frozenset({_path(mailboxes, condition.in_mailbox)})))
    if condition.in_mailbox_other_than is not None:
        others = frozenset(_path(mailboxes, one) for one in condition.in_mailbox_other_than)
        parts_of.append(Within(others, inside=False))
    if condition.after is not None or condition.before is not None:
        parts_of.append(Received(_seconds(condition.after), _seconds(condition.before)))
    for text in (condition.text, condition.subject, condition.body):
        words.extend(tokens(text or ""))
    if condition.query is not None:
        parts_of.append(_typed(condition.query, mailboxes, today, words))
    return parts_of[0] if len(parts_of) == 1 else All(tuple(parts_of))


def _typed(text: str, mailboxes: Mailboxes, today: datetime, words: list[str]) -> Question:
    query = parse_query(text, Reading(today.date()))
    words.extend(query.words)
    if not query.mailboxes:
        return Meets(query.criterion)
    wanted = {name.casefold() for name in query.mailboxes}
    paths = frozenset(
        folder.path
        for folder in mailboxes.by_id.values()
        if wanted & {folder.path.casefold(), folder.name.casefold(), folder.use}
    )
    return All((Meets(query.criterion), Within(paths or frozenset({_NOWHERE}))))


def tokens(text: str) -> list[str]:
    """Return the words of a text, those in quotes together."""
    found = [next(filter(None, one.groups()), "") for one in _TOKEN.finditer(text)]
    return [one for one in found if one][:TOKENS_MAX]


def _path(mailboxes: Mailboxes, id_: str) -> str:
    return mailboxes.path(id_) or _NOWHERE


def _seconds(date: str | None) -> int | None:
    if date is None:
        return None
    try:
        return int(datetime.fromisoformat(date).timestamp())
    except ValueError as error:
        raise MalformedInput(f"not a date: {date[:40]}") from error


def _flag(keyword: str) -> str:
    name = flag_of(keyword)
    if not name.startswith("\\") and not is_keyword(name):
        raise MalformedInput(f"not a keyword: {keyword[:60]}")
    return name


def _all_words(make: Callable[[str], Criterion]) -> Callable[[str], Question]:
    def translate(text: str) -> Question:
        if "\0" in text:
            raise MalformedInput("no text holds NUL")
        return Meets(criteria.and_(*[make(one) for one in tokens(text)]))

    return translate


def _header(asked: list[str]) -> Question:
    if not 1 <= len(asked) <= 2 or any("\0" in one for one in asked):  # noqa: PLR2004 - a name, and maybe a text
        raise MalformedInput("header takes the name of a field, and maybe a text")
    return Meets(criteria.header(*asked))


_CONDITIONS: Final[dict[str, Callable[..., Question]]] = {
    "min_size": lambda size: Meets(criteria.larger(size - 1) if size else criteria.all_()),
    "max_size": lambda size: Meets(criteria.smaller(size)),
    "all_in_thread_have_keyword": lambda keyword: InThreads(_flag(keyword), Quantity.ALL),
    "some_in_thread_have_keyword": lambda keyword: InThreads(_flag(keyword), Quantity.SOME),
    "none_in_thread_have_keyword": lambda keyword: InThreads(_flag(keyword), Quantity.NONE),
    "has_keyword": lambda keyword: Meets(criteria.flag(_flag(keyword))),
    "not_keyword": lambda keyword: Meets(criteria.not_(criteria.flag(_flag(keyword)))),
    "has_attachment": lambda has: Meets(conditions.HAS_ATTACHMENT if has else criteria.not_(conditions.HAS_ATTACHMENT)),
    "has_smime": lambda has: Meets(conditions.SMIME if has else criteria.not_(conditions.SMIME)),
    "text": _all_words(criteria.text),
    "from_": _all_words(lambda word: criteria.header("From", word)),
    "to": _all_words(lambda word: criteria.header("To", word)),
    "cc": _all_words(lambda word: criteria.header("Cc", word)),
    "bcc": _all_words(lambda word: criteria.header("Bcc", word)),
    "subject": _all_words(lambda word: criteria.header("Subject", word)),
    "body": _all_words(criteria.body),
    "header": _header,
}
_SORTS: Final = {
    "receivedAt": SortBy.RECEIVED,
    "size": SortBy.SIZE,
    "from": SortBy.SENDER,
    "to": SortBy.RECIPIENT,
    "subject": SortBy.SUBJECT,
    "sentAt": SortBy.DATE,
}
SORTS: Final = (*_SORTS, "hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword")
_THREAD_SORTS: Final = {"allInThreadHaveKeyword": Quantity.ALL, "someInThreadHaveKeyword": Quantity.SOME}


def _level(comparator: Comparator) -> Level | InThread:
    by = _SORTS.get(comparator.property)
    if by is not None:
        return Level(by, comparator.is_ascending)
    if comparator.property not in SORTS:
        raise MethodFailed("unsupportedSort", f"emails are not sorted by {comparator.property[:60]}")
    try:
        flag = _flag(comparator.keyword or "")
    except MalformedInput as error:
        raise MethodFailed("unsupportedSort", str(error)) from error
    quantity = _THREAD_SORTS.get(comparator.property)
    if quantity is None:
        return Level(SortBy.KEYWORD, comparator.is_ascending, flag)
    return InThread(InThreads(flag, quantity), comparator.is_ascending)
