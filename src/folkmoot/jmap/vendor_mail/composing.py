"""``Email/compose``: the beginning of a message, as what ``Email/set`` creates: new, an answer, forwarded, once more.

Nothing is stored.  What the message answers or forwards stands in fields of its own, so that it is marked when this
one is sent; they go out to nobody.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, field

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.mail.describing import Address
from folkmoot.jmap.mail.ids import BlobId, EmailId
from folkmoot.jmap.mail.views import Mailboxes, mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.vendor_mail.chosen_emails import one_email
from folkmoot.mailboxes.answers import FORWARDED_MAX
from folkmoot.mailboxes.draft_form import ANSWERS, FORWARDS, OPTIONS, Draft, DraftFile, InMessage, ref_text
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.composing import Priority
from folkmoot.mime.headers import MailAddress

_Begin = Callable[[Sequence[MessageRef]], Awaitable[Draft]]


class ComposeArguments(Arguments):
    """Of ``Email/compose``."""

    account_id: Id
    kind: Literal["new", "reply", "replyAll", "forward", "forwardAttached", "editAsNew"] = "new"
    email_ids: Annotated[list[str], Meta(max_length=FORWARDED_MAX)] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)


async def _compose(call: Call[ComposeArguments]) -> Answer:
    """Return an object for ``Email/set``, and the identity that it begins with."""
    asked = call.arguments
    refs = [await one_email(call, id_) for id_ in asked.email_ids]
    one_only = asked.kind not in {"new", "forward", "forwardAttached"}
    if (asked.kind == "new") == bool(refs) or (one_only and len(refs) != 1):
        raise MethodFailed("invalidArguments", f"{asked.kind} is not about {len(refs)} emails")
    answers, caller, mail = call.services.mail.answers, call.caller, mail_of(call.account)
    to = [MailAddress(one.name or "", one.email) for one in asked.to]
    begin: Mapping[str, _Begin] = {
        "new": lambda _refs: answers.new(caller, mail, to),
        "reply": lambda found: answers.reply(caller, mail, found[0]),
        "replyAll": lambda found: answers.reply(caller, mail, found[0], everybody=True),
        "forward": lambda found: answers.forward(caller, mail, found),
        "forwardAttached": lambda found: answers.forward(caller, mail, found, attached=True),
        "editAsNew": lambda found: answers.edit_as_new(caller, mail, found[0]),
    }
    try:
        draft = await begin[asked.kind](refs)
    except MalformedInput as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    mailboxes = await mailboxes_of(call.context, call.account)
    listed = await call.services.mail.identity_editing.list(caller, mail)
    sender = draft.sender.address.lower()
    fitting = [one.identity for one in listed if one.identity.address.lower() == sender]
    named = next((one for one in fitting if one.name == draft.sender.name), next(iter(fitting), None))
    return {
        "accountId": call.account.id,
        "identityId": named.id if named is not None else None,
        "email": _email(draft, mailboxes),
    }


def _email(draft: Draft, mailboxes: Mailboxes) -> dict[str, Any]:
    drafts = next((id_ for id_, one in mailboxes.by_id.items() if one.use == Use.DRAFTS), None)
    addresses = {"from": (draft.sender,), "to": draft.to, "cc": draft.cc, "bcc": draft.bcc, "replyTo": draft.reply_to}
    values = {"text": {"value": draft.text}, "html": {"value": draft.html}}
    bodies = [name for name in values if getattr(draft, name) or (name == "text" and not draft.html)]
    email: dict[str, Any] = {
        "mailboxIds": {drafts: True} if drafts is not None else {},
        "keywords": {"$draft": True, "$seen": True},
        "subject": draft.subject,
        "bodyValues": {name: values[name] for name in bodies},
        **{name: [_address(one) for one in listed] for name, listed in addresses.items() if listed},
        **{f"{name}Body": [{"partId": name, "type": _TYPES[name]}] for name in bodies},
        **_fields(draft),
    }
    if draft.in_reply_to:
        email["inReplyTo"] = [one.strip("<>") for one in draft.in_reply_to]
    if draft.references:
        email["references"] = [one.strip("<>") for one in draft.references]
    files = [file for one in draft.files if (file := _file(one, mailboxes)) is not None]
    return email | ({"attachments": files} if files else {})


_TYPES: Final = {"text": "text/plain", "html": "text/html"}


def _fields(draft: Draft) -> dict[str, Any]:
    options = [name for name in ("notice", "sign", "encrypt") if getattr(draft, name)]
    found: dict[str, Any] = {}
    if draft.answers is not None:
        found[f"header:{ANSWERS}:asRaw"] = ref_text(draft.answers)
    if draft.forwards:
        found[f"header:{FORWARDS}:asRaw:all"] = [ref_text(one) for one in draft.forwards]
    if options:
        found[f"header:{OPTIONS}:asRaw"] = " ".join(options)
    if draft.priority is not Priority.NORMAL:
        found["header:X-Priority:asRaw"] = f"{draft.priority.value}"
    if draft.receipt:
        found["header:Disposition-Notification-To:asAddresses"] = [_address(draft.sender)]
    return found


def _file(one: DraftFile, mailboxes: Mailboxes) -> dict[str, Any] | None:
    if not isinstance(one.source, InMessage):
        return None
    ref = one.source.ref
    mailbox = mailboxes.ids.get(ref.mailbox)
    if mailbox is None:
        return None
    return {
        "blobId": str(BlobId(EmailId(mailbox, ref.uid_validity, ref.uid), one.source.path or None)),
        "name": one.name,
        "type": one.content_type,
        "size": one.size,
        "disposition": "inline" if one.inline or one.cid else "attachment",
        "cid": one.cid or None,
    }


def _address(one: MailAddress) -> dict[str, str | None]:
    return {"name": one.name or None, "email": one.address}


METHODS: Final = (Method("Email/compose", ComposeArguments, _compose, "Begins a message, as what Email/set creates."),)
