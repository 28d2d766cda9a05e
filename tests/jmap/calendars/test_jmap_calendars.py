"""Calendars and task lists as JMAP clients see them."""

import pytest

from folkmoot.calendars.meetings.copies import DEFAULT_CALENDAR
from folkmoot.collections.content import Place
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database
from folkmoot.store.records import Kind
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio


async def _made(client: Client, **value: object) -> str:
    told = await client.call("Calendar/set", create={"k": {"name": "Work", **value}})
    assert told["notCreated"] is None, told
    return str(told["created"]["k"]["id"])


async def test_the_default_calendar_is_there_and_takes_all(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        (one,) = (await anna.call("Calendar/get", ids=None))["list"]
        assert one["name"] == "Personal Calendar"
        assert one["isDefault"]
        assert one["isSubscribed"]
        assert all(
            one["myRights"][name] for name in ("mayReadItems", "mayWriteAll", "mayWriteOwn", "mayShare", "mayRSVP")
        )
        assert not one["myRights"]["mayDelete"]
        (tasks,) = (await anna.call("TaskList/get", ids=None))["list"]
        assert tasks["role"] == "inbox"
        assert tasks["id"] == one["id"]


async def test_what_is_set_is_shown_and_told_as_changed(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        start = (await anna.call("Calendar/get", ids=[]))["state"]
        id_ = await _made(anna, color="#aBc", description="all of it", sortOrder=3, timeZone="Europe/Prague")
        told = await anna.call("Calendar/changes", sinceState=start)
        assert (told["created"], told["updated"], told["destroyed"]) == ([id_], [], [])
        (one,) = (await anna.call("Calendar/get", ids=[id_]))["list"]
        assert (one["color"], one["description"], one["sortOrder"]) == ("#aabbcc", "all of it", 3)
        assert one["timeZone"] == "Europe/Prague"
        alert = {"@type": "Alert", "trigger": {"@type": "OffsetTrigger", "offset": "-PT10M"}}
        patch = {"name": "Home", "color": "navy", "includeInAvailability": "none", "isVisible": False,
                 "description": None, "defaultAlertsWithTime": {"a": alert}}  # fmt: skip
        set_ = await anna.call("Calendar/set", update={id_: patch})
        assert set_["updated"] == {id_: None}
        (one,) = (await anna.call("Calendar/get", ids=[id_]))["list"]
        assert (one["name"], one["color"], one["includeInAvailability"]) == ("Home", "#000080", "none")
        assert not one["isVisible"]
        assert one["description"] is None
        assert one["defaultAlertsWithTime"]["a"]["trigger"]["relativeTo"] == "start"
        later = await anna.call("Calendar/changes", sinceState=told["newState"])
        assert later["updated"] == [id_]
        assert later["newState"] == set_["newState"]


@pytest.mark.parametrize(
    ("value", "property_"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"color": "url(x)"}, "color"),
        ({"timeZone": "Mars/Phobos"}, "timeZone"),
        ({"sortOrder": -1}, "sortOrder"),
        ({"isDefault": True}, "isDefault"),
        ({"myRights": {}}, "myRights"),
        ({"nonsense": 1}, "nonsense"),
        ({"includeInAvailability": "attending"}, "includeInAvailability"),
        ({"isSubscribed": False}, "isSubscribed"),
        ({"defaultAlertsWithTime": {"a": {"trigger": {"when": "2026-01-01T00:00:00Z"}}}}, "defaultAlertsWithTime"),
        ({"defaultAlertsWithTime": {"a": {"trigger": {"offset": "soon"}}}}, "defaultAlertsWithTime"),
    ],
)
async def test_what_cannot_be_kept_is_named(embedded: Database, value: dict[str, object], property_: str) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        told = await anna.call("Calendar/set", create={"k": {"name": "Work", **value}})
        assert told["notCreated"]["k"]["type"] == "invalidProperties"
        assert told["notCreated"]["k"]["properties"] == [property_]
        assert told["oldState"] == told["newState"]


async def test_a_calendar_with_events_goes_only_when_told_so(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        id_ = await _made(anna)
        await _put(w, anna, id_)
        kept = await anna.call("Calendar/set", destroy=[id_])
        assert kept["notDestroyed"][id_]["type"] == "calendarHasEvent"
        gone = await anna.call("Calendar/set", destroy=[id_], onDestroyRemoveEvents=True)
        assert gone["destroyed"] == [id_]
        (default,) = (await anna.call("Calendar/get", ids=None))["list"]
        refused = await anna.call("Calendar/set", destroy=[default["id"]], onDestroyRemoveEvents=True)
        assert refused["notDestroyed"][default["id"]]["type"] == "forbidden"


async def _put(w: World, client: Client, id_: str) -> None:
    found = await w.services.collections.home(client.caller, client.caller.principal, Kind.CALENDAR)
    (name,) = [one.collection.name for one in found if f"c{one.collection.id}" == id_]
    body = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART:20260301T100000Z\r\nDURATION:PT1H\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    place = Place(client.caller.principal, Kind.CALENDAR, name)
    await w.services.objects.put(client.caller, place, ResourceName("u1.ics"), body.encode(), "text/calendar")


async def test_the_default_calendar_is_chosen_on_success(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        (old,) = (await anna.call("Calendar/get", ids=None))["list"]
        told = await anna.call("Calendar/set", create={"k": {"name": "Work"}}, onSuccessSetIsDefault="#k")
        new = told["created"]["k"]["id"]
        assert told["updated"] == {old["id"]: {"isDefault": False}, new: {"isDefault": True}}
        shown = {one["id"]: one["isDefault"] for one in (await anna.call("Calendar/get", ids=None))["list"]}
        assert shown == {old["id"]: False, new: True}
        assert told["newState"] == (await anna.call("Calendar/get", ids=[]))["state"]
        profile = await w.services.people.profile(anna.caller.principal)
        assert DEFAULT_CALENDAR in profile.properties
        wrong = await anna.call(
            "Calendar/set", create={"k": {"name": "Other"}, "l": {"name": ""}}, onSuccessSetIsDefault="#k"
        )
        assert wrong["updated"] is None


async def test_others_see_what_is_shared_with_them_under_a_name_of_their_own(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        with pytest.raises(Refused) as refused:
            await bert.call("Calendar/get", accountId=anna.account, ids=None)
        assert refused.value.type == "accountNotFound"
        id_ = await _made(anna)
        place = await _place(w, anna, id_)
        await w.services.grants.set_(anna.caller, place, "bert", frozenset(["PublicViewer"]))
        (one,) = (await bert.call("Calendar/get", accountId=anna.account, ids=None))["list"]
        assert one["id"] == id_
        assert not one["isSubscribed"]
        assert one["myRights"]["mayReadItems"]
        assert not one["myRights"]["mayWriteAll"]
        assert one["shareWith"] is None
        patch = {"isSubscribed": True, "name": "Anna's", "color": "#112233"}
        told = await bert.call("Calendar/set", accountId=anna.account, update={id_: patch})
        assert told["updated"] == {id_: None}
        (one,) = (await bert.call("Calendar/get", accountId=anna.account, ids=None))["list"]
        assert (one["name"], one["color"], one["isSubscribed"]) == ("Anna's", "#112233", True)
        assert {c["name"] for c in (await anna.call("Calendar/get", ids=None))["list"]} == {"Work", "Personal Calendar"}
        refused_ = await bert.call("Calendar/set", accountId=anna.account, update={id_: {"description": "mine"}})
        assert refused_["notUpdated"][id_]["type"] == "forbidden"
        refused_ = await bert.call("Calendar/set", accountId=anna.account, create={"k": {"name": "x"}}, destroy=[id_])
        assert refused_["notCreated"]["k"]["type"] == "forbidden"
        assert refused_["notDestroyed"][id_]["type"] == "forbidden"


async def _place(w: World, client: Client, id_: str) -> Place:
    for one in await w.services.collections.home(client.caller, client.caller.principal, Kind.CALENDAR):
        if f"c{one.collection.id}" == id_:
            return Place(client.caller.principal, Kind.CALENDAR, one.collection.name)
    raise AssertionError(id_)


async def test_ids_of_other_accounts_are_found_nowhere(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        id_ = await _made(anna)
        told = await bert.call("Calendar/get", ids=[id_, "c0", "x", "c99999999999999999999"])
        assert len(told["notFound"]) == 4
        set_ = await bert.call("Calendar/set", update={id_: {"name": "x"}}, destroy=[id_])
        assert set_["notDestroyed"][id_]["type"] == "notFound"
