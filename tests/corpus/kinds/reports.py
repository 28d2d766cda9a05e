"""What programs write: bounces, receipts, automatic answers."""

from collections.abc import Iterator

from tests.corpus.sample import Attached, Sample
from tests.corpus.writing import message, multipart, octets, part

_ORIGINAL = message(
    "Erika Muster <erika@folkmoot.example>",
    "Angebot",
    part("text/plain; charset=utf-8", "Hier das Angebot.\n", encoding="8bit"),
    to="weg@bounces.example",
    message_id="<angebot-1@folkmoot.example>",
)
_ORIGINAL_FIELDS = _ORIGINAL.split(b"\r\n\r\n")[0] + b"\r\n"


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    yield from _bounces()
    yield from _foreign_bounces()
    yield from _receipts()
    yield from _automatic()


def _of(
    name: str,
    special: str,
    sender: str,
    subject: str,
    content: bytes,
    *fields: str,
    text: tuple[str, ...],
    attachments: tuple[Attached, ...] = (),
    shape: str = "",
    pictures: int = 0,
) -> Sample:
    return Sample(
        name=f"report-{name}",
        special=special,
        octets=message(sender, subject, content, *fields, message_id=f"<{name}@reports.example>"),
        subject=subject,
        sender=sender.rpartition("<")[2].rstrip(">"),
        text=text,
        attachments=attachments,
        message_id=f"<{name}@reports.example>",
        shape=shape,
        pictures=pictures,
    )


def _delivery(action: str, status: str, diagnostic: str, *, more: str = "") -> bytes:
    return part(
        "message/delivery-status",
        f"Reporting-MTA: dns; mx.bounces.example\nX-Postfix-Queue-ID: 4F1A2B\nArrival-Date: Tue, 10 Mar 2026 09:15:00 +0100\n{more}\n"
        f"Final-Recipient: rfc822; weg@bounces.example\nOriginal-Recipient: rfc822;weg@bounces.example\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {diagnostic}\n",
        "Content-Description: Delivery report",
    )


def _bounces() -> Iterator[Sample]:
    failure = "This is the mail system at host mx.bounces.example.\n\n<weg@bounces.example>: host 192.0.2.7 said: 550 5.1.1 User unknown\n"
    for name, action, status, words, original in (
        (
            "postfix-failed",
            "failed",
            "5.1.1",
            failure,
            part("message/rfc822", _ORIGINAL, "Content-Description: Undelivered Message"),
        ),
        (
            "postfix-delayed",
            "delayed",
            "4.4.1",
            "YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n",
            part("text/rfc822-headers", _ORIGINAL_FIELDS),
        ),
        (
            "postfix-delivered",
            "delivered",
            "2.0.0",
            "Your message was successfully delivered.\n",
            part("text/rfc822-headers", _ORIGINAL_FIELDS),
        ),
        (
            "postfix-relayed",
            "relayed",
            "2.0.0",
            "The server that took it gives no notice.\n",
            part("text/rfc822-headers", _ORIGINAL_FIELDS),
        ),
        ("postfix-utf8", "failed", "5.1.1", failure, part("message/global", _ORIGINAL, encoding="8bit")),
    ):
        yield _of(
            name,
            f"Postfix: {action}",
            "MAILER-DAEMON@bounces.example (Mail Delivery System)".partition(" ")[0],
            "Undelivered Mail Returned to Sender",
            multipart(
                "report",
                "4F1A2B.1773130500/mx.bounces.example",
                part("text/plain; charset=us-ascii", words, "Content-Description: Notification"),
                _delivery(action, status, "smtp; 550 5.1.1 User unknown"),
                original,
                more="; report-type=delivery-status",
                preamble=b"This is a MIME-encapsulated message.",
            ),
            "Auto-Submitted: auto-replied",
            "Return-Path: <>",
            text=(words.splitlines()[0],),
        )


def _foreign_bounces() -> Iterator[Sample]:
    page = '<html><body><p><b><font color="#000066" size="3">Fehler bei der Nachrichtenzustellung an folgende Empfänger:</font></b></p><p><a href="mailto:weg@bounces.example">weg@bounces.example</a><br>Die Adresse wurde nicht gefunden.</p></body></html>'
    yield _of(
        "exchange-ndr",
        "Exchange's non-delivery report",
        "postmaster@exchange.example",
        "Unzustellbar: Angebot",
        multipart(
            "report",
            "7c1d",
            multipart(
                "alternative",
                "7c1e",
                part(
                    'text/plain; charset="utf-8"',
                    "Fehler bei der Nachrichtenzustellung an folgende Empfänger:\n",
                    encoding="quoted-printable",
                ),
                part('text/html; charset="utf-8"', page, encoding="quoted-printable"),
            ),
            _delivery("failed", "5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
            part("message/rfc822", _ORIGINAL),
            more="; report-type=delivery-status",
        ),
        "X-MS-Exchange-Message-Is-Ndr:",
        "Auto-Submitted: auto-replied",
        text=("Fehler bei der Nachrichtenzustellung an folgende Empfänger:",),
    )
    yield _of(
        "gmail-bounce",
        "Gmail's bounce with its picture",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Failure)",
        multipart(
            "report",
            "00000000000abc",
            multipart(
                "related",
                "00000000000abd",
                multipart(
                    "alternative",
                    "00000000000abe",
                    part('text/plain; charset="UTF-8"', "** Adresse nicht gefunden **\n"),
                    part(
                        'text/html; charset="UTF-8"',
                        '<html><body><img src="cid:icon.png"><h2>Adresse nicht gefunden</h2></body></html>',
                    ),
                ),
                part(
                    'image/png; name="icon.png"',
                    b"\x89PNG\r\n\x1a\n",
                    'Content-Disposition: attachment; filename="icon.png"',
                    "Content-ID: <icon.png>",
                    encoding="base64",
                ),
            ),
            _delivery("failed", "5.1.1", "smtp; 550-5.1.1 NoSuchUser"),
            part("message/rfc822", _ORIGINAL),
            more="; report-type=delivery-status",
        ),
        "X-Failed-Recipients: weg@bounces.example",
        "Auto-Submitted: auto-replied",
        pictures=1,
        text=("Adresse nicht gefunden",),
    )
    exim = f"This message was created automatically by mail delivery software.\n\n  weg@bounces.example\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n{_ORIGINAL.decode()}"
    yield _of(
        "exim-bounce",
        "Exim's old bounce: no parts, all in one text",
        "Mailer-Daemon@exim.example",
        "Mail delivery failed: returning message to sender",
        part("text/plain; charset=utf-8", exim, encoding="8bit"),
        "X-Failed-Recipients: weg@bounces.example",
        "Auto-Submitted: auto-replied",
        text=("Unrouteable address",),
    )
    qmail = "Hi. This is the qmail-send program at qmail.example.\nI'm afraid I wasn't able to deliver your message.\n\n<weg@bounces.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n"
    yield _of(
        "qmail-bounce",
        "qmail's bounce",
        "MAILER-DAEMON@qmail.example",
        "failure notice",
        part("text/plain", qmail),
        text=("Sorry, no mailbox here by that name.",),
    )
    yield _of(
        "sendmail-bounce",
        "sendmail's bounce",
        "MAILER-DAEMON@sendmail.example",
        "Returned mail: see transcript for details",
        multipart(
            "report",
            "q2A8F.1/sendmail.example",
            part(
                "text/plain",
                "   ----- The following addresses had permanent fatal errors -----\n<weg@bounces.example>\n",
            ),
            _delivery("failed", "5.1.1", "SMTP; 550 5.1.1 User unknown"),
            part("message/rfc822", _ORIGINAL),
            more="; report-type=delivery-status",
        ),
        "Auto-Submitted: auto-generated (failure)",
        text=("permanent fatal errors",),
    )
    yield _of(
        "domino-bounce",
        "Domino's failure report",
        "Postmaster@domino.example",
        "DELIVERY FAILURE: User weg not listed in Domino Directory",
        multipart(
            "report",
            "==IFJRGLKFGIR1",
            part(
                "text/plain; charset=us-ascii",
                "Your message\n\n  Subject: Angebot\n\nwas not delivered to:\n\n  weg@bounces.example\n",
            ),
            _delivery("failed", "5.0.0", "X-Notes; User weg not listed"),
            part("message/rfc822", _ORIGINAL),
            more="; report-type=delivery-status",
        ),
        text=("was not delivered to:",),
    )
    yield _of(
        "abuse-report",
        "a complaint in the abuse reporting format (RFC 5965)",
        "fbl@provider.example",
        "FW: Angebot",
        multipart(
            "report",
            "arf-1",
            part("text/plain", "This is an email abuse report.\n"),
            part("message/feedback-report", "Feedback-Type: abuse\nUser-Agent: FBL/1\nVersion: 1\n"),
            part("message/rfc822", _ORIGINAL),
            more="; report-type=feedback-report",
        ),
        text=("This is an email abuse report.",),
    )
    yield _of(
        "dmarc-report",
        "a DMARC report in a ZIP file",
        "noreply-dmarc@provider.example",
        "Report domain: folkmoot.example",
        part(
            'application/zip; name="provider.example!folkmoot.example!1.zip"',
            b"PK\x05\x06" + bytes(18),
            'Content-Disposition: attachment; filename="provider.example!folkmoot.example!1.zip"',
            encoding="base64",
        ),
        text=(),
        attachments=(Attached("provider.example!folkmoot.example!1.zip", "application/zip", 22),),
    )


def _receipts() -> Iterator[Sample]:
    def notification(disposition: str, agent: str) -> bytes:
        return part(
            "message/disposition-notification",
            f"Reporting-UA: {agent}\nFinal-Recipient: rfc822;jonas@reports.example\nOriginal-Message-ID: <angebot-1@folkmoot.example>\nDisposition: {disposition}\n",
        )

    for name, agent, disposition, words in (
        (
            "mdn-thunderbird",
            "Thunderbird; Mozilla",
            "manual-action/MDN-sent-manually; displayed",
            "Das ist eine Empfangsbestätigung.",
        ),
        (
            "mdn-outlook",
            "Outlook",
            "automatic-action/MDN-sent-automatically; displayed",
            "Ihre Nachricht wurde gelesen am Dienstag, 10. März 2026.",
        ),
        (
            "mdn-deleted",
            "Roundcube",
            "manual-action/MDN-sent-manually; deleted",
            "Die Nachricht wurde gelöscht, ohne gelesen zu werden.",
        ),
        ("mdn-sogo", "SOGoMail", "manual-action/MDN-sent-manually; displayed", "Dies ist eine Rückantwort."),
    ):
        yield _of(
            name,
            f"a receipt of {agent}",
            "jonas@reports.example",
            "Gelesen: Angebot",
            multipart(
                "report",
                f"mdn-{name}",
                part("text/plain; charset=utf-8", words, encoding="8bit"),
                notification(disposition, agent),
                part("text/rfc822-headers", _ORIGINAL_FIELDS),
                more="; report-type=disposition-notification",
            ),
            "References: <angebot-1@folkmoot.example>",
            text=(words,),
        )
    yield _of(
        "mdn-requested",
        "a message that asks for a receipt",
        "jonas@reports.example",
        "Bitte lesen",
        part("text/plain", "Bitte lesen.\n"),
        "Disposition-Notification-To: Jonas <jonas@reports.example>",
        "Return-Receipt-To: jonas@reports.example",
        text=("Bitte lesen.",),
    )
    yield _of(
        "mdn-requested-elsewhere",
        "it asks for a receipt to another address",
        "jonas@reports.example",
        "Bitte lesen",
        part("text/plain", "Bitte lesen.\n"),
        "Disposition-Notification-To: sammler@tracker.example",
        "Return-Path: <jonas@reports.example>",
        text=("Bitte lesen.",),
    )


def _automatic() -> Iterator[Sample]:
    words = "Ich bin bis zum 20. März nicht im Büro."
    for name, special, fields in (
        (
            "vacation-sieve",
            "Sieve's vacation",
            (
                "Auto-Submitted: auto-replied (vacation)",
                "X-Sieve: Pigeonhole Sieve 0.5.19",
                "Precedence: bulk",
                "In-Reply-To: <angebot-1@folkmoot.example>",
                "References: <angebot-1@folkmoot.example>",
            ),
        ),
        (
            "vacation-exchange",
            "Exchange's out of office",
            (
                "Auto-Submitted: auto-generated",
                "X-Auto-Response-Suppress: All",
                "X-MS-Exchange-Inbox-Rules-Loop: jonas@reports.example",
            ),
        ),
        (
            "vacation-gmail",
            "Gmail's vacation responder",
            ("Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: bulk"),
        ),
        ("vacation-unix", "the vacation program, with nothing but Precedence", ("Precedence: junk",)),
        (
            "ticket",
            "a ticket system confirms",
            ("Auto-Submitted: auto-generated", "X-OTRS-Loop: 1", "X-Loop: support@reports.example"),
        ),
    ):
        yield _of(
            name,
            special,
            "jonas@reports.example",
            "Abwesend: Angebot",
            part("text/plain; charset=utf-8", words, encoding="quoted-printable"),
            *fields,
            text=(words,),
        )
    yield _of(
        "cron",
        "cron's output",
        "root@server.example",
        "Cron <root@server> /usr/local/bin/sichern",
        part("text/plain; charset=UTF-8", octets("rsync: Platte voll\n"), encoding="8bit"),
        "X-Cron-Env: <SHELL=/bin/sh>",
        "Auto-Submitted: auto-generated",
        text=("rsync: Platte voll",),
    )
