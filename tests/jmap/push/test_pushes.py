"""Who waits hears of what changes, of nothing else, and once."""

import asyncio

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import Forbidden, TooLarge, Unavailable
from folkmoot.core.ids import ResourceName
from folkmoot.jmap.push import person, pushes
from folkmoot.jmap.push.listener import Heard, Listener
from folkmoot.store.records import Kind
from tests.jmap.push.conftest import Waiting
from tests.support.jmap import Client, World

pytestmark = pytest.mark.anyio

SOON = 5.0  # far more than a change takes
SILENCE = 0.6  # longer than a change takes


def place(client: Client, kind: Kind = Kind.CALENDAR, name: str = "personal") -> Place:
    return Place(client.caller.principal, kind, name)


async def put(there: Waiting, client: Client, name: str = "a", *, kind: Kind = Kind.CALENDAR) -> None:
    if kind is Kind.CALENDAR:
        await put_event(there.there, client, name)
        return
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:A\r\nN:A;;;;\r\nEND:VCARD\r\n"
    objects = there.there.services.objects
    await objects.put(client.caller, place(client, kind), ResourceName(name), card.encode(), "text/vcard")


async def put_event(there: World, client: Client, name: str) -> None:
    body = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{name}\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:20300101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    objects = there.services.objects
    await objects.put(client.caller, place(client), ResourceName(name), body.encode(), "text/calendar")


async def heard(listener: Listener) -> Heard:
    return await listener.wait(SOON)


async def heard_of(listener: Listener, client: Client, type_: str) -> str:
    """Return the state of a type once it is told, whatever else is told before."""
    async with asyncio.timeout(SOON):
        while True:
            states = (await heard(listener)).changed.get(client.account, {})
            if type_ in states:
                return states[type_]


async def silent(listener: Listener) -> bool:
    return not (await listener.wait(SILENCE)).changed


async def test_a_change_is_told_with_the_state_that_the_type_has(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    await put(waiting, anna)  # which makes the calendar
    async with waiting.pushes.listen(anna.caller, None) as listener:
        await put(waiting, anna, "b")
        told = (await heard(listener)).changed
        state = await waiting.there.services.home_objects.state(anna.caller, anna.caller.principal, Kind.CALENDAR)
        assert told == {anna.account: {"CalendarEvent": state}}


async def test_only_wanted_types_are_told_and_asked_for(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    async with waiting.pushes.listen(anna.caller, frozenset({"ContactCard"})) as listener:
        await put(waiting, anna)
        await waiting.deliver(anna)
        assert await silent(listener)
        assert waiting.mail.asked == 0
        await put(waiting, anna, kind=Kind.ADDRESSBOOK)
        assert set((await heard(listener)).changed[anna.account]) == {"ContactCard"}


async def test_the_programs_of_one_person_share_a_wait(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    async with (
        waiting.pushes.listen(anna.caller, None) as first,
        waiting.pushes.listen(anna.caller, frozenset({"Email"})) as second,
    ):
        assert (waiting.pushes.people, waiting.pushes.listeners) == (1, 2)
        await waiting.deliver(anna)
        assert (await heard(first)).changed[anna.account]["Email"] == "m2"
        assert (await heard(second)).changed == {anna.account: {"Email": "m2"}}
        assert waiting.mail.asked == 1
    assert (waiting.pushes.people, waiting.pushes.listeners) == (0, 0)


async def test_many_changes_at_once_are_told_together(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    async with waiting.pushes.listen(anna.caller, None) as listener:
        for name in "abcdefgh":
            await put(waiting, anna, name)
        times = 0
        while (await listener.wait(SILENCE)).changed:
            times += 1
        assert 1 <= times <= 3


async def test_new_mail_is_told_apart_from_other_changes_of_mail(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    async with waiting.pushes.listen(anna.caller, frozenset({"EmailDelivery"})) as listener:
        await waiting.deliver(anna, new=False)
        assert await silent(listener)
        await waiting.deliver(anna)
        assert set((await heard(listener)).changed[anna.account]) == {"EmailDelivery"}


async def test_what_belongs_to_the_person_is_told_and_asks_for_the_credentials_again(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    async with waiting.pushes.listen(anna.caller, frozenset({"Preferences"})) as listener:
        await waiting.there.services.choices.save(anna.caller, anna.caller.principal, {"a": 1}, {})
        told = await heard(listener)
        assert told.person
        assert told.changed == {anna.account: {"Preferences": "1"}}


async def test_calendars_of_others_are_told_as_far_as_they_may_be_seen(waiting: Waiting) -> None:
    anna, ben = await waiting.there.person("anna"), await waiting.there.person("ben")
    services = waiting.there.services
    async with waiting.pushes.listen(ben.caller, frozenset({"CalendarEvent"})) as listener:
        await put(waiting, anna)
        assert await silent(listener)
        await services.grants.set_(anna.caller, place(anna), "ben", frozenset({"PublicViewer"}))
        await heard_of(listener, anna, "CalendarEvent")
        await put(waiting, anna, "b")
        await heard_of(listener, anna, "CalendarEvent")
        await services.grants.set_(anna.caller, place(anna), "ben", frozenset())
        while (await listener.wait(SILENCE)).changed:
            pass
        await put(waiting, anna, "c")
        assert await silent(listener)


async def test_a_new_calendar_is_told_and_watched(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    await put(waiting, anna)
    collections = waiting.there.services.collections
    async with waiting.pushes.listen(anna.caller, frozenset({"CalendarEvent"})) as listener:
        await collections.create(anna.caller, place(anna, name="work"), {})
        assert (await heard(listener)).changed
        await asyncio.sleep(SILENCE)
        await collections.change_properties(anna.caller, place(anna, name="work"), {"displayname": "Work"}, {})
        assert (await heard(listener)).changed
        await collections.delete(anna.caller, place(anna, name="work"))
        assert (await heard(listener)).changed


async def test_who_comes_back_is_told_what_changed_meanwhile(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    await put(waiting, anna)
    async with waiting.pushes.listen(anna.caller, None) as listener:
        await put(waiting, anna, "b")
        position = (await heard(listener)).position
    async with waiting.pushes.listen(anna.caller, None, position) as listener:
        assert await silent(listener)
    await put(waiting, anna, "c")
    async with waiting.pushes.listen(anna.caller, None, position) as listener:
        assert set((await heard(listener)).changed[anna.account]) == {"CalendarEvent"}
    async with waiting.pushes.listen(anna.caller, frozenset({"Email", "ContactCard"}), "nonsense") as listener:
        assert set((await heard(listener)).changed[anna.account]) == {"Email", "ContactCard"}


async def test_a_mail_server_that_is_away_is_asked_again(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person, "OUTAGE_SECONDS", 0.1)
    anna = await waiting.there.person("anna")
    await put(waiting, anna)
    async with waiting.pushes.listen(anna.caller, None) as listener:
        waiting.mail.away = True
        await waiting.deliver(anna, new=False)
        assert await silent(listener)
        await put(waiting, anna, "b")
        assert set((await heard(listener)).changed[anna.account]) == {"CalendarEvent"}
        waiting.mail.away = False
        assert (await heard(listener)).changed == {anna.account: {"Email": "m2"}}


async def test_nobody_waits_for_ever_once_the_worker_leaves(waiting: Waiting) -> None:
    anna = await waiting.there.person("anna")
    async with waiting.pushes.listen(anna.caller, None) as listener:
        waiting.pushes.end()
        assert (await heard(listener)).over
        with pytest.raises(Unavailable):
            async with waiting.pushes.listen(anna.caller, None):
                pass


async def test_there_are_limits(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = await waiting.there.person("anna"), await waiting.there.person("ben")
    monkeypatch.setattr(pushes, "LISTENERS_OF_ONE_MAX", 1)
    monkeypatch.setattr(pushes, "LISTENERS_MAX", 2)
    async with waiting.pushes.listen(anna.caller, None):
        with pytest.raises(TooLarge):
            async with waiting.pushes.listen(anna.caller, None):
                pass
        async with waiting.pushes.listen(ben.caller, None):
            with pytest.raises(Unavailable):
                async with waiting.pushes.listen(ben.caller, None):
                    pass
    with pytest.raises(Forbidden):
        async with waiting.pushes.listen(ANONYMOUS, None):
            pass
    assert (waiting.pushes.people, waiting.pushes.listeners) == (0, 0)


async def test_a_slow_reader_costs_no_more_than_its_types() -> None:
    listener = Listener(None, frozenset())
    for number in range(10_000):
        listener.tell({"u": {"Email": str(number), "Thread": str(number)}}, str(number))
    told = await listener.wait(0)
    assert told == Heard({"u": {"Email": "9999", "Thread": "9999"}}, "9999")
    assert not (await listener.wait(0)).changed


async def test_what_one_worker_changes_is_told_in_another(two: tuple[Waiting, Waiting]) -> None:
    ours, theirs = two
    anna = await ours.there.person("anna")
    async with theirs.pushes.listen(anna.caller, None) as listener:
        await put(ours, anna)
        await heard_of(listener, anna, "CalendarEvent")
        await ours.there.services.choices.save(anna.caller, anna.caller.principal, {"a": 1}, {})
        await heard_of(listener, anna, "Preferences")
        await ours.deliver(anna)
        await heard_of(listener, anna, "EmailDelivery")
