"""People's filters, vacation answers, forwarding and notices: kept as preferences, done by the mail server's Sieve.

The values are kept only if the server has taken the script that does what they say.  There is one script, named as
SOGo names it; a script of another name that is active is somebody else's, and is left alone unless its owner says so.
"""

from asyncio import to_thread
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, MalformedInput, Unsupported
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.principal import Principal
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.managesieve.session import Session
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.filter_rules import (
    allowed_parts,
    any_allowed,
    check_offered,
    check_targets,
    filled,
    read_templates,
)
from folkmoot.mailboxes.script_placing import Foreign, foreign_of, mine_of, place
from folkmoot.mailboxes.sieve.choices import FILTERS, KEYS, VACATION, read_wishes
from folkmoot.mailboxes.sieve.reading import NotOurs, read
from folkmoot.mailboxes.sieve.surroundings import Surroundings
from folkmoot.mailboxes.sieve.values import Action, Method, Vacation, Wishes
from folkmoot.mailboxes.sieve.writing import write
from folkmoot.mailboxes.values import MAIN
from folkmoot.sharing.choices import Choices, Values
from folkmoot.sharing.preferences import DEFAULTS, Preferences, defaults_of, flag, preferences_of
from folkmoot.store import jobs
from folkmoot.store.records import Profile

JOB: Final = "vacation"  # kind of the job that switches answers at midnight; its key is the principal
ZONE: Final = "SOGoTimeZone"  # the other preference that scripts depend on
_EARLY: Final = timedelta(minutes=1)  # after midnight, so that clocks that differ a little agree on the day

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """What acts on somebody's mail at present."""

    foreign: str = ""  # the active script that we have not written
    active: bool = False  # ours is the active one
    wishes: Wishes | None = None  # what ours does; None: there is none, or somebody has changed it
    as_chosen: bool = True  # ours does what the preferences say


class Filters:
    """The filters of the callers' own accounts."""

    def __init__(self, access: MailAccess, choices: Choices, database: Database, clock: Clock) -> None:
        self._access = access
        self._choices = choices
        self._database = database
        self._clock = clock

    async def save(
        self,
        caller: Caller,
        principal: PrincipalId,
        defaults: Values,
        settings: Mapping[str, Values],
        *,
        foreign: Foreign = Foreign.REFUSE,
    ) -> None:
        """Keep preferences as ``Choices.save`` does, after writing the script if they change what it does.

        Raises, beside what ``Choices.save`` raises:
            ForeignScript: another script is active, and ``foreign`` refuses.
            MalformedInput: something that cannot be done; or the server does not take the script.
            Forbidden: it is not offered, or the mail server does not let us in.
            Unsupported: the server's Sieve lacks what it needs.
            Unavailable: the server does not answer.
        """
        if not (KEYS | {ZONE}) & defaults.keys():
            await self._choices.save(caller, principal, defaults, settings)
            return
        before, _ = await self._choices.get(caller, principal)
        after = {key: value for key, value in {**before, **defaults}.items() if value is not None}
        person = await self._access.person(principal)
        chosen = self._access.settings_of(person)
        check_offered(chosen.sieve, before, after)
        wishes = self._wishes(chosen, person, after)
        zone = _preferences(chosen, principal, after).zone
        if foreign is not Foreign.REPLACE and self._does_the_same(chosen, person, before, wishes, zone):
            await self._choices.save(caller, principal, defaults, settings)
            return
        check_targets(chosen.sieve, wishes, _domains(person))
        async with self._session(caller, None) as session:
            around = await self._surroundings(caller, chosen, person, wishes, zone, session)
            undo = await place(session, write(wishes, around), foreign)
            try:
                await self._choices.save(caller, principal, defaults, settings)
            except BaseException:
                await undo()
                raise
        if not around.dates:
            await self._ask(person, wishes.vacation, around)

    async def has_foreign(self, caller: Caller) -> bool:
        """Whether a script that we have not written acts on the caller's mail.

        Raises: what ``save`` raises of the server.
        """
        person = await self._access.person(caller.principal)
        if not any_allowed(self._access.settings_of(person).sieve):
            return False
        async with self._session(caller, None) as session:
            return bool(foreign_of(await session.list_scripts()))

    async def look(self, caller: Caller) -> Standing:
        """Return what acts on the caller's mail at present, by the server's word.

        Raises: what ``save`` raises of values and server.
        """
        person = await self._access.person(caller.principal)
        chosen = self._access.settings_of(person)
        values, _ = await self._choices.get(caller, caller.principal)
        wishes = self._wishes(chosen, person, values)
        zone = _preferences(chosen, caller.principal, values).zone
        async with self._session(caller, None) as session:
            scripts = await session.list_scripts()
            mine = mine_of(scripts)
            text = "" if mine is None else await session.get_script(mine.name)
            around = await self._surroundings(caller, chosen, person, wishes, zone, session)
        found: Wishes | None = None
        with suppress(NotOurs):
            found = await to_thread(read, text, around) if text else None
        active = mine is not None and mine.active
        return Standing(foreign_of(scripts), active, found, as_chosen=text == write(wishes, around))

    async def refresh(self, caller: Caller, credentials: Credentials | None = None) -> int | None:
        """Write the script anew as this day makes it; a vacation that is over is switched off for good.

        An active script of somebody else stays.  Return when to look again, in milliseconds; None: never.

        Args:
            caller: whose filters.
            credentials: what opens the mail server, if not what the settings say.

        Raises: what ``save`` raises of values and server.
        """
        person = await self._access.person(caller.principal)
        chosen = self._access.settings_of(person)
        values, _ = await self._choices.get(caller, caller.principal)
        zone = _preferences(chosen, caller.principal, values).zone
        wishes = self._wishes(chosen, person, values)
        vacation = wishes.vacation
        if not any_allowed(chosen.sieve) or vacation is None or not _dated(vacation):
            return None
        async with self._session(caller, credentials) as session:
            around = await self._surroundings(caller, chosen, person, wishes, zone, session)
            over = vacation.period.last is not None and vacation.period.last < around.today
            if over:
                wishes = Wishes(wishes.filters, None, wishes.forward, wishes.notification)
            await place(session, write(wishes, around), Foreign.LEAVE)
        if over:
            kept = values.get(VACATION)
            switched_off = {**(kept if isinstance(kept, dict) else {}), "enabled": 0}
            await self._choices.save(caller, caller.principal, {VACATION: switched_off}, {})
            log.info("vacation is over", principal=caller.principal)
            return None
        return _next_day(vacation, around)

    def _does_the_same(
        self, chosen: Settings, person: Principal, before: Values, wishes: Wishes, zone: ZoneInfo
    ) -> bool:
        """Whether the script for what was kept before is the one for these wishes."""
        if not any_allowed(chosen.sieve):
            return True
        dated = wishes.vacation is not None and wishes.vacation.period.limited
        if dated and _preferences(chosen, person.id, before).zone != zone:
            return False
        try:
            return self._wishes(chosen, person, before) == wishes
        except MalformedInput:
            return False

    def _wishes(self, chosen: Settings, person: Principal, values: Values) -> Wishes:
        preferences = _preferences(chosen, person.id, values)
        known = {**values, FILTERS: values.get(FILTERS, chosen.sieve.filters)}
        return allowed_parts(chosen.sieve, read_wishes(known, preferences.zone))

    async def _surroundings(
        self,
        caller: Caller,
        chosen: Settings,
        person: Principal,
        wishes: Wishes,
        zone: ZoneInfo,
        session: Session,
    ) -> Surroundings:
        sieve = chosen.sieve
        templates = await read_templates(sieve)
        header = footer = ""
        if wishes.vacation is not None:
            header, footer = (
                filled(template, person.display_name, wishes.vacation, zero_days=sieve.vacation_zero_days)
                for template in (templates.vacation_header, templates.vacation_footer)
            )
        return Surroundings(
            capabilities=session.capabilities.sieve,
            now=datetime.fromtimestamp(self._clock.milliseconds() / 1000, UTC),
            zone=zone,
            separator=await self._separator(caller, chosen, wishes),
            periods=sieve.vacation_period,
            zero_days=sieve.vacation_zero_days,
            default_subject=sieve.vacation_subject,
            vacation_header=header,
            vacation_footer=footer,
            script_header=templates.script_header,
            script_footer=templates.script_footer,
        )

    async def _separator(self, caller: Caller, chosen: Settings, wishes: Wishes) -> str:
        """Return what parts the levels of mailbox names; the server is asked only if a filter needs to know."""
        usual = chosen.imap.separator or "/"
        if not any("/" in action.argument and action.method is Method.FILE_INTO for action in _actions(wishes)):
            return usual
        try:
            return (await self._access.special(caller, MAIN, make=())).separator or usual
        except FolkmootError as error:
            log.info("the separator of mailboxes is not known", principal=caller.principal, reason=str(error))
            return usual

    @asynccontextmanager
    async def _session(self, caller: Caller, credentials: Credentials | None) -> AsyncIterator[Session]:
        account = await self._access.account(caller, MAIN)
        if account.sieve is None:
            raise Unsupported("this account has no filters")
        credentials = credentials or (await self._access.login(caller, account)).credentials
        async with connect(account.sieve, credentials) as session:
            yield session

    async def _ask(self, person: Principal, vacation: Vacation | None, around: Surroundings) -> None:
        """Have the answer switched on and off where the server does not know the date."""
        if vacation is None or not _dated(vacation) or not self._access.reaches_others(person):
            return
        due = _next_day(vacation, around)
        if due is None:
            return
        now = self._clock.milliseconds()
        await self._database.write(lambda tx: jobs.add(tx, JOB, person.id, {}, due, now, replace=True))


def has_dated_vacation(profile: Profile) -> bool:
    """Whether somebody's vacation answer is on and begins or ends on a day."""
    values = profile.properties.get(DEFAULTS)
    vacation = values.get(VACATION) if isinstance(values, dict) else None
    if not isinstance(vacation, dict) or not flag(vacation.get("enabled")):
        return False
    return flag(vacation.get("startDateEnabled")) or flag(vacation.get("endDateEnabled"))


def _domains(person: Principal) -> frozenset[str]:
    return frozenset(mail.rpartition("@")[2].lower() for mail in person.mails)


def _actions(wishes: Wishes) -> list[Action]:
    return [action for one in wishes.filters for action in one.actions]


def _preferences(chosen: Settings, principal: PrincipalId, values: Values) -> Preferences:
    return preferences_of(Profile(principal, {DEFAULTS: dict(values)}, {}, 0), defaults_of(chosen))


def _dated(vacation: Vacation) -> bool:
    return vacation.period.first is not None or vacation.period.last is not None


def _next_day(vacation: Vacation, around: Surroundings) -> int | None:
    """Return when the answer begins or ends next, in milliseconds; None if it will do neither."""
    period = vacation.period
    days = [period.first, None if period.last is None else period.last + timedelta(days=1)]
    coming = [day for day in days if day is not None and day > around.today]
    if not coming:
        return None
    midnight = datetime.combine(min(coming), time(), around.zone)
    return int((midnight + _EARLY).timestamp() * 1000)
