"""PushSubscription/get and /set (RFC 8620 section 7.2), which belong to no account and have no state."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from msgspec import Meta

from folkmoot.core.errors import FolkmootError
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import (
    Arguments,
    DataType,
    Described,
    Id,
    UTCDate,
    immutable,
    server_set,
    told,
)
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed, set_failed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_GET_MAX, OBJECTS_IN_SET_MAX
from folkmoot.jmap.protocol.patches import Patch, parse_patch
from folkmoot.push.subscriptions import NewSubscription, PushSubscription, types_of

_NUMBER: Final = re.compile(r"P([0-9]{1,18})\Z", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECRETS: Final = frozenset({"url", "keys"})  # never told again


class PushKeys(Described):
    """What pushes are encrypted for (RFC 8291)."""

    p256dh: Annotated[str, told("P-256 ECDH public key, uncompressed, in base64url")]
    auth: Annotated[str, told("16 octets in base64url")]


class Subscription(Described):
    """Where a device is told of changes while it is away."""

    id: Annotated[Id, server_set]
    device_client_id: Annotated[str, immutable, Meta(min_length=1, max_length=255)]
    url: Annotated[str, immutable, told("an https: URL of a push service; never told")]
    keys: Annotated[PushKeys | None, immutable, told("without them pushes are sent as they are; never told")] = None
    verification_code: Annotated[str | None, told("what came in the first push")] = None
    expires: Annotated[UTCDate | None, told("at most 30 days from now")] = None
    types: Annotated[list[str] | None, told("null: all")] = None


PUSH_SUBSCRIPTION: Final = DataType("PushSubscription", Subscription)


class GetArguments(Arguments):
    """Of ``PushSubscription/get``."""

    ids: list[str] | None = None
    properties: list[str] | None = None


class SetArguments(Arguments):
    """Of ``PushSubscription/set``."""

    create: dict[str, dict[str, Any]] | None = None
    update: dict[str, dict[str, Any]] | None = None
    destroy: list[str] | None = None


async def get(call: Call[GetArguments]) -> Answer:
    """Return the subscriptions that were made with the same credentials."""
    asked = call.arguments
    names = frozenset(asked.properties or ())
    if names & _SECRETS:
        raise MethodFailed("forbidden", "url and keys are never told")
    try:
        PUSH_SUBSCRIPTION.check_names(names)
    except InvalidProperties as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    if asked.ids is not None and len(asked.ids) > OBJECTS_IN_GET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_GET_MAX} objects at once")
    kept = await call.services.push_subscriptions.list_(call.caller)
    objects = {f"P{one.id}": _object(one) for one in kept}
    ids = list(objects) if asked.ids is None else list(dict.fromkeys(map(_resolved(call), asked.ids)))
    wanted = names | {"id"}
    found = [objects[one] for one in ids if one in objects]
    return {
        "list": [{n: v for n, v in one.items() if n in wanted} for one in found] if asked.properties else found,
        "notFound": [one for one in ids if one not in objects],
    }


async def set_(call: Call[SetArguments]) -> Answer:
    """Make, verify, renew and end subscriptions."""
    asked = call.arguments
    create, update, destroy = asked.create or {}, asked.update or {}, asked.destroy or []
    if len(create) + len(update) + len(destroy) > OBJECTS_IN_SET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
    created: dict[str, Any] = {}
    updated: dict[str, Any] = {}
    failed: dict[str, dict[str, Any]] = {"notCreated": {}, "notUpdated": {}, "notDestroyed": {}}
    destroyed: list[str] = []
    for creation, value in create.items():
        try:
            created[creation] = await _create(call, value)
            call.context.created[creation] = created[creation]["id"]
        except FolkmootError as error:
            failed["notCreated"][creation] = set_failed(error).told()
    for name, value in update.items():
        id_ = _resolved(call)(name)
        try:
            updated[id_] = await _update(call, id_, value)
        except FolkmootError as error:
            failed["notUpdated"][id_] = set_failed(error).told()
    for id_ in dict.fromkeys(map(_resolved(call), destroy)):
        try:
            await call.services.push_subscriptions.remove(call.caller, _number(id_))
            destroyed.append(id_)
        except FolkmootError as error:
            failed["notDestroyed"][id_] = set_failed(error).told()
    return {
        "created": created or None,
        "updated": updated or None,
        "destroyed": destroyed or None,
        **{name: some or None for name, some in failed.items()},
    }


METHODS: Final = (
    Method("PushSubscription/get", GetArguments, get),
    Method("PushSubscription/set", SetArguments, set_, writes=True),
)


async def _create(call: Call[Any], value: Mapping[str, Any]) -> dict[str, Any]:
    given = PUSH_SUBSCRIPTION.created(value)
    if given.get("verificationCode") is not None:
        raise InvalidProperties("the code is sent first", "verificationCode")
    keys = given.get("keys") or {}
    made = await call.services.push_subscriptions.create(
        call.caller,
        NewSubscription(
            device=given["deviceClientId"],
            url=given["url"],
            p256dh=keys.get("p256dh", ""),
            auth=keys.get("auth", ""),
            types=given.get("types"),
            expires_at=_milliseconds(given.get("expires")),
        ),
    )
    return {"id": f"P{made.id}", "expires": _date(made.expires_at)}


async def _update(call: Call[Any], id_: str, value: Mapping[str, Any]) -> dict[str, Any] | None:
    patch = parse_patch(value)
    PUSH_SUBSCRIPTION.check_patch(patch)
    number = _number(id_)
    kept = {one.id: one for one in await call.services.push_subscriptions.list_(call.caller)}.get(number)
    if kept is None:
        raise SetFailed("notFound", "no such subscription")
    if patch.properties & _SECRETS:
        raise InvalidProperties("url and keys cannot be changed", *sorted(patch.properties & _SECRETS))
    present = _object(kept)
    patch = PUSH_SUBSCRIPTION.refuse_fixed(patch, present)
    after = _applied(patch, present)
    changed = await call.services.push_subscriptions.change(
        call.caller,
        number,
        code=after.get("verificationCode") if "verificationCode" in patch.properties else None,
        types=after.get("types") if "types" in patch.properties else None,
        all_types="types" in patch.properties and after.get("types") is None,
        expires_at=_milliseconds(after.get("expires")) if "expires" in patch.properties else None,
        renew="expires" in patch.properties,
    )
    expires = _date(changed.expires_at)
    return {"expires": expires} if "expires" in patch.properties and expires != after.get("expires") else None


def _applied(patch: Patch, present: Mapping[str, Any]) -> Mapping[str, Any]:
    after = patch.applied(present)
    for name in patch.properties & {"types", "expires", "verificationCode"}:
        if after.get(name) is not None:
            PUSH_SUBSCRIPTION.check(name, after[name])
    return after


def _object(kept: PushSubscription) -> dict[str, Any]:
    types = types_of(kept)
    return {
        "id": f"P{kept.id}",
        "deviceClientId": kept.device,
        "verificationCode": kept.code if kept.verified else None,
        "expires": _date(kept.expires_at),
        "types": None if types is None else sorted(types),
    }


def _number(id_: str) -> int:
    found = _NUMBER.match(id_)
    if found is None:
        raise SetFailed("notFound", "no such subscription")
    return int(found[1])


def _resolved(call: Call[Any]) -> Any:
    created = call.context.created
    return lambda id_: created.get(id_[1:], id_) if id_.startswith("#") else id_


def _date(milliseconds: int) -> str:
    return (_EPOCH + timedelta(milliseconds=milliseconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(date: str | None) -> int | None:
    if date is None:
        return None
    try:
        return int((datetime.fromisoformat(date) - _EPOCH) / timedelta(milliseconds=1))
    except ValueError as error:
        raise InvalidProperties("this is no date", "expires") from error
