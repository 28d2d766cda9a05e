"""Events as JMAP clients see and write them, through the services that DAV uses."""

from typing import Any

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database
from folkmoot.store.records import Kind
from tests.support.jmap import Client, Refused, world

pytestmark = pytest.mark.anyio

LUNCH: dict[str, Any] = {
    "@type": "Event",
    "title": "Lunch",
    "start": "2026-03-02T12:00:00",
    "timeZone": "Europe/Prague",
    "duration": "PT1H",
}
DAILY = LUNCH | {"title": "Stand-up", "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "daily"}]}


async def _default(client: Client) -> str:
    found = (await client.call("Calendar/get", ids=None))["list"]
    return next(str(one["id"]) for one in found if one["isDefault"])


async def _made(client: Client, value: dict[str, Any] = LUNCH, calendar: str | None = None) -> str:
    held = {"calendarIds": {calendar or await _default(client): True}}
    told = await client.call("CalendarEvent/set", create={"k": held | value})
    assert told["notCreated"] is None, told
    return str(told["created"]["k"]["id"])


async def _get(client: Client, id_: str, **arguments: Any) -> dict[str, Any]:
    (one,) = (await client.call("CalendarEvent/get", ids=[id_], **arguments))["list"]
    return dict(one)


async def test_an_event_is_made_shown_changed_and_destroyed(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        start = (await anna.call("CalendarEvent/get", ids=[]))["state"]
        calendar = await _default(anna)
        told = await anna.call("CalendarEvent/set", create={"k": LUNCH | {"calendarIds": {calendar: True}}})
        made = told["created"]["k"]
        assert made["uid"]
        assert "title" not in made
        id_ = made["id"]
        one = await _get(anna, id_)
        assert {name: one[name] for name in LUNCH} == LUNCH
        assert one["calendarIds"] == {calendar: True}
        assert one["isOrigin"]
        assert one["baseEventId"] is None
        changes = await anna.call("CalendarEvent/changes", sinceState=start)
        assert (changes["created"], changes["updated"], changes["destroyed"]) == ([id_], [], [])
        updated = await anna.call("CalendarEvent/set", update={id_: {"title": "Dinner", "duration": "PT2H"}})
        assert id_ in updated["updated"], updated
        assert (await _get(anna, id_, properties=["title"])) == {"id": id_, "title": "Dinner"}
        gone = await anna.call("CalendarEvent/set", destroy=[id_])
        assert gone["destroyed"] == [id_]
        last = await anna.call("CalendarEvent/changes", sinceState=changes["newState"])
        assert (last["created"], last["updated"], last["destroyed"]) == ([], [], [id_])
        assert last["newState"] == gone["newState"]
        never = await anna.call("CalendarEvent/changes", sinceState=start)
        assert (never["created"], never["updated"], never["destroyed"]) == ([], [], [])


async def test_what_dav_stores_keeps_its_octets_but_for_what_a_patch_touches(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        body = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-KEPT;A=b:c\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
            "DTSTAMP:20260101T000000Z\r\nDTSTART:20260301T100000Z\r\nDURATION:PT1H\r\nsummary:x\r\n"
            "X-STRANGE;P=1:va\r\n lue\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        place = Place(anna.caller.principal, Kind.CALENDAR, "personal")
        await w.services.objects.put(anna.caller, place, ResourceName("u1.ics"), body.encode(), "text/calendar")
        ((id_, one),) = [(o["id"], o) for o in (await anna.call("CalendarEvent/get", ids=None))["list"]]
        assert one["title"] == "x"
        told = await anna.call("CalendarEvent/set", update={id_: {"title": "y"}})
        assert told["notUpdated"] is None, told
        _, stored = await w.services.objects.read(anna.caller, place, ResourceName("u1.ics"))
        kept = [line for line in body.split("\r\n") if not line.startswith(("summary", "DTSTAMP"))]
        assert [line for line in stored.body.decode().split("\r\n") if line in kept] == kept
        assert "SUMMARY:y" in stored.body.decode().upper().replace("SUMMARY:Y", "SUMMARY:y")


async def test_a_moved_event_keeps_its_id(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        other = (await anna.call("Calendar/set", create={"k": {"name": "Work"}}))["created"]["k"]["id"]
        id_ = await _made(anna)
        state = (await anna.call("CalendarEvent/get", ids=[]))["state"]
        told = await anna.call("CalendarEvent/set", update={id_: {"calendarIds": {other: True}, "title": "At work"}})
        assert told["notUpdated"] is None, told
        one = await _get(anna, id_)
        assert (one["calendarIds"], one["title"]) == ({other: True}, "At work")
        changes = await anna.call("CalendarEvent/changes", sinceState=state)
        assert (changes["created"], changes["updated"], changes["destroyed"]) == ([], [id_], [])
        default = await _default(anna)
        pointers = {f"calendarIds/{other}": None, f"calendarIds/{default}": True}
        await anna.call("CalendarEvent/set", update={id_: pointers})
        assert (await _get(anna, id_))["calendarIds"] == {default: True}


@pytest.mark.parametrize(
    ("value", "properties"),
    [
        ({"calendarIds": {}}, ["calendarIds"]),
        ({"calendarIds": {"c1": True, "c2": True}}, ["calendarIds"]),
        ({"calendarIds": {"c9999": True}}, ["calendarIds"]),
        ({"calendarIds": {"x": True}}, ["calendarIds"]),
        ({"start": "tomorrow"}, ["start"]),
        ({"timeZone": "Mars/Phobos"}, ["timeZone"]),
        ({"isOrigin": True}, ["isOrigin"]),
        ({"baseEventId": "o1"}, ["baseEventId"]),
        ({"nonsense": 1}, ["nonsense"]),
        ({"@type": "Task"}, ["@type"]),
    ],
)
async def test_what_cannot_be_stored_is_named(embedded: Database, value: dict[str, Any], properties: list[str]) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        held = {"calendarIds": {await _default(anna): True}}
        told = await anna.call("CalendarEvent/set", create={"k": LUNCH | held | value})
        assert told["created"] is None
        assert told["notCreated"]["k"]["type"] == "invalidProperties"
        assert told["notCreated"]["k"]["properties"] == properties
        assert told["oldState"] == told["newState"]


async def test_a_second_event_of_one_uid_is_told_with_the_first(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        id_ = await _made(anna, LUNCH | {"uid": "one"})
        held = {"calendarIds": {await _default(anna): True}, "uid": "one"}
        told = await anna.call("CalendarEvent/set", create={"k": LUNCH | held})
        assert told["notCreated"]["k"]["type"] == "alreadyExists"
        assert told["notCreated"]["k"]["existingId"] == id_
        other = (await anna.call("Calendar/set", create={"k": {"name": "Work"}}))["created"]["k"]["id"]
        copy = await _made(anna, LUNCH | {"uid": "one"}, other)
        moved = await anna.call("CalendarEvent/set", update={copy: {"calendarIds": held["calendarIds"]}})
        assert moved["notUpdated"][copy]["existingId"] == id_


async def test_computed_calendars_are_written_to_by_nobody(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:C\r\nN:C;;;;\r\nBDAY:1980-02-03\r\nEND:VCARD\r\n"
        book = Place(anna.caller.principal, Kind.ADDRESSBOOK, "personal")
        await w.services.objects.put(anna.caller, book, ResourceName("c.vcf"), card, "text/vcard")
        calendars = (await anna.call("Calendar/get", ids=None))["list"]
        (computed,) = [one for one in calendars if one["source"] == "computed"]
        assert not computed["myRights"]["mayWriteAll"]
        (event,) = (await anna.call("CalendarEvent/get", ids=None))["list"]
        told = await anna.call(
            "CalendarEvent/set", create={"k": LUNCH | {"calendarIds": {computed["id"]: True}}},
            update={event["id"]: {"title": "x"}},
        )  # fmt: skip
        assert told["notCreated"]["k"]["type"] == "forbidden"
        assert told["notUpdated"][event["id"]]["type"] == "forbidden"
        gone = await anna.call("CalendarEvent/set", destroy=[event["id"]])
        assert gone["notDestroyed"][event["id"]]["type"] == "forbidden"
        chosen = await anna.call("Calendar/set", onSuccessSetIsDefault=computed["id"])
        assert chosen["updated"] is None


async def test_queries_find_by_time_text_and_calendar(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        other = (await anna.call("Calendar/set", create={"k": {"name": "Work"}}))["created"]["k"]["id"]
        lunch = await _made(
            anna, LUNCH | {"description": "With Čeněk", "locations": {"1": {"@type": "Location", "name": "Pub"}}}
        )
        later = await _made(anna, LUNCH | {"start": "2026-04-02T12:00:00", "title": "Later"}, other)
        daily = await _made(anna, DAILY)

        async def ids(filter_: dict[str, Any], **arguments: Any) -> list[str]:
            return list((await anna.call("CalendarEvent/query", filter=filter_, **arguments))["ids"])

        assert await ids({}) == [*sorted([lunch, daily]), later]
        assert await ids({"inCalendar": other}) == [later]
        assert await ids({"inCalendars": [other, "c0"]}) == [later]
        assert set(await ids({"after": "2026-03-02T00:00:00", "before": "2026-03-03T00:00:00"})) == {lunch, daily}
        assert await ids({"after": "2026-04-02T00:00:00", "before": "2026-04-02T11:30:00", "text": "later"}) == [later]
        assert await ids({"before": "2026-03-01T00:00:00"}) == []
        assert await ids({"text": "čeněk"}) == [lunch]
        assert await ids({"text": "lunch pub"}) == [lunch]
        assert await ids({"location": "pub", "title": "dinner"}) == []
        assert await ids({"operator": "NOT", "conditions": [{"title": "lunch"}, {"title": "stand-up"}]}) == [later]
        uid = (await _get(anna, daily))["uid"]
        assert await ids({"uid": uid}) == [daily]
        found = await anna.call(
            "CalendarEvent/query", sort=[{"property": "title", "isAscending": False}], limit=2, position=1,
            calculateTotal=True,
        )  # fmt: skip
        assert (found["ids"], found["total"], found["position"]) == ([lunch, later], 3, 1)
        anchored = await anna.call("CalendarEvent/query", sort=[{"property": "title"}], anchor=lunch, anchorOffset=-1)
        assert anchored["ids"] == [later, lunch, daily]
        for arguments, error in (
            ({"filter": {"colour": "red"}}, "unsupportedFilter"),
            ({"filter": {"after": "yesterday"}}, "unsupportedFilter"),
            ({"sort": [{"property": "colour"}]}, "unsupportedSort"),
            ({"anchor": "o1"}, "anchorNotFound"),
            ({"timeZone": "Mars/Phobos"}, "invalidArguments"),
            ({"expandRecurrences": True}, "invalidArguments"),
        ):
            with pytest.raises(Refused) as refused:
                await anna.call("CalendarEvent/query", **arguments)
            assert refused.value.type == error


async def test_occurrences_are_told_one_by_one_where_asked_for(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        daily = await _made(anna, DAILY)
        lunch = await _made(anna, LUNCH | {"start": "2026-03-28T13:00:00"})
        window = {"after": "2026-03-27T00:00:00", "before": "2026-03-30T00:00:00"}
        told = await anna.call("CalendarEvent/query", filter=window, expandRecurrences=True, timeZone="Europe/Prague")
        days = [f"{daily}_202603{day}T120000" for day in (27, 28, 29)]
        assert told["ids"] == [days[0], days[1], lunch, days[2]]
        found = (
            await anna.call("CalendarEvent/get", ids=told["ids"], properties=["start", "utcStart", "baseEventId"])
        )["list"]
        assert [one["start"] for one in found][-1] == "2026-03-29T12:00:00"
        assert [one["utcStart"] for one in found] == [
            "2026-03-27T11:00:00Z", "2026-03-28T11:00:00Z", "2026-03-28T12:00:00Z", "2026-03-29T10:00:00Z",
        ]  # fmt: skip
        assert found[0]["baseEventId"] == daily
        missing = await anna.call("CalendarEvent/get", ids=[f"{daily}_20260327T130000", f"{lunch}_20260328T130001"])
        assert len(missing["notFound"]) == 2
        wide = {"after": "2026-01-01T00:00:00", "before": "2028-01-01T00:00:00"}
        with pytest.raises(Refused) as refused:
            await anna.call("CalendarEvent/query", filter=wide, expandRecurrences=True)
        assert refused.value.type == "expandDurationTooLarge"


async def test_one_occurrence_is_changed_and_one_left_out(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        daily = await _made(anna, DAILY)
        third, fourth = f"{daily}_20260304T120000", f"{daily}_20260305T120000"
        told = await anna.call(
            "CalendarEvent/set", update={third: {"title": "Longer", "duration": "PT3H"}}, destroy=[fourth]
        )
        assert told["notUpdated"] is None, told
        assert told["destroyed"] == [fourth], told
        overrides = (await _get(anna, daily))["recurrenceOverrides"]
        assert overrides == {
            "2026-03-04T12:00:00": {"title": "Longer", "duration": "PT3H"},
            "2026-03-05T12:00:00": {"excluded": True},
        }
        assert (await _get(anna, third))["title"] == "Longer"
        again = await anna.call(
            "CalendarEvent/set", update={daily: {"recurrenceOverrides/2026-03-04T12:00:00/title": "Longest"}}
        )
        assert again["notUpdated"] is None, again
        assert (await _get(anna, third, properties=["title"]))["title"] == "Longest"
        trimmed = await _get(anna, daily, recurrenceOverridesAfter="2026-03-05T00:00:00Z")
        assert set(trimmed["recurrenceOverrides"]) == {"2026-03-05T12:00:00"}


async def test_this_and_all_that_follow_become_a_series_of_their_own(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        daily = await _made(anna, DAILY)
        third = f"{daily}_20260304T120000"
        state = (await anna.call("CalendarEvent/get", ids=[]))["state"]
        told = await anna.call("CalendarEvent/set", update={third: {"title": "New"}}, thisAndFollowing=[third])
        assert told["notUpdated"] is None, told
        changes = await anna.call("CalendarEvent/changes", sinceState=state)
        (new,) = changes["created"]
        assert changes["updated"] == [daily]
        window = {"after": "2026-03-02T00:00:00", "before": "2026-03-07T00:00:00"}
        found = (await anna.call("CalendarEvent/query", filter=window, expandRecurrences=True))["ids"]
        assert [id_.partition("_")[0] for id_ in found] == [daily, daily, new, new, new]
        assert (await _get(anna, new))["title"] == "New"
        fifth = f"{new}_20260306T120000"
        told = await anna.call("CalendarEvent/set", destroy=[fifth], thisAndFollowing=[fifth])
        assert told["destroyed"] == [fifth], told
        found = (await anna.call("CalendarEvent/query", filter=window, expandRecurrences=True))["ids"]
        assert len(found) == 4


async def test_readers_see_write_nothing_and_learn_of_no_secrets(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        public = await _made(anna)
        private = await _made(anna, LUNCH | {"privacy": "private", "title": "Doctor"})
        secret = await _made(anna, LUNCH | {"privacy": "secret", "title": "Surprise"})
        place = Place(anna.caller.principal, Kind.CALENDAR, "personal")
        await w.services.grants.set_(anna.caller, place, "bert", frozenset(["PublicViewer", "PrivateDAndTViewer"]))
        found = await bert.call("CalendarEvent/get", accountId=anna.account, ids=None)
        by_id = {one["id"]: one for one in found["list"]}
        assert by_id.keys() == {public, private}
        assert by_id[public]["title"] == "Lunch"
        assert "Doctor" not in str(by_id[private])
        named = await bert.call("CalendarEvent/get", accountId=anna.account, ids=[secret, public])
        assert named["notFound"] == [secret]
        hidden = await bert.call("CalendarEvent/query", accountId=anna.account, filter={"text": "doctor"})
        assert hidden["ids"] == []
        tried = await bert.call(
            "CalendarEvent/set", accountId=anna.account, destroy=[secret],
            create={"k": LUNCH | {"calendarIds": by_id[public]["calendarIds"]}},
            update={public: {"title": "x"}, private: {"title": "x"}},
        )  # fmt: skip
        assert tried["notUpdated"][public]["type"] == "forbidden"
        assert tried["notUpdated"][private]["type"] == "forbidden"
        assert tried["notCreated"]["k"]["type"] == "forbidden"
        assert tried["notDestroyed"][secret]["type"] == "notFound"
        elsewhere = await bert.call("CalendarEvent/get", ids=[public, private, secret])
        assert len(elsewhere["notFound"]) == 3


async def test_owners_are_told_what_others_did(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        id_ = await _made(anna)
        place = Place(anna.caller.principal, Kind.CALENDAR, "personal")
        roles = frozenset(
            ["PublicModifier", "PrivateModifier", "ConfidentialModifier", "ObjectCreator", "ObjectEraser"]
        )
        await w.services.grants.set_(anna.caller, place, "bert", roles)
        calendar = await _default(anna)
        first = await anna.call("CalendarEventNotification/get", ids=None)
        assert first["list"] == []
        told = await bert.call(
            "CalendarEvent/set", accountId=anna.account, update={id_: {"title": "Late lunch"}},
            create={"k": LUNCH | {"title": "By Bert", "calendarIds": {calendar: True}}},
        )  # fmt: skip
        new = told["created"]["k"]["id"]
        changes = await anna.call("CalendarEventNotification/changes", sinceState=first["state"])
        assert len(changes["created"]) == 2
        notices = (await anna.call("CalendarEventNotification/get", ids=changes["created"]))["list"]
        by_type = {one["type"]: one for one in notices}
        assert by_type["created"]["calendarEventId"] == new
        assert by_type["created"]["event"]["title"] == "By Bert"
        assert by_type["updated"]["calendarEventId"] == id_
        assert by_type["updated"]["event"]["title"] == "Lunch"
        assert by_type["updated"]["eventPatch"]["title"] == "Late lunch"
        assert by_type["updated"]["changedBy"]["email"] == "bert@example.com"
        only = await anna.call("CalendarEventNotification/query", filter={"type": "created"})
        assert only["ids"] == [by_type["created"]["id"]]
        gone = await anna.call("CalendarEventNotification/set", destroy=[by_type["created"]["id"], "o1"])
        assert gone["destroyed"] == [by_type["created"]["id"]]
        assert gone["notDestroyed"]["o1"]["type"] == "notFound"
        assert (await bert.call("CalendarEventNotification/get", ids=None))["list"] == []


async def test_an_event_is_copied_into_another_account(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        id_ = await _made(anna)
        place = Place(anna.caller.principal, Kind.CALENDAR, "personal")
        await w.services.grants.set_(anna.caller, place, "bert", frozenset(["PublicViewer"]))
        target = await _default(bert)
        told = await bert.call(
            "CalendarEvent/copy", fromAccountId=anna.account,
            create={
                "k": {"id": id_, "calendarIds": {target: True}, "title": "Mine"},
                "l": {"id": "o1", "calendarIds": {target: True}},
            },
        )  # fmt: skip
        assert told["notCreated"]["l"]["type"] == "notFound"
        copied = told["created"]["k"]["id"]
        assert copied != id_
        one = await _get(bert, copied)
        assert (one["title"], one["start"]) == ("Mine", LUNCH["start"])


async def test_invitations_reach_others_and_their_answers_come_back(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        people = {
            "a": {"@type": "Participant", "name": "Anna", "sendTo": {"imip": "mailto:anna@example.com"},
                  "roles": {"owner": True, "attendee": True}, "participationStatus": "accepted"},
            "b": {"@type": "Participant", "name": "Bert", "sendTo": {"imip": "mailto:bert@example.com"},
                  "roles": {"attendee": True}, "expectReply": True},
        }  # fmt: skip
        id_ = await _made(anna, LUNCH | {"participants": people, "replyTo": {"imip": "mailto:anna@example.com"}})
        (copy,) = (await bert.call("CalendarEvent/get", ids=None))["list"]
        assert not copy["isOrigin"]
        assert copy["title"] == "Lunch"
        mine = next(key for key, one in copy["participants"].items() if "bert" in str(one))
        waiting = await bert.call("CalendarEvent/query", filter={"participationStatus": "needs-action"})
        assert waiting["ids"] == [copy["id"]]
        told = await bert.call(
            "CalendarEvent/set",
            update={copy["id"]: {f"participants/{mine}/participationStatus": "accepted"}},
            sendSchedulingMessages=True,
        )
        assert told["notUpdated"] is None, told
        seen = await _get(anna, id_)
        assert [p.get("participationStatus") for p in seen["participants"].values() if "bert" in str(p)] == ["accepted"]
        notice = (await bert.call("CalendarEventNotification/get", ids=None))["list"][0]
        assert (notice["type"], notice["calendarEventId"]) == ("created", copy["id"])
        reduced = await _get(bert, copy["id"], reduceParticipants=True)
        assert len(reduced["participants"]) == 2


async def test_tasks_are_events_neighbours_and_never_mixed(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        event = await _made(anna)
        (list_,) = (await anna.call("TaskList/get", ids=None))["list"]
        value = {
            "@type": "Task",
            "taskListId": list_["id"],
            "title": "Buy",
            "due": "2026-03-05T10:00:00",
            "timeZone": "Etc/UTC",
        }
        told = await anna.call("Task/set", create={"t": value})
        assert told["notCreated"] is None, told
        task = told["created"]["t"]["id"]
        (one,) = (await anna.call("Task/get", ids=None))["list"]
        assert (one["id"], one["title"], one["taskListId"]) == (task, "Buy", list_["id"])
        assert (await anna.call("Task/get", ids=[event]))["notFound"] == [event]
        assert (await anna.call("CalendarEvent/get", ids=[task]))["notFound"] == [task]
        assert (await anna.call("CalendarEvent/query"))["ids"] == [event]
        done = await anna.call("Task/set", update={task: {"progress": "completed"}})
        assert done["notUpdated"] is None, done
        assert (await anna.call("Task/query", filter={"progress": ["completed"]}))["ids"] == [task]
        assert (await anna.call("Task/query", filter={"progress": ["needs-action"]}))["ids"] == []


async def test_availability_shows_when_and_not_what(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        await _made(anna)
        (principal,) = [p["id"] for p in (await anna.call("Principal/get", ids=None))["list"] if p["name"] == "Anna"]
        window = {"utcStart": "2026-03-02T00:00:00Z", "utcEnd": "2026-03-03T00:00:00Z"}
        told = await bert.call("Principal/getAvailability", id=principal, showDetails=True, **window)
        assert told["list"] == [
            {"utcStart": "2026-03-02T11:00:00Z", "utcEnd": "2026-03-02T12:00:00Z", "busyStatus": "confirmed",
             "event": None, "accountId": None}
        ]  # fmt: skip
        with pytest.raises(Refused) as refused:
            await bert.call("Principal/getAvailability", id="pbm9ib2R5", **window)
        assert refused.value.type == "notFound"
        with pytest.raises(Refused) as refused:
            await bert.call("Principal/getAvailability", id=principal, **window | {"utcEnd": "2036-03-03T00:00:00Z"})
        assert refused.value.type == "tooLarge"


async def test_identities_are_the_directorys_addresses(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        one, *others = (await anna.call("ParticipantIdentity/get", ids=None))["list"]
        assert one["calendarAddress"] == "mailto:anna@example.com"
        assert one["isDefault"]
        for other in others:
            told = await anna.call("ParticipantIdentity/set", onSuccessSetIsDefault=other["id"])
            assert told["updated"][other["id"]] == {"isDefault": True}
        told = await anna.call(
            "ParticipantIdentity/set", destroy=[one["id"]], create={"k": {"calendarAddress": "mailto:x@y"}}
        )
        assert told["notDestroyed"][one["id"]]["type"] == "forbidden"
        assert told["notCreated"]["k"]["type"] == "forbidden"
