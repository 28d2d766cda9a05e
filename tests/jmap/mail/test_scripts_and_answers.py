"""Vacation answers, scripts, filters and what else a mail server's Sieve does (RFC 8621 section 8, RFC 9661)."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from folkmoot.database import Database
from tests.jmap.mail.writing import post_world, writer
from tests.support.jmap import Client, Refused, World

pytestmark = pytest.mark.live


@pytest.fixture
async def post(embedded: Database) -> AsyncIterator[World]:
    async with post_world(embedded, "smtp://127.0.0.1:1") as opened:
        yield opened


async def blob(client: Client, script: str) -> str:
    kept = await client.services.uploads.put(client.caller.principal, "a.sieve", "application/sieve", script.encode())
    return f"U{kept.id}"


async def test_a_vacation_answer_is_a_script_that_the_server_has_taken(post: World) -> None:
    anna = await writer(post)
    (before,) = (await anna.call("VacationResponse/get", ids=["singleton"]))["list"]
    assert before["isEnabled"] is False
    told = await anna.call(
        "VacationResponse/set",
        update={
            "singleton": {
                "isEnabled": True,
                "subject": "Away",
                "textBody": "I am not here.",
                "fromDate": "2026-11-01T10:00:00Z",
                "toDate": "2030-01-02T10:00:00Z",
            }
        },
    )
    changed = told["updated"]["singleton"]
    assert datetime.fromisoformat(changed["fromDate"]) <= datetime.fromisoformat("2026-11-01T10:00:00Z")
    (after,) = (await anna.call("VacationResponse/get", ids=None))["list"]
    assert (after["isEnabled"], after["subject"], after["textBody"]) == (True, "Away", "I am not here.")
    again = await anna.call("VacationResponse/set", update={"singleton": {"toDate": after["toDate"]}})
    assert again["updated"] == {"singleton": None}
    (script,) = (await anna.call("SieveScript/get", ids=None))["list"]
    assert (script["name"], script["isActive"]) == ("sogo", True)
    own = anna.context()
    text = (await own.read_blob(own.accounts.own, script["blobId"], limit=100_000)).decode()
    assert "I am not here." in text
    refused = await anna.call(
        "VacationResponse/set",
        create={"k": {}},
        update={"other": {"isEnabled": True}, "singleton": {"subject": "a\r\nb"}},
        destroy=["singleton"],
    )
    kinds = [refused["notCreated"]["k"], *refused["notUpdated"].values()]
    assert {one["type"] for one in kinds} == {"singleton", "notFound", "willDestroy"}
    wrong = await anna.call("VacationResponse/set", update={"singleton": {"subject": "a\r\nb"}})
    assert wrong["notUpdated"]["singleton"]["type"] == "invalidProperties"


async def test_scripts_of_ones_own_stand_beside_ours(post: World) -> None:
    anna = await writer(post)
    first = await anna.call(
        "SieveScript/set",
        create={
            "good": {"name": "täglich", "blobId": await blob(anna, "keep;\r\n")},
            "bad": {"name": "bad", "blobId": await blob(anna, "no such command;")},
            "ours": {"name": "sogo", "blobId": await blob(anna, "keep;")},
            "none": {"name": "none", "blobId": "Unothing"},
        },
        onSuccessActivateScript="#good",
    )
    assert {key: one["type"] for key, one in first["notCreated"].items()} == {
        "bad": "invalidSieve",
        "ours": "alreadyExists",
        "none": "blobNotFound",
    }
    id_ = first["created"]["good"]["id"]
    told = await anna.call("SieveScript/set", onSuccessActivateScript=id_)
    assert told["updated"] == {id_: {"isActive": True}}
    assert told["newState"] != told["oldState"]
    refused = await anna.call("SieveScript/set", destroy=[id_])
    assert refused["notDestroyed"][id_]["type"] == "sieveIsActive"
    renamed = await anna.call("SieveScript/set", update={id_: {"name": "daily"}})
    assert id_ in renamed["updated"]
    changed = await anna.call("SieveScript/set", update={id_: {"blobId": await blob(anna, "stop;\r\n")}})
    assert changed["updated"][id_]["blobId"].startswith("S")
    (one,) = (await anna.call("SieveScript/get", ids=[id_]))["list"]
    assert (one["name"], one["isActive"]) == ("daily", True)
    twin = await anna.call("SieveScript/set", create={"k": {"name": "täglich", "blobId": one["blobId"]}})
    assert twin["created"]["k"]["id"] != id_
    found = await anna.call("SieveScript/query", filter_={"isActive": True}, sort=[{"property": "name"}])
    assert found["ids"] == [id_]
    gone = await anna.call("SieveScript/set", onSuccessDeactivateScript=True)
    assert gone["updated"] == {id_: {"isActive": False}}
    assert (await anna.call("SieveScript/set", destroy=[id_]))["destroyed"] == [id_]
    assert (await anna.call("SieveScript/validate", blobId=await blob(anna, "keep;")))["error"] is None
    wrong = await anna.call("SieveScript/validate", blobId=await blob(anna, "keep"))
    assert wrong["error"]["type"] == "invalidSieve"


async def test_filters_forwarding_and_notices_are_changed_as_a_whole(post: World) -> None:
    anna = await writer(post)
    rule = {"field": "subject", "operator": "contains", "value": "bike"}
    filters = [
        {"name": "Bikes", "match": "any", "rules": [rule], "actions": [{"method": "fileinto", "argument": "Bikes"}]},
        {"name": "Off", "active": False, "match": "all", "rules": [], "actions": []},
    ]
    state = (await anna.call("MailFilter/get", ids=None))["state"]
    told = await anna.call("MailFilter/set", update={"singleton": {"filters": filters}}, ifInState=state)
    assert "singleton" in told["updated"]
    (kept,) = (await anna.call("MailFilter/get", ids=None))["list"]
    assert [one["name"] for one in kept["filters"]] == ["Bikes", "Off"]
    assert kept["filters"][0]["rules"][0] == {**rule, "customHeader": ""}
    with pytest.raises(Refused, match="stateMismatch"):
        await anna.call("MailFilter/set", update={"singleton": {"filters": []}}, ifInState=state)
    wrong = await anna.call(
        "MailFilter/set", update={"singleton": {"filters": [{"match": "any", "rules": [{"field": "x"}]}]}}
    )
    assert wrong["notUpdated"]["singleton"]["type"] == "invalidProperties"
    forward = {"isEnabled": True, "addresses": ["ida@example.net"], "keepCopy": True}
    assert "singleton" in (await anna.call("Forward/set", update={"singleton": forward}))["updated"]
    (shown,) = (await anna.call("Forward/get", ids=None))["list"]
    assert shown == {"id": "singleton", **forward, "alwaysSend": False}
    assert (await anna.call("Forward/changes", sinceState=state))["updated"] == ["singleton"]
    details = {"weekdays": [1, 2], "startTime": "08:00", "addresses": ["a@example.org"]}
    await anna.call("VacationDetails/set", update={"singleton": details})
    (shown,) = (await anna.call("VacationDetails/get", ids=None))["list"]
    assert {name: shown[name] for name in details} == details
    await anna.call("VacationDetails/set", update={"singleton": {"weekdays": None, "startTime": None}})
    (shown,) = (await anna.call("VacationDetails/get", ids=None))["list"]
    assert (shown["weekdays"], shown["startTime"]) == (None, None)
    (script,) = (await anna.call("SieveScript/get", ids=None))["list"]
    own = anna.context()
    written = await own.read_blob(own.accounts.own, script["blobId"], limit=100_000)
    assert b'fileinto "Bikes"' in written
    assert b"redirect" in written
