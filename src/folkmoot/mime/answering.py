"""Answers and forwarded messages: to whom, under which subject, in which thread, and how the original is quoted.

Pure decisions; which addresses are the writer's own, and the words of the writer's language, are given.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from folkmoot.mime.address_lists import MailAddress
from folkmoot.mime.composing import chain
from folkmoot.mime.headers import Headers, message_ids

SUBJECT_MAX: Final = 500  # characters
# What programs of many languages put in front of the subject of an answer, with counts such as Re[2]: and Re^2:.
_ANSWER: Final = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|ref|rif|odp|ynt|res|bls)\s*(?:\[\d{1,4}\]|\^\d{1,4}|\(\d{1,4}\))?\s*[:\uff1a]\s*",
    re.IGNORECASE,
)
_FORWARD: Final = re.compile(
    r"\s*(?:fwd|fw|wg|tr|rv|enc|doorst|vl|pd|ilt)\s*(?:\[\d{1,4}\])?\s*[:\uff1a]\s*", re.IGNORECASE
)
_PREFIXES_MAX: Final = 50  # piled up by programs that know each other's not
_DELETION: Final = re.compile(r"[\r\n\0]+")


@dataclass(frozen=True, slots=True)
class Original:
    """What is answered or forwarded."""

    sender: tuple[MailAddress, ...]
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    followup_to: tuple[MailAddress, ...] = ()  # Mail-Followup-To, which lists' members set
    subject: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    html: str = field(default="", repr=False)  # safe to be shown


def original_of(headers: Headers, *, text: str = "", html: str = "") -> Original:
    """Return what a message's header says."""
    references = message_ids(headers.get("references") or b"")
    before = message_ids(headers.get("in-reply-to") or b"")
    return Original(
        sender=headers.addresses("from") or headers.addresses("sender"),
        to=headers.addresses("to"),
        cc=headers.addresses("cc"),
        reply_to=tuple(one for one in headers.addresses("reply-to") if "@" in one.address),
        followup_to=tuple(one for one in headers.addresses("mail-followup-to") if "@" in one.address),
        subject=headers.text("subject"),
        message_id=next(iter(message_ids(headers.get("message-id") or b"")), ""),
        references=references or (before if len(before) == 1 else ()),
        text=text,
        html=html,
    )


def reply_subject(subject: str) -> str:
    """Return the subject of an answer; ``Re:`` stands there once."""
    return f"Re: {_without(subject, _ANSWER)}"[:SUBJECT_MAX].rstrip()


def forward_subject(subject: str) -> str:
    """Return the subject of a forwarded message; ``Fwd:`` stands there once."""
    return f"Fwd: {_without(subject, _FORWARD)}"[:SUBJECT_MAX].rstrip()


def thread_of(original: Original) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return In-Reply-To and References of an answer (RFC 5322 section 3.6.4)."""
    if not original.message_id:
        return (), chain(original.references)
    return (original.message_id,), chain((*original.references, original.message_id))


def reply_recipients(
    original: Original, own: Collection[str], *, everybody: bool = False
) -> tuple[tuple[MailAddress, ...], tuple[MailAddress, ...]]:
    """Return To and Cc of an answer, each address once and none of one's own, unless nobody else is left.

    An answer to what one has sent oneself goes to those it was sent to.

    Args:
        original: what is answered.
        own: the writer's addresses in lower case.
        everybody: all who got it, too.
    """
    mine = bool(original.sender) and all(one.address.lower() in own for one in original.sender)
    if everybody and original.followup_to:
        return _kept(_once(original.followup_to, (), own), original.followup_to)
    if mine and not original.reply_to:
        first = original.to or original.sender
        return _kept(_once(first, original.cc if everybody else (), own), first)
    first = original.reply_to or original.sender
    if not everybody:
        return _kept(_once(first, (), frozenset()), first)
    return _kept(_once((*first, *original.to), original.cc, own), first)


def fitting_address(original: Original, delivered_to: Iterable[str], own: Sequence[str]) -> str:
    """Return which of one's own addresses an original was sent to; "" if none is named.

    Args:
        original: the message.
        delivered_to: what servers noted about it, such as Delivered-To.
        own: addresses in the order of preference.
    """
    named = [one.address.lower() for one in (*original.to, *original.cc)]
    named += [address.strip().strip("<>").lower() for address in delivered_to]
    named += [one.address.lower() for one in original.sender]  # answered among the sent messages
    known = {address.lower(): address for address in own}
    return next((known[address] for address in named if address in known), "")


def quote_text(text: str) -> str:
    """Return a text with a mark in front of every line."""
    lines = text.rstrip("\n").split("\n")
    return "\n".join(">" + ("" if line.startswith(">") or not line else " ") + line for line in lines) + "\n"


def quote_html(html: str) -> str:
    """Return safe HTML as a quotation."""
    style = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"
    return f'<blockquote type="cite" style="{style}">{html}</blockquote>'


def html_of_text(text: str) -> str:
    """Return a text as HTML that shows the same lines."""
    return escape(text, quote=False).rstrip("\n").replace("\n", "<br>\n")


def head_lines(fields: Sequence[tuple[str, str]]) -> str:
    """Return the header of a forwarded message as lines of text."""
    return "".join(f"{label}: {_DELETION.sub(' ', value)}\n" for label, value in fields if value)


def head_html(fields: Sequence[tuple[str, str]]) -> str:
    """Return the header of a forwarded message as HTML."""
    return "<br>\n".join(f"<b>{escape(label)}:</b> {escape(value)}" for label, value in fields if value)


def shown(addresses: Iterable[MailAddress]) -> str:
    """Return addresses as people read them."""
    return ", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in addresses)


def _without(subject: str, prefix: re.Pattern[str]) -> str:
    rest = " ".join(subject.split())[: 4 * SUBJECT_MAX]
    for _ in range(_PREFIXES_MAX):
        found = prefix.match(rest)
        if found is None or found.end() == 0:
            break
        rest = rest[found.end() :]
    return rest


def _once(
    first: Iterable[MailAddress], second: Iterable[MailAddress], out: Collection[str]
) -> tuple[tuple[MailAddress, ...], tuple[MailAddress, ...]]:
    seen = set(out)
    lists: list[tuple[MailAddress, ...]] = []
    for addresses in (first, second):
        kept = []
        for one in addresses:
            if "@" in one.address and one.address.lower() not in seen:
                seen.add(one.address.lower())
                kept.append(one)
        lists.append(tuple(kept))
    return lists[0], lists[1]


def _kept(
    found: tuple[tuple[MailAddress, ...], tuple[MailAddress, ...]], otherwise: Sequence[MailAddress]
) -> tuple[tuple[MailAddress, ...], tuple[MailAddress, ...]]:
    to, cc = found
    if to:
        return to, cc
    return (cc, ()) if cc else (tuple(otherwise[:1]), ())
