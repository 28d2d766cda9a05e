"""Reading somebody's wishes from the values of preferences, in SOGo's form.

What is switched off is not looked at, as it does nothing; of what is switched on a mistake is told, with its place.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.addresses import mailbox
from folkmoot.mail.imap.names import check_name
from folkmoot.mailboxes.sieve.filter_texts import FLAGS
from folkmoot.mailboxes.sieve.values import (
    NOTICE_TITLE,
    Action,
    Field,
    Filter,
    Forward,
    Match,
    Method,
    Notification,
    Period,
    Rule,
    Vacation,
    Wishes,
)
from folkmoot.sharing.preferences import flag

FILTERS: Final = "SOGoSieveFilters"
VACATION: Final = "Vacation"
FORWARD: Final = "Forward"
NOTIFICATION: Final = "Notification"
KEYS: Final = frozenset([FILTERS, VACATION, FORWARD, NOTIFICATION])

FILTERS_MAX: Final = 500  # of a person; Pigeonhole runs scripts of 1 MB
PARTS_MAX: Final = 100  # rules or actions of a filter
ADDRESSES_MAX: Final = 100
VALUE_MAX: Final = 2_000  # characters of what a rule compares with
TEXT_MAX: Final = 64 * 1024  # characters of an answer
DAYS_MAX: Final = 365
SIZE_DIGITS_MAX: Final = 9
_OPERATORS: Final = frozenset(
    ["is", "is_not", "contains", "contains_not", "matches", "matches_not", "regex", "regex_not"]
)
_SIZE_OPERATORS: Final = frozenset(["over", "under"])
_HEADER: Final = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 section 3.6.8
_KEYWORD: Final = re.compile(r"[A-Za-z0-9$_.,:+=!-]{1,100}")  # within IMAP's atoms
_TIME: Final = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ARGUMENTLESS: Final = frozenset([Method.DISCARD, Method.KEEP, Method.STOP])


def read_wishes(values: Mapping[str, object], zone: ZoneInfo) -> Wishes:
    """Return the wishes that stand in preferences; dates are days of ``zone``.

    Raises:
        MalformedInput: something that is switched on cannot be done; the message names it.
    """
    return Wishes(
        _filters(values.get(FILTERS)),
        _vacation(_record(VACATION, values), zone),
        _forward(_record(FORWARD, values)),
        _notification(_record(NOTIFICATION, values)),
    )


def addresses_of(value: object, place: str) -> tuple[str, ...]:
    """Return the mail addresses of a list, or of a text with commas between them.

    Raises:
        MalformedInput: one of them is none, or there are too many.
    """
    items = value.split(",") if isinstance(value, str) else [] if value is None else value
    if not isinstance(items, list) or len(items) > ADDRESSES_MAX:
        raise MalformedInput(f"{place}: expected at most {ADDRESSES_MAX} mail addresses")
    return tuple(_address(item, place) for item in items if not isinstance(item, str) or item.strip())


def _filters(value: object) -> tuple[Filter, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > FILTERS_MAX:
        raise MalformedInput(f"{FILTERS}: expected at most {FILTERS_MAX} filters")
    found = []
    for number, item in enumerate(value, 1):
        if not isinstance(item, dict):
            raise MalformedInput(f"filter {number}: expected an object")
        if flag(item.get("active")):
            found.append(_filter(item, f"filter {number}"))
    return tuple(found)


def _filter(item: Mapping[str, object], place: str) -> Filter:
    try:
        match = Match(str(item.get("match", "")))
    except ValueError:
        raise MalformedInput(f"{place}: match is any, all or allmessages") from None
    rules: Sequence[Rule] = ()
    if match is not Match.EVERYTHING:
        rules = [_rule(part, f"{place}, rule {number}") for number, part in _parts(item, "rules", place)]
    actions = [_action(part, f"{place}, action {number}") for number, part in _parts(item, "actions", place)]
    return Filter(_text(item.get("name", ""), f"{place}, name", VALUE_MAX), match, tuple(rules), tuple(actions))


def _parts(item: Mapping[str, object], name: str, place: str) -> list[tuple[int, Mapping[str, object]]]:
    parts = item.get(name)
    if not isinstance(parts, list) or not 0 < len(parts) <= PARTS_MAX:
        raise MalformedInput(f"{place}: expected 1 to {PARTS_MAX} {name}")
    if not all(isinstance(part, dict) for part in parts):
        raise MalformedInput(f"{place}: {name} are objects")
    return list(enumerate(parts, 1))


def _rule(part: Mapping[str, object], place: str) -> Rule:
    try:
        field = Field(str(part.get("field", "")))
    except ValueError:
        raise MalformedInput(f"{place}: there is no field {part.get('field')!r:.60}") from None
    operator = str(part.get("operator", ""))
    if operator not in (_SIZE_OPERATORS if field is Field.SIZE else _OPERATORS):
        raise MalformedInput(f"{place}: {field.value} is not compared by {operator!r:.60}")
    value = part.get("value", "")
    if field is Field.SIZE:
        size = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not (size.isascii() and size.isdigit() and len(size) <= SIZE_DIGITS_MAX):
            raise MalformedInput(f"{place}: a size is a number of kilobytes")
        return Rule(field, operator, str(int(size)))
    header = ""
    if field is Field.HEADER:
        header = str(part.get("custom_header", ""))
        if not _HEADER.fullmatch(header):
            raise MalformedInput(f"{place}: {header!r:.60} is no name of a header")
    return Rule(field, operator, _text(value, place, VALUE_MAX), header)


def _action(part: Mapping[str, object], place: str) -> Action:
    try:
        method = Method(str(part.get("method", "")))
    except ValueError:
        raise MalformedInput(f"{place}: there is no action {part.get('method')!r:.60}") from None
    if method in _ARGUMENTLESS:
        return Action(method)
    argument = part.get("argument")
    if not isinstance(argument, str) or not argument:
        raise MalformedInput(f"{place}: {method.value} needs an argument")
    match method:
        case Method.REDIRECT:
            argument = _address(argument, place)
        case Method.ADD_FLAG:
            if argument not in FLAGS and not _KEYWORD.fullmatch(argument):
                raise MalformedInput(f"{place}: {argument!r:.60} is no flag")
        case Method.FILE_INTO:
            try:
                check_name(_text(argument, place, VALUE_MAX))
            except MalformedInput as error:
                raise MalformedInput(f"{place}: {error}") from error
        case _:
            argument = _text(argument, place, TEXT_MAX)
    return Action(method, argument)


def _vacation(record: Mapping[str, object] | None, zone: ZoneInfo) -> Vacation | None:
    if record is None:
        return None
    subject = None
    if flag(record.get("customSubjectEnabled")):
        subject = _line(record.get("customSubject") or "", f"{VACATION}.customSubject")
    return Vacation(
        text=_text(record.get("autoReplyText") or "", f"{VACATION}.autoReplyText", TEXT_MAX),
        addresses=addresses_of(record.get("autoReplyEmailAddresses"), f"{VACATION}.autoReplyEmailAddresses"),
        days=_days(record.get("daysBetweenResponse")),
        subject=subject,
        ignore_lists=flag(record.get("ignoreLists")),
        always=flag(record.get("alwaysSend")),
        discard=flag(record.get("discardMails")),
        period=Period(
            first=_day(record, "startDate", zone),
            last=_day(record, "endDate", zone),
            start=_time(record, "startTime"),
            end=_time(record, "endTime"),
            weekdays=_weekdays(record),
        ),
    )


def _forward(record: Mapping[str, object] | None) -> Forward | None:
    if record is None:
        return None
    addresses = addresses_of(record.get("forwardAddress"), f"{FORWARD}.forwardAddress")
    return Forward(addresses, flag(record.get("keepCopy")), flag(record.get("alwaysSend")))


def _notification(record: Mapping[str, object] | None) -> Notification | None:
    if record is None:
        return None
    addresses = addresses_of(record.get("notificationAddress"), f"{NOTIFICATION}.notificationAddress")
    message = _text(record.get("notificationMessage") or "", f"{NOTIFICATION}.notificationMessage", TEXT_MAX)
    title = _line(record.get("notificationTranslated") or NOTICE_TITLE, f"{NOTIFICATION}.notificationTranslated")
    return Notification(addresses, message, title) if addresses else None


def _record(key: str, values: Mapping[str, object]) -> Mapping[str, object] | None:
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise MalformedInput(f"{key}: expected an object")
    return value if flag(value.get("enabled")) else None


def _address(value: object, place: str) -> str:
    try:
        return mailbox(str(value).strip())
    except MalformedInput as error:
        raise MalformedInput(f"{place}: {error}") from error


def _text(value: object, place: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise MalformedInput(f"{place}: expected a text of at most {longest} characters")
    if _CONTROLS.search(value.replace("\r\n", "\n")):
        raise MalformedInput(f"{place}: control characters")
    return value


def _line(value: object, place: str) -> str:
    text = _text(value, place, VALUE_MAX)
    if "\n" in text:
        raise MalformedInput(f"{place}: more than one line")
    return text


def _days(value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if not (text.lstrip("-").isdecimal() and text.isascii() and len(text) <= len("-365")):
        raise MalformedInput(f"{VACATION}.daysBetweenResponse: expected a number of days")
    return min(max(int(text), 0), DAYS_MAX)


def _day(record: Mapping[str, object], name: str, zone: ZoneInfo) -> date | None:
    if not flag(record.get(f"{name}Enabled")):
        return None
    value = record.get(name)
    try:
        return datetime.fromtimestamp(int(str(value)), UTC).astimezone(zone).date()
    except (ValueError, OverflowError, OSError):
        raise MalformedInput(f"{VACATION}.{name}: expected seconds since 1970") from None


def _time(record: Mapping[str, object], name: str) -> str | None:
    if not flag(record.get(f"{name}Enabled")):
        return None
    value = str(record.get(name, ""))
    if not _TIME.fullmatch(value):
        raise MalformedInput(f"{VACATION}.{name}: expected a time such as 08:30")
    return value.zfill(len("08:30"))


def _weekdays(record: Mapping[str, object]) -> tuple[str, ...] | None:
    if not flag(record.get("weekdaysEnabled")):
        return None
    days = record.get("days")
    named = [str(day) for day in days] if isinstance(days, list) and len(days) <= PARTS_MAX else ["?"]
    if not named or not all(len(day) == 1 and day in "0123456" for day in named):
        raise MalformedInput(f"{VACATION}.days: expected days of the week, 0 for Sunday to 6")
    return tuple(dict.fromkeys(named))
