"""Whether pictures from elsewhere are shown without being asked for: in all mail, or in that of some senders."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.mailboxes.invitations import is_forged
from folkmoot.mime.headers import Headers
from folkmoot.sharing.preferences import DEFAULTS
from folkmoot.store.records import Profile

SENDERS_MAX: Final = 2_000  # whom one person may name; preferences as a whole are bounded, too
_ALWAYS: Final = "always"
_REMOTE: Final = "SOGoMailDisplayRemoteInlineImages"
_SENDERS: Final = "FolkmootPictureSenders"


class Consent(StrEnum):
    """Why pictures are shown."""

    ASKED = "asked"
    PREFERENCE = "preference"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """What somebody has chosen."""

    always: bool = False
    senders: frozenset[str] = frozenset()  # addresses, or "@" and a domain; lower case
    trusted_servers: tuple[str, ...] = ()  # whose Authentication-Results are believed

    def consent(self, headers: Headers) -> Consent | None:
        """Return why the pictures of a message are shown; None: they are not.

        A sender counts only where nobody found that From is somebody else's.
        """
        if self.always:
            return Consent.PREFERENCE
        senders = headers.addresses("from")
        if len(senders) != 1 or len(headers.all("from")) != 1:
            return None
        address = senders[0].address.lower()
        named = {address, f"@{address.rpartition('@')[2]}"}
        if named.isdisjoint(self.senders) or is_forged(headers, self.trusted_servers):
            return None
        return Consent.SENDER


def picture_choice(profile: Profile, settings: Settings) -> PictureChoice:
    """Return what a person has chosen, or else the settings of the domain say."""
    kept = profile.properties.get(DEFAULTS)
    chosen = kept if isinstance(kept, dict) else {}
    senders = chosen.get(_SENDERS, settings.mail.picture_senders)
    return PictureChoice(
        chosen.get(_REMOTE, settings.mail.remote_images) == _ALWAYS,
        _addresses(senders) if isinstance(senders, list | tuple) else frozenset(),
        settings.mail.authentication_servers,
    )


def _addresses(senders: Sequence[object]) -> frozenset[str]:
    return frozenset(one.strip().lower() for one in senders[:SENDERS_MAX] if isinstance(one, str) and "@" in one)
