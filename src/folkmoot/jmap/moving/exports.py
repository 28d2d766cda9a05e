"""``Data/export``: a calendar or an address book as a file, which is a blob for a day."""

import asyncio
from typing import Final, Literal

from folkmoot.addressbooks import files as contact_files
from folkmoot.core.errors import Forbidden, TooLarge
from folkmoot.jmap.calendars.shelf import shelf_of
from folkmoot.jmap.contacts.shelf import books_of
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.uploading import LETTER

_TYPES: Final = {"ics": "text/calendar", "vcf": "text/vcard", "ldif": "text/ldif", "csv": "text/csv"}


class ExportArguments(Arguments):
    """Of ``Data/export``: one of the two."""

    account_id: Id
    calendar_id: Id | None = None
    address_book_id: Id | None = None
    format: Literal["vcf", "ldif", "csv"] = "vcf"


async def export(call: Call[ExportArguments]) -> Answer:
    """Return a blob of what the caller sees; of mail, ``Z`` blobs are zip files of mailboxes."""
    asked = call.arguments
    if (asked.calendar_id is None) == (asked.address_book_id is None):
        raise MethodFailed("invalidArguments", "a calendar or an address book")
    if asked.calendar_id is not None:
        await _require_allowed(call, "Calendar")
        name, octets = await _calendar(call, asked.calendar_id)
        form = "ics"
    else:
        await _require_allowed(call, "Contacts")
        name, octets = await _book(call, asked.address_book_id or "", asked.format)
        form = asked.format
    try:
        kept = await call.services.uploads.put(call.caller.principal, f"{name}.{form}", _TYPES[form], octets)
    except TooLarge as error:
        raise MethodFailed("tooLarge", str(error)) from error
    return {
        "accountId": call.account.id,
        "blobId": LETTER + kept.id,
        "name": kept.name,
        "type": kept.content_type,
        "size": kept.size,
    }


async def _calendar(call: Call[ExportArguments], id_: str) -> tuple[object, bytes]:
    found = next((one for one in await shelf_of(call.context, call.account) if one.id == id_), None)
    if found is None:
        raise MethodFailed("notFound", "no such calendar")
    text = await call.services.calendars.export(call.caller, found.place, seen=found.seen)
    return found.shown.properties.get("displayname") or found.shown.name, text.encode()


async def _book(call: Call[ExportArguments], id_: str, form: str) -> tuple[object, bytes]:
    books = await books_of(call.context, call.account)
    found = next((one for one in books if one.id == id_ and one.source is None), None)
    if found is None:
        raise MethodFailed("notFound", "no such address book")
    bodies = await call.services.addressbooks.bodies(call.caller, found.place)
    octets = await asyncio.to_thread(contact_files.written, bodies, form)
    return found.shown.properties.get("displayname") or found.shown.name, octets


async def _require_allowed(call: Call[ExportArguments], module: str) -> None:
    person = await call.services.people.find(call.caller, call.caller.principal)
    settings = call.services.settings(person.domain if person else None)
    if module.casefold() in (name.casefold() for name in settings.security.export_disabled):
        raise Forbidden(f"{module} is not exported here")


METHODS: Final = (
    Method(
        "Data/export",
        ExportArguments,
        export,
        "Makes a blob of a calendar (`ics`) or an address book (`vcf`, `ldif`, `csv`), as far as the caller sees it.",
    ),
)
