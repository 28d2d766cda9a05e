"""What a mail server that is not ours tells us of mailboxes: only that, with a secret that the settings name."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import structlog

from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.stack.calls import Call, Reply
from folkmoot.stack.delivered import Delivered, parse_delivered

SECRET_MIN: Final = 16  # characters: the call can be reached from wherever the server can

_log: Final = structlog.get_logger("folkmoot.mail")


class MailEvents:
    """Takes in ``POST /.folkmoot/mail/delivered``; the other calls of ``calls`` are for the private Dovecot alone."""

    def __init__(self, secret: str, directory: Directory, on_delivered: Callable[[Delivered], Awaitable[None]]) -> None:
        self._secret = secret.encode()
        self._directory = directory
        self._on_delivered = on_delivered

    async def __call__(self, call: Call) -> Reply:
        """Answer a call.

        Raises:
            NotFound: without the secret there is nothing here.
            MalformedInput: not what the script sends.
            Unavailable: a user source does not answer.
        """
        scheme, _, shown = call.authorization.partition(" ")
        right = hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), self._secret)
        if call.method != "POST" or call.path != "delivered" or scheme.lower() != "bearer" or not right:
            raise NotFound("There is nothing here.")
        known: dict[str, PrincipalId | None] = {}
        for event in parse_delivered(call.body):
            if event.user not in known:  # nearly always one person a call; the directory remembers, too
                known[event.user] = await self._whose(event.user)
            owner = known[event.user]
            if owner is not None:
                await self._on_delivered(replace(event, user=owner))
        return Reply(204)

    async def _whose(self, name: str) -> PrincipalId | None:
        """Return whom the mail server calls so: by login, id or address."""
        person = await self._directory.find_login(name) or await self._directory.find(PrincipalId(name))
        if person is None and "@" in name:
            person = await self._directory.find_by_mail(name)
        if person is None:
            _log.info("told of a mailbox of somebody unknown", user=name)
        return None if person is None else person.id
