"""Filters, vacation answers and forwarding, from preferences to what happens to delivered mail."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, Unavailable
from folkmoot.mail.credentials import Password
from folkmoot.mail.managesieve.answers import ScriptName, ScriptRefused
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.server import MailServer
from folkmoot.mailboxes.filters import Filters, Standing
from folkmoot.mailboxes.script_placing import Foreign, ForeignScript
from tests.support.clock import SetClock
from tests.support.dovecot import PASSWORD, Dovecot, dovecot
from tests.support.mailboxes import Mail, mail_on

pytestmark = [pytest.mark.anyio, pytest.mark.live]

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
OFFERED = {"vacation": True, "forward": True, "notification": True, "scripts": True}
ANYTHING = {"enabled": 1, "autoReplyText": "Away", "autoReplyEmailAddresses": ["a@example.org"]}


@dataclass
class World:
    mail: Mail
    filters: Filters
    server: Dovecot

    async def save(self, caller: Caller, foreign: Foreign = Foreign.REFUSE, **values: object) -> None:
        await self.filters.save(caller, caller.principal, values, {}, foreign=foreign)

    async def kept(self, caller: Caller) -> dict[str, object]:
        return dict((await self.mail.choices.get(caller, caller.principal))[0])

    async def scripts(self, caller: Caller) -> list[ScriptName]:
        async with connect(MailServer("127.0.0.1", self.server.sieve), Password(caller.principal, PASSWORD)) as session:
            return await session.list_scripts()

    async def script(self, caller: Caller, name: str = "sogo") -> str:
        async with connect(MailServer("127.0.0.1", self.server.sieve), Password(caller.principal, PASSWORD)) as session:
            return await session.get_script(name)

    async def put(self, caller: Caller, name: str, text: str) -> None:
        async with connect(MailServer("127.0.0.1", self.server.sieve), Password(caller.principal, PASSWORD)) as session:
            await session.put_script(name, text)
            await session.set_active(name)

    async def deliver(self, caller: Caller, subject: str, **headers: str) -> None:
        further = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        message = f"From: Ida <ida@example.net>\r\nTo: me\r\nSubject: {subject}\r\n{further}\r\nHello\r\n"
        self.server.deliver(message.encode(), caller.principal)

    async def count(self, caller: Caller, mailbox: str) -> int:
        async with self.mail.access.connection(caller) as connection:
            return (await connection.status(mailbox, ["MESSAGES"])).messages or 0


@pytest.fixture
async def world(migrated_file: Path, tmp_path: Path) -> AsyncIterator[World]:
    server = dovecot()
    async with mail_on(server, migrated_file, tmp_path, sieve=OFFERED) as mail:
        yield World(mail, Filters(mail.access, mail.choices, mail.database, SetClock(NOW)), server)


def _filter(**further: object) -> dict[str, object]:
    return {
        "name": "a */ b",
        "active": 1,
        "match": "any",
        "rules": [{"field": "subject", "operator": "contains", "value": 'say "x\\'}],
        "actions": [{"method": "addflag", "argument": "flagged"}, {"method": "fileinto", "argument": "Junk"}],
        **further,
    }


async def test_a_filter_files_what_it_matches_and_nothing_else(world: World) -> None:
    me = world.mail.person()
    await world.save(me, SOGoSieveFilters=[_filter()])
    assert await world.scripts(me) == [ScriptName("sogo", active=True)]
    await world.deliver(me, 'they say "x\\ all day')
    await world.deliver(me, "nothing")
    assert (await world.count(me, "Junk"), await world.count(me, "INBOX")) == (1, 1)


async def test_what_is_switched_off_again_leaves_no_script(world: World) -> None:
    me = world.mail.person()
    await world.save(me, Forward={"enabled": 1, "forwardAddress": ["x@example.net"], "keepCopy": 1})
    assert await world.script(me) == 'redirect "x@example.net";\r\nkeep;\r\n'
    await world.save(me, Forward={"enabled": 0})
    assert await world.scripts(me) == []


async def test_what_the_server_refuses_is_not_kept_and_the_old_script_stays(world: World) -> None:
    me = world.mail.person()
    await world.save(me, SOGoSieveFilters=[_filter()])
    before, kept = await world.script(me), await world.kept(me)
    rules = [{"field": "subject", "operator": "regex", "value": "("}]
    with pytest.raises(ScriptRefused, match="line 2"):
        await world.save(me, SOGoSieveFilters=[_filter(rules=rules)])
    assert await world.script(me) == before
    assert await world.kept(me) == kept
    assert await world.scripts(me) == [ScriptName("sogo", active=True)]


async def test_what_is_refused_here_changes_nothing(world: World) -> None:
    me = world.mail.person()
    with pytest.raises(MalformedInput, match="filter 1, action 1"):
        await world.save(me, SOGoSieveFilters=[_filter(actions=[{"method": "launch"}])])
    assert await world.scripts(me) == []
    assert await world.kept(me) == {}


async def test_a_script_of_somebody_else_is_replaced_only_with_consent(world: World) -> None:
    me = world.mail.person()
    await world.put(me, "mine", "keep;")
    assert await world.filters.has_foreign(me)
    with pytest.raises(ForeignScript):
        await world.save(me, Vacation=ANYTHING)
    assert await world.kept(me) == {}
    assert await world.scripts(me) == [ScriptName("mine", active=True)]
    await world.save(me, Foreign.LEAVE, Vacation=ANYTHING)
    assert set(await world.scripts(me)) == {ScriptName("mine", active=True), ScriptName("sogo")}
    await world.save(me, Foreign.REPLACE, Vacation=ANYTHING)
    assert set(await world.scripts(me)) == {ScriptName("mine"), ScriptName("sogo", active=True)}
    assert await world.script(me, "mine") == "keep;"
    assert not await world.filters.has_foreign(me)


async def test_other_preferences_need_no_mail_server(world: World) -> None:
    me = replace(world.mail.person(), password="")
    await world.save(me, SOGoLanguage="French", SOGoSieveFilters=[])
    assert await world.kept(me) == {"SOGoLanguage": "French", "SOGoSieveFilters": []}


async def test_without_the_right_password_nothing_is_kept(world: World) -> None:
    me = replace(world.mail.person(), password="wrong")
    with pytest.raises(Forbidden):
        await world.save(me, Vacation=ANYTHING)
    assert await world.kept(me) == {}


async def test_a_vacation_text_cannot_end_itself(world: World) -> None:
    me = world.mail.person()
    vacation = {
        **ANYTHING,
        "autoReplyText": 'I am away.\n.\nreject "injected";\n..dots',
        "autoReplyEmailAddresses": ["me@example.org"],
        "ignoreLists": 1,
        "customSubjectEnabled": 1,
        "customSubject": "Re: ${subject}",
    }
    await world.save(me, Vacation=vacation)
    assert "..\nreject" in await world.script(me)
    await world.deliver(me, "one", List_Id="<x.example.net>")
    assert await world.count(me, "INBOX") == 1
    standing = await world.filters.look(me)
    assert standing.wishes is not None
    assert standing.wishes.vacation is not None
    assert standing.wishes.vacation.text == vacation["autoReplyText"]


async def test_it_is_seen_what_acts_on_mail(world: World) -> None:
    me = world.mail.person()
    assert await world.filters.look(me) == Standing()
    await world.save(me, SOGoSieveFilters=[_filter()])
    standing = await world.filters.look(me)
    assert (standing.foreign, standing.active, standing.as_chosen) == ("", True, True)
    assert standing.wishes is not None
    await world.put(me, "sogo", "discard;\r\n# mine now\r\n")
    assert await world.filters.look(me) == Standing(active=True, as_chosen=False)
    await world.put(me, "other", "keep;")
    assert (await world.filters.look(me)).foreign == "other"


async def test_values_that_cannot_be_saved_put_the_old_script_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = world.mail.person()
    await world.save(me, SOGoSieveFilters=[_filter()])
    before = await world.script(me)

    async def fail(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(world.mail.choices, "save", fail)
    with pytest.raises(Unavailable):
        await world.save(me, SOGoSieveFilters=[])
    assert await world.script(me) == before
    assert await world.scripts(me) == [ScriptName("sogo", active=True)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Vacation", ANYTHING),
        ("Forward", {"enabled": 1, "forwardAddress": ["x@example.net"]}),
        ("Notification", {"enabled": 1, "notificationAddress": ["x@example.net"]}),
        ("SOGoSieveFilters", [_filter()]),
    ],
)
async def test_what_is_not_offered_is_refused(migrated_file: Path, tmp_path: Path, key: str, value: object) -> None:
    async with mail_on(dovecot(), migrated_file, tmp_path) as mail:
        me = mail.person()
        filters = Filters(mail.access, mail.choices, mail.database, SetClock(NOW))
        with pytest.raises(Forbidden, match="offered"):
            await filters.save(me, me.principal, {key: value}, {})


@pytest.mark.parametrize(
    ("constraints", "domains", "address", "allowed"),
    [
        (0, (), "x@example.net", True),
        (1, (), "x@example.net", False),
        (1, (), "x@example.org", True),
        (2, (), "x@example.net", True),
        (2, ("Example.NET",), "x@example.net", True),
        (2, ("other.net",), "x@example.net", False),
        (2, (), "x@example.org", False),
        (3, ("example.net",), "x@example.org", True),
        (7, (), "x@example.net", True),
    ],
)
async def test_forwarding_keeps_within_its_constraints(
    migrated_file: Path, tmp_path: Path, constraints: int, domains: tuple[str, ...], address: str, *, allowed: bool
) -> None:
    sieve = {**OFFERED, "forward_constraints": constraints, "forward_domains": domains}
    async with mail_on(dovecot(), migrated_file, tmp_path, sieve=sieve) as mail:
        me = mail.person()
        filters = Filters(mail.access, mail.choices, mail.database, SetClock(NOW))
        for values in (
            {"Forward": {"enabled": 1, "forwardAddress": [address]}},
            {"SOGoSieveFilters": [_filter(actions=[{"method": "redirect", "argument": address}])]},
        ):
            if allowed:
                await filters.save(me, me.principal, values, {})
            else:
                with pytest.raises(Forbidden, match="may not be forwarded"):
                    await filters.save(me, me.principal, values, {})


async def test_templates_stand_around_texts_and_scripts(migrated_file: Path, tmp_path: Path) -> None:
    (tmp_path / "vacation").write_text("Dear sender of %{username}, each %{daysBetweenResponse} days:\n")
    (tmp_path / "head").write_text('require ["fileinto"];\nif header :is "X-Spam" "yes" { fileinto "Junk"; }\n')
    sieve = {
        **OFFERED,
        "vacation_header_path": str(tmp_path / "vacation"),
        "vacation_footer_path": str(tmp_path / "missing"),
        "script_header_path": str(tmp_path / "head"),
    }
    async with mail_on(dovecot(), migrated_file, tmp_path, sieve=sieve) as mail:
        me = mail.person()
        world = World(mail, Filters(mail.access, mail.choices, mail.database, SetClock(NOW)), dovecot())
        await world.save(me, Vacation={**ANYTHING, "daysBetweenResponse": 3})
        script = await world.script(me)
        assert script.startswith('require ["vacation","fileinto"];\r\nif header :is "X-Spam"')
        assert ", each 3 days:\nAway\r\n.\r\n" in script


async def test_a_vacation_is_switched_off_when_it_is_over(migrated_file: Path, tmp_path: Path) -> None:
    clock = SetClock(NOW)
    async with mail_on(dovecot(), migrated_file, tmp_path, sieve=OFFERED) as mail:
        me = mail.person()
        world = World(mail, Filters(mail.access, mail.choices, mail.database, clock), dovecot())
        today = clock.milliseconds() // 1000
        dated = {**ANYTHING, "startDateEnabled": 1, "startDate": today, "endDateEnabled": 1, "endDate": today + 86_400}
        await world.save(me, Vacation=dated)
        assert 'currentdate :value "ge" "date"' in await world.script(me)
        due = await world.filters.refresh(me)
        assert due is not None
        assert due > clock.milliseconds()
        clock.pass_(days=3)
        assert await world.filters.refresh(me) is None
        assert await world.scripts(me) == []
        kept = await world.kept(me)
        assert kept["Vacation"] == {**dated, "enabled": 0}
