"""The envelope of a request (RFC 8620 section 3.3) and of its answer (section 3.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from folkmoot.jmap.protocol.errors import RequestRefused
from folkmoot.jmap.protocol.limits import CALLS_MAX, USING_MAX

CREATED_MAX: Final = 2_000  # creation ids that a client sends along

Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
    """A method's name, its arguments or answer, and the client's id of the call."""

    name: str
    arguments: Arguments
    id: str
    octets: bytes | None = field(default=None, repr=False, compare=False)  # encoded, where it has been

    def told(self) -> tuple[str, Arguments, str]:
        """Return it as the array that stands in JSON."""
        return self.name, self.arguments, self.id

    def encoded(self) -> bytes:
        """Return it as JSON."""
        if self.octets is not None:
            return self.octets
        try:
            return msgspec.json.encode(self.told())
        except UnicodeEncodeError:  # a lone surrogate, which JSON in UTF-8 cannot tell
            return msgspec.json.encode(_speakable(self.told()))


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its shape checked."""

    using: frozenset[str]
    calls: Sequence[Invocation]
    created_ids: Mapping[str, str] | None = field(default=None)


class _Request(msgspec.Struct, rename="camel"):
    using: list[str]
    method_calls: list[tuple[str, Arguments, str]]
    created_ids: dict[str, str] | None = None


_DECODER: Final = msgspec.json.Decoder(_Request)


def parse_request(octets: bytes) -> Request:
    """Parse the body of a request.

    Raises:
        RequestRefused: ``notJSON``, ``notRequest``, or ``limit``.
    """
    try:
        parsed = _DECODER.decode(octets)
    except msgspec.ValidationError as error:
        raise RequestRefused("notRequest", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestRefused("notJSON", str(error)) from error
    return _checked(parsed)


def request_of(value: object) -> Request:
    """Return the request that a decoded JSON value is, as one arrives over a WebSocket.

    Raises:
        RequestRefused: ``notRequest`` or ``limit``.
    """
    try:
        parsed = msgspec.convert(value, _Request)
    except msgspec.ValidationError as error:
        raise RequestRefused("notRequest", str(error)) from error
    return _checked(parsed)


def _checked(parsed: _Request) -> Request:
    if len(parsed.method_calls) > CALLS_MAX:
        raise RequestRefused("limit", f"at most {CALLS_MAX} calls in one request", limit="maxCallsInRequest")
    if len(parsed.using) > USING_MAX:
        raise RequestRefused("notRequest", "using names too many capabilities")
    if parsed.created_ids is not None and len(parsed.created_ids) > CREATED_MAX:
        raise RequestRefused("notRequest", "createdIds holds too many ids")
    calls = [Invocation(name, arguments, id_) for name, arguments, id_ in parsed.method_calls]
    return Request(frozenset(parsed.using), calls, parsed.created_ids)


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_speakable(name): _speakable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_speakable(one) for one in value]
    return value
