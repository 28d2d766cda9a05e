"""The log line of a failed log-in, in SOGo's words: fail2ban's stock filter ``sogo-auth`` matches it."""

import re
from typing import Final

import structlog

FIELD_MAX: Final = 255  # characters of host and login in the line
_UNSAFE: Final = re.compile(r"[^\x20-\x26\x28-\x7e\xa0-\U0010ffff]|[\u2028\u2029\ud800-\udfff]")  # controls and '

_log: Final = structlog.get_logger("folkmoot.auth")


def failure_line(client: str, login: str) -> str:
    """Return the line without time and process; no login can forge the address before it or end the line."""
    return (
        f"SOGoRootPage Login from '{_safe(client)}' for user '{_safe(login)}' might not have worked - "
        "password policy: 65535  grace: -1  expire: -1  bound: 0"
    )


def log_failure(client: str, login: str) -> None:
    """Write the line; nothing may follow on it, so it carries no request id."""
    _log.info(failure_line(client, login), request="")


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text[:FIELD_MAX])
