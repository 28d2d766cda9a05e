"""Emails by id, with what a client asks about them: one FETCH of each mailbox, a second one where texts are needed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from folkmoot.core.errors import Conflict, Forbidden, NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.email_shape import EmailShape, Known
from folkmoot.jmap.mail.header_forms import raw_fields
from folkmoot.jmap.mail.ids import BlobId, EmailId, parse_email_id, thread_id_of_root
from folkmoot.jmap.mail.smime_status import smime_status
from folkmoot.jmap.mail.views import Mailboxes, mailboxes_of
from folkmoot.jmap.protocol.calling import Context
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes.states import MailboxState
from folkmoot.mailboxes.thread_index import ThreadIndex, root_of
from folkmoot.mailboxes.values import MessageRef

GONE: Final = (NotFound, Forbidden, Conflict)  # a mailbox that went away in this moment


@dataclass(frozen=True, slots=True)
class InMailbox:
    """Emails of one mailbox."""

    id: str
    path: str
    state: MailboxState
    uids: Sequence[int]

    def email(self, uid: int) -> EmailId:
        """Return an email of it by name."""
        return EmailId(self.id, self.state.uid_validity, uid)


def by_mailbox(mailboxes: Mailboxes, ids: Iterable[str]) -> list[InMailbox]:
    """Return which messages ids name; those of mailboxes that are not there are left out."""
    found: dict[str, list[int]] = {}
    for text in ids:
        email = parse_email_id(text)
        state = mailboxes.states.get(email.mailbox) if email is not None else None
        if email is not None and state is not None and state.uid_validity == email.uid_validity:
            found.setdefault(email.mailbox, []).append(email.uid)
    return [InMailbox(id_, mailboxes.by_id[id_].path, mailboxes.states[id_], uids) for id_, uids in found.items()]


async def email_objects(
    context: Context, account: Account, ids: Iterable[str], shape: EmailShape
) -> dict[str, dict[str, Any]]:
    """Return emails by id; those that are gone are left out.

    Raises:
        TooLarge: their texts are too much for one answer.
        Unavailable: the mail server does not answer.
    """
    mailboxes = await mailboxes_of(context, account)
    found: dict[str, dict[str, Any]] = {}
    for place in by_mailbox(mailboxes, ids):
        try:
            found |= await _of_mailbox(context, mailboxes.mail, place, shape)
        except GONE:
            continue
    return found


async def _of_mailbox(context: Context, mail: str, place: InMailbox, shape: EmailShape) -> dict[str, dict[str, Any]]:
    services, caller = context.services.mail, context.caller
    index: ThreadIndex | None = None
    if "threadId" in shape.names and services.threads.known(caller, mail, place.path, place.state):
        index = await services.threads.index(caller, mail, place.path, place.state)
    items = shape.items(thread_known=index is not None)
    if not items and index is not None:
        hidden = services.threads.hidden(caller, mail, place.path)
        fetched = {uid: Fetched(uid) for uid in place.uids if index.root(uid) is not None and uid not in hidden}
    else:
        fetched = await services.gathering.visible(
            caller, mail, place.path, place.uids, items, uid_validity=place.state.uid_validity
        )
    known = {uid: _known(one, place, index) for uid, one in fetched.items()}
    await _add_texts(context, mail, place, shape, known)
    if shape.heavy:
        return await asyncio.to_thread(_objects, place, shape, known)
    return _objects(place, shape, known)


def _known(fetched: Fetched, place: InMailbox, index: ThreadIndex | None) -> Known:
    email = place.email(fetched.uid)
    octets = next(iter(fetched.sections.values()), b"")
    root = index.root(fetched.uid) if index is not None else None
    if root is None:
        root = root_of(octets, MessageRef(place.path, place.state.uid_validity, fetched.uid))
    ids = {
        "id": str(email),
        "blobId": str(BlobId(email)),
        "threadId": thread_id_of_root(root),
        "mailboxIds": {place.id: True},
    }
    return Known(
        ids,
        fetched.flags or frozenset(),
        fetched.size or 0,
        fetched.received,
        raw_fields(octets) if octets else (),
        fetched.structure,
    )


async def _add_texts(
    context: Context, mail: str, place: InMailbox, shape: EmailShape, known: Mapping[int, Known]
) -> None:
    services, caller, validity = context.services.mail, context.caller, place.state.uid_validity
    structures = {uid: one.structure for uid, one in known.items() if one.structure is not None}
    if "preview" in shape.names:
        for uid, preview in (await services.previews.of(caller, mail, place.path, validity, structures)).items():
            known[uid].preview = preview
    wanted = {uid: named for uid, part in structures.items() if (named := shape.sections(part))}
    if wanted:
        sections = await services.gathering.sections(
            caller, mail, place.path, wanted, uid_validity=validity, limit=shape.section_octets
        )
        for uid, found in sections.items():
            take_sections(known[uid], found)
    if shape.wants_smime:
        for uid, structure in structures.items():
            known[uid].smime = await smime_status(context, mail, MessageRef(place.path, validity, uid), structure)


def take_sections(known: Known, sections: Mapping[str, bytes]) -> None:
    """Add fetched sections to what is known of an email."""
    for name, octets in sections.items():
        if name == "HEADER":
            known.part_fields[""] = raw_fields(octets)
        elif name.endswith(".MIME"):
            known.part_fields[name.removesuffix(".MIME")] = raw_fields(octets)
        else:
            known.parts[name] = octets


def _objects(place: InMailbox, shape: EmailShape, known: Mapping[int, Known]) -> dict[str, dict[str, Any]]:
    objects = {}
    for uid, one in known.items():
        email = place.email(uid)
        objects[str(email)] = shape.object(one, lambda path, email=email: str(BlobId(email, path)))  # type: ignore[misc]
    return objects
