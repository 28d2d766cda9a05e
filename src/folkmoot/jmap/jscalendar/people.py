"""Who takes part: ORGANIZER and ATTENDEE as participants (RFC 8984 section 4.4)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

from folkmoot.ical import Line
from folkmoot.jmap.jscalendar.identity import chosen_id, digest
from folkmoot.jmap.jscalendar.source import Source

ATTENDING: Final = frozenset({"attendee", "chair", "optional", "informational"})
_MAILTO: Final = "mailto:"
KINDS: Final = {"individual": "INDIVIDUAL", "group": "GROUP", "resource": "RESOURCE", "location": "ROOM",
                 "unknown": "UNKNOWN"}  # fmt: skip
_KIND_WORDS: Final = {theirs: ours for ours, theirs in KINDS.items()}
STATUSES: Final = frozenset({"needs-action", "accepted", "declined", "tentative", "delegated"})
AGENTS: Final = frozenset({"server", "client", "none"})
PROGRESS: Final = {"COMPLETED": "completed", "IN-PROCESS": "in-process"}


def mail_of(address: str) -> str | None:
    """Return the mail address of a calendar address, or ``None`` if it has none."""
    if address[: len(_MAILTO)].lower() != _MAILTO:
        return None
    mail = unquote(address[len(_MAILTO) :].partition("?")[0]).strip()
    return mail or None


def address_of(participant: Mapping[str, Any]) -> str | None:
    """Return the calendar address of a checked participant, or ``None``."""
    ways = participant.get("sendTo") or {}
    return ways.get("imip") or ways.get("other") or next(iter(ways.values()), None)


def ways_to(address: str) -> dict[str, str]:
    """Return ``sendTo`` or ``replyTo`` of a calendar address."""
    return {"imip" if address[: len(_MAILTO)].lower() == _MAILTO else "other": address}


def mailto(mail: str) -> str:
    """Return the calendar address of a mail address."""
    return _MAILTO + quote(mail, safe="@!$&'*+-/=^_`{|}~.")


def settled_participant(participant: dict[str, Any]) -> dict[str, Any]:
    """Return a checked participant with what follows from the rest said too, in RFC 8984's words."""
    settled = dict(participant)
    address = settled.pop("calendarAddress", None)
    if address is not None and "sendTo" not in participant:
        settled["sendTo"] = ways_to(address)
    elif address is not None and address_of(participant) != address:
        others = {way: to for way, to in participant["sendTo"].items() if way not in {"imip", "other"}}
        settled["sendTo"] = {**others, **ways_to(address)}
    if "sendTo" not in settled and "email" in settled:
        settled["sendTo"] = ways_to(mailto(settled["email"]))
    address = address_of(settled)
    mail = mail_of(address) if address is not None else None
    if mail is not None:
        settled.setdefault("email", mail)
    roles = settled.get("roles") or {"attendee": True}
    if roles.keys() & {"chair", "optional"}:
        roles = {"attendee": True, **roles}
    settled["roles"] = roles
    return settled


def participant_id(address: str) -> str:
    """Return the id that follows from a calendar address."""
    return digest(address.strip().lower())


class People:
    """The lines of everybody who takes part, by id."""

    def __init__(self, source: Source) -> None:
        organizers = source.lines.get("ORGANIZER", ())[:1]
        self.organizer: Line | None = organizers[0] if organizers and organizers[0].value.strip() else None
        self.attendees: dict[str, Line] = {}
        self.organizer_id: str | None = None
        lines = [line for line in source.lines.get("ATTENDEE", ()) if line.value.strip()]
        chosen = [chosen_id(line) for line in lines]
        taken = {one for one in chosen if one is not None}
        numbers: dict[str, int] = {}
        organizer = self.organizer.value.strip().lower() if self.organizer is not None else None
        for line, one in zip(lines, chosen, strict=True):
            key = one
            if key is None or key in self.attendees:
                derived = key = participant_id(line.value)
                while key in self.attendees or key in taken:
                    number = numbers[derived] = numbers.get(derived, 1) + 1
                    key = f"{derived}-{number}"
            self.attendees[key] = line
            if self.organizer_id is None and line.value.strip().lower() == organizer:
                self.organizer_id = key
        if self.organizer is not None and self.organizer_id is None:
            key = chosen_id(self.organizer) or participant_id(self.organizer.value)
            while key in self.attendees:
                key += "-o"
            self.organizer_id = key

    def lines(self) -> dict[str, tuple[Line | None, Line | None]]:
        """Return each one's ATTENDEE and ORGANIZER."""
        found: dict[str, tuple[Line | None, Line | None]] = {}
        if self.organizer is not None and self.organizer_id is not None:
            found[self.organizer_id] = (None, self.organizer)
        for key, line in self.attendees.items():
            found[key] = (line, self.organizer if key == self.organizer_id else None)
        return found


def read_people(source: Source, found: dict[str, Any]) -> None:
    """Put ``participants``, ``replyTo`` and ``sentBy`` into the object."""
    people = People(source)
    lines = people.lines()
    if not lines:
        return
    ids: dict[str, str] | None = None
    participants: dict[str, dict[str, Any]] = {}
    for key, (attendee, organizer) in lines.items():
        line = attendee or organizer
        if line is None:
            continue
        address = line.value.strip()
        one: dict[str, Any] = {"@type": "Participant", "sendTo": ways_to(address), "roles": {}}
        mail = line.param("EMAIL") if line.has_params else None
        mail = mail or mail_of(address)
        if mail is not None:
            one["email"] = mail
        if organizer is not None:
            one["roles"]["owner"] = True
            name = organizer.param("CN")
            if name:
                one["name"] = name
        if line.has_params:
            if ids is None and any(p.name in {"DELEGATED-TO", "DELEGATED-FROM", "MEMBER"} for p in line.params):
                ids = {(line_a or line_o).value.strip().lower(): other  # type: ignore[union-attr]  # one of the two
                       for other, (line_a, line_o) in lines.items()}  # fmt: skip
            _read_params(line, one, ids or {})
        if attendee is not None:
            _read_role(attendee, one)
        participants[key] = one
    found["participants"] = participants
    if people.organizer is not None:
        found["replyTo"] = ways_to(people.organizer.value.strip())
        sent_by = people.organizer.param("SENT-BY")
        mail = mail_of(sent_by) if sent_by else None
        if mail is not None:
            found["sentBy"] = mail


def _read_role(line: Line, one: dict[str, Any]) -> None:
    role = (line.param("ROLE") or "").upper()
    roles = one["roles"]
    if role == "NON-PARTICIPANT":
        roles["informational"] = True
        return
    roles["attendee"] = True
    if role == "CHAIR":
        roles["chair"] = True
    elif role == "OPT-PARTICIPANT":
        roles["optional"] = True


def _read_params(line: Line, one: dict[str, Any], ids: dict[str, str]) -> None:
    for param in line.params:
        reader = _READERS.get(param.name)
        if reader is not None:
            reader(param.value, one)
        elif param.name in LISTED:
            listed = {ids[key]: True for address in param.values if (key := address.strip().lower()) in ids}
            if listed:
                one[LISTED[param.name]] = listed
    if line.name == "ATTENDEE":
        sent_by = line.param("SENT-BY")
        mail = mail_of(sent_by) if sent_by else None
        if mail is not None:
            one["sentBy"] = mail


def _read_status(value: str, one: dict[str, Any]) -> None:
    word = value.strip().upper()
    if word in PROGRESS:
        one["participationStatus"] = "accepted"
        one["progress"] = PROGRESS[word]
    elif word.lower() in STATUSES:
        one["participationStatus"] = word.lower()


def _read_kind(value: str, one: dict[str, Any]) -> None:
    kind = _KIND_WORDS.get(value.strip().upper())
    if kind is not None:
        one["kind"] = kind


def _read_agent(value: str, one: dict[str, Any]) -> None:
    if value.strip().lower() in AGENTS:
        one["scheduleAgent"] = value.strip().lower()


def _read_delivery(value: str, one: dict[str, Any]) -> None:
    statuses = [status.strip() for status in value.split(",") if status.strip()]
    if statuses:
        one["scheduleStatus"] = statuses


def _read_name(value: str, one: dict[str, Any]) -> None:
    if value:
        one["name"] = value


def _read_language(value: str, one: dict[str, Any]) -> None:
    if value:
        one["language"] = value


def _read_reply(value: str, one: dict[str, Any]) -> None:
    one["expectReply"] = value.strip().upper() == "TRUE"


def _read_force(value: str, one: dict[str, Any]) -> None:
    if value.strip().upper() in {"REQUEST", "REPLY"}:
        one["scheduleForceSend"] = True


_READERS: Final = {
    "CN": _read_name,
    "CUTYPE": _read_kind,
    "PARTSTAT": _read_status,
    "RSVP": _read_reply,
    "LANGUAGE": _read_language,
    "SCHEDULE-AGENT": _read_agent,
    "SCHEDULE-FORCE-SEND": _read_force,
    "SCHEDULE-STATUS": _read_delivery,
}
LISTED: Final = {"DELEGATED-TO": "delegatedTo", "DELEGATED-FROM": "delegatedFrom", "MEMBER": "memberOf"}
