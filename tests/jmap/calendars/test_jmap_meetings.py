"""Meetings through JMAP: who is told, who cannot be invited, and alarms that are put off."""

from dataclasses import replace
from typing import Any

import pytest

from folkmoot.config.settings import Settings
from folkmoot.database import Database
from folkmoot.directory.principal import PrincipalKind
from folkmoot.store import outbox
from tests.jmap.calendars.test_jmap_events import LUNCH as PAST
from tests.jmap.calendars.test_jmap_events import _default, _get, _made
from tests.support.jmap import Client, World, world

pytestmark = pytest.mark.anyio

LUNCH: dict[str, Any] = PAST | {"start": "2098-03-03T12:00:00"}  # of what is over nobody is told


def _meeting(*others: str, **more: Any) -> dict[str, Any]:
    people: dict[str, Any] = {
        "a": {
            "@type": "Participant",
            "sendTo": {"imip": "mailto:anna@example.com"},
            "roles": {"owner": True, "attendee": True},
            "participationStatus": "accepted",
        }
    }
    for other in others:
        address = other if "@" in other else f"{other}@example.com"
        people[other.partition("@")[0]] = {
            "@type": "Participant",
            "sendTo": {"imip": f"mailto:{address}"},
            "roles": {"attendee": True},
            "expectReply": True,
        }
    return LUNCH | {"participants": people, "replyTo": {"imip": "mailto:anna@example.com"}} | more


async def _try(client: Client, value: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    held = {"calendarIds": {await _default(client): True}}
    return await client.call("CalendarEvent/set", create={"k": held | value}, **arguments)


async def _mails(w: World) -> list[str]:
    rows = await w.rooms.database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    return sorted(row.recipient for row in rows)


async def test_mail_goes_out_only_where_it_is_asked_for(database: Database) -> None:
    settings = Settings()
    settings = replace(settings, calendar=replace(settings.calendar, notify_invitations=True))
    async with world(database, settings) as w:
        anna = await w.person("anna")
        quiet = await _try(anna, _meeting("someone@elsewhere.test"))
        assert quiet["notCreated"] is None, quiet
        assert await _mails(w) == []
        loud = await _try(anna, _meeting("someone@elsewhere.test", uid="two"), sendSchedulingMessages=True)
        assert loud["notCreated"] is None, loud
        assert await _mails(w) == ["someone@elsewhere.test"]


async def test_who_lets_nobody_invite_him_is_named(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        await w.person("cora")
        await w.services.choices.save(bert.caller, bert.caller.principal, {}, {"Calendar": {"PreventInvitations": 1}})
        told = await _try(anna, _meeting("bert", "cora"))
        error = told["notCreated"]["k"]
        assert error["type"] == "cannotInvite"
        assert error["unavailable"] == ["Bert <bert@example.com>"]
        assert error["without"] == ["bert@example.com"]
        assert (await anna.call("CalendarEvent/query"))["ids"] == []


async def test_a_conflict_refuses_only_where_it_is_asked_for(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        await _made(bert, LUNCH | {"title": "Secret plan"})
        told = await _try(anna, _meeting("bert"), refuseConflicts=True)
        error = told["notCreated"]["k"]
        assert error["type"] == "cannotInvite"
        assert "2098" in error["conflict"]
        assert "Secret plan" not in str(told)
        forced = await _try(anna, _meeting("bert"))
        assert forced["notCreated"] is None


async def test_a_room_accepts_at_once(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        await w.person("room", kind=PrincipalKind.LOCATION)
        told = await _try(anna, _meeting("room"))
        assert told["notCreated"] is None, told
        one = await _get(anna, told["created"]["k"]["id"])
        answers = {p.get("participationStatus") for p in one["participants"].values() if "room@" in str(p)}
        assert answers == {"accepted"}


async def test_guests_change_their_own_part_and_nothing_else(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        id_ = await _made(anna, _meeting("bert"))
        (copy,) = (await bert.call("CalendarEvent/get", ids=None))["list"]
        assert not copy["isOrigin"]
        await bert.call("CalendarEvent/set", update={copy["id"]: {"title": "Hijacked"}})
        assert (await _get(anna, id_))["title"] == "Lunch"
        gone = await bert.call("CalendarEvent/set", destroy=[copy["id"]], sendSchedulingMessages=True)
        assert gone["destroyed"] == [copy["id"]]
        answers = [
            p.get("participationStatus") for p in (await _get(anna, id_))["participants"].values() if "bert" in str(p)
        ]
        assert answers == ["declined"]


async def test_an_alarm_is_seen_to_and_put_off_by_a_patch(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        alert = {"@type": "Alert", "action": "display", "trigger": {"@type": "OffsetTrigger", "offset": "-PT15M"}}
        id_ = await _made(anna, LUNCH | {"alerts": {"1": alert}, "useDefaultAlerts": False})
        (name,) = (await _get(anna, id_))["alerts"]
        snooze = {"@type": "Alert", "trigger": {"@type": "AbsoluteTrigger", "when": "2098-03-03T10:50:00Z"},
                  "relatedTo": {name: {"@type": "Relation", "relation": {"parent": True}}}}  # fmt: skip
        told = await anna.call(
            "CalendarEvent/set",
            update={id_: {f"alerts/{name}/acknowledged": "2098-03-03T10:45:10Z", "alerts/2": snooze}},
        )
        assert told["notUpdated"] is None, told
        alerts = (await _get(anna, id_))["alerts"]
        assert alerts[name]["acknowledged"] == "2098-03-03T10:45:10Z"
        assert len(alerts) == 2
        default = await anna.call("CalendarEvent/set", update={id_: {"useDefaultAlerts": True, "alerts": None}})
        assert default["notUpdated"] is None, default
        one = await _get(anna, id_)
        assert one["useDefaultAlerts"]
        assert not one.get("alerts")


async def test_who_moves_a_meeting_to_another_calendar_cancels_nothing(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        other = (await anna.call("Calendar/set", create={"k": {"name": "Work"}}))["created"]["k"]["id"]
        id_ = await _made(anna, _meeting("bert"))
        told = await anna.call("CalendarEvent/set", update={id_: {"calendarIds": {other: True}}})
        assert told["notUpdated"] is None, told
        assert len((await bert.call("CalendarEvent/get", ids=None))["list"]) == 1
        assert (await _get(anna, id_))["isOrigin"]


async def test_a_new_meeting_can_be_in_a_calendar_that_the_same_request_makes(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        calendar = {"accountId": anna.account, "create": {"new": {"name": "Trips"}}}
        event = {"accountId": anna.account, "create": {"e": LUNCH | {"calendarIds": {"#new": True}}}}
        answers = await anna.request(("Calendar/set", calendar), ("CalendarEvent/set", event))
        made = answers[1].arguments["created"]["e"]["id"]
        id_ = answers[0].arguments["created"]["new"]["id"]
        assert (await _get(anna, made))["calendarIds"] == {id_: True}
