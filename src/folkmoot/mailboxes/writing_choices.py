"""How a person writes: what is chosen in the preferences, else what the administrator set."""

from collections.abc import Mapping
from dataclasses import dataclass

from folkmoot.config.mail_section import MailSettings
from folkmoot.sharing.preferences import flag


@dataclass(frozen=True, slots=True)
class WritingChoices:
    """The choices."""

    html: bool = True
    outlook_style: bool = False  # the original stands unmarked below its header
    forward_attached: bool = False
    answer_above: bool = False  # of the quoted original
    signature_above: bool = False  # likewise
    sign_new: bool = True
    sign_replies: bool = True
    sign_forwards: bool = True
    force_default_identity: bool = False


def choices_of(chosen: Mapping[str, object], settings: MailSettings) -> WritingChoices:
    """Return the choices of a person; ``chosen`` are the values of SOGo's keys."""

    def word(key: str, default: str) -> str:
        value = chosen.get(key)
        return value if isinstance(value, str) and value else default

    def yes(key: str, *, default: bool) -> bool:
        value = chosen.get(key)
        return default if value is None else flag(value)

    return WritingChoices(
        html=word("SOGoMailComposeMessageType", settings.compose_type) == "html",
        outlook_style=yes("SOGoMailUseOutlookStyleReplies", default=settings.outlook_style_replies),
        forward_attached=word("SOGoMailMessageForwarding", settings.forwarding) == "attached",
        answer_above=word("SOGoMailReplyPlacement", settings.reply_placement) == "above",
        signature_above=word("SOGoMailSignaturePlacement", settings.signature_placement) == "above",
        sign_new=yes("SOGoMailUseSignatureOnNew", default=settings.sign_new),
        sign_replies=yes("SOGoMailUseSignatureOnReply", default=settings.sign_replies),
        sign_forwards=yes("SOGoMailUseSignatureOnForward", default=settings.sign_forwards),
        force_default_identity=yes("SOGoMailForceDefaultIdentity", default=settings.force_default_identity),
    )
