"""What people do with a meeting, as their clients write it: days from 1 June 2026 on, in Berlin."""

from datetime import datetime
from zoneinfo import ZoneInfo

from folkmoot.ical import Component, Line, format_when, occurrences
from folkmoot.scheduling.meeting import answer, own_line
from folkmoot.scheduling.values import Address

BERLIN = ZoneInfo("Europe/Berlin")
Shown = dict[str, tuple[datetime, datetime, str, str]]  # by day: start, end, title, answer


def shown(calendar: Component | None, who: Address) -> Shown:
    """Return the instances that somebody is invited to, and the answer to each."""
    found: Shown = {}
    for one in occurrences(calendar, default_zone=BERLIN) if calendar is not None else ():
        line = own_line(one.component, {who})
        status = one.component.text("STATUS")
        if line is not None and status != "CANCELLED":
            key = format_when(one.recurrence_id or one.local_start)[:8]
            found[key] = one.start, one.end, one.component.text("SUMMARY") or "", answer(line)
    return found


def series(calendar: Component) -> Component:
    """Return the component that has no RECURRENCE-ID."""
    return next(one for one in calendar.children("VEVENT") if one.get("RECURRENCE-ID") is None)


def place(component: Component, day: int, hour: int) -> None:
    """Let it take place on a day, for an hour."""
    for name, at in (("DTSTART", hour), ("DTEND", hour + 1)):
        line = Line(name, f"2026060{day + 1}T{at:02}0000").with_param("TZID", "Europe/Berlin")
        component.set(line)


def find(calendar: Component, day: int) -> Component | None:
    """Return what is written about the instance of a day."""
    for one in calendar.children("VEVENT"):
        line = one.get("RECURRENCE-ID")
        if line is not None and line.value.startswith(f"2026060{day + 1}"):
            return one
    return None


def instance(calendar: Component, day: int) -> Component | None:
    """Return an instance to be changed, made as a client makes it."""
    single = find(calendar, day)
    if single is not None:
        return single
    master = next((one for one in calendar.children("VEVENT") if one.get("RECURRENCE-ID") is None), None)
    if master is None or f"2026060{day + 1}" in "".join(line.value for line in master.all("EXDATE")):
        return None
    start = master.properties[[line.name for line in master.properties].index("DTSTART")]
    single = master.copy()
    for name in ("RRULE", "EXDATE"):
        single.remove(name)
    hour = int(start.value[9:11])
    place(single, day, hour)
    single.add((single.get("DTSTART") or start).replace(name="RECURRENCE-ID"))
    calendar.components.append(single)
    return single


def drop(calendar: Component, day: int) -> None:
    """Take back what is written about the instance of a day."""
    single = find(calendar, day)
    if single is not None and len(calendar.children("VEVENT")) > 1:
        calendar.components.remove(single)


def leave_out(calendar: Component, day: int) -> None:
    """Delete the instance of a day."""
    master = next((one for one in calendar.children("VEVENT") if one.get("RECURRENCE-ID") is None), None)
    if master is None:
        return
    drop(calendar, day)
    start = master.get("DTSTART")
    assert start is not None
    value = f"2026060{day + 1}{start.value[8:]}"
    if value not in [line.value for line in master.all("EXDATE")]:
        master.add(start.replace(name="EXDATE", value=value))


def toggle(component: Component, who: Address) -> None:
    """Invite somebody, or no longer."""
    line = own_line(component, {who})
    if line is None:
        component.add(Line("ATTENDEE", f"mailto:{who}"))
    elif len(component.all("ATTENDEE")) > 1:
        component.properties.remove(line)


def say(component: Component, who: Address, said: str) -> None:
    """Answer."""
    line = own_line(component, {who})
    if line is not None:
        component.properties[component.properties.index(line)] = line.with_param("PARTSTAT", said).with_param("RSVP")
