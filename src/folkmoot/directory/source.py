"""What the directory needs of a user source, whatever it is made of."""

import hashlib
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from folkmoot.config.sources import PasswordRule
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.password_change import Standing
from folkmoot.directory.principal import Principal

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
TAG_KEY: Final = os.urandom(32)  # of this process, so that a tag tells nothing about the stored value


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Someone whose password was right, and a tag that changes when the stored password does."""

    principal: Principal
    stored_tag: bytes


class Refusal(Enum):
    """Why a log-in failed; the caller is never told which."""

    UNKNOWN = auto()  # nobody of that name may log in here
    WRONG = auto()


class UserSource(Protocol):
    """A configured place of people, groups and resources.

    Raises, from every coroutine:
        Unavailable: the place cannot be asked now.
    """

    @property
    def id(self) -> str:
        """Unique name, also the URL segment of its address book."""

    @property
    def display_name(self) -> str:
        """Shown name of its address book."""

    @property
    def domain(self) -> str | None:
        """The configured domain that the source belongs to."""

    @property
    def can_authenticate(self) -> bool:
        """Whether its people log in with it."""

    @property
    def is_address_book(self) -> bool:
        """Whether it is searched for people."""

    @property
    def list_requires_dot(self) -> bool:
        """Whether its address book shows nobody until searched."""

    @property
    def first_entries_count(self) -> int:
        """How many its address book shows unsearched, -1 for all."""

    async def check(self, login: str, password: str) -> Authenticated | Refusal:
        """Check a password; takes about as long for a login that is not there as for a wrong password."""

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        """Return the principal as it is now, if the stored password is still the same and log-in still allowed."""

    async def current(self, principal: Principal) -> Authenticated | None:
        """Return the principal as it is now, if it may log in, whatever its password."""

    async def standing(self, principal: Principal, password: str) -> Standing:
        """Return whether a right password must be changed, and when."""

    def rules(self) -> Sequence[PasswordRule]:
        """Return what new passwords must satisfy; empty where the administrator has set nothing."""

    async def replace_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        """Store another password in place of the one that is there, which must be ``old`` if that is given.

        Raises:
            PasswordRefused: the old one is wrong, or this place takes no passwords from here.
        """

    async def find(self, login_or_id: str) -> Principal | None:
        """Find a principal by its id, else by anything it logs in with."""

    async def find_many(self, ids: Collection[PrincipalId]) -> Sequence[Principal]:
        """Find those of the principals that are here, in any order."""

    async def find_by_mail(self, address: str) -> Principal | None:
        """Find a principal by any of its addresses, without case."""

    async def search(self, text: str, *, limit: int, domains: Collection[str] | None = None) -> Sequence[Principal]:
        """Return principals with the text in one of the searched fields, by name; an empty text finds all.

        ``domains`` restricts a source of several domains to some of them.
        """


def askable(text: str, length_max: int) -> bool:
    """Return whether any database could hold this text: none of ours keeps NUL or lone surrogates."""
    return 0 < len(text) <= length_max and "\0" not in text and not _SURROGATE.search(text)


def stored_tag(stored: str) -> bytes:
    """Return what to keep instead of a stored password in order to notice its change."""
    return hashlib.blake2b(stored.encode("utf-8", "surrogatepass"), key=TAG_KEY, digest_size=16).digest()
