"""Whom an href or a calendar user address names: mail addresses and paths of principals (RFC 6638 section 2.4.1)."""

from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.hrefs import locate, path_of_href
from folkmoot.dav.http import Request
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.directory.principal import Principal
from folkmoot.ical import calendar_address


def principal_at(request: Request, href: str) -> PrincipalId | None:
    """Return the principal whose path or URL this is; None for anything else, addresses among them."""
    if "/" not in href:
        return None
    try:
        path = path_of_href(request, href)
        location = None if path is None else locate(path)
    except MalformedInput:
        return None
    return None if location is None or location.home is not None or location.names else location.owner


async def find_calendar_user(lookups: Lookups, address: str) -> Principal | None:
    """Return who has a calendar user address; None if nobody here."""
    principal = principal_at(lookups.request, address)
    if principal is not None:
        return await lookups.principal(principal)
    return await lookups.services.people.find_by_address(lookups.caller, address)


async def mail_address(lookups: Lookups, address: str) -> str:
    """Return a calendar user address for comparing; of a principal its first mail address."""
    principal = principal_at(lookups.request, address)
    person = None if principal is None else await lookups.principal(principal)
    mails = () if person is None else lookups.services.people.addresses(person)
    return calendar_address(mails[0] if mails else address)
