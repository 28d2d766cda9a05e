"""An authenticator for tests of what stands behind it: it knows the passwords of a user source in memory."""

import base64

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.auth.protocols import Protocol
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from tests.support.memory_source import Memory


class Doorkeeper:
    """Knows the passwords of a memory source, and blocks ``blocked``."""

    def __init__(self, source: Memory) -> None:
        self.source = source
        self.asked: list[str] = []
        self.doors: list[Protocol] = []

    async def authenticate(self, authorization: str, client: str, *, protocol: Protocol = Protocol.DAV) -> Caller:
        self.doors.append(protocol)
        login, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        self.asked.append(login)
        if login == "blocked":
            raise TooManyFailures("too many")
        if self.source.down:
            raise Unavailable("down")
        if self.source.passwords.get(login.partition("@")[0]) != password:
            raise NotAuthenticated("wrong")
        return Caller(PrincipalId(login.partition("@")[0]))
