"""A vacation answer as Sieve (RFC 5230), with the conditions under which it goes (RFC 5260)."""

from collections.abc import Callable, Iterator
from typing import Final

from folkmoot.mailboxes.sieve.quoting import lines, listed, quoted
from folkmoot.mailboxes.sieve.surroundings import DAYS_DEFAULT, Surroundings
from folkmoot.mailboxes.sieve.values import Period, Vacation

_LIST_HEADERS: Final = (
    "list-help",
    "list-unsubscribe",
    "list-subscribe",
    "list-owner",
    "list-post",
    "list-archive",
    "list-id",
    "Mailing-List",
)
NO_LISTS: Final = (
    f"not exists {listed(_LIST_HEADERS)}",
    'not header :comparator "i;ascii-casemap" :is "Precedence" ["list", "bulk", "junk"]',
    'not header :comparator "i;ascii-casemap" :matches "To" "Multiple recipients of*"',
)
SUBJECT_TAKEN: Final = 'if header :matches "Subject" "*" { set "subject" "${1}"; } '
SUBJECT_VARIABLE: Final = "${subject}"


def is_due(vacation: Vacation, around: Surroundings) -> bool:
    """Whether the answer belongs into the script: the server compares dates itself, or today is within them."""
    period = vacation.period
    if around.dates:
        return True
    return not (
        (period.first is not None and around.today < period.first)
        or (period.last is not None and around.today > period.last)
    )


def vacation_text(vacation: Vacation, around: Surroundings, need: Callable[[str], None]) -> str:
    """Return the answer's script, and tell ``need`` which extensions it uses, in order."""
    need("vacation")
    conditions = list(NO_LISTS) if vacation.ignore_lists else []
    if around.periods and around.dates and vacation.period.limited:
        need("date")
        need("relational")
        conditions += _conditions(vacation.period, around)
    subject = vacation.subject
    if subject is None:
        subject = around.default_subject or None
    text = f"if allof ( {', '.join(conditions)} ) {{ " if conditions else ""
    if subject is not None and SUBJECT_VARIABLE in subject and "variables" in around.capabilities:
        need("variables")
        text += SUBJECT_TAKEN
    text += f"vacation :days {days_of(vacation, around)}"
    if subject is not None:
        text += f" :subject {quoted(subject)}"
    if vacation.addresses:
        text += f" :addresses {listed(vacation.addresses)}"
    text += f" {lines(around.vacation_header + vacation.text + around.vacation_footer)};\r\n"
    if vacation.discard:
        text += "discard;\r\n"
    return text + "}\r\n" if conditions else text


def days_of(vacation: Vacation, around: Surroundings) -> int:
    """Return after how many days a sender gets the answer again."""
    days = DAYS_DEFAULT if vacation.days is None else vacation.days
    return days if days > 0 or around.zero_days else DAYS_DEFAULT


def _conditions(period: Period, around: Surroundings) -> Iterator[str]:
    if period.first is not None:
        yield f'currentdate :value "ge" "date" "{period.first.isoformat()}"'
    if period.last is not None:
        yield f'currentdate :value "le" "date" "{period.last.isoformat()}"'
    times = [
        f'date :value "{how}" :zone "{around.offset}" "date" "time" "{time}:00"'
        for how, time in (("ge", period.start), ("lt", period.end))
        if time is not None
    ]
    if period.start is not None and period.end is not None and period.start >= period.end:
        yield f"anyof ( {', '.join(times)} )"
    else:
        yield from times
    if period.weekdays is not None:
        yield f'currentdate :is "weekday" {listed(period.weekdays)}'
