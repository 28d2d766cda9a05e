"""``DataImport``: begun by creating one, followed by pushes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.jmap.calendars.shelf import shelf_of
from folkmoot.jmap.contacts.shelf import books_of
from folkmoot.jmap.mail.views import mail_of, mailboxes_of
from folkmoot.jmap.moving.describing import DATA_IMPORT
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.telling import OwnSetter, number_of, reading, state_of, utc
from folkmoot.jmap.uploading import largest
from folkmoot.moving.files import format_of
from folkmoot.moving.importing import DataImport, Stage, Target

_TARGETS: Final = ("calendarId", "addressBookId", "mailboxId")


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the caller's of the last day."""
    return {str(one.id): _told(one) for one in await context.services.data_imports.list_(context.caller)}


def _told(one: DataImport) -> dict[str, Any]:
    progress = one.progress
    account, kind, id_ = progress.target.split(" ")
    return {
        "id": str(one.id),
        "blobId": None,
        "targetAccountId": account,
        **{name: id_ if name == kind else None for name in _TARGETS},
        "name": progress.name,
        "format": progress.form,
        "dryRun": progress.dry_run,
        "isCancelled": progress.stage is Stage.CANCELLED,
        "stage": progress.stage.value,
        "total": progress.total,
        "created": progress.created,
        "replaced": progress.replaced,
        "unchanged": progress.unchanged,
        "rejected": progress.rejected,
        "report": [{"where": line.where, "reason": line.fault} for line in progress.report],
        "fault": progress.fault,
        "begun": utc(one.created_at),
        "changed": utc(one.changed_at),
    }


class ImportSetter(OwnSetter):
    """Begins imports, ends and forgets them."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        target = await self._target(value)
        context, services = self.call.context, self.call.services
        if not value.get("blobId"):
            raise InvalidProperties("a file is needed", "blobId")
        blob_id = context.id_of(value["blobId"])
        try:
            opened = await context.open_blob(self.call.account, blob_id)
            octets = await context.read_blob(self.call.account, blob_id, limit=largest(services))
        except NotFound as error:
            raise SetFailed("blobNotFound", str(error), properties=("blobId",)) from error
        except TooLarge as error:
            raise SetFailed("tooLarge", str(error), properties=("blobId",)) from error
        name = value.get("name") or opened.name
        form = value.get("format") or format_of(name, opened.content_type, octets)
        dry_run = value.get("dryRun", False)
        return _told(
            await services.data_imports.begin(context.caller, target, octets, form=form, name=name, dry_run=dry_run)
        )

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        number = number_of(id_, self.kind)
        present = (await tell(self.call.context)).get(id_)
        if present is None:
            raise SetFailed("notFound", "no such import")
        patch = DATA_IMPORT.refuse_fixed(patch, present)
        wanted = DATA_IMPORT.check("isCancelled", patch.of("isCancelled", present["isCancelled"]))
        if wanted is present["isCancelled"]:
            return None
        if not wanted:
            raise InvalidProperties("what has ended does not go on: begin anew", "isCancelled")
        after = _told(await self.call.services.data_imports.cancel(self.call.caller, number))
        changed = {name: one for name, one in after.items() if one != present[name]}
        return changed | ({"isCancelled": False} if not after["isCancelled"] else {})

    async def destroy_one(self, id_: str) -> None:
        await self.call.services.data_imports.remove(self.call.caller, number_of(id_, self.kind))

    async def _target(self, value: Mapping[str, Any]) -> Target:
        context = self.call.context
        named = [name for name in _TARGETS if value.get(name)]
        if len(named) != 1:
            raise InvalidProperties("exactly one of a calendar, an address book and a mailbox", *_TARGETS)
        account = self.call.account
        if value.get("targetAccountId"):
            try:
                account = await context.accounts.get(value["targetAccountId"])
            except NotFound as error:
                raise InvalidProperties("no such account", "targetAccountId") from error
        id_ = context.id_of(value[named[0]])
        name = f"{account.id} {named[0]} {id_}"
        if named[0] == "mailboxId":
            if account.mail is None:
                raise InvalidProperties("this account is without mail", "targetAccountId")
            path = (await mailboxes_of(context, account)).path(id_)
            if path is None:
                raise InvalidProperties("no such mailbox", "mailboxId")
            return Target(name, account_id=mail_of(account), mailbox=path)
        places: Mapping[str, Any] = (
            {one.id: one.place for one in await shelf_of(context, account)}
            if named[0] == "calendarId"
            else {one.id: one.place for one in await books_of(context, account) if one.source is None}
        )
        if id_ not in places:
            raise InvalidProperties("there is none of this id that is written to", named[0])
        return Target(name, place=places[id_])


def _setter(call: Call[Any]) -> ImportSetter:
    return ImportSetter(DATA_IMPORT, call, tell)


METHODS: Final[Sequence[Method]] = (*reading(DATA_IMPORT, tell), set_method(DATA_IMPORT, _setter))
STATE: Final = state_of(tell)
