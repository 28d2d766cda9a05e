"""``Email/copy``: emails copied from one account to another (RFC 8621 section 4.7); each travels through us once."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.describing import EMAIL
from folkmoot.jmap.mail.email_changing import Place, only_mailbox, place_of
from folkmoot.jmap.mail.email_set import EMAIL_SET, Emails, chosen_of, grouped, store_failed
from folkmoot.jmap.mail.ids import BlobId
from folkmoot.jmap.mail.keyword_names import flags_of
from folkmoot.jmap.mail.mail_states import email_state
from folkmoot.jmap.mail.views import Mailboxes, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.standard import JsonObject, Made, copy_method
from folkmoot.mailboxes.adding import OCTETS_MAX
from folkmoot.mailboxes.present import Dated

_OWN: Final = frozenset({"id", "mailboxIds", "keywords", "receivedAt"})
_NOT_COPIED: Final = frozenset({"\\recent", "\\deleted"})


async def _copy(call: Call[Any], source: Account, wanted: Mapping[str, dict[str, Any]]) -> Made:
    theirs = await mailboxes_of(call.context, source)
    ours = await mailboxes_of(call.context, call.account)
    emails = Emails(call)
    made: dict[str, JsonObject | SetFailed] = {}
    places: dict[str, Place] = {}
    for creation, value in wanted.items():
        try:
            _check(value)
            places[creation] = place_of(theirs, value["id"])
        except FolkmootError as error:
            made[creation] = store_failed(error)
    found = await _dated(call, source, places.values())
    for creation, place in places.items():
        try:
            made[creation] = await _one(call, source, emails, ours, place, found.get(place.id), wanted[creation])
        except FolkmootError as error:
            made[creation] = store_failed(error)
    return {creation: made[creation] for creation in wanted}


def _check(value: Mapping[str, Any]) -> None:
    unknown = sorted(value.keys() - _OWN)
    if unknown:
        raise InvalidProperties(f"{unknown[0][:60]} of a copy stays", *unknown)
    for name in ("mailboxIds", "keywords", "receivedAt"):
        if value.get(name) is not None:
            EMAIL.check(name, value[name])


async def _dated(call: Call[Any], source: Account, places: Any) -> dict[str, Dated]:
    """Return flags and dates of what is there, by id, with one question for each mailbox."""
    found: dict[str, Dated] = {}
    for (path, _), some in grouped(places, lambda one: (one.path, one.email.uid_validity)).items():
        present = await call.services.mail.present.dated(call.caller, mail_of(source), chosen_of(path, some))
        found |= {one.id: present[one.email.uid] for one in some if one.email.uid in present}
    return found


async def _one(
    call: Call[Any],
    source: Account,
    emails: Emails,
    ours: Mailboxes,
    place: Place,
    present: Dated | None,
    value: Mapping[str, Any],
) -> JsonObject:
    if present is None:
        raise SetFailed("notFound", "there is no such email")
    target = only_mailbox(call.context, ours, value.get("mailboxIds"))
    if value.get("keywords") is not None:
        flags = flags_of(value["keywords"])
    else:
        flags = sorted(flag for flag in present.flags if flag.lower() not in _NOT_COPIED)
    try:
        octets = await call.context.read_blob(source, str(BlobId(place.email)), limit=OCTETS_MAX)
    except NotFound as error:
        raise SetFailed("notFound", "there is no such email") from error
    return await emails.store(ours, target, octets, flags, value.get("receivedAt"), seconds=present.received)


EMAIL_COPY: Final = copy_method(EMAIL, _copy, email_state, EMAIL_SET)
