"""Who is calling, as decided by ``auth`` and believed by every service."""

from dataclasses import dataclass, field

from folkmoot.core.ids import PrincipalId


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in principal, or nobody (``principal`` empty) for the anonymous tree."""

    principal: PrincipalId
    groups: tuple[PrincipalId, ...] = ()
    superuser: bool = False
    denied: frozenset[str] = frozenset()  # modules closed to this user (ModulesConstraints): Calendar, Mail, ...
    # What this request was signed in with, for servers behind us; empty where nobody gave one.  Kept nowhere.
    password: str = field(default="", repr=False, compare=False)
    session: str = field(default="", repr=False, compare=False)  # the browser's session, if one was begun
    fresh: bool = field(default=False, compare=False)  # gave a password or second factor just now

    @property
    def anonymous(self) -> bool:
        return not self.principal


ANONYMOUS = Caller(PrincipalId(""))
