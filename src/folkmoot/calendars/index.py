"""The index columns that follow from a calendar object."""

from collections.abc import Container
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from folkmoot.ical import summarize
from folkmoot.ical.component import Component
from folkmoot.scheduling.meeting import address_of, answer, components, own_line
from folkmoot.scheduling.values import Address
from folkmoot.store.records import IndexRow

ORGANIZER: Final = "ORGANIZER"
VARIES: Final = "VARIES"


def index_row(calendar: Component, zone: tzinfo) -> IndexRow:
    """Return the index columns of a checked calendar object; ``zone`` is that of floating times."""
    summary = summarize(calendar, default_zone=zone)
    return IndexRow(
        uid=summary.uid,
        component=summary.component,
        starts_at=summary.start,
        ends_at=summary.end,
        exact=summary.exact,
        transparent=summary.transparent,
        classification=summary.classification,
        status=summary.status,
        title=summary.title,
        search=None,
    )


def meeting_row(calendar: Component, zone: tzinfo, owner: Container[Address], schedule_tag: str) -> IndexRow:
    """Return the index columns of a scheduling object in the calendar of whoever has the ``owner`` addresses."""
    return replace(
        index_row(calendar, zone), schedule_tag=schedule_tag, participation=participation_column(calendar, owner)
    )


def participation_column(calendar: Component, owner: Container[Address]) -> str:
    """Return what the owner answered: one word for all instances, or that it varies."""
    said: set[str] = set()
    for component in components(calendar):
        organizer = component.get("ORGANIZER")
        if organizer is not None and address_of(organizer) in owner:
            return ORGANIZER
        line = own_line(component, owner)
        said.add("" if line is None else answer(line))
    return said.pop() if len(said) == 1 else VARIES if said else ""
