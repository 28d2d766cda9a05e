"""The methods that change mailboxes and emails, for the capability of mail."""

from typing import Final

from folkmoot.jmap.mail.email_copy import EMAIL_COPY
from folkmoot.jmap.mail.email_import import EMAIL_IMPORT
from folkmoot.jmap.mail.email_set import EMAIL_SET
from folkmoot.jmap.mail.mailbox_set import MAILBOX_SET

METHODS: Final = (MAILBOX_SET, EMAIL_SET, EMAIL_IMPORT, EMAIL_COPY)
