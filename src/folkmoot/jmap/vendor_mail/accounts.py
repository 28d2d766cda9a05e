"""``MailAccount``: accounts elsewhere; their passwords go in, and never come out."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from folkmoot.core.errors import MalformedInput, Unavailable
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, differing
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, set_method
from folkmoot.jmap.vendor_mail.owning import require_own
from folkmoot.mail.errors import SignInRefused
from folkmoot.mailboxes.account_lists import new_account
from folkmoot.mailboxes.accounts import PASSWORD_MAX, TEXT_MAX, Host, NewAccount
from folkmoot.mailboxes.values import Account as MailAccountValue

_PREFIX: Final = "x"


class Server(Described):
    """A mail server as a person writes it down."""

    host: Annotated[str, Meta(max_length=TEXT_MAX)]
    port: Annotated[int, Meta(ge=0, le=65535), told("0 is the usual one")] = 0
    encryption: Annotated[Literal["none", "ssl", "tls"], told("ssl is TLS from the beginning, tls is STARTTLS")] = (
        "none"
    )


class MailAccount(Described):
    """An account elsewhere; its id is that of the JMAP account."""

    user_name: Annotated[str, Meta(max_length=TEXT_MAX)]
    imap: Server
    id: Annotated[Id, server_set] = ""
    name: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    smtp: Annotated[Server | None, told("null: mail goes by this server")] = None
    password: Annotated[
        Annotated[str, Meta(max_length=PASSWORD_MAX)] | None,
        told("never told; needed where server or user name change"),
    ] = None


MAIL_ACCOUNT: Final = DataType("MailAccount", MailAccount, Feed.PERSON)


def _shown(account: MailAccountValue) -> JsonObject:
    written = new_account(account)
    return {
        "id": f"{_PREFIX}{account.id}",
        "name": account.name,
        "userName": account.user_name,
        "imap": _server(written.imap),
        "smtp": _server(written.smtp) if written.smtp is not None else None,
        "password": None,
    }


def _server(host: Host) -> JsonObject:
    return {"host": host.name, "port": host.port, "encryption": host.encryption}


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    require_own(context, account)
    listed = await context.services.mail_accounts.list_all(context.caller)
    return {f"{_PREFIX}{one.id}": _shown(one) for one in listed if one.external}


class _Setter(OneByOne):
    async def state(self) -> str:
        return await MAIL_ACCOUNTS.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        try:
            added = await self.call.services.mail_accounts.add(self.call.caller, _new(value))
        except (SignInRefused, MalformedInput, Unavailable) as error:
            raise _refused(error) from error
        return differing(_shown(added), {key: one for key, one in value.items() if key != "password"})

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        present = next(
            (
                one
                for one in await self.call.services.mail_accounts.list_all(self.call.caller)
                if _PREFIX + one.id == id_
            ),
            None,
        )
        if present is None or not present.external:
            raise SetFailed("notFound", "there is no such account")
        before = _shown(present)
        wanted = self.kind.refuse_fixed(patch, before).applied(before)
        try:
            msgspec.convert(wanted, MailAccount)
            new = _new(wanted, identities=new_account(present).identities)
            changed = await self.call.services.mail_accounts.change(self.call.caller, present.id, new)
        except msgspec.ValidationError as error:
            raise InvalidProperties(str(error), *sorted(patch.properties)) from error
        except (SignInRefused, MalformedInput, Unavailable) as error:
            raise _refused(error) from error
        return differing(_shown(changed), {**wanted, "password": None}) or None

    async def destroy_one(self, id_: str) -> None:
        if id_ not in await _all(self.call.context, self.call.account):
            raise SetFailed("notFound", "there is no such account")
        await self.call.services.mail_accounts.remove(self.call.caller, id_.removeprefix(_PREFIX))


def _new(value: Mapping[str, Any], **more: Any) -> NewAccount:
    smtp = value.get("smtp")
    return NewAccount(
        name=value.get("name") or "",
        imap=_host(value["imap"]),
        user_name=value["userName"],
        smtp=_host(smtp) if smtp is not None else None,
        password=value.get("password"),
        **more,
    )


def _host(value: Mapping[str, Any]) -> Host:
    return Host(value["host"], value.get("port", 0), value.get("encryption", "none"))


def _refused(error: Exception) -> SetFailed:
    if isinstance(error, SignInRefused):
        return SetFailed("signInRefused", str(error), properties=("password",))
    if isinstance(error, Unavailable):
        return SetFailed("serverNotReached", str(error), properties=("imap",))
    return InvalidProperties(str(error))


MAIL_ACCOUNTS: Final = SmallType(MAIL_ACCOUNT, _all)
METHODS: Final = (
    MAIL_ACCOUNTS.get(),
    MAIL_ACCOUNTS.changes(),
    set_method(MAIL_ACCOUNT, lambda call: _Setter(MAIL_ACCOUNT, call)),
)
