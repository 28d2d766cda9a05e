"""The letter with the link by which somebody chooses a new password."""

from collections.abc import Mapping
from typing import Final

from folkmoot.auth.recovery import LETTER_KEY, LETTER_MINUTES
from folkmoot.auth.sealing import Keys, unseal
from folkmoot.config.settings import Settings
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal
from folkmoot.mail import mailbox
from folkmoot.mail.letter import Letter, Row
from folkmoot.mail.words import Reader

PAGE: Final = "/SOGo/"


async def recovery_link(keys: Keys, public_url: str, principal: PrincipalId, payload: Mapping[str, object]) -> str:
    """Return the link; its host is the configured one, whatever a request said.

    Raises:
        MalformedInput: the token was sealed with another key, or there is no public address any more.
    """
    token = unseal(await keys.of(LETTER_KEY), str(payload.get("sealed", "")), principal)
    if token is None or not public_url:
        raise MalformedInput("outbox: this recovery letter cannot be written any more")
    return f"{public_url.rstrip('/')}{PAGE}?token={token.decode()}"


def recovery_sender(settings: Settings, person: Principal) -> str:
    """Return who sends it (SOGoPasswordRecoveryFrom).

    Raises:
        MalformedInput: there is no such address.
    """
    configured = settings.security.password_recovery_from
    if configured:
        return mailbox(configured)
    domain = next((mail.rpartition("@")[2] for mail in person.mails if "@" in mail), settings.people.mail_domain)
    return mailbox(f"noreply@{domain or 'localhost'}")


def recovery_letter(link: str, account: str, reader: Reader) -> Letter:
    """Return its words."""
    words = reader.words
    return Letter(
        kind="password-recovery",
        language=words.language,
        subject=words.text("subject.password_recovery"),
        heading=words.text("heading.password_recovery"),
        title="",
        rows=(Row(words.text("label.account"), account), Row(words.text("label.link"), link)),
        remark=words.text("text.recovery_remark", minutes=LETTER_MINUTES),
        footer=words.text("text.automatic"),
        values={"account": account, "link": link},
    )
