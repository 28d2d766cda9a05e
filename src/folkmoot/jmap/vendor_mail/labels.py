"""``Label``: the names and colours that a person gives to keywords."""

from base64 import urlsafe_b64encode
from typing import Annotated, Any, Final

from msgspec import Meta

from folkmoot.core.errors import Conflict, MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, differing
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, set_method
from folkmoot.jmap.vendor_mail.owning import require_own
from folkmoot.mailboxes.labels import NAME_MAX


class Label(Described):
    """A keyword, and how it is shown."""

    name: Annotated[str, Meta(max_length=NAME_MAX)]
    id: Annotated[Id, server_set] = ""
    keyword: Annotated[str, server_set, told("of emails; made of the name")] = ""
    color: Annotated[str, Meta(pattern=r"^(#[0-9A-Fa-f]{6})?\Z")] = ""


LABEL: Final = DataType("Label", Label, Feed.PERSON)


def _id(keyword: str) -> str:
    return f"l{urlsafe_b64encode(keyword.encode()).decode().rstrip('=')}"


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    require_own(context, account)
    listed = await context.services.mail.labels.list(context.caller)
    return {
        _id(one.keyword): {
            "id": _id(one.keyword),
            "keyword": one.keyword.lower(),
            "name": one.name,
            "color": one.colour,
        }
        for one in listed
    }


class _Setter(OneByOne):
    async def state(self) -> str:
        return await LABELS.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        labels = self.call.services.mail.labels
        try:
            added = await labels.add(self.call.caller, value["name"], value.get("color", ""))
        except (MalformedInput, Conflict) as error:
            raise InvalidProperties(str(error), "name") from error
        return differing((await _all(self.call.context, self.call.account))[_id(added.keyword)], value)

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        labels = self.call.services.mail.labels
        before = (await _all(self.call.context, self.call.account)).get(id_)
        keyword = await self._keyword(id_)
        if before is None:
            raise SetFailed("notFound", "there is no such label")
        wanted = self.kind.refuse_fixed(patch, before).applied(before)
        name, colour = (
            self.kind.check("name", wanted.get("name", "")),
            self.kind.check("color", wanted.get("color", "")),
        )
        try:
            await labels.set(self.call.caller, keyword, name=name, colour=colour)
        except (MalformedInput, Conflict) as error:
            raise InvalidProperties(str(error), "name") from error
        after = (await _all(self.call.context, self.call.account))[id_]
        return differing(after, {**before, **wanted}) or None

    async def destroy_one(self, id_: str) -> None:
        await self.call.services.mail.labels.remove(self.call.caller, await self._keyword(id_))

    async def _keyword(self, id_: str) -> str:
        listed = await self.call.services.mail.labels.list(self.call.caller)
        found = next((one.keyword for one in listed if _id(one.keyword) == id_), None)
        if found is None:
            raise SetFailed("notFound", "there is no such label")
        return found


LABELS: Final = SmallType(LABEL, _all)
METHODS: Final = (LABELS.get(), LABELS.changes(), set_method(LABEL, lambda call: _Setter(LABEL, call)))
