"""Meeting requests, answers and cancellations of Outlook as iCalendar text ([MS-OXOCAL], [MS-OXCICAL])."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec import Struct

from folkmoot.contentline import escape_text, fold
from folkmoot.contentline.parameters import Parameter, format_parameters
from folkmoot.core.errors import FolkmootError
from folkmoot.mime.tnef.properties import Key, Properties
from folkmoot.mime.tnef.recurrence import Moved, Recurrence, read_recurrence
from folkmoot.mime.tnef.zone import Zone, read_zone

TEXT_MAX: Final = 100_000  # characters of a description
ATTENDEES_MAX: Final = 1_000

_APPOINTMENT: Final = bytes.fromhex("0220060000000000c000000000000046")
_MEETING: Final = bytes.fromhex("90da d86e 0b45 1b10 98da 00aa003f1305".replace(" ", ""))
_START: Final[Key] = (_APPOINTMENT, 0x820D)
_END: Final[Key] = (_APPOINTMENT, 0x820E)
_LOCATION: Final[Key] = (_APPOINTMENT, 0x8208)
_BUSY: Final[Key] = (_APPOINTMENT, 0x8205)
_INTENDED_BUSY: Final[Key] = (_APPOINTMENT, 0x8224)
_ALL_DAY: Final[Key] = (_APPOINTMENT, 0x8215)
_SEQUENCE: Final[Key] = (_APPOINTMENT, 0x8201)
_RECURRENCE: Final[Key] = (_APPOINTMENT, 0x8216)
_REPLACED: Final[Key] = (_APPOINTMENT, 0x8228)
_ZONE_RULES: Final[Key] = (_APPOINTMENT, 0x8233)
_ZONE_NAMED: Final[Key] = (_APPOINTMENT, 0x8260)
_PROPOSED_START: Final[Key] = (_APPOINTMENT, 0x8250)
_PROPOSED_END: Final[Key] = (_APPOINTMENT, 0x8251)
_PROPOSES: Final[Key] = (_APPOINTMENT, 0x8257)
_GLOBAL_ID: Final[Key] = (_MEETING, 0x0003)
_CLEAN_ID: Final[Key] = (_MEETING, 0x0023)
_CHANGED: Final[Key] = (_MEETING, 0x001A)
_ANSWERED: Final[Key] = (_MEETING, 0x0001)
_RESPONSE_REQUESTED: Final = 0x0063
_SENT: Final = 0x0039
_NORMALIZED_SUBJECT: Final = 0x0E1D
_SUBJECT: Final = 0x0037
_SENSITIVITY: Final = 0x0036
_IMPORTANCE: Final = 0x0017
_ORGANIZER_NAMES: Final = (0x0042, 0x0C1A)
_ORGANIZER_ADDRESSES: Final = (0x5D02, 0x5D01, 0x0065, 0x0C1F)
_ROLE: Final = 0x0C15
_PERSON_ADDRESSES: Final = (0x39FE, 0x3003)
_PERSON_NAME: Final = 0x3001

_ID_CLASS: Final = bytes.fromhex("040000008200e00074c5b7101a82e008")
_ID_DATE: Final = slice(16, 20)
_ID_HEAD: Final = 40  # octets before what the id is made of
_FOREIGN_ID: Final = b"vCal-Uid\x01\0\0\0"  # a UID that came as iCalendar

_CLASSES: Final = {
    "ipm.schedule.meeting.request": ("REQUEST", ""),
    "ipm.schedule.meeting.canceled": ("CANCEL", ""),
    "ipm.schedule.meeting.resp.pos": ("REPLY", "ACCEPTED"),
    "ipm.schedule.meeting.resp.neg": ("REPLY", "DECLINED"),
    "ipm.schedule.meeting.resp.tent": ("REPLY", "TENTATIVE"),
    "ipm.microsoft schedule.mtgreq": ("REQUEST", ""),
    "ipm.microsoft schedule.mtgcncl": ("CANCEL", ""),
    "ipm.microsoft schedule.mtgrespp": ("REPLY", "ACCEPTED"),
    "ipm.microsoft schedule.mtgrespn": ("REPLY", "DECLINED"),
    "ipm.microsoft schedule.mtgrespa": ("REPLY", "TENTATIVE"),
}
_SENSITIVITIES: Final = {1: "PRIVATE", 2: "PRIVATE", 3: "CONFIDENTIAL"}
_PRIORITIES: Final = {0: 9, 2: 1}


class Calendar(Struct, frozen=True):
    """An iTIP message."""

    method: str
    text: str  # lines end with CRLF


def meeting_of(
    message_class: str, properties: Properties, recipients: Sequence[Properties], *, subject: str, text: str
) -> Calendar | None:
    """Return what a message of this class says about a meeting; None if it is about none, or lacks the times."""
    known = _CLASSES.get(message_class.strip().lower())
    start = properties.time(_START)
    if known is None or start is None:
        return None
    method, answer = known
    if method == "REPLY" and properties.number(_PROPOSES) and properties.time(_PROPOSED_START):
        method = "COUNTER"
    made = _Meeting(properties, recipients, start, subject=subject, text=text)
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Folkmoot//winmail.dat//EN",
        "VERSION:2.0",
        f"METHOD:{method}",
        *made.lines(method, answer),
        "END:VCALENDAR",
    ]
    return Calendar(method, "".join(f"{fold(line)}\r\n" for line in lines))


class _Meeting:
    """One message about a meeting, on its way to iCalendar."""

    def __init__(
        self, properties: Properties, recipients: Sequence[Properties], start: datetime, *, subject: str, text: str
    ) -> None:
        self._properties = properties
        self._recipients = recipients[:ATTENDEES_MAX]
        self._subject = subject
        self._text = text[:TEXT_MAX]
        self._start = start
        self._end = properties.time(_END) or start
        self._all_day = bool(properties.number(_ALL_DAY))
        self._zone = read_zone(properties.octets(_ZONE_RULES), properties.octets(_ZONE_NAMED))
        self._recurrence = self._repeats()

    def lines(self, method: str, answer: str) -> Iterator[str]:
        if self._recurrence is not None and self._zone is not None and not self._all_day:
            yield from self._zone.lines()
        start, end = self._start, self._end
        if method == "COUNTER":
            start = self._properties.time(_PROPOSED_START) or start
            end = self._properties.time(_PROPOSED_END) or end
        yield "BEGIN:VEVENT"
        yield from self._who(method, answer)
        yield from self._same()
        yield from self._instance()
        yield from self._times(start, end)
        if self._recurrence is not None:
            yield from self._rule(self._recurrence)
        yield from self._words("DESCRIPTION" if method in {"REQUEST", "CANCEL"} else "COMMENT")
        yield f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}"
        yield "END:VEVENT"
        if self._recurrence is not None and method == "REQUEST":
            for moved in self._recurrence.moved:
                yield from self._moved(moved)

    def _repeats(self) -> Recurrence | None:
        octets = self._properties.octets(_RECURRENCE)
        if not octets or (self._zone is None and not self._all_day):
            return None
        try:
            return read_recurrence(octets)
        except (FolkmootError, OverflowError):
            return None  # the first instance is better than nothing

    def _who(self, method: str, answer: str) -> Iterator[str]:
        sender = _person("ORGANIZER", self._properties, _ORGANIZER_NAMES, _ORGANIZER_ADDRESSES, [])
        people = [
            person
            for one in self._recipients
            if (person := _person("ATTENDEE", one, (_PERSON_NAME,), _PERSON_ADDRESSES, _role(one)))
        ]
        if method in {"REQUEST", "CANCEL"}:
            yield from filter(None, [sender])
            yield from people
            return
        answered = [Parameter("PARTSTAT", (answer,))]
        yield from filter(
            None, [_person("ATTENDEE", self._properties, _ORGANIZER_NAMES, _ORGANIZER_ADDRESSES, answered)]
        )
        for one in self._recipients[:1]:  # an answer goes to the organizer
            yield from filter(None, [_person("ORGANIZER", one, (_PERSON_NAME,), _PERSON_ADDRESSES, [])])

    def _same(self) -> Iterator[str]:
        yield f"UID:{escape_text(_uid(self._properties.octets(_CLEAN_ID, _GLOBAL_ID)))}"
        stamp = self._properties.time(_ANSWERED, _CHANGED, _SENT) or self._start
        yield f"DTSTAMP:{_utc(stamp)}"
        yield f"SEQUENCE:{max(self._properties.number(_SEQUENCE) or 0, 0)}"

    def _instance(self) -> Iterator[str]:
        octets = self._properties.octets(_GLOBAL_ID)
        day = octets[_ID_DATE] if octets.startswith(_ID_CLASS) else b""
        if not any(day):
            return
        replaced = self._properties.time(_REPLACED)
        try:
            original = date(int.from_bytes(day[:2], "big"), day[2], day[3])
        except (ValueError, IndexError):
            return
        if replaced is not None and not self._all_day:
            yield f"RECURRENCE-ID:{_utc(replaced)}"
        else:
            yield f"RECURRENCE-ID;VALUE=DATE:{original:%Y%m%d}"

    def _times(self, start: datetime, end: datetime) -> Iterator[str]:
        yield self._time("DTSTART", start)
        yield self._time("DTEND", end)

    def _time(self, name: str, moment: datetime) -> str:
        if self._all_day:
            return f"{name};VALUE=DATE:{self._local(moment):%Y%m%d}"
        if self._recurrence is not None and self._zone is not None:
            return f"{name};TZID={self._zone.name}:{self._local(moment):%Y%m%dT%H%M%S}"
        return f"{name}:{_utc(moment)}"

    def _local(self, moment: datetime) -> datetime:
        if self._zone is None:
            # An all-day meeting runs from midnight to midnight of a zone that we were not told.
            return (moment.replace(tzinfo=None) + timedelta(hours=12)).replace(hour=0, minute=0, second=0)
        return _local(moment, self._zone)

    def _rule(self, recurrence: Recurrence) -> Iterator[str]:
        until = ""
        if recurrence.until is not None:
            last = recurrence.until
            until = f";UNTIL={last:%Y%m%d}" if self._all_day else f";UNTIL={_utc(_from_local(last, self._zone))}"
        yield f"RRULE:{recurrence.rule}{until}"
        for gone in recurrence.deleted:
            yield f"EXDATE{self._wall(gone)}"

    def _wall(self, moment: datetime) -> str:
        if self._all_day or self._zone is None:
            return f";VALUE=DATE:{moment:%Y%m%d}"
        return f";TZID={self._zone.name}:{moment:%Y%m%dT%H%M%S}"

    def _moved(self, moved: Moved) -> Iterator[str]:
        yield "BEGIN:VEVENT"
        yield from self._who("REQUEST", "")
        yield from self._same()
        yield f"RECURRENCE-ID{self._wall(moved.original)}"
        yield f"DTSTART{self._wall(moved.start)}"
        yield f"DTEND{self._wall(moved.end)}"
        yield from self._words("DESCRIPTION")
        yield "STATUS:CONFIRMED"
        yield "END:VEVENT"

    def _words(self, body: str) -> Iterator[str]:
        properties = self._properties
        subject = properties.text(_NORMALIZED_SUBJECT) or self._subject or properties.text(_SUBJECT)
        yield f"SUMMARY:{escape_text(_printable(subject))}"
        if location := properties.text(_LOCATION):
            yield f"LOCATION:{escape_text(_printable(location))}"
        if self._text.strip():
            yield f"{body}:{escape_text(_printable(self._text.strip()))}"
        busy = properties.number(_INTENDED_BUSY, _BUSY)
        yield f"TRANSP:{'TRANSPARENT' if busy == 0 else 'OPAQUE'}"
        yield f"CLASS:{_SENSITIVITIES.get(properties.number(_SENSITIVITY) or 0, 'PUBLIC')}"
        importance = properties.number(_IMPORTANCE)
        yield f"PRIORITY:{_PRIORITIES.get(1 if importance is None else importance, 5)}"


def _person(
    name: str, properties: Properties, names: Sequence[int], addresses: Sequence[int], parameters: list[Parameter]
) -> str:
    address = next((one for key in addresses if "@" in (one := properties.text(key))), "")
    if not address or len(address) > 320 or not address.isprintable() or " " in address:  # noqa: PLR2004 - RFC 3696
        return ""
    shown = _printable(properties.text(*names)).replace('"', "'").replace("\n", " ")[:200]
    given = [Parameter("CN", (shown,)), *parameters] if shown else parameters
    return f"{name}{format_parameters(given)}:mailto:{address}"


def _role(properties: Properties) -> list[Parameter]:
    wanted = [Parameter("PARTSTAT", ("NEEDS-ACTION",)), Parameter("RSVP", ("TRUE",))]
    match properties.number(_ROLE):
        case 2:
            return [Parameter("ROLE", ("OPT-PARTICIPANT",)), *wanted]
        case 3:
            return [Parameter("CUTYPE", ("RESOURCE",)), Parameter("ROLE", ("NON-PARTICIPANT",)), *wanted]
        case _:
            return [Parameter("ROLE", ("REQ-PARTICIPANT",)), *wanted]


def _uid(octets: bytes) -> str:
    if not octets.startswith(_ID_CLASS):
        return octets.hex().upper()
    made_of = octets[_ID_HEAD:]
    if made_of.startswith(_FOREIGN_ID):
        return _printable(made_of[len(_FOREIGN_ID) :].partition(b"\0")[0].decode("utf-8", "replace"))[:255]
    return (octets[: _ID_DATE.start] + bytes(4) + octets[_ID_DATE.stop :]).hex().upper()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _local(moment: datetime, zone: Zone) -> datetime:
    winter = moment.replace(tzinfo=None) - timedelta(minutes=zone.winter_west)
    summer = moment.replace(tzinfo=None) - timedelta(minutes=zone.summer_west)
    return summer if zone.is_summer(winter) else winter


def _from_local(moment: datetime, zone: Zone | None) -> datetime:
    if zone is None:
        return moment.replace(tzinfo=UTC)
    west = zone.summer_west if zone.is_summer(moment) else zone.winter_west
    return (moment + timedelta(minutes=west)).replace(tzinfo=UTC)


def _printable(text: str) -> str:
    return "".join(sign for sign in text.replace("\r\n", "\n") if sign in "\n\t" or sign.isprintable())
