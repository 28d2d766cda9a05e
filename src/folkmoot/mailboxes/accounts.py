"""Which mail accounts a person has: the own one, those added elsewhere, and those of people who delegated theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.mail.credentials import Password
from folkmoot.mail.server import PORT_MAX, MailServer, TlsMode
from folkmoot.mailboxes.access import MODULE, OWNERS, MailAccess, account_id_of, dictionary
from folkmoot.mailboxes.external import (
    ENCRYPTIONS,
    account_of,
    mailboxes_of,
    open_password,
    properties_of,
    seal_password,
)
from folkmoot.mailboxes.special import KEYS
from folkmoot.mailboxes.values import MAIN, Account, Identity, Login
from folkmoot.sharing.preferences import SETTINGS
from folkmoot.store import mail_accounts, person

ACCOUNTS_MAX: Final = 20  # that one person adds; connections are kept for each
OWNERS_MAX: Final = 200  # people whose accounts are delegated to one
TEXT_MAX: Final = 255  # characters of a name or a host
PASSWORD_MAX: Final = 4096  # characters; some are tokens
IDENTITIES_MAX: Final = 50
SIGNATURE_MAX: Final = 64 * 1024  # characters of HTML
_PORTS: Final[Mapping[TlsMode, int]] = {TlsMode.NONE: 143, TlsMode.START: 143, TlsMode.IMPLICIT: 993}
_SMTP_PORTS: Final[Mapping[TlsMode, int]] = {TlsMode.NONE: 25, TlsMode.START: 587, TlsMode.IMPLICIT: 465}


@dataclass(frozen=True, slots=True)
class Host:
    """A server as a person writes it down; port 0 is the usual one."""

    name: str
    port: int = 0
    encryption: str = "none"  # SOGo's words: none, ssl, tls


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account elsewhere, to be added or changed."""

    name: str
    imap: Host
    user_name: str
    smtp: Host | None = None  # None: mail goes by the domain's server
    password: str | None = field(default=None, repr=False)  # None: as it is; servers and name must be, too
    identities: tuple[Identity, ...] = ()


class Accounts:
    """People's mail accounts."""

    def __init__(self, access: MailAccess, database: Database, clock: Clock) -> None:
        self._access = access
        self._database = database
        self._clock = clock

    async def list_all(self, caller: Caller) -> list[Account]:
        """Return all accounts that the caller may use, the own one first.

        Raises:
            Forbidden: mail is closed to the caller.
            Unavailable: the directory or the database does not answer.
        """
        accounts = [await self._access.account(caller, MAIN)]
        if await self._allowed(caller):
            stored = await self._database.read(lambda tx: mail_accounts.list_of(tx, caller.principal))
            accounts += [account_of(one) for one in stored]
        named = dictionary(await self._access.profile(caller.principal), SETTINGS, MODULE).get(OWNERS)
        for owner in list(dict.fromkeys(map(str, named)))[:OWNERS_MAX] if isinstance(named, list) else ():
            try:
                accounts.append(await self._access.account(caller, account_id_of(PrincipalId(owner))))
            except NotFound:  # it was taken back, or the owner is gone
                continue
        return accounts

    async def add(self, caller: Caller, new: NewAccount) -> Account:
        """Add an account elsewhere, after it has let us in.

        Raises:
            Forbidden: accounts elsewhere are not allowed here; ``SignInRefused``: it did not let us in.
            MalformedInput: what is written is no account.
            TooLarge: there are too many, or something is too long.
            Unavailable: its server does not answer, or may not be asked.
        """
        await self._require_allowed(caller)
        account = _account(new, caller.principal, "")
        if new.password is None:
            raise MalformedInput("an account needs a password")
        await self._try(account, new.password)
        sealed = seal_password(await self._access.sealing.known(), caller.principal, account, new.password)

        async def work(tx: Transaction) -> int:
            if await mail_accounts.count(tx, caller.principal) >= ACCOUNTS_MAX:
                raise TooLarge(f"one person has at most {ACCOUNTS_MAX} accounts elsewhere")
            now = self._clock.milliseconds()
            number = await mail_accounts.add(
                tx, caller.principal, properties=properties_of(account, {}), sealed=sealed, now=now
            )
            await person.raise_(tx, caller.principal, now)
            return number

        return replace(account, id=str(await self._database.write(work)))

    async def change(self, caller: Caller, account_id: str, new: NewAccount) -> Account:
        """Replace what is known about an account elsewhere, after it has let us in; as ``add``.

        Raises, beside what ``add`` raises:
            NotFound: the caller has no such account.
            MalformedInput: another server or name, and no password.
        """
        await self._require_allowed(caller)
        stored = await self._access.stored(caller, account_id)
        account = _account(new, caller.principal, account_id)
        old = account_of(stored)
        key = await self._access.sealing.known()
        password = new.password
        if password is None:
            if (old.imap, old.smtp, old.user_name) != (account.imap, account.smtp, account.user_name):
                raise MalformedInput("another server or user name needs the password again")
            password = open_password(key, stored).password
        await self._try(account, password)
        sealed = seal_password(key, caller.principal, account, password)
        now = self._clock.milliseconds()
        kept = properties_of(account, mailboxes_of(stored))

        async def work(tx: Transaction) -> None:
            owner = caller.principal
            if not await mail_accounts.replace(tx, owner, stored.id, properties=kept, sealed=sealed, now=now):
                raise NotFound("no such mail account")
            await person.raise_(tx, owner, now)

        await self._database.write(work)
        self._access.forget(caller, account_id)
        return account

    async def mailboxes(self, caller: Caller, account_id: str) -> dict[str, str]:
        """Return which mailboxes the caller has given a use in an account elsewhere, by key of the settings.

        Raises:
            NotFound: the caller has no such account.
        """
        return mailboxes_of(await self._access.stored(caller, account_id))

    async def set_mailbox(self, caller: Caller, account_id: str, key: str, name: str) -> None:
        """Choose the mailbox of some use (``KEYS``) in an account elsewhere.

        Raises:
            NotFound: the caller has no such account.
        """
        if key not in KEYS.values():
            raise MalformedInput("no such use of a mailbox")
        stored = await self._access.stored(caller, account_id)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            found = await mail_accounts.find(tx, caller.principal, stored.id)
            if found is None:
                raise NotFound("no such mail account")
            kept = {**found.properties, "mailboxes": {**mailboxes_of(found), key: name}}
            await mail_accounts.replace(tx, caller.principal, stored.id, properties=kept, sealed=found.sealed, now=now)
            await person.raise_(tx, caller.principal, now)

        await self._database.write(work)
        self._access.forget(caller, account_id)

    async def set_identities(self, caller: Caller, account_id: str, identities: tuple[Identity, ...]) -> None:
        """Replace as whom the caller writes from an account elsewhere; its server is not asked.

        Raises:
            Forbidden: accounts elsewhere are not allowed here.
            NotFound: the caller has no such account.
            TooLarge: too many, or something is too long.
        """
        await self._require_allowed(caller)
        stored = await self._access.stored(caller, account_id)
        _check_identities(identities)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            found = await mail_accounts.find(tx, caller.principal, stored.id)
            if found is None:
                raise NotFound("no such mail account")
            account = replace(account_of(found), identities=identities)
            kept = properties_of(account, mailboxes_of(found))
            await mail_accounts.replace(tx, caller.principal, stored.id, properties=kept, sealed=found.sealed, now=now)
            await person.raise_(tx, caller.principal, now)

        await self._database.write(work)

    async def remove(self, caller: Caller, account_id: str) -> None:
        """Forget an account elsewhere, and its password; its mail stays where it is.

        Raises:
            NotFound: the caller has no such account.
        """
        self._access.check(caller)
        stored = await self._access.stored(caller, account_id)

        async def work(tx: Transaction) -> None:
            await mail_accounts.remove(tx, caller.principal, stored.id)
            await person.raise_(tx, caller.principal, self._clock.milliseconds())

        await self._database.write(work)
        self._access.forget(caller, account_id)

    async def _try(self, account: Account, password: str) -> None:
        """Sign in to the account's server.

        Raises:
            SignInRefused: it does not let us in.
            Unavailable: it does not answer, or may not be asked.
        """
        login = Login(account.imap, Password(account.user_name, password), external=True)
        async with self._access.lend(login) as connection:
            await connection.noop()

    async def _allowed(self, caller: Caller) -> bool:
        settings = self._access.settings_of(await self._access.person(caller.principal))
        return settings.mail.auxiliary_accounts

    async def _require_allowed(self, caller: Caller) -> None:
        self._access.check(caller)
        settings = self._access.settings_of(await self._access.person(caller.principal))
        if not settings.mail.auxiliary_accounts or settings.security.identities_fixed:
            raise Forbidden("mail accounts elsewhere are not allowed here")


def _account(new: NewAccount, owner: PrincipalId, account_id: str) -> Account:
    """Return what is written as an account.

    Raises:
        MalformedInput, TooLarge: it is none.
    """
    for what, text in (("the name", new.name), ("the user name", new.user_name)):
        if len(text) > TEXT_MAX:
            raise TooLarge(f"{what} has at most {TEXT_MAX} characters")
        if not text.isprintable():
            raise MalformedInput(f"{what} has no control characters")
    if not new.user_name.strip():
        raise MalformedInput("an account needs a user name")
    if new.password is not None and not (0 < len(new.password) <= PASSWORD_MAX and _is_plain(new.password)):
        raise MalformedInput(f"a password has 1 to {PASSWORD_MAX} characters, and no control characters")
    _check_identities(new.identities)
    return Account(
        id=account_id,
        owner=owner,
        name=new.name.strip() or new.user_name,
        user_name=new.user_name,
        imap=_server(new.imap, _PORTS),
        smtp=_server(new.smtp, _SMTP_PORTS) if new.smtp is not None else None,
        sieve=None,
        identities=new.identities,
        external=True,
        encryption=new.imap.encryption,
    )


def _check_identities(identities: Sequence[Identity]) -> None:
    signatures = [text for one in identities for text in (one.signature, one.text_signature)]
    if len(identities) > IDENTITIES_MAX or any(len(text) > SIGNATURE_MAX for text in signatures):
        raise TooLarge(f"an account has at most {IDENTITIES_MAX} identities, signatures {SIGNATURE_MAX} characters")
    for one in identities:
        if not all(
            len(text) <= TEXT_MAX and text.isprintable() for text in (one.name, one.address, one.reply_to, *one.bcc)
        ):
            raise MalformedInput("an identity has a name and addresses without control characters")


def _server(host: Host, ports: Mapping[TlsMode, int]) -> MailServer:
    name = host.name.strip().removeprefix("[").removesuffix("]")
    tls = ENCRYPTIONS.get(host.encryption)
    if tls is None:
        raise MalformedInput(f"encryption is one of {', '.join(ENCRYPTIONS)}")
    if not 0 < len(name) <= TEXT_MAX or not name.isprintable() or any(c in name for c in " /@?#%\\"):
        raise MalformedInput("a server is the name of a host")
    port = host.port or ports[tls]
    if not 0 < port <= PORT_MAX:
        raise MalformedInput(f"no such port: {port}")
    return MailServer(name, port, tls)


def _is_plain(text: str) -> bool:
    return not any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in text)
