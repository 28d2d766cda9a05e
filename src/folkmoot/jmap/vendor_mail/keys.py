"""``SmimeKey`` and certificates: the key of an account, and whether one can encrypt for somebody."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from msgspec import Meta, field

from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType
from folkmoot.jmap.mail.views import mail_of
from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, DataType, Described, Feed, Id, UTCDate, server_set, told
from folkmoot.jmap.protocol.errors import MethodFailed, SetFailed
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, set_method
from folkmoot.mail.smime import Certificate
from folkmoot.mailboxes.certificates import RECIPIENTS_MAX

SINGLETON: Final = "singleton"
PKCS12_OCTETS_MAX: Final = 1024 * 1024  # a key with a long chain has some ten thousand
PASSWORD_MAX: Final = 1_000  # characters


class SmimeCertificate(Described):
    """Who somebody is, says an authority."""

    subject: str
    issuer: str
    name: str
    addresses: list[str]
    serial: str
    fingerprint: Annotated[str, told("SHA-256")]
    not_before: UTCDate
    not_after: UTCDate


class SmimeKey(Described):
    """The key of an account, of which the certificate alone is told; there is one, or none."""

    id: Annotated[Id, server_set] = SINGLETON
    certificate: Annotated[SmimeCertificate | None, server_set] = None


class ImportArguments(Arguments):
    """Of ``SmimeKey/import``."""

    account_id: Id
    blob_id: Annotated[str, told("a PKCS#12 file")]
    password: Annotated[str, Meta(max_length=PASSWORD_MAX)] = ""


class LookupArguments(Arguments):
    """Of ``SmimeKey/lookup``."""

    account_id: Id
    addresses: Annotated[list[str], Meta(max_length=RECIPIENTS_MAX)] = field(default_factory=list)


SMIME_KEY: Final = DataType("SmimeKey", SmimeKey, Feed.PERSON)


def _shown(one: Certificate) -> JsonObject:
    return {
        "subject": one.subject,
        "issuer": one.issuer,
        "name": one.name,
        "addresses": list(one.addresses),
        "serial": one.serial,
        "fingerprint": one.fingerprint,
        "notBefore": one.not_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "notAfter": one.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    try:
        found = await context.services.mail.certificates.show(context.caller, mail_of(account))
    except (NotFound, Forbidden):  # none, or S/MIME is closed
        return {}
    return {SINGLETON: {"id": SINGLETON, "certificate": _shown(found)}}


class _Setter(OneByOne):
    async def state(self) -> str:
        return await KEYS.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("forbidden", "a key is imported")

    async def destroy_one(self, id_: str) -> None:
        if id_ != SINGLETON:
            raise SetFailed("notFound", "there is no such key")
        await self.call.services.mail.certificates.remove(self.call.caller, mail_of(self.call.account))


async def _import(call: Call[ImportArguments]) -> Answer:
    """Keep the key of a PKCS#12 file, in place of the one before."""
    blob = call.context.id_of(call.arguments.blob_id)
    try:
        octets = await call.context.read_blob(call.account, blob, limit=PKCS12_OCTETS_MAX)
    except NotFound as error:
        raise MethodFailed("blobNotFound", "there is no such blob") from error
    except TooLarge as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    before = await KEYS.state(call.context, call.account)
    certificate = await call.services.mail.certificates.import_pkcs12(
        call.caller, mail_of(call.account), octets, call.arguments.password
    )
    return {
        "accountId": call.account.id,
        "oldState": before,
        "newState": await KEYS.state(call.context, call.account),
        "certificate": _shown(certificate),
    }


async def _lookup(call: Call[LookupArguments]) -> Answer:
    """Tell with which certificates one can encrypt for these addresses; those that are missing there have none."""
    found = await call.services.mail.certificates.certificates_for(call.caller, call.arguments.addresses)
    return {
        "accountId": call.account.id,
        "certificates": {address: [_shown(one) for one in listed] for address, listed in found.items()},
    }


KEYS: Final = SmallType(SMIME_KEY, _all)
METHODS: Final[Sequence[Method]] = (
    KEYS.get(),
    KEYS.changes(),
    set_method(SMIME_KEY, lambda call: _Setter(SMIME_KEY, call)),
    Method("SmimeKey/import", ImportArguments, _import, "Keeps the key of a PKCS#12 file.", writes=True),
    Method("SmimeKey/lookup", LookupArguments, _lookup, "Tells for whom one can encrypt."),
)
