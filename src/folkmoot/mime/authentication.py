"""What our own mail servers found out about the sender (Authentication-Results, RFC 8601).

Anybody may write this field; it is believed only where it stands above what the sender could write, and names a server
that the administrator named.
"""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from folkmoot.mime.headers import Headers, decode

FIELDS_MAX: Final = 20  # looked at
VALUE_MAX: Final = 8000  # characters of one field
_FAILED: Final = frozenset({"fail", "permerror"})
_COMMENT: Final = re.compile(r"\([^()]*\)")
_RESULT: Final = re.compile(r"\s*([a-z0-9-]{1,30})\s*(?:/\s*\d+)?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_DOMAIN: Final = re.compile(r"\bheader\.(?:from|d|i)\s*=\s*\"?@?([\w.@-]{1,255})", re.IGNORECASE)


class Authentication(Struct, frozen=True):
    """The verdicts: "pass", "fail", "softfail", "none", ...; empty where there is none."""

    server: str
    spf: str = ""
    dkim: str = ""  # pass if any signature passed
    dmarc: str = ""
    domain: str = ""  # for which DMARC or DKIM passed

    @property
    def failed(self) -> bool:
        """Whether From was found to be forged, or nothing vouches for it."""
        if self.dmarc in {"pass", *_FAILED}:
            return self.dmarc != "pass"
        return self.dkim != "pass" and self.spf in {"fail", "softfail"}


def authentication_of(headers: Headers, trusted: Sequence[str]) -> Authentication | None:
    """Return the verdicts of the topmost field of a trusted server; None without one."""
    servers = {server.lower() for server in trusted}
    for raw in headers.all("authentication-results")[:FIELDS_MAX]:
        first, *results = _plain(raw).split(";")
        words = first.split()
        server = words[0].lower() if words else ""
        if server in servers:
            return _verdicts(server, results)
    return None


def claims_failure(headers: Headers) -> bool:
    """Whether any field, whoever wrote it, says that the sender is not who From names (DMARC, RFC 7489).

    Nobody forges that in one's own favour.
    """
    for raw in headers.all("authentication-results")[:FIELDS_MAX]:
        server, _, results = _plain(raw).partition(";")
        if _verdicts(server, results.split(";")).dmarc in _FAILED:
            return True
    return False


def _plain(raw: bytes) -> str:
    text = decode(raw)[:VALUE_MAX]
    for _ in range(3):  # comments within comments
        text = _COMMENT.sub(" ", text)
    return text


def _verdicts(server: str, results: Sequence[str]) -> Authentication:
    found: dict[str, str] = {}
    domain = ""
    for result in results:
        verdict = _RESULT.match(result)
        if verdict is None:
            continue
        method, value = verdict[1].lower(), verdict[2].lower()
        if method in {"spf", "dkim", "dmarc"} and found.get(method) != "pass":
            found[method] = value
            named = _DOMAIN.search(result)
            if value == "pass" and named and method in {"dkim", "dmarc"}:
                domain = named[1].rpartition("@")[2].lower()
    return Authentication(server, found.get("spf", ""), found.get("dkim", ""), found.get("dmarc", ""), domain)
