"""``Email/set``: emails made, marked, moved and destroyed, one command for all that share a mailbox (RFC 8621 4.6).

An email that is moved gets another id; ``updated`` tells it.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Final, TypeVar

from folkmoot.core.errors import FolkmootError, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.describing import EMAIL
from folkmoot.jmap.mail.email_building import build_email
from folkmoot.jmap.mail.email_changing import Change, Place, change_of, only_mailbox, place_of
from folkmoot.jmap.mail.ids import BlobId, EmailId, thread_id
from folkmoot.jmap.mail.keyword_names import flags_of
from folkmoot.jmap.mail.mail_states import email_state
from folkmoot.jmap.mail.views import Mailboxes, forget, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import SetFailed, set_failed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import Changed, Gone, JsonObject, Made, set_method
from folkmoot.mail.errors import OverQuota
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.submission_values import thread_of
from folkmoot.mailboxes.values import MessageRef

PENDING: Final = "$submitpending"  # RFC 5550 section 5.3.1, in lower case
_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


class Emails:
    """Creates, changes and destroys emails of one account; a ``Setter``."""

    def __init__(self, call: Call[Any]) -> None:
        self.call = call
        self.account: Account = call.account
        self.mail = mail_of(call.account)

    async def state(self) -> str:
        forget(self.call.context, self.account)
        return await email_state(self.call.context, self.account)

    async def create(self, wanted: Mapping[str, dict[str, Any]]) -> Made:
        mailboxes = await mailboxes_of(self.call.context, self.account)
        made: dict[str, JsonObject | SetFailed] = {}
        for creation, value in wanted.items():
            try:
                path = only_mailbox(self.call.context, mailboxes, value.get("mailboxIds"))
                flags = flags_of(value.get("keywords"))
                now = self.call.services.clock.now()
                octets = await build_email(self.call, value, now=now, key=f"{token_hex(12)}.jmap")
                made[creation] = await self.store(mailboxes, path, octets, flags, value.get("receivedAt"))
                self.call.context.created[creation] = str(made[creation]["id"])  # type: ignore[index] # it is no failure
            except FolkmootError as error:
                made[creation] = store_failed(error)
        return made

    async def store(
        self,
        mailboxes: Mailboxes,
        path: str,
        octets: bytes,
        flags: Sequence[str],
        received: str | None,
        *,
        seconds: int | None = None,
    ) -> dict[str, Any]:
        """Store a message, and return what the server sets of it; ``seconds`` since 1970 hold without ``received``.

        Raises: what ``Adding.add`` raises.
        """
        seconds = seconds_of(received) if received else seconds
        ref = await self.call.services.mail.adding.add_and_find(
            self.call.caller, self.mail, path, octets, flags=flags, received=seconds
        )
        email = EmailId(mailboxes.ids[path], ref.uid_validity, ref.uid)
        forget(self.call.context, self.account)
        return {
            "id": str(email),
            "blobId": str(BlobId(email)),
            "threadId": thread_id(thread_of(octets, ref)),
            "size": len(octets),
        }

    async def update(self, wanted: Mapping[str, Patch]) -> Changed:
        mailboxes = await mailboxes_of(self.call.context, self.account)
        changed: dict[str, JsonObject | SetFailed | None] = {}
        places, failed = _places(mailboxes, wanted)
        changed.update(failed)
        flags = await self._flags(places, changed)
        changes: list[Change] = []
        for place in places:
            if place.id in changed:
                continue
            try:
                changes.append(change_of(self.call.context, mailboxes, place, flags[place.email], wanted[place.id]))
                changed[place.id] = None
            except FolkmootError as error:
                changed[place.id] = set_failed(error)
        await self._mark(changes, changed)
        await self._move(mailboxes, changes, changed, flags)
        forget(self.call.context, self.account)
        return {id_: changed[id_] for id_ in wanted}

    async def destroy(self, ids: Sequence[str]) -> Gone:
        mailboxes = await mailboxes_of(self.call.context, self.account)
        gone: dict[str, Any] = {}
        places, failed = _places(mailboxes, ids)
        gone.update(failed)
        flags = await self._flags(places, gone)
        for place in places:
            if place.id not in gone and PENDING in {flag.lower() for flag in flags[place.email]}:
                gone[place.id] = SetFailed("forbidden", "the message is on its way out; take it back first")
        going = [place for place in places if place.id not in gone]
        for (path, _), some in grouped(going, lambda one: (one.path, one.email.uid_validity)).items():
            try:
                await self.call.services.mail.deleting.delete(
                    self.call.caller, self.mail, chosen_of(path, some), for_good=True
                )
                gone.update(dict.fromkeys((one.id for one in some), None))
            except FolkmootError as error:
                gone.update(dict.fromkeys((one.id for one in some), set_failed(error)))
        forget(self.call.context, self.account)
        return {id_: gone[id_] for id_ in ids}

    async def _flags(self, places: Iterable[Place], failed: dict[str, Any]) -> dict[EmailId, frozenset[str]]:
        """Return the flags of what is there, and note what is not."""
        found: dict[EmailId, frozenset[str]] = {}
        for (path, _), some in grouped(places, lambda one: (one.path, one.email.uid_validity)).items():
            try:
                present = await self.call.services.mail.present.flags(
                    self.call.caller, self.mail, chosen_of(path, some)
                )
            except FolkmootError as error:
                failed.update(dict.fromkeys((one.id for one in some), set_failed(error)))
                continue
            for one in some:
                if one.email.uid in present:
                    found[one.email] = present[one.email.uid]
                else:
                    failed[one.id] = SetFailed("notFound", "there is no such email")
        return found

    async def _mark(self, changes: Sequence[Change], changed: dict[str, Any]) -> None:
        groups = grouped(
            [one for one in changes if one.add or one.remove],
            lambda one: (one.place.path, one.place.email.uid_validity, one.add, one.remove),
        )
        for (path, _, add, remove), some in groups.items():
            places = [one.place for one in some]
            try:
                await self.call.services.mail.flags.change(
                    self.call.caller, self.mail, chosen_of(path, places), add=sorted(add), remove=sorted(remove)
                )
            except FolkmootError as error:
                changed.update(dict.fromkeys((one.id for one in places), set_failed(error)))

    async def _move(
        self,
        mailboxes: Mailboxes,
        changes: Sequence[Change],
        changed: dict[str, Any],
        flags: Mapping[EmailId, frozenset[str]],
    ) -> None:
        going = [one for one in changes if one.target is not None and changed[one.place.id] is None]
        groups = grouped(going, lambda one: (one.place.path, one.place.email.uid_validity, one.target or ""))
        for (path, _, target), some in groups.items():
            places = {one.place.email.uid: one.place for one in some}
            chosen = chosen_of(path, list(places.values()))
            try:
                moved = await self.call.services.mail.moving.move(self.call.caller, self.mail, chosen, target)
            except FolkmootError as error:
                changed.update(dict.fromkeys((one.id for one in places.values()), set_failed(error)))
                continue
            new = dict(zip(moved.source.uids, moved.uids, strict=False)) if moved.uid_validity is not None else {}
            for uid, place in places.items():
                if uid not in new or moved.uid_validity is None:  # the server does not tell where they are
                    changed[place.id] = {"mailboxIds": {mailboxes.ids[target]: True}}
                    continue
                email = EmailId(mailboxes.ids[target], moved.uid_validity, new[uid])
                changed[place.id] = {
                    "id": str(email),
                    "blobId": str(BlobId(email)),
                    "mailboxIds": {mailboxes.ids[target]: True},
                }
                if PENDING in {flag.lower() for flag in flags[place.email]}:
                    before = MessageRef(path, place.email.uid_validity, uid)
                    after = MessageRef(target, moved.uid_validity, new[uid])
                    await self.call.services.mail.sending.follow(self.call.caller, self.mail, before, after)


def seconds_of(date: str) -> int:
    """Return a date as seconds since 1970 UTC.

    Raises:
        SetFailed: ``invalidProperties``: there is no such day or hour.
    """
    try:
        return int(datetime.fromisoformat(date).astimezone(UTC).timestamp())
    except (ValueError, OverflowError) as error:
        raise SetFailed("invalidProperties", "no such date", properties=("receivedAt",)) from error


def _places(mailboxes: Mailboxes, ids: Iterable[str]) -> tuple[list[Place], dict[str, SetFailed]]:
    places: list[Place] = []
    failed: dict[str, SetFailed] = {}
    for id_ in ids:
        try:
            places.append(place_of(mailboxes, id_))
        except SetFailed as error:
            failed[id_] = error
    return places, failed


def chosen_of(path: str, places: Sequence[Place]) -> Chosen:
    """Return emails of one mailbox as services name them."""
    return Chosen(path, [one.email.uid for one in places], places[0].email.uid_validity)


def grouped(things: Iterable[_T], key: Callable[[_T], _K]) -> dict[_K, list[_T]]:
    """Return things by what they have in common."""
    groups: dict[_K, list[_T]] = defaultdict(list)
    for one in things:
        groups[key(one)].append(one)
    return groups


def store_failed(error: FolkmootError) -> SetFailed:
    """Return why a message was not stored."""
    if isinstance(error, OverQuota):
        return SetFailed("overQuota", str(error))
    if isinstance(error, TooLarge):
        return SetFailed("tooLarge", str(error))
    return set_failed(error)


EMAIL_SET: Final = set_method(EMAIL, Emails)
