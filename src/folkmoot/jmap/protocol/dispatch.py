"""Runs the calls of a request, one after the other, each with the answers of those before it (RFC 8620 section 3.3)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import msgspec
import structlog

from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import BlobHolders, Call, Capability, Context, Method, OpenBlob
from folkmoot.jmap.protocol.errors import MethodFailed, RequestRefused, method_failed
from folkmoot.jmap.protocol.limits import ANSWER_OCTETS_MAX, REQUEST_SECONDS_MAX
from folkmoot.jmap.protocol.references import resolved
from folkmoot.jmap.protocol.request import Invocation, Request

CORE: Final = "urn:ietf:params:jmap:core"
_ACCOUNT: Final = "account_id"
_log = structlog.get_logger()


@dataclass(frozen=True)
class Registry:
    """All capabilities, and their methods by name."""

    capabilities: Sequence[Capability]
    _methods: dict[str, tuple[Capability, Method]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for capability in self.capabilities:
            for method in capability.methods:
                if method.name in self._methods:
                    raise ValueError(f"{method.name} stands twice")
                self._methods[method.name] = capability, method

    @cached_property
    def blobs(self) -> Mapping[str, OpenBlob]:
        """What opens blobs, by the first letter of their ids."""
        return {letter: opener for one in self.capabilities for letter, opener in one.blobs.items()}

    @cached_property
    def holders(self) -> Mapping[str, BlobHolders]:
        """What finds the objects that hold blobs, by the first letter of the blobs' ids."""
        return {letter: finder for one in self.capabilities for letter, finder in one.holders.items()}

    @property
    def methods(self) -> Mapping[str, Method]:
        """All methods by name."""
        return {name: method for name, (_, method) in self._methods.items()}

    @property
    def urns(self) -> frozenset[str]:
        """What a client may name in ``using``."""
        return frozenset(one.urn for one in self.capabilities if one.in_session)

    def find(self, name: str, using: frozenset[str]) -> tuple[Capability, Method]:
        """Return a method that the request's capabilities offer.

        Raises:
            MethodFailed: ``unknownMethod``.
        """
        found = self._methods.get(name)
        if found is None or not (found[0].urn in using or found[0].urn == CORE):
            raise MethodFailed("unknownMethod", f"no method {name[:60]} among the capabilities in using")
        return found


async def run(
    registry: Registry, context: Context, request: Request, *, seconds: float = REQUEST_SECONDS_MAX
) -> list[Invocation]:
    """Return the answers of a request's calls, encoded.

    ``context.using`` and ``context.created`` are those of the request.  What takes too long, or tells too much, fails;
    what was answered before is told all the same.

    Raises:
        RequestRefused: ``unknownCapability``.
    """
    unknown = sorted(request.using - registry.urns)
    if unknown:
        raise RequestRefused("unknownCapability", f"there is no capability {unknown[0][:100]}")
    context.using = request.using
    context.created.update(request.created_ids or {})
    answers: list[Invocation] = []
    octets = 0
    until = asyncio.get_running_loop().time() + seconds
    for invocation in request.calls:
        for answer in await _answers(registry, context, invocation, answers, until):
            encoded = answer.encoded()
            octets += len(encoded)
            if octets > ANSWER_OCTETS_MAX:
                octets -= len(encoded)
                failed = MethodFailed("requestTooLarge", f"all answers have at most {ANSWER_OCTETS_MAX} octets")
                answer = Invocation("error", failed.told(), answer.id)
                encoded = answer.encoded()
            answers.append(replace(answer, octets=encoded))
    return answers


async def _answers(
    registry: Registry, context: Context, invocation: Invocation, before: Sequence[Invocation], until: float
) -> list[Invocation]:
    """Return the answer of one call, and what follows from it."""
    more: list[Invocation] = []
    method: Method | None = None
    try:
        if asyncio.get_running_loop().time() >= until:
            raise MethodFailed("serverUnavailable", "the calls before it took all the time there is")
        async with asyncio.timeout_at(until):
            arguments = resolved(invocation.arguments, before)
            capability, method = registry.find(invocation.name, context.using)
            told = await _run_one(capability, method, context, Invocation(method.name, arguments, invocation.id), more)
            answer = Invocation(invocation.name, dict(told), invocation.id)
            return [replace(answer, octets=answer.encoded()), *more]
    except FolkmootError as error:
        failed = method_failed(error)
    except TimeoutError as error:
        _log.warning("too slow", method=invocation.name[:60], reason=str(error))
        kind = "serverPartialFail" if method is not None and method.writes else "serverUnavailable"
        failed = MethodFailed(kind, "this takes too long just now")
    except Exception as error:  # noqa: BLE001 - one call's bug; the others' answers are not lost
        _log.error("bug", method=invocation.name[:60], exc_info=error)
        failed = MethodFailed("serverFail", "Something went wrong here; the log tells more.")
    return [Invocation("error", failed.told(), invocation.id), *more]


async def _run_one(
    capability: Capability, method: Method, context: Context, invocation: Invocation, more: list[Invocation]
) -> Mapping[str, Any]:
    try:
        arguments = msgspec.convert(invocation.arguments, method.arguments)
    except msgspec.ValidationError as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    account = context.accounts.own
    if _ACCOUNT in getattr(method.arguments, "__struct_fields__", ()):
        account = await _account(capability, context, getattr(arguments, _ACCOUNT))
    return await method.run(Call(context, method.name, arguments, invocation.id, account, more))


async def _account(capability: Capability, context: Context, wanted: str) -> Account:
    try:
        account = await context.accounts.get(wanted)
    except NotFound as error:
        raise MethodFailed("accountNotFound", "there is no such account") from error
    if capability.account(context, account) is None and capability.urn != CORE:
        raise MethodFailed("accountNotSupportedByMethod", "this account is without that capability")
    return account
