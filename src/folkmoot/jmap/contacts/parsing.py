"""``ContactCard/parse``: the card in a file, without storing it, as Stalwart has it; no RFC defines one."""

import asyncio
from typing import Any, Final

from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.jmap.jscontact import to_jscontact
from folkmoot.jmap.protocol.calling import Answer, Call
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.vcard import parse

BLOBS_MAX: Final = 16  # of one call
OCTETS_MAX: Final = 10 * 1024 * 1024  # of one file; larger ones are imported


class CardParseArguments(Arguments):
    """Of ``ContactCard/parse``."""

    account_id: Id
    blob_ids: list[Id]
    properties: list[str] | None = None


async def parse_blobs(call: Call[CardParseArguments]) -> Answer:
    """Return the cards of files; a file of several cards is for imports, and not parsable."""
    asked = call.arguments
    if len(asked.blob_ids) > BLOBS_MAX:
        raise MethodFailed("requestTooLarge", f"at most {BLOBS_MAX} files at once")
    names = None if asked.properties is None else frozenset(asked.properties)
    parsed: dict[str, Any] = {}
    missing: list[str] = []
    unreadable: list[str] = []
    for blob in dict.fromkeys(asked.blob_ids):
        try:
            octets = await call.context.read_blob(call.account, blob, limit=OCTETS_MAX)
            # Megabytes take a second: beside the event loop.
            parsed[blob] = await asyncio.to_thread(_card, octets, names)
        except NotFound:
            missing.append(blob)
        except FolkmootError:
            unreadable.append(blob)
    return {
        "accountId": call.account.id,
        "parsed": parsed or None,
        "notFound": missing or None,
        "notParsable": unreadable or None,
    }


def _card(octets: bytes, names: frozenset[str] | None) -> dict[str, Any]:
    return to_jscontact(parse(octets), properties=names)
