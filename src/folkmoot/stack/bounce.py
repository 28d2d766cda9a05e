"""The report to a sender that a message did not reach everybody (RFC 3464)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate, make_msgid
from typing import Final

from folkmoot.mail.addresses import header_text

HEADER_MAX: Final = 16 * 1024  # octets of the message's header that come back
BOUNDARY_OCTETS: Final = 16
HOST: Final = "localhost"


@dataclass(frozen=True, slots=True)
class Failure:
    """Who did not get it, and what was said."""

    recipient: str
    answer: str


def bounce(sender: str, failures: Sequence[Failure], octets: bytes) -> bytes:
    """Return the report on a message, lines ended by CRLF."""
    boundary = f"report-{secrets.token_hex(BOUNDARY_OCTETS)}"
    lines = [
        f"From: Mail delivery <postmaster@{HOST}>",
        f"To: {header_text(sender)}",
        "Subject: Not delivered to everybody",
        f"Date: {formatdate()}",
        f"Message-ID: {make_msgid(domain=HOST)}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "Your message did not reach:",
        "",
        *(f"{header_text(one.recipient)}: {header_text(one.answer)}" for one in failures),
        "",
        "Others have got it.",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {HOST}",
    ]
    for one in failures:
        lines += [
            "",
            f"Final-Recipient: rfc822; {header_text(one.recipient)}",
            "Action: failed",
            f"Status: {'5' if one.answer.startswith('5') else '4'}.0.0",
            f"Diagnostic-Code: smtp; {header_text(one.answer)}",
        ]
    lines += [f"--{boundary}", "Content-Type: text/rfc822-headers", "Content-Transfer-Encoding: 8bit", "", ""]
    header = octets.partition(b"\r\n\r\n")[0][:HEADER_MAX]
    return "\r\n".join(lines).encode() + header + f"\r\n--{boundary}--\r\n".encode()
