"""Whether messages are signed, and by whom they say (RFC 9219); each is opened for it."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.jmap.mail.email_shape import utc_date
from folkmoot.jmap.protocol.calling import Context
from folkmoot.mail.smime import Layer, Opened
from folkmoot.mailboxes.opening import needs_opening
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.part import Part

NOT_SIGNED: Final[Mapping[str, Any]] = {
    "smimeStatus": None,
    "smimeStatusAtDelivery": None,
    "smimeErrors": None,
    "smimeVerifiedAt": None,
}


async def smime_status(context: Context, mail: str, ref: MessageRef, structure: Part) -> Mapping[str, Any]:
    """Return the properties of RFC 9219 of a message.

    Raises:
        Unavailable: the mail server does not answer.
    """
    if not needs_opening(structure):
        return NOT_SIGNED
    try:
        opened = await context.services.mail.opening.open(context.caller, mail, ref)
    except Unavailable:
        raise
    except FolkmootError as error:  # too large, or nothing that can be opened
        return {**NOT_SIGNED, "smimeStatus": "unknown", "smimeErrors": [str(error)]}
    return status_of(opened, context.services.clock.milliseconds() // 1000)


def status_of(opened: Opened, now: int) -> Mapping[str, Any]:
    """Return what was found when a message was opened."""
    if not opened.signatures:
        if Layer.SIGNED not in opened.layers:
            return NOT_SIGNED
        return {**NOT_SIGNED, "smimeStatus": "unknown", "smimeErrors": [opened.error] if opened.error else None}
    good = all(one.good for one in opened.signatures)
    status = "signed/verified" if good else "signed/failed"
    if opened.decrypted:
        status = f"encrypted+{status}"
    errors = [] if good else [str(one.verdict.value) for one in opened.signatures if not one.good]
    return {
        "smimeStatus": status,
        "smimeStatusAtDelivery": None,  # nothing is noted when messages come
        "smimeErrors": errors or None,
        "smimeVerifiedAt": utc_date(now),
    }
