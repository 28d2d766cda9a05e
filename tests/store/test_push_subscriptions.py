"""Where clients are told of changes while they are away."""

import pytest

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import collections, grants, push_subscriptions, subscriptions
from folkmoot.store.push_subscriptions import SUBSCRIPTIONS_MAX, PushSubscription
from folkmoot.store.records import Kind

pytestmark = pytest.mark.anyio

ANNA, BEN, CARLA = PrincipalId("anna"), PrincipalId("ben"), PrincipalId("carla")


async def add(database: Database, principal: PrincipalId, *, verified: bool = True) -> int:
    async def work(tx: Transaction) -> int:
        number = await push_subscriptions.add(
            tx,
            principal,
            credential="",
            device="d",
            url="https://push.test/1",
            properties={"types": ["Email"]},
            code="c",
            expires_at=100,
            now=1,
        )
        if verified:
            await push_subscriptions.change(tx, principal, number, properties={}, verified=True, expires_at=100)
        return number

    return await database.write(work)


async def found(database: Database, number: int) -> PushSubscription | None:
    return await database.read(lambda tx: push_subscriptions.get(tx, number))


async def test_a_subscription_is_kept_changed_and_removed(database: Database) -> None:
    number = await add(database, ANNA, verified=False)
    kept = await found(database, number)
    assert kept is not None
    assert (kept.principal, kept.device, kept.verified, kept.properties) == (ANNA, "d", False, {"types": ["Email"]})
    assert not await database.read(push_subscriptions.any_)
    changed = {"properties": {"types": None}, "verified": True, "expires_at": 200}
    assert await database.write(lambda tx: push_subscriptions.change(tx, ANNA, number, **changed))  # type: ignore[arg-type]
    assert not await database.write(lambda tx: push_subscriptions.change(tx, BEN, number, **changed))  # type: ignore[arg-type]
    await database.write(lambda tx: push_subscriptions.told(tx, number, {"mail": "x"}))
    kept = await found(database, number)
    assert kept is not None
    assert (kept.verified, kept.expires_at, kept.positions) == (True, 200, {"mail": "x"})
    assert await database.read(push_subscriptions.any_)
    assert await database.write(lambda tx: push_subscriptions.remove(tx, number))
    assert not await database.write(lambda tx: push_subscriptions.remove(tx, number))


async def test_nobody_has_more_than_the_most(database: Database) -> None:
    for _ in range(SUBSCRIPTIONS_MAX):
        await add(database, ANNA)
    with pytest.raises(TooLarge):
        await add(database, ANNA)
    await add(database, BEN)


async def test_a_change_concerns_owners_grantees_and_subscribers_who_have_verified(database: Database) -> None:
    anna, ben, carla = [await add(database, one) for one in (ANNA, BEN, CARLA)]
    await add(database, BEN, verified=False)

    async def make(tx: Transaction) -> list[CollectionId]:
        made = [(await collections.create(tx, ANNA, Kind.CALENDAR, name, {}, now=1)).id for name in "abc"]
        await grants.set_(tx, made[1], BEN, ("ObjectViewer",))
        await subscriptions.add(tx, CARLA, made[2], 1)
        return made

    own, granted, subscribed = await database.write(make)

    async def concerned(*ids: CollectionId) -> list[int]:
        return await database.read(lambda tx: push_subscriptions.concerned(tx, ids))

    assert await concerned(own) == [anna]
    assert await concerned(granted) == [anna, ben]
    assert await concerned(subscribed) == [anna, carla]
    assert await concerned(own, granted, subscribed) == [anna, ben, carla]
    assert await concerned() == []


async def test_what_has_expired_or_whose_owner_is_gone_is_forgotten(database: Database) -> None:
    anna, ben = await add(database, ANNA), await add(database, BEN)
    assert await database.write(lambda tx: push_subscriptions.trim(tx, 99)) == 0
    await database.write(lambda tx: push_subscriptions.forget(tx, BEN))
    assert await found(database, ben) is None
    assert await database.write(lambda tx: push_subscriptions.trim(tx, 100)) == 1
    assert await found(database, anna) is None
