"""The body of Inverse's mail-query report: conditions on messages and the order they are told in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.names import DAV, INVERSE, clark, split_clark
from folkmoot.dav.wire.xml import Element
from folkmoot.mail.imap import criteria
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mailboxes.sorting import Level, SortBy

MAIL_QUERY: Final = clark(INVERSE, "mail-query")
HTTPMAIL: Final = "urn:schemas:httpmail:"
MAILHEADER: Final = "urn:schemas:mailheader:"
FILTERS_MAX: Final = 100  # of one query; servers take some hundred conditions
SORTS_MAX: Final = 6  # levels of an order
_DIGITS_MAX: Final = 10
_FLAGS: Final = frozenset({"answered", "draft", "flagged", "recent", "seen", "deleted"})
_TEXTS: Final = frozenset({"from", "to", "cc", "subject"})
_NO: Final = frozenset({"0", "false", "no"})
_SORTS: Final[Mapping[str, SortBy]] = MappingProxyType(
    {
        clark(MAILHEADER, "received"): SortBy.RECEIVED,
        clark(MAILHEADER, "date"): SortBy.DATE,
        clark(MAILHEADER, "from"): SortBy.SENDER,
        clark(MAILHEADER, "to"): SortBy.RECIPIENT,
        clark(MAILHEADER, "cc"): SortBy.COPY,
        clark(MAILHEADER, "subject"): SortBy.SUBJECT,
        clark(DAV, "displayname"): SortBy.SUBJECT,
        clark(DAV, "getcontentlength"): SortBy.SIZE,
    }
)
IN_ORDER: Final = (Level(SortBy.ORDER, ascending=True),)  # as the messages came


@dataclass(frozen=True, slots=True)
class Places:
    """Messages by their place in the mailbox, counted from 1, both ends included; ``inside`` False: all others."""

    first: int
    last: int | None
    inside: bool = True


@dataclass(frozen=True, slots=True)
class MailQuery:
    """Which messages, in which order."""

    filter: Criterion
    places: tuple[Places, ...] = ()
    sort: tuple[Level, ...] = IN_ORDER


def parse_mail_query(report: Element) -> MailQuery:
    """Return what a mail-query asks for; all conditions must hold, and without any all messages are meant.

    Raises:
        MalformedInput: a condition or an order that there is not.
        TooLarge: too many of them.
    """
    filters = only_child(report, clark(INVERSE, "mail-filters"))
    conditions: list[Criterion] = []
    places: list[Places] = []
    elements = [] if filters is None else list(filters)
    if len(elements) > FILTERS_MAX:
        raise TooLarge(f"mail-query: at most {FILTERS_MAX} filters")
    for element in elements:
        inside = element.get("not") is None  # the attribute negates whatever it says, as in SOGo
        name = split_clark(str(element.tag))[1]
        if name == "sequence":
            places.append(Places(_number(element, "from") or 1, _number(element, "to"), inside))
            continue
        condition = _condition(name, element)
        conditions.append(condition if inside else criteria.not_(condition))
    sort = only_child(report, clark(INVERSE, "sort"))
    levels = () if sort is None else _levels(sort)
    return MailQuery(criteria.and_(*conditions), tuple(places), levels or IN_ORDER)


def _condition(name: str, element: Element) -> Criterion:
    if name in _FLAGS:
        flag = criteria.flag(f"\\{name}")
        return criteria.not_(flag) if element.get("match", "").strip().lower() in _NO else flag
    if name in _TEXTS:
        return criteria.header(name, _match(element))
    match name:
        case "body":
            return criteria.body(_match(element))
        case "keywords":
            return criteria.flag(_match(element).lstrip("\\"))
        case "date" | "receive-date":
            return _between(element, criteria.since, criteria.before)
        case "sent-date":
            return _between(element, criteria.sent_since, criteria.sent_before)
        case "uid":
            first, last = _number(element, "from") or 1, _number(element, "to")
            if last is not None and last < first:
                return criteria.uids(())
            return criteria.uids(f"{first}:{last or '*'}")
        case "size":
            least, most = _number(element, "min"), _number(element, "max")
            bounds = [] if least is None else [criteria.larger(least)]
            return criteria.and_(*bounds, *([] if most is None else [criteria.smaller(most)]))
    raise MalformedInput(f"mail-query: no such filter: {name}"[:200])


def _between(element: Element, since: Callable[[date], Criterion], before: Callable[[date], Criterion]) -> Criterion:
    """Return the condition on days: IMAP knows no times, so the days of both ends are within."""
    start, end = _moment(element, "from"), _moment(element, "to")
    bounds = [] if start is None else [since(start.date())]
    if end is not None:
        midnight = end.hour == end.minute == end.second == 0 and end != start
        bounds.append(before(end.date() if midnight else end.date() + timedelta(days=1)))
    return criteria.and_(*bounds)


def _moment(element: Element, name: str) -> datetime | None:
    text = element.get(name, "").strip()
    if not text:
        return None
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"):
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - days on the mail server's clock
        except ValueError:
            continue
        if date.min.year < moment.year < date.max.year:
            return moment
    raise MalformedInput(f"mail-query: not a date: {text[:40]}")


def _number(element: Element, name: str) -> int | None:
    text = element.get(name, "").strip()
    if not text or text == "*":
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS_MAX or not 0 <= int(text) < 2**32:
        raise MalformedInput(f"mail-query: not a number: {text[:40]}")
    return int(text)


def _match(element: Element) -> str:
    text = element.get("match", "")
    if not text:
        raise MalformedInput("mail-query: the attribute match says what to look for")
    return text


def _levels(sort: Element) -> tuple[Level, ...]:
    order = sort.get("order", "").strip().lower() or "ascending"
    if order not in {"ascending", "descending"}:
        raise MalformedInput("mail-query: the order is ascending or descending")
    if len(sort) > SORTS_MAX:
        raise TooLarge(f"mail-query: sorted by at most {SORTS_MAX} properties")
    levels = []
    for element in sort:
        by = _SORTS.get(str(element.tag))
        if by is None:
            raise MalformedInput(f"mail-query: nothing is sorted by {element.tag}"[:200])
        levels.append(Level(by, ascending=order == "ascending"))
    return tuple(levels)
