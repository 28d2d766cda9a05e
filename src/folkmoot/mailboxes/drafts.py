r"""Drafts: each saved as a new message before the old version goes, so that there is never a moment without one.

A draft keeps its Message-ID over all its versions.  By it the versions are found again, also when a save was repeated
because its answer was lost, or when another program has moved them.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, NotFound, TooLarge
from folkmoot.database import Database
from folkmoot.mail.addresses import mailbox, message_id
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import and_, flag, header, not_
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.draft_form import (
    Draft,
    Given,
    InDraft,
    InMessage,
    Source,
    StoredDraft,
    Uploaded,
    digest_of,
    read_draft,
    require_sender,
    version_of,
    write_draft,
)
from folkmoot.mailboxes.identities import Identities
from folkmoot.mailboxes.uploads import Uploads
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import MailAddress, message_ids, parse_headers
from folkmoot.mime.reading import Message, read_message
from folkmoot.sharing.preferences import defaults_of, preferences_of
from folkmoot.store import submissions
from folkmoot.store.submissions import AGAIN

MESSAGE_MAX: Final = 200 * 1024 * 1024  # octets of a draft; servers take less
VERSIONS_MAX: Final = 50  # of one draft that are looked at: more are no versions but an accident
FLAGS: Final = ("\\Draft", "\\Seen")
_FIELDS: Final = "HEADER.FIELDS (X-FOLKMOOT-VERSION MESSAGE-ID)"


@dataclass(frozen=True, slots=True)
class Replaces:
    """Which version of which draft a save follows."""

    message_id: str
    version: int


class Drafts:
    """Saves, opens and deletes drafts."""

    def __init__(
        self,
        access: MailAccess,
        identities: Identities,
        database: Database,
        uploads: Uploads,
        *,
        now: Callable[[], datetime],
        random_key: Callable[[], str],
    ) -> None:
        """Take services; ``random_key`` makes what nobody can guess or has had before, of letters and digits."""
        self._access = access
        self._identities = identities
        self._database = database
        self._uploads = uploads
        self._now = now
        self._random_key = random_key

    def begin(self, sender: MailAddress) -> Replaces:
        """Return what the first save of a new draft follows, so that it, too, may be repeated.

        Raises:
            MalformedInput: the sender has no address.
        """
        return Replaces(message_id(self._random_key(), mailbox(sender.address)), 0)

    async def save(
        self, caller: Caller, account_id: str, draft: Draft, replaces: Replaces | None = None
    ) -> StoredDraft:
        """Store a draft, and remove the version that it replaces; a save that is repeated is done once.

        Raises:
            Forbidden: the caller may not write as this sender.
            Conflict: the draft was changed since, or is on its way out.
            NotFound: a file of it is not there any more.
            TooLarge: the message is larger than may be sent.
            OverQuota: the mailbox is full; the old version stays.
        """
        account = await self._access.account(caller, account_id)
        writer = await self._identities.writer(caller, account, require_sender(draft))
        draft = replace(draft, sender=MailAddress(writer.identity.name, writer.identity.address))
        identity = await self._identity_of(caller, draft, replaces)
        place = (await self._access.special(caller, account_id)).drafts
        before = await self._before(caller, account_id, place, replaces)
        digest = digest_of(draft)
        if before is not None and replaces is not None:
            if before.version == replaces.version + 1 and before.digest == digest:
                await self._remove_before(caller, account_id, before.ref, identity)
                return await self._told(caller, account_id, before.ref, draft)
            if before.version > replaces.version:
                raise Conflict("the draft was changed elsewhere since it was opened")
        contents = await self._contents(caller, account_id, draft, before)
        version = max(before.version if before else 0, replaces.version if replaces else 0) + 1
        date = await self._local_now(caller)
        octets = await asyncio.to_thread(
            write_draft,
            draft,
            contents,
            message_id=identity,
            version=version,
            date=date,
            acting=writer.acting,
        )
        await self._require_size(caller, octets)
        ref = await self._replace(caller, account_id, place, identity, octets)
        await self._uploads.forget(
            caller.principal, [one.source.id for one in draft.files if isinstance(one.source, Uploaded)]
        )
        return await asyncio.to_thread(_stored, octets, ref)

    async def open(self, caller: Caller, account_id: str, ref: MessageRef) -> StoredDraft:
        """Return a draft to go on with, whichever program wrote it.

        Raises:
            NotFound: there is no such message.
            TooLarge: it is larger than a draft may be.
        """
        octets = await self.octets(caller, account_id, ref)
        return await asyncio.to_thread(_stored, octets, ref)

    async def delete(self, caller: Caller, account_id: str, ref: MessageRef) -> None:
        """Delete a draft for good, with older versions that were left over.

        Raises:
            Conflict: it is on its way out.
        """
        async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
            require_same(connection, ref)
            found = await connection.fetch([ref.uid], ["FLAGS", f"BODY.PEEK[{_FIELDS}]"])
            if not found:
                return
            identity = _message_id(found[0].sections.get(_FIELDS, b""))
            if identity:
                await self._require_idle(caller, identity)
            if "\\Draft" not in (found[0].flags or ()):
                raise Conflict("this message is no draft")
            await remove_versions(connection, identity, also=[ref.uid])

    async def octets(self, caller: Caller, account_id: str, ref: MessageRef) -> bytes:
        """Return a whole message.

        Raises:
            NotFound: there is no such message.
            TooLarge: it is larger than a draft may be.
        """
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            return await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)

    async def _identity_of(self, caller: Caller, draft: Draft, replaces: Replaces | None) -> str:
        """Return the Message-ID of a draft: a new one for one that was sent already and is kept."""
        if replaces is not None and replaces.message_id:
            found = await self._database.read(lambda tx: submissions.find(tx, caller.principal, replaces.message_id))
            if found is None or found.state in AGAIN:
                return replaces.message_id
            if found.state is not submissions.State.SENT:
                raise Conflict("the message is on its way out; take it back first")
        return message_id(self._random_key(), draft.sender.address)

    async def _require_idle(self, caller: Caller, identity: str) -> None:
        found = await self._database.read(lambda tx: submissions.find(tx, caller.principal, identity))
        if found is not None and found.state not in submissions.FINAL:
            raise Conflict("the message is on its way out; take it back first")

    async def _before(
        self, caller: Caller, account_id: str, place: str, replaces: Replaces | None
    ) -> "_Version | None":
        if replaces is None or not replaces.message_id:
            return None
        async with self._access.selected(caller, account_id, place) as connection:
            found = await _versions(connection, replaces.message_id)
        return max(found, key=lambda one: (one.version, one.ref.uid), default=None)

    async def _contents(
        self, caller: Caller, account_id: str, draft: Draft, before: "_Version | None"
    ) -> Mapping[Source, bytes]:
        """Return the octets of all files, with one look into each message."""
        contents: dict[Source, bytes] = {}
        messages: dict[MessageRef, Message] = {}
        for source in {one.source for one in draft.files}:
            match source:
                case Given(content):
                    contents[source] = content
                case Uploaded(identity):
                    _, contents[source] = await self._uploads.get(caller.principal, identity)
                case InDraft() | InMessage():
                    ref, path = _place_of(source, before)
                    if ref not in messages:
                        messages[ref] = await asyncio.to_thread(
                            read_message, await self.octets(caller, account_id, ref)
                        )
                    message = messages[ref]
                    contents[source] = message.content(path) if path else message.section("")
        return contents

    async def _replace(self, caller: Caller, account_id: str, place: str, identity: str, octets: bytes) -> MessageRef:
        async with self._access.selected(caller, account_id, place, write=True) as connection:
            appended = await connection.append(place, octets, flags=FLAGS)
            present = connection.mailbox
            validity = present.uid_validity if present is not None else 0
            uid = appended.uid
            if uid is None or appended.uid_validity != validity:
                await connection.select(place, write=True)
                found = await connection.search(header("Message-ID", identity))
                uid = max(found, default=0)
                validity = connection.mailbox.uid_validity if connection.mailbox is not None else validity
            await remove_versions(connection, identity, keep=uid)
        return MessageRef(place, validity, uid)

    async def _remove_before(self, caller: Caller, account_id: str, ref: MessageRef, identity: str) -> None:
        """Do what whoever stored this version did not come to: remove those before it."""
        async with self._access.selected(caller, account_id, ref.mailbox, write=True) as connection:
            require_same(connection, ref)
            await remove_versions(connection, identity, keep=ref.uid)

    async def _told(self, caller: Caller, account_id: str, ref: MessageRef, draft: Draft) -> StoredDraft:
        stored = await self.open(caller, account_id, ref)
        await self._uploads.forget(
            caller.principal, [one.source.id for one in draft.files if isinstance(one.source, Uploaded)]
        )
        return stored

    async def _require_size(self, caller: Caller, octets: bytes) -> None:
        settings = self._access.settings_of(await self._access.person(caller.principal))
        kilobytes = settings.smtp.message_max_kilobytes
        most = kilobytes * 1024 if kilobytes else MESSAGE_MAX
        if len(octets) > most:
            raise TooLarge(f"the message has {len(octets)} octets with its attachments, and may have {most}")

    async def _local_now(self, caller: Caller) -> datetime:
        return self._now().astimezone(await zone_of(self._access, caller))


async def zone_of(access: MailAccess, caller: Caller) -> ZoneInfo:
    """Return the time zone in which somebody lives."""
    settings = access.settings_of(await access.person(caller.principal))
    return preferences_of(await access.profile(caller.principal), defaults_of(settings)).zone


@dataclass(frozen=True, slots=True)
class _Version:
    ref: MessageRef
    version: int
    digest: str


async def _versions(connection: Connection, identity: str) -> list[_Version]:
    present = connection.mailbox
    uids = list(await connection.search(and_(header("Message-ID", identity), not_(flag("\\Deleted")))))
    if present is None or not uids:
        return []
    found = await connection.fetch(uids[-VERSIONS_MAX:], [f"BODY.PEEK[{_FIELDS}]"])
    versions: list[_Version] = []
    for one in found:
        headers = parse_headers(one.sections.get(_FIELDS, b""))
        if identity in message_ids(headers.get("message-id") or b""):
            number, digest = version_of(headers)
            versions.append(_Version(MessageRef(present.name, present.uid_validity, one.uid), number, digest))
    return versions


async def remove_versions(
    connection: Connection, identity: str, *, keep: int | None = None, also: Sequence[int] = ()
) -> None:
    """Remove the drafts of this Message-ID from the selected mailbox, but for one."""
    uids = {*also}
    if identity:
        found = await connection.search(and_(header("Message-ID", identity), flag("\\Draft")))
        exact = await connection.fetch(list(found)[-VERSIONS_MAX:], [f"BODY.PEEK[{_FIELDS}]"]) if found else []
        uids |= {one.uid for one in exact if _message_id(one.sections.get(_FIELDS, b"")) == identity}
    if keep:
        uids = {uid for uid in uids if uid < keep}  # a newer one is another window's
    if uids:
        await connection.store(sorted(uids), add=["\\Deleted"])
        await connection.expunge(sorted(uids))


def require_same(connection: Connection, ref: MessageRef) -> None:
    """Check that a reference still means what it meant.

    Raises:
        NotFound: the mailbox was made anew since.
    """
    if connection.mailbox is None or connection.mailbox.uid_validity != ref.uid_validity:
        raise NotFound("there is no such message")


def _place_of(source: InDraft | InMessage, before: _Version | None) -> tuple[MessageRef, str]:
    if isinstance(source, InMessage):
        return source.ref, source.path
    if before is None:
        raise NotFound("the draft whose attachment was to be kept is not there any more")
    return before.ref, source.path


def _stored(octets: bytes, ref: MessageRef) -> StoredDraft:
    message = read_message(octets)
    headers = message.headers()
    version, _ = version_of(headers)
    identities = message_ids(headers.get("message-id") or b"")
    return StoredDraft(ref, identities[0] if identities else "", version, read_draft(message))


def _message_id(octets: bytes) -> str:
    return next(iter(message_ids(parse_headers(octets).get("message-id") or b"")), "")
