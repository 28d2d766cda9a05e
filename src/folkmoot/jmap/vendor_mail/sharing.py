"""``MailDelegate`` and ``MailboxGrant``: who may use somebody's mail account, and who may do what in one mailbox."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, Final

from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, changes_since, differing, state_of
from folkmoot.jmap.mail.views import mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, immutable, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    JsonObject,
    OneByOne,
    SetArguments,
    changes_method,
    get_method,
    set_method,
)
from folkmoot.jmap.vendor_mail.owning import require_own
from folkmoot.mailboxes.rights import Grant, MailRight, SubjectKind


class MailDelegate(Described):
    """Somebody who may use the account, and write in its owner's name."""

    principal_id: Annotated[str, immutable, told("the person's name in the directory")]
    id: Annotated[Id, server_set] = ""


class MailboxGrant(Described):
    """What somebody may do in a mailbox."""

    rights: Annotated[list[MailRight], told("RFC 4314's letters")]
    principal_id: Annotated[str | None, immutable, told("null with kind anyone")] = None
    id: Annotated[Id, server_set] = ""
    kind: Annotated[SubjectKind, server_set] = SubjectKind.ANYONE
    identifier: Annotated[str, server_set, told("as the mail server writes it")] = ""


MAIL_DELEGATE: Final = DataType("MailDelegate", MailDelegate, Feed.PERSON)
MAILBOX_GRANT: Final = DataType("MailboxGrant", MailboxGrant)


def _coded(letter: str, text: str) -> str:
    return letter + urlsafe_b64encode(text.encode(errors="surrogatepass")).decode().rstrip("=")


async def _delegates(context: Context, account: Account) -> dict[str, JsonObject]:
    require_own(context, account)
    listed = await context.services.mail.delegation.delegates(context.caller)
    return {_coded("d", one): {"id": _coded("d", one), "principalId": one} for one in listed}


class _Delegates(OneByOne):
    async def state(self) -> str:
        return await DELEGATES.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        principal = PrincipalId(value["principalId"])
        try:
            await self.call.services.mail.delegation.add(self.call.caller, [principal])
        except NotFound as error:
            raise InvalidProperties(str(error), "principalId") from error
        return {"id": _coded("d", principal)}

    async def destroy_one(self, id_: str) -> None:
        known = (await _delegates(self.call.context, self.call.account)).get(id_)
        if known is None:
            raise SetFailed("notFound", "there is no such delegate")
        await self.call.services.mail.delegation.remove(self.call.caller, [PrincipalId(known["principalId"])])


class GrantGetArguments(GetArguments):
    """Of ``MailboxGrant/get``."""

    mailbox_id: str = ""


class GrantChangesArguments(ChangesArguments):
    """Of ``MailboxGrant/changes``."""

    mailbox_id: str = ""


class GrantSetArguments(SetArguments):
    """Of ``MailboxGrant/set``."""

    mailbox_id: str = ""


async def _listed(call: Call[Any]) -> tuple[str, dict[str, Grant]]:
    path = (await mailboxes_of(call.context, call.account)).path(call.context.id_of(call.arguments.mailbox_id))
    if path is None:
        raise MethodFailed("invalidArguments", "there is no such mailbox")
    listed = await call.services.mail.rights.list_all(call.caller, mail_of(call.account), path)
    return path, {_coded("g", one.identifier): one for one in listed}


def _shown(id_: str, one: Grant) -> JsonObject:
    return {
        "id": id_,
        "principalId": one.principal or None,
        "kind": one.kind.value,
        "identifier": one.identifier,
        "rights": [right.value for right in MailRight if right in one.rights],
    }


async def _grants(call: Call[Any]) -> dict[str, JsonObject]:
    _, grants = await _listed(call)
    return {id_: _shown(id_, one) for id_, one in grants.items()}


async def _load(call: Call[Any], _ids: Sequence[str] | None, _properties: frozenset[str]) -> Got:
    found = await _grants(call)
    return Got(state_of(found), found)


async def _follow(call: Call[Any], since: str, most: int) -> Delta:
    return changes_since(since, await _grants(call), most)


class _Grants(OneByOne):
    async def state(self) -> str:
        return state_of(await _grants(self.call))

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        path, before = await _listed(self.call)
        subject = value.get("principalId")
        try:
            await self._set(path, subject, value["rights"])
        except NotFound as error:
            raise InvalidProperties(str(error), "principalId") from error
        _, after = await _listed(self.call)
        for id_, one in after.items():
            is_it = one.principal == subject if subject is not None else one.kind is SubjectKind.ANYONE
            if is_it and before.get(id_) != one:
                return differing(_shown(id_, one), value)
        raise SetFailed("invalidProperties", "these rights change nothing", properties=("rights",))

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        path, grants = await _listed(self.call)
        grant = grants.get(id_)
        if grant is None:
            raise SetFailed("notFound", "there is no such grant")
        before = _shown(id_, grant)
        wanted = self.kind.refuse_fixed(patch, before).applied(before)
        rights = self.kind.check("rights", wanted.get("rights", []))
        if grant.kind is SubjectKind.OTHER:
            raise SetFailed("forbidden", "nobody knows whose grant this is; it can be taken away")
        await self._set(path, None if grant.kind is SubjectKind.ANYONE else grant.principal, rights)
        after = (await _grants(self.call)).get(id_)
        return None if after is None else differing(after, {**before, **wanted}) or None

    async def destroy_one(self, id_: str) -> None:
        path, grants = await _listed(self.call)
        if id_ not in grants:
            raise SetFailed("notFound", "there is no such grant")
        await self.call.services.mail.rights.remove(self.call.caller, mail_of(self.call.account), path, grants[id_])

    async def _set(self, path: str, subject: str | None, rights: Sequence[str]) -> None:
        await self.call.services.mail.rights.set(
            self.call.caller,
            mail_of(self.call.account),
            path,
            None if subject is None else PrincipalId(subject),
            frozenset(map(MailRight, rights)),
        )


DELEGATES: Final = SmallType(MAIL_DELEGATE, _delegates)
METHODS: Final[Sequence[Method]] = (
    DELEGATES.get(),
    DELEGATES.changes(),
    set_method(MAIL_DELEGATE, lambda call: _Delegates(MAIL_DELEGATE, call)),
    get_method(MAILBOX_GRANT, _load, GrantGetArguments),
    changes_method(MAILBOX_GRANT, _follow, GrantChangesArguments),
    set_method(MAILBOX_GRANT, lambda call: _Grants(MAILBOX_GRANT, call), GrantSetArguments),
)
