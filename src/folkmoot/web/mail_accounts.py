"""Mail accounts as SOGo's preferences write them (``AuxiliaryMailAccounts``): the first is one's own.

What stands about the first is kept among the preferences; the others are rows of their own, and their passwords go
in and never out.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, TooLarge, Unavailable
from folkmoot.mail.server import SMTP, MailServer, parse_server
from folkmoot.mailboxes.account_lists import Wanted
from folkmoot.mailboxes.accounts import ACCOUNTS_MAX, Host, NewAccount
from folkmoot.mailboxes.external import ENCRYPTIONS
from folkmoot.mailboxes.identities import with_default
from folkmoot.mailboxes.special import KEYS, Use, wishes_of
from folkmoot.mailboxes.values import MAIN, Identity
from folkmoot.sharing.preferences import flag
from folkmoot.web.services import WebServices

PORT_DIGITS: Final = 5
_USES: Final[Mapping[Use, str]] = MappingProxyType({use: use.value.capitalize() for use in KEYS})
_RECEIPTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "receiptNonRecipientAction": "SOGoMailReceiptNonRecipientAction",
        "receiptOutsideDomainAction": "SOGoMailReceiptOutsideDomainAction",
        "receiptAnyAction": "SOGoMailReceiptAnyAction",
    }
)
_SECURITY: Final[Mapping[str, str]] = MappingProxyType(
    {"alwaysSign": "SOGoMailCertificateAlwaysSign", "alwaysEncrypt": "SOGoMailCertificateAlwaysEncrypt"}
)
_ALLOW: Final = "SOGoMailReceiptAllow"
_DEFAULT_ONLY: Final = "SOGoMailForceDefaultIdentity"
_IDENTITIES: Final = "SOGoMailIdentities"
_IDENTITY: Final = frozenset({"fullName", "email", "replyTo", "signature", "isDefault", "isReadOnly"})


async def shown_accounts(
    services: WebServices, caller: Caller, settings: Settings, values: Mapping[str, object]
) -> list[dict[str, object]]:
    """Return the caller's accounts; ``values`` are all preferences, inherited ones too.

    Raises:
        Forbidden: mail is closed to the caller.
        Unavailable: the directory or the database does not answer, or mail is not configured rightly.
    """
    accounts = [one for one in await services.accounts.list_all(caller) if not one.delegated]
    with_keys = await services.certificates.accounts_with_keys(caller)
    try:
        domain_smtp = parse_server(settings.smtp.server, SMTP)
    except MalformedInput as error:
        raise Unavailable("the server that mail is sent by is not configured rightly") from error
    shown: list[dict[str, object]] = []
    for account in accounts:  # a few; an account is asked about only if it is elsewhere
        own = account.id == MAIN
        chosen = {} if own else await services.accounts.mailboxes(caller, account.id)
        smtp = account.smtp or domain_smtp
        shown.append(
            {
                "id": int(account.id),
                "name": account.name,
                "userName": account.user_name,
                "serverName": account.imap.host,
                "port": account.imap.port,
                "encryption": _word(account.imap),
                "smtpServerName": smtp.host,
                "smtpPort": smtp.port,
                "smtpEncryption": _word(smtp),
                "identities": [_shown(one) for one in await services.identities.list(caller, account)],
                "receipts": {
                    "receiptAction": "allow" if flag(values.get(_ALLOW)) else "ignore",
                    **{name: values.get(key) for name, key in _RECEIPTS.items()},
                },
                "security": {
                    "hasCertificate": int(account.id in with_keys),
                    **{name: int(flag(values.get(key))) for name, key in _SECURITY.items()},
                },
                # Elsewhere only what was chosen: whoever sends it back must not choose names that nobody chose.
                "specialMailboxes": {
                    _USES[use]: wish.name
                    for use, wish in wishes_of(settings, values if own else chosen).items()
                    if own or KEYS[use] in chosen
                },
                "delegates": [{"uid": name} for name in await services.delegation.delegates(caller)] if own else [],
                "forceDefaultIdentity": int(flag(values.get(_DEFAULT_ONLY))),
            }
        )
    return shown


def main_changes(sent: Mapping[str, object], shown: Mapping[str, object]) -> dict[str, object]:
    """Return the preferences that are set by what a request says about the first account, as far as it differs.

    Raises:
        MalformedInput: something is not of its kind.
    """
    found: dict[str, object] = {}
    identities = sent.get("identities", shown["identities"])
    if identities != shown["identities"]:
        found[_IDENTITIES] = [_kept(one) for one in _list("identities", identities)]
    receipts, security = _part(sent, "receipts"), _part(sent, "security")
    shown_receipts, shown_security = _part(shown, "receipts"), _part(shown, "security")
    action = receipts.get("receiptAction", shown_receipts["receiptAction"])
    if action != shown_receipts["receiptAction"]:
        if action not in {"allow", "ignore"}:
            raise MalformedInput("receiptAction is allow or ignore")
        found[_ALLOW] = int(action == "allow")
    for names, part, before in ((_RECEIPTS, receipts, shown_receipts), (_SECURITY, security, shown_security)):
        found |= {key: part[name] for name, key in names.items() if name in part and part[name] != before[name]}
    forced = sent.get("forceDefaultIdentity", shown["forceDefaultIdentity"])
    if forced != shown["forceDefaultIdentity"]:
        found[_DEFAULT_ONLY] = forced
    return found


def read_accounts(sent: Sequence[object], *, allowed: bool) -> tuple[Mapping[str, object], list[Wanted]]:
    """Return what a request says about the first account, and the accounts elsewhere that it wants.

    Raises:
        Forbidden: there are accounts elsewhere, and they are not offered.
        MalformedInput: something that is no account.
        TooLarge: too many.
    """
    if len(sent) > 1 and not allowed:
        raise Forbidden("mail accounts elsewhere are not offered")
    if len(sent) > 1 + ACCOUNTS_MAX:
        raise TooLarge(f"one person has at most {ACCOUNTS_MAX} accounts elsewhere")
    accounts = []
    for one in sent:
        if not isinstance(one, dict):
            raise MalformedInput("an account is an object")
        accounts.append(one)
    return (accounts[0] if accounts else {}), [_wanted(one) for one in accounts[1:]]


def _wanted(sent: Mapping[str, object]) -> Wanted:
    smtp = _text(sent, "smtpServerName")
    account = NewAccount(
        name=_text(sent, "name"),
        imap=Host(_text(sent, "serverName"), _number(sent, "port"), _text(sent, "encryption") or "none"),
        user_name=_text(sent, "userName"),
        smtp=Host(smtp, _number(sent, "smtpPort"), _text(sent, "smtpEncryption") or "none") if smtp else None,
        password=_text(sent, "password") or None,
        identities=with_default(_identity(one) for one in _list("identities", sent.get("identities", []))),
    )
    special = _part(sent, "specialMailboxes")
    id_ = sent.get("id", "")
    if not isinstance(id_, int | str) or (id_ != "" and not str(id_).isdigit()):
        id_ = ""  # SOGo's browsers number accounts that are not saved yet in their own way
    return Wanted(str(id_), account, {KEYS[use]: _text(special, name) for use, name in _USES.items()})


def _identity(sent: object) -> Identity:
    kept = _kept(sent)
    return Identity(
        _text(kept, "fullName"),
        _text(kept, "email"),
        _text(kept, "replyTo"),
        _text(kept, "signature"),
        default=flag(kept.get("isDefault")),
    )


def _kept(sent: object) -> dict[str, object]:
    if not isinstance(sent, dict) or not sent.keys() <= _IDENTITY:
        raise MalformedInput(f"an identity is an object of {', '.join(sorted(_IDENTITY))}")
    for name in _IDENTITY - {"isDefault", "isReadOnly"}:
        _text(sent, name)
    return {name: value for name, value in sent.items() if name != "isReadOnly"}


def _shown(identity: Identity) -> dict[str, object]:
    texts = {"replyTo": identity.reply_to, "signature": identity.signature}
    return {
        "email": identity.address,
        "fullName": identity.name,
        **{name: text for name, text in texts.items() if text},
        "isDefault": int(identity.default),
    }


def _word(server: MailServer) -> str:
    return {mode: word for word, mode in ENCRYPTIONS.items()}[server.tls]


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedInput(f"{name}: expected a text")
    return value or ""


def _number(values: Mapping[str, object], name: str) -> int:
    value = values.get(name)
    text = str(value if value is not None else "").strip() or "0"
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= PORT_DIGITS):
        raise MalformedInput(f"{name}: expected a number")
    return int(text)


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise MalformedInput(f"{name}: expected an array")
    return value


def _part(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = values.get(name) or {}
    if not isinstance(value, dict):
        raise MalformedInput(f"{name}: expected an object")
    return value
