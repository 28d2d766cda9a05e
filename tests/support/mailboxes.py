"""Services of mail over a real mail server, with people of the test's own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from folkmoot.config.mail_section import MailSettings
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.servers_section import ImapSettings, SieveSettings, SmtpSettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.mail.imap.pool import Pool
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.cleaning import Cleaning
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.exporting import Exporting
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.guard import HostGuard
from folkmoot.mailboxes.rights import MailRights
from folkmoot.mailboxes.signing_in import Mint
from folkmoot.sharing.choices import Choices
from tests.support.dovecot import PASSWORD, Dovecot, somebody
from tests.support.memory_source import Memory


@dataclass
class People(Memory):
    """A user source whose people may have mail servers and logins of their own."""

    changes: dict[str, dict[str, Any]] = field(default_factory=dict)  # of a principal, by login

    def principal(self, login: str) -> Principal:
        return replace(super().principal(login), **self.changes.get(login, {}))


@dataclass
class Mail:
    """The services, and who uses them."""

    people: People
    settings: Settings
    database: Database
    pool: Pool
    access: MailAccess
    directory: Directory
    choices: Choices
    accounts: Accounts
    delegation: Delegation
    folders: Folders
    rights: MailRights
    cleaning: Cleaning
    exporting: Exporting

    def person(self, login: str = "", *, kind: PrincipalKind = PrincipalKind.INDIVIDUAL, **changes: Any) -> Caller:
        """Return somebody new, signed in."""
        login = login or somebody()
        self.people.passwords[login] = PASSWORD
        self.people.kinds[login] = kind
        self.people.changes[login] = changes
        return Caller(PrincipalId(login), password=PASSWORD)


def mail_settings(server: str, *, imap: Mapping[str, Any] | None = None, **mail: Any) -> Settings:
    """Return settings with this IMAP server, accounts elsewhere allowed, on loopback, too."""
    return Settings(
        imap=ImapSettings(server=server, **(imap or {})),
        mail=MailSettings(**{"auxiliary_accounts": True, "cleaning": True, **mail}),
        security=SecuritySettings(allowed_private_networks=(ip_network("127.0.0.0/8"),)),
    )


@asynccontextmanager
async def open_services(settings: Settings, database: Database, mint: Mint | None = None) -> AsyncIterator[Mail]:
    """Open the services on a migrated database."""
    people = People()
    directory = Directory([people], cache_seconds=0)
    clock = SystemClock()
    pool = Pool.of_settings(settings.imap, allow=HostGuard(settings.security.allowed_private_networks))
    access = MailAccess(lambda domain: settings.for_domain(domain or ""), directory, database, pool, clock, mint)
    choices = Choices(database, clock)
    accounts = Accounts(access, database, clock)
    folders = Folders(access, accounts, choices)
    try:
        yield Mail(
            people,
            settings,
            database,
            pool,
            access,
            directory,
            choices,
            accounts,
            Delegation(access, database, clock),
            folders,
            MailRights(access, folders, directory),
            Cleaning(access, folders),
            Exporting(access, folders),
        )
    finally:
        await pool.close()


@asynccontextmanager
async def mail_on(
    server: Dovecot,
    migrated_file: Path,
    directory: Path,
    *,
    imap: Mapping[str, Any] | None = None,
    sieve: Mapping[str, Any] | None = None,
    smtp: Mapping[str, Any] | None = None,
    mint: Mint | None = None,
    **mail: Any,
) -> AsyncIterator[Mail]:
    """Open the services on a Dovecot, with a copy of an empty database."""
    copy = _copied(migrated_file, directory)
    settings = mail_settings(f"imap://127.0.0.1:{server.imap}", imap=imap, **mail)
    settings = replace(
        settings,
        sieve=SieveSettings(server=f"sieve://127.0.0.1:{server.sieve}", **(sieve or {})),
        smtp=SmtpSettings(**(smtp or {})),
    )
    async with await Database.open(f"sqlite:///{copy}") as database, open_services(settings, database, mint) as mail_:
        yield mail_


def _copied(migrated_file: Path, directory: Path) -> Path:
    copy = directory / "mail.db"
    copy.write_bytes(migrated_file.read_bytes())
    return copy
