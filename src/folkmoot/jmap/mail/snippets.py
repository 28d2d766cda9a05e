"""``SearchSnippet/get`` (RFC 8621 section 5): where in an email the words of a search stand."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from folkmoot.core.errors import TooLarge
from folkmoot.jmap.mail.email_filter import EmailFilter, translated
from folkmoot.jmap.mail.email_shape import BodyArguments, EmailShape
from folkmoot.jmap.mail.emails import email_objects
from folkmoot.jmap.mail.views import mailboxes_of
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import parse_filter
from folkmoot.mime.html_text import text_of_html

EMAILS_MAX: Final = 100  # of one call: the texts of all are read
TEXT_OCTETS: Final = 128 * 1024  # of each text that are looked through
LENGTH_MAX: Final = 200  # characters of a snippet, before it is marked
OCTETS_MAX: Final = 255  # of a preview as it is told (RFC 8621 section 5)
_BEFORE: Final = 60  # characters before the first word found
_BLANKS: Final = re.compile(r"\s+")


class SnippetArguments(Arguments):
    """Of ``SearchSnippet/get``."""

    account_id: Id
    email_ids: list[str]
    filter: dict[str, Any] | None = None


async def _get(call: Call[SnippetArguments]) -> Answer:
    asked = call.arguments
    if len(asked.email_ids) > EMAILS_MAX:
        raise MethodFailed("requestTooLarge", f"at most {EMAILS_MAX} emails at once")
    today = datetime.fromtimestamp(call.services.clock.milliseconds() / 1000, UTC)
    mailboxes = await mailboxes_of(call.context, call.account)
    words = translated(parse_filter(asked.filter, EmailFilter), mailboxes, today).words
    reading = BodyArguments(account_id=call.account.id, fetch_text_body_values=True, max_body_value_bytes=TEXT_OCTETS)
    names = frozenset({"subject", *(("bodyValues", "textBody") if words else ())})
    try:
        found = await email_objects(call.context, call.account, asked.email_ids, EmailShape(names, reading))
    except TooLarge as error:
        raise MethodFailed("requestTooLarge", str(error)) from error
    return {
        "accountId": call.account.id,
        "list": [_snippet(id_, found[id_], words) for id_ in asked.email_ids if id_ in found],
        "notFound": [id_ for id_ in asked.email_ids if id_ not in found] or None,
    }


def _snippet(id_: str, email: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    pattern = pattern_of(words)
    if pattern is None:
        return {"emailId": id_, "subject": None, "preview": None}
    types = {part["partId"]: part["type"] for part in email.get("textBody", ())}
    preview = None
    for part, value in email.get("bodyValues", {}).items():
        text = text_of_html(value["value"]) if types.get(part) == "text/html" else value["value"]
        preview = marked_around(_BLANKS.sub(" ", text), pattern)
        if preview is not None:
            break
    subject = email.get("subject") or ""
    return {
        "emailId": id_,
        "subject": marked(subject[:1000], pattern) if pattern.search(subject[:1000]) else None,
        "preview": preview,
    }


def pattern_of(words: Sequence[str]) -> re.Pattern[str] | None:
    """Return what finds any of some words; None of none."""
    named = sorted({word for word in words if word.strip()}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, named)), re.IGNORECASE) if named else None


def marked(text: str, pattern: re.Pattern[str]) -> str:
    """Return a text as HTML with all that is found marked."""
    pieces, last = [], 0
    for found in pattern.finditer(text):
        pieces += [escape(text[last : found.start()]), f"<mark>{escape(found[0])}</mark>"]
        last = found.end()
    return "".join([*pieces, escape(text[last:])])


def marked_around(text: str, pattern: re.Pattern[str]) -> str | None:
    """Return what stands around the first word found, at most ``OCTETS_MAX`` octets; None if none is."""
    found = pattern.search(text)
    if found is None:
        return None
    start = max(found.start() - _BEFORE, 0)
    if start:
        start = text.find(" ", start, found.start()) + 1 or found.start()
    excerpt = text[start : start + LENGTH_MAX].strip()
    while len(shown := marked(excerpt, pattern).encode("utf-8", "replace")) > OCTETS_MAX and excerpt:
        excerpt = excerpt[: min(len(excerpt) - 1, len(excerpt) * OCTETS_MAX // len(shown))]
    return shown.decode()


SNIPPET_GET: Final = Method("SearchSnippet/get", SnippetArguments, _get)
