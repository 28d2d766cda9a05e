"""``Mailbox/set``: mailboxes made, renamed, moved, given a use, and destroyed (RFC 8621 section 2.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput
from folkmoot.jmap.mail.describing import MAILBOX
from folkmoot.jmap.mail.mail_states import hidden_counts, mailbox_state
from folkmoot.jmap.mail.mailbox_objects import mailbox_object
from folkmoot.jmap.mail.small_states import differing
from folkmoot.jmap.mail.views import Mailboxes, forget, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import CREATED, Call
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed, set_failed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import Gone, JsonObject, Made, OneByOne, SetArguments, set_method
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.tree import INBOX_USE, Folder


class MailboxSetArguments(SetArguments):
    """Of ``Mailbox/set``."""

    on_destroy_remove_emails: bool = False


class _Mailboxes(OneByOne):
    call: Call[MailboxSetArguments]

    async def state(self) -> str:
        forget(self.call.context, self.call.account)
        return await mailbox_state(self.call.context, self.call.account)

    async def create(self, wanted: Mapping[str, dict[str, Any]]) -> Made:
        """Create mailboxes, those first that others of the call shall lie in."""
        made: dict[str, JsonObject | SetFailed] = {}
        left = dict(wanted)
        while left:
            ready = {key: one for key, one in left.items() if not _waits(one, left)} or left
            made.update(await super().create(ready))
            left = {key: one for key, one in left.items() if key not in ready}
        return {creation: made[creation] for creation in wanted}

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        mailboxes = await self._mailboxes()
        parent = self._parent(mailboxes, value.get("parentId"))
        use = _use_of(value.get("role"))
        try:
            path = await self._service.create(self.call.caller, self._mail, parent, value["name"], use=use)
        except MalformedInput as error:
            raise InvalidProperties(str(error), "name") from error
        except Conflict as error:
            raise InvalidProperties(str(error), "name", "parentId") from error
        if value.get("isSubscribed") is False:
            await self._service.subscribe(self.call.caller, self._mail, [path], wanted=False)
        if "sortOrder" in value:
            await self._service.set_order(self.call.caller, self._mail, path, value["sortOrder"])
        return differing(await self._after(path), value)

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        mailboxes = await self._mailboxes()
        folder = _known(mailboxes, id_)
        hidden = hidden_counts(self.call.context, mailboxes)
        before = mailbox_object(mailboxes, id_, self.call.account, hidden.get(id_))
        patch = self.kind.refuse_fixed(patch, before)
        changed = {name: patch.of(name, before[name]) for name in patch.properties}
        for name, value in changed.items():
            self.kind.check(name, value)
        wanted = {name: value for name, value in changed.items() if value != before[name]}
        path = await self._relocate(mailboxes, folder, wanted)
        if "role" in wanted:
            use = _use_of(wanted["role"])
            if use is None:
                raise SetFailed("forbidden", "let another mailbox have this role", properties=("role",))
            await self._service.set_use(self.call.caller, self._mail, path, use)
        if "isSubscribed" in wanted:
            shown = bool(wanted["isSubscribed"])
            await self._service.subscribe(self.call.caller, self._mail, [path], wanted=shown)
        if "sortOrder" in wanted or path != folder.path:
            order = wanted.get("sortOrder", before["sortOrder"] if "sortOrder" not in changed else None)
            await self._service.set_order(self.call.caller, self._mail, path, order, before=folder.path)
        return differing(await self._after(path), {**before, **changed}) or None

    async def destroy(self, ids: Sequence[str]) -> Gone:
        """Destroy mailboxes, those within others first."""
        mailboxes = await self._mailboxes()
        separator = mailboxes.tree.separator or "/"
        gone: dict[str, SetFailed | None] = {}
        for id_ in sorted(ids, key=lambda one: -_depth(mailboxes, one, separator)):
            try:
                await self.destroy_one(id_)
                gone[id_] = None
                forget(self.call.context, self.call.account)
            except FolkmootError as error:
                gone[id_] = set_failed(error)
        return {id_: gone[id_] for id_ in ids}

    async def destroy_one(self, id_: str) -> None:
        mailboxes = await self._mailboxes()
        folder = _known(mailboxes, id_)
        if any(one.parent == folder.path for one in mailboxes.tree.folders):
            raise SetFailed("mailboxHasChild", "there are mailboxes within it")
        messages = (folder.status.messages if folder.status is not None else 0) or 0
        if messages and not self.call.arguments.on_destroy_remove_emails:
            raise SetFailed("mailboxHasEmail", "there are emails in it")
        await self._service.delete(self.call.caller, self._mail, folder.path, for_good=True)

    async def _relocate(self, mailboxes: Mailboxes, folder: Folder, wanted: Mapping[str, Any]) -> str:
        path = folder.path
        try:
            if "parentId" in wanted:
                parent = self._parent(mailboxes, wanted["parentId"])
                path = await self._service.move(self.call.caller, self._mail, path, parent)
            if "name" in wanted:
                path = await self._service.rename(self.call.caller, self._mail, path, wanted["name"])
        except (MalformedInput, Conflict) as error:
            if path != folder.path:  # it was moved, and cannot have the name there
                await self._service.move(self.call.caller, self._mail, path, folder.parent)
            raise InvalidProperties(str(error), *(wanted.keys() & {"name", "parentId"})) from error
        return path

    async def _after(self, path: str) -> JsonObject:
        forget(self.call.context, self.call.account)
        mailboxes = await self._mailboxes()
        return mailbox_object(mailboxes, mailboxes.ids[path], self.call.account)

    async def _mailboxes(self) -> Mailboxes:
        return await mailboxes_of(self.call.context, self.call.account)

    def _parent(self, mailboxes: Mailboxes, id_: str | None) -> str:
        if id_ is None:
            return ""
        folder = mailboxes.by_id.get(self.call.context.id_of(id_))
        if folder is None:
            raise InvalidProperties("there is no such mailbox", "parentId")
        return folder.path

    @property
    def _mail(self) -> str:
        return mail_of(self.call.account)

    @property
    def _service(self) -> Any:
        return self.call.services.mail.folders


def _waits(value: Mapping[str, Any], left: Mapping[str, Any]) -> bool:
    parent = value.get("parentId")
    return isinstance(parent, str) and parent.startswith(CREATED) and parent[1:] in left


def _use_of(role: str | None) -> Use | None:
    if role is None:
        return None
    if role == INBOX_USE:
        raise InvalidProperties("there is one inbox", "role")
    try:
        return Use(role)
    except ValueError as error:
        raise InvalidProperties(f"no role that can be given: {role[:60]}", "role") from error


def _known(mailboxes: Mailboxes, id_: str) -> Folder:
    folder = mailboxes.by_id.get(id_)
    if folder is None:
        raise SetFailed("notFound", "there is no such mailbox")
    return folder


def _depth(mailboxes: Mailboxes, id_: str, separator: str) -> int:
    folder = mailboxes.by_id.get(id_)
    return folder.path.count(separator) if folder is not None else 0


MAILBOX_SET: Final = set_method(MAILBOX, lambda call: _Mailboxes(MAILBOX, call), MailboxSetArguments)
