"""Lost passwords: a secret question, or a letter to another address, opens the way to a new one.

Whoever asks learns nothing: for people who are not there, and for those who recover nothing, the answers are made up,
the same each time, and take as long.  What a token opens, it opens once.
"""

import asyncio
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import structlog

from folkmoot.auth.attempts import ANSWERS, LETTERS, QUESTIONS, Attempts
from folkmoot.auth.errors import TooManyFailures
from folkmoot.auth.events import Event, Events
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.freshness import require_fresh, require_person
from folkmoot.auth.sealing import Keys, seal
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.directory.password_change import PasswordFault, PasswordRefused
from folkmoot.directory.principal import Principal
from folkmoot.directory.verifier import Verifier
from folkmoot.mail import mailbox
from folkmoot.store import challenges, outbox, profiles
from folkmoot.store.challenges import StoredChallenge
from folkmoot.store.outbox import NewMail, key_of
from folkmoot.store.records import Profile

LETTER: Final = "recovery"  # kind of the outbox mail
PURPOSE: Final = "recovery"
LETTER_KEY: Final = "recovery letters"
DISGUISE_KEY: Final = "recovery disguise"
TOKEN_OCTETS: Final = 32
LETTER_MINUTES: Final = 30  # that the link in a letter serves
TOKEN_MINUTES: Final = 10  # that an answered question serves
TEXT_MAX: Final = 255  # characters of an answer or login
WAITING_MAX: Final = 100  # letters that are being written at a time
QUESTIONS_KNOWN: Final = ("SecretQuestion1", "SecretQuestion2", "SecretQuestion3")  # SOGo's names of them
_SCHEME: Final = "argon2id"
_HASHED: Final = "{ARGON2ID}"
_DEFAULTS: Final = "defaults"  # where a profile keeps what SOGo keeps in its defaults
_MODE: Final = "SOGoPasswordRecoveryMode"
_QUESTION: Final = "SOGoPasswordRecoveryQuestion"
_ANSWER: Final = "SOGoPasswordRecoveryQuestionAnswer"
_ADDRESS: Final = "SOGoPasswordRecoverySecondaryEmail"

_log: Final = structlog.get_logger("folkmoot.auth")


class RecoveryMode(StrEnum):
    """How a password is recovered; SOGo's names."""

    DISABLED = "Disabled"
    QUESTION = "SecretQuestion"
    ADDRESS = "SecondaryEmail"


@dataclass(frozen=True, slots=True)
class RecoveryChoice:
    """What somebody has chosen."""

    mode: RecoveryMode = RecoveryMode.DISABLED
    question: str = QUESTIONS_KNOWN[0]
    address: str = ""
    answered: bool = False  # there is an answer to the question


@dataclass(frozen=True, slots=True)
class _Kept:
    choice: RecoveryChoice
    answer: str = field(default="", repr=False)  # hashed; SOGo's own are as they were typed


class Recovery:
    """Chooses and carries out recoveries, where ``SOGoPasswordRecoveryEnabled`` says so."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        verifier: Verifier,
        settings: Settings,
        keys: Keys,
        attempts: Attempts,
        events: Events,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._verifier = verifier
        self._settings = settings
        self._keys = keys
        self._attempts = attempts
        self._events = events
        self._clock = clock
        self._writing: set[asyncio.Task[None]] = set()

    def offered(self, login: str) -> bool:
        """Return whether people of a login's domain may recover passwords."""
        security = self._settings.security
        domains = security.password_recovery_domains
        domain = login.rpartition("@")[2].casefold() if "@" in login else ""
        within = domains is None or domain in {name.casefold() for name in domains}
        return security.password_recovery and security.password_change and within

    async def offered_to(self, caller: Caller) -> bool:
        """Return whether the caller may choose a recovery.

        Raises:
            Forbidden: nobody is signed in.
        """
        person = await self._directory.find(require_person(caller))
        return person is not None and self._for(person)

    async def choice(self, caller: Caller) -> RecoveryChoice:
        """Return what the caller has chosen.

        Raises:
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        return _kept_of(
            await self._database.read(lambda tx: profiles.get(tx, principal)), self._settings.security
        ).choice

    async def choose(
        self, caller: Caller, mode: RecoveryMode, *, question: str = "", answer: str = "", address: str = ""
    ) -> None:
        """Choose how the caller's password is recovered.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            Forbidden: this is not offered to the caller.
            MalformedInput: no question of ours, no answer, or an address that would not help.
        """
        principal = require_fresh(caller)
        person = await self._directory.find(principal)
        if mode is not RecoveryMode.DISABLED and (person is None or not self._for(person)):
            raise Forbidden("recovery is not offered")
        kept = _kept_of(await self._database.read(lambda tx: profiles.get(tx, principal)), self._settings.security)
        values: dict[str, str] = {_MODE: mode.value}
        if mode is RecoveryMode.QUESTION:
            values |= await self._question(kept, question, answer)
        elif mode is RecoveryMode.ADDRESS:
            values[_ADDRESS] = self._address(person, address or kept.choice.address)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            held = await profiles.hold(tx, principal)
            defaults = held.properties.get(_DEFAULTS)
            chosen = {**(defaults if isinstance(defaults, dict) else {}), **values}
            await profiles.set_(
                tx,
                principal,
                properties={**held.properties, _DEFAULTS: chosen},
                dead_properties=held.dead_properties,
                now=now,
            )
            await self._events.tell(tx, Event.RECOVERY_CHANGED, principal)

        await self._database.write(work)

    async def ask(self, login: str, client: str) -> RecoveryChoice:
        """Return how somebody recovers a password, without an address; for nobody, something that could be true.

        Raises:
            TooManyFailures: too many have asked from this address.
            Forbidden: this is not offered.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        self._require_offered(login)
        await self._attempts.spend(QUESTIONS, client)
        _, kept = await self._find(login)
        if kept.choice.mode is RecoveryMode.DISABLED:
            return await self._disguise(login)
        if kept.choice.mode is RecoveryMode.ADDRESS:
            return RecoveryChoice(RecoveryMode.ADDRESS)
        return RecoveryChoice(RecoveryMode.QUESTION, kept.choice.question)

    async def answer(self, login: str, answer: str, client: str) -> str:
        """Return a token for who knows the answer to the secret question.

        Raises:
            PasswordRefused: the answer is wrong, or nobody of this name has a question.
            TooManyFailures: there were too many answers for this person, or from this address.
            Forbidden: this is not offered.
        """
        self._require_offered(login)
        await self._attempts.spend(QUESTIONS, client)
        person, kept = await self._find(login)
        await self._attempts.spend(ANSWERS, person.id if person is not None else login)
        right = await self._is_right(kept, answer)
        if person is None or not right:
            log_failure(client, login)
            raise PasswordRefused(PasswordFault.RECOVERY_FAILED, "this is not the answer")
        token = secrets.token_urlsafe(TOKEN_OCTETS)
        now = self._clock.milliseconds()
        await self._database.write(lambda tx: _keep(tx, person.id, token, now, TOKEN_MINUTES))
        return token

    async def send(self, login: str, client: str) -> None:
        """Send a letter with a link, if somebody of this name has chosen that; say nothing about it.

        Raises:
            TooManyFailures: too many have asked from this address.
            Forbidden: this is not offered.
        """
        self._require_offered(login)
        if not self._settings.server.public_url:
            raise Forbidden("without FolkmootPublicURL there is no link to send")
        await self._attempts.spend(QUESTIONS, client)
        if len(self._writing) < WAITING_MAX:
            # Beside the answer, so that how long it takes tells nothing.
            task = asyncio.create_task(self._write(login), name="recovery letter")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def settled(self) -> None:
        """Wait for letters that are being written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def find(self, token: str) -> PrincipalId:
        """Return whose password a token may change, and leave it for that.

        Raises:
            PasswordRefused: it has ended, was used, or never was one.
        """
        now = self._clock.milliseconds()
        found = await self._database.read(lambda tx: challenges.find(tx, _digest(token), PURPOSE, now))
        return _of(found)

    async def take(self, token: str) -> PrincipalId:
        """Use a token up: of many who try at once, only one succeeds.

        Raises:
            PasswordRefused: it has ended, was used, or never was one.
        """
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> StoredChallenge | None:
            taken = await challenges.take(tx, _digest(token), PURPOSE, now)
            if taken is not None:  # the others of this person, from earlier letters, are of no use any more
                await challenges.remove_of(tx, taken.principal, PURPOSE)
            return taken

        return _of(await self._database.write(work))

    def _require_offered(self, login: str) -> None:
        if not self.offered(login) or not 0 < len(login) <= TEXT_MAX:
            raise Forbidden("recovery is not offered")

    def _for(self, person: Principal) -> bool:
        return any(self.offered(login) for login in (person.id, *person.mails))

    async def _find(self, login: str) -> tuple[Principal | None, _Kept]:
        person = await self._directory.find_login(login)
        # A read for nobody, too: it takes as long.
        principal = PrincipalId(login) if person is None else person.id
        profile = await self._database.read(lambda tx: profiles.get(tx, principal))
        if person is None or person.bookable or not self._for(person):
            return None, _Kept(RecoveryChoice())
        return person, _kept_of(profile, self._settings.security)

    async def _disguise(self, login: str) -> RecoveryChoice:
        digest = hmac.digest(await self._keys.of(DISGUISE_KEY), login.casefold().encode(errors="replace"), "sha256")
        if digest[0] % 2 and self._settings.server.public_url:
            return RecoveryChoice(RecoveryMode.ADDRESS)
        return RecoveryChoice(RecoveryMode.QUESTION, QUESTIONS_KNOWN[digest[1] % len(QUESTIONS_KNOWN)])

    async def _is_right(self, kept: _Kept, answer: str) -> bool:
        plain = _normal(answer)
        if kept.choice.mode is not RecoveryMode.QUESTION or not kept.answer or not plain:
            await self._verifier.pretend(plain or "-", _SCHEME)
            return False
        if kept.answer.startswith(_HASHED):
            return await self._verifier.verify(kept.answer, plain, default_scheme=_SCHEME)
        # As SOGo kept it; the time of a hash all the same.
        await self._verifier.pretend(plain, _SCHEME)
        return hmac.compare_digest(_normal(kept.answer).encode(), plain.encode())

    async def _question(self, kept: _Kept, question: str, answer: str) -> dict[str, str]:
        chosen = question or kept.choice.question
        if chosen not in QUESTIONS_KNOWN:
            raise MalformedInput("there is no such question")
        if not _normal(answer):
            if kept.choice.answered and chosen == kept.choice.question:
                return {_QUESTION: chosen}
            raise MalformedInput("the question needs an answer")
        return {_QUESTION: chosen, _ANSWER: await self._verifier.hash(_normal(answer), _SCHEME)}

    def _address(self, person: Principal | None, address: str) -> str:
        checked = mailbox(address)
        own = self._directory.addresses(person) if person is not None else ()
        if checked.casefold() in {mail.casefold() for mail in own}:
            raise MalformedInput("whoever lost the password cannot read letters at this address")
        return checked

    async def _write(self, login: str) -> None:
        try:
            person, kept = await self._find(login)
            if person is None or kept.choice.mode is not RecoveryMode.ADDRESS or not kept.choice.address:
                return
            await self._attempts.spend(LETTERS, person.id)
            token = secrets.token_urlsafe(TOKEN_OCTETS)
            # Sealed, so that whoever reads the outbox cannot follow the link.
            sealed = seal(await self._keys.of(LETTER_KEY), token.encode(), person.id)
            now = self._clock.milliseconds()
            mail = NewMail(
                key_of(LETTER, _digest(token)), LETTER, person.id, mailbox(kept.choice.address), {"sealed": sealed}
            )

            async def work(tx: Transaction) -> None:
                await _keep(tx, person.id, token, now, LETTER_MINUTES)
                await outbox.add(tx, [mail], now)

            await self._database.write(work)
        except TooManyFailures:
            _log.info("no further recovery letter", login=login[:TEXT_MAX])
        except FolkmootError as error:
            _log.warning("a recovery letter could not be written", fault=str(error))


async def _keep(tx: Transaction, principal: PrincipalId, token: str, now: int, minutes: int) -> None:
    new = StoredChallenge(PURPOSE, principal, {}, now + minutes * 60_000)
    await challenges.add(tx, _digest(token), new, now)


def _of(found: StoredChallenge | None) -> PrincipalId:
    if found is None:
        raise PasswordRefused(PasswordFault.BAD_TOKEN, "this link has ended or was used")
    return found.principal


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _normal(answer: str) -> str:
    """Return an answer as it is compared: nobody remembers capitals and blanks."""
    if len(answer) > TEXT_MAX:
        return ""
    return " ".join(unicodedata.normalize("NFKC", answer).casefold().split()).replace("\0", "")


def _kept_of(profile: Profile, security: SecuritySettings) -> _Kept:
    found = profile.properties.get(_DEFAULTS)
    chosen = found if isinstance(found, dict) else {}

    def text(key: str) -> str:
        value = chosen.get(key)
        return value if isinstance(value, str) else ""

    named = text(_MODE) or security.password_recovery_mode
    mode = next((one for one in RecoveryMode if one.value == named), RecoveryMode.DISABLED)
    answer = text(_ANSWER)
    if (mode is RecoveryMode.QUESTION and not answer) or (mode is RecoveryMode.ADDRESS and not text(_ADDRESS)):
        mode = RecoveryMode.DISABLED  # as for those who have not chosen where the administrator's default is another
    choice = RecoveryChoice(mode, text(_QUESTION) or security.password_recovery_question, text(_ADDRESS), bool(answer))
    return _Kept(choice, answer)
