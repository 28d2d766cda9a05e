"""Subscriptions, invitations and secret links on the three databases."""

from dataclasses import replace

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.store import collections, invitations, links, subscriptions
from folkmoot.store.invitations import Invitation
from folkmoot.store.links import SecretLink
from folkmoot.store.records import Kind
from tests.support.store import NOW, Home, make_home

pytestmark = pytest.mark.anyio

BEN, CARL = PrincipalId("ben"), PrincipalId("carl")


async def subscribe(home: Home, who: PrincipalId = BEN) -> bool:
    return await home.database.write(lambda tx: subscriptions.add(tx, who, home.id, NOW))


async def test_a_subscription_is_listed_with_its_collection(home: Home) -> None:
    other = await make_home(home.database, "zebra", CARL)
    assert await subscribe(other)
    assert await subscribe(home)
    found = await home.database.read(lambda tx: subscriptions.list_(tx, BEN, Kind.CALENDAR))
    assert [(s.collection.owner, s.collection.name, s.properties) for s in found] == [
        ("anna", "personal", {}),
        ("carl", "zebra", {}),
    ]
    assert found[0].created_at == NOW
    assert await home.database.read(lambda tx: subscriptions.list_(tx, BEN, Kind.ADDRESSBOOK)) == []
    assert await home.database.read(lambda tx: subscriptions.list_(tx, CARL, Kind.CALENDAR)) == []


async def test_subscribing_twice_keeps_what_the_subscriber_chose(home: Home) -> None:
    await subscribe(home)
    first = await home.database.write(lambda tx: subscriptions.change(tx, BEN, home.id, {"color": "#F00", "order": 2}))
    assert first == {"color": "#F00", "order": 2}
    second = await home.database.write(lambda tx: subscriptions.change(tx, BEN, home.id, {"color": None, "name": "é"}))
    assert second == {"order": 2, "name": "é"}
    assert not await subscribe(home)
    (found,) = await home.database.read(lambda tx: subscriptions.list_(tx, BEN, Kind.CALENDAR))
    assert found.properties == {"order": 2, "name": "é"}


async def test_what_is_not_subscribed_to_cannot_be_changed_or_removed(home: Home) -> None:
    assert await home.database.write(lambda tx: subscriptions.change(tx, BEN, home.id, {"order": 1})) is None
    assert not await home.database.write(lambda tx: subscriptions.remove(tx, BEN, home.id))


async def test_subscriptions_are_found_by_owner_and_name(home: Home) -> None:
    await subscribe(home)
    found = await home.database.read(
        lambda tx: subscriptions.at(tx, BEN, Kind.CALENDAR, ["anna", "anna_b"], ["personal", "c_personal"])
    )
    assert [s.collection.id for s in found] == [home.id]
    assert await home.database.read(lambda tx: subscriptions.at(tx, BEN, Kind.CALENDAR, ["ann"], ["personal"])) == []
    assert await home.database.read(lambda tx: subscriptions.at(tx, BEN, Kind.CALENDAR, [], [])) == []


async def test_the_state_follows_writes_and_wishes(home: Home) -> None:
    async def state() -> str:
        return await home.database.read(lambda tx: subscriptions.state(tx, BEN, Kind.CALENDAR))

    states = [await state()]
    await subscribe(home)
    states.append(await state())
    await home.put("a.ics")
    states.append(await state())
    await home.database.write(lambda tx: subscriptions.change(tx, BEN, home.id, {"order": 1}))
    states.append(await state())
    assert len(set(states)) == 4


async def test_subscribers_are_told_for_many_collections_at_once(home: Home) -> None:
    other = await make_home(home.database, "other")
    await subscribe(home, CARL)
    await subscribe(home)
    found = await home.database.read(lambda tx: subscriptions.subscribers(tx, [home.id, other.id]))
    assert found == {home.id: [BEN, CARL], other.id: []}


async def test_an_invitation_takes_the_place_of_the_one_before(home: Home) -> None:
    first = Invitation(home.id, BEN, "u1", "read", "noresponse", "Work", NOW)
    await home.database.write(lambda tx: invitations.set_(tx, first))
    second = replace(first, uid="u2", access="read-write", state="accepted")
    await home.database.write(lambda tx: invitations.set_(tx, second))
    assert await home.database.read(lambda tx: invitations.of(tx, [home.id])) == {home.id: [second]}
    assert await home.database.write(lambda tx: invitations.answer(tx, home.id, BEN, "declined", NOW + 1))
    declined = replace(second, state="declined", modified_at=NOW + 1)
    assert not await home.database.write(lambda tx: invitations.answer(tx, home.id, CARL, "declined", NOW + 1))
    assert await home.database.read(lambda tx: invitations.get(tx, home.id, BEN)) == declined
    assert await home.database.read(lambda tx: invitations.by_uid(tx, BEN, "u1")) is None
    assert await home.database.read(lambda tx: invitations.by_uid(tx, BEN, "u2")) == declined
    assert await home.database.read(lambda tx: invitations.by_uid(tx, CARL, "u2")) is None
    assert await home.database.write(lambda tx: invitations.remove(tx, home.id, BEN))
    assert not await home.database.write(lambda tx: invitations.remove(tx, home.id, BEN))
    with pytest.raises(TooLarge):
        await home.database.write(lambda tx: invitations.set_(tx, replace(first, summary="x" * 256)))


def link(home: Home, digest: str = "d1", created_at: int = NOW) -> SecretLink:
    return SecretLink(digest, home.id, BEN, "For the club", "sealed", True, False, created_at, NOW + 5)


async def test_a_link_is_found_by_its_digest_until_it_is_removed(home: Home) -> None:
    later = replace(link(home, "d2", NOW + 1), expires_at=None, dates_only=False, with_private=True)
    for one in (later, link(home)):
        await home.database.write(lambda tx, one=one: links.add(tx, one))  # type: ignore[misc]
    assert await home.database.read(lambda tx: links.of(tx, [home.id])) == {home.id: [link(home), later]}
    assert await home.database.read(lambda tx: links.find(tx, "d2")) == (later, home.collection)
    assert await home.database.read(lambda tx: links.find(tx, "d3")) is None
    assert not await home.database.write(lambda tx: links.remove(tx, home.id + 1, "d1"))  # type: ignore[arg-type]
    assert await home.database.write(lambda tx: links.remove(tx, home.id, "d1"))
    assert await home.database.read(lambda tx: links.find(tx, "d1")) is None


async def test_who_is_gone_is_forgotten(home: Home) -> None:
    await subscribe(home)
    await subscribe(home, CARL)
    for who in (BEN, CARL):
        invitation = Invitation(home.id, who, f"u-{who}", "read", "accepted", "", NOW)
        await home.database.write(lambda tx, one=invitation: invitations.set_(tx, one))  # type: ignore[misc]
    await home.database.write(lambda tx: subscriptions.forget(tx, BEN))
    await home.database.write(lambda tx: invitations.forget(tx, BEN))
    assert await home.database.read(lambda tx: subscriptions.subscribers(tx, [home.id])) == {home.id: [CARL]}
    found = await home.database.read(lambda tx: invitations.of(tx, [home.id]))
    assert [one.principal for one in found[home.id]] == [CARL]


async def test_nothing_of_it_outlives_the_collection(home: Home) -> None:
    await subscribe(home)
    await home.database.write(lambda tx: links.add(tx, link(home)))
    await home.database.write(
        lambda tx: invitations.set_(tx, Invitation(home.id, BEN, "u", "read", "noresponse", "", NOW))
    )
    await home.database.write(lambda tx: collections.delete(tx, home.id))
    assert await home.database.read(lambda tx: subscriptions.list_(tx, BEN, Kind.CALENDAR)) == []
    assert await home.database.read(lambda tx: subscriptions.subscribers(tx, [home.id])) == {home.id: []}
    assert await home.database.read(lambda tx: links.of(tx, [home.id])) == {home.id: []}
    assert await home.database.read(lambda tx: invitations.of(tx, [home.id])) == {home.id: []}
