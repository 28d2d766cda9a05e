"""Inviting people to share a calendar, and their answers (CalendarServer's caldav-sharing).

An invitation gives roles at once, as every other way of sharing does; accepting it subscribes.  Who declines keeps the
roles until the owner takes them away, and may still subscribe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.collections.grants import SUBJECTS_MAX, Grants
from folkmoot.collections.notifications import INVITE, REPLY, notify, withdraw
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database.statement import Transaction
from folkmoot.sharing.presets import READER, WRITER, writes
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, rights_of_roles
from folkmoot.store import collections as stored_collections
from folkmoot.store import grants
from folkmoot.store import invitations as stored
from folkmoot.store import subscriptions as stored_subscriptions
from folkmoot.store.invitations import SUMMARY_MAX, Invitation
from folkmoot.store.records import Collection, Kind

SHAREES_MAX: Final = 500  # invited or removed by one request
PENDING: Final = "noresponse"
ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
_READ: Final = "read"
_WRITE: Final = "read-write"
_NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Invitee:
    """One person to be invited, and what its clients are told; ``subject`` is that of the row of rights."""

    principal: PrincipalId
    subject: str
    write: bool
    uid: str
    summary: str
    notification: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    """One person with whom a calendar is shared no longer, and what its clients are told."""

    principal: PrincipalId
    subject: str
    uid: str
    notification: bytes


@dataclass(frozen=True, slots=True)
class Sharee:
    """Somebody with whom a calendar is shared, however that was said."""

    principal: PrincipalId
    write: bool
    state: str  # noresponse, accepted, declined
    summary: str


class ShareInvitations:
    """Calendars shared by invitation."""

    def __init__(self, access: Access, grants_service: Grants) -> None:
        self._access = access
        self._grants = grants_service

    async def invite(
        self, caller: Caller, place: Place, invitees: Sequence[Invitee], removals: Sequence[Removal] = ()
    ) -> None:
        """Share a calendar with people, and with others no longer.

        Raises:
            NotFound: no such calendar for this caller.
            Forbidden: not the owner, or no calendar.
            TooLarge: too many people, or too long a summary.
        """
        if len(invitees) + len(removals) > SHAREES_MAX:
            raise TooLarge(f"at most {SHAREES_MAX} people in one request")
        access = self._access

        async def work(tx: Transaction) -> None:
            seen = await access.get(tx, caller, place)
            if not seen.rights.admin or place.kind is not Kind.CALENDAR:
                raise Forbidden("the owner of a calendar shares it")
            given = (await grants.of(tx, [seen.collection.id]))[seen.collection.id]
            rows = {removal.subject: _NOBODY for removal in removals if removal.subject in given}
            rows |= {one.subject: roles for one in invitees if (roles := _roles(one, given.get(one.subject)))}
            if len(given.keys() | rows.keys()) > SUBJECTS_MAX:
                raise TooLarge(f"at most {SUBJECTS_MAX} people and groups can be named on one collection")
            await self._grants.apply(tx, caller, seen, given, rows)
            for removal in removals:
                await self._remove(tx, seen.collection, removal)
            for invitee in invitees:
                await self._invite(tx, seen.collection, invitee)

        await access.write(caller, place, work)

    async def of_home(self, caller: Caller, owner: PrincipalId) -> Mapping[CollectionId, Sequence[Sharee]]:
        """Return with whom each of an owner's calendars is shared, for the owner; for others nothing."""
        access = self._access
        if not access.owns(caller, owner):
            return {}

        async def work(tx: Transaction) -> dict[CollectionId, Sequence[Sharee]]:
            ids = [collection.id for collection in await stored_collections.list_home(tx, owner, Kind.CALENDAR)]
            given = await grants.of(tx, ids)
            invited = await stored.of(tx, ids)
            subscribed = await stored_subscriptions.subscribers(tx, ids)
            return {one: _sharees(given[one], invited[one], subscribed[one]) for one in ids}

        return await access.database.read(work)

    async def invited(self, caller: Caller, uid: str) -> tuple[Invitation, Seen]:
        """Return the caller's invitation with this UID, and the calendar that it is about.

        Raises:
            NotFound: no such invitation, or it was taken back.
        """
        return await self._access.look(lambda tx: self._invited(tx, caller, uid))

    async def answer(self, caller: Caller, uid: str, *, accepted: bool, reply_uid: str, reply: bytes) -> Place:
        """Accept or decline an invitation; its owner's clients are told by ``reply``.  Returns the calendar's place.

        A reply takes the place of the one before it that had the same ``reply_uid``.

        Raises:
            NotFound: no such invitation, or it was taken back.
        """
        access = self._access

        async def work(tx: Transaction) -> Place:
            now = access.clock.milliseconds()
            invitation, seen = await self._invited(tx, caller, uid)
            collection = seen.collection
            if accepted:
                await stored_subscriptions.add(tx, caller.principal, collection.id, now)
            else:
                await stored_subscriptions.remove(tx, caller.principal, collection.id)
            await stored.answer(tx, collection.id, caller.principal, ACCEPTED if accepted else DECLINED, now)
            await withdraw(tx, caller.principal, invitation.uid, now)
            await withdraw(tx, collection.owner, reply_uid, now)
            await notify(tx, collection.owner, reply_uid, REPLY, reply, now)
            return Place(collection.owner, collection.kind, collection.name)

        return await access.write(caller, Place(caller.principal, Kind.CALENDAR, ""), work)

    async def _invited(self, tx: Transaction, caller: Caller, uid: str) -> tuple[Invitation, Seen]:
        invitation = None if caller.anonymous else await stored.by_uid(tx, caller.principal, uid)
        if invitation is None:
            raise NotFound("no such invitation")
        collection = await stored_collections.get(tx, invitation.collection_id)
        seen = await self._access.with_rights(tx, caller, collection)
        if seen is None:
            raise NotFound("no such invitation")
        return invitation, seen

    async def _invite(self, tx: Transaction, collection: Collection, invitee: Invitee) -> None:
        now = self._access.clock.milliseconds()
        if invitee.subject != invitee.principal:
            return  # a group has no clients to be told
        before = await stored.get(tx, collection.id, invitee.principal)
        state = ACCEPTED if before is not None and before.state == ACCEPTED else PENDING
        if before is not None:
            await withdraw(tx, invitee.principal, before.uid, now)
        access = _WRITE if invitee.write else _READ
        summary = invitee.summary[:SUMMARY_MAX]
        await stored.set_(tx, Invitation(collection.id, invitee.principal, invitee.uid, access, state, summary, now))
        if state == PENDING:
            await notify(tx, invitee.principal, invitee.uid, INVITE, invitee.notification, now)

    async def _remove(self, tx: Transaction, collection: Collection, removal: Removal) -> None:
        now = self._access.clock.milliseconds()
        subscribed = await stored_subscriptions.remove(tx, removal.principal, collection.id)
        before = await stored.get(tx, collection.id, removal.principal)
        if before is not None:
            await stored.remove(tx, collection.id, removal.principal)
            await withdraw(tx, removal.principal, before.uid, now)
        if subscribed and removal.subject == removal.principal:
            await notify(tx, removal.principal, removal.uid, INVITE, removal.notification, now)


def _roles(invitee: Invitee, given: frozenset[str] | None) -> frozenset[str] | None:
    """Return the roles that an invitation gives; None where those given already say the same, more precisely."""
    rights = rights_of_roles(given or ())
    if rights.any and writes(rights) == invitee.write:
        return None
    return WRITER if invitee.write else READER


async def answered(
    tx: Transaction, collection_id: CollectionId, principal: PrincipalId, *, accepted: bool, now: int
) -> None:
    """Take a subscription made or ended otherwise for the answer to an invitation, if there is one."""
    invitation = await stored.get(tx, collection_id, principal)
    if invitation is not None:
        await stored.answer(tx, collection_id, principal, ACCEPTED if accepted else DECLINED, now)
        await withdraw(tx, principal, invitation.uid, now)


def _sharees(
    given: Mapping[str, frozenset[str]], invited: Sequence[Invitation], subscribed: Sequence[PrincipalId]
) -> list[Sharee]:
    """Return whom the rows of rights name, and whom invitations do, by principal."""
    invitations = {invitation.principal: invitation for invitation in invited}
    found = []
    for subject, roles in sorted(given.items()):
        rights = rights_of_roles(roles)
        if subject in {EVERYBODY, ANONYMOUS} or not rights.any:
            continue
        principal = PrincipalId(subject.removeprefix("@"))
        invitation = invitations.get(principal)
        # Who was given roles otherwise never had to answer; a subscription is the answer.
        answered = ACCEPTED if principal in subscribed or subject != principal else PENDING
        state, summary = (invitation.state, invitation.summary) if invitation else (answered, "")
        found.append(Sharee(principal, writes(rights), state, summary))
    return found
