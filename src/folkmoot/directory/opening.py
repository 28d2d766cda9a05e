"""From the settings to an open directory."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.config.sources import LdapSource, SqlSource
from folkmoot.config.sources import UserSource as ConfiguredSource
from folkmoot.config.url import DatabaseUrl
from folkmoot.core.clock import Clock
from folkmoot.core.errors import ConfigurationError
from folkmoot.database import Database
from folkmoot.database.address import address, pool_size
from folkmoot.directory.directory import Directory
from folkmoot.directory.domains import domains_of
from folkmoot.directory.ldap.connections import Connections
from folkmoot.directory.ldap.places import places_of
from folkmoot.directory.ldap.source import LdapUserSource
from folkmoot.directory.local import LocalUserSource
from folkmoot.directory.local_passwords import LocalPolicy
from folkmoot.directory.password_change import DEFAULT_RULES
from folkmoot.directory.source import UserSource
from folkmoot.directory.source_database import CONNECTIONS, SourceDatabase
from folkmoot.directory.sql_source import SqlUserSource
from folkmoot.directory.verifier import Verifier

KEY_MAX: Final = 4096  # octets read of a keyPath file; 16 are used


@dataclass(frozen=True, slots=True)
class OpenDirectory:
    """The directory, and the built-in source where it is in use."""

    directory: Directory
    local: LocalUserSource | None
    verifier: Verifier
    closing: Sequence[Callable[[], Awaitable[None]]] = field(default=())

    async def close(self) -> None:
        """Close the sources' databases and the hashing threads."""
        for close in self.closing:
            await close()
        self.verifier.close()


def open_directory(settings: Settings, database: Database, clock: Clock) -> OpenDirectory:
    """Return the directory of the settings; nothing is connected before it is used.

    Without any user source the people are those of Folkmoot's own table in ``database``.

    Raises:
        ConfigurationError: a source cannot be used, or two have the same id.
    """
    verifier = Verifier()
    databases: dict[DatabaseUrl, SourceDatabase] = {}
    directories: list[Connections] = []
    sources: list[UserSource] = []
    configured: list[tuple[str | None, Sequence[ConfiguredSource]]] = [(None, settings.people.sources)]
    for name, of_domain in settings.domains.items():
        if of_domain.people.sources != settings.people.sources:  # else inherited, and asked already
            configured.append((name, of_domain.people.sources))
    for domain, entries in configured:
        for entry in entries:
            if isinstance(entry, LdapSource):
                directories.append(_connections(entry, settings))
                sources.append(
                    LdapUserSource(
                        entry,
                        directories[-1],
                        verifier,
                        domain=domain,
                        domain_in_ids=settings.people.domain_in_user_ids,
                        query_limit=(settings.for_domain(domain) if domain else settings).people.ldap_query_limit,
                    )
                )
                continue
            sources.append(
                SqlUserSource(
                    entry,
                    _database(databases, entry.view_url, settings),
                    verifier,
                    key=_key(entry),
                    domain=domain,
                    domain_in_ids=settings.people.domain_in_user_ids,
                )
            )
    local: LocalUserSource | None = None
    if not any(entries for _, entries in configured):
        local = LocalUserSource(
            database, verifier, clock, rehash=settings.security.rehash_passwords, policy=_local_policy(settings)
        )
        sources.append(local)
    _refuse_doubles(sources)
    directory = Directory(sources, domains_of(settings), cache_seconds=float(settings.cache.cleanup_interval_seconds))
    return OpenDirectory(
        directory, local, verifier, [*(one.close for one in databases.values()), *(one.close for one in directories)]
    )


def _connections(source: LdapSource, settings: Settings) -> Connections:
    return Connections(
        source.id,
        places_of(source),
        source.bind_dn,
        source.bind_password,
        answer_seconds=source.query_timeout_seconds or settings.people.ldap_query_timeout_seconds,
    )


def _database(databases: dict[DatabaseUrl, SourceDatabase], url: DatabaseUrl, settings: Settings) -> SourceDatabase:
    place = url.without_table()
    if place not in databases:
        databases[place] = SourceDatabase(
            address(place, settings.database), connections=pool_size(place, settings.database) or CONNECTIONS
        )
    return databases[place]


def _local_policy(settings: Settings) -> LocalPolicy:
    security = settings.security
    return LocalPolicy(
        security.password_policy or DEFAULT_RULES, security.password_days_max if security.password_change else 0
    )


def _key(source: SqlSource) -> bytes | None:
    if not source.key_path:
        return None
    try:
        with Path(source.key_path).open("rb") as file:
            return file.read(KEY_MAX)
    except OSError as error:
        raise ConfigurationError(f"user source {source.id}: keyPath {source.key_path}: {error.strerror}") from error


def _refuse_doubles(sources: Sequence[UserSource]) -> None:
    ids = [source.id for source in sources]
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise ConfigurationError(f"SOGoUserSources: the id {doubled[0]} stands twice")
