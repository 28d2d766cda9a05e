"""A user source in memory, for tests of what stands above it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from folkmoot.config.sources import PasswordRule
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.password_change import GOOD, PasswordFault, PasswordRefused, Standing
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.directory.source import Authenticated, Refusal, stored_tag


@dataclass
class Memory:
    """A user source in memory that counts how often it hashes and can be down."""

    passwords: dict[str, str] = field(default_factory=dict)
    id: str = "memory"
    display_name: str = "Memory"
    domain: str | None = None
    can_authenticate: bool = True
    is_address_book: bool = True
    list_requires_dot: bool = False
    first_entries_count: int = -1
    kinds: dict[str, PrincipalKind] = field(default_factory=dict)
    denied: dict[str, frozenset[str]] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    password_rules: Sequence[PasswordRule] = ()
    down: bool = False
    checks: int = 0
    rechecks: int = 0

    def principal(self, login: str) -> Principal:
        kind = self.kinds.get(login, PrincipalKind.INDIVIDUAL)
        denied = self.denied.get(login, frozenset())
        mails = (f"{login}@example.org",)
        return Principal(
            PrincipalId(login), login, login.title(), mails, kind, self.id, self.domain, modules_denied=denied
        )

    def _up(self) -> None:
        if self.down:
            raise Unavailable("down")

    async def check(self, login: str, password: str) -> Authenticated | Refusal:
        self._up()
        self.checks += 1
        if login not in self.passwords:
            return Refusal.UNKNOWN
        if self.passwords[login] != password:
            return Refusal.WRONG
        return Authenticated(self.principal(login), stored_tag(password))

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        self._up()
        self.rechecks += 1
        login = authenticated.principal.login
        if login not in self.passwords or stored_tag(self.passwords[login]) != authenticated.stored_tag:
            return None
        return Authenticated(self.principal(login), authenticated.stored_tag)

    async def current(self, principal: Principal) -> Authenticated | None:
        self._up()
        password = self.passwords.get(principal.login)
        return None if password is None else Authenticated(self.principal(principal.login), stored_tag(password))

    async def standing(self, principal: Principal, password: str) -> Standing:
        self._up()
        return self.standings.get(principal.login, GOOD)

    def rules(self) -> Sequence[PasswordRule]:
        return self.password_rules

    async def replace_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        self._up()
        if old is not None and self.passwords[principal.login] != old:
            raise PasswordRefused(PasswordFault.NONE, "the old password is wrong")
        self.passwords[principal.login] = new
        self.standings.pop(principal.login, None)

    async def find(self, login_or_id: str) -> Principal | None:
        self._up()
        return self.principal(login_or_id) if login_or_id in self.passwords else None

    async def find_many(self, ids: Collection[PrincipalId]) -> Sequence[Principal]:
        self._up()
        return [self.principal(wanted) for wanted in ids if wanted in self.passwords]

    async def find_by_mail(self, address: str) -> Principal | None:
        self._up()
        login, _, domain = address.partition("@")
        return self.principal(login) if domain == "example.org" and login in self.passwords else None

    async def search(self, text: str, *, limit: int, domains: Collection[str] | None = None) -> Sequence[Principal]:
        self._up()
        if domains is not None and self.domain is not None and self.domain not in domains:
            return []
        return [self.principal(login) for login in sorted(self.passwords) if text in login][:limit]
