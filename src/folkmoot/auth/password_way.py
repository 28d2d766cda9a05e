"""The password of the directory, as a way in."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from folkmoot.auth.basic import Credentials
from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.proofs import Proven, Shown, Visitor
from folkmoot.auth.protocols import EVERYWHERE, Protocol
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.source import Authenticated

SECOND_FACTOR: Final = "This account has a second factor: sign in here with an app password, made in the preferences."
_WEB_ONLY: Final = frozenset({Protocol.WEB})

_log: Final = structlog.get_logger("folkmoot.auth")

Asked = Callable[[PrincipalId], Awaitable[bool]]
"""Says whether somebody is asked for a second factor."""


async def never_asked(_: PrincipalId) -> bool:
    """Answer where there are no second factors."""
    return False


class PasswordWay:
    """Checks passwords with the directory, and counts and logs those that are wrong."""

    def __init__(self, directory: Directory, failures: FailureCounts, asked: Asked = never_asked) -> None:
        self._directory = directory
        self._failures = failures
        self._asked = asked

    async def prove(self, shown: Shown, visitor: Visitor) -> Proven | None:
        """Return whose password it is."""
        if not isinstance(shown, Credentials):
            return None
        has_failures = await self._failures.refuse_blocked(shown.login)
        authenticated = await self._directory.authenticate(shown.login, shown.password)
        if authenticated is None:
            log_failure(visitor.client, shown.login)
            await self._failures.note(shown.login)
            raise NotAuthenticated("Wrong user name or password.")
        if has_failures:
            await self._forget_failures(shown.login)
        return await self._proven(authenticated)

    async def again(self, proven: Proven, visitor: Visitor) -> Proven | None:
        """Return whose it is, if the stored password is still the one that was verified."""
        if not isinstance(proven.tag, Authenticated):
            return None
        authenticated = await self._directory.recheck(proven.tag)
        return None if authenticated is None else await self._proven(authenticated)

    async def _proven(self, authenticated: Authenticated) -> Proven:
        asked = await self._asked(authenticated.principal.id)
        return Proven(
            authenticated.principal,
            self,
            opens=_WEB_ONLY if asked else EVERYWHERE,
            closed=SECOND_FACTOR,
            tag=authenticated,
            with_password=True,
        )

    async def _forget_failures(self, login: str) -> None:
        try:
            await self._failures.forget(login)
        except Unavailable as error:  # the password was right all the same
            _log.warning("failed log-ins could not be forgotten", fault=str(error))
