"""All user sources as one directory: found in the configured order, remembered for a short while."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import structlog

from folkmoot.config.sources import PasswordRule
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.domains import Domains
from folkmoot.directory.found import Found
from folkmoot.directory.groups import Groups
from folkmoot.directory.password_change import (
    DEFAULT_RULES,
    GOOD,
    PasswordFault,
    PasswordRefused,
    Standing,
    check_new,
)
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import Authenticated, Refusal, UserSource

LOGIN_MAX: Final = 255  # characters; columns that hold principals are no longer
SEARCH_MAX: Final = 1000  # principals in one answer, whatever was asked
MANY_MAX: Final = 5000  # ids in one question
CACHE_SECONDS: Final = 300.0  # SOGoCacheCleanupInterval's default

_log: Final = structlog.get_logger("folkmoot.directory")


class Directory:
    """Everybody that any source knows; a source that is down hides its own people only."""

    def __init__(
        self, sources: Sequence[UserSource], domains: Domains | None = None, *, cache_seconds: float = CACHE_SECONDS
    ) -> None:
        self._sources = tuple(sources)
        self._domains = domains or Domains()
        self._by_id: Found[PrincipalId] = Found(cache_seconds)
        self._by_mail: Found[str] = Found(cache_seconds)
        self._groups = Groups(self._sources, self)

    @property
    def domains(self) -> Domains:
        """The domain rules."""
        return self._domains

    @property
    def address_books(self) -> Sequence[UserSource]:
        """The sources that are shown as global address books."""
        return tuple(source for source in self._sources if source.is_address_book)

    async def authenticate(self, login: str, password: str) -> Authenticated | None:
        """Return who this is, or ``None`` if no source accepts the password.

        Raises:
            Unavailable: no source knows the login, and one that might could not be asked.
        """
        if not 0 < len(login) <= LOGIN_MAX or not password or not self._domains.may_log_in(_domain_of(login)):
            return None
        known = False
        down: Unavailable | None = None
        for source in self._asked_for(login):
            if not source.can_authenticate:
                continue
            try:
                result = await source.check(login, password)
            except Unavailable as error:
                _log.warning("user source is down", source=source.id, fault=str(error))
                down = error
                continue
            if isinstance(result, Authenticated):
                return result if self._domains.may_log_in(result.principal.domain) else None
            known = known or result is Refusal.WRONG
        if down is not None and not known:
            raise Unavailable("a user source does not answer") from down
        return None

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        """Return the principal anew, or ``None`` if the password that was verified is no longer the stored one.

        Raises:
            Unavailable: the source does not answer.
        """
        for source in self._sources:
            if source.id == authenticated.principal.source and source.can_authenticate:
                again = await source.recheck(authenticated)
                if again is not None:
                    return again
        return None

    async def current(self, principal: Principal) -> Authenticated | None:
        """Return the principal anew, if it may log in: what opens the door beside its password is not asked here.

        Raises:
            Unavailable: the source does not answer.
        """
        if not self._domains.may_log_in(principal.domain):
            return None
        for source in self._sources:
            if source.id == principal.source and source.can_authenticate:
                again = await source.current(principal)
                if again is not None:
                    return again
        return None

    async def standing(self, principal: Principal, password: str) -> Standing:
        """Return whether a right password must be changed, and when.

        Raises:
            Unavailable: the source does not answer.
        """
        for source in self._sources:
            if source.id == principal.source:
                return await source.standing(principal, password)
        return GOOD

    def password_rules(self, principal: Principal) -> Sequence[PasswordRule]:
        """Return what a new password of somebody must satisfy."""
        found = next((source.rules() for source in self._sources if source.id == principal.source), ())
        return found or DEFAULT_RULES

    def check_password(self, principal: Principal, new: str) -> None:
        """Refuse a new password that may not be chosen.

        Raises:
            PasswordRefused: it may not.
            ConfigurationError: a rule cannot be understood.
        """
        check_new(new, self.password_rules(principal), principal, old=None)

    async def change_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        """Give somebody another password; without ``old`` it was proved otherwise who asks.

        Raises:
            PasswordRefused: the old one is wrong, the new one may not be chosen, or its source takes none from here.
            ConfigurationError: a rule or a scheme cannot be understood.
            Unavailable: the source does not answer.
        """
        for source in self._sources:
            if source.id == principal.source and source.can_authenticate:
                check_new(new, source.rules(), principal, old=old)
                await source.replace_password(principal, new, old=old)
                self.forget()
                return
        raise PasswordRefused(PasswordFault.NOT_ALLOWED, "nobody signs in from this user source")

    async def find(self, principal: PrincipalId) -> Principal | None:
        """Return the principal of exactly that id.

        Raises:
            Unavailable: no source that answers knows it.
        """
        cached = self._by_id.get(principal)
        if cached is not None:
            return cached
        found = await self._first(principal)
        if found is None or found.id != principal:
            return None
        self._by_id.put(principal, found)
        return found

    async def find_login(self, login: str) -> Principal | None:
        """Return whom a login leads to, as ``find`` does for an id; the id may differ from the login.

        Raises:
            Unavailable: no source that answers knows it.
        """
        if not self._domains.may_log_in(_domain_of(login)):
            return None
        found = await self._first(login)
        return found if found is not None and self._domains.may_log_in(found.domain) else None

    async def find_many(self, principals: Collection[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist, at most ``MANY_MAX``; sources that are down are left out."""
        wanted = list(dict.fromkeys(principals))[:MANY_MAX]
        found = {p: cached for p in wanted if (cached := self._by_id.get(p)) is not None}
        for source in self._sources:
            missing = [p for p in wanted if p not in found]
            if not missing:
                break
            try:
                here = await source.find_many(missing)
            except Unavailable as error:
                _log.warning("user source is down", source=source.id, fault=str(error))
                continue
            for principal in here:
                if principal.id in missing and principal.id not in found:
                    found[principal.id] = principal
                    self._by_id.put(principal.id, principal)
        return found

    async def find_by_mail(self, address: str) -> Principal | None:
        """Return whose address this is, among the addresses of ``addresses``; case does not matter.

        Raises:
            Unavailable: no source that answers knows it.
        """
        address = address.lower().removeprefix("mailto:")
        if "@" not in address or len(address) > 2 * LOGIN_MAX:
            return None
        cached = self._by_mail.get(address)
        if cached is not None:
            return cached
        down: Unavailable | None = None
        found: Principal | None = None
        for source in self._sources:
            try:
                found = await source.find_by_mail(address)
            except Unavailable as error:
                _log.warning("user source is down", source=source.id, fault=str(error))
                down = error
            if found is not None:
                break
        if found is None:
            found = await self._find_by_system_address(address)
        if found is None and down is not None:
            raise Unavailable("a user source does not answer") from down
        if found is not None:
            self._by_mail.put(address, found)
        return found

    async def search(self, text: str, *, asking: Principal | None, limit: int) -> Sequence[Principal]:
        """Return people, groups and resources of address book sources that ``asking`` may see, by source.

        A text of ``.`` finds all.  Sources that are down are left out.
        """
        limit = max(0, min(limit, SEARCH_MAX))
        seen = self._domains.seen_from(asking.domain) if asking is not None else None
        wanted = "" if text == "." else text
        found: dict[PrincipalId, Principal] = {}
        for source in self.address_books:
            if seen is not None and source.domain is not None and source.domain.casefold() not in seen:
                continue
            try:
                here = await source.search(wanted, limit=limit, domains=seen)
            except Unavailable as error:
                _log.warning("user source is down", source=source.id, fault=str(error))
                continue
            for principal in here:
                found.setdefault(principal.id, principal)
            if len(found) >= limit:
                break
        return tuple(found.values())[:limit]

    async def groups_of(self, principal: Principal) -> Sequence[PrincipalId]:
        """Return the groups that somebody is in, directly or through other groups.

        Raises:
            Unavailable: a source that keeps groups does not answer.
        """
        return await self._groups.of(principal)

    async def members(self, group: Principal) -> Sequence[str]:
        """Return the main mail address of everybody in a group, groups in it included; nobody for who is no group.

        Raises:
            Unavailable: a source that keeps groups does not answer.
        """
        return await self._groups.addresses(group)

    async def direct_members(self, group: Principal) -> Sequence[Principal]:
        """Return those of a group's own members that are principals.

        Raises:
            Unavailable: a source that keeps groups does not answer.
        """
        return await self._groups.direct(group)

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's calendar addresses without ``mailto:``, the main one first (RFC 6638 section 2.4.1)."""
        system = self._system_address(principal)
        known = {mail.lower() for mail in principal.mails}
        return principal.mails if system is None or system.lower() in known else (*principal.mails, system)

    def forget(self) -> None:
        """Forget all that was remembered, after people have changed."""
        self._by_id.clear()
        self._by_mail.clear()
        self._groups.forget()

    def _system_address(self, principal: Principal) -> str | None:
        rule = self._domains.address_rule(principal.domain)
        if rule.hidden:
            return None
        return principal.id if "@" in principal.id else f"{principal.id}@{rule.mail_domain}"

    async def _find_by_system_address(self, address: str) -> Principal | None:
        local, _, domain = address.rpartition("@")
        mail_domains = {rule.mail_domain.casefold() for rule in self._domains.rules.values()} or {
            self._domains.address_rule(None).mail_domain.casefold()
        }
        for login in (address, local) if domain.casefold() in mail_domains else (address,):
            found = await self._first(login)
            if found is not None and (self._system_address(found) or "").lower() == address:
                return found
        return None

    async def _first(self, login_or_id: str) -> Principal | None:
        if not 0 < len(login_or_id) <= LOGIN_MAX:
            return None
        down: Unavailable | None = None
        for source in self._asked_for(login_or_id):
            try:
                found = await source.find(login_or_id)
            except Unavailable as error:
                _log.warning("user source is down", source=source.id, fault=str(error))
                down = error
                continue
            if found is not None:
                return found
        if down is not None:
            raise Unavailable("a user source does not answer") from down
        return None

    def _asked_for(self, login: str) -> Sequence[UserSource]:
        """Return the sources to ask: those of the domain that the login names, then those of no domain."""
        domain = _domain_of(login)
        if domain is None or domain not in self._domains.configured:
            return self._sources
        own = [source for source in self._sources if (source.domain or "").casefold() == domain]
        return (*own, *(source for source in self._sources if source.domain is None))


def _domain_of(login: str) -> str | None:
    _, at, domain = login.rpartition("@")
    return domain.casefold() if at else None
