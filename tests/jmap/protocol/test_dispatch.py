"""Requests run: order, references, errors of methods, accounts."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from folkmoot.database import Database
from folkmoot.jmap.mail.describing import MAILBOX
from folkmoot.jmap.protocol.errors import MethodFailed, RequestRefused
from folkmoot.jmap.protocol.request import parse_request
from folkmoot.jmap.protocol.standard import GetArguments, Got, get_method
from tests.support.jmap import Client, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def anna(embedded: Database) -> AsyncIterator[Client]:
    async with world(embedded) as made:
        yield await made.person("anna")


async def test_an_answer_carries_name_and_id_of_its_call(anna: Client) -> None:
    answers = await anna.request(("Core/echo", {"hello": True}), ("Core/echo", {"n": 1}))
    assert [one.told() for one in answers] == [("Core/echo", {"hello": True}, "c0"), ("Core/echo", {"n": 1}, "c1")]


async def test_a_reference_takes_from_an_earlier_answer(anna: Client) -> None:
    reference = {"resultOf": "c0", "name": "Core/echo", "path": "/list/*/ids"}
    answers = await anna.request(
        ("Core/echo", {"list": [{"ids": ["a", "b"]}, {"ids": ["c"]}]}), ("Core/echo", {"#all": reference})
    )
    assert answers[1].arguments == {"all": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ({"resultOf": "c9", "name": "Core/echo", "path": "/a"}, "invalidResultReference"),
        ({"resultOf": "c0", "name": "Mailbox/get", "path": "/a"}, "invalidResultReference"),
        ({"resultOf": "c0", "name": "Core/echo", "path": "/b"}, "invalidResultReference"),
        ({"resultOf": "c0", "name": "Core/echo", "path": "a"}, "invalidResultReference"),
        ({"resultOf": "c0", "name": "Core/echo"}, "invalidResultReference"),
        ("c0", "invalidResultReference"),
    ],
)
async def test_a_reference_that_leads_nowhere_fails_its_call_only(anna: Client, reference: object, kind: str) -> None:
    answers = await anna.request(("Core/echo", {"a": [1]}), ("Core/echo", {"#a": reference}), ("Core/echo", {}))
    assert [one.name for one in answers] == ["Core/echo", "error", "Core/echo"]
    assert answers[1].arguments["type"] == kind


async def test_an_argument_given_twice_is_refused(anna: Client) -> None:
    answers = await anna.request(("Core/echo", {"a": 1, "#a": {"resultOf": "c0", "name": "x", "path": "/"}}))
    assert answers[0].arguments["type"] == "invalidArguments"


async def test_an_unknown_method_is_told_as_such(anna: Client) -> None:
    answers = await anna.request(("Nothing/get", {}))
    assert answers[0].arguments["type"] == "unknownMethod"


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (b"{", "notJSON"),
        (b"\xff", "notJSON"),
        (b"[]", "notRequest"),
        (b'{"using": []}', "notRequest"),
        (b'{"using": [], "methodCalls": [["Core/echo", {}]]}', "notRequest"),
        (b'{"using": [], "methodCalls": [' + b",".join([b'["Core/echo",{},"a"]'] * 65) + b"]}", "limit"),
    ],
)
def test_what_is_no_request_is_refused_whole(octets: bytes, kind: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        parse_request(octets)
    assert refused.value.kind == kind


@pytest.mark.parametrize(("all_max", "told"), [(1_500, True), (1_499, False)])
async def test_all_objects_are_told_as_far_as_their_type_allows(anna: Client, all_max: int, *, told: bool) -> None:
    async def load(_: object, __: object, ___: object) -> Got:
        return Got("1", {str(number): {"id": str(number)} for number in range(1_500)})

    call: Any = SimpleNamespace(arguments=GetArguments("a"), account=SimpleNamespace(id="a"))
    method = get_method(MAILBOX, load, all_max=all_max)
    if told:
        assert len((await method.run(call))["list"]) == 1_500
    else:
        with pytest.raises(MethodFailed):
            await method.run(call)
