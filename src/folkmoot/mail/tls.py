"""TLS towards mail servers, one policy for IMAP, SMTP and ManageSieve."""

import ssl
from functools import cache

from folkmoot.mail.server import MailServer


def tls_context(server: MailServer) -> ssl.SSLContext:
    """Return the context for a server: TLS 1.2 or later, its certificate checked unless its settings say otherwise."""
    return _context(verified=server.verified)


@cache  # reading the system's authorities takes some 10 ms
def _context(*, verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
