"""All settings as one frozen tree; rooms are handed the section they need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from folkmoot.config.calendar_section import ActiveSyncSettings, CalendarSettings, ContactsSettings, FileSettings
from folkmoot.config.database_section import CacheSettings, DatabaseSettings
from folkmoot.config.faults import Fault
from folkmoot.config.general_section import GeneralSettings, ToolSettings, WebSettings
from folkmoot.config.mail_section import MailSettings
from folkmoot.config.people_section import PeopleSettings
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.server_section import LoggingSettings, ServerSettings
from folkmoot.config.servers_section import ImapSettings, SieveSettings, SmtpSettings
from folkmoot.config.sso_section import SsoSettings
from folkmoot.config.url import DatabaseUrl, Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the system, or of one domain; ``Settings()`` is the embedded default.

    ``domains`` and ``faults`` are filled for the system only.  Faults are what was wrong and left out, for
    the log; what the server cannot start with was raised instead.
    """

    server: ServerSettings = field(default_factory=ServerSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    general: GeneralSettings = field(default_factory=GeneralSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    sso: SsoSettings = field(default_factory=SsoSettings)
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    contacts: ContactsSettings = field(default_factory=ContactsSettings)
    files: FileSettings = field(default_factory=FileSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    imap: ImapSettings = field(default_factory=ImapSettings)
    smtp: SmtpSettings = field(default_factory=SmtpSettings)
    sieve: SieveSettings = field(default_factory=SieveSettings)
    activesync: ActiveSyncSettings = field(default_factory=ActiveSyncSettings)
    web: WebSettings = field(default_factory=WebSettings)
    tools: ToolSettings = field(default_factory=ToolSettings)
    domain: str = ""
    domains: "Mapping[str, Settings]" = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[Fault, ...] = ()

    @property
    def database_url(self) -> DatabaseUrl:
        """The database for Folkmoot's tables; without a configured one, a file in the state directory."""
        embedded = f"{self.server.state_directory.rstrip('/')}/folkmoot.sqlite"
        return self.database.url or DatabaseUrl(Dialect.SQLITE, database=embedded)

    def for_domain(self, name: str) -> "Settings":
        """Return the settings of a domain, or these if it is not configured; case does not matter."""
        return self.domains.get(name.casefold(), self)


SECTIONS: Final[Mapping[str, type[object]]] = MappingProxyType(
    {
        "server": ServerSettings,
        "logging": LoggingSettings,
        "database": DatabaseSettings,
        "cache": CacheSettings,
        "general": GeneralSettings,
        "security": SecuritySettings,
        "people": PeopleSettings,
        "sso": SsoSettings,
        "calendar": CalendarSettings,
        "contacts": ContactsSettings,
        "files": FileSettings,
        "mail": MailSettings,
        "imap": ImapSettings,
        "smtp": SmtpSettings,
        "sieve": SieveSettings,
        "activesync": ActiveSyncSettings,
        "web": WebSettings,
        "tools": ToolSettings,
    }
)
