"""Blobs within method calls, as RFC 9404 tells them."""

import base64
import hashlib
from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from folkmoot.jmap.core import blobs
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio
QUICK = "The quick brown fox jumped over the lazy dog."


@pytest.fixture
async def everybody(embedded: Database) -> AsyncIterator[World]:
    async with world(embedded) as made:
        yield made


@pytest.fixture
async def anna(everybody: World) -> Client:
    return await everybody.person("anna")


async def made(client: Client, *sources: dict[str, object], type_: str | None = None) -> str:
    answer = await client.call("Blob/upload", create={"b": {"data": list(sources), "type": type_}})
    return str(answer["created"]["b"]["id"])


async def test_a_blob_is_made_of_text_base64_and_ranges_of_others(anna: Client) -> None:
    answers = await anna.request(
        ("Blob/upload", {"accountId": anna.account, "create": {"cat": {"data": [{"data:asText": QUICK}]}}}),
        (
            "Blob/upload",
            {
                "accountId": anna.account,
                "create": {
                    "b": {
                        "type": "text/x-mixed",
                        "data": [
                            {"data:asText": "How"},
                            {"blobId": "#cat", "offset": 3, "length": 7},
                            {"data:asBase64": base64.b64encode(b"\xffend").decode()},
                        ],
                    }
                },
            },
        ),
        ("Blob/get", {"accountId": anna.account, "ids": ["#b", "#cat"]}),
    )
    assert answers[1].arguments["created"]["b"] | {"id": ""} == {"id": "", "type": "text/x-mixed", "size": 14}
    mixed, text = answers[2].arguments["list"]
    assert base64.b64decode(mixed["data:asBase64"]) == b"How quick \xffend"
    assert mixed["isEncodingProblem"] is True
    assert text["data:asText"] == QUICK
    assert text["size"] == 45


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        ([], "invalidProperties"),
        ([{}], "invalidProperties"),
        ([{"data:asText": "a", "data:asBase64": "YQ=="}], "invalidProperties"),
        ([{"data:asBase64": "?"}], "invalidProperties"),
        ([{"data:asText": "a", "offset": 1}], "invalidProperties"),
        ([{"data:asText": 5}], "invalidProperties"),
        ([{"surprise": 5}], "invalidProperties"),
        ([{"blobId": "Unone"}], "blobNotFound"),
        ([{"blobId": "U" + "0" * 32}], "blobNotFound"),
        ([{"blobId": "#nothing"}], "notFound"),
        ([{"data:asText": "a"}] * 65, "invalidProperties"),
    ],
)
async def test_a_source_that_makes_no_sense_makes_nothing(anna: Client, sources: list[object], kind: str) -> None:
    answer = await anna.call("Blob/upload", create={"a": {"data": sources}})
    assert answer["created"] is None
    assert answer["notCreated"]["a"]["type"] == kind


async def test_a_range_beyond_the_end_is_refused_when_made_and_marked_when_read(anna: Client) -> None:
    text = await made(anna, {"data:asText": "0123456789"})
    answer = await anna.call("Blob/upload", create={"a": {"data": [{"blobId": text, "offset": 5, "length": 6}]}})
    assert answer["notCreated"]["a"]["type"] == "invalidProperties"
    for offset, length, found, short in (
        (2, 3, "234", None),
        (8, 5, "89", True),
        (20, 5, "", True),
        (8, None, "89", None),
    ):
        (one,) = (await anna.call("Blob/get", ids=[text], offset=offset, length=length))["list"]
        assert (one["data:asText"], one.get("isTruncated"), one["size"]) == (found, short, 10)


async def test_digests_are_of_the_range_asked_for(anna: Client) -> None:
    text = await made(anna, {"data:asText": QUICK})
    asked = ["digest:sha", "digest:sha-256", "size"]
    (one,) = (await anna.call("Blob/get", ids=[text], properties=asked, offset=4, length=9))["list"]
    assert one == {
        "id": text,
        "size": 45,
        "digest:sha": base64.b64encode(hashlib.sha1(b"quick bro").digest()).decode(),  # noqa: S324
        "digest:sha-256": base64.b64encode(hashlib.sha256(b"quick bro").digest()).decode(),
    }


async def test_only_what_was_asked_for_is_told(anna: Client) -> None:
    octets = await made(anna, {"data:asBase64": base64.b64encode(b"\xff\xfe").decode()})
    answer = await anna.call("Blob/get", ids=[octets, "Unone"], properties=["data:asText"])
    assert answer["list"] == [{"id": octets, "data:asText": None, "isEncodingProblem": True}]
    assert answer["notFound"] == ["Unone"]
    with pytest.raises(Refused) as refused:
        await anna.call("Blob/get", ids=[octets], properties=["digest:md5"])
    assert refused.value.type == "invalidArguments"


async def test_what_is_too_large_for_an_answer_is_not_told(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text = await made(anna, {"data:asText": QUICK})
    monkeypatch.setattr(blobs, "TOLD_OCTETS_MAX", 50)
    monkeypatch.setattr(blobs._Room.__init__, "__defaults__", (50, 1000))
    other = await made(anna, {"data:asText": QUICK})
    with pytest.raises(Refused) as refused:
        await anna.call("Blob/get", ids=[text, other])
    assert refused.value.type == "requestTooLarge"


async def test_nobody_reads_what_somebody_else_has_uploaded(anna: Client, everybody: World) -> None:
    text = await made(anna, {"data:asText": QUICK})
    ben = await everybody.person("ben")
    assert (await ben.call("Blob/get", ids=[text]))["notFound"] == [text]
    assert (await ben.call("Blob/lookup", typeNames=[], ids=[text]))["notFound"] == [text]
    answer = await ben.call("Blob/upload", create={"a": {"data": [{"blobId": text}]}})
    assert answer["notCreated"]["a"]["type"] == "blobNotFound"


async def test_uploads_are_held_by_nothing(anna: Client) -> None:
    text = await made(anna, {"data:asText": QUICK})
    answer = await anna.call("Blob/lookup", typeNames=[], ids=[text, "Unone"])
    assert (answer["list"], answer["notFound"]) == ([{"id": text, "matchedIds": {}}], ["Unone"])
    with pytest.raises(Refused) as refused:
        await anna.call("Blob/lookup", typeNames=["Surprise"], ids=[text])
    assert refused.value.type == "unknownDataType"


async def test_a_copy_needs_both_accounts(anna: Client) -> None:
    text = await made(anna, {"data:asText": QUICK})
    with pytest.raises(Refused) as refused:
        await anna.call("Blob/copy", fromAccountId="unobody", blobIds=[text])
    assert refused.value.type == "fromAccountNotFound"
    answer = await anna.call("Blob/copy", fromAccountId=anna.account, blobIds=[text, "Unone"])
    assert answer["copied"] == {text: text}
    assert answer["notCopied"]["Unone"]["type"] == "notFound"
