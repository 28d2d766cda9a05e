"""Preferences: inherited, chosen, taken back, refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from folkmoot.config.general_section import GeneralSettings
from folkmoot.config.settings import Settings
from folkmoot.database import Database
from tests.support.jmap import Client, Refused, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def anna(database: Database) -> AsyncIterator[Client]:
    async with world(database, Settings(general=GeneralSettings(time_zone="Europe/Vienna"))) as made:
        yield await made.person("anna")


async def shown(anna: Client) -> dict[str, Any]:
    (told,) = (await anna.call("Preferences/get", ids=None))["list"]
    return dict(told)


async def change(anna: Client, **patch: Any) -> dict[str, Any]:
    return await anna.call("Preferences/set", update={"singleton": patch})


async def test_who_has_not_chosen_inherits(anna: Client) -> None:
    told = await shown(anna)
    assert (told["timeZone"], told["calendarDayStart"], told["mailThreads"]) == ("Europe/Vienna", "08:00", False)
    assert (told["chosen"], told["ui"], told["calendarInvitationWhitelist"]) == ([], {}, {})


async def test_choices_are_kept_in_their_types_and_where_sogo_keeps_them(anna: Client) -> None:
    wanted = {
        "timeZone": "Asia/Tokyo",
        "mailThreads": True,
        "calendarDayStart": "07:30",
        "mailComposeType": "text",
        "calendarCategories": ["Work", "Home"],
        "calendarCategoryColors": {"Work": "#ff0000"},
        "mailMarkReadDelaySeconds": 5,
        "calendarPreventInvitations": True,
        "ui": {"mail": {"columns": [1, 2]}},
    }
    answer = await change(anna, **wanted)
    assert set(answer["updated"]["singleton"]) == {"chosen"}
    told = await shown(anna)
    assert {name: told[name] for name in wanted} == wanted
    assert set(told["chosen"]) == wanted.keys() - {"ui"}
    defaults, settings = await anna.services.choices.get(anna.caller, anna.caller.principal)
    assert (defaults["SOGoTimeZone"], defaults["SOGoMailSortByThreads"], defaults["SOGoDayStartTime"]) == (
        "Asia/Tokyo",
        1,
        "07:30",
    )
    assert settings["Calendar"] == {"PreventInvitations": 1}


async def test_null_takes_a_choice_back_and_tells_what_holds_now(anna: Client) -> None:
    await change(anna, timeZone="Asia/Tokyo")
    answer = await change(anna, timeZone=None)
    assert answer["updated"]["singleton"] == {"timeZone": "Europe/Vienna", "chosen": []}


async def test_a_patch_reaches_into_maps(anna: Client) -> None:
    await change(anna, ui={"a": {"b": 1}})
    await change(anna, **{"ui/a/c": 2, "calendarCategoryColors/Work": "#00ff00"})
    told = await shown(anna)
    assert (told["ui"], told["calendarCategoryColors"]) == ({"a": {"b": 1, "c": 2}}, {"Work": "#00ff00"})


@pytest.mark.parametrize(
    "patch",
    [
        {"timeZone": "Moon/Tycho"},
        {"timeZone": 7},
        {"mailThreads": "yes"},
        {"mailThreads": 1},
        {"calendarDayStart": "8"},
        {"mailComposeType": "papyrus"},
        {"calendarFirstWeekday": 9},
        {"calendarCategories": "Work"},
        {"noSuchThing": 1},
        {"chosen": ["timeZone"]},
        {"ui": {"a": "x" * 70_000}},
        {"calendarInvitationWhitelist": {str(number): "x" for number in range(1_001)}},
    ],
)
async def test_what_is_not_of_its_kind_is_refused_with_all_of_its_patch(anna: Client, patch: dict[str, Any]) -> None:
    before = await shown(anna)
    answer = await change(anna, language="French", **patch)
    assert answer["notUpdated"]["singleton"]["type"] == "invalidProperties"
    assert answer["notUpdated"]["singleton"]["properties"] == list(patch)
    assert await shown(anna) == before
    assert answer["oldState"] == answer["newState"]


async def test_there_is_one_and_no_more(anna: Client) -> None:
    answer = await anna.call("Preferences/set", create={"k": {}}, destroy=["singleton", "x"], update={"y": {}})
    assert answer["notCreated"]["k"]["type"] == "invalidProperties"  # most of its properties are missing
    assert answer["notDestroyed"]["singleton"]["type"] == "singleton"
    assert answer["notUpdated"]["y"]["type"] == "notFound"
    assert (await anna.call("Preferences/get", ids=["singleton", "z"]))["notFound"] == ["z"]


async def test_changes_tell_whether_anything_changed(anna: Client) -> None:
    state = (await anna.call("Preferences/get", ids=[]))["state"]
    assert (await anna.call("Preferences/changes", sinceState=state))["updated"] == []
    await change(anna, language="German")
    changes = await anna.call("Preferences/changes", sinceState=state)
    assert (changes["updated"], changes["newState"] != state) == (["singleton"], True)


async def test_a_state_that_has_passed_stops_a_change(anna: Client) -> None:
    state = (await anna.call("Preferences/get", ids=[]))["state"]
    await change(anna, language="German")
    with pytest.raises(Refused, match="stateMismatch"):
        await anna.call("Preferences/set", ifInState=state, update={"singleton": {"language": "French"}})
    assert (await shown(anna))["language"] == "German"
