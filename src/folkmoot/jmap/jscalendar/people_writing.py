"""Writing who takes part: the parameters of ATTENDEE and ORGANIZER that are wanted different (RFC 5545 section 3.2)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.ical import Line
from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.identity import CHOSEN, chosen_id
from folkmoot.jmap.jscalendar.people import (
    AGENTS,
    ATTENDING,
    KINDS,
    LISTED,
    PROGRESS,
    STATUSES,
    People,
    address_of,
    mail_of,
    mailto,
    participant_id,
    read_people,
)
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place, swap, with_params

_ROLES: Final = (("informational", "NON-PARTICIPANT"), ("chair", "CHAIR"), ("optional", "OPT-PARTICIPANT"))
_PROGRESS_WORDS: Final = {theirs: ours for ours, theirs in PROGRESS.items()}
_OF_ONE: Final = frozenset({"CN", "SENT-BY", "EMAIL", "DIR", CHOSEN})
"""What a parameter of ORGANIZER says of the person, and another organizer does not inherit."""

People_ = dict[str, dict[str, Any]]
Params = dict[str, tuple[str, ...] | None]


def _params(one: Mapping[str, Any], everybody: People_, known: Mapping[str, str]) -> Params:
    """Return the parameters of ATTENDEE that say what a participant says; ``None`` for those that are not there."""
    roles = one.get("roles") or {}
    status = one.get("participationStatus")
    written = status.upper() if status in STATUSES else None
    if status == "accepted":
        written = _PROGRESS_WORDS.get(one.get("progress", ""), written)
    single = {
        "CN": one.get("name") or None,
        "EMAIL": one["email"] if "email" in one and one["email"] != mail_of(address_of(one) or "") else None,
        "CUTYPE": KINDS.get(one.get("kind", "")),
        "ROLE": next((word for name, word in _ROLES if name in roles), None),
        "PARTSTAT": written,
        "RSVP": None if "expectReply" not in one else "TRUE" if one["expectReply"] else "FALSE",
        "LANGUAGE": one.get("language"),
        "SENT-BY": mailto(one["sentBy"]) if "sentBy" in one else None,
        "SCHEDULE-AGENT": one["scheduleAgent"].upper() if one.get("scheduleAgent") in AGENTS else None,
        "SCHEDULE-FORCE-SEND": "REQUEST" if one.get("scheduleForceSend") else None,
        "SCHEDULE-STATUS": ",".join(one["scheduleStatus"]) if one.get("scheduleStatus") else None,
    }
    params: Params = {name: None if value is None else (value,) for name, value in single.items()}
    for name, property_ in LISTED.items():
        addresses = []
        for key in one.get(property_) or ():
            other = address_of(everybody[key]) if key in everybody else known.get(key)
            if other is None:
                raise JsError(f"participants: {property_} names somebody who is not there", "participants")
            addresses.append(other)
        params[name] = tuple(addresses) or None
    return params


def _changes(old: Mapping[str, Any] | None, new: Params, before: People_, known: Mapping[str, str]) -> Params:
    """Return the parameters that are wanted different from what a participant said."""
    if old is None:
        return {name: values for name, values in new.items() if values is not None}
    was = _params(old, before, known)
    return {name: values for name, values in new.items() if was[name] != values}


def _write(target: Target) -> None:
    source = Source(target.component, target.zones)
    people = People(source)
    lines = people.lines()
    known = _known(source, lines)
    present: dict[str, Any] = {}
    read_people(source, present)
    before: People_ = present.get("participants") or {}
    wanted: People_ = target.wanted.get("participants") or {}
    _write_organizer(target, people.organizer)
    for key, (attendee, _) in lines.items():
        if attendee is not None and not _attends(wanted.get(key)):
            swap(target.component, attendee, None)
    for key, one in wanted.items():
        if _attends(one):
            line = lines.get(key, (None, None))[0]
            old = before.get(key) if line is not None else None
            _write_attendee(target, line, key, one, _changes(old, _params(one, wanted, known), before, known))
    organizer = target.component.get("ORGANIZER")
    for key, one in wanted.items():
        if organizer is not None and _organizes(one, organizer):
            _describe_organizer(target, organizer, key, one, before.get(key), wanted, before, known)
            break


def _known(source: Source, lines: Mapping[str, tuple[Line | None, Line | None]]) -> dict[str, str]:
    """Return the addresses of all who are named anywhere, by the ids that follow from them."""
    known = {
        participant_id(line.value): line.value.strip() for pair in lines.values() for line in pair if line is not None
    }
    for line in source.lines.get("ATTENDEE", ()):
        for name in LISTED:
            known.update((participant_id(address), address) for address in line.param_values(name))
    return known


def _attends(one: Mapping[str, Any] | None) -> bool:
    return one is not None and bool((one.get("roles") or {}).keys() & ATTENDING) and address_of(one) is not None


def _organizes(one: Mapping[str, Any], organizer: Line) -> bool:
    same = (address_of(one) or "").strip().lower() == organizer.value.strip().lower()
    return same and bool((one.get("roles") or {}).get("owner"))


def _write_attendee(target: Target, line: Line | None, key: str, one: Mapping[str, Any], changes: Params) -> None:
    address = address_of(one) or ""
    fresh = line or Line("ATTENDEE", address)
    if fresh.value.strip() != address:
        fresh = fresh.replace(value=address)
    if changes:
        fresh = with_params(fresh, changes)
    follows = participant_id(address)
    if chosen_id(fresh) != key and (follows != key or chosen_id(fresh) is not None):
        fresh = with_params(fresh, {CHOSEN: None if follows == key else (key,)})
    if line is None:
        place(target.component, fresh, after=("ORGANIZER",))
    elif fresh is not line:
        swap(target.component, line, fresh)


def _write_organizer(target: Target, line: Line | None) -> None:
    """Write who organizes; what a parameter said of another organizer goes."""
    component = target.component
    address = address_of({"sendTo": target.wanted.get("replyTo") or {}})
    if address is None:
        component.remove("ORGANIZER")
        return
    if line is None:
        component.remove("ORGANIZER")
        line = Line("ORGANIZER", address)
        place(component, line, after=("DTEND", "DTSTART"))
    elif line.value.strip() != address:
        same = line.value.strip().lower() == address.lower()
        params = [param for param in line.params if same or param.name not in _OF_ONE]
        swap(component, line, line := line.replace(value=address, params=params))
    sent_by = line.param("SENT-BY")
    mail = target.wanted.get("sentBy")
    if (None if sent_by is None else mail_of(sent_by)) != mail:
        swap(component, line, with_params(line, {"SENT-BY": None if mail is None else (mailto(mail),)}))


def _describe_organizer(
    target: Target,
    line: Line,
    key: str,
    one: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    wanted: People_,
    before: People_,
    known: Mapping[str, str],
) -> None:
    """Give ORGANIZER the name, and, if it stands alone, everything else that its participant says."""
    changes: Params = {}
    name = one.get("name") or None
    if (line.param("CN") or None) != name and ((old or {}).get("name") != name or not _attends(one)):
        changes["CN"] = None if name is None else (name,)
    if not _attends(one):
        for param, values in _changes(old, _params(one, wanted, known), before, known).items():
            if param not in {"ROLE", "SENT-BY", "CN"} and not (values is None and line.param(param) is None):
                changes[param] = values
        if participant_id(line.value) != key and chosen_id(line) != key:
            changes[CHOSEN] = (key,)
    if changes:
        swap(target.component, line, with_params(line, changes))


PEOPLE: Final = Mapped(("participants", "replyTo", "sentBy"), ("ORGANIZER", "ATTENDEE"), read_people, _write)
