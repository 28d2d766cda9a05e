"""What the whole company has in one calendar that everybody is subscribed to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from folkmoot.tool.demo.calendar_text import all_day, component, document
from folkmoot.tool.demo.events import FRIDAY, PAST, WEDNESDAY, day_of, days_of

_HOLIDAYS: Final = (("New Year", 1, 1), ("Labour Day", 5, 1), ("German Unity", 10, 3), ("Christmas", 12, 25))


def company_events(today: date) -> Iterator[str]:
    """Yield pay days, the fair, the party and holidays."""
    monday = today - timedelta(days=today.weekday())
    first = monday - PAST
    stamp = datetime.combine(monday, time(7), UTC)

    def event(slug: str, lines: list[str]) -> str:
        return document([component("VEVENT", f"demo-company-{slug}", stamp, lines)], [], first.year)

    rule = "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    yield event("pay-day", all_day(_last_working_day(first), 1, "Pay day", rule, busy=False))
    fair = day_of(monday + timedelta(days=56), WEDNESDAY)
    yield event("fair", all_day(fair, 3, "Astronomy fair in Essen", "CATEGORIES:Travel", busy=True))
    party = day_of(monday + timedelta(days=21), FRIDAY)
    yield event("party", all_day(party, 1, "Star party on the roof, bring friends", busy=False))
    stocktaking = day_of(monday + timedelta(days=14), FRIDAY)
    yield event("stocktaking", all_day(stocktaking, 1, "Stocktaking: no deliveries", "CLASS:CONFIDENTIAL", busy=False))
    for name, month, day in _HOLIDAYS:
        rule = "RRULE:FREQ=YEARLY"
        yield event(f"holiday-{month}-{day}", all_day(date(first.year, month, day), 1, name, rule, busy=False))


def _last_working_day(month: date) -> date:
    return [day for day in days_of(month) if day.weekday() <= FRIDAY][-1]
