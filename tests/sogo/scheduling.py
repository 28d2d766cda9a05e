"""Meetings between people, rooms and those who act for others; the answers of the clients are written out."""

from collections.abc import Iterator, Mapping

from tests.sogo.answers import Case
from tests.sogo.forms import AGENTS, ICS, ONE, THREE, TWO, put
from tests.sogo.sharing import roles

PEOPLE = (ONE, TWO, THREE)
RESOURCE, HALL = "res", "res-nolimit"  # one booking at once; any number
NAMES = ("meet", "series", "room", "full", "hall", "stop", "some", "list", "act", "ask", "sent", "odd", "gone", "give")
NEEDS_ACTION = "NEEDS-ACTION"


def path(who: str, name: str) -> str:
    """Return the path of an object in somebody's personal calendar."""
    return f"/{who}/Calendar/personal/{name}.ics"


def attendee(who: str, answer: str = NEEDS_ACTION, more: str = "") -> str:
    """Return an ATTENDEE line as clients write it."""
    wanted = ";RSVP=TRUE" if answer == NEEDS_ACTION else ""
    return f"ATTENDEE;CN={who};PARTSTAT={answer}{wanted};ROLE=REQ-PARTICIPANT{more}:mailto:{who}@example.com\r\n"


def one_event(uid: str, lines: str, **values: str) -> str:
    """Return a VEVENT; values are of organizer, summary, day, hour, sequence and further lines."""
    day, hour = values.get("day", "20300304"), int(values.get("hour", "9"))
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:{values.get('sequence', '0')}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"SUMMARY:{values.get('summary', 'Planning')}\r\n"
        f"DTSTART:{day}T{hour:02}0000Z\r\nDTEND:{day}T{hour + 1:02}0000Z\r\n"
        f"ORGANIZER;CN=sogo{values.get('sent', '')}:mailto:{values.get('organizer', ONE)}@example.com\r\n"
        f"{lines}{values.get('more', '')}END:VEVENT\r\n"
    )


def calendar(*events: str, method: str = "") -> str:
    """Return a calendar object, or with a method a message."""
    said = f"METHOD:{method}\r\n" if method else ""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Compare//EN\r\n{said}{''.join(events)}END:VCALENDAR\r\n"


def shown(row: str, name: str, *who: str, of: str) -> Iterator[Case]:
    """Look at a meeting in the calendars of people."""
    for one in who or PEOPLE:
        yield Case(row, "GET", path(one, name), as_=one, of=f"{of}: {one}'s")


def scheduling() -> Iterator[Case]:
    """Everything, from empty calendars to empty calendars."""
    yield from _cleared()
    yield from _meeting()
    yield from _series()
    yield from _odd()
    yield from _resources()
    yield from _prevention()
    yield from _acting()
    yield from _outbox()
    yield from _cleared()


def _cleared() -> Iterator[Case]:
    for name in NAMES:
        for who in PEOPLE:
            yield Case("set-up", "DELETE", path(who, name), as_=who)


def _meeting() -> Iterator[Case]:
    row, name = "meetings", "meet"
    yield put(row, path(ONE, name), calendar(one_event(name, attendee(TWO))), of="invite")
    yield from shown(row, name, ONE, TWO, of="invite")
    accepted = one_event(name, attendee(TWO, "ACCEPTED"), summary="Hijacked")
    yield put(row, path(TWO, name), calendar(accepted), TWO, "accept, and other words")
    yield from shown(row, name, ONE, TWO, of="accept, and other words")
    moved = one_event(name, attendee(TWO, "ACCEPTED"), hour="11")
    yield put(row, path(ONE, name), calendar(moved), of="move")
    yield from shown(row, name, ONE, TWO, of="move")
    old = calendar(one_event(name, attendee(TWO, "ACCEPTED"), hour="11"))
    for agent in AGENTS:
        yield put(row, path(TWO, name), old, TWO, f"lower SEQUENCE by {agent['User-Agent'][:12]}", **_as_keys(agent))
    stolen = one_event(name, attendee(TWO), hour="11", sequence="1", organizer=THREE)
    yield put(row, path(TWO, name), calendar(stolen), TWO, "organizer changed")
    yield from shown(row, name, ONE, TWO, of="organizer changed")
    others = one_event(name, attendee(THREE), hour="11", sequence="2")
    yield put(row, path(ONE, name), calendar(others), of="one invited, one no longer")
    yield from shown(row, name, of="one invited, one no longer")
    yield Case(row, "DELETE", path(ONE, name))
    yield from shown(row, name, of="deleted")
    yield put(row, path(ONE, "give"), calendar(one_event("give", attendee(TWO))), of="to be delegated")
    given = attendee(TWO, "DELEGATED", f';DELEGATED-TO="mailto:{THREE}@example.com"')
    taken = attendee(THREE, NEEDS_ACTION, f';DELEGATED-FROM="mailto:{TWO}@example.com"')
    yield put(row, path(TWO, "give"), calendar(one_event("give", given + taken)), TWO, "delegate")
    yield from shown(row, "give", of="delegate")
    yield Case(row, "DELETE", path(ONE, "give"))


def _series() -> Iterator[Case]:
    row, name, both = "occurrences", "series", attendee(TWO) + attendee(THREE)
    daily = "RRULE:FREQ=DAILY;COUNT=5\r\n"
    yield put(row, path(ONE, name), calendar(one_event(name, both, more=daily)))
    left_out = f"{daily}EXDATE:20300305T090000Z\r\n"
    yield put(row, path(ONE, name), calendar(one_event(name, both, more=left_out, sequence="1")), of="EXDATE")
    yield from shown(row, name, of="EXDATE")
    instance = one_event(
        name,
        attendee(TWO, "DECLINED") + attendee(THREE),
        day="20300306",
        sequence="2",
        more="RECURRENCE-ID:20300306T090000Z\r\n",
    )
    whole = one_event(name, both, more=left_out, sequence="2")
    yield put(row, path(TWO, name), calendar(whole, instance), TWO, "one declined")
    yield from shown(row, name, of="one declined")
    yield Case(row, "DELETE", path(TWO, name), as_=TWO, of="by an attendee")
    yield from shown(row, name, of="deleted by an attendee")
    yield Case(row, "DELETE", path(ONE, name))
    yield from shown(row, name, of="deleted")


def _odd() -> Iterator[Case]:
    row = "clean-ups"
    twice = attendee(TWO) + attendee(TWO) + attendee(ONE)
    bare = twice.replace(";PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "")
    yield put(row, path(ONE, "odd"), calendar(one_event("odd", bare)))
    yield from shown(row, "odd", ONE, of="twice, and oneself")
    for agent in AGENTS:
        yield put(row, path(ONE, "sent"), calendar(one_event("sent", "")), ONE, "nobody invited", **_as_keys(agent))
        yield from shown(row, "sent", ONE, of=f"nobody invited by {agent['User-Agent'][:12]}")
    by_client = calendar(one_event("act", attendee(TWO, more=";SCHEDULE-AGENT=CLIENT")))
    yield put(row, path(ONE, "act"), by_client, of="SCHEDULE-AGENT=CLIENT")
    yield from shown(row, "act", TWO, of="SCHEDULE-AGENT=CLIENT")
    yield Case("set-up", "DELETE", path(ONE, "act"))
    gone = calendar(one_event("gone", attendee(TWO, "ACCEPTED")))
    yield put(row, path(TWO, "gone"), gone, TWO, "answer to a meeting that is no more")
    yield from shown(row, "gone", TWO, of="answer to a meeting that is no more")


def _resources() -> Iterator[Case]:
    row = "resources"
    yield put(row, path(ONE, "room"), calendar(one_event("room", attendee(RESOURCE), summary="Board")), of="free")
    yield from shown(row, "room", ONE, of="free")
    full = calendar(one_event("full", attendee(RESOURCE), organizer=TWO))
    yield put(row, path(TWO, "full"), full, TWO, "full")
    yield put(row, path(TWO, "full"), full.replace("T09", "T10"), TWO, "just after")
    for name in ("hall", "list"):
        yield put(row, path(TWO, name), calendar(one_event(name, attendee(HALL), organizer=TWO)), TWO, "no limit")
    yield from shown(row, "list", TWO, of="no limit")


def _prevention() -> Iterator[Case]:
    row = "prevention"
    yield _prefers(row, 1)
    yield put(row, path(ONE, "stop"), calendar(one_event("stop", attendee(TWO))), of="the only one")
    yield put(row, path(ONE, "some"), calendar(one_event("some", attendee(TWO) + attendee(THREE))), of="one of two")
    yield from shown(row, "some", of="one of two")
    yield _prefers(row, 1, f'"{ONE}": "sogo One <{ONE}@example.com>"')
    yield put(row, path(ONE, "some"), calendar(one_event("some", attendee(TWO))), of="on the whitelist")
    yield from shown(row, "some", ONE, TWO, of="on the whitelist")
    yield _prefers(row, 0)


def _prefers(row: str, prevented: int, listed: str = "") -> Case:
    chosen = f'"PreventInvitations": {prevented}, "PreventInvitationsWhitelist": {{{listed}}}'
    body = f'{{"settings": {{"Calendar": {{{chosen}}}}}}}'
    return Case(row, "POST", f"//SOGo/so/{TWO}/Preferences/save", body, as_=TWO, body_counts=False)


def _acting() -> Iterator[Case]:
    row = "acting for another"
    yield roles(f"/{ONE}/Calendar/personal/", THREE, ["PublicModifier", "ObjectCreator", "ObjectEraser"])
    yield put(row, path(ONE, "act"), calendar(one_event("act", attendee(TWO))), THREE, "a modifier invites")
    yield from shown(row, "act", ONE, TWO, of="a modifier invites")
    own = calendar(one_event("sent", attendee(TWO), organizer=THREE))
    yield put(row, path(ONE, "sent"), own, THREE, "a modifier invites in the own name")
    yield from shown(row, "sent", ONE, of="a modifier invites in the own name")
    yield roles(f"/{ONE}/Calendar/personal/", THREE, ["PublicResponder"])
    asked = {"organizer": TWO, "summary": "Question"}
    yield put(row, path(TWO, "ask"), calendar(one_event("ask", attendee(ONE), **asked)), TWO)
    said = {**asked, "summary": "Other words"}
    yield put(row, path(ONE, "ask"), calendar(one_event("ask", attendee(ONE, "ACCEPTED"), **said)), THREE, "respond")
    yield from shown(row, "ask", ONE, TWO, of="respond")
    stolen = one_event("ask", attendee(ONE, "DECLINED"), organizer=THREE, summary="Question")
    yield put(row, path(ONE, "ask"), calendar(stolen), THREE, "a responder changes the organizer")
    yield from shown(row, "ask", ONE, TWO, of="a responder changes the organizer")
    signed = one_event("act", attendee(TWO), sent=f';SENT-BY="mailto:{THREE}@example.com"', hour="15")
    yield put(row, path(ONE, "act"), calendar(signed), THREE, "SENT-BY without the right to modify")
    yield roles(f"/{ONE}/Calendar/personal/", THREE, ["PublicViewer"])
    yield put(row, path(ONE, "act"), calendar(signed), THREE, "SENT-BY of a viewer")
    yield Case("set-up", "DELETE", path(ONE, "sent"))


def _outbox() -> Iterator[Case]:
    row, outbox = "outbox", f"/{ONE}/Calendar/personal/"
    asked = (TWO, "nobody", RESOURCE)
    lines = "".join(f"ATTENDEE:mailto:{who}@example.com\r\n" for who in asked)
    body = calendar(
        "BEGIN:VFREEBUSY\r\nUID:busy\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20300304T000000Z\r\n"
        f"DTEND:20300310T000000Z\r\nORGANIZER:mailto:{ONE}@example.com\r\n{lines}END:VFREEBUSY\r\n",
        method="REQUEST",
    )
    yield Case(row, "POST", outbox, body, _headers(*asked), of="free-busy of three")
    message = calendar(one_event("posted", attendee(TWO)), method="REQUEST")
    yield Case(row, "POST", outbox, message, _headers(TWO), of="REQUEST")
    cancelled = calendar(one_event("posted", attendee(TWO), sequence="1"), method="CANCEL")
    yield Case(row, "POST", outbox, cancelled, _headers(TWO), of="CANCEL")
    yield Case(row, "POST", outbox, "hello", {"Content-Type": "text/plain"}, of="plain text")
    yield Case(row, "POST", outbox, message, _headers(TWO), THREE, of="somebody else's outbox")


def _headers(*recipients: str) -> Mapping[str, str]:
    named = ", ".join(f"mailto:{who}@example.com" for who in recipients)
    return {**ICS, "Originator": f"mailto:{ONE}@example.com", "Recipient": named}


def _as_keys(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}
