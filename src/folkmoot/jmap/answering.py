"""A request's octets to an answer's octets, wherever they came from."""

import asyncio
from collections.abc import Mapping
from typing import Final

import msgspec

from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.dispatch import Registry, run
from folkmoot.jmap.protocol.request import Request, parse_request

THREAD_OCTETS: Final = 1024 * 1024  # from which parsing, about 5 ms for as much, leaves the event loop


async def parsed(octets: bytes) -> Request:
    """Parse a request; raises as ``parse_request``."""
    if len(octets) < THREAD_OCTETS:
        return parse_request(octets)
    return await asyncio.to_thread(parse_request, octets)


async def respond(
    registry: Registry,
    context: Context,
    request: Request,
    state: str,
    *,
    seconds: float,
    more: Mapping[str, object] | None = None,
) -> bytes:
    """Return the JSON of the answer (RFC 8620 section 3.4); ``more`` stands in it beside the rest (RFC 8887).

    Raises:
        RequestRefused: ``unknownCapability``.
    """
    answers = await run(registry, context, request, seconds=seconds)
    told: dict[str, object] = {
        **(more or {}),
        "methodResponses": [msgspec.Raw(one.encoded()) for one in answers],
        "sessionState": state,
    }
    if request.created_ids is not None:
        told["createdIds"] = context.created
    return msgspec.json.encode(told)
