"""Changing passwords in every kind of user source: what is stored, and what stands in the way."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from folkmoot.config.sources import PasswordRule
from folkmoot.config.url import parse_database_url
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Statement, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.local_passwords import DAY_MILLISECONDS, LocalPolicy
from folkmoot.directory.password_change import PasswordFault, PasswordRefused
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import Authenticated, Refusal, UserSource
from folkmoot.directory.verifier import Verifier
from tests.directory.conftest import PEOPLE, MakeSource, add_person
from tests.support.clock import SetClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("cheap_hashes")]
NEW = "a better one 7"


async def person(source: UserSource, login: str = "anna") -> Principal:
    found = await source.find(login)
    assert found is not None
    return found


async def stored(table: Database, login: str) -> str:
    query = Statement(sa.select(PEOPLE.c.c_password).where(PEOPLE.c.c_uid == sa.bindparam("of")))

    async def work(tx: Transaction) -> str:
        row = await tx.fetch_one(query, of=login)
        assert row is not None
        return str(row[0])

    return await table.read(work)


async def test_the_new_password_works_and_the_old_one_does_not(source: UserSource) -> None:
    directory = Directory([source])
    before = await source.check("anna", "secret")
    assert isinstance(before, Authenticated)
    await directory.change_password(await person(source), NEW, old="secret")
    assert await source.check("anna", "secret") is Refusal.WRONG
    assert isinstance(await source.check("anna", NEW), Authenticated)
    assert await source.recheck(before) is None
    assert isinstance(await source.check("bert", "o'brien%_"), Authenticated), "nobody else's is touched"


async def test_the_old_one_must_be_right_unless_another_proof_was(source: UserSource) -> None:
    directory = Directory([source])
    with pytest.raises(PasswordRefused) as refused:
        await directory.change_password(await person(source), NEW, old="wrong")
    assert refused.value.fault is PasswordFault.NONE
    assert isinstance(await source.check("anna", "secret"), Authenticated)
    await directory.change_password(await person(source), NEW, old=None)
    assert isinstance(await source.check("anna", NEW), Authenticated)


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("secret", PasswordFault.IN_HISTORY),
        ("", PasswordFault.TOO_WEAK),
        ("short", PasswordFault.TOO_WEAK),
        ("x" * 1025, PasswordFault.TOO_WEAK),
        ("with\0nul and more", PasswordFault.TOO_WEAK),
        ("with\r\nlines and more", PasswordFault.TOO_WEAK),
        ("Anna@Example.org", PasswordFault.TOO_WEAK),
    ],
)
async def test_what_cannot_be_chosen_changes_nothing(source: UserSource, new: str, fault: PasswordFault) -> None:
    with pytest.raises(PasswordRefused) as refused:
        await Directory([source]).change_password(await person(source), new, old="secret")
    assert refused.value.fault is fault
    assert isinstance(await source.check("anna", "secret"), Authenticated)


async def test_quotes_in_a_new_password_are_just_characters(source: UserSource) -> None:
    hostile = "', c_password = 'x' WHERE 1=1; --"
    await Directory([source]).change_password(await person(source), hostile, old="secret")
    assert isinstance(await source.check("anna", hostile), Authenticated)
    assert isinstance(await source.check("bert", "o'brien%_"), Authenticated)


@pytest.mark.parametrize("scheme", ["none", "plain", "cleartext", "ssha512", "sha512-crypt", "blf-crypt", "md5"])
@pytest.mark.parametrize("prefix", [False, True])
async def test_no_new_password_is_kept_in_clear(
    table: Database, make_source: MakeSource, scheme: str, *, prefix: bool
) -> None:
    await add_person(table, c_uid="anna", c_password="{plain}secret", c_cn="Anna", mail="anna@example.org")
    source = make_source(password_scheme=scheme, prepend_scheme=prefix)
    await Directory([source]).change_password(await person(source), NEW, old="secret")
    kept = await stored(table, "anna")
    assert NEW not in kept
    clear = scheme in {"none", "plain", "cleartext"}
    assert kept.startswith("{ARGON2ID}" if clear else f"{{{scheme.upper()}}}") == (clear or prefix)
    assert isinstance(await source.check("anna", NEW), Authenticated)


async def test_a_view_that_cannot_be_written_says_so(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="secret", c_cn="Anna", mail="anna@example.org")
    quote = "`" if table.dialect == "mysql" else '"'
    view = f"CREATE VIEW {quote}Shown{quote} AS SELECT DISTINCT * FROM {quote}People{quote}"  # noqa: S608  # constants
    await table.exclusively(lambda session: session.run(view))
    source = make_source()
    shown = make_source(view_url=parse_database_url("sqlite:///none.db/Shown", table=True))  # only its table is used
    with pytest.raises(PasswordRefused) as refused:
        await Directory([shown]).change_password(await person(shown), NEW, old="secret")
    assert refused.value.fault is PasswordFault.NOT_ALLOWED
    assert isinstance(await source.check("anna", "secret"), Authenticated)


async def test_a_column_that_is_too_short_says_so(
    table: Database, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    if table.dialect == "sqlite":
        pytest.skip("its columns have no length")
    await add_person(table, c_uid="anna", c_password="secret", c_cn="Anna", mail="anna@example.org")

    async def long(*_: object, **__: object) -> str:
        return "{ARGON2ID}" + "x" * 500

    monkeypatch.setattr(Verifier, "hash", long)
    source = make_source()
    with pytest.raises(PasswordRefused) as refused:
        await Directory([source]).change_password(await person(source), NEW, old="secret")
    assert refused.value.fault is PasswordFault.NOT_ALLOWED
    assert isinstance(await source.check("anna", "secret"), Authenticated)


async def test_the_policy_of_a_source_is_asked_at_sign_in_too(table: Database, make_source: MakeSource) -> None:
    rules = (PasswordRule(label="POLICY_MIN_DIGIT", value=1),)
    await add_person(table, c_uid="anna", c_password="secret", c_cn="Anna", mail="anna@example.org")
    source = make_source(password_policy=rules)
    directory = Directory([source])
    standing = await directory.standing(await person(source), "secret")
    assert (standing.fault, standing.rules) == (PasswordFault.TOO_WEAK, rules)
    assert (await directory.standing(await person(source), "secret1")).fault is None
    assert directory.password_rules(await person(source)) == rules
    with pytest.raises(PasswordRefused):
        await directory.change_password(await person(source), "no number here", old="secret")


async def test_a_rule_that_cannot_be_understood_locks_nobody_out(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="secret", c_cn="Anna", mail="anna@example.org")
    source = make_source(password_policy=(PasswordRule(label="mine", regex="("),))
    assert (await source.standing(await person(source), "secret")).fault is None


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


async def local(database: Database, verifier: Verifier, clock: SetClock, **policy: object) -> LocalUserSource:
    source = LocalUserSource(database, verifier, clock, policy=LocalPolicy(**policy))  # type: ignore[arg-type]  # tests name the fields
    await source.add(NewUser("anna", mail="anna@example.org"), "long enough")
    return source


async def test_who_was_given_a_password_chooses_one(database: Database, verifier: Verifier, clock: SetClock) -> None:
    source = await local(database, verifier, clock)
    anna = await person(source)
    assert (await source.standing(anna, "long enough")).fault is None
    await source.set_password("anna", "given to her", must_change=True)
    assert (await source.standing(anna, "given to her")).fault is PasswordFault.CHANGE_AFTER_RESET
    await Directory([source]).change_password(anna, NEW, old="given to her")
    assert (await source.standing(anna, NEW)).fault is None


async def test_a_password_expires_and_its_owner_is_told_before(
    database: Database, verifier: Verifier, clock: SetClock
) -> None:
    source = await local(database, verifier, clock, days_max=90)
    anna = await person(source)
    assert (await source.standing(anna, "long enough")).expires_seconds == -1
    clock.pass_(milliseconds=80 * DAY_MILLISECONDS)
    assert (await source.standing(anna, "long enough")).expires_seconds == 10 * 86400
    clock.pass_(milliseconds=10 * DAY_MILLISECONDS)
    assert (await source.standing(anna, "long enough")).fault is PasswordFault.EXPIRED
    await Directory([source]).change_password(anna, NEW, old="long enough")
    assert (await source.standing(anna, NEW)).fault is None


async def test_a_weak_local_password_is_noticed_at_sign_in(
    database: Database, verifier: Verifier, clock: SetClock
) -> None:
    source = await local(database, verifier, clock)
    assert (await source.standing(await person(source), "weak")).fault is PasswordFault.TOO_WEAK


async def test_a_new_user_of_an_old_login_starts_anew(database: Database, verifier: Verifier, clock: SetClock) -> None:
    source = await local(database, verifier, clock)
    await source.set_password("anna", "given to her", must_change=True)
    await source.remove("anna")
    await source.add(NewUser("anna", mail="anna@example.org"), "long enough")
    assert (await source.standing(await person(source), "long enough")).fault is None


async def test_nobody_changes_the_password_of_who_has_none(
    database: Database, verifier: Verifier, clock: SetClock
) -> None:
    source = await local(database, verifier, clock)
    await source.add(NewUser("room"), None)
    with pytest.raises(PasswordRefused) as refused:
        await Directory([source]).change_password(await person(source, "room"), NEW, old=None)
    assert refused.value.fault is PasswordFault.NOT_ALLOWED
    assert PrincipalId("room") == (await person(source, "room")).id
