"""CARDDAV:address-data: which properties and which version of a card a client is given (RFC 6352 section 10.4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.contentline import Line
from folkmoot.core.errors import Unsupported
from folkmoot.vcard.card import Card

# What supported-address-data announces (RFC 6352 section 6.2.2).  Stored 2.1 is converted when a client names one.
ADDRESS_DATA_TYPES: Final = (("text/vcard", "3.0"), ("text/vcard", "4.0"))
MEDIA_TYPES: Final = frozenset({"text/vcard", "text/x-vcard", "text/directory"})
_VERSION_PARAMETER: Final = re.compile(r";\s*version\s*=\s*\"?([0-9.]{1,8})\"?", re.IGNORECASE)
_ACCEPT_RANGES_MAX: Final = 50  # of one Accept header; browsers send five


@dataclass(frozen=True, slots=True)
class PropRequest:
    """CARDDAV:prop (section 10.4.2); ``name`` may carry a group."""

    name: str
    novalue: bool = False


def restrict(card: Card, requests: Sequence[PropRequest]) -> Card:
    """Return a card with the named properties only; VERSION always stays, without it the rest cannot be read."""
    wanted = {request.name.upper(): request.novalue for request in requests}
    wanted["VERSION"] = False
    kept: list[Line] = []
    for line in card.properties:
        full_name = f"{line.group}.{line.name}".upper() if line.group else line.name
        novalue = wanted.get(full_name, wanted.get(line.name))
        if novalue is not None:
            kept.append(line.replace(value="") if novalue else line)
    return Card(card.component, kept, card.begin, card.end)


def report_version(content_type: str | None, version: str | None) -> str:
    """Return the version that the attributes of CARDDAV:address-data ask for; 3.0 if they name none (section 10.4).

    Raises:
        Unsupported: CARDDAV:supported-address-data-conversion: a type or version we do not write.
    """
    if content_type is not None and content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise Unsupported("address data: only text/vcard")
    wanted = version.strip() if version else "3.0"
    if wanted not in {"3.0", "4.0"}:
        raise Unsupported("address data: only vCard 3.0 and 4.0")
    return wanted


def accepted_version(accept: str | None) -> str | None:
    """Return the version an Accept header names for vCards, or None if the stored text is what is wanted.

    A version we do not write counts as none: GET answers with what it has.
    """
    if not accept:
        return None
    for media_range in accept.split(",", _ACCEPT_RANGES_MAX)[:_ACCEPT_RANGES_MAX]:
        if media_range.partition(";")[0].strip().lower() not in MEDIA_TYPES:
            continue
        found = _VERSION_PARAMETER.search(media_range)
        if found is not None and found[1] in {"3.0", "4.0"}:
            return found[1]
    return None
