"""The beginning of a message: new, an answer, a forwarded one, the same once more; nothing is saved or sent yet."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mail.moments import moment
from folkmoot.mail.words import Words, words_for
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.draft_form import Draft, DraftFile, InDraft, InMessage, read_draft
from folkmoot.mailboxes.drafts import MESSAGE_MAX, require_same
from folkmoot.mailboxes.identities import Identities, signature_html
from folkmoot.mailboxes.values import Account, Identity, MessageRef
from folkmoot.mailboxes.writing_choices import WritingChoices, choices_of
from folkmoot.mime.answering import (
    Original,
    fitting_address,
    forward_subject,
    head_html,
    head_lines,
    html_of_text,
    original_of,
    quote_html,
    quote_text,
    reply_recipients,
    reply_subject,
    shown,
    thread_of,
)
from folkmoot.mime.composing import file_name
from folkmoot.mime.headers import Headers, MailAddress
from folkmoot.mime.html import sanitise
from folkmoot.mime.html_text import text_of_html
from folkmoot.mime.reading import Message, read_message
from folkmoot.mime.rendering import Rendered, RenderOptions, needed, render
from folkmoot.sharing.preferences import DEFAULTS, Preferences, defaults_of, preferences_of

FORWARDED_MAX: Final = 100  # messages attached together
_SIGNATURE: Final = "-- "


@dataclass(frozen=True, slots=True)
class _Writer:
    account: Account
    identities: tuple[Identity, ...]
    own: frozenset[str]
    choices: WritingChoices
    preferences: Preferences
    words: Words


@dataclass(frozen=True, slots=True)
class _Read:
    """A message that is answered or forwarded."""

    ref: MessageRef
    message: Message
    headers: Headers
    original: Original
    rendered: Rendered


class Answers:
    """Makes drafts from messages."""

    def __init__(self, access: MailAccess, identities: Identities) -> None:
        self._access = access
        self._identities = identities

    async def new(self, caller: Caller, account_id: str, to: Sequence[MailAddress] = ()) -> Draft:
        """Return an empty message with the signature of the default identity."""
        writer = await self._writer(caller, account_id)
        identity = _default(writer)
        return _body(Draft(_sender(identity), to=tuple(to)), identity if writer.choices.sign_new else None, writer)

    async def reply(self, caller: Caller, account_id: str, ref: MessageRef, *, everybody: bool = False) -> Draft:
        """Return an answer to the sender of a message, or to all.

        Raises:
            NotFound: there is no such message.
            TooLarge: it is larger than can be quoted.
        """
        writer = await self._writer(caller, account_id)
        read = await self._read(caller, account_id, ref)
        identity = _fitting(writer, read)
        to, cc = reply_recipients(read.original, writer.own, everybody=everybody)
        in_reply_to, references = thread_of(read.original)
        draft = Draft(
            _sender(identity),
            to=to,
            cc=cc,
            reply_to=_reply_to(identity),
            subject=reply_subject(read.original.subject),
            in_reply_to=in_reply_to,
            references=references,
            answers=ref,
        )
        signer = identity if writer.choices.sign_replies else None
        if writer.choices.outlook_style:
            quoted = _below_its_header(read, writer, "mail.original")
        else:
            quoted = _marked(read, writer)
        drafted = _body(
            draft, signer, writer, quoted, above=writer.choices.answer_above or writer.choices.outlook_style
        )
        return _with_pictures(drafted, read)

    async def forward(
        self, caller: Caller, account_id: str, refs: Sequence[MessageRef], *, attached: bool | None = None
    ) -> Draft:
        """Return a message that forwards others: one within the text, or any as attachments.

        Args:
            caller: who forwards.
            account_id: where.
            refs: the messages.
            attached: as attachments; None: as the person prefers. Several always are.

        Raises:
            MalformedInput: none, or too many.
            NotFound: one of them is not there.
        """
        if not 0 < len(refs) <= FORWARDED_MAX:
            raise MalformedInput(f"one to {FORWARDED_MAX} messages can be forwarded together")
        writer = await self._writer(caller, account_id)
        read = await self._read(caller, account_id, refs[0])
        identity = _fitting(writer, read)
        draft = Draft(
            _sender(identity),
            reply_to=_reply_to(identity),
            subject=forward_subject(read.original.subject),
            references=thread_of(read.original)[1],
            forwards=tuple(refs),
        )
        signer = identity if writer.choices.sign_forwards else None
        if len(refs) > 1 or (writer.choices.forward_attached if attached is None else attached):
            names = [read.original.subject]
            names += [(await self._headers(caller, account_id, ref)).text("subject") for ref in refs[1:]]
            files = [
                DraftFile(file_name(f"{name[:100] or 'message'}.eml"), "message/rfc822", InMessage(ref))
                for name, ref in zip(names, refs, strict=True)
            ]
            return replace(_body(draft, signer, writer), files=tuple(files))
        quoted = _below_its_header(read, writer, "mail.forwarded")
        drafted = _with_pictures(_body(draft, signer, writer, quoted, above=True), read)
        present = {one.source for one in drafted.files}
        files = [one for one in read_draft(read.message).files if _from(one, read.ref) not in present]
        return replace(
            drafted, files=(*drafted.files, *(replace(one, source=_from(one, read.ref), cid="") for one in files))
        )

    async def edit_as_new(self, caller: Caller, account_id: str, ref: MessageRef) -> Draft:
        """Return a message to be written once more, with its recipients and files; templates are used so.

        Raises:
            NotFound: there is no such message.
        """
        writer = await self._writer(caller, account_id)
        read = await self._read(caller, account_id, ref)
        draft = await asyncio.to_thread(read_draft, read.message)
        known = {identity.address.lower(): identity for identity in writer.identities}
        identity = known.get(draft.sender.address.lower()) or _default(writer)
        return replace(
            draft,
            sender=_sender(identity),
            html=draft.html and read.rendered.html,
            files=tuple(replace(one, source=_from(one, ref)) for one in draft.files),
            answers=None,
            forwards=(),
            in_reply_to=(),
            references=(),
        )

    async def _writer(self, caller: Caller, account_id: str) -> _Writer:
        account = await self._access.account(caller, account_id)
        person = await self._access.person(caller.principal)
        settings = self._access.settings_of(person)
        profile = await self._access.profile(caller.principal)
        chosen = profile.properties.get(DEFAULTS)
        preferences = preferences_of(profile, defaults_of(settings))
        return _Writer(
            account=account,
            identities=await self._identities.list(caller, account),
            own=await self._identities.own_addresses(caller, account),
            choices=choices_of(chosen if isinstance(chosen, dict) else {}, settings.mail),
            preferences=preferences,
            words=words_for(preferences.language, preferences.zone.key),
        )

    async def _read(self, caller: Caller, account_id: str, ref: MessageRef) -> _Read:
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            octets = await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)
        return await asyncio.to_thread(_understood, octets, ref)

    async def _headers(self, caller: Caller, account_id: str, ref: MessageRef) -> Headers:
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            return read_message(await connection.fetch_part(ref.uid, "HEADER", limit=MESSAGE_MAX)).headers()


def _understood(octets: bytes, ref: MessageRef) -> _Read:
    message = read_message(octets)
    headers = message.headers()
    ids = {part.path: part.id.strip("<> \t") for part in message.part.walk()}
    options = RenderOptions(cid=lambda path: f"cid:{ids.get(path, '')}")
    rendered = render(message.part, message.sections(needed(message.part)), options)
    original = original_of(headers, text=rendered.text, html="" if rendered.text_only else rendered.html)
    return _Read(ref, message, headers, original, rendered)


def _default(writer: _Writer) -> Identity:
    found = next((identity for identity in writer.identities if identity.default), None)
    if found is None:
        raise MalformedInput("there is no address to write from")
    return found


def _fitting(writer: _Writer, read: _Read) -> Identity:
    """Return as whom to answer: the identity that the message was sent to, else the default."""
    if writer.choices.force_default_identity:
        return _default(writer)
    noted = [read.headers.text(name) for name in ("delivered-to", "x-original-to", "envelope-to")]
    address = fitting_address(read.original, noted, [identity.address for identity in writer.identities])
    found = (identity for identity in writer.identities if identity.address == address)
    return next(found, None) or _default(writer)


def _sender(identity: Identity) -> MailAddress:
    return MailAddress(identity.name, identity.address)


def _reply_to(identity: Identity) -> tuple[MailAddress, ...]:
    return (MailAddress("", identity.reply_to),) if identity.reply_to else ()


def _marked(read: _Read, writer: _Writer) -> tuple[str, str]:
    """Return the original as text and as HTML, below who wrote it and when, each line marked."""
    who = next((one.name or one.address for one in read.original.sender), "")
    line = writer.words.text("mail.wrote", date=_date(read, writer), name=who)
    html = read.original.html or html_of_text(read.original.text)
    return (
        f"{line}\n\n{quote_text(read.original.text)}",
        f"<p>{html_of_text(line)}</p>\n{quote_html(html)}",
    )


def _below_its_header(read: _Read, writer: _Writer, title: str) -> tuple[str, str]:
    words, original = writer.words, read.original
    fields = [
        (words.text("mail.subject"), original.subject),
        (words.text("mail.date"), _date(read, writer)),
        (words.text("mail.sender"), shown(original.sender)),
        (words.text("mail.to"), shown(original.to)),
        (words.text("mail.cc"), shown(original.cc)),
    ]
    heading = words.text(title)
    html = original.html or html_of_text(original.text)
    return (
        f"-------- {heading} --------\n{head_lines(fields)}\n{original.text}",
        f"<p>-------- {html_of_text(heading)} --------<br>\n{head_html(fields)}</p>\n{html}",
    )


def _date(read: _Read, writer: _Writer) -> str:
    text = read.headers.text("date")
    try:
        when: datetime = parsedate_to_datetime(text)
        if when.tzinfo is None:
            return text
        return moment(writer.words, when, writer.preferences.zone, named=False)
    except (ValueError, TypeError, OverflowError, IndexError):
        return text


def _body(
    draft: Draft, signer: Identity | None, writer: _Writer, quoted: tuple[str, str] = ("", ""), *, above: bool = True
) -> Draft:
    """Return a draft with room to write, the quoted original and the signature, in the order that was chosen."""
    signature = _signature(signer) if signer is not None and signer.signature.strip() else ""
    signature_text = text_of_html(signature).rstrip("\n")
    quoted_text, quoted_html = quoted
    texts, htmls = ["\n"], ["<p><br></p>"]
    signed_text = [f"\n{_SIGNATURE}\n{signature_text}\n"] if signature else []
    signed_html = [f"<div>{_SIGNATURE}<br>\n{signature}</div>"] if signature else []
    if not quoted_text:
        texts, htmls = texts + signed_text, htmls + signed_html
    elif not above:
        texts, htmls = [f"{quoted_text}\n", *texts, *signed_text], [quoted_html, *htmls, *signed_html]
    elif writer.choices.signature_above:
        texts, htmls = [*texts, *signed_text, f"\n{quoted_text}"], [*htmls, *signed_html, quoted_html]
    else:
        texts, htmls = [*texts, f"\n{quoted_text}", *signed_text], [*htmls, quoted_html, *signed_html]
    if writer.choices.html:
        return replace(draft, html="\n".join(htmls))
    return replace(draft, text="".join(texts))


def _signature(identity: Identity) -> str:
    """Return a signature as safe HTML: an import, or another program, may have put anything there."""
    try:
        return sanitise(signature_html(identity.signature)).html
    except TooLarge:
        return ""


def _with_pictures(draft: Draft, read: _Read) -> Draft:
    """Return a draft with the pictures that its quoted HTML shows."""
    files = [
        replace(one, source=_from(one, read.ref))
        for one in read_draft(read.message).files
        if one.cid and f"cid:{one.cid}" in draft.html
    ]
    return replace(draft, files=(*draft.files, *files))


def _from(one: DraftFile, ref: MessageRef) -> InMessage:
    if not isinstance(one.source, InDraft):
        raise TooLarge("the file is not part of the message")
    return InMessage(ref, one.source.path)
