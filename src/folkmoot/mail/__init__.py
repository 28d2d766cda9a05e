"""Mail as it goes out: words, layout, messages, and the SMTP server.  Knows nothing of calendars or of the store.

A ``Letter`` is what a mail says, in the reader's language (``words``, ``moments``); ``Layout`` makes text and HTML of
it by templates, an administrator's first; ``message_of`` makes a message; ``Smtp`` sends it to one recipient, and
``Deferred`` and ``Refused`` say why it did not go.  ``mailbox`` makes an address fit for headers and commands.
"""

from folkmoot.mail.addresses import header_text, mailbox, message_id
from folkmoot.mail.errors import Deferred, Refused
from folkmoot.mail.server import MailServer, TlsMode, VerifyMode, parse_server
from folkmoot.mail.smtp import Smtp

__all__ = [
    "Deferred",
    "MailServer",
    "Refused",
    "Smtp",
    "TlsMode",
    "VerifyMode",
    "header_text",
    "mailbox",
    "message_id",
    "parse_server",
]
