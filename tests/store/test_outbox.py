"""Mails to send: kept once, claimed by one, never lost."""

import asyncio

import pytest

from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.database import Database, Transaction
from folkmoot.store import jobs, outbox
from folkmoot.store.outbox import NewMail, State, key_of
from tests.support.store import ANNA, NOW

pytestmark = pytest.mark.anyio

LEASE = 60_000
ALL = list(State)


def _mail(*parts: str, recipient: str = "ida@example.org") -> NewMail:
    return NewMail(key_of(*parts), "itip", ANNA, recipient, {"uid": "é🎉", "sequence": 2, "ids": ["a", "b"]})


async def _add(database: Database, *mails: NewMail, now: int = NOW) -> None:
    await database.write(lambda tx: outbox.add(tx, mails, now))


async def _claim(database: Database, key: str, now: int = NOW) -> outbox.Mail | None:
    return await database.write(lambda tx: outbox.claim(tx, key, now=now, lease_ms=LEASE))


async def _settle(database: Database, mail: outbox.Mail, state: State, now: int = NOW, fault: str = "") -> bool:
    return await database.write(lambda tx: outbox.settle(tx, mail, state, fault=fault, now=now))


async def test_a_mail_of_a_known_key_is_not_kept_twice(database: Database) -> None:
    await _add(database, _mail("a"), _mail("a", recipient="other@example.org"), _mail("b"))
    await _add(database, _mail("b"), _mail("c"), now=NOW + 1)
    await _add(database)
    kept = await database.read(lambda tx: outbox.list_(tx, ALL))
    assert kept[0].key == key_of("c")
    assert sorted(mail.key for mail in kept) == sorted(key_of(part) for part in "abc")
    assert kept[0].payload == {"uid": "é🎉", "sequence": 2, "ids": ["a", "b"]}
    assert {mail.state for mail in kept} == {State.WAITING}
    asked = await database.read(lambda tx: jobs.list_(tx, kind=outbox.JOB))
    assert sorted(job.key for job in asked) == sorted(key_of(part) for part in "abc")


async def test_two_transactions_that_add_the_same_mail_keep_one(database: Database) -> None:
    await asyncio.gather(*(_add(database, _mail("a"), _mail("b")) for _ in range(4)))
    assert len(await database.read(lambda tx: outbox.list_(tx, ALL))) == 2


async def test_a_mail_rolled_back_with_its_change_was_never_there(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await outbox.add(tx, [_mail("a")], NOW)
        raise NotFound("the change failed")

    with pytest.raises(NotFound):
        await database.write(work)
    assert await database.read(lambda tx: outbox.list_(tx, ALL)) == []
    assert await database.read(lambda tx: jobs.list_(tx, kind=outbox.JOB)) == []


async def test_an_address_that_no_column_holds_is_refused(database: Database) -> None:
    with pytest.raises(TooLarge):
        await _add(database, _mail("a", recipient="x" * 321))


async def test_only_one_worker_gets_a_mail(database: Database) -> None:
    await _add(database, _mail("a"))
    taken = await asyncio.gather(*(_claim(database, key_of("a")) for _ in range(4)))
    assert [mail.state for mail in taken if mail is not None] == [State.SENDING]
    assert await _claim(database, key_of("nobody")) is None


async def test_a_mail_whose_worker_died_is_taken_over_after_the_lease(database: Database) -> None:
    await _add(database, _mail("a"))
    first = await _claim(database, key_of("a"))
    assert first is not None
    assert await _claim(database, key_of("a"), NOW + LEASE - 1) is None
    second = await _claim(database, key_of("a"), NOW + LEASE)
    assert second is not None
    assert second.attempts == 2
    # The first one lives after all; what it says no longer counts.
    assert not await _settle(database, first, State.WAITING)
    assert await _settle(database, second, State.SENT, NOW + LEASE)
    assert await _claim(database, key_of("a"), NOW + 9 * LEASE) is None


async def test_a_failed_mail_waits_with_its_fault_and_a_dead_one_can_be_sent_again(database: Database) -> None:
    await _add(database, _mail("a"))
    mail = await _claim(database, key_of("a"))
    assert mail is not None
    await _settle(database, mail, State.WAITING, fault="450 \0later" + "x" * 9999)
    mail = await _claim(database, key_of("a"), NOW + 1)
    assert mail is not None
    assert mail.fault.startswith("450 later")
    assert len(mail.fault) == outbox.FAULT_MAX
    assert not await database.write(lambda tx: outbox.retry(tx, mail, NOW))
    assert not await database.write(lambda tx: outbox.discard(tx, mail))
    await _settle(database, mail, State.DEAD, fault="550 no such user")
    assert (await database.read(outbox.counts))[State.DEAD] == 1
    assert await database.write(lambda tx: outbox.retry(tx, mail, NOW + 5))
    again = await _claim(database, key_of("a"), NOW + 6)
    assert again is not None
    assert (again.attempts, again.fault) == (1, "550 no such user")


async def test_what_is_discarded_is_gone_with_its_job(database: Database) -> None:
    await _add(database, _mail("a"))
    mail = (await database.read(lambda tx: outbox.list_(tx, [State.WAITING])))[0]
    assert await database.write(lambda tx: outbox.discard(tx, mail))
    with pytest.raises(NotFound):
        await database.read(lambda tx: outbox.get(tx, mail.id))
    assert await database.read(lambda tx: jobs.list_(tx, kind=outbox.JOB)) == []


async def test_old_sent_mails_are_forgotten_and_dead_ones_stay(database: Database) -> None:
    await _add(database, _mail("sent"), _mail("dead"), _mail("waiting"), _mail("new"))
    for part, state, now in (("sent", State.SENT, NOW), ("dead", State.DEAD, NOW), ("new", State.SENT, NOW + 10)):
        mail = await _claim(database, key_of(part))
        assert mail is not None
        await _settle(database, mail, state, now)
    assert await database.write(lambda tx: outbox.trim(tx, before=NOW + 5)) == 1
    assert await database.write(lambda tx: outbox.trim(tx, before=NOW + 5)) == 0
    left = {mail.key for mail in await database.read(lambda tx: outbox.list_(tx, ALL))}
    assert left == {key_of(part) for part in ("dead", "waiting", "new")}


def test_a_key_tells_its_parts_apart() -> None:
    assert len(key_of("a", "b")) == 64
    assert len({key_of("a", "b"), key_of("ab"), key_of("a", "b", ""), key_of("b", "a"), key_of("\ud800")}) == 5
