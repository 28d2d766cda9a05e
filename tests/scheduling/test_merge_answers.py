"""What others answered, carried into an attendee's copy."""

from zoneinfo import ZoneInfo

import pytest

from folkmoot.ical import Component, format, parse  # noqa: A004
from folkmoot.scheduling.meeting import answer, components, own_line
from folkmoot.scheduling.receiving.merge_answers import merge_answers
from folkmoot.scheduling.values import Actor, Address, Effect

BEN, CLEO, DORA = (Address(f"{name}@example.com") for name in ("ben", "cleo", "dora"))
OWNER = Actor(frozenset({BEN}), BEN, "Ben")
BERLIN = ZoneInfo("Europe/Berlin")
SERIES = ["DTSTART;TZID=Europe/Berlin:20260302T140000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4"]


def meeting(*bodies: list[str]) -> Component:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for body in bodies:
        lines += ["BEGIN:VEVENT", "UID:1", "ORGANIZER:mailto:anna@example.com", *body, "END:VEVENT"]
    return parse("\r\n".join([*lines, "END:VCALENDAR", ""]))


def people(ben: str, cleo: str, *more: str) -> list[str]:
    return [f"ATTENDEE;PARTSTAT={ben}:mailto:{BEN}", f"ATTENDEE;PARTSTAT={cleo}:mailto:{CLEO}", *more]


def instance(day: int, *, moved: int = 14) -> list[str]:
    return [f"RECURRENCE-ID:202603{day:02d}T130000Z", f"DTSTART:202603{day:02d}T{moved - 1}0000Z", "DURATION:PT1H"]


def merged(copy: Component, organizers: Component) -> Component | None:
    given = copy.copy(), organizers.copy()
    receipt = merge_answers(copy, organizers, OWNER, default_zone=BERLIN)
    assert (copy, organizers) == given
    assert not receipt.significant
    assert receipt.effect is (Effect.UNCHANGED if receipt.calendar is None else Effect.APPLIED)
    if receipt.calendar is not None:
        assert merge_answers(receipt.calendar, organizers, OWNER, default_zone=BERLIN).effect is Effect.UNCHANGED
    return receipt.calendar


def answers(calendar: Component, who: Address) -> list[str]:
    return [answer(line) for one in components(calendar) if (line := own_line(one, {who})) is not None]


def test_the_own_answer_stays_and_the_others_come() -> None:
    copy = meeting([*SERIES, *people("TENTATIVE", "NEEDS-ACTION")])
    noted = f"ATTENDEE;PARTSTAT=DECLINED;SCHEDULE-STATUS=2.0;X-FOLKMOOT-REPLIED=20260201T090000Z:mailto:{CLEO}"
    organizers = meeting([*SERIES, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{BEN}", noted])
    calendar = merged(copy, organizers)
    assert calendar is not None
    assert answers(calendar, BEN) == ["TENTATIVE"]
    assert answers(calendar, CLEO) == ["DECLINED"]
    assert "SCHEDULE-STATUS" not in format(calendar)
    assert "X-FOLKMOOT" not in format(calendar)


def test_nothing_new_changes_nothing() -> None:
    copy = meeting([*SERIES, *people("ACCEPTED", "DECLINED")])
    assert merged(copy, meeting([*SERIES, *people("NEEDS-ACTION", "DECLINED")])) is None


def test_an_answer_about_one_instance_makes_an_override_with_the_owners_alarms() -> None:
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "DESCRIPTION:Go", "END:VALARM"]
    copy = meeting([*SERIES, *people("ACCEPTED", "ACCEPTED"), *alarm])
    organizers = meeting(
        [*SERIES, *people("ACCEPTED", "ACCEPTED")],
        [*instance(9), *people("ACCEPTED", "DECLINED")],
        [*instance(16), *people("DECLINED", "ACCEPTED")],
    )
    calendar = merged(copy, organizers)
    assert calendar is not None
    assert answers(calendar, CLEO) == ["ACCEPTED", "DECLINED"]
    assert answers(calendar, BEN) == ["ACCEPTED", "ACCEPTED"]
    assert len(list(calendar.walk("VALARM"))) == 2


def test_instances_that_the_owner_does_not_have_stay_away() -> None:
    copy = meeting([*SERIES, "EXDATE:20260309T130000Z", *people("ACCEPTED", "ACCEPTED")])
    organizers = meeting(
        [*SERIES, *people("ACCEPTED", "ACCEPTED")],
        [*instance(9), *people("DECLINED", "DECLINED")],
        [*instance(11), *people("ACCEPTED", "DECLINED")],
    )
    assert merged(copy, organizers) is None


def test_who_has_only_one_instance_sees_the_answers_to_it() -> None:
    copy = meeting([*instance(9), *people("ACCEPTED", "NEEDS-ACTION")])
    organizers = meeting([*SERIES, *people("ACCEPTED", "DECLINED")], [*instance(9), *people("ACCEPTED", "TENTATIVE")])
    calendar = merged(copy, organizers)
    assert calendar is not None
    assert answers(calendar, CLEO) == ["TENTATIVE"]
    assert len(calendar.components) == 1


@pytest.mark.parametrize(
    ("named", "present"), [(f';DELEGATED-FROM="mailto:{CLEO}"', True), ("", False), (f';MEMBER="mailto:{CLEO}"', False)]
)
def test_a_delegate_is_added_and_nobody_else(named: str, *, present: bool) -> None:
    copy = meeting([*SERIES, *people("ACCEPTED", "NEEDS-ACTION")])
    delegate = f"ATTENDEE;PARTSTAT=ACCEPTED{named}:mailto:{DORA}"
    calendar = merged(copy, meeting([*SERIES, *people("ACCEPTED", "DELEGATED", delegate)]))
    assert calendar is not None
    assert answers(calendar, CLEO) == ["DELEGATED"]
    assert (answers(calendar, DORA) == ["ACCEPTED"]) == present
