"""Receipts asked of a person, answered by rule or by hand; never twice, as the message says that it was (RFC 3503)."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput
from folkmoot.mail.addresses import header_text, mailbox, message_id
from folkmoot.mail.envelope import USER_AGENT
from folkmoot.mail.errors import Uncertain
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.moments import moment
from folkmoot.mail.words import words_for
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.direct import DirectSending, envelope_of
from folkmoot.mailboxes.drafts import require_same
from folkmoot.mailboxes.identities import Identities
from folkmoot.mailboxes.values import Account, Identity, MessageRef
from folkmoot.mime.headers import Headers, MailAddress, parse_headers
from folkmoot.mime.receipts import HEADER_MAX, Action, Receipt, ReceiptRules, action_for, requested_by, write_receipt
from folkmoot.sharing.preferences import DEFAULTS, defaults_of, flag, preferences_of

SENT: Final = "$MDNSent"


@dataclass(frozen=True, slots=True)
class ReceiptWish:
    """What is to be done about a message that was opened."""

    action: Action
    to: tuple[MailAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """How a receipt is to be, where it is not as usual; what is empty is."""

    sender: str = ""  # one of the addresses that the person may write from
    subject: str = ""
    text: str = ""
    by_rule: bool = False
    disposition: str = "displayed"


@dataclass(frozen=True, slots=True)
class Answered:
    """A receipt that has gone."""

    final_recipient: str
    message_id: str  # of the message that it is about; "" where it has none


class Receipts:
    """Tells what is wanted, and sends receipts."""

    def __init__(self, access: MailAccess, identities: Identities, direct: DirectSending, clock: Clock) -> None:
        self._access = access
        self._identities = identities
        self._direct = direct
        self._clock = clock

    async def wish(self, caller: Caller, account_id: str, ref: MessageRef) -> ReceiptWish:
        """Return what to do about a message that is shown: nothing, ask, or send.

        Raises:
            NotFound: there is no such message.
        """
        account = await self._access.account(caller, account_id)
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            header, flags = await _look(connection, ref)
            keeps = connection.mailbox is not None and bool({"\\*", SENT} & connection.mailbox.permanent)
        if SENT.lower() in {one.lower() for one in flags} or "\\Draft" in flags:
            return ReceiptWish(Action.IGNORE)
        headers = parse_headers(header)
        action = await self._action(caller, account, headers)
        if action is Action.SEND and not keeps:
            action = Action.ASK  # by rule it would go again each time (RFC 3503 section 3.1)
        return ReceiptWish(action, requested_by(headers) if action is not Action.IGNORE else ())

    async def answer(
        self,
        caller: Caller,
        account_id: str,
        ref: MessageRef,
        *,
        send: bool,
        automatic: bool = False,
        wording: Wording | None = None,
    ) -> Answered | None:
        """Send a receipt and return what it said, or decline to for good.

        Raises:
            Conflict: it was answered already.
            Forbidden: the account has no address to write from.
            MalformedInput: nobody asks for one.
            NotFound: there is no such message.
            FolkmootError: the mail server does not take it; then it can be answered again.
        """
        account = await self._access.account(caller, account_id)
        async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
            require_same(connection, ref)
            header, flags = await _look(connection, ref)
            headers = parse_headers(header)
            if SENT.lower() in {one.lower() for one in flags}:
                raise Conflict("the request for a receipt was answered already")
            if not requested_by(headers):
                raise MalformedInput("nobody asks for a receipt")
            await connection.store([ref.uid], add=[SENT])
        if not send:
            return None
        try:
            return await self._send(caller, account, ref, header, wording or Wording(), automatic=automatic)
        except (Conflict, Uncertain):  # it has gone, or may have
            raise
        except FolkmootError:
            async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
                require_same(connection, ref)
                await connection.store([ref.uid], remove=[SENT])
            raise

    async def _send(
        self, caller: Caller, account: Account, ref: MessageRef, header: bytes, wording: Wording, *, automatic: bool
    ) -> Answered:
        headers = parse_headers(header)
        person = await self._access.person(caller.principal)
        preferences = preferences_of(
            await self._access.profile(caller.principal), defaults_of(self._access.settings_of(person))
        )
        words = words_for(preferences.language, preferences.zone.key)
        now = datetime.fromtimestamp(self._clock.milliseconds() / 1000, UTC).astimezone(preferences.zone)
        if wording.sender:
            sender = MailAddress("", wording.sender)
            identity = (await self._identities.writer(caller, account, sender)).identity
        else:
            identity = await self._identity(caller, account, headers)
        subject = headers.text("subject")
        named = headers.text("message-id") or f"{ref.mailbox}/{ref.uid_validity}/{ref.uid}"
        key = blake2b(f"{named} {identity.address.lower()}".encode(errors="replace"), digest_size=16).hexdigest()
        shown = words.text(
            "mail.receipt_shown",
            recipient=identity.address,
            date=moment(words, now, preferences.zone),
        )
        receipt = Receipt(
            sender=MailAddress(identity.name, identity.address),
            to=requested_by(headers),
            subject=wording.subject or words.text("mail.receipt_subject", subject=header_text(subject)),
            text=wording.text or f"{shown}\n\n{words.text('mail.receipt_of', subject=header_text(subject))}\n",
            message_id=message_id(f"{key}.mdn", identity.address),
            date=now,
            user_agent=USER_AGENT,
            automatic=automatic,
            by_rule=wording.by_rule,
            disposition=wording.disposition,
        )
        octets = await asyncio.to_thread(write_receipt, receipt, header)
        envelope = envelope_of("", [mailbox(one.address) for one in receipt.to])  # section 3: nobody hears of failures
        await self._direct.send(caller, account.id, octets, envelope, key=f"receipt {key}")
        return Answered(identity.address, headers.text("message-id").strip())

    async def _identity(self, caller: Caller, account: Account, headers: Headers) -> Identity:
        identities = await self._identities.list(caller, account)
        named = {one.address.lower() for name in ("to", "cc") for one in headers.addresses(name)}
        found = next((one for one in identities if one.address.lower() in named), None)
        found = found or next((one for one in identities if one.default), None)
        if found is None:
            raise MalformedInput("there is no address to write from")
        return found

    async def _action(self, caller: Caller, account: Account, headers: Headers) -> Action:
        own = await self._identities.own_addresses(caller, account)
        domains = {address.rpartition("@")[2] for address in own}
        return action_for(headers, own, domains, await self._rules(caller))

    async def _rules(self, caller: Caller) -> ReceiptRules:
        settings = self._access.settings_of(await self._access.person(caller.principal)).mail
        kept = (await self._access.profile(caller.principal)).properties.get(DEFAULTS)
        chosen = kept if isinstance(kept, dict) else {}

        def action(key: str, default: str) -> Action:
            value = chosen.get(key, default)
            return Action(value) if value in {one.value for one in Action} else Action(default)

        allowed = chosen.get("SOGoMailReceiptAllow")
        return ReceiptRules(
            allowed=settings.receipts if allowed is None else flag(allowed),
            non_recipient=action("SOGoMailReceiptNonRecipientAction", settings.receipt_non_recipient),
            outside=action("SOGoMailReceiptOutsideDomainAction", settings.receipt_outside),
            otherwise=action("SOGoMailReceiptAnyAction", settings.receipt_any),
        )


async def _look(connection: Connection, ref: MessageRef) -> tuple[bytes, frozenset[str]]:
    header = await connection.fetch_part(ref.uid, "HEADER", limit=4 * HEADER_MAX)
    found = await connection.fetch([ref.uid], ["FLAGS"])
    return header, (found[0].flags or frozenset()) if found else frozenset()
