"""The subject that answers and forwards share with what they answer (RFC 5256 section 2.1)."""

import re
from typing import Final

from folkmoot.mime.headers import decode

SUBJECT_MAX: Final = 4_000  # characters looked at
ROUNDS_MAX: Final = 100  # prefixes taken off
_BLOB: Final = r"\[[^\[\]]*\][ \t]*"
_LEADER: Final = re.compile(rf"(?:{_BLOB})*(?:re|fwd?)[ \t]*(?:{_BLOB})?:[ \t]*", re.IGNORECASE)
_FIRST_BLOB: Final = re.compile(_BLOB)
_FORWARDED: Final = re.compile(r"\[fwd:(.*)\]", re.IGNORECASE | re.DOTALL)
_TRAILER: Final = "(fwd)"


def base_subject(octets: bytes) -> str:
    """Return a subject without what answering and forwarding put around it, ready to compare."""
    text = " ".join(decode(octets[: 4 * SUBJECT_MAX])[:SUBJECT_MAX].split())
    for _ in range(ROUNDS_MAX):
        before = text
        while text.lower().endswith(_TRAILER):
            text = text[: -len(_TRAILER)].rstrip()
        leader = _LEADER.match(text)
        if leader:
            text = text[leader.end() :]
        else:
            blob = _FIRST_BLOB.match(text)
            if blob and blob.end() < len(text):
                text = text[blob.end() :]
        forwarded = _FORWARDED.fullmatch(text)
        if forwarded:
            text = forwarded[1].strip()
        if text == before:
            break
    return text.casefold()
