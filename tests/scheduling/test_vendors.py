"""Messages in the shapes of Exchange, Outlook, Google, Apple, Thunderbird, Evolution and others.

``fixtures/invitations`` holds them as they would come out of a mail, written by us.  ``cases.json`` says of each after
which other one it comes, and who sends it.  Each is read, received by Lena, and if it is an invitation accepted; the
answer must be one that the other side takes.  With FOLKMOOT_ACCEPT_GOLDEN=1 what came of it is written anew.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from folkmoot.ical import Component, check_calendar_object, find_zone, format, occurrences, parse  # noqa: A004
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.itip import parse_message
from folkmoot.scheduling.meeting import address_of, answer, components, organizer, own_line, sequence
from folkmoot.scheduling.messages import uid_of
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.values import Actor, Address, Effect, Message, Method, Receipt, Wishes

MESSAGES = Path(__file__).parents[1] / "fixtures" / "invitations"
OUTCOMES = Path(__file__).parent / "golden" / "vendors"
CASES: dict[str, dict[str, Any]] = json.loads((MESSAGES / "cases.json").read_text())
ACCEPT = os.environ.get("FOLKMOOT_ACCEPT_GOLDEN") == "1"
NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ME = Address("lena.vogt@folkmoot.example")
LENA = Actor(frozenset({ME}), ME, "Lena Vogt")
INVITATIONS = [name for name, case in CASES.items() if "after" not in case and not case.get("ours")]
ASKING = [name for name in INVITATIONS if not CASES[name].get("published") and not CASES[name].get("party_crasher")]


def body(name: str) -> bytes:
    return (MESSAGES / f"{name}.ics").read_bytes()


def received(name: str) -> tuple[Component | None, Receipt]:
    """Return what Lena had before a message, and its receipt."""
    case = CASES[name]
    method, message = parse_message(body(name))
    copy = None
    if "after" in case:
        earlier = CASES[case["after"]]
        copy = stored(body(case["after"])) if earlier.get("ours") else accepted(case["after"])[0]
    sender = case.get("sender")
    return copy, receive(
        copy,
        message,
        method,
        LENA,
        now=NOW,
        default_zone=BERLIN,
        sender=None if sender is None else Address(sender),
    )


def stored(text: bytes) -> Component:
    """Return an invitation of Lena's as it stands in her own calendar."""
    calendar = parse(text)
    calendar.remove("METHOD")
    return calendar


def accepted(name: str) -> tuple[Component, Message]:
    """Return Lena's copy after she has accepted, and her answer."""
    copy = received(name)[1].calendar
    assert copy is not None
    yes = copy.copy()
    for component in components(yes):
        line = own_line(component, LENA.addresses)
        assert line is not None
        component.properties[component.properties.index(line)] = line.with_param("PARTSTAT", "ACCEPTED")
    decision = decide(copy, yes, LENA, Wishes(NOW, BERLIN))
    assert decision.calendar is not None
    (message,) = decision.messages
    return decision.calendar, message


@pytest.mark.parametrize("name", CASES)
def test_a_message_of_a_vendor_does_what_is_written_down(name: str) -> None:
    if CASES[name].get("ours"):
        parse_message(body(name))
        return
    _, receipt = received(name)
    text = receipt.effect.value + ("" if receipt.calendar is None else "\n" + format(receipt.calendar))
    path = OUTCOMES / f"{name}.txt"
    if ACCEPT:
        path.write_text(text.replace("\r\n", "\n"))
    assert text.replace("\r\n", "\n") == path.read_text()
    if receipt.calendar is not None:
        check_calendar_object(receipt.calendar)
        assert not list(receipt.calendar.walk("VALARM"))
        assert receipt.calendar.get("METHOD") is None


@pytest.mark.parametrize("name", INVITATIONS)
def test_an_invitation_is_filed_at_the_times_that_its_sender_means(name: str) -> None:
    _, receipt = received(name)
    assert receipt.effect is Effect.APPLIED
    assert receipt.significant
    assert receipt.calendar is not None
    sent = [one.start for one in occurrences(parse(body(name)), default_zone=BERLIN)]
    filed = [one.start for one in occurrences(receipt.calendar, default_zone=BERLIN)]
    assert filed == sent
    assert filed


@pytest.mark.parametrize("name", ASKING)
def test_an_answer_has_what_the_other_side_needs(name: str) -> None:
    _, invitation = parse_message(body(name))
    copy, message = accepted(name)
    method, reply = parse_message(format(message.calendar).encode())
    assert method is message.method is Method.REPLY
    assert message.recipient == organizer(invitation)
    assert uid_of(reply) == uid_of(invitation)
    assert reply.text("VERSION") == "2.0"
    assert reply.text("PRODID")
    zones = {zone.text("TZID") for zone in reply.children("VTIMEZONE")}
    for component in components(reply):
        assert component.get("DTSTAMP") is not None
        assert component.get("DTSTART") is not None, "Exchange wants the times back"
        assert component.get("SUMMARY") is not None
        own = own_line(component, LENA.addresses)
        assert own is not None
        assert answer(own) == "ACCEPTED"
        assert own.value.startswith("mailto:")
        (who,) = component.all("ORGANIZER")
        assert address_of(who) == organizer(invitation)
        assert sequence(component) in {sequence(one) for one in components(invitation)}
        for line in component.properties:
            assert not {"SCHEDULE-STATUS", "SCHEDULE-AGENT"} & {one.name for one in line.params}
            tzid = line.param("TZID")
            assert tzid is None or tzid in zones or find_zone(tzid) is not None
    assert all(len(line.encode()) <= 75 for line in format(message.calendar).split("\r\n")), "relays cut long lines"
    assert not decide(copy, copy, LENA, Wishes(NOW, BERLIN)).messages


@pytest.mark.parametrize("name", ASKING)
def test_an_answer_reaches_the_organizers_object_and_everybody_elses_message_does_not(name: str) -> None:
    _, invitation = parse_message(body(name))
    _, message = accepted(name)
    who = organizer(invitation)
    assert who is not None
    organizers = invitation.copy()
    organizers.remove("METHOD")
    theirs = Actor(frozenset({who}), who)
    receipt = receive(
        organizers, message.calendar, Method.REPLY, theirs, now=NOW, default_zone=BERLIN, sender=message.sender
    )
    assert receipt.effect is Effect.APPLIED
    assert receipt.replied == (ME,)
    assert receipt.calendar is not None
    for component in components(receipt.calendar):
        line = own_line(component, LENA.addresses)
        assert line is not None
        assert answer(line) == "ACCEPTED"
        assert line.param("RSVP") is None
    forged = receive(
        organizers,
        message.calendar,
        Method.REPLY,
        theirs,
        now=NOW,
        default_zone=BERLIN,
        sender=Address("mallory@elsewhere.example"),
    )
    assert forged.effect is Effect.UNKNOWN


@pytest.mark.parametrize("name", [name for name in CASES if "after" in CASES[name]])
def test_a_message_that_comes_twice_counts_once(name: str) -> None:
    _, receipt = received(name)
    if receipt.calendar is None:
        return
    method, message = parse_message(body(name))
    again = receive(receipt.calendar, message, method, LENA, now=NOW, default_zone=BERLIN)
    assert again.effect in (Effect.UNCHANGED, Effect.STALE)
