"""Answers as XML text: multistatus and error bodies from string templates (RFC 4918 sections 13 and 16)."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final, NamedTuple

from folkmoot.dav.wire.names import DECLARATIONS, empty_element
from folkmoot.dav.wire.xml import escape

XML_TYPE: Final = 'application/xml; charset="utf-8"'
_PROLOGUE: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


class Propstat(NamedTuple):
    """Properties of one resource that share a status; ``content`` and ``error`` are ready XML text."""

    status: int
    content: str
    error: str = ""


def status_line(status: int) -> str:
    """Return the text of a DAV:status element."""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"


STATUS_LINES: Final = {status.value: status_line(status.value) for status in HTTPStatus}
OK_END: Final = f"</D:prop><D:status>{STATUS_LINES[200]}</D:status></D:propstat></D:response>"


def response(href: str, propstats: Iterable[Propstat]) -> str:
    """Return a DAV:response with properties; ``href`` is percent-encoded already."""
    return f"<D:response><D:href>{href}</D:href>{''.join(map(propstat_element, propstats))}</D:response>"


def propstat_element(propstat: Propstat) -> str:
    """Return a DAV:propstat."""
    error = f"<D:error>{propstat.error}</D:error>" if propstat.error else ""
    return (
        f"<D:propstat><D:prop>{propstat.content}</D:prop>"
        f"<D:status>{STATUS_LINES[propstat.status]}</D:status>{error}</D:propstat>"
    )


def status_response(href: str, status: int, error: str | None = None) -> str:
    """Return a DAV:response with one status for the whole resource; ``error`` is ready XML inside DAV:error."""
    inner = f"<D:error>{error}</D:error>" if error else ""
    return f"<D:response><D:href>{href}</D:href><D:status>{STATUS_LINES[status]}</D:status>{inner}</D:response>"


def multistatus(responses: Iterable[str], sync_token: str | None = None) -> bytes:
    """Return the body of a 207 answer."""
    token = "" if sync_token is None else f"<D:sync-token>{escape(sync_token)}</D:sync-token>"
    text = f"{_PROLOGUE}<D:multistatus {DECLARATIONS}>{''.join(responses)}{token}</D:multistatus>"
    return text.encode()


def document(root: str, content: str) -> bytes:
    """Return a document with a prefixed root element, "D:prop" for instance, around ready XML text."""
    return f"{_PROLOGUE}<{root} {DECLARATIONS}>{content}</{root}>".encode()


def error_body(condition: str, inner: str = "") -> bytes:
    """Return a DAV:error body for a precondition's Clark name, around ready XML text (RFC 4918 section 16)."""
    element = empty_element(condition)
    if inner:
        tag = element[1:].partition("/>")[0]
        element = f"<{tag}>{inner}</{tag.partition(' ')[0]}>"
    return document("D:error", element)
