"""Both sides of a meeting end equal, whatever they do in whatever order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from folkmoot.ical import Component, Line, parse
from folkmoot.ical import format as text_of
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.receiving.merge_answers import merge_answers
from folkmoot.scheduling.values import Actor, Address, Decision, Effect, Message, Method, Wishes
from tests.support.fuzz import fuzz_inputs
from tests.support.meeting_edits import BERLIN, drop, instance, leave_out, place, say, series, shown, toggle

ANNA, BEN, CLEO, EMIL = (Address(f"{name}@example.org") for name in ("anna", "ben", "cleo", "emil"))
INVITED = (BEN, CLEO, EMIL)
PEOPLE = {who: Actor(frozenset({who}), who, who.partition("@")[0].title()) for who in (ANNA, *INVITED)}
DAYS = 5
days = st.integers(0, DAYS - 1)
someone = st.sampled_from(INVITED)
answers = st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE"])


class Conversation(RuleBasedStateMachine):
    """Anna organizes; each of the others has a copy, or none, and nothing else connects them but messages."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 5, 1, tzinfo=UTC)
        self.copies: dict[Address, Component | None] = dict.fromkeys((ANNA, *INVITED))
        event = Component("VEVENT", [Line("UID", "1"), Line("RRULE", f"FREQ=DAILY;COUNT={DAYS}")])
        place(event, 0, 10)
        event.properties += [Line("SUMMARY", "Talk"), Line("ORGANIZER", f"mailto:{ANNA}")]
        event.properties += [Line("ATTENDEE", f"mailto:{who}") for who in (BEN, CLEO)]
        self.write(ANNA, Component("VCALENDAR", [Line("VERSION", "2.0")], [event]))

    def write(self, who: Address, after: Component | None) -> Decision:
        self.now += timedelta(minutes=1)
        before = self.copies[who]
        decision = decide(before, after, PEOPLE[who], Wishes(self.now, BERLIN))
        self.copies[who] = decision.calendar
        told = [(one.method, one.recipient, one.recurrence_ids) for one in decision.messages]
        assert len({(method, recipient) for method, recipient, _ in told}) == len(told)
        for message in decision.messages:
            self.deliver(message)
        return decision

    def deliver(self, message: Message) -> None:
        copy, recipient = self.copies[message.recipient], PEOPLE[message.recipient]
        sent = parse(text_of(message.calendar))
        receipt = receive(
            copy, sent, message.method, recipient, now=self.now, default_zone=BERLIN, sender=message.sender
        )
        if receipt.effect is Effect.REMOVED:
            self.copies[message.recipient] = None
        elif receipt.effect is Effect.APPLIED:
            self.copies[message.recipient] = receipt.calendar
        if message.method is Method.REPLY and receipt.calendar is not None:
            for who in INVITED:
                theirs = self.copies[who]
                if who != message.sender and theirs is not None:
                    merged = merge_answers(theirs, receipt.calendar, PEOPLE[who], default_zone=BERLIN)
                    self.copies[who] = merged.calendar or theirs

    def edit(self, who: Address, change: Callable[[Component], None]) -> None:
        copy = self.copies[who]
        if copy is not None:
            after = copy.copy()
            change(after)
            self.write(who, after)

    @rule(hour=st.integers(8, 18))
    def series_is_moved(self, hour: int) -> None:
        def change(calendar: Component) -> None:
            calendar.components[:] = [one for one in calendar.components if one.get("RECURRENCE-ID") is None]
            master = calendar.components[0]
            master.remove("EXDATE")
            place(master, 0, hour)

        self.edit(ANNA, change)

    @rule(name=st.sampled_from(["Talk", "Walk"]))
    def series_is_named(self, name: str) -> None:
        self.edit(ANNA, lambda calendar: series(calendar).set(Line("SUMMARY", name)))

    @rule(text=st.sampled_from(["one", "two"]))
    def series_is_described(self, text: str) -> None:
        self.edit(ANNA, lambda calendar: series(calendar).set(Line("DESCRIPTION", text)))

    @rule(who=someone)
    def somebody_is_invited_or_no_longer(self, who: Address) -> None:
        self.edit(ANNA, lambda calendar: toggle(series(calendar), who))

    @rule(day=days, who=someone)
    def somebody_is_invited_to_an_instance_or_no_longer(self, day: int, who: Address) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day)
            if single is not None:
                toggle(single, who)

        self.edit(ANNA, change)

    @rule(day=days, hour=st.integers(8, 18))
    def instance_is_moved(self, day: int, hour: int) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day)
            if single is not None:
                place(single, day, hour)

        self.edit(ANNA, change)

    @rule(day=days)
    def instance_goes_back_to_the_series(self, day: int) -> None:
        self.edit(ANNA, lambda calendar: drop(calendar, day))

    @rule(day=days)
    def instance_is_left_out(self, day: int) -> None:
        self.edit(ANNA, lambda calendar: leave_out(calendar, day))

    @rule(day=days)
    def instance_is_called_off(self, day: int) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day)
            if single is not None:
                single.set(Line("STATUS", "CANCELLED"))

        self.edit(ANNA, change)

    @rule(who=someone, said=answers)
    def series_is_answered(self, who: Address, said: str) -> None:
        def change(calendar: Component) -> None:
            for one in calendar.components:
                if one.get("RECURRENCE-ID") is None:
                    say(one, who, said)

        self.edit(who, change)

    @rule(who=someone, said=answers, day=days)
    def instance_is_answered(self, who: Address, said: str, day: int) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day)
            if single is not None:
                say(single, who, said)

        self.edit(who, change)

    @rule(who=someone, day=days)
    def instance_is_deleted_by_an_attendee(self, who: Address, day: int) -> None:
        self.edit(who, lambda calendar: leave_out(calendar, day))

    @rule(who=someone, left=st.integers(1, DAYS))
    def series_is_cut_short_by_an_attendee(self, who: Address, left: int) -> None:
        def change(calendar: Component) -> None:
            for one in calendar.components:
                if one.get("RRULE") is not None:
                    one.set(Line("RRULE", f"FREQ=DAILY;COUNT={left}"))

        self.edit(who, change)

    @rule(who=st.sampled_from([ANNA, *INVITED]))
    def same_is_written_again(self, who: Address) -> None:
        copy = self.copies[who]
        if copy is not None:
            assert not self.write(who, copy).messages

    @invariant()
    def everybody_sees_the_same(self) -> None:
        organized = self.copies[ANNA]
        assert organized is not None
        for who in INVITED:
            theirs, ours = shown(self.copies[who], who), shown(organized, who)
            for day, wanted in ours.items():
                if wanted[3] == "DECLINED" and day not in theirs:
                    continue  # left out by who declined it
                assert theirs.get(day) == wanted, f"{who} on {day}"
            assert theirs.keys() <= ours.keys(), f"{who}: {theirs.keys() - ours.keys()}"


class LongConversation(Conversation):
    """The same, with people who have more to say."""


_ALWAYS = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
TestConversation = Conversation.TestCase
TestConversation.settings = settings(_ALWAYS, max_examples=40, stateful_step_count=12, derandomize=True)
TestLongConversation = pytest.mark.nightly(LongConversation.TestCase)
TestLongConversation.settings = settings(_ALWAYS, max_examples=fuzz_inputs(5_000), stateful_step_count=25)
