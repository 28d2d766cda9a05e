r"""Sending: each message once, whatever dies in between, and the draft stays until it has gone.

A row is made first (``store.submissions``).  Who works on it says so in it; the moment from which the mail server may
have the message is a step of its own.  Who dies before leaves a message that can be sent by the next; who dies within
leaves one of which nobody knows, and it is left to its sender.  After that come the copy, the flags of what was
answered, and the end of the draft: each can be done again, so they are, until all is done.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput, NotFound, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.mail.addresses import message_id
from folkmoot.mail.errors import RecipientsRefused, Uncertain
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.collecting import Collecting
from folkmoot.mailboxes.filing import Filing
from folkmoot.mailboxes.outgoing import Outgoing, outgoing_of
from folkmoot.mailboxes.sealing import seal, unseal
from folkmoot.mailboxes.submission_rows import LEASE_MS, SEALED, SubmissionRows, unsealed
from folkmoot.mailboxes.submission_values import (
    SendEnvelope,
    SendOptions,
    Submission,
    another_key,
    envelope_of,
    enveloped,
    ref_of,
    submission_of,
    thread_of,
)
from folkmoot.mailboxes.transmission import Transmission
from folkmoot.mailboxes.values import MessageRef
from folkmoot.store import person, submissions
from folkmoot.store.submissions import NewSubmission, State, StoredSubmission

DELAY_MAX_SECONDS: Final = 60  # of undoing; whoever wants more says when to send
LATER_MAX_MS: Final = 400 * 24 * 3_600_000  # a year, and a little
MINUTE_MS: Final = 60_000
# After attempts in the background that failed for now: some hours, then its sender has to know.
PAUSES_MS: Final[Sequence[int]] = tuple(minutes * MINUTE_MS for minutes in (1, 3, 10, 30, 60, 60, 120))
TIDY_PAUSES_MS: Final[Sequence[int]] = tuple(minutes * MINUTE_MS for minutes in (1, 5, 15, *(60,) * 72))
NOTED: Final = 3  # attempts to note what the server said
_LIST: Final = tuple(state for state in State if state not in {State.SENT, State.CANCELLED})

log: Final = structlog.get_logger("folkmoot.submissions")


class Sending:
    """Sends drafts, now or later, and takes them back."""

    def __init__(
        self,
        access: MailAccess,
        directory: Directory,
        database: Database,
        clock: Clock,
        transmission: Transmission,
        filing: Filing,
        collecting: Collecting | None = None,
    ) -> None:
        self._access = access
        self._directory = directory
        self._database = database
        self._clock = clock
        self._rows = SubmissionRows(access, database, clock)
        self._transmission = transmission
        self._filing = filing
        self._collecting = collecting

    async def send(
        self, caller: Caller, account_id: str, ref: MessageRef, options: SendOptions | None = None
    ) -> Submission:
        """Send a draft once; what is on its way or sent already is not sent again.

        Without a delay this returns when the mail server has the message, or has refused it; then the draft is as it
        was.  ``state`` is ``delivered`` if the sender's copy could not be filed yet; that is tried again.

        Raises:
            Forbidden: the caller may not write as the draft's sender; SendingBlocked: has sent too much.
            MalformedInput: the draft has no recipients, or something that is no address; no such time.
            NotFound: there is no such draft.
            RecipientsRefused: the server refuses recipients, and nobody has got it.
            Refused: the server does not take it.
            SignInRefused: the server does not take the caller's credentials.
            Uncertain: the line broke when it may have gone.
            Unavailable: the mail server cannot be reached.
        """
        options = options or SendOptions()
        now = self._clock.milliseconds()
        account = await self._access.account(caller, account_id)
        draft = await self._filing.draft(caller, account_id, ref)
        identity = message_id(f"{account_id}.{ref.uid_validity}.{ref.uid}.draft", account.name)
        date = await self._filing.local_time(caller, now)
        envelope = options.envelope
        outgoing = await asyncio.to_thread(
            outgoing_of,
            draft,
            otherwise_id=identity,
            date=date,
            recipients=envelope.recipients if envelope is not None else (),
        )
        if envelope is None and options.files_itself:
            envelope = SendEnvelope(outgoing.recipients, outgoing.sender.address)
        outgoing = enveloped(outgoing, envelope)
        await self._transmission.check(caller, account, outgoing)
        send_at = now + await self._delay_ms(caller, options, now)
        tells_client = self._transmission.tells_client(await self._access.person(caller.principal))
        payload: dict[str, object] = {
            "id": outgoing.message_id,
            "partial": options.partial,
            "client": options.client_address if tells_client else "",
            "background": send_at > now,
            "identity": options.identity,
            "files_itself": options.files_itself,
            "remove": options.remove,
            **({"thread": thread_of(draft, ref)} if options.files_itself else {}),
            **({"envelope": envelope.payload()} if envelope is not None else {}),
        }
        if caller.password and not account.external:
            payload[SEALED] = await self._sealed(caller, outgoing.message_id)
        new = NewSubmission(
            owner=caller.principal,
            account=account_id,
            message_id=outgoing.message_id + another_key(draft, envelope),
            mailbox=ref.mailbox,
            uid_validity=ref.uid_validity,
            uid=ref.uid,
            payload=payload,
            recipients=len(outgoing.recipients),
            send_at=send_at,
        )
        row, fresh = await self._rows.keep(caller, new)
        if not fresh:
            return replace(submission_of(row), fresh=False)
        if send_at > now:
            await self._filing.mark_waiting(caller, account_id, ref, waiting=True)
            return submission_of(row)
        row = await self._work(caller, row, raising=True)
        return submission_of(row)

    async def cancel(self, caller: Caller, submission_id: int) -> Submission:
        """Take back what waits; its draft is where it was.

        Raises:
            NotFound: the caller has no such message on its way.
            Conflict: it is being sent, or was sent.
        """
        self._access.check(caller)
        row = await self._own(caller, submission_id)
        cancelled = await self._rows.end(row, State.CANCELLED) if row.state is State.WAITING else None
        if cancelled is None:
            raise Conflict("it is too late to take the message back")
        await self._filing.mark_waiting(caller, row.account, ref_of(row), waiting=False)
        return submission_of(cancelled)

    async def list(self, caller: Caller) -> list[Submission]:
        """Return what waits, is being sent, or failed; the newest first."""
        self._access.check(caller)
        rows = await self._database.read(lambda tx: submissions.list_of(tx, caller.principal, _LIST))
        return [submission_of(row) for row in rows if row.payload.get("direct") is not True]

    async def find(self, caller: Caller, submission_id: int) -> Submission:
        """Return one message on its way, or past it.

        Raises:
            NotFound: the caller has none with this number.
        """
        self._access.check(caller)
        return submission_of(await self._own(caller, submission_id))

    async def all_of(self, caller: Caller, account_id: str) -> Sequence[Submission]:
        """Return all messages of an account that went, or are on their way, as far as they are remembered.

        The newest first, at most ``submissions.LIST_MAX``.
        """
        self._access.check(caller)
        rows = await self._database.read(lambda tx: submissions.list_of(tx, caller.principal, list(State)))
        return [
            submission_of(row) for row in rows if row.account == account_id and row.payload.get("direct") is not True
        ]

    async def forget(self, caller: Caller, submission_id: int) -> None:
        """Forget a message that has gone, or will not go.

        Raises:
            NotFound: the caller has none with this number.
            Conflict: it is on its way.
        """
        self._access.check(caller)
        await self._own(caller, submission_id)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> bool:
            forgotten = await submissions.forget(tx, caller.principal, submission_id)
            if forgotten:
                await person.raise_(tx, caller.principal, now)
            return forgotten

        if not await self._database.write(work):
            raise Conflict("the message is on its way; take it back first")

    async def follow(self, caller: Caller, account_id: str, before: MessageRef, after: MessageRef) -> None:
        """Note that a message on its way was moved."""
        self._access.check(caller)
        old = (before.mailbox, before.uid_validity, before.uid)
        new = (after.mailbox, after.uid_validity, after.uid)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            if await submissions.move(tx, caller.principal, account_id, old, new):
                await person.raise_(tx, caller.principal, now)

        await self._database.write(work)

    async def resume(self, submission_id: int) -> int | None:
        """Go on with a message in the background; return when to look again, None if there is nothing left to do."""
        row = await self._rows.get(submission_id)
        if row is None or row.state in submissions.FINAL:
            return None
        now = self._clock.milliseconds()
        if row.state is State.WAITING and row.send_at > now:
            return row.send_at
        leased = row.payload.get("until")
        if row.state is not State.WAITING and isinstance(leased, int) and leased > now:
            return leased
        if row.payload.get("direct") is True and row.state is State.SENDING:
            await self._rows.end(row, State.FAILED, "it was interrupted before it was sent")
            return None
        if row.state is State.HANDING:
            await self._rows.end(row, State.UNCERTAIN, "it is not known whether the mail server took the message")
            log.warning("message uncertain", id=row.id, owner=row.owner)
            return None
        payload = {**row.payload, "until": now + LEASE_MS, "background": True}
        if row.state is State.WAITING:
            payload["date"] = now
        state = State.SENDING if row.state is State.WAITING else row.state
        claimed = await self._rows.step(row, state, payload=payload)
        if claimed is None:
            return now + MINUTE_MS
        try:
            caller = await self._background_caller(claimed)
            done = await self._work(caller, claimed, raising=False)
        except Unavailable as error:
            return await self._later(claimed, error)
        if done.state in submissions.FINAL:
            return None
        again = done.payload.get("again")
        return again if isinstance(again, int) else now + LEASE_MS

    async def _work(self, caller: Caller, row: StoredSubmission, *, raising: bool) -> StoredSubmission:
        """Take a claimed row as far as it goes."""
        outgoing: Outgoing | None = None
        if row.state is State.SENDING:
            row, outgoing = await self._transmit(caller, row, raising=raising)
        if row.state is State.DELIVERED:
            row = await self._tidy(caller, row, outgoing)
        return row

    async def _transmit(
        self, caller: Caller, row: StoredSubmission, *, raising: bool
    ) -> tuple[StoredSubmission, Outgoing | None]:
        present = row

        async def committing() -> None:
            nonlocal present
            handing = await self._rows.step(present, State.HANDING)
            if handing is None:
                raise Conflict("another worker has taken over")
            present = handing

        try:
            outgoing = await self._prepared(caller, row)
            submitted = await self._transmission.transmit(
                caller, row.account, outgoing, partial=row.payload.get("partial") is True, committing=committing
            )
        except Uncertain as error:
            present = await self._rows.end(present, State.UNCERTAIN, str(error)) or present
            log.warning("message uncertain", id=row.id, owner=row.owner, fault=str(error))
            if raising:
                raise
            return present, None
        except Unavailable as error:
            if raising:  # its sender is here to decide
                await self._fail(caller, present, error)
                raise
            return await self._put_off(caller, present, error), None
        except FolkmootError as error:
            failed = await self._fail(caller, present, error)
            if raising:
                raise
            return failed, None
        refused = {address: refusal.answer for address, refusal in submitted.refusals.items()}
        log.info("message sent", id=row.id, owner=row.owner, recipients=row.recipients, refused=len(refused))
        payload = {**present.payload, "answer": submitted.answer, "refused": refused}
        return await self._note_delivered(present, payload), outgoing

    async def _prepared(self, caller: Caller, row: StoredSubmission) -> Outgoing:
        """Return what goes out, from the draft as it stands; the same again for the sender's copy.

        Raises:
            NotFound: the draft is gone.
        """
        octets = await self._filing.draft(caller, row.account, ref_of(row), str(row.payload.get("id", "")))
        since = row.payload.get("date")
        date = await self._filing.local_time(caller, since if isinstance(since, int) else row.created_at)
        envelope = envelope_of(row)
        prepared = await asyncio.to_thread(
            outgoing_of,
            octets,
            otherwise_id=str(row.payload.get("id", "")),
            date=date,
            client_address=str(row.payload.get("client", "")),
            recipients=envelope.recipients if envelope is not None else (),
            keep_date=row.payload.get("files_itself") is True,
        )
        return await self._transmission.completed(caller, row.account, enveloped(prepared, envelope))

    async def _note_delivered(self, row: StoredSubmission, payload: Mapping[str, object]) -> StoredSubmission:
        for attempt in range(NOTED):
            try:
                noted = await self._rows.step(row, State.DELIVERED, payload=payload)
            except Unavailable:
                if attempt + 1 == NOTED:
                    raise
                await asyncio.sleep(0.2 * (attempt + 1))
            else:
                if noted is None:
                    raise Conflict("another worker has taken over")
                return noted
        return row

    async def _tidy(self, caller: Caller, row: StoredSubmission, outgoing: Outgoing | None) -> StoredSubmission:
        """File the copy, flag what was answered, remove the draft, keep new recipients."""
        try:
            sent = outgoing or await self._prepared(caller, row)
            if row.payload.get("files_itself") is True:
                remove = row.payload.get("remove") is True
                await self._filing.leave(caller, row.account, ref_of(row), sent, remove=remove)
            else:
                await self._filing.finish(caller, row.account, ref_of(row), sent)
            if self._collecting is not None:
                await self._collecting.collect(caller, sent.filed)
        except NotFound:  # the draft went last, and whoever removed it died before saying so
            log.info("nothing left of the draft", id=row.id, owner=row.owner)
        except FolkmootError as error:
            attempts = _count(row.payload, "tidied")
            if attempts >= len(TIDY_PAUSES_MS):
                log.error("copy of a sent message not filed", id=row.id, owner=row.owner, fault=str(error))
                return await self._rows.end(row, State.SENT, f"sent, but the copy was not filed: {error}") or row
            log.warning("sent message not tidied up yet", id=row.id, owner=row.owner, fault=str(error))
            again = self._clock.milliseconds() + TIDY_PAUSES_MS[attempts]
            payload = {**row.payload, "until": 0, "tidied": attempts + 1, "again": again}
            fault = f"sent; the copy is not filed yet: {error}"
            return await self._rows.step(row, State.DELIVERED, fault=fault, payload=payload, again=again) or row
        return await self._rows.end(row, State.SENT, "") or row

    async def _put_off(self, caller: Caller, row: StoredSubmission, error: FolkmootError) -> StoredSubmission:
        attempts = _count(row.payload, "attempts")
        if attempts >= len(PAUSES_MS):
            return await self._fail(caller, row, error)
        log.info("message waits", id=row.id, owner=row.owner, attempt=attempts + 1, fault=str(error))
        again = self._clock.milliseconds() + PAUSES_MS[attempts]
        payload = {**row.payload, "until": 0, "attempts": attempts + 1, "again": again}
        return await self._rows.step(row, State.WAITING, fault=str(error), payload=payload) or row

    async def _later(self, row: StoredSubmission, error: FolkmootError) -> int:
        """Leave a claimed row to the next run, as what it needs is away."""
        log.info("message waits", id=row.id, owner=row.owner, fault=str(error))
        await self._rows.step(row, row.state, fault=str(error), payload={**row.payload, "until": 0})
        return self._clock.milliseconds() + MINUTE_MS

    async def _fail(self, caller: Caller, row: StoredSubmission, error: FolkmootError) -> StoredSubmission:
        refused = (
            {address: one.answer for address, one in error.refusals.items()}
            if isinstance(error, RecipientsRefused)
            else {}
        )
        payload = {**unsealed(row.payload), "refused": refused}
        log.warning("message not sent", id=row.id, owner=row.owner, fault=str(error)[:500])
        failed = await self._rows.end(row, State.FAILED, str(error), payload) or row
        if row.payload.get("background") is True:
            await self._filing.mark_waiting(caller, row.account, ref_of(row), waiting=False)
        return failed

    async def _own(self, caller: Caller, submission_id: int) -> StoredSubmission:
        row = await self._rows.get(submission_id)
        if row is None or row.owner != caller.principal:
            raise NotFound("there is no such message on its way")
        return row

    async def _delay_ms(self, caller: Caller, options: SendOptions, now: int) -> int:
        if options.send_at is not None:
            if not now - MINUTE_MS <= options.send_at <= now + LATER_MAX_MS:
                raise MalformedInput("a message can be sent within a year from now")
            return max(options.send_at - now, 0)
        seconds = options.delay_seconds
        if seconds is None:
            seconds = await self._transmission.undo_seconds(caller)
        if not 0 <= seconds <= DELAY_MAX_SECONDS:
            raise MalformedInput(f"a message can be taken back for at most {DELAY_MAX_SECONDS} seconds")
        return seconds * 1000

    async def _sealed(self, caller: Caller, identity: str) -> str:
        key = await self._access.sealing.known()
        return seal(key, caller.password.encode(errors="surrogatepass"), _about(caller.principal, identity))

    async def _background_caller(self, row: StoredSubmission) -> Caller:
        """Return the sender, signed in with what was sealed when it was sent.

        Raises:
            Unavailable: the directory does not answer.
            NotFound: the sender is not there any more.
        """
        person = await self._directory.find(row.owner)
        if person is None:
            raise Unavailable("the sender is not in the directory at present")
        sealed = row.payload.get(SEALED)
        password = b""
        if isinstance(sealed, str):
            key = await self._access.sealing.known()
            password = unseal(key, sealed, _about(row.owner, str(row.payload.get("id", "")))) or b""
        groups = tuple(await self._directory.groups_of(person))
        return Caller(
            row.owner,
            groups=groups,
            denied=person.modules_denied,
            password=password.decode(errors="surrogatepass"),
        )


def _about(owner: PrincipalId, identity: str) -> str:
    return f"submission {owner} {identity}"


def _count(payload: Mapping[str, object], name: str) -> int:
    value = payload.get(name)
    return value if isinstance(value, int) else 0
