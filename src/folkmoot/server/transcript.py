"""What a request and its answer said, for SOGoDebugRequests; credentials are masked."""

import re
from collections.abc import Iterable
from typing import Final

import structlog

from folkmoot.server.exchange import Answer, Head

log = structlog.get_logger()

BODY_MAX: Final = 4096  # octets shown of each body
_SECRET: Final = frozenset(
    {"authorization", "cookie", "set-cookie", "proxy-authorization", "x-webobjects-auth-type", "x-xsrf-token"}
)
_TEXT: Final = re.compile(r"text/|application/(?:[\w.+-]*xml|[\w.+-]*json)|$", re.IGNORECASE)


def record(head: Head, body: bytes, answer: Answer) -> None:
    """Log both sides of an exchange."""
    log.debug(
        "transcript",
        id=head.id,
        request=f"{head.method} {head.target}",
        request_fields=_fields(head.headers.items()),
        request_body=_body(body, head.headers.get("content-type", "")),
        status=answer.status,
        answer_fields=_fields(answer.headers),
        answer_body=_body(answer.body, dict(answer.headers).get("Content-Type", "")),
    )


def _fields(headers: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {'***' if name.lower() in _SECRET else value}" for name, value in headers)


def _body(body: bytes, content_type: str) -> str:
    if not _TEXT.match(content_type):
        return f"{len(body)} octets of {content_type}"
    shown = body[:BODY_MAX].decode("utf-8", "replace")
    return shown if len(body) <= BODY_MAX else f"{shown} ... {len(body)} octets"
