"""The first words of messages, as lists show them; a worker remembers those it has made."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.gathering import Gathering
from folkmoot.mime.charsets import to_text
from folkmoot.mime.content import decode_content
from folkmoot.mime.html_text import text_of_html
from folkmoot.mime.parameters import parameter_text
from folkmoot.mime.part import Part

LENGTH_MAX: Final = 256  # characters (RFC 8621 section 4.1.4)
PLAIN_OCTETS: Final = 4 * 1024  # of a text that are fetched
HTML_OCTETS: Final = 32 * 1024  # of HTML: newsletters begin with styles
REMEMBERED_MAX: Final = 20_000  # previews of a worker: some 6 MB
PARTS_MAX: Final = 200  # of a structure that are looked at
_QUOTED: Final = re.compile(r"(?m)^[ \t]*>.*$")
_BLANKS: Final = re.compile(r"\s+")
_RULES: Final = re.compile(r"[-_=*~#]{4,}")
_UNSHOWN: Final = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u034f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)

Key = tuple[PrincipalId, str, str, int, int]
"""Caller, account, mailbox, UIDVALIDITY, UID: what one person reads is never shown to another."""


class Previews:
    """Makes previews."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._held: OrderedDict[Key, str] = OrderedDict()

    def known(self, caller: Caller, account: str, mailbox: str, uid_validity: int, uid: int) -> str | None:
        """Return a preview that was made before."""
        return self._held.get((caller.principal, account, mailbox, uid_validity, uid))

    async def of(
        self, caller: Caller, account: str, mailbox: str, uid_validity: int, structures: Mapping[int, Part]
    ) -> dict[int, str]:
        """Return the previews of messages of one mailbox, by UID; texts that are needed come with one visit.

        Raises: as ``Gathering.sections``.
        """
        found: dict[int, str] = {}
        parts: dict[int, Part] = {}
        for uid, structure in structures.items():
            key = (caller.principal, account, mailbox, uid_validity, uid)
            held = self._held.get(key)
            part = preview_part(structure) if held is None else None
            if part is None:
                found[uid] = held or ""
            else:
                parts[uid] = part
        for html in (False, True):
            some = {uid: part for uid, part in parts.items() if (part.subtype == "html") is html}
            limit = HTML_OCTETS if html else PLAIN_OCTETS
            wanted = {uid: [(part.path, part.size)] for uid, part in some.items()}
            octets = await self._gathering.sections(
                caller, account, mailbox, wanted, uid_validity=uid_validity, limit=limit
            )
            raw = {uid: octets.get(uid, {}).get(part.path, b"") for uid, part in some.items()}
            found |= await asyncio.to_thread(_previews, some, raw)
        for uid in parts:
            self._held[caller.principal, account, mailbox, uid_validity, uid] = found.get(uid, "")
        while len(self._held) > REMEMBERED_MAX:
            self._held.popitem(last=False)
        return found


def preview_part(structure: Part) -> Part | None:
    """Return the text that a preview is made of: the first one, plain before HTML that says the same."""
    html: Part | None = None
    for number, part in enumerate(structure.walk()):
        if number >= PARTS_MAX:
            break
        if part.disposition == "attachment":
            continue
        if part.content_type == "text/plain" and part.size:
            return part
        if part.content_type == "text/html" and html is None and part.size:
            html = part
    return html


def preview_of(part: Part, raw: bytes) -> str:
    """Return the first words of a text; ``raw`` is its beginning in its transfer encoding."""
    text = to_text(decode_content(raw, part.encoding), parameter_text(part.parameters, "charset"))
    if part.subtype == "html":
        text = text_of_html(text)
    own = _QUOTED.sub("", text)
    words = _BLANKS.sub(" ", _RULES.sub(" ", _UNSHOWN.sub("", own if own.strip() else text))).strip()
    return words[:LENGTH_MAX].replace("\ufffd", "").rstrip()


def _previews(parts: Mapping[int, Part], raw: Mapping[int, bytes]) -> dict[int, str]:
    return {uid: preview_of(part, raw[uid]) for uid, part in parts.items()}
