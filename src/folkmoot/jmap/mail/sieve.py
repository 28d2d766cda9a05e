"""``SieveScript``: people's own scripts on the mail server (RFC 9661)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from folkmoot.core.errors import Conflict, NotFound, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, differing, state_of
from folkmoot.jmap.protocol.calling import Answer, Blob, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, DataType, Described, Feed, Id, Reference, server_set
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import (
    JsonObject,
    OneByOne,
    SetArguments,
    set_method,
)
from folkmoot.mail.errors import OverQuota
from folkmoot.mail.managesieve.answers import ScriptRefused
from folkmoot.mail.managesieve.session import SCRIPT_MAX
from folkmoot.mailboxes.scripts import Script, digest_of, script_text

LETTER: Final = "S"
_DIGITS: Final = 16  # of the digest that stands in a blob's id


class SieveScript(Described):
    """A script (RFC 9661 section 2)."""

    blob_id: Reference
    id: Annotated[Id, server_set] = ""
    name: str | None = None
    is_active: Annotated[bool, server_set] = False


SIEVE_SCRIPT: Final = DataType("SieveScript", SieveScript, Feed.PERSON)


def _shown(one: Script) -> JsonObject:
    return {"id": one.id, "name": one.name, "blobId": f"{LETTER}{one.digest}{one.id}", "isActive": one.active}


async def _all(context: Context, _account: Account) -> dict[str, JsonObject]:
    return {one.id: _shown(one) for one in await context.services.mail.scripts.list(context.caller)}


SCRIPTS: Final = SmallType(SIEVE_SCRIPT, _all)


async def open_blob(context: Context, account: Account, blob: str) -> Blob:
    """Open a script as a blob; one whose text has changed since is another blob.

    Raises:
        NotFound: there is none.
    """
    digest, id_ = blob[1 : 1 + _DIGITS], blob[1 + _DIGITS :]
    if account.id != context.accounts.own.id:
        raise NotFound("no such blob")
    text = await context.services.mail.scripts.text(context.caller, id_)
    if digest_of(text) != digest:
        raise NotFound("no such blob")
    octets = text.encode()
    return Blob("application/sieve", "script.sieve", len(octets), _once(octets))


async def _once(octets: bytes) -> AsyncIterator[bytes]:
    yield octets


class SieveSetArguments(SetArguments):
    """Of ``SieveScript/set`` (RFC 9661 section 2.2)."""

    on_success_activate_script: str | None = None
    on_success_deactivate_script: bool | None = None


class _Setter(OneByOne):
    async def state(self) -> str:
        return await SCRIPTS.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        text = await self._text(value["blobId"])
        name = value.get("name") or f"script-{digest_of(text)[:8]}"
        try:
            id_ = await self._service.create(self.call.caller, name, text)
        except (Conflict, ScriptRefused, OverQuota) as error:
            raise _failed(error) from error
        return differing((await _all(self.call.context, self.call.account))[id_], value)

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        before = (await _all(self.call.context, self.call.account)).get(id_)
        if before is None:
            raise SetFailed("notFound", "there is no such script")
        wanted = self.kind.refuse_fixed(patch, before).applied(before)
        name, blob = wanted.get("name"), wanted.get("blobId")
        if not isinstance(name, str) or not isinstance(blob, str):
            raise InvalidProperties("a script has a name and a blob", "name", "blobId")
        text = await self._text(blob) if blob != before["blobId"] else None
        try:
            await self._service.change(self.call.caller, id_, name=name, text=text)
        except (Conflict, ScriptRefused, OverQuota) as error:
            raise _failed(error) from error
        after = (await _all(self.call.context, self.call.account))[id_]
        return differing(after, wanted) or None

    async def destroy_one(self, id_: str) -> None:
        try:
            await self._service.delete(self.call.caller, id_)
        except Conflict as error:
            raise SetFailed("sieveIsActive", str(error)) from error

    async def _text(self, blob: str) -> str:
        return await _blob_text(self.call, blob)

    @property
    def _service(self) -> Any:
        return self.call.services.mail.scripts


async def _blob_text(call: Call[Any], blob: str) -> str:
    try:
        return script_text(await call.context.read_blob(call.account, blob, limit=SCRIPT_MAX))
    except NotFound as error:
        raise SetFailed("blobNotFound", "there is no such blob", properties=("blobId",)) from error


def _failed(error: Exception) -> SetFailed:
    """Return what the standard calls a failure (RFC 9661 section 2.2)."""
    if isinstance(error, ScriptRefused):
        return SetFailed("invalidSieve", str(error))
    if isinstance(error, TooLarge):
        return SetFailed("overQuota", str(error))
    return SetFailed("alreadyExists", str(error), properties=("name",))


async def _finish(call: Call[SieveSetArguments], told: dict[str, Any]) -> None:
    """Activate as the client asked, if everything went well."""
    asked = call.arguments
    if asked.on_success_activate_script is None and not asked.on_success_deactivate_script:
        return
    if any(told.get(name) for name in ("notCreated", "notUpdated", "notDestroyed")):
        return
    before = {id_: one["isActive"] for id_, one in (await _all(call.context, call.account)).items()}
    wanted = None
    if asked.on_success_activate_script is not None:
        wanted = call.context.id_of(asked.on_success_activate_script)
        if wanted not in before:
            return  # an invalid id is ignored, as section 2.2 wants it
    await call.services.mail.scripts.activate(call.caller, wanted)
    after = await _all(call.context, call.account)
    updated = dict(told["updated"] or {})
    for id_, one in after.items():
        if one["isActive"] != before.get(id_):
            created = next((key for key, made in (told["created"] or {}).items() if made["id"] == id_), None)
            if created is not None:
                told["created"][created] = {**told["created"][created], "isActive": one["isActive"]}
            else:
                updated[id_] = {**(updated.get(id_) or {}), "isActive": one["isActive"]}
    told["updated"] = updated or None
    told["newState"] = state_of(after)


class _Condition(Arguments):
    name: str | None = None
    is_active: bool | None = None


def _holds(condition: _Condition, one: JsonObject) -> bool:
    return (condition.name is None or condition.name.casefold() in str(one["name"]).casefold()) and (
        condition.is_active is None or condition.is_active == one["isActive"]
    )


class ValidateArguments(Arguments):
    """Of ``SieveScript/validate`` (RFC 9661 section 2.4)."""

    account_id: Id
    blob_id: Reference


async def _validate(call: Call[ValidateArguments]) -> Answer:
    error: dict[str, object] | None = None
    try:
        await call.services.mail.scripts.check(call.caller, await _blob_text(call, call.arguments.blob_id))
    except ScriptRefused as refused:
        error = SetFailed("invalidSieve", str(refused)).told()
    return {"accountId": call.account.id, "error": error}


METHODS: Final = (
    SCRIPTS.get(),
    SCRIPTS.query(_Condition, _holds, {"name": "name", "isActive": "isActive"}),
    set_method(SIEVE_SCRIPT, lambda call: _Setter(SIEVE_SCRIPT, call), SieveSetArguments, _finish),
    Method("SieveScript/validate", ValidateArguments, _validate),
)
