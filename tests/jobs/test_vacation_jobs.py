"""Vacation answers that begin and end with nobody signed in, on a server that knows no dates."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from folkmoot.config.servers_section import SieveSettings
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Unavailable
from folkmoot.database import Database
from folkmoot.database.statement import Transaction
from folkmoot.jobs.vacation import Vacations
from folkmoot.mailboxes.filters import JOB, Filters
from folkmoot.store import jobs
from folkmoot.store.jobs import Job
from tests.support.clock import SetClock
from tests.support.mailboxes import Mail, mail_settings, open_services
from tests.support.managesieve import SieveServer, sieve_server

pytestmark = pytest.mark.anyio

DAY = 86_400
MASTER = {"credentials": "master", "master_user_name": "master", "master_user_password": "key"}
FIRST = {"enabled": 1, "autoReplyText": "Away", "startDateEnabled": 1, "endDateEnabled": 1}


def _settings(server: SieveServer) -> Settings:
    settings = mail_settings("imap://127.0.0.1:1", imap=MASTER)
    return replace(settings, sieve=SieveSettings(server=f"sieve://127.0.0.1:{server.port}", vacation=True))


async def _jobs(database: Database) -> list[Job]:
    async def work(tx: Transaction) -> list[Job]:
        return list(await jobs.list_(tx, kind=JOB, failing=False, limit=10))

    return await database.read(work)


def _filters(mail: Mail, clock: SetClock) -> Filters:
    return Filters(mail.access, mail.choices, mail.database, clock)


async def test_an_answer_goes_in_and_out_on_its_days(database: Database) -> None:
    clock = SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))
    now = clock.milliseconds() // 1000
    vacation = {**FIRST, "startDate": now + 2 * DAY, "endDate": now + 3 * DAY}
    async with (
        sieve_server(extensions="vacation fileinto") as server,
        open_services(_settings(server), database) as mail,
    ):
        me = replace(mail.person(), password="")
        filters = _filters(mail, clock)
        await filters.save(me, me.principal, {"Vacation": vacation}, {})
        assert server.scripts == {}
        (job,) = await _jobs(database)
        assert job.key == me.principal
        handler = Vacations(filters)
        clock.present = datetime.fromtimestamp(job.due_at / 1000, UTC)
        assert clock.present == datetime(2026, 6, 3, 0, 1, tzinfo=UTC)
        due = await handler.run(job)
        assert (server.active, "Away" in server.scripts["sogo"].decode()) == ("sogo", True)
        assert due is not None
        clock.present = datetime.fromtimestamp(due / 1000, UTC)
        assert clock.present == datetime(2026, 6, 5, 0, 1, tzinfo=UTC)
        assert await handler.run(job) is None
        assert (server.active, server.scripts) == ("", {})
        kept, _ = await mail.choices.get(me, me.principal)
        assert kept["Vacation"] == {**vacation, "enabled": 0}
        assert all(said.startswith(me.principal.encode() + b"\0master\0") for said in server.signed_in)


async def test_a_server_that_knows_dates_needs_no_job(database: Database) -> None:
    clock = SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))
    now = clock.milliseconds() // 1000
    vacation = {**FIRST, "startDate": now + 2 * DAY, "endDate": now + 3 * DAY}
    async with sieve_server() as server, open_services(_settings(server), database) as mail:
        me = mail.person()
        await _filters(mail, clock).save(me, me.principal, {"Vacation": vacation}, {})
        assert b'"2026-06-03"' in server.scripts["sogo"]
        assert await _jobs(database) == []


async def test_what_cannot_be_mended_ends_the_job_and_an_absent_server_does_not(database: Database) -> None:
    clock = SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))
    now = clock.milliseconds() // 1000
    vacation = {**FIRST, "startDate": now + 2 * DAY, "endDate": now + 3 * DAY}
    async with sieve_server(extensions="vacation") as server, open_services(_settings(server), database) as mail:
        me = mail.person()
        filters = _filters(mail, clock)
        await filters.save(me, me.principal, {"Vacation": vacation}, {})
        (job,) = await _jobs(database)
    assert await Vacations(filters).run(replace(job, key="nobody")) is None
    with pytest.raises(Unavailable):
        await Vacations(filters).run(job)
