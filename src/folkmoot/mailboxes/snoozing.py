"""Messages put off: moved out of sight, and back as unread when their time has come.

What comes first is the row, then the move.  Whoever dies in between leaves a row whose message is found by its
Message-ID; whoever dies while bringing back leaves a row whose message is not there any more, which is then forgotten.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import header, or_, uids
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.chosen import Chosen, uids_of
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import Special
from folkmoot.mime.headers import message_ids
from folkmoot.store import person, snoozed
from folkmoot.store.snoozed import NewSnoozed, Snoozed

MAILBOX: Final = "Snoozed"
AT_ONCE_MAX: Final = 200  # messages put off by one call
LATEST_MS: Final = 10 * 366 * 24 * 3600 * 1000  # from now; later is a mistake
SEARCHED_MAX: Final = 50  # Message-IDs in one search


class Snoozing:
    """Puts messages off and brings them back."""

    def __init__(self, access: MailAccess, database: Database, clock: Clock) -> None:
        self._access = access
        self._database = database
        self._clock = clock

    async def snooze(self, caller: Caller, account: str, chosen: Chosen, until_ms: int) -> Sequence[Snoozed]:
        """Put messages off until some time, in milliseconds since 1970 UTC.

        Raises:
            MalformedInput: that is not in the future, or too far in it.
            TooLarge: too many messages.
            Conflict: the mailbox was made anew, or the messages are put off already.
            NotFound: none of the messages is there.
        """
        now = self._clock.milliseconds()
        if not now < until_ms <= now + LATEST_MS:
            raise MalformedInput("messages are put off until a time in the future, ten years at most")
        # Drafts, sent and deleted messages can wait, too; what waits already would forget where it came from.
        mailbox = await self._mailbox(caller, account)
        if chosen.mailbox == mailbox:
            raise Conflict("the messages are put off already")
        async with self._access.selected(caller, account, chosen.mailbox, write=True) as connection:
            wanted = await uids_of(connection, chosen)
            if len(wanted) > AT_ONCE_MAX:
                raise TooLarge(f"at most {AT_ONCE_MAX} messages are put off at once")
            selected = connection.mailbox
            validity = selected.uid_validity if selected else 0
            new = await _described(connection, wanted, validity)
            if not new:
                raise NotFound("the messages are gone")

            async def work(tx: Transaction) -> Sequence[Snoozed]:
                added = await snoozed.add(
                    tx, caller.principal, account, chosen.mailbox, new, until_at=until_ms, now=now
                )
                await person.raise_(tx, caller.principal, now)
                return added

            rows = await self._database.write(work)
            await _ensure(connection, mailbox)
            copied = await connection.move([one.uid for one in new], mailbox)
        by_uid = {row.uid: row.id for row in rows}
        places = {by_uid[s]: t for s, t in zip(copied.sources, copied.targets, strict=True) if s in by_uid}
        if copied.uid_validity is not None and places:
            placed, owner = copied.uid_validity, caller.principal
            await self._database.write(lambda tx: snoozed.place(tx, owner, mailbox, placed, places))
        ids = {row.id for row in rows}
        return [row for row in await self.list(caller, account) if row.id in ids]

    async def list(self, caller: Caller, account: str | None = None) -> Sequence[Snoozed]:
        """Return what the caller has put off, what comes back first at the top."""
        self._access.check(caller)
        rows = await self._database.read(lambda tx: snoozed.list_(tx, caller.principal))
        return [row for row in rows if account is None or row.account == account]

    async def cancel(self, caller: Caller, account: str, ids: Iterable[int]) -> int:
        """Bring messages back now, as read or unread as they are; return how many came back."""
        wanted = frozenset(ids)
        rows = [row for row in await self.list(caller, account) if row.id in wanted]
        return await self._bring_back(caller, account, rows, unread=False)

    async def wake_by_reply(self, caller: Caller, account: str, references: Iterable[str]) -> int:
        """Bring back now what a new message answers, by its In-Reply-To and References; return how many came back."""
        answered = {one for one in references if one}
        rows = [row for row in await self.list(caller, account) if row.message_id in answered]
        return await self._bring_back(caller, account, rows, unread=True)

    async def wake(self, caller: Caller, account: str) -> int | None:
        """Bring back what is due; return when the next message is, None if no more wait.

        The job of the account does this; faces may, too, for people whose mailboxes open with their password only.

        Raises:
            NoCredentials: nothing lets us into the mailbox without the person's password.
            Unavailable: the mail server does not answer.
        """
        now = self._clock.milliseconds()
        rows = await self._database.read(lambda tx: snoozed.due(tx, caller.principal, account, now))
        await self._bring_back(caller, account, rows, unread=True)
        return await self._database.read(lambda tx: snoozed.next_at(tx, caller.principal, account))

    async def _bring_back(self, caller: Caller, account: str, rows: Sequence[Snoozed], *, unread: bool) -> int:
        if not rows:
            return 0
        mailbox = await self._mailbox(caller, account)
        special = await self._access.special(caller, account, make=())
        never_moved = await self._still_there(caller, account, rows)
        left = [row for row in rows if row.id not in never_moved]
        count = 0
        try:
            async with self._access.selected(caller, account, mailbox, write=True) as connection:
                for origin in dict.fromkeys(row.origin for row in left):
                    found = await _find(connection, [row for row in left if row.origin == origin], mailbox)
                    count += len(found)
                    if found and unread:
                        await connection.store(found, remove=["\\Seen"])
                    if found:
                        await _move_back(connection, found, origin, special)
        except NotFound:  # somebody deleted the mailbox, and with it all that waited there
            pass
        await self._forget(caller.principal, rows)
        return count

    async def _still_there(self, caller: Caller, account: str, rows: Sequence[Snoozed]) -> frozenset[int]:
        """Return the rows whose messages were never moved, as whoever was about to died."""
        unmoved = [row for row in rows if row.mailbox == row.origin]
        found: set[int] = set()
        for origin in dict.fromkeys(row.origin for row in unmoved):
            some = {row.uid: row for row in unmoved if row.origin == origin}
            try:
                async with self._access.selected(caller, account, origin) as connection:
                    selected = connection.mailbox
                    there = await connection.search(uids(some))
                    validity = selected.uid_validity if selected else 0
            except NotFound:
                continue
            found.update(some[uid].id for uid in there if some[uid].uid_validity == validity)
        return frozenset(found)

    async def _forget(self, owner: PrincipalId, rows: Sequence[Snoozed]) -> None:
        async def work(tx: Transaction) -> None:
            await snoozed.remove(tx, owner, [row.id for row in rows])
            await person.raise_(tx, owner, self._clock.milliseconds())

        await self._database.write(work)

    async def _mailbox(self, caller: Caller, account: str) -> str:
        special = await self._access.special(caller, account, make=(Use.DRAFTS,))
        if not special.separator:
            return MAILBOX
        above, separator, _ = special.drafts.rpartition(special.separator)
        return f"{above}{separator}{MAILBOX}"


async def _described(connection: Connection, wanted: Sequence[int], validity: int) -> list[NewSnoozed]:
    if not wanted:
        return []
    found = []
    for fetched in await connection.fetch(wanted, ("ENVELOPE",)):
        ids = message_ids(fetched.envelope.message_id) if fetched.envelope else ()
        found.append(NewSnoozed(validity, fetched.uid, ids[0] if ids else ""))
    return sorted(found, key=lambda one: one.uid)


async def _ensure(connection: Connection, mailbox: str) -> None:
    if await connection.list(mailbox):
        return
    try:
        await connection.create(mailbox)
    except Conflict:  # somebody else was faster
        return
    await connection.subscribe(mailbox)


async def _find(connection: Connection, rows: Sequence[Snoozed], mailbox: str) -> list[int]:
    """Return the UIDs in the selected mailbox, by number where that still holds, else by Message-ID."""
    selected = connection.mailbox
    validity = selected.uid_validity if selected else 0
    numbered = [row for row in rows if row.mailbox == mailbox and row.uid_validity == validity]
    there = set(await connection.search(uids(row.uid for row in numbered))) if numbered else set()
    known = {row.id for row in numbered if row.uid in there}
    lost = list(dict.fromkeys(row.message_id for row in rows if row.id not in known and row.message_id))
    for start in range(0, len(lost), SEARCHED_MAX):
        some = lost[start : start + SEARCHED_MAX]
        there.update(await connection.search(or_(*(header("Message-ID", one) for one in some))))
    return sorted(there)


async def _move_back(connection: Connection, found: Sequence[int], origin: str, special: Special) -> None:
    try:
        await connection.move(found, origin)
    except NotFound:
        await connection.move(found, special.inbox)
