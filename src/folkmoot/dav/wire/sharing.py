"""Bodies of CalendarServer's sharing (caldav-sharing of 2012): what clients send, and the notifications they read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.names import CALENDARSERVER, DECLARATIONS, clark
from folkmoot.dav.wire.xml import Element, children, escape, own_text

SHARE: Final = clark(CALENDARSERVER, "share")
INVITE_REPLY: Final = clark(CALENDARSERVER, "invite-reply")
PUBLISH: Final = clark(CALENDARSERVER, "publish-calendar")
UNPUBLISH: Final = clark(CALENDARSERVER, "unpublish-calendar")

SHAREES_MAX: Final = 200  # of one request; clients send one at a time
TEXT_MAX: Final = 1_000  # characters of a name or summary that go into a notification
_PROLOGUE: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_HREF: Final = "{DAV:}href"


@dataclass(frozen=True, slots=True)
class SetSharee:
    """Share with whom an href names: mailto:, or a principal."""

    href: str
    write: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Share:
    """CS:share: with whom, and with whom no longer."""

    set: tuple[SetSharee, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InviteReply:
    """CS:invite-reply: which invitation is answered, and how."""

    uid: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Party:
    """Who shares, or with whom; ``href`` is ready to print."""

    href: str
    name: str


def parse_share(element: Element) -> Share:
    """Return the request.

    Raises:
        MalformedInput: it names nobody, or somebody without an href.
        TooLarge: it names too many.
    """
    wanted = [_set(child) for child in children(element, clark(CALENDARSERVER, "set"))]
    removed = [_href(child) for child in children(element, clark(CALENDARSERVER, "remove"))]
    if not wanted and not removed:
        raise MalformedInput("share: it says whom to set or to remove")
    if len(wanted) + len(removed) > SHAREES_MAX:
        raise TooLarge(f"share: at most {SHAREES_MAX} people in one request")
    return Share(tuple(wanted), tuple(removed))


def _set(element: Element) -> SetSharee:
    summary = only_child(element, clark(CALENDARSERVER, "summary"))
    write = any(children(element, clark(CALENDARSERVER, name)) for name in ("read-write", "read-write-schedule"))
    return SetSharee(_href(element), write, "" if summary is None else own_text(summary)[:TEXT_MAX])


def _href(element: Element) -> str:
    found = only_child(element, _HREF)
    if found is None or not own_text(found):
        raise MalformedInput("share: people are named by an href")
    return own_text(found)


def parse_invite_reply(element: Element) -> InviteReply:
    """Return the answer.

    Raises:
        MalformedInput: neither accepted nor declined, or no invitation named.
    """
    uid = only_child(element, clark(CALENDARSERVER, "in-reply-to"))
    accepted = bool(children(element, clark(CALENDARSERVER, "invite-accepted")))
    declined = bool(children(element, clark(CALENDARSERVER, "invite-declined")))
    if accepted == declined or uid is None or not own_text(uid):
        raise MalformedInput("invite-reply: it accepts or declines the invitation that in-reply-to names")
    return InviteReply(own_text(uid), accepted)


def access_element(*, write: bool) -> str:
    """Return CS:access."""
    return f"<CS:access><CS:read{'-write' if write else ''}/></CS:access>"


def organizer_element(organizer: Party) -> str:
    """Return CS:organizer."""
    name = escape(organizer.name)
    return f"<CS:organizer><D:href>{organizer.href}</D:href><CS:common-name>{name}</CS:common-name></CS:organizer>"


def user_element(sharee: Party, *, write: bool, state: str, summary: str) -> str:
    """Return CS:user of the property CS:invite."""
    return (
        f"<CS:user><D:href>{sharee.href}</D:href><CS:common-name>{escape(sharee.name)}</CS:common-name>"
        f"<CS:invite-{state}/>{access_element(write=write)}"
        + (f"<CS:summary>{escape(summary)}</CS:summary>" if summary else "")
        + "</CS:user>"
    )


def invite_notification(
    stamp: datetime,
    uid: str,
    *,
    sharee: Party,
    organizer: Party,
    host: str,
    write: bool,
    summary: str,
    deleted: bool = False,
) -> bytes:
    """Return what tells a person's clients that a calendar is shared with it, or no longer; ``host`` is its href."""
    return _notification(
        stamp,
        f'<CS:invite-notification shared-type="calendar"><CS:uid>{escape(uid)}</CS:uid>'
        f"<D:href>{sharee.href}</D:href><CS:invite-{'deleted' if deleted else 'noresponse'}/>"
        f"{access_element(write=write)}<CS:hosturl><D:href>{host}</D:href></CS:hosturl>"
        f"{organizer_element(organizer)}<CS:summary>{escape(summary)}</CS:summary></CS:invite-notification>",
    )


def reply_notification(
    stamp: datetime, *, sharee: Party, host: str, in_reply_to: str, summary: str, accepted: bool
) -> bytes:
    """Return what tells an owner's clients how somebody answered."""
    return _notification(
        stamp,
        f"<CS:invite-reply><D:href>{sharee.href}</D:href>"
        f"<CS:common-name>{escape(sharee.name)}</CS:common-name>"
        f"<CS:invite-{'accepted' if accepted else 'declined'}/>"
        f"<CS:hosturl><D:href>{host}</D:href></CS:hosturl>"
        f"<CS:in-reply-to>{escape(in_reply_to)}</CS:in-reply-to>"
        f"<CS:summary>{escape(summary)}</CS:summary></CS:invite-reply>",
    )


def _notification(stamp: datetime, content: str) -> bytes:
    text = f"<CS:dtstamp>{stamp:%Y%m%dT%H%M%SZ}</CS:dtstamp>{content}"
    return f"{_PROLOGUE}<CS:notification {DECLARATIONS}>{text}</CS:notification>".encode()


def shared_as(href: str) -> bytes:
    """Return the answer to who accepts: where the calendar is shown now."""
    return f"{_PROLOGUE}<CS:shared-as {DECLARATIONS}><D:href>{href}</D:href></CS:shared-as>".encode()
