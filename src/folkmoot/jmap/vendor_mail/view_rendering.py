"""Shows a message for who asks now: with URLs of its pictures that are good for this reader alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.errors import NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.blobs import ref_of
from folkmoot.jmap.mail.ids import BlobId
from folkmoot.jmap.mail.views import mail_of
from folkmoot.jmap.protocol.calling import Context, UrlOf
from folkmoot.jmap.vendor_mail.view_ids import REMOTE, Remote, ViewId
from folkmoot.mailboxes.images import Sign
from folkmoot.mailboxes.picture_consent import Consent, PictureChoice
from folkmoot.mailboxes.reading import MessageView, ViewOptions
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import Headers
from folkmoot.mime.rendering import RenderOptions

REMOTE_MAX: Final = 1_000  # different pictures from elsewhere of one message; newsletters have a hundred
REMOTE_ID_MAX: Final = 2_500  # characters: with what else a URL of content holds it stays below what is opened again
ANY_PICTURE: Final = "image/png"  # what is served is looked at, and told as what it is
_DELETED: Final = "\\Deleted"
_CHOICE: Final = "mail/picture choice"
_SIGN: Final = "mail/picture signer"


@dataclass(slots=True)
class RemotePictures:
    """Gives URLs for pictures from elsewhere, or none, and counts them."""

    url: UrlOf
    sign: Sign
    consent: Consent | None = None
    shown: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    def __call__(self, address: str) -> str:
        """Return the URL by which a picture is shown; empty if it is not."""
        known = self.shown.get(address)
        if known is not None:
            return known
        if self.consent is not None and len(self.shown) < REMOTE_MAX:
            token = self.sign(address)
            if token and len(token) < REMOTE_ID_MAX:
                return self.shown.setdefault(address, self.url(f"{REMOTE}{token}", "", ANY_PICTURE, shown=True))
        if len(self.blocked) < REMOTE_MAX:
            self.blocked.add(address)
        return ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that is shown, and what was needed for it."""

    ref: MessageRef
    view: MessageView
    remote: RemotePictures
    url: UrlOf


async def shown(context: Context, account: Account, wanted: ViewId) -> Shown:
    """Show a message.

    Raises:
        NotFound: there is none that the caller may read.
        TooLarge: what is asked for has to be opened, and is too large for that.
        Unavailable: the mail server does not answer.
    """
    ref = await ref_of(context, account, wanted.email)
    url = await context.content_urls(account)
    choice = await _choice(context)
    remote = RemotePictures(url, await _signer(context), Consent.ASKED if wanted.remote is Remote.SHOW else None)
    options = RenderOptions(
        cid=lambda path: url(str(BlobId(wanted.email, path)), "", ANY_PICTURE, shown=True),
        proxy=remote,
        picture_sources=(context.content_place,),
        prefer_plain=wanted.plain,
        charset=wanted.charset or None,
        trusted_servers=choice.trusted_servers,
    )
    settle = _settling(remote, options, choice, wanted)
    view = await context.services.mail.reading.view(
        context.caller, mail_of(account), ref, ViewOptions(options, wanted.path, settle)
    )
    if _DELETED in view.summary.flags:
        raise NotFound("there is no such message")
    return Shown(ref, view, remote, url)


def _settling(
    remote: RemotePictures, options: RenderOptions, choice: PictureChoice, wanted: ViewId
) -> Callable[[Headers], RenderOptions]:
    def settle(headers: Headers) -> RenderOptions:
        if wanted.remote is Remote.DEFAULT:
            # A message within was written by somebody for whom the outer one's sender cannot speak.
            remote.consent = choice.consent(headers if not wanted.path else Headers())
        return options

    return settle


async def _choice(context: Context) -> PictureChoice:
    found: PictureChoice | None = context.kept.get((_CHOICE,))
    if found is None:
        found = context.kept[_CHOICE,] = await context.services.mail.reading.picture_choice(context.caller)
    return found


async def _signer(context: Context) -> Sign:
    found: Sign | None = context.kept.get((_SIGN,))
    if found is None:
        found = context.kept[_SIGN,] = await context.services.mail.pictures.signer(context.caller.principal)
    return found
