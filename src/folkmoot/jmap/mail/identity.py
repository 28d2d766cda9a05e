"""``Identity``: as whom somebody writes from an account (RFC 8621 section 6)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from msgspec import Meta

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, differing
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, immutable, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, set_method
from folkmoot.mailboxes.identities import NotYourAddress, signature_html
from folkmoot.mailboxes.identity_editing import ShownIdentity
from folkmoot.mailboxes.values import MAIN
from folkmoot.mailboxes.values import Identity as KeptIdentity
from folkmoot.mime.html_text import text_of_html

SIGNATURE_MAX: Final = 64 * 1024  # characters; as the service has it


class EmailAddress(Described):
    """A name and an address (RFC 8621 section 4.1.2.3)."""

    email: str
    name: str | None = None


class Identity(Described):
    """An identity (RFC 8621 section 6)."""

    email: Annotated[str, immutable]
    id: Annotated[Id, server_set] = ""
    name: str = ""
    reply_to: Annotated[list[EmailAddress] | None, told("at most one; its name is not kept")] = None
    bcc: Annotated[list[EmailAddress] | None, told("names are not kept")] = None
    text_signature: Annotated[str, Meta(max_length=SIGNATURE_MAX)] = ""
    html_signature: Annotated[str, Meta(max_length=SIGNATURE_MAX)] = ""
    may_delete: Annotated[bool, server_set] = False
    is_default: Annotated[bool, told("beyond the standard: the one that new messages begin with")] = False


IDENTITY: Final = DataType("Identity", Identity, Feed.PERSON)


def shown(one: ShownIdentity) -> JsonObject:
    """Return an identity as JMAP shows it."""
    known = one.identity
    is_html = "<" in known.signature and ">" in known.signature
    return {
        "id": known.id,
        "name": known.name,
        "email": known.address,
        "replyTo": [{"name": None, "email": known.reply_to}] if known.reply_to else None,
        "bcc": [{"name": None, "email": address} for address in known.bcc] or None,
        "textSignature": known.text_signature
        or (text_of_html(known.signature).strip() if is_html else known.signature),
        "htmlSignature": signature_html(known.signature),
        "mayDelete": one.may_delete,
        "isDefault": known.default,
    }


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    listed = await context.services.mail.identity_editing.list(context.caller, account.mail or MAIN)
    return {one.identity.id: shown(one) for one in listed}


IDENTITIES: Final = SmallType(IDENTITY, _all)


class _Setter(OneByOne):
    async def state(self) -> str:
        return await IDENTITIES.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        new = _applied(KeptIdentity("", value["email"]), value)
        try:
            added = await self._service.add(self.call.caller, self._account, new)
        except NotYourAddress as error:
            raise SetFailed("forbiddenFrom", str(error), properties=("email",)) from error
        except MalformedInput as error:
            raise InvalidProperties(str(error), "email") from error
        return differing((await _all(self.call.context, self.call.account))[added.id], value)

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        present = next(
            (one for one in await self._service.list(self.call.caller, self._account) if one.identity.id == id_), None
        )
        if present is None:
            raise SetFailed("notFound", "there is no such identity")
        before = shown(present)
        patch = self.kind.refuse_fixed(patch, before)
        wanted = patch.applied(before)
        changed = {name: wanted.get(name, self.kind.default_of(name)) for name in patch.properties}
        for name, value in changed.items():
            self.kind.check(name, value)
        await self._service.change(self.call.caller, self._account, _applied(present.identity, changed))
        after = (await _all(self.call.context, self.call.account))[id_]
        return differing(after, {**before, **changed}) or None

    async def destroy_one(self, id_: str) -> None:
        await self._service.remove(self.call.caller, self._account, id_)

    @property
    def _service(self) -> Any:
        return self.call.services.mail.identity_editing

    @property
    def _account(self) -> str:
        return self.call.account.mail or MAIN


def _applied(present: KeptIdentity, changed: Mapping[str, Any]) -> KeptIdentity:
    """Return an identity with properties of JMAP put in."""
    reply_to = changed.get("replyTo") or []
    if len(reply_to) > 1:
        raise InvalidProperties("answers go to one address", "replyTo")
    more: dict[str, Any] = {}
    if "name" in changed:
        more["name"] = changed["name"]
    if "replyTo" in changed:
        more["reply_to"] = reply_to[0]["email"] if reply_to else ""
    if "bcc" in changed:
        more["bcc"] = tuple(one["email"] for one in changed["bcc"] or [])
    if "htmlSignature" in changed:
        more["signature"] = changed["htmlSignature"]
    if "textSignature" in changed:
        more["text_signature"] = changed["textSignature"]
        if not more.get("signature", present.signature) or ("htmlSignature" not in changed and not _has_html(present)):
            more["signature"] = more.get("signature") or changed["textSignature"]
    if "isDefault" in changed:
        more["default"] = changed["isDefault"]
    return replace(present, **more)


def _has_html(present: KeptIdentity) -> bool:
    return "<" in present.signature and ">" in present.signature


METHODS: Final = (
    IDENTITIES.get(),
    IDENTITIES.changes(),
    set_method(IDENTITY, lambda call: _Setter(IDENTITY, call)),
)
