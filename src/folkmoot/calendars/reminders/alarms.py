"""E-mail alarms: which calendar objects have a job that sends them, and the mails that it sends.

The job is asked for with the write itself and names the next time; all that follows is read from the object when it
runs.  A mail's key is made of what rings, not of how a client wrote it, so that each goes once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from folkmoot.calendars.reminders.rings import Ring, next_ring
from folkmoot.calendars.zones import CalendarZones
from folkmoot.contentline import Line
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError
from folkmoot.database.statement import Transaction
from folkmoot.ical.component import parse
from folkmoot.ical.values import Floating, When
from folkmoot.store import jobs
from folkmoot.store.outbox import NewMail, key_of
from folkmoot.store.records import Collection, Kind

JOB: Final = "alarm"
RECIPIENTS_MAX: Final = 20  # of one alarm
DESCRIPTION_MAX: Final = 20_000  # characters of a description that are mailed
# Cheap, as every calendar object that is written is looked at: a microsecond where there is nothing.
_WORDS: Final = (b":EMAIL", b":email", b":Email")
_EMAIL: Final = re.compile(rb"^ACTION\b[^\r\n]*:\s*EMAIL\b", re.IGNORECASE | re.MULTILINE)
_ADDRESS: Final = re.compile(
    r"(?:mailto:)?([^\s<>@,;:\x00-\x1f\x7f]{1,64}@[^\s<>@,;:\x00-\x1f\x7f]{1,255})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AlarmPlan:
    """Asks for the jobs of calendar objects that have e-mail alarms."""

    clock: Clock
    zones: CalendarZones

    async def follow(self, tx: Transaction, collection: Collection, name: str, body: bytes) -> None:
        """Ask for the job of an object that is written in this transaction.

        What was removed has no entry here: its job finds nothing and ends.
        """
        if not has_email_alarm(body) or collection.kind is not Kind.CALENDAR or collection.properties.get("read_only"):
            return
        now = self.clock.milliseconds()
        key = key_for(collection.id, name)
        known = await jobs.find(tx, JOB, key)
        # What is overdue, as after an outage, still counts; what lies before the write does not.
        since = since_of(known.payload, now) if known is not None and known.due_at <= now else now
        upcoming = upcoming_ms(body, since, self.zones.of(collection))
        if upcoming is None:
            if known is not None:
                await jobs.remove(tx, JOB, key)
            return
        payload = {"collection": collection.id, "name": name, "since": since}
        await jobs.add(tx, JOB, key, payload, upcoming, now, replace=True)


def has_email_alarm(body: bytes) -> bool:
    """Whether a calendar object may have an e-mail alarm; where it has none after all, that costs one parse."""
    return any(word in body for word in _WORDS) and _EMAIL.search(body) is not None


def key_for(collection_id: int, name: str) -> str:
    """Return the key of an object's job; names may be as long as the column alone."""
    return f"{collection_id}/{sha256(name.encode(errors='replace')).hexdigest()[:32]}"


def since_of(payload: Mapping[str, object], missing: int) -> int:
    """Return the time before which nothing rings, in milliseconds."""
    since = payload.get("since")
    return since if isinstance(since, int) else missing


def upcoming_ms(body: bytes, after: int, zone: tzinfo) -> int | None:
    """Return when the next e-mail alarm of an object goes off, in milliseconds; None if none does or can be read."""
    try:
        upcoming = next_ring(parse(body), moment(after), default_zone=zone)
    except FolkmootError:
        return None
    return None if upcoming is None else int(upcoming.timestamp() * 1000)


def moment(milliseconds: int) -> datetime:
    """Return a time in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def mails_of(
    rings: Sequence[Ring], calendar: Collection, uid: str, owner_address: str | None, zone: tzinfo
) -> list[NewMail]:
    """Return the mails of what rings: to the alarm's attendees, or without any to the calendar's owner."""
    found: dict[str, NewMail] = {}
    for ring in rings:
        named = _addresses(ring.alarm.all("ATTENDEE"))
        for address in named or ([owner_address] if owner_address else []):
            key = key_of(JOB, calendar.owner, uid, ring.instance, ring.at.isoformat(), address.lower())
            found[key] = NewMail(key, JOB, calendar.owner, address, _payload(ring, calendar, uid, zone))
    return list(found.values())


def _payload(ring: Ring, calendar: Collection, uid: str, zone: tzinfo) -> dict[str, object]:
    event, alarm = ring.component, ring.alarm
    title = calendar.properties.get("displayname")
    return {
        "uid": uid,
        "component": event.name,
        "summary": event.text("SUMMARY") or alarm.text("SUMMARY") or "",
        "location": event.text("LOCATION") or "",
        "description": (event.text("DESCRIPTION") or "")[:DESCRIPTION_MAX],
        "note": (alarm.text("DESCRIPTION") or "")[:DESCRIPTION_MAX],
        "url": event.text("URL") or "",
        "start": _written(ring.starts, zone),
        "end": _written(ring.ends, zone),
        "all_day": isinstance(ring.starts, date) and not isinstance(ring.starts, datetime),
        "zone": _zone_name(ring.starts, zone),
        "when": ring.at.isoformat(),
        "calendar": title if isinstance(title, str) and title else calendar.name,
    }


def _addresses(attendees: Sequence[Line]) -> list[str]:
    matches = (_ADDRESS.fullmatch(line.value.strip()) for line in attendees[:RECIPIENTS_MAX])
    return list(dict.fromkeys(match[1] for match in matches if match))


def _written(when: When | None, zone: tzinfo) -> str:
    """Return a day as it is, any other time as ISO 8601 with its offset from UTC."""
    if when is None:
        return ""
    if isinstance(when, Floating):
        when = when.at(zone)
    return when.isoformat()


def _zone_name(when: When | None, zone: tzinfo) -> str:
    own = when.tzinfo if isinstance(when, datetime) else None
    known = own if isinstance(own, ZoneInfo) else zone
    return known.key if isinstance(known, ZoneInfo) else "UTC"
