"""Properties of accounts, mailboxes and messages, in SOGo's namespaces."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import quoteattr

from folkmoot.dav.mail.resources import etag_of
from folkmoot.dav.properties.dav import http_date
from folkmoot.dav.wire.mail_query import HTTPMAIL, MAILHEADER
from folkmoot.dav.wire.multistatus import Propstat, response
from folkmoot.dav.wire.names import DAV, PREFIXES, clark, split_clark
from folkmoot.dav.wire.rfc4918 import Propfind
from folkmoot.dav.wire.xml import escape
from folkmoot.mailboxes.summaries import MessageSummary
from folkmoot.mime.headers import MailAddress

TEXT: Final = clark(HTTPMAIL, "textdescription")
RECEIVED: Final = clark(MAILHEADER, "received")
UNREAD: Final = clark(HTTPMAIL, "unreadcount")
_DIRECTORY: Final = "httpd/unix-directory"
_SPECIAL: Final = frozenset('()<>[]:;@\\,."')


@dataclass(frozen=True, slots=True)
class MailCollection:
    """What is told of the home, an account or a mailbox."""

    href: str
    name: str
    unread: int | None = None


Told = Mapping[str, str | None]
"""Content of properties as text by Clark name; None: there is nothing to say."""


def collection_response(collection: MailCollection, asked: Propfind) -> str:
    """Return the DAV:response of a collection."""
    told = {
        clark(DAV, "displayname"): escape(collection.name),
        clark(DAV, "resourcetype"): "<D:collection/>",
        clark(DAV, "getcontenttype"): _DIRECTORY,
        UNREAD: None if collection.unread is None else str(collection.unread),
    }
    return _response(collection.href, told, asked)


def message_response(
    href: str, message: MessageSummary, asked: Propfind, text: bytes | None = None, trace: bytes | None = None
) -> str:
    """Return the DAV:response of a message; ``text`` is its source and ``trace`` its Received fields, if asked for."""
    told: dict[str, str | None] = {name: render(message) for name, render in _OF_MESSAGE.items()}
    if text is not None:
        lines = text.decode("utf-8", "replace").replace("\r\n", "\n")
        told[TEXT] = escape(f"<![CDATA[{lines}]]>")  # SOGo's words, escaped once more
    if trace is not None:
        told[RECEIVED] = escape(trace.decode("utf-8", "replace").replace("\r\n", "\n").strip()) or None
    return _response(href, told, asked)


def wanted_names(asked: Propfind) -> frozenset[str]:
    """Return the properties that are asked for by name."""
    return frozenset() if asked.names_only else frozenset(asked.names)


def _response(href: str, told: Told, asked: Propfind) -> str:
    known = {name: content for name, content in told.items() if content is not None}
    if asked.names_only:
        return response(href, [Propstat(200, "".join(_element(name, "") for name in known))])
    names = list(asked.names)
    if asked.everything:
        names = [*(name for name in known if split_clark(name)[0] == DAV), *names]
    names = list(dict.fromkeys(names))
    found = "".join(_element(name, known[name]) for name in names if name in known)
    missing = "".join(_element(name, "") for name in names if name not in known)
    propstats = [Propstat(200, found)] if found or not missing else []
    return response(href, [*propstats, *([Propstat(404, missing)] if missing else [])])


def _element(name: str, content: str) -> str:
    namespace, local = split_clark(name)
    prefix = PREFIXES.get(namespace)
    tag, declared = (f"{prefix}:{local}", "") if prefix else (f"X:{local}", f" xmlns:X={quoteattr(namespace)}")
    if not namespace:
        tag, declared = local, ' xmlns=""'
    return f"<{tag}{declared}>{content}</{tag}>" if content else f"<{tag}{declared}/>"


def _date(message: MessageSummary) -> str | None:
    return None if message.sent is None else http_date(message.sent)


def _people(people: Sequence[MailAddress]) -> str | None:
    return escape(", ".join(map(_person, people))) or None


def _person(person: MailAddress) -> str:
    if not person.name:
        return person.address
    name = person.name
    if not _SPECIAL.isdisjoint(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{quoted}"'
    return f"{name} <{person.address}>"


_OF_MESSAGE: Final[Mapping[str, Callable[[MessageSummary], str | None]]] = MappingProxyType(
    {
        clark(DAV, "displayname"): lambda message: escape(message.subject),
        clark(DAV, "resourcetype"): lambda _: "",
        clark(DAV, "getcontenttype"): lambda _: "message/rfc822",
        clark(DAV, "getcontentlength"): lambda message: str(message.size),
        clark(DAV, "getetag"): lambda message: f"&quot;{etag_of(message)}&quot;",
        clark(DAV, "getlastmodified"): lambda message: http_date(message.received or 0),
        clark(HTTPMAIL, "date"): _date,
        clark(HTTPMAIL, "hasattachment"): lambda message: "1" if message.has_attachment else "0",
        clark(HTTPMAIL, "read"): lambda message: "1" if message.seen else "0",
        clark(MAILHEADER, "cc"): lambda message: _people(message.cc),
        clark(MAILHEADER, "date"): _date,
        clark(MAILHEADER, "from"): lambda message: _people(message.from_),
        clark(MAILHEADER, "in-reply-to"): lambda message: escape(" ".join(message.in_reply_to)) or None,
        clark(MAILHEADER, "message-id"): lambda message: escape(message.message_id) or None,
        clark(MAILHEADER, "references"): lambda message: escape(" ".join(message.references)) or None,
        clark(MAILHEADER, "subject"): lambda message: escape(message.subject),
        clark(MAILHEADER, "to"): lambda message: _people(message.to),
    }
)
