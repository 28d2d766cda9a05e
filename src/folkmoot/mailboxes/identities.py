"""As whom a person may write: own addresses, identities of the preferences, and accounts of others by delegation."""

import re
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from html import escape
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal
from folkmoot.mail.addresses import header_text, mailbox
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.values import Account, Identity
from folkmoot.mime.headers import MailAddress
from folkmoot.sharing.preferences import DEFAULTS, flag

IDENTITIES_MAX: Final = 100  # of one person; a hand-kept list has a few
NAME_MAX: Final = 200  # characters
BCC_MAX: Final = 20  # addresses of one identity
KEPT: Final = "SOGoMailIdentities"
KEPT_ID: Final = "folkmootId"  # of ours among the keys of SOGo's identities
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


class NotYourAddress(Forbidden):
    """An address that the person may not write from."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the domain lets people choose."""

    custom_from: bool = False  # SOGoMailCustomFromEnabled: any name and address
    creating: bool = True  # not SOGoCreateIdentitiesDisabled


@dataclass(frozen=True, slots=True)
class Writer:
    """Who a message is from, and who has sent it if that is somebody else."""

    identity: Identity
    acting: MailAddress | None = None  # Sender (RFC 5322 section 3.6.2)


class Identities:
    """Lists and checks senders."""

    def __init__(self, access: MailAccess, directory: Directory) -> None:
        self._access = access
        self._directory = directory

    async def list(self, caller: Caller, account: Account) -> tuple[Identity, ...]:
        """Return as whom the caller may write from an account; exactly one of them is the default.

        Raises:
            NotFound: the account's owner is not there any more.
            Unavailable: the directory or the database does not answer.
        """
        if account.external:
            return with_default(account.identities)
        owner = await self._access.person(account.owner)
        kept = (await self._access.profile(account.owner)).properties.get(DEFAULTS)
        mail = self._access.settings_of(owner).mail
        chosen: dict[str, object] = {
            KEPT: mail.identities,
            "SOGoMailCustomFullName": mail.custom_name,
            "SOGoMailCustomEmail": mail.custom_address,
            "SOGoMailReplyTo": mail.reply_to,
            "SOGoMailSignature": mail.signature,
        }
        chosen.update(kept if isinstance(kept, dict) else {})
        return identities_of(owner, self._directory.addresses(owner), chosen, self.rules(owner))

    async def writer(self, caller: Caller, account: Account, sender: MailAddress) -> Writer:
        """Return who a message from this sender is from.

        Raises:
            Forbidden: the caller may not write as this address (``NotYourAddress``), or has none.
            MalformedInput: it is no address.
        """
        wanted = mailbox(sender.address)
        known = await self.list(caller, account)
        found = _found(known, sender.name, wanted)
        owner = await self._access.person(caller.principal)
        name = header_text(sender.name)[:NAME_MAX]
        if found is not None and name and self.rules(owner).custom_from and not account.delegated:
            found = replace(found, name=name)
        if found is None:
            if account.delegated or account.external or not self.rules(owner).custom_from:
                raise NotYourAddress(f"not one of your addresses: {wanted}")
            found = Identity(name, wanted)
        if not account.delegated:
            return Writer(found)
        me = await self._access.person(caller.principal)
        mine = next(iter(self._directory.addresses(me)), "")
        if not mine:
            raise Forbidden("who writes for somebody else needs an address")
        return Writer(found, acting=MailAddress(header_text(me.display_name), mailbox(mine)))

    async def own_addresses(self, caller: Caller, account: Account) -> frozenset[str]:
        """Return the addresses, in lower case, under which an account's owner gets mail."""
        known = {identity.address.lower() for identity in await self.list(caller, account)}
        if not account.external:
            owner = await self._access.person(account.owner)
            known |= {address.lower() for address in self._directory.addresses(owner)}
        return frozenset(known)

    def rules(self, principal: Principal) -> Rules:
        """Return what somebody's domain lets people choose."""
        settings = self._access.settings_of(principal)
        return Rules(custom_from=settings.mail.custom_from, creating=not settings.security.identities_fixed)


def identities_of(
    principal: Principal, addresses: Iterable[str], chosen: Mapping[str, object], rules: Rules
) -> tuple[Identity, ...]:
    """Return the identities of a person: those of the preferences, else one for each address of the directory.

    ``chosen`` are the person's values of SOGo's keys.  What stands there and is not the person's own counts only where
    the domain lets people choose (SOGoMailCustomFromEnabled); the keys of before identities are read too.
    """
    own = [address for address in addresses if _is_address(address)]
    known = {address.lower() for address in own}
    free = rules.custom_from and rules.creating
    kept = chosen.get(KEPT)
    listed = [identity for _, identity in entries_of(kept, principal, known, free=free)]
    if not listed:
        listed = _before_identities(principal, own, chosen, rules)
    present = {identity.address.lower() for identity in listed}
    listed += [Identity(principal.display_name, address) for address in own if address.lower() not in present]
    return with_default(listed)


def with_default(identities: Iterable[Identity]) -> tuple[Identity, ...]:
    """Return identities of which exactly one is the default, if there are any, each with an id of its own."""
    listed = list(identities)
    number = next((index for index, identity in enumerate(listed) if identity.default), 0)
    taken = {one.id for one in listed if one.id}
    found: list[Identity] = []
    for index, one in enumerate(listed):
        id_ = one.id if one.id and all(one.id != before.id for before in found) else _free_id(one.address, taken)
        taken.add(id_)
        found.append(replace(one, default=index == number, id=id_))
    return tuple(found)


def entries_of(kept: object, principal: Principal, own: Collection[str], *, free: bool) -> list[tuple[int, Identity]]:
    """Return the identities that stand in the preferences and count, each with its place there.

    ``own`` are the person's addresses in lower case; others count only if ``free``.
    """
    found: list[tuple[int, Identity]] = []
    for number, one in enumerate(kept[:IDENTITIES_MAX] if isinstance(kept, list) else []):
        if not isinstance(one, dict):
            continue
        identity = _identity(one, principal, free=free)
        if _is_address(identity.address) and (free or identity.address.lower() in own):
            found.append((number, identity))
    return found


def entry_of(identity: Identity) -> dict[str, object]:
    """Return an identity as preferences keep it: SOGo's keys, and ours beside them."""
    kept: dict[str, object] = {"email": identity.address, "fullName": identity.name, KEPT_ID: identity.id}
    more: dict[str, object] = {
        "replyTo": identity.reply_to,
        "signature": identity.signature,
        "isDefault": int(identity.default),
        "bcc": list(identity.bcc),
        "textSignature": identity.text_signature,
    }
    return kept | {name: value for name, value in more.items() if value}


def _free_id(address: str, taken: Container[str]) -> str:
    """Return the id of an identity that has none: of its address, so that it stays."""
    stem = f"a{blake2b(address.lower().encode(errors='surrogatepass'), digest_size=9).hexdigest()}"
    id_, number = stem, 1
    while id_ in taken:  # ends: there is one more number than ids
        number += 1
        id_ = f"{stem}-{number}"
    return id_


def _before_identities(
    principal: Principal, own: list[str], chosen: Mapping[str, object], rules: Rules
) -> list[Identity]:
    """Return the one identity that SOGo kept before version 4."""
    address = own[0] if own else ""
    name = principal.display_name
    if rules.custom_from:
        name = _text(chosen, "SOGoMailCustomFullName") or name
        wanted = _text(chosen, "SOGoMailCustomEmail")
        address = wanted if _is_address(wanted) else address
    if not address:
        return []
    signature = _text(chosen, "SOGoMailSignature")
    return [Identity(header_text(name), address, _reply_to(_text(chosen, "SOGoMailReplyTo")), signature, default=True)]


def _identity(kept: Mapping[str, object], principal: Principal, *, free: bool) -> Identity:
    return Identity(
        name=(header_text(_text(kept, "fullName"))[:NAME_MAX] if free else "") or principal.display_name,
        address=_text(kept, "email").strip() or next(iter(principal.mails), ""),
        reply_to=_reply_to(_text(kept, "replyTo")),
        signature=_text(kept, "signature"),
        default=flag(kept.get("isDefault")),
        bcc=tuple(filter(_is_address, map(str, bcc[:BCC_MAX]))) if isinstance(bcc := kept.get("bcc"), list) else (),
        text_signature=_text(kept, "textSignature"),
        id=found if _ID.fullmatch(found := _text(kept, KEPT_ID)) else "",
    )


def signature_html(signature: str) -> str:
    """Return a signature as HTML; one that was typed as text keeps its lines."""
    if "<" in signature and ">" in signature:
        return signature
    return escape(signature, quote=False).replace("\n", "<br>\n")


def _found(known: Iterable[Identity], name: str, address: str) -> Identity | None:
    """Return the identity of an address, of several the one of that name."""
    fitting = [identity for identity in known if identity.address.lower() == address.lower()]
    return next((identity for identity in fitting if identity.name == name), next(iter(fitting), None))


def _reply_to(text: str) -> str:
    try:
        return mailbox(text) if text.strip() else ""
    except MalformedInput:
        return ""


def _is_address(text: str) -> bool:
    try:
        return mailbox(text) == text
    except MalformedInput:
        return False


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
