"""Contacts as JMAP clients see them, over the services of CardDAV."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from folkmoot.collections.content import Place
from folkmoot.config.mail_section import MailSettings
from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.jmap.sharing.ids import principal_id
from folkmoot.store.records import Kind
from tests.jmap.contacts.people import CARDS, book_id, card, put
from tests.support.jmap import Client, Refused, world

pytestmark = pytest.mark.anyio
READER = {"mayRead": True}
WRITER = {"mayRead": True, "mayWrite": True}


async def made(client: Client, **value: object) -> str:
    told = await client.call("ContactCard/set", create={"c": value})
    assert told["notCreated"] is None, told
    return str(told["created"]["c"]["id"])


async def query(client: Client, filter_: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return the names of the cards that a query finds."""
    found = await client.call("ContactCard/query", filter_=filter_, **more)
    told = await client.call("ContactCard/get", ids=found["ids"], properties=["name", "id"])
    names = {one["id"]: one["name"]["full"] for one in told["list"]}
    return [names[id_] for id_ in found["ids"]]


async def test_a_card_is_made_shown_changed_and_removed(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        start = (await anna.call("ContactCard/get", ids=[]))["state"]
        value = {
            "name": {
                "full": "Ada Rook",
                "components": [{"kind": "given", "value": "Ada"}, {"kind": "surname", "value": "Rook"}],
            },
            "emails": {"e1": {"address": "ada@rook.example", "contexts": {"work": True}}},
        }
        told = await anna.call("ContactCard/set", create={"c": value})
        created = told["created"]["c"]
        id_ = created["id"]
        assert created["addressBookIds"] == {await book_id(anna): True}
        assert created["uid"].startswith("urn:uuid:")
        assert "emails" not in created
        assert "name" not in created
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert shown["emails"] == value["emails"]
        assert shown["name"] == value["name"]
        delta = await anna.call("ContactCard/changes", sinceState=start)
        assert (delta["created"], delta["updated"], delta["destroyed"]) == ([id_], [], [])

        patch = {"emails/e1/label": "lab", "phones": {"p": {"number": "+1 555"}}}
        changed = await anna.call("ContactCard/set", update={id_: patch})
        assert changed["notUpdated"] is None
        assert set(changed["updated"][id_] or {}) <= {"updated"}
        (shown,) = (await anna.call("ContactCard/get", ids=[id_], properties=["emails", "phones"]))["list"]
        assert shown["emails"]["e1"]["label"] == "lab"
        assert set(shown) == {"id", "emails", "phones"}
        delta = await anna.call("ContactCard/changes", sinceState=delta["newState"])
        assert (delta["created"], delta["updated"], delta["destroyed"]) == ([], [id_], [])

        gone = await anna.call("ContactCard/set", destroy=[id_])
        assert gone["destroyed"] == [id_]
        delta = await anna.call("ContactCard/changes", sinceState=delta["newState"])
        assert (delta["created"], delta["updated"], delta["destroyed"]) == ([], [], [id_])
        assert (await anna.call("ContactCard/get", ids=[id_]))["notFound"] == [id_]


async def test_a_patch_keeps_what_a_dav_client_wrote(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        text = card("u1", "FN:Ben Crow", "item1.TEL:+1", "item1.X-ABLabel:Boat", 'X-ODD;A="b":c', "NOTE:old")
        await put(anna, "ben.vcf", text)
        (id_,) = (await anna.call("ContactCard/query"))["ids"]
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        (note,) = shown["notes"]
        told = await anna.call("ContactCard/set", update={id_: {f"notes/{note}/note": "new"}})
        assert told["notUpdated"] is None
        place = Place(anna.caller.principal, Kind.ADDRESSBOOK, "personal")
        _, stored = await anna.services.objects.read(anna.caller, place, ResourceName("ben.vcf"))
        before, after = text.split("\r\n"), stored.body.decode().split("\r\n")
        assert [line for line in after if line not in before] == [f"NOTE;PROP-ID={note}:new"]
        assert [line for line in before if line not in after] == ["NOTE:old"]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"emails": {"e": {"address": 1}}}, "emails/e/address"),
        ({"emails": {"e e": {"address": "a"}}}, "emails"),
        ({"emial": {}}, "emial"),
        ({"name": {"full": "a\u0000b"}}, "name/full"),
        ({"addressBookIds": {}}, "addressBookIds"),
        ({"addressBookIds": {"c999999": True}}, "addressBookIds"),
        ({"addressBookIds": {"nonsense": True}}, "addressBookIds"),
        ({"addressBookIds": {"c1": True, "c2": True}}, "addressBookIds"),
        ({"media": {"m": {"kind": "photo", "blobId": "B1-0"}}}, "media/m/blobId"),
        ({"id": "x"}, "id"),
    ],
)
async def test_what_cannot_be_a_card_is_refused(embedded: Database, value: dict[str, Any], wrong: str) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        await book_id(anna)
        state = (await anna.call("ContactCard/get", ids=[]))["state"]
        told = await anna.call("ContactCard/set", create={"c": value})
        assert told["notCreated"]["c"]["type"] == "invalidProperties"
        assert told["notCreated"]["c"]["properties"] == [wrong]
        assert (await anna.call("ContactCard/get", ids=[]))["state"] == state


async def test_a_uid_is_there_once(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        id_ = await made(anna, uid="urn:uuid:1", name={"full": "Ada"})
        told = await anna.call("ContactCard/set", create={"c": {"uid": "urn:uuid:1", "name": {"full": "Ben"}}})
        assert told["notCreated"]["c"]["type"] == "alreadyExists"
        assert told["notCreated"]["c"]["existingId"] == id_
        told = await anna.call("ContactCard/set", update={id_: {"uid": "urn:uuid:2"}})
        assert told["notUpdated"][id_]["type"] == "invalidProperties"


async def test_a_card_that_moves_keeps_its_id(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        id_ = await made(anna, name={"full": "Ada"})
        start = (await anna.call("ContactCard/get", ids=[]))["state"]
        other = await book_id(anna, "collected")
        told = await anna.call("ContactCard/set", update={id_: {"addressBookIds": {other: True}, "kind": "org"}})
        assert told["notUpdated"] is None
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert (shown["addressBookIds"], shown["kind"]) == ({other: True}, "org")
        delta = await anna.call("ContactCard/changes", sinceState=start)
        assert (delta["created"], delta["updated"], delta["destroyed"]) == ([], [id_], [])
        personal = await book_id(anna)
        told = await anna.call(
            "ContactCard/set", update={id_: {f"addressBookIds/{personal}": True, f"addressBookIds/{other}": None}}
        )
        assert told["notUpdated"] is None
        told = await anna.call("ContactCard/set", update={id_: {f"addressBookIds/{other}": True}})
        assert told["notUpdated"][id_]["properties"] == ["addressBookIds"]


async def test_a_state_that_is_not_the_present_one_changes_nothing(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        state = (await anna.call("ContactCard/get", ids=[]))["state"]
        await made(anna, name={"full": "Ada"})
        with pytest.raises(Refused) as refused:
            await anna.call("ContactCard/set", ifInState=state, create={"c": {"name": {"full": "Ben"}}})
        assert refused.value.type == "stateMismatch"


async def test_filters_find_what_cards_say(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        for name, text in CARDS.items():
            await put(anna, name, text)
        (ada,) = (await anna.call("ContactCard/query", filter_={"uid": "ada"}))["ids"]
        assert ada
        personal = await book_id(anna)
        wick = {"address": "wick", "inAddressBook": personal}
        found = {
            "everything": await query(anna),
            "text": await query(anna, {"text": "rook"}),
            "text in a note": await query(anna, {"text": "lighthouse"}),
            "two words": await query(anna, {"text": "lighthouse ada"}),
            "name": await query(anna, {"name": "ben"}),
            "given": await query(anna, {"name/given": "ada"}),
            "surname": await query(anna, {"name/surname": "ada"}),
            "email": await query(anna, {"email": "ROOK.example"}),
            "phone": await query(anna, {"phone": "555"}),
            "nickname": await query(anna, {"nickname": "benny"}),
            "organization": await query(anna, {"organization": "tower"}),
            "address": await query(anna, {"address": "wick"}),
            "online": await query(anna, {"onlineService": "xmpp:ben"}),
            "note": await query(anna, {"note": "LIGHT"}),
            "kind": await query(anna, {"kind": "group"}),
            "member": await query(anna, {"hasMember": "ada"}),
            "book": await query(anna, {"inAddressBook": await book_id(anna, "collected")}),
            "not": await query(anna, {"operator": "NOT", "conditions": [{"text": "rook"}, {"kind": "group"}]}),
            "or": await query(anna, {"operator": "OR", "conditions": [{"email": "ada@"}, wick]}),
            "later": await query(anna, {"createdAfter": "2999-01-01T00:00:00Z"}),
            "earlier": await query(anna, {"updatedBefore": "2999-01-01T00:00:00Z", "uid": "ben"}),
        }
        assert found == {
            "everything": ["Ada Rook", "Ben Crow", "Keepers"],
            "text": ["Ada Rook"],
            "text in a note": ["Ada Rook"],
            "two words": ["Ada Rook"],
            "name": ["Ben Crow"],
            "given": ["Ada Rook"],
            "surname": [],
            "email": ["Ada Rook"],
            "phone": ["Ben Crow"],
            "nickname": ["Ben Crow"],
            "organization": ["Ben Crow"],
            "address": ["Ben Crow"],
            "online": ["Ben Crow"],
            "note": ["Ada Rook"],
            "kind": ["Keepers"],
            "member": ["Keepers"],
            "book": [],
            "not": ["Ben Crow"],
            "or": ["Ada Rook", "Ben Crow"],
            "later": [],
            "earlier": ["Ben Crow"],
        }
        by = [{"property": "name/surname", "isAscending": False}]
        assert await query(anna, {"kind": "individual"}, sort=by) == ["Ada Rook", "Ben Crow"]
        assert (await query(anna, None, sort=[{"property": "name/given"}], limit=1, position=1)) == ["Ben Crow"]
        for wrong in (
            {"filter_": {"colour": "red"}},
            {"sort": [{"property": "age"}]},
            {"filter_": {"text": "x" * 2000}},
        ):
            with pytest.raises(Refused) as refused:
                await anna.call("ContactCard/query", **wrong)
            assert refused.value.type in {"unsupportedFilter", "unsupportedSort"}


async def test_a_list_of_sogo_is_a_group_of_uids(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        await put(anna, "ada.vcf", CARDS["ada.vcf"])
        await put(anna, "ben.vcf", CARDS["ben.vcf"])
        lines = ["BEGIN:VLIST", "VERSION:1.0", "UID:l1", "FN:All", "CARD;FN=Ada:ada.vcf", "CARD;EMAIL=x@y:ben.vcf"]
        await put(anna, "all.vlf", "\r\n".join([*lines, "END:VLIST", ""]))
        (id_,) = (await anna.call("ContactCard/query", filter_={"kind": "group"}))["ids"]
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert (shown["kind"], shown["members"]) == ("group", {"ada": True, "ben": True})
        told = await anna.call("ContactCard/set", update={id_: {"members/ada": None, "name/full": "Some"}})
        assert told["notUpdated"] is None, told
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert (shown["name"], shown["members"]) == ({"full": "Some"}, {"ben": True})
        told = await anna.call("ContactCard/set", update={id_: {"members/new": True}})
        assert told["notUpdated"][id_]["properties"] == ["members"]
        told = await anna.call("ContactCard/set", update={id_: {"members": {"ben": True, "ada": True}}})
        assert told["notUpdated"] is None, told
        place = Place(anna.caller.principal, Kind.ADDRESSBOOK, "personal")
        _, stored = await anna.services.objects.read(anna.caller, place, ResourceName("all.vlf"))
        assert b"\r\nCARD;EMAIL=ada@rook.example;FN=Ada Rook:ada.vcf\r\n" in stored.body
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert shown["members"] == {"ada": True, "ben": True}


async def test_pictures_are_blobs(database: Database, tmp_path: Path) -> None:
    async with world(database, spooling(tmp_path)) as w:
        anna = await w.person("anna")
        bert = await w.person("bert")
        written = BytesIO()
        Image.new("RGB", (4, 4), "red").save(written, "PNG")
        upload = await uploaded(anna, written.getvalue())
        id_ = await made(anna, name={"full": "Ada"}, media={"p": {"kind": "photo", "blobId": upload}})
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        blob = shown["media"]["p"]["blobId"]
        assert shown["media"]["p"] == {"kind": "photo", "blobId": blob, "mediaType": "image/png"}
        context = anna.context()
        account = await context.accounts.get(anna.account)
        octets = await context.read_blob(account, blob, limit=10_000)
        with Image.open(BytesIO(octets)) as image:
            assert image.size == (4, 4)
        held = await anna.call("Blob/lookup", ids=[blob, "B1-0"], typeNames=["ContactCard"])
        assert held["list"] == [{"id": blob, "matchedIds": {"ContactCard": [id_]}}]
        told = await anna.call("ContactCard/set", update={id_: {"media/p/label": "face", "name/full": "Ada R."}})
        assert told["notUpdated"] is None
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert shown["media"]["p"]["blobId"] == blob
        with pytest.raises(Exception, match="no such"):
            await bert.context().read_blob(account, blob, limit=10_000)
        svg = await uploaded(anna, b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
        told = await anna.call("ContactCard/set", update={id_: {"media/q": {"kind": "photo", "blobId": svg}}})
        assert told["notUpdated"][id_]["properties"] == ["media/q/blobId"]


def spooling(directory: Path) -> Settings:
    """Return settings that keep uploads in this directory."""
    return Settings(mail=MailSettings(spool_path=str(directory)))


async def uploaded(client: Client, octets: bytes) -> str:
    """Return the blob id of an upload."""
    kept = await client.services.uploads.put(client.caller.principal, "p", "image/png", octets)
    return f"U{kept.id}"


async def test_shared_cards_are_read_and_written_as_far_as_rights_go(database: Database) -> None:
    async with world(database) as w:
        anna, bert = await w.person("anna"), await w.person("bert")
        id_ = await made(anna, name={"full": "Ada"})
        personal = await book_id(anna)
        bert_id = principal_id(PrincipalId("bert"))
        with pytest.raises(Refused):
            await bert.call("ContactCard/get", accountId=anna.account, ids=[id_])
        await anna.call("AddressBook/set", update={personal: {"shareWith": {bert_id: READER}}})
        (shown,) = (await bert.call("ContactCard/get", accountId=anna.account, ids=[id_]))["list"]
        assert shown["name"] == {"full": "Ada"}
        hers = {"accountId": anna.account}
        told = await bert.call(
            "ContactCard/set", **hers, create={"c": {"addressBookIds": {personal: True}}}, update={id_: {"kind": "org"}}
        )
        assert told["notCreated"]["c"]["type"] == "forbidden"
        assert told["notUpdated"][id_]["type"] == "forbidden"
        assert (await bert.call("ContactCard/set", **hers, destroy=[id_]))["notDestroyed"][id_]["type"] == "forbidden"
        # What is not shared is not there.
        collected = await book_id(anna, "collected")
        hidden = await made(anna, name={"full": "Eve"}, addressBookIds={collected: True})
        assert (await bert.call("ContactCard/get", **hers, ids=[hidden]))["notFound"] == [hidden]
        assert (await bert.call("ContactCard/query", **hers))["ids"] == [id_]
        told = await bert.call(
            "ContactCard/set", **hers, destroy=[hidden], update={id_: {"addressBookIds": {collected: True}}}
        )
        assert told["notDestroyed"][hidden]["type"] == "notFound"
        assert told["notUpdated"][id_]["properties"] == ["addressBookIds"]

        await anna.call("AddressBook/set", update={personal: {"shareWith": {bert_id: WRITER}}})
        told = await bert.call("ContactCard/set", **hers, update={id_: {"kind": "org"}})
        assert told["notUpdated"] is None
        # Into his own account by copy, and nothing of hers is gone.
        copied = await bert.call(
            "ContactCard/copy", fromAccountId=anna.account, create={"k": {"id": id_, "notes": {"n": {"note": "hers"}}}}
        )
        assert copied["notCreated"] is None, copied
        (mine,) = (await bert.call("ContactCard/get", ids=[copied["created"]["k"]["id"]]))["list"]
        assert (mine["kind"], mine["notes"]) == ("org", {"n": {"note": "hers"}})
        assert (await anna.call("ContactCard/get", ids=[id_]))["notFound"] == []


async def test_files_are_parsed_without_being_kept(embedded: Database, tmp_path: Path) -> None:
    async with world(embedded, spooling(tmp_path)) as w:
        anna = await w.person("anna")
        good = await uploaded(anna, CARDS["ben.vcf"].encode())
        bad = await uploaded(anna, b"no card")
        told = await anna.call("ContactCard/parse", blobIds=[good, bad, "Unone"], properties=["name", "uid"])
        assert told["parsed"][good]["uid"] == "ben"
        assert (told["notParsable"], told["notFound"]) == ([bad], ["Unone"])
        assert (await anna.call("ContactCard/query"))["ids"] == []


async def test_a_book_and_its_first_card_are_made_in_one_request(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        account = {"accountId": anna.account}
        book, card_, query_, get = await anna.request(
            ("AddressBook/set", {**account, "create": {"b": {"name": "New"}}}),
            (
                "ContactCard/set",
                {**account, "create": {"c": {"addressBookIds": {"#b": True}, "name": {"full": "Ada"}}}},
            ),
            ("ContactCard/query", {**account, "filter": {"name": "ada"}}),
            ("ContactCard/get", {**account, "#ids": {"resultOf": "c2", "name": "ContactCard/query", "path": "/ids"}}),
        )
        id_ = book.arguments["created"]["b"]["id"]
        assert card_.arguments["created"]["c"]["id"] == query_.arguments["ids"][0]
        assert get.arguments["list"][0]["addressBookIds"] == {id_: True}


async def test_large_cards_and_unreadable_ones_are_told(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        await put(anna, "big.vcf", card("big", "FN:Big", "PHOTO;ENCODING=b;TYPE=JPEG:" + "A" * 400_000))
        (id_,) = (await anna.call("ContactCard/query"))["ids"]
        (shown,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        (media,) = shown["media"].values()
        assert media["mediaType"] == "image/jpeg"
        told = await anna.call("ContactCard/set", update={id_: {"notes/n": {"note": "large"}}})
        assert told["notUpdated"] is None
        assert (await anna.call("ContactCard/query", filter_={"note": "large"}))["ids"] == [id_]
        assert (await anna.call("ContactCard/query", filter_={"text": "AAAA"}))["ids"] == []


async def test_a_pointer_into_nothing_is_an_invalid_patch(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        id_ = await made(anna, name={"full": "Ada"})
        for pointer in ("emails/x/address", "name/full/x", "keywords/a/b"):
            told = await anna.call("ContactCard/set", update={id_: {pointer: "y"}})
            assert told["notUpdated"][id_]["type"] == "invalidPatch"
        told = await anna.call("ContactCard/set", update={id_: {"emails/x": {"address": "a@b.example"}}})
        assert told["notUpdated"] is None


async def test_a_client_fed_by_changes_knows_what_there_is(database: Database) -> None:
    async with world(database) as w:
        anna = await w.person("anna")
        state, known = (await anna.call("ContactCard/get", ids=[]))["state"], set[str]()
        other = await book_id(anna, "collected")
        ids: list[str] = []
        for step in range(12):
            match step % 4:
                case 0:
                    ids.append(await made(anna, name={"full": f"P{step}"}))
                case 1:
                    await put(anna, f"{step}.vcf", card(f"u{step}", f"FN:D{step}"))
                case 2:
                    await anna.call("ContactCard/set", update={ids[-1]: {"addressBookIds": {other: True}}})
                case _:
                    await anna.call("ContactCard/set", destroy=[min(known)] if known else [])
            if step % 3 == 2:
                more = True
                while more:
                    told = await anna.call("ContactCard/changes", sinceState=state, maxChanges=1)
                    known |= set(told["created"]) | set(told["updated"])
                    known -= set(told["destroyed"])
                    state, more = told["newState"], told["hasMoreChanges"]
                assert known == set((await anna.call("ContactCard/query"))["ids"])
        with pytest.raises(Refused) as refused:
            await anna.call("ContactCard/changes", sinceState="nonsense")
        assert refused.value.type == "cannotCalculateChanges"
