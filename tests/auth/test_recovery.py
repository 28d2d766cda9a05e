"""Lost passwords: who gets in again, and that nobody else learns anything."""

from datetime import UTC, datetime
from typing import Any

import pytest

from folkmoot.auth.attempts import ANSWERS, LETTERS
from folkmoot.auth.errors import ProofNeeded, TooManyFailures
from folkmoot.auth.recovery import LETTER_MINUTES, TOKEN_MINUTES, RecoveryChoice, RecoveryMode
from folkmoot.auth.recovery_letter import recovery_link
from folkmoot.auth.sealing import Keys
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.server_section import ServerSettings
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.password_change import PasswordFault, PasswordRefused
from folkmoot.directory.principal import PrincipalKind
from folkmoot.store import outbox, profiles
from folkmoot.store.outbox import Mail
from tests.support.clock import SetClock
from tests.support.doors import Doors
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
CLIENT = "192.0.2.7"
URL = "https://mail.example.org"
ANNA = PrincipalId("anna")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


def settings(**security: Any) -> Settings:
    chosen = {"password_recovery": True, "password_change": True, **security}
    return Settings(security=SecuritySettings(**chosen), server=ServerSettings(public_url=URL))


@pytest.fixture
def doors(database: Database, memory: Memory, clock: SetClock) -> Doors:
    return Doors(database, memory, clock, settings())


async def with_question(doors: Doors) -> None:
    await doors.all.recovery.choose(doors.anna, RecoveryMode.QUESTION, question="SecretQuestion2", answer="Rosa  Blue")


async def with_address(doors: Doors) -> None:
    await doors.all.recovery.choose(doors.anna, RecoveryMode.ADDRESS, address="anna@elsewhere.example")


async def letters(doors: Doors, database: Database) -> list[Mail]:
    await doors.all.recovery.settled()
    mails = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    return [mail for mail in mails if mail.kind == "recovery"]


async def token_of(doors: Doors, database: Database, mail: Mail) -> str:
    link = await recovery_link(Keys(database, doors.settings.security), URL, mail.sender, mail.payload)
    assert link.startswith(f"{URL}/SOGo/?token=")
    return link.partition("=")[2]


async def test_the_answer_opens_the_way_to_a_new_password_once(doors: Doors, memory: Memory) -> None:
    await with_question(doors)
    assert await doors.all.recovery.ask("anna", CLIENT) == RecoveryChoice(RecoveryMode.QUESTION, "SecretQuestion2")
    token = await doors.all.recovery.answer("anna", " rosa blue ", CLIENT)
    assert await doors.all.recovery.find(token) == "anna"
    assert await doors.all.recovery.take(token) == "anna"
    await doors.all.password_change.choose_new(ANNA, "a new one, long")
    assert memory.passwords["anna"] == "a new one, long"
    for again in (doors.all.recovery.find(token), doors.all.recovery.take(token)):
        with pytest.raises(PasswordRefused) as refused:
            await again
        assert refused.value.fault is PasswordFault.BAD_TOKEN


async def test_a_token_ends_soon(doors: Doors, clock: SetClock) -> None:
    await with_question(doors)
    token = await doors.all.recovery.answer("anna", "rosa blue", CLIENT)
    clock.pass_(seconds=TOKEN_MINUTES * 60)
    with pytest.raises(PasswordRefused):
        await doors.all.recovery.take(token)


async def test_wrong_answers_are_few_in_all_workers_together(doors: Doors, clock: SetClock) -> None:
    await with_question(doors)
    for number in range(ANSWERS.count):
        other = doors.another_worker() if number % 2 else doors
        with pytest.raises(PasswordRefused) as refused:
            await other.all.recovery.answer("anna", f"guess {number}", CLIENT)
        assert refused.value.fault is PasswordFault.RECOVERY_FAILED
    with pytest.raises(TooManyFailures):
        await doors.all.recovery.answer("anna", "rosa blue", CLIENT)
    clock.pass_(milliseconds=ANSWERS.milliseconds)
    assert await doors.all.recovery.answer("anna", "rosa blue", CLIENT)


async def test_a_letter_goes_to_the_other_address_with_a_link_of_the_configured_host(
    doors: Doors, database: Database, clock: SetClock
) -> None:
    await with_address(doors)
    await doors.all.recovery.send("anna", CLIENT)
    (mail,) = await letters(doors, database)
    assert (mail.recipient, mail.sender) == ("anna@elsewhere.example", "anna")
    token = await token_of(doors, database, mail)
    assert token not in str(mail.payload), "whoever reads the outbox cannot follow the link"
    assert await doors.all.recovery.find(token) == "anna"
    clock.pass_(seconds=LETTER_MINUTES * 60)
    with pytest.raises(PasswordRefused):
        await doors.all.recovery.find(token)


async def test_taking_one_letter_s_token_ends_those_of_the_others(doors: Doors, database: Database) -> None:
    await with_address(doors)
    for _ in range(2):
        await doors.all.recovery.send("anna", CLIENT)
        await doors.all.recovery.settled()
    tokens = [await token_of(doors, database, mail) for mail in await letters(doors, database)]
    assert len(tokens) == 2
    await doors.all.recovery.take(tokens[0])
    with pytest.raises(PasswordRefused):
        await doors.all.recovery.take(tokens[1])


async def test_letters_are_few(doors: Doors, database: Database) -> None:
    await with_address(doors)
    for _ in range(LETTERS.count + 3):
        await doors.all.recovery.send("anna", CLIENT)
        await doors.all.recovery.settled()
    assert len(await letters(doors, database)) == LETTERS.count


async def test_nobody_learns_who_is_there(doors: Doors, memory: Memory, database: Database) -> None:
    memory.kinds["root"] = PrincipalKind.LOCATION
    for name in ("bert", "nobody", "root"):
        told = await doors.all.recovery.ask(name, CLIENT)
        assert told.mode is not RecoveryMode.DISABLED
        assert told.address == ""
        assert await doors.another_worker().all.recovery.ask(name.upper() if name == "nobody" else name, CLIENT) == told
        with pytest.raises(PasswordRefused) as refused:
            await doors.all.recovery.answer(name, "anything", CLIENT)
        assert refused.value.fault is PasswordFault.RECOVERY_FAILED
        await doors.all.recovery.send(name, CLIENT)
    assert await letters(doors, database) == []
    modes = {(await doors.all.recovery.ask(f"nobody{number}", CLIENT)).mode for number in range(30)}
    assert modes == {RecoveryMode.QUESTION, RecoveryMode.ADDRESS}


async def test_a_person_who_recovers_by_letter_answers_no_question_and_the_other_way(
    doors: Doors, database: Database
) -> None:
    await with_question(doors)
    await doors.all.recovery.send("anna", CLIENT)
    assert await letters(doors, database) == []
    await with_address(doors)
    with pytest.raises(PasswordRefused):
        await doors.all.recovery.answer("anna", "rosa blue", CLIENT)


async def test_many_questions_from_one_address_are_refused(doors: Doors) -> None:
    for number in range(60):
        await doors.all.recovery.ask(f"somebody{number}", CLIENT)
    with pytest.raises(TooManyFailures):
        await doors.all.recovery.ask("anna", CLIENT)
    await doors.all.recovery.ask("anna", "192.0.2.8")


async def test_the_answer_is_kept_as_a_hash_and_never_told(doors: Doors, database: Database) -> None:
    await with_question(doors)
    kept = await database.read(lambda tx: profiles.get(tx, ANNA))
    assert "osa" not in str(kept)
    assert "{ARGON2ID}" in str(kept)
    assert await doors.all.recovery.choice(doors.anna) == RecoveryChoice(
        RecoveryMode.QUESTION, "SecretQuestion2", "", answered=True
    )


async def test_an_answer_as_sogo_kept_it_serves(doors: Doors, database: Database, clock: SetClock) -> None:
    defaults = {"SOGoPasswordRecoveryMode": "SecretQuestion", "SOGoPasswordRecoveryQuestionAnswer": "Rosa"}

    async def work(tx: Transaction) -> None:
        await profiles.hold(tx, ANNA)
        await profiles.set_(tx, ANNA, properties={"defaults": defaults}, dead_properties={}, now=clock.milliseconds())

    await database.write(work)
    with pytest.raises(PasswordRefused):
        await doors.all.recovery.answer("anna", "Rose", CLIENT)
    assert await doors.all.recovery.answer("anna", "rosa", CLIENT)


async def test_choosing_takes_a_fresh_proof_and_tells_the_owner(doors: Doors, database: Database) -> None:
    with pytest.raises(ProofNeeded):
        await doors.all.recovery.choose(doors.stale, RecoveryMode.ADDRESS, address="x@elsewhere.example")
    await with_address(doors)
    (mail,) = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    assert mail.payload["event"] == "recovery_changed"


@pytest.mark.parametrize(
    "choice",
    [
        {"mode": RecoveryMode.QUESTION, "question": "SecretQuestion9", "answer": "x"},
        {"mode": RecoveryMode.QUESTION, "question": "SecretQuestion1", "answer": "  "},
        {"mode": RecoveryMode.QUESTION, "question": "SecretQuestion1", "answer": "x" * 300},
        {"mode": RecoveryMode.ADDRESS, "address": "nonsense"},
        {"mode": RecoveryMode.ADDRESS, "address": ""},
        {"mode": RecoveryMode.ADDRESS, "address": "a@b.example\r\nBcc: c@d.example"},
        {"mode": RecoveryMode.ADDRESS, "address": "Anna@Example.org"},
    ],
)
async def test_what_would_not_help_cannot_be_chosen(doors: Doors, choice: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput):
        await doors.all.recovery.choose(doors.anna, **choice)
    assert (await doors.all.recovery.choice(doors.anna)).mode is RecoveryMode.DISABLED


@pytest.mark.parametrize(
    "security",
    [
        {"password_recovery": False},
        {"password_change": False},
        {"password_recovery_domains": ()},
        {"password_recovery_domains": ("other.example",)},
    ],
)
async def test_where_it_is_not_offered_everything_is_closed(
    database: Database, memory: Memory, clock: SetClock, security: dict[str, Any]
) -> None:
    doors = Doors(database, memory, clock, settings(**security))
    for call in (
        doors.all.recovery.ask("anna", CLIENT),
        doors.all.recovery.answer("anna", "x", CLIENT),
        doors.all.recovery.send("anna", CLIENT),
        doors.all.recovery.choose(doors.anna, RecoveryMode.ADDRESS, address="x@elsewhere.example"),
    ):
        with pytest.raises(Forbidden):
            await call


async def test_domains_are_those_that_are_listed(database: Database, memory: Memory, clock: SetClock) -> None:
    doors = Doors(database, memory, clock, settings(password_recovery_domains=("Example.org",)))
    assert doors.all.recovery.offered("anna@example.org")
    assert not doors.all.recovery.offered("anna@other.example")
    assert not doors.all.recovery.offered("anna")
