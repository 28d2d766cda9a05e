"""Connections are shared by who signs in alike, bounded, and never handed out dead."""

import asyncio
from collections.abc import Sequence

import pytest

from folkmoot.config.servers_section import ImapSettings
from folkmoot.core.errors import NotFound, Unavailable
from folkmoot.mail.credentials import Password
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.imap.connection import Manners
from folkmoot.mail.imap.criteria import all_
from folkmoot.mail.imap.pool import Pool, PoolLimits
from tests.support.imap_script import playing

pytestmark = pytest.mark.anyio
IDA, PER = Password("ida", "secret"), Password("per", "secret")
IN = """\
S: * OK [CAPABILITY IMAP4rev1] hello
C* login
S: $ OK [CAPABILITY IMAP4rev1] in
"""
INBOX = """\
C: $ EXAMINE INBOX
S: * 1 EXISTS
S: $ OK
"""
STILL = "C: $ NOOP\nS: $ OK\n"
IN = IN.replace("C* login", 'C: $ LOGIN ida "secret"')
PER_IN = IN.replace("ida", "per")


async def test_a_connection_is_used_again_and_asked_what_happened() -> None:
    text = f"{IN}{INBOX}{STILL}C: $ NOOP\nS: * 2 EXISTS\nS: $ OK\n{INBOX}C: $ SELECT INBOX\nS: $ OK\n"
    async with playing(text) as server:
        pool = Pool()
        lent = set()
        for write in (False, False, False, True):
            async with pool.selected(server, IDA, "INBOX", write=write) as one:
                lent.add(one)
        async with pool.connection(server, IDA) as same:
            lent.add(same)
        assert len(lent) == 1
        assert pool.open_count == 1
        await pool.close()
        assert pool.open_count == 0
        with pytest.raises(Unavailable):
            async with pool.connection(server, IDA):
                pass


async def test_one_that_has_the_mailbox_is_preferred() -> None:
    first = f"{IN}{INBOX}{STILL}"
    second = f"{IN}{INBOX.replace('INBOX', 'Sent')}{STILL}"
    async with playing(first, second) as server:
        pool = Pool()
        async with pool.selected(server, IDA, "INBOX") as one, pool.selected(server, IDA, "Sent") as other:
            pass
        async with pool.selected(server, IDA, "Sent") as again:
            assert again is other
        async with pool.selected(server, IDA, "INBOX") as again:
            assert again is one
        await pool.close()


@pytest.mark.parametrize("end", ["drop", "C: $ NOOP\ndrop", "C: $ NOOP\nS: * BYE old\ndrop"])
async def test_a_dead_connection_is_replaced_unseen(end: str) -> None:
    async with playing(f"{IN}{INBOX}{end}", f"{IN}{INBOX}") as server:
        pool = Pool()
        async with pool.selected(server, IDA, "INBOX"):
            pass
        await asyncio.sleep(0.02)
        async with pool.selected(server, IDA, "INBOX") as one:
            assert one.usable
        assert pool.open_count == 1
        await pool.close()


async def test_what_one_asked_for_in_vain_does_not_cost_the_connection() -> None:
    async with playing(f"{IN}C: $ EXAMINE Nowhere\nS: $ NO there is none\n{INBOX}") as server:
        pool = Pool()
        with pytest.raises(NotFound):
            async with pool.selected(server, IDA, "Nowhere"):
                pass
        async with pool.selected(server, IDA, "INBOX"):
            pass
        assert pool.open_count == 1
        await pool.close()


async def test_one_login_has_few_connections_and_waits_for_them() -> None:
    async with playing(IN, IN) as server:
        pool = Pool(limits=PoolLimits(per_user=2, wait_seconds=0.05))
        async with pool.connection(server, IDA):
            async with pool.connection(server, IDA):
                with pytest.raises(Unavailable, match="in use"):
                    async with pool.connection(server, IDA):
                        pass

            async def late() -> None:
                async with pool.connection(server, IDA):
                    await asyncio.sleep(0.01)

            await asyncio.gather(late(), late(), late())
        assert pool.open_count == 2
        await pool.close()


async def test_all_logins_together_are_bounded_and_idle_ones_make_room() -> None:
    async with playing(IN, PER_IN) as server:
        pool = Pool(limits=PoolLimits(total=1, wait_seconds=0.05))
        async with pool.connection(server, IDA):
            with pytest.raises(Unavailable):
                async with pool.connection(server, PER):
                    pass
        async with pool.connection(server, PER):
            assert pool.open_count == 1
        await pool.close()


async def test_idle_connections_are_closed() -> None:
    async with playing(f"{IN}C: $ LOGOUT\nS: * BYE\nS: $ OK\n", IN) as server:
        pool = Pool(limits=PoolLimits(idle_seconds=0.1))
        async with pool.connection(server, IDA):
            pass
        await asyncio.sleep(0.35)
        assert pool.open_count == 0
        async with pool.connection(server, IDA):
            pass
        pool.forget(server, IDA)
        assert pool.open_count == 0
        await pool.close()


async def test_a_cancelled_task_leaves_no_half_connection() -> None:
    async with playing(f"{IN}C: $ EXAMINE INBOX\nhang", IN) as server:
        pool = Pool(limits=PoolLimits(per_user=1, wait_seconds=0.5))

        async def ask() -> None:
            async with pool.selected(server, IDA, "INBOX"):
                pass

        task = asyncio.ensure_future(ask())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert pool.open_count == 0
        async with pool.connection(server, IDA):
            pass
        await pool.close()


async def test_a_refused_password_is_not_tried_again_at_once() -> None:
    refused = 'S: * OK [CAPABILITY IMAP4rev1] hello\nC: $ LOGIN ida "secret"\nS: $ NO [AUTHENTICATIONFAILED] wrong'
    async with playing(refused) as server:
        pool = Pool()
        for _ in range(3):
            with pytest.raises(SignInRefused, match="wrong"):
                async with pool.connection(server, IDA):
                    pass
        assert pool.open_count == 0
        await pool.close()


async def test_a_server_that_a_user_has_chosen_is_reached_through_the_guard_only() -> None:
    asked: list[tuple[str, int]] = []

    async def allow(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) > 1 else []

    async with playing(IN) as server:
        unguarded = Pool()
        with pytest.raises(Unavailable):
            async with unguarded.connection(server, IDA, external=True):
                pass
        pool = Pool(allow=allow)
        with pytest.raises(Unavailable):
            async with pool.connection(server, IDA, external=True):
                pass
        async with pool.connection(server, IDA, external=True):
            pass
        assert asked == [("127.0.0.1", server.port)] * 2
        await pool.close()


async def test_settings_say_how_many_and_for_how_long() -> None:
    pool = Pool.of_settings(ImapSettings(connections_max=2, pooling_cleanup_seconds=5, mechanism="plain"))
    assert pool._limits == PoolLimits(per_user=2, total=2, idle_seconds=5)
    assert pool._manners == Manners(mechanism="plain", acl_style="rfc4314", sort_charset="UTF-8")
    none = Pool.of_settings(ImapSettings(pooling_disabled=True))
    assert none._limits.idle_seconds == 0
    async with playing(IN, IN) as server:
        for _ in range(2):
            async with none.connection(server, IDA):
                pass
            assert none.open_count == 0
        await none.close()


async def test_servers_that_users_chose_leave_room_for_ours() -> None:
    async def allow(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with playing(IN, PER_IN, PER_IN) as server:
        pool = Pool(limits=PoolLimits(total=4, wait_seconds=0.1), allow=allow)
        async with pool.connection(server, IDA, external=True):
            with pytest.raises(Unavailable):
                async with pool.connection(server, PER, external=True):
                    pass
            async with pool.connection(server, PER):
                assert pool.open_count == 2
        async with pool.connection(server, PER, external=True):  # in the place of the one that is idle
            assert pool.open_count == 2
        await pool.close()


async def test_a_few_octets_do_not_become_millions_again_and_again() -> None:
    told = "S: * ESEARCH UID ALL 1:1500000\n" * 3
    async with playing(f"{IN}{INBOX}C: $ UID SEARCH ALL\n{told}S: $ OK\n") as server:
        pool = Pool()
        async with pool.selected(server, IDA, "INBOX") as connection:
            with pytest.raises(Unavailable):
                await connection.search(all_())
        await pool.close()
