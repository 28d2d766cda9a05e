"""Collections of others in one's own home, under ``{owner}_{name}``, with a name and a colour of one's own.

Whoever may see a collection may subscribe to it.  Rights may be taken away later: the subscription stays, and shows
nothing until they are given again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import JSON, Place
from folkmoot.collections.share_invitations import answered
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import EVERYBODY, subjects_of
from folkmoot.store import collections as stored_collections
from folkmoot.store import grants, person
from folkmoot.store import subscriptions as stored
from folkmoot.store.records import Collection, Kind
from folkmoot.store.subscriptions import Subscription

SUBSCRIPTIONS_MAX: Final = 1_000  # of one kind in one home; each listing of the home reads them all
PROPERTIES_MAX: Final = 64 * 1024  # characters of what a subscriber sets on one collection
KINDS: Final = frozenset([Kind.CALENDAR, Kind.ADDRESSBOOK])
IN_FREE_BUSY: Final = "in_free_busy"  # counts in the subscriber's own free-busy; it does not unless this is set
DEAD: Final = "dead"  # dead properties that the subscriber set: Clark name -> XML element text

# What a subscriber sets for itself alone; everything else is the owner's.  The keys are those of the collection.
OWN: Final = frozenset(
    [
        "displayname",
        "color",
        "order",
        "transparent",
        "inverse:show_alarms",
        "show_tasks",
        "active",
        "default_alerts:timed",
        "default_alerts:whole_days",
        "inverse:notify_personal",
        "inverse:notify_external",
        "inverse:notify_user",
        "inverse:notified_user",
    ]
)


@dataclass(frozen=True, slots=True)
class Mount:
    """Where in a subscriber's home a collection of somebody else is shown."""

    subscriber: PrincipalId
    place: Place  # where it really is
    properties: Mapping[str, object]  # what the subscriber set

    @property
    def name(self) -> str:
        """The resource name in the subscriber's home."""
        return mounted_name(self.place)

    @property
    def dead_properties(self) -> Mapping[str, str]:
        """The subscriber's own dead properties."""
        kept = self.properties.get(DEAD)
        return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}

    def over(self, collection: Collection) -> Collection:
        """Return the collection as the subscriber sees it: own properties over the owner's."""
        own: dict[str, object] = {k: v for k, v in self.properties.items() if k in OWN}
        # Somebody else's appointments make nobody busy unless the subscriber says so.
        own["transparent"] = not self.properties.get(IN_FREE_BUSY)
        return replace(
            collection,
            properties={**collection.properties, **own},
            dead_properties={**collection.dead_properties, **self.dead_properties},
        )


@dataclass(frozen=True, slots=True)
class Mounted:
    """A subscribed collection that the caller may see; ``seen`` shows the subscriber's own properties."""

    mount: Mount
    seen: Seen


def mounted_name(place: Place) -> str:
    """Return the name that a collection has in the homes of its subscribers."""
    return f"{place.owner}_{place.name}"


class Subscriptions:
    """What people have subscribed to."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def home(self, caller: Caller, principal: PrincipalId, kind: Kind) -> list[Mounted]:
        """Return what a principal has subscribed to, as far as the caller may see it, by owner and name.

        Only the principal itself and superusers look into a home so; others see nothing.
        """
        if kind not in KINDS or not self._access.owns(caller, principal):
            return []

        async def work(tx: Transaction) -> list[Mounted]:
            return await self._visible(tx, caller, await stored.list_(tx, principal, kind))

        return await self._access.look(work)

    async def owners(self, caller: Caller, kind: Kind) -> dict[PrincipalId, bool]:
        """Return whose collections of a kind the caller sees, and whether he has subscribed to one of them.

        These are what the caller subscribed to, and what he was given a right on by name or as a group's member; what
        is open to everybody counts only when subscribed, else each owner would be told to each.
        """
        named = [subject for subject in subjects_of(caller) if subject != EVERYBODY]

        async def work(tx: Transaction) -> dict[PrincipalId, bool]:
            subscribed = {one.collection.id: one.collection for one in await stored.list_(tx, caller.principal, kind)}
            given = {one.id: one for one in await grants.for_subjects(tx, named) if one.kind is kind}
            found: dict[PrincipalId, bool] = {}
            for seen in await self._access.all_with_rights(tx, caller, list((given | subscribed).values())):
                owner = seen.collection.owner
                found[owner] = found.get(owner, False) or seen.collection.id in subscribed
            found.pop(caller.principal, None)
            return found

        return {} if caller.anonymous or kind not in KINDS else await self._access.look(work)

    async def all_(self, caller: Caller, principal: PrincipalId, kind: Kind) -> list[Mount]:
        """Return what a principal has subscribed to, visible or not.

        Raises:
            Forbidden: somebody else's.
        """
        if not self._access.owns(caller, principal):
            raise Forbidden("only the subscriber sees this")
        found = await self._access.database.read(lambda tx: stored.list_(tx, principal, kind))
        return [mount_of(subscription) for subscription in found]

    async def find(self, caller: Caller, principal: PrincipalId, kind: Kind, name: str) -> Mount | None:
        """Return what is shown under this name in a home; None if it is the home's own, or nothing."""
        splits = [(name[:i], name[i + 1 :]) for i, c in enumerate(name) if c == "_" and 0 < i < len(name) - 1]
        if kind not in KINDS or not splits or not self._access.owns(caller, principal):
            return None

        async def work(tx: Transaction) -> list[Subscription]:
            if await stored_collections.find(tx, principal, kind, name) is not None:
                return []
            owners, names = zip(*splits, strict=True)
            return await stored.at(tx, principal, kind, owners, names)

        found = [mount_of(subscription) for subscription in await self._access.database.read(work)]
        return next((mount for mount in found if mount.name == name), None)

    async def state(self, principal: PrincipalId, kind: Kind) -> str:
        """Return a text that changes whenever a subscribed collection changes, or the way it is shown."""
        if kind not in KINDS:
            return ""
        text = await self._access.database.read(lambda tx: stored.state(tx, principal, kind))
        return blake2b(text.encode(), digest_size=12).hexdigest() if text else ""

    async def subscribe(self, caller: Caller, place: Place, principals: Sequence[PrincipalId]) -> list[PrincipalId]:
        """Subscribe principals to a collection, and return those who were not subscribed before.

        Everybody subscribes to what one may see; others are subscribed by the collection's owner and by superusers.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: one's own collection, another kind of collection, or somebody else is to subscribe.
            TooLarge: too many subscriptions.
        """
        access = self._access

        async def work(tx: Transaction) -> list[PrincipalId]:
            seen = await access.get(tx, caller, place)
            self._check(caller, seen, principals)
            added = []
            for principal in principals:
                if len(await stored.list_(tx, principal, place.kind)) >= SUBSCRIPTIONS_MAX:
                    raise TooLarge(f"a home shows at most {SUBSCRIPTIONS_MAX} subscribed collections")
                now = access.clock.milliseconds()
                if await stored.add(tx, principal, seen.collection.id, now):
                    added.append(principal)
                    await answered(tx, seen.collection.id, principal, accepted=True, now=now)
            for principal in sorted(added):
                await person.raise_(tx, principal, access.clock.milliseconds())
            return added

        return await access.write(caller, place, work)

    async def unsubscribe(self, caller: Caller, place: Place, principals: Sequence[PrincipalId]) -> list[PrincipalId]:
        """End subscriptions, and return who had one; one's own also where the right to see the collection is gone.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: as for ``subscribe``.
        """
        access = self._access

        async def work(tx: Transaction) -> list[PrincipalId]:
            collection = await stored_collections.find(tx, place.owner, place.kind, place.name)
            seen = None if collection is None else await access.with_rights(tx, caller, collection)
            if collection is None:
                raise NotFound(f"no such collection: {place.name}")
            if seen is not None:
                self._check(caller, seen, principals)
            elif list(principals) != [caller.principal]:
                raise NotFound(f"no such collection: {place.name}")
            ended = [one for one in principals if await stored.remove(tx, one, collection.id)]
            if seen is None and not ended:
                raise NotFound(f"no such collection: {place.name}")
            for one in ended:
                await answered(tx, collection.id, one, accepted=False, now=access.clock.milliseconds())
            for one in sorted(ended):
                await person.raise_(tx, one, access.clock.milliseconds())
            return ended

        return await access.write(caller, place, work)

    async def change(self, caller: Caller, mount: Mount, patch: Mapping[str, JSON]) -> None:
        """Set what a subscriber sees differently; None takes it back to what the owner set.

        Raises:
            NotFound: the subscription is gone.
            Forbidden: somebody else's.
            TooLarge: more than a subscription may carry.
        """
        access = self._access
        if not access.owns(caller, mount.subscriber):
            raise Forbidden("only the subscriber changes this")

        wanted = dict(patch)
        if "transparent" in wanted:
            transparent = wanted.pop("transparent")
            wanted[IN_FREE_BUSY] = None if transparent is None else not transparent

        async def work(tx: Transaction) -> None:
            place = mount.place
            collection = await stored_collections.find(tx, place.owner, place.kind, place.name)
            kept = None if collection is None else await stored.change(tx, mount.subscriber, collection.id, wanted)
            if kept is None:
                raise NotFound("no such subscription")
            if sum(len(k) + len(str(v)) for k, v in kept.items()) > PROPERTIES_MAX:
                raise TooLarge(f"a subscription holds at most {PROPERTIES_MAX} characters")
            await person.raise_(tx, mount.subscriber, access.clock.milliseconds())

        await access.database.write(work)

    async def subscribers(self, caller: Caller, place: Place) -> list[PrincipalId]:
        """Return who has subscribed to a collection, for who may administrate it.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: the caller does not administrate it.
        """

        async def work(tx: Transaction) -> list[PrincipalId]:
            seen = await self._access.get(tx, caller, place)
            if not seen.rights.admin:
                raise Forbidden("only the owner sees this")
            return (await stored.subscribers(tx, [seen.collection.id]))[seen.collection.id]

        return await self._access.read(caller, place, work)

    def _check(self, caller: Caller, seen: Seen, principals: Sequence[PrincipalId]) -> None:
        if seen.collection.kind not in KINDS:
            raise Forbidden("calendars and address books can be subscribed to")
        if caller.anonymous:
            raise Forbidden("only who signs in can subscribe")
        if seen.collection.owner in principals:
            raise Forbidden("one's own collection needs no subscription")
        if not seen.rights.admin and any(principal != caller.principal for principal in principals):
            raise Forbidden("others are subscribed by the owner")

    async def _visible(self, tx: Transaction, caller: Caller, found: Sequence[Subscription]) -> list[Mounted]:
        collections = [subscription.collection for subscription in found]
        rights = {s.collection.id: s.rights for s in await self._access.all_with_rights(tx, caller, collections)}
        shown = []
        for subscription in found:
            if subscription.collection.id in rights:
                mount = mount_of(subscription)
                seen = Seen(mount.over(subscription.collection), rights[subscription.collection.id])
                shown.append(Mounted(mount, seen))
        return shown


def mount_of(subscription: Subscription) -> Mount:
    """Return where a subscription shows its collection."""
    collection = subscription.collection
    return Mount(
        subscription.principal, Place(collection.owner, collection.kind, collection.name), subscription.properties
    )
