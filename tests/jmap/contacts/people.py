"""Cards that DAV clients wrote."""

from folkmoot.collections.content import Place
from folkmoot.core.ids import ResourceName
from folkmoot.store.records import Kind
from tests.support.jmap import Client


def card(uid: str, *lines: str) -> str:
    """Return a vCard 3.0."""
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", *lines, "END:VCARD", ""])


CARDS = {
    "ada.vcf": card("ada", "N:Rook;Ada;;;", "FN:Ada Rook", "EMAIL:ada@rook.example", "NOTE:keeps the lighthouse"),
    "ben.vcf": card(
        "ben",
        *(
            "N:Crow;Ben;;;",
            "FN:Ben Crow",
            "TEL:+44 555 1",
            "NICKNAME:Benny",
            "ORG:Tower Ltd",
            "IMPP:xmpp:ben@im.example",
        ),
        "ADR:;;1 Quay;Wick;;;",
    ),
    "keepers.vcf": card(
        "keepers", "FN:Keepers", "X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ada"
    ),
}


async def put(client: Client, name: str, text: str, book: str = "personal") -> None:
    """Store a card as CardDAV does."""
    place = Place(client.caller.principal, Kind.ADDRESSBOOK, book)
    await client.services.objects.put(client.caller, place, ResourceName(name), text.encode(), "text/vcard")


async def book_id(client: Client, name: str = "personal") -> str:
    """Return the id of one of somebody's own books."""
    homes = await client.services.collections.home(client.caller, client.caller.principal, Kind.ADDRESSBOOK)
    return next(f"c{seen.collection.id}" for seen in homes if seen.collection.name == name)
