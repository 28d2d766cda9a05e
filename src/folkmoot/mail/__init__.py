"""Mail servers as we reach them: SMTP to send.  Knows nothing of calendars or of the store.

Entry points: ``Smtp`` sends one message to one recipient; ``Deferred`` and ``Refused`` say why one did not go;
``mailbox`` makes an address that may stand in a header and an envelope.
"""

from folkmoot.mail.addresses import header_text, mailbox, message_id
from folkmoot.mail.errors import Deferred, Refused
from folkmoot.mail.server import SmtpServer, TlsMode, VerifyMode, parse_server
from folkmoot.mail.smtp import Smtp

__all__ = [
    "Deferred",
    "Refused",
    "Smtp",
    "SmtpServer",
    "TlsMode",
    "VerifyMode",
    "header_text",
    "mailbox",
    "message_id",
    "parse_server",
]
