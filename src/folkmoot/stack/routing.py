"""Where mail given to the relay goes: to people here, or out by another server; and who may send as whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.stack.calls import has_mail

DETAIL: Final = "+"  # anna+lists@example.org is anna@example.org to whom a word for her filters is said
MEMBERS_MAX: Final = 1_000  # of one group that a message goes to


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of a recipient: addresses to deliver to here, or a refusal; neither: it is outside."""

    local: tuple[str, ...] = ()
    refusal: str = ""


async def route_of(directory: Directory, address: str) -> Route:
    """Return where an address leads.

    Raises:
        Unavailable: a user source does not answer.
    """
    principal = await _found(directory, address)
    if principal is None:
        return Route()
    if principal.kind is PrincipalKind.GROUP:
        members = list(await directory.members(principal))
        here = [one for one in members[:MEMBERS_MAX] if await _found(directory, one) is not None]
        return Route(tuple(here)) if here else Route(refusal="550 5.1.1 nobody is in this group")
    if principal.bookable:
        return Route(refusal="550 5.1.1 rooms and things have no mailbox; invite them to a meeting")
    if not has_mail(principal):
        return Route(refusal="550 5.1.1 nobody of this address has a mailbox")
    return Route((address,))


async def may_send_as(directory: Directory, principal: PrincipalId, address: str) -> bool:
    """Return whether an address is a person's own; reports go with none (RFC 5321 section 4.5.5).

    Raises:
        Unavailable: a user source does not answer.
    """
    person = await directory.find(principal) if principal else None
    return person is not None and (not address or plain(address) in _lowered(directory.addresses(person)))


def plain(address: str) -> str:
    """Return an address without its detail, in lower case."""
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition(DETAIL)[0] or local}{at}{domain}"


async def _found(directory: Directory, address: str) -> Principal | None:
    return await directory.find_by_mail(address) or await directory.find_by_mail(plain(address))


def _lowered(addresses: Sequence[str]) -> Collection[str]:
    return {address.lower() for address in addresses}
