"""Emails that a method is about: their places, by mailbox."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.jmap.mail.email_changing import Place, place_of
from folkmoot.jmap.mail.email_set import chosen_of, grouped
from folkmoot.jmap.mail.ids import EmailId
from folkmoot.jmap.mail.views import Mailboxes, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed, SetFailed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_SET_MAX
from folkmoot.mailboxes.moving import Moved
from folkmoot.mailboxes.values import MessageRef

EMAILS_MAX: Final = OBJECTS_IN_SET_MAX


async def found_emails(call: Call[Any], ids: Sequence[str]) -> tuple[Mailboxes, dict[str, list[Place]], dict[str, Any]]:
    """Return the emails that are there by the path of their mailbox, and SetErrors of the others by id.

    Raises:
        MethodFailed: ``requestTooLarge``.
    """
    if len(ids) > EMAILS_MAX:
        raise MethodFailed("requestTooLarge", f"at most {EMAILS_MAX} emails at once")
    mailboxes = await mailboxes_of(call.context, call.account)
    places: list[Place] = []
    failed: dict[str, Any] = {}
    for id_ in dict.fromkeys(ids):
        try:
            places.append(place_of(mailboxes, call.context.id_of(id_)))
        except SetFailed as error:
            failed[id_] = error.told()
    there: dict[str, list[Place]] = {}
    for path, some in grouped(places, lambda one: one.path).items():
        present = await call.services.mail.present.flags(call.caller, mail_of(call.account), chosen_of(path, some))
        gone = [one for one in some if one.email.uid not in present]
        failed |= {one.id: SetFailed("notFound", "there is no such email").told() for one in gone}
        left = [one for one in some if one.email.uid in present]
        if left:
            there[path] = left
    return mailboxes, there, failed


async def one_email(call: Call[Any], id_: str) -> MessageRef:
    """Return where an email would be.

    Raises:
        SetFailed: ``notFound``.
    """
    place = place_of(await mailboxes_of(call.context, call.account), call.context.id_of(id_))
    return MessageRef(place.path, place.email.uid_validity, place.email.uid)


def moved_ids(mailboxes: Mailboxes, places: Sequence[Place], moved: Moved) -> dict[str, str | None]:
    """Return new ids by old ones; None where the server did not tell."""
    new = dict(zip(moved.source.uids, moved.uids, strict=False)) if moved.uid_validity is not None else {}
    target = mailboxes.ids.get(moved.mailbox)
    return {
        one.id: str(EmailId(target, moved.uid_validity, new[one.email.uid]))
        if target is not None and moved.uid_validity is not None and one.email.uid in new
        else None
        for one in places
    }


def undo_of(places: Sequence[Place], new: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the ``update`` of an ``Email/set`` that moves emails back."""
    return {id_: {"mailboxIds": {one.email.mailbox: True}} for one in places if (id_ := new.get(one.id)) is not None}
