"""The report to a sender that a message did not reach everybody (RFC 3464)."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final

from folkmoot.mail.addresses import header_text

HEADER_MAX: Final = 16 * 1024  # octets of the message's header that come back
_CODE: Final = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """Who did not get it, and what was said."""

    recipient: str
    answer: str


def bounce(sender: str, failures: Sequence[Failure], octets: bytes) -> bytes:
    """Return the report, lines ended by CRLF."""
    listed = "\n".join(f"{one.recipient}: {header_text(one.answer)}" for one in failures)
    report = EmailMessage(policy=SMTP)
    report["From"] = "Mail delivery <postmaster@localhost>"
    report["To"] = sender
    report["Subject"] = "Not delivered to everybody"
    report["Date"] = formatdate()
    report["Message-ID"] = make_msgid(domain="localhost")
    report["Auto-Submitted"] = "auto-replied"
    report.set_content(f"Your message did not reach:\n\n{listed}\n\nOthers have got it.\n")
    report.make_mixed()
    fields = ["Reporting-MTA: dns; localhost"]
    for one in failures:
        permanent = one.answer.startswith("5")
        fields += [
            "",
            f"Final-Recipient: rfc822; {header_text(one.recipient)}",
            "Action: failed",
            f"Status: {'5.0.0' if permanent else '4.0.0'}",
            f"Diagnostic-Code: smtp; {header_text(one.answer)}",
        ]
    header = octets.partition(b"\r\n\r\n")[0][:HEADER_MAX]
    for text, kind in (("\n".join(fields), "delivery-status"), (header.decode("latin-1"), "rfc822-headers")):
        part = EmailMessage(policy=SMTP)
        part.set_content(text + "\n")
        part.replace_header("Content-Type", f"{'message' if kind == 'delivery-status' else 'text'}/{kind}")
        report.attach(part)
    report.replace_header(
        "Content-Type", f'multipart/report; report-type=delivery-status; boundary="{_boundary(report)}"'
    )
    return report.as_bytes()


def _boundary(message: EmailMessage) -> str:
    boundary = message.get_boundary()
    if boundary is None:
        boundary = make_msgid(domain="localhost").strip("<>").replace("@", ".")
        message.set_boundary(boundary)
    return boundary
