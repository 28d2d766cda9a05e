"""Sharing and publishing a calendar as Apple's clients ask for it (CalendarServer's caldav-sharing)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.collections.share_invitations import Invitee, Removal
from folkmoot.collections.subscriptions import mounted_name
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.dav.calendar_users import find_calendar_user
from folkmoot.dav.errors import MethodNotAllowed
from folkmoot.dav.hrefs import HOME_NAMES
from folkmoot.dav.http import Response
from folkmoot.dav.properties.dav import display_name
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.sharing import PUBLISHED, party_of
from folkmoot.dav.resource import CollectionResource, HomeSet, Resource
from folkmoot.dav.wire.multistatus import XML_TYPE, multistatus, status_response
from folkmoot.dav.wire.sharing import (
    SetSharee,
    invite_notification,
    parse_invite_reply,
    parse_share,
    reply_notification,
    shared_as,
)
from folkmoot.dav.wire.xml import Element, escape
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.rights import group_subject
from folkmoot.store.records import Kind

_ACCEPTED: Final = 202  # what the specification answers to publishing


@dataclass(frozen=True, slots=True)
class _Known:
    """The people that a request names, by href; None for whom nobody knows, or who is the owner."""

    people: dict[str, Principal | None]

    def unknown(self) -> list[str]:
        return [href for href, person in self.people.items() if person is None]


async def share(lookups: Lookups, resource: Resource, body: Element) -> Response:
    """Share a calendar with people and with others no longer: 200, or 207 where somebody could not be found.

    Raises:
        MethodNotAllowed: no calendar.
        Forbidden: not its owner.
        MalformedInput: the request breaks its grammar.
    """
    calendar = _own_calendar(resource)
    asked = parse_share(body)
    known = await _known(lookups, calendar, [*(one.href for one in asked.set), *asked.removed])
    invitees = [
        await _invitee(lookups, calendar, one, person) for one in asked.set if (person := known.people[one.href])
    ]
    removals = [_removal(lookups, calendar, person) for href in asked.removed if (person := known.people[href])]
    await lookups.services.share_invitations.invite(lookups.caller, calendar.place, invitees, removals)
    if not known.unknown():
        return Response(200)
    responses = [status_response(escape(href), 403 if person is None else 200) for href, person in known.people.items()]
    return Response(207, [("Content-Type", XML_TYPE)], multistatus(responses))


async def answer_invitation(lookups: Lookups, resource: Resource, body: Element) -> Response:
    """Accept or decline, at the caller's own calendars.

    Raises:
        MethodNotAllowed: elsewhere than at a home.
        Forbidden: somebody else's home, or no such invitation.
        MalformedInput: the request breaks its grammar.
    """
    if not isinstance(resource, HomeSet) or resource.kind is not Kind.CALENDAR:
        raise MethodNotAllowed("invitations are answered at the calendars' home")
    if resource.principal.id != lookups.caller.principal:
        raise Forbidden("everybody answers for oneself")
    asked = parse_invite_reply(body)
    services = lookups.services
    try:
        invitation, seen = await services.share_invitations.invited(lookups.caller, asked.uid)
        collection = seen.collection
        reply = reply_notification(
            services.clock.now(),
            sharee=party_of(lookups, resource.principal),
            host=lookups.href(collection.owner, HOME_NAMES[Kind.CALENDAR], collection.name, slash=True),
            in_reply_to=invitation.uid,
            summary=invitation.summary or display_name(collection),
            accepted=asked.accepted,
        )
        place = await services.share_invitations.answer(
            lookups.caller, asked.uid, accepted=asked.accepted, reply_uid=f"{invitation.uid}-reply", reply=reply
        )
    except NotFound as missing:
        raise Forbidden("no such invitation") from missing
    if not asked.accepted:
        return Response(200)
    href = lookups.href(resource.principal.id, HOME_NAMES[Kind.CALENDAR], mounted_name(place), slash=True)
    return Response(200, [("Content-Type", XML_TYPE)], shared_as(href))


async def publish(lookups: Lookups, resource: Resource, _: Element) -> Response:
    """Make a secret link to a calendar, which the property publish-url tells.

    Raises:
        MethodNotAllowed: no calendar.
        Forbidden: not its owner.
    """
    calendar = _own_calendar(resource)
    links = lookups.services.links
    if all(link.kept.label != PUBLISHED for link in await links.of(lookups.caller, calendar.place)):
        await links.create(lookups.caller, calendar.place, label=PUBLISHED)
    return Response(_ACCEPTED)


async def unpublish(lookups: Lookups, resource: Resource, _: Element) -> Response:
    """Make the link lead nowhere; links made elsewhere stay.

    Raises:
        MethodNotAllowed: no calendar.
        Forbidden: not its owner.
    """
    calendar = _own_calendar(resource)
    links = lookups.services.links
    for link in await links.of(lookups.caller, calendar.place):
        if link.kept.label == PUBLISHED:
            await links.revoke(lookups.caller, calendar.place, link.id)
    return Response(200)


def _own_calendar(resource: Resource) -> CollectionResource:
    if not isinstance(resource, CollectionResource) or resource.place.kind is not Kind.CALENDAR:
        raise MethodNotAllowed("calendars are shared so")
    if not resource.seen.rights.admin:
        raise Forbidden("the owner of a calendar shares it")
    return resource


async def _known(lookups: Lookups, calendar: CollectionResource, hrefs: Sequence[str]) -> _Known:
    found: dict[str, Principal | None] = {}
    for href in dict.fromkeys(hrefs):
        person = await _person(lookups, href)
        found[href] = None if person is None or person.id == calendar.place.owner else person
    return _Known(found)


async def _person(lookups: Lookups, href: str) -> Principal | None:
    # A bare address is no href.
    return await find_calendar_user(lookups, href) if "/" in href or href[:7].lower() == "mailto:" else None


async def _invitee(lookups: Lookups, calendar: CollectionResource, asked: SetSharee, person: Principal) -> Invitee:
    uid = str(uuid.uuid4())
    summary = asked.summary or display_name(calendar.seen.collection)
    notification = invite_notification(
        lookups.services.clock.now(),
        uid,
        sharee=party_of(lookups, person),
        organizer=party_of(lookups, calendar.principal),
        host=lookups.collection_href(calendar.place),
        write=asked.write,
        summary=summary,
    )
    return Invitee(person.id, _subject(person), asked.write, uid, summary, notification)


def _removal(lookups: Lookups, calendar: CollectionResource, person: Principal) -> Removal:
    uid = str(uuid.uuid4())
    notification = invite_notification(
        lookups.services.clock.now(),
        uid,
        sharee=party_of(lookups, person),
        organizer=party_of(lookups, calendar.principal),
        host=lookups.collection_href(calendar.place),
        write=False,
        summary=display_name(calendar.seen.collection),
        deleted=True,
    )
    return Removal(person.id, _subject(person), uid, notification)


def _subject(person: Principal) -> str:
    return group_subject(person.id) if person.kind is PrincipalKind.GROUP else str(person.id)
