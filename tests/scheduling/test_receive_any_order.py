"""Messages overtake each other, come twice and come late: where they lead to is the same."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, parse
from folkmoot.scheduling.itip import parse_message
from folkmoot.scheduling.meeting import answer, components, own_line
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.values import Actor, Address, Effect, Method
from tests.support.fuzz import fuzz_inputs

ANNA, BEN, CLEO = (Address(f"{name}@example.com") for name in ("anna", "ben", "cleo"))
PEOPLE = {who: Actor(frozenset({who}), who) for who in (ANNA, BEN, CLEO)}
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
INPUTS = fuzz_inputs(80)
BODIES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures/invitations").glob("*.ics"))]
days = st.sampled_from([None, 2, 9, 16, 23])
said = st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE"])

Told = tuple[Method, Component]


def vevent(*lines: str, day: int | None, sequence: int, minute: int, series: bool = True) -> str:
    stamp = (NOW + timedelta(minutes=minute)).strftime("%Y%m%dT%H%M%SZ")
    when = [] if day is None else [f"RECURRENCE-ID;TZID=Europe/Berlin:202603{day:02d}T140000"]
    rule = ["RRULE:FREQ=WEEKLY;COUNT=4"] if day is None and series else []
    head = ["BEGIN:VEVENT", "UID:1", f"ORGANIZER:mailto:{ANNA}", f"SEQUENCE:{sequence}", f"DTSTAMP:{stamp}"]
    return "\r\n".join([*head, *when, *rule, *lines, "END:VEVENT"])


def times(day: int | None, hour: int) -> list[str]:
    start = f"202603{day or 2:02d}T"
    return [f"DTSTART;TZID=Europe/Berlin:{start}{hour:02d}0000", "DURATION:PT1H", "SUMMARY:Review"]


def guests(ben: str = "NEEDS-ACTION") -> list[str]:
    return [f"ATTENDEE;PARTSTAT={ben}:mailto:{BEN}", f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{CLEO}"]


def calendar(method: Method | None, body: str) -> Told:
    head = f"METHOD:{method}\r\n" if method else ""
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{body}\r\nEND:VCALENDAR\r\n"
    return (method, parse_message(text.encode())[1]) if method else (Method.PUBLISH, parse(text))


def receive_all(copy: Component | None, told: list[Told], who: Address) -> Component | None:
    for method, message in told:
        receipt = receive(copy, message, method, PEOPLE[who], now=NOW, default_zone=BERLIN)
        if receipt.effect is Effect.REMOVED:
            copy = None
        elif receipt.effect is Effect.APPLIED:
            copy = receipt.calendar
    return copy


@st.composite
def replies(draw: st.DrawFn) -> list[Told]:
    """Answers of two people about the series or instances, each at a time of its own."""
    return [
        calendar(
            Method.REPLY,
            vevent(
                f"ATTENDEE;PARTSTAT={draw(said)}:mailto:{draw(st.sampled_from([BEN, CLEO]))}",
                day=draw(days),
                sequence=0,
                minute=minute,
                series=False,
            ),
        )
        for minute in range(1, draw(st.integers(1, 7)))
    ]


@st.composite
def changes(draw: st.DrawFn) -> list[Told]:
    """What an organizer says of the series and its instances, each with the next SEQUENCE."""
    told = [calendar(Method.REQUEST, vevent(*times(None, 14), *guests(), day=None, sequence=0, minute=0))]
    for number in range(1, draw(st.integers(2, 6))):
        day = draw(days.filter(bool))
        if draw(st.booleans()):
            body = vevent(*times(day, 8 + number), *guests(), day=day, sequence=number, minute=number)
            told.append(calendar(Method.REQUEST, body))
        else:
            told.append(calendar(Method.CANCEL, vevent(*guests(), day=day, sequence=number, minute=number)))
    return told


def shown(copy: Component | None, who: Address) -> set[tuple[str, str, str]]:
    found = set()
    for one in components(copy) if copy is not None else ():
        line = own_line(one, {who})
        start, instance = one.get("DTSTART"), one.get("RECURRENCE-ID")
        assert line is not None
        assert start is not None
        found.add((instance.value if instance else "", start.value, answer(line)))
        found |= {("left out", value, "") for left in one.all("EXDATE") for value in left.value.split(",")}
    return found


@settings(max_examples=INPUTS, deadline=None)
@given(replies(), st.data())
def test_of_several_answers_each_persons_last_one_about_the_same_stands(told: list[Told], data: st.DataObject) -> None:
    _, meeting = calendar(None, vevent(*times(None, 14), *guests(), day=None, sequence=0, minute=0))
    copy = receive_all(meeting, told, ANNA)
    repeated = told + data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else told
    late = receive_all(copy, data.draw(st.permutations(repeated)), ANNA)
    assert [shown(late, who) for who in (BEN, CLEO)] == [shown(copy, who) for who in (BEN, CLEO)]
    for who in (BEN, CLEO):
        last: dict[str, str] = {}
        for _, message in told:
            one = message.components[0]
            line, instance = own_line(one, {who}), one.get("RECURRENCE-ID")
            if line is not None:
                last[instance.value if instance else ""] = answer(line)
        got = {when: answered for when, _, answered in shown(copy, who) if when != "left out"}
        assert got[""] == last.get("", "NEEDS-ACTION")
        # An instance that is answered as the series goes with the series.
        assert all(got[when] in (wanted, got[""]) for when, wanted in last.items() if when in got)


@settings(max_examples=INPUTS, deadline=None)
@given(changes(), st.data())
def test_what_an_organizer_says_of_instances_leads_to_the_same_in_any_order(
    told: list[Told], data: st.DataObject
) -> None:
    wanted = shown(receive_all(None, told, BEN), BEN)
    mixed = told[:1] + data.draw(st.permutations(told[1:] + data.draw(st.lists(st.sampled_from(told), max_size=3))))
    assert shown(receive_all(None, mixed, BEN), BEN) == wanted


@settings(max_examples=INPUTS, deadline=None)
@given(
    st.sampled_from(BODIES),
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.sampled_from(list(PEOPLE)),
)
def test_a_broken_message_is_received_or_refused_and_never_worse(
    first: bytes, second: bytes, breaks: list[tuple[int, int]], who: Address
) -> None:
    broken = bytearray(second)
    for place, octet in breaks:
        broken[place % len(broken)] = octet
    try:
        _, copy = parse_message(first)
        copy.remove("METHOD")
        method, message = parse_message(bytes(broken))
        receive(copy, message, method, PEOPLE[who], now=NOW, default_zone=BERLIN, sender=None)
        receive(None, message, method, PEOPLE[who], now=NOW, default_zone=BERLIN, sender=who)
    except FolkmootError:
        pass
