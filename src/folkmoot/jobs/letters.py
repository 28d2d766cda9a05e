"""From a row of the outbox to a message: who the people are, which language they read, what is said."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

import msgspec

from folkmoot.auth.events import sign_in_letter, sign_in_notice_of
from folkmoot.auth.recovery_letter import recovery_letter, recovery_link, recovery_sender
from folkmoot.auth.sealing import Keys
from folkmoot.calendars.meetings.receipts import receipt_letter, receipt_of
from folkmoot.calendars.reminders.letter import alarm_letter, alarm_of
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.principal import Principal
from folkmoot.mail import mailbox, message_id
from folkmoot.mail.envelope import Person, message_of
from folkmoot.mail.layout import Layout
from folkmoot.mail.letter import Letter
from folkmoot.mail.words import Reader, words_for
from folkmoot.scheduling.letters import imip
from folkmoot.sharing.notices import notice_letter, notice_of
from folkmoot.sharing.preferences import PreferenceDefaults, Preferences, defaults_of, preferences_of
from folkmoot.store import profiles
from folkmoot.store.outbox import Mail
from folkmoot.store.records import Profile


class PeopleDirectory(Protocol):
    """What is needed of the directory."""

    async def find(self, principal: PrincipalId) -> Principal | None:
        """Return a principal by its id."""

    async def find_by_mail(self, address: str) -> Principal | None:
        """Return the principal that has this address."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message with its envelope."""

    message: EmailMessage
    sender: str
    recipient: str
    domain: str  # whose SMTP server takes it; empty: the system's


@dataclass(frozen=True, slots=True)
class _Correspondent:
    """One side of a mail, as far as it is known here."""

    person: Person
    principal: Principal | None
    preferences: Preferences


class Letters:
    """Writes the mails of the outbox."""

    def __init__(self, database: Database, directory: PeopleDirectory, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._settings = settings
        self._clock = clock
        self._keys = Keys(database, settings.security)
        self._layouts: dict[str, Layout] = {}

    async def write(self, mail: Mail) -> Posted | None:
        """Return the message of a row; ``None`` if nobody is to get it: no address, or the domain wants no such mails.

        Raises:
            MalformedInput: it can never be written.
            Unavailable: database or directory do not answer.
        """
        match mail.kind:
            case "itip":
                return await self._itip(mail)
            case "notice":
                return await self._notice(mail)
            case "receipt":
                return await self._receipt(mail)
            case "alarm":
                return await self._alarm(mail)
            case "sign-in":
                return await self._sign_in(mail)
            case "recovery":
                return await self._recovery(mail)
        raise MalformedInput(f"outbox: no such kind of mail: {mail.kind}")

    async def _itip(self, mail: Mail) -> Posted:
        itip = imip.itip_mail_of(mail.payload)
        sender = await self._principal(mail.sender)
        recipient = await self._at(mail.recipient, sender.preferences)
        named = itip if itip.recipient_name else msgspec.structs.replace(itip, recipient_name=recipient.person.name)
        message = await asyncio.to_thread(
            imip.compose,
            named,
            recipient.person.address,
            reader=_reader(recipient),
            layout=self._layout(sender),
            default_zone=sender.preferences.zone,
            key=mail.key,
            now=self._clock.now(),
        )
        return Posted(message, mailbox(itip.sender_address), recipient.person.address, _domain(sender))

    async def _notice(self, mail: Mail) -> Posted | None:
        notice = notice_of(mail.payload)
        owner = await self._principal(PrincipalId(notice.owner))
        wanted = self._settings.for_domain(_domain(owner)).calendar
        if not (wanted.notify_acl_changes if notice.about_rights else wanted.notify_folders):
            return None
        actor = await self._principal(PrincipalId(notice.actor))
        recipient = await self._principal(PrincipalId(mail.recipient))
        letter = notice_letter(notice, actor.person.name, owner.person.name, _reader(recipient))
        return self._posted(mail, letter, actor, recipient)

    async def _receipt(self, mail: Mail) -> Posted | None:
        receipt = receipt_of(mail.payload)
        owner = await self._principal(PrincipalId(receipt.owner))
        wanted = self._settings.for_domain(_domain(owner)).calendar
        if receipt.by_default and not (wanted.notify_own_changes if receipt.own else wanted.notify_others_changes):
            return None
        actor = await self._principal(PrincipalId(receipt.actor))
        recipient = owner if receipt.to_principal else await self._at(mail.recipient, owner.preferences)
        letter = await asyncio.to_thread(
            receipt_letter, receipt, actor.person.name, _reader(recipient), owner.preferences.zone
        )
        return self._posted(mail, letter, actor, recipient)

    async def _alarm(self, mail: Mail) -> Posted | None:
        owner = await self._principal(mail.sender)
        recipient = await self._at(mail.recipient, owner.preferences)
        letter = alarm_letter(alarm_of(mail.payload), _reader(recipient))
        return self._posted(mail, letter, owner, recipient, kind="calendar:reminder", urgent=True)

    async def _sign_in(self, mail: Mail) -> Posted | None:
        person = await self._principal(mail.sender)
        account = person.principal.login if person.principal is not None else mail.sender
        letter = sign_in_letter(sign_in_notice_of(mail.payload), account, _reader(person))
        return self._posted(mail, letter, person, person)

    async def _recovery(self, mail: Mail) -> Posted | None:
        person = await self._principal(mail.sender)
        if person.principal is None:
            return None
        link = await recovery_link(self._keys, self._settings.server.public_url, mail.sender, mail.payload)
        sender = recovery_sender(self._settings.for_domain(_domain(person)), person.principal)
        letter = recovery_letter(link, person.principal.login, _reader(person))
        by = _Correspondent(Person(sender), person.principal, person.preferences)
        to = _Correspondent(Person(mail.recipient, person.person.name), person.principal, person.preferences)
        return self._posted(mail, letter, by, to, urgent=True)

    def _posted(
        self,
        mail: Mail,
        letter: Letter,
        sender: _Correspondent,
        recipient: _Correspondent,
        *,
        kind: str = "",
        urgent: bool = False,
    ) -> Posted | None:
        to = recipient.person
        if not to.address:
            return None
        by = sender.person if sender.person.address else to  # somebody without an address: nobody else may be named
        message = message_of(
            self._layout(sender).lay_out(letter),
            sender=by,
            recipient=to,
            identifier=message_id(mail.key, by.address),
            now=self._clock.now(),
            kind=kind,
            urgent=urgent,
        )
        return Posted(message, by.address, to.address, _domain(sender))

    async def _principal(self, principal: PrincipalId) -> _Correspondent:
        found = await self._directory.find(principal) if principal else None
        if found is None:
            return _Correspondent(Person("", principal), None, await self._preferences(None))
        name = found.display_name or found.login
        address = next(iter(self._usable(self._directory.addresses(found))), "")
        return _Correspondent(Person(address, name), found, await self._preferences(found))

    async def _at(self, address: str, otherwise: Preferences) -> _Correspondent:
        """Return who has an address; for somebody unknown the language is that of ``otherwise``."""
        bare = mailbox(address)
        found = await self._directory.find_by_mail(bare)
        if found is None:
            return _Correspondent(Person(bare), None, otherwise)
        return _Correspondent(Person(bare, found.display_name), found, await self._preferences(found))

    async def _preferences(self, principal: Principal | None) -> Preferences:
        if principal is None:
            return _chosen_nothing(defaults_of(self._settings))
        profile = await self._database.read(lambda tx: profiles.get(tx, principal.id))
        return preferences_of(profile, defaults_of(self._settings.for_domain(principal.domain or "")))

    def _layout(self, sender: _Correspondent) -> Layout:
        directory = self._settings.for_domain(_domain(sender)).smtp.template_directory
        if directory not in self._layouts:
            self._layouts[directory] = Layout(directory)
        return self._layouts[directory]

    def _usable(self, addresses: Sequence[str]) -> Sequence[str]:
        usable = []
        for address in addresses:
            try:
                usable.append(mailbox(address))
            except MalformedInput:  # a source may hold anything
                continue
        return usable


def _reader(correspondent: _Correspondent) -> Reader:
    preferences = correspondent.preferences
    zone = preferences.zone if correspondent.principal is not None else None
    return Reader(words_for(preferences.language, preferences.zone.key), zone)


def _domain(correspondent: _Correspondent) -> str:
    principal = correspondent.principal
    return (principal.domain or "") if principal is not None else ""


def _chosen_nothing(defaults: PreferenceDefaults) -> Preferences:
    return preferences_of(Profile(PrincipalId(""), {}, {}, 0), defaults)
