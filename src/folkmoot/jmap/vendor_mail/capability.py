"""The capability of mail that is ours; ``docs/developer/jmap.md`` tells its methods."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.jmap.vendor_mail import accounts, composing, emails, keys, labels, sharing, upkeep, view, waiting
from folkmoot.jmap.vendor_mail.singletons import SINGLETONS
from folkmoot.jmap.vendor_mail.view_blobs import open_remote, open_view
from folkmoot.jmap.vendor_mail.view_describing import EMAIL_VIEW
from folkmoot.jmap.vendor_mail.view_ids import REMOTE, VIEW

URN: Final = "https://folkmoot.org/jmap/mail"


def _account(_context: Context, account: Account) -> Mapping[str, Any] | None:
    return {} if account.mail is not None else None


VENDOR_MAIL: Final = Capability(
    URN,
    methods=(
        *(method for one in SINGLETONS for method in one.methods()),
        *accounts.METHODS,
        *labels.METHODS,
        *waiting.METHODS,
        *sharing.METHODS,
        *emails.METHODS,
        *keys.METHODS,
        *composing.METHODS,
        *upkeep.METHODS,
        *view.METHODS,
    ),
    types=(
        *(one.kind for one in SINGLETONS),
        accounts.MAIL_ACCOUNT,
        labels.LABEL,
        keys.SMIME_KEY,
        EMAIL_VIEW,
        waiting.SNOOZE,
        sharing.MAIL_DELEGATE,
        sharing.MAILBOX_GRANT,
    ),
    states={
        "MailAccount": accounts.MAIL_ACCOUNTS.state,
        "SmimeKey": keys.KEYS.state,
        "Label": labels.LABELS.state,
        "Snooze": waiting.SNOOZES.state,
        "MailDelegate": sharing.DELEGATES.state,
        **{one.kind.name: one.small.state for one in SINGLETONS},
    },
    account=_account,
    blobs={"Z": upkeep.open_zip, VIEW: open_view, REMOTE: open_remote},
    document="Filters, accounts elsewhere, labels, waiting mail, delegates, and what one does with whole mailboxes.",
)
