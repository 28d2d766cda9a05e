"""Which mail servers a person's mailboxes and filters are on: the domain's, or the person's own."""

from dataclasses import replace
from typing import Final

import structlog

from folkmoot.config.settings import Settings
from folkmoot.core.errors import MalformedInput, Unavailable
from folkmoot.directory.principal import Principal
from folkmoot.mail.server import IMAP, SIEVE, MailServer, TlsMode, parse_server

SIEVE_PORT: Final = SIEVE["sieve"].port
log = structlog.get_logger()


def imap_server(settings: Settings, principal: Principal) -> MailServer:
    """Return where somebody's mailboxes are (SOGoIMAPServer, IMAPHostFieldName).

    Raises:
        Unavailable: what is configured is no mail server; the log says where.
    """
    try:
        return parse_server(principal.imap_server or settings.imap.server, IMAP)
    except MalformedInput as error:
        key = "IMAPHostFieldName" if principal.imap_server else "SOGoIMAPServer"
        log.error("not a mail server", key=key, principal=principal.id, fault=str(error))
        raise Unavailable("the mail server is not configured rightly") from error


def sieve_server(settings: Settings, principal: Principal) -> MailServer:
    """Return where somebody's filters are (SOGoSieveServer, SieveHostFieldName): by default beside the mailboxes.

    Raises:
        Unavailable: what is configured is no mail server; the log says where.
    """
    text = principal.sieve_server or settings.sieve.server
    if not text:
        imap = imap_server(settings, principal)
        return replace(imap, port=SIEVE_PORT, tls=TlsMode.NONE if imap.tls is TlsMode.NONE else TlsMode.START)
    try:
        return parse_server(text, SIEVE)
    except MalformedInput as error:
        key = "SieveHostFieldName" if principal.sieve_server else "SOGoSieveServer"
        log.error("not a mail server", key=key, principal=principal.id, fault=str(error))
        raise Unavailable("the server of filters is not configured rightly") from error
