"""An SMTP client that logs its dialogue, for SMTPDebugEnabled: no passwords, no message texts."""

from typing import Final, Literal

import aiosmtplib
import structlog
from aiosmtplib.typing import Default

LINE_MAX: Final = 500  # characters of one logged line

_log: Final = structlog.get_logger("folkmoot.mail")


class TranscribedClient(aiosmtplib.SMTP):
    """Logs each command and its answer."""

    async def execute_command(
        self,
        *args: bytes,
        timeout: float | Literal[Default.token] | None = Default.token,  # noqa: ASYNC109  # its signature
    ) -> aiosmtplib.SMTPResponse:
        verb = args[0].upper() if args else b""
        # Answers to a challenge of AUTH come without a verb.
        shown = b" ".join(args) if verb in _SHOWN else verb + b" ***" if verb == b"AUTH" else b"***"
        _log.info("smtp command", line=shown.decode(errors="replace")[:LINE_MAX])
        response = await super().execute_command(*args, timeout=timeout)
        _log.info("smtp answer", code=response.code, text=response.message[:LINE_MAX])
        return response


_SHOWN: Final = frozenset({b"EHLO", b"HELO", b"STARTTLS", b"MAIL", b"RCPT", b"DATA", b".", b"RSET", b"NOOP", b"QUIT"})
