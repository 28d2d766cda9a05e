"""``Snooze``: emails put off until some time."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.email_changing import place_of
from folkmoot.jmap.mail.email_set import chosen_of, seconds_of
from folkmoot.jmap.mail.ids import EmailId
from folkmoot.jmap.mail.small_states import SmallType
from folkmoot.jmap.mail.views import Mailboxes, forget, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, UTCDate, immutable, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, set_method
from folkmoot.store.snoozed import Snoozed

_ID: Final = re.compile(r"z([1-9][0-9]{0,17})\Z", re.ASCII)


class Snooze(Described):
    """An email that waits; destroying this brings it back."""

    email_id: Annotated[str, immutable, told("it has another id while it waits; this is that one")]
    until: Annotated[UTCDate, immutable]
    id: Annotated[Id, server_set] = ""
    mailbox_id: Annotated[Id | None, server_set, told("where it goes back to")] = None


SNOOZE: Final = DataType("Snooze", Snooze, Feed.PERSON)


def _shown(one: Snoozed, mailboxes: Mailboxes) -> JsonObject:
    place = mailboxes.ids.get(one.mailbox)
    return {
        "id": f"z{one.id}",
        "emailId": str(EmailId(place, one.uid_validity, one.uid)) if place is not None else None,
        "until": datetime.fromtimestamp(one.until_at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "mailboxId": mailboxes.ids.get(one.origin),
    }


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    listed = await context.services.mail.snoozing.list(context.caller, mail_of(account))
    if not listed:
        return {}
    mailboxes = await mailboxes_of(context, account)
    return {f"z{one.id}": _shown(one, mailboxes) for one in listed}


class _Setter(OneByOne):
    async def state(self) -> str:
        return await SNOOZES.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        call = self.call
        place = place_of(await mailboxes_of(call.context, call.account), call.context.id_of(value["emailId"]))
        until = seconds_of(value["until"]) * 1000
        try:
            rows = await call.services.mail.snoozing.snooze(
                call.caller, mail_of(call.account), chosen_of(place.path, [place]), until
            )
        except MalformedInput as error:
            raise InvalidProperties(str(error), "until") from error
        if not rows:
            raise SetFailed("notFound", "there is no such email")
        forget(call.context, call.account)
        return _shown(rows[0], await mailboxes_of(call.context, call.account))

    async def destroy_one(self, id_: str) -> None:
        matched = _ID.match(id_)
        if matched is None or id_ not in await _all(self.call.context, self.call.account):
            raise SetFailed("notFound", "nothing of this id waits")
        await self.call.services.mail.snoozing.cancel(self.call.caller, mail_of(self.call.account), [int(matched[1])])
        forget(self.call.context, self.call.account)


SNOOZES: Final = SmallType(SNOOZE, _all)
METHODS: Final = (SNOOZES.get(), SNOOZES.changes(), set_method(SNOOZE, lambda call: _Setter(SNOOZE, call)))
