"""What JMAP tells of S/MIME signatures (RFC 9219); on the run's Dovecot."""

import base64
from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from folkmoot.jmap.mail.smime_status import status_of
from folkmoot.mail.smime.values import Layer, Opened, Signature, Verdict
from tests.jmap.mail.reading import ids, mail_world, message, put, reader
from tests.support.jmap import Client, World
from tests.support.smime_people import somebody as smime_person

pytestmark = [pytest.mark.anyio, pytest.mark.live]

NAMES = ["smimeStatus", "smimeStatusAtDelivery", "smimeErrors", "smimeVerifiedAt"]


@pytest.fixture
async def opened(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as made:
        yield made


async def with_key(client: Client) -> str:
    """Give somebody a key, and return the address that it is for."""
    address = f"{client.caller.principal}@example.com"
    file = smime_person(address).pkcs12("secret")
    encoded = base64.b64encode(file).decode()
    uploaded = await client.call("Blob/upload", create={"b": {"data": [{"data:asBase64": encoded}]}})
    await client.call("SmimeKey/import", blobId=uploaded["created"]["b"]["id"], password="secret")
    return address


async def test_signed_and_encrypted_messages_are_told_from_others(opened: World) -> None:
    anna = await reader(opened)
    address = await with_key(anna)
    mail = opened.services.mail
    account = await opened.rooms.mail.account(anna.caller, "0")
    letter = message(1, "Protected", sender=f"Anna <{address}>")
    signed = await mail.certificates.protect(anna.caller, account, letter, (address,), sign=True, encrypt=False)
    both = await mail.certificates.protect(anna.caller, account, letter, (address,), sign=True, encrypt=True)
    encrypted = await mail.certificates.protect(anna.caller, account, letter, (address,), sign=False, encrypt=True)
    altered = signed.replace(b"Hello", b"Hallo")
    assert altered != signed
    await put(opened, anna, message(1, "Plain"), signed, both, encrypted, altered)
    every = await ids(anna, sort=[{"property": "receivedAt"}])
    told = (await anna.call("Email/get", ids=every, properties=NAMES))["list"]
    status = [one["smimeStatus"] for one in told]
    # Whether somebody vouches for the test's authority is the machine's to say.
    assert (status[0], status[3], status[4]) == (None, None, "signed/failed")
    assert status[1] in {"signed/verified", "signed/failed"}
    assert status[2] in {"encrypted+signed/verified", "encrypted+signed/failed"}
    assert told[4]["smimeErrors"] == ["altered"]
    assert [one["smimeVerifiedAt"] is not None for one in told] == [False, True, True, False, True]
    assert {one["smimeStatusAtDelivery"] for one in told} == {None}
    unasked = (await anna.call("Email/get", ids=every[:1]))["list"][0]
    assert not set(NAMES) & set(unasked)
    found = await ids(anna, filter_={"hasSmime": True}, sort=[{"property": "receivedAt"}])
    assert found == every[1:]
    assert await ids(anna, filter_={"hasSmime": False}) == every[:1]


@pytest.mark.parametrize(
    ("layers", "signatures", "status"),
    [
        ((), (), None),
        ((Layer.ENCRYPTED,), (), None),
        ((Layer.SIGNED,), (), "unknown"),
        ((Layer.SIGNED,), (Signature(Verdict.UNTRUSTED),), "signed/failed"),
        ((Layer.ENCRYPTED, Layer.SIGNED), (Signature(Verdict.ALTERED),), "encrypted+signed/failed"),
    ],
)
def test_the_status_says_what_was_found(
    layers: tuple[Layer, ...], signatures: tuple[Signature, ...], status: str | None
) -> None:
    assert status_of(Opened(b"", layers, signatures), 0)["smimeStatus"] == status
