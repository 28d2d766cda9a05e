"""What a client names to read mail."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.blobs import holders_of, open_mail_blob
from folkmoot.jmap.mail.describing import EMAIL, MAILBOX, THREAD
from folkmoot.jmap.mail.email_changes import EMAIL_CHANGES, THREAD_CHANGES
from folkmoot.jmap.mail.email_filter import SORTS
from folkmoot.jmap.mail.email_get import EMAIL_GET, THREAD_GET
from folkmoot.jmap.mail.email_parse import EMAIL_PARSE
from folkmoot.jmap.mail.email_query import EMAIL_QUERY, EMAIL_QUERY_CHANGES
from folkmoot.jmap.mail.mail_states import email_state, mailbox_state
from folkmoot.jmap.mail.mailbox_methods import MAILBOX_METHODS
from folkmoot.jmap.mail.snippets import SNIPPET_GET
from folkmoot.jmap.mail.writing_methods import METHODS as WRITING_METHODS
from folkmoot.jmap.protocol.calling import BlobHolders, Capability, Context

NAME_OCTETS_MAX: Final = 200  # of a mailbox; file systems below mail servers take 255
ATTACHMENT_OCTETS_MAX: Final = 50_000_000  # of one message, unless the mail server takes less


def _mail(_context: Context, account: Account) -> Mapping[str, Any] | None:
    if account.mail is None:
        return None
    return {
        "maxMailboxesPerEmail": 1,
        "maxMailboxDepth": None,
        "maxSizeMailboxName": NAME_OCTETS_MAX,
        "maxSizeAttachmentsPerEmail": ATTACHMENT_OCTETS_MAX,
        "emailQuerySortOptions": list(SORTS),
        "mayCreateTopLevelMailbox": account.personal,
    }


MAIL: Final = Capability(
    "urn:ietf:params:jmap:mail",
    methods=(
        *MAILBOX_METHODS,
        EMAIL_GET,
        EMAIL_CHANGES,
        EMAIL_QUERY,
        EMAIL_QUERY_CHANGES,
        THREAD_GET,
        THREAD_CHANGES,
        EMAIL_PARSE,
        SNIPPET_GET,
        *WRITING_METHODS,
    ),
    types=(MAILBOX, THREAD, EMAIL),
    states={"Mailbox": mailbox_state, "Email": email_state, "Thread": email_state, "EmailDelivery": email_state},
    account=_mail,
    blobs={"M": open_mail_blob},
    holders={"M": BlobHolders(frozenset({"Mailbox", "Thread", "Email"}), holders_of)},
)
