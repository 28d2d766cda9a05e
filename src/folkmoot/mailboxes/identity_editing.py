"""Changing as whom one writes: the identities among the preferences, and those of accounts elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.directory.directory import Directory
from folkmoot.mail.addresses import header_text, mailbox
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.accounts import SIGNATURE_MAX, Accounts
from folkmoot.mailboxes.identities import (
    BCC_MAX,
    IDENTITIES_MAX,
    KEPT,
    NAME_MAX,
    Identities,
    NotYourAddress,
    entries_of,
    entry_of,
    with_default,
)
from folkmoot.mailboxes.values import Account, Identity
from folkmoot.sharing.choices import Choices


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """An identity, and what may be done to it."""

    identity: Identity
    may_delete: bool


@dataclass(frozen=True, slots=True)
class _Editable:
    account: Account
    own: frozenset[str]  # addresses of the directory, in lower case
    free: bool  # to choose any name and address
    creating: bool


class IdentityEditing:
    """Adds, changes and removes identities."""

    def __init__(
        self, access: MailAccess, identities: Identities, directory: Directory, choices: Choices, accounts: Accounts
    ) -> None:
        self._access = access
        self._identities = identities
        self._directory = directory
        self._choices = choices
        self._accounts = accounts

    async def list(self, caller: Caller, account_id: str) -> list[ShownIdentity]:
        """Return as whom the caller may write from an account.

        Raises:
            NotFound: no such account.
        """
        account = await self._access.account(caller, account_id)
        known = await self._identities.list(caller, account)
        if account.delegated:
            return [ShownIdentity(one, may_delete=False) for one in known]
        where = await self._editable(caller, account_id)
        return [ShownIdentity(one, may_delete=_may_delete(one, known, where)) for one in known]

    async def add(self, caller: Caller, account_id: str, new: Identity) -> Identity:
        """Add an identity, and return it with its id.

        Raises:
            Forbidden: identities are fixed here; NotYourAddress: not an address of the caller's.
            MalformedInput: no address, or control characters.
            TooLarge: too many, or a signature that is too long.
        """
        where = await self._editable(caller, account_id)
        if not where.creating:
            raise Forbidden("identities are not added here")
        known = list(await self._identities.list(caller, where.account))
        if len(known) >= IDENTITIES_MAX:
            raise TooLarge(f"one person has at most {IDENTITIES_MAX} identities")
        new = await self._checked(where, replace(new, id=""), before=None)
        listed = with_default([*known, new])
        added = listed[-1]
        await self._save(caller, where, known, {added.id: added}, add=added)
        return added

    async def change(self, caller: Caller, account_id: str, new: Identity) -> Identity:
        """Make an identity, known by its id, what is given; its address stays.

        Raises:
            NotFound: no such identity.
            Forbidden: its name is not the caller's to choose.
            MalformedInput, TooLarge: as ``add``.
            Conflict: another address.
        """
        where = await self._editable(caller, account_id)
        known = list(await self._identities.list(caller, where.account))
        before = _known(known, new.id)
        if new.address != before.address:
            raise Conflict("the address of an identity stays")
        new = await self._checked(where, new, before=before)
        await self._save(caller, where, known, {new.id: new})
        return new

    async def remove(self, caller: Caller, account_id: str, id_: str) -> None:
        """Remove an identity.

        Raises:
            NotFound: no such identity.
            Forbidden: the directory says that the address is the caller's, or identities are fixed here.
        """
        where = await self._editable(caller, account_id)
        known = list(await self._identities.list(caller, where.account))
        doomed = _known(known, id_)
        if not _may_delete(doomed, known, where):
            raise Forbidden("this identity stays, as its address is yours")
        await self._save(caller, where, known, {id_: None})

    async def _editable(self, caller: Caller, account_id: str) -> _Editable:
        account = await self._access.account(caller, account_id)
        if account.delegated:
            raise Forbidden("identities are their owner's to change")
        owner = await self._access.person(account.owner)
        rules = self._identities.rules(owner)
        if account.external:
            return _Editable(account, frozenset(), free=rules.creating, creating=rules.creating)
        own = frozenset(address.lower() for address in self._directory.addresses(owner))
        return _Editable(account, own, free=rules.custom_from and rules.creating, creating=rules.creating)

    async def _checked(self, where: _Editable, new: Identity, before: Identity | None) -> Identity:
        address = new.address if before is not None else mailbox(new.address)
        if before is None and not where.free and address.lower() not in where.own:
            raise NotYourAddress(f"not one of your addresses: {address}")
        name = header_text(new.name)[:NAME_MAX]
        if not where.free:
            usual = (await self._access.person(where.account.owner)).display_name
            if name not in {"", usual, before.name if before is not None else usual}:
                raise Forbidden("the name under which you write is set by the administrator")
            name = usual
        if len(new.bcc) > BCC_MAX:
            raise TooLarge(f"an identity has at most {BCC_MAX} addresses for copies")
        for signature in (new.signature, new.text_signature):
            if len(signature) > SIGNATURE_MAX:
                raise TooLarge(f"a signature has at most {SIGNATURE_MAX} characters")
            if "\0" in signature:
                raise MalformedInput("a signature has no NUL")
        return replace(
            new,
            name=name,
            address=address,
            reply_to=mailbox(new.reply_to) if new.reply_to else "",
            bcc=tuple(map(mailbox, new.bcc)),
        )

    async def _save(
        self,
        caller: Caller,
        where: _Editable,
        known: Sequence[Identity],
        changes: dict[str, Identity | None],
        *,
        add: Identity | None = None,
    ) -> None:
        default = next((one.id for one in changes.values() if one is not None and one.default), None)
        changed = [changes.get(one.id, one) for one in known] + ([add] if add is not None else [])
        after = [
            one if default is None else replace(one, default=one.id == default) for one in changed if one is not None
        ]
        if where.account.external:
            await self._accounts.set_identities(caller, where.account.id, with_default(after))
            return
        values, _ = await self._choices.get(caller, where.account.owner)
        kept = values.get(KEPT)
        raw = list(kept) if isinstance(kept, list) else []
        owner = await self._access.person(where.account.owner)
        present = entries_of(raw, owner, where.own, free=where.free)
        # Where none is kept yet, those from before identities were kept would be lost by keeping one.
        wanted = {one.id for one in after} if not present else changes.keys()
        by_id = {one.id: number for one, (number, _) in zip(known, present, strict=False)}
        doomed = {by_id[id_] for id_, one in changes.items() if one is None and id_ in by_id}
        for one in after:
            number = by_id.get(one.id)
            if number is None and one.id in wanted:
                raw.append(entry_of(one))
            elif number is not None and (one.id in changes or default is not None):
                raw[number] = {**_without_own(raw[number]), **entry_of(one)}
        await self._choices.save(
            caller, owner.id, {KEPT: [one for number, one in enumerate(raw) if number not in doomed]}, {}
        )


_OWN_KEYS: Final = frozenset(
    {"email", "fullName", "replyTo", "signature", "isDefault", "bcc", "textSignature", "folkmootId"}
)


def _without_own(entry: object) -> dict[str, object]:
    """Return what others keep in an entry."""
    return {key: value for key, value in entry.items() if key not in _OWN_KEYS} if isinstance(entry, dict) else {}


def _known(known: Sequence[Identity], id_: str) -> Identity:
    found = next((one for one in known if one.id == id_), None)
    if found is None:
        raise NotFound("there is no such identity")
    return found


def _may_delete(one: Identity, known: Sequence[Identity], where: _Editable) -> bool:
    if not where.creating or len(known) <= 1:
        return False
    address = one.address.lower()
    others = [other for other in known if other.id != one.id and other.address.lower() == address]
    return where.account.external or address not in where.own or bool(others)
