"""What is kept about a mail account elsewhere, as a row says it and as services see it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.credentials import Password
from folkmoot.mail.server import MailServer, TlsMode
from folkmoot.mailboxes.sealing import seal, unseal
from folkmoot.mailboxes.values import Account, Identity
from folkmoot.store.mail_accounts import StoredMailAccount

# SOGo's words for how a connection is encrypted.
ENCRYPTIONS: Final[Mapping[str, TlsMode]] = {"none": TlsMode.NONE, "ssl": TlsMode.IMPLICIT, "tls": TlsMode.START}
_IMAP_PORT: Final = 143
_SMTP_PORT: Final = 25


def account_of(stored: StoredMailAccount) -> Account:
    """Return the account that a row keeps; what cannot be read of it is as if it were not there."""
    kept = stored.properties
    smtp = kept.get("smtp")
    return Account(
        id=str(stored.id),
        owner=stored.owner,
        name=_text(kept, "name"),
        user_name=_text(kept, "user_name"),
        imap=_server(kept.get("imap"), _IMAP_PORT),
        smtp=_server(smtp, _SMTP_PORT) if smtp else None,
        sieve=None,
        identities=tuple(_identities(kept.get("identities"))),
        external=True,
        encryption=_text(kept, "encryption"),
    )


def properties_of(account: Account, mailboxes: Mapping[str, str]) -> dict[str, object]:
    """Return what a row keeps of an account; ``mailboxes`` are its owner's choices by key of the settings."""
    return {
        "name": account.name,
        "user_name": account.user_name,
        "imap": _kept(account.imap),
        "smtp": _kept(account.smtp) if account.smtp is not None else None,
        "encryption": account.encryption,
        "identities": [msgspec.to_builtins(identity) for identity in account.identities],
        "mailboxes": dict(mailboxes),
    }


def mailboxes_of(stored: StoredMailAccount) -> dict[str, str]:
    """Return which mailboxes of an account its owner has given a use, by key of the settings."""
    kept = stored.properties.get("mailboxes")
    return {str(key): str(name) for key, name in kept.items()} if isinstance(kept, dict) else {}


def seal_password(key: bytes, owner: PrincipalId, account: Account, password: str) -> str:
    """Encrypt a password, so that it opens for this owner, server and name alone.

    Who could write to the table would else send it to a server of their own.
    """
    return seal(key, msgspec.json.encode(password), _about(owner, account))


def open_password(key: bytes, stored: StoredMailAccount) -> Password:
    """Return what signs in to an account.

    Raises:
        Forbidden: the password was sealed with another key.
    """
    account = account_of(stored)
    plain = unseal(key, stored.sealed, _about(stored.owner, account))
    if plain is None:
        raise Forbidden("the stored password of this account cannot be read; enter it again")
    return Password(account.user_name, msgspec.json.decode(plain, type=str))


def _about(owner: PrincipalId, account: Account) -> str:
    places = [_kept(server) for server in (account.imap, account.smtp) if server is not None]
    return "mail account " + msgspec.json.encode([owner, account.user_name, places]).decode()


def _kept(server: MailServer) -> dict[str, object]:
    return {"host": server.host, "port": server.port, "tls": server.tls.value}


def _server(kept: object, usual: int) -> MailServer:
    values = kept if isinstance(kept, dict) else {}
    port = values.get("port")
    tls = values.get("tls")
    return MailServer(
        str(values.get("host", "")),
        port if isinstance(port, int) else usual,
        TlsMode(tls) if tls in {mode.value for mode in TlsMode} else TlsMode.NONE,
    )


def _identities(kept: object) -> Sequence[Identity]:
    return [
        Identity(
            name=_text(one, "name"),
            address=_text(one, "address"),
            reply_to=_text(one, "reply_to"),
            signature=_text(one, "signature"),
            default=one.get("default") is True,
            bcc=tuple(map(str, bcc)) if isinstance(bcc := one.get("bcc"), list) else (),
            text_signature=_text(one, "text_signature"),
            id=_text(one, "id"),
        )
        for one in (kept if isinstance(kept, list) else [])
        if isinstance(one, dict)
    ]


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
