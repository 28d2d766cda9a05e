"""The script for somebody's wishes, byte for byte as SOGo writes it.

One thing differs: lines of a vacation text that begin with a dot get a second one (RFC 5228 section 2.4.2), as
without it such a line would end the text, and the rest of it would be read as script.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from folkmoot.core.errors import TooLarge, Unsupported
from folkmoot.mailboxes.sieve.filter_texts import filter_text
from folkmoot.mailboxes.sieve.quoting import quoted
from folkmoot.mailboxes.sieve.surroundings import Surroundings
from folkmoot.mailboxes.sieve.vacation_text import is_due, vacation_text
from folkmoot.mailboxes.sieve.values import Forward, Notification, Wishes

SCRIPT_MAX: Final = 512 * 1024  # octets; Pigeonhole takes 1 MB
NOTICE_START: Final = (
    'if header :matches "subject" "*" {\r\n  set "subject" "${1}";\r\n}\r\n'
    'if header :matches "From" "*<*>" {\r\n  set "from" "${1} ${2}";\r\n}\r\n'
)
NOTICE_END: Final = ": '${subject}' from: ${from}"
_REQUIRE: Final = re.compile(r'\s*require\s+(?:\[(?P<list>[^\]]*)\]|"(?P<one>[^"]*)")\s*;\s*', re.IGNORECASE)


def write(wishes: Wishes, around: Surroundings) -> str:
    """Return the script; empty if there is nothing to do.

    Raises:
        Unsupported: the server lacks an extension that the wishes need.
        TooLarge: longer than ``SCRIPT_MAX``.
    """
    needed: dict[str, None] = {}

    def need(extension: str) -> None:
        needed[extension] = None

    text = "".join([filter_text(wanted, around, need) for wanted in wishes.filters])
    if wishes.vacation is not None and is_due(wishes.vacation, around):
        vacation = vacation_text(wishes.vacation, around, need)
        text = vacation + text if wishes.vacation.always else text + vacation
    if wishes.forward is not None:
        text = forward_text(wishes.forward, text)
    if wishes.notification is not None:
        text += notification_text(wishes.notification, need)
    missing = [name for name in needed if name not in around.capabilities]
    if missing:
        raise Unsupported(f"the mail server's Sieve lacks {', '.join(missing)}")
    head, tail = split_template(around.script_header, need), split_template(around.script_footer, need)
    text = head + text + (f"\n{tail}" if around.script_footer else "")
    if text and needed:
        text = require_line(tuple(needed)) + text
    if len(text.encode()) > SCRIPT_MAX:
        raise TooLarge(f"filters make a script of at most {SCRIPT_MAX} octets")
    return text


def require_line(extensions: tuple[str, ...]) -> str:
    """Return the line that names what a script uses."""
    names = '","'.join(extensions)
    return f'require ["{names}"];\r\n'


def forward_text(forward: Forward, text: str) -> str:
    """Return a script that also forwards; each line of "always" goes to its very beginning, as SOGo puts it."""
    steps = [f"redirect {quoted(address)};\r\n" for address in forward.addresses]
    if forward.keep:
        steps.append("keep;\r\n")
    return "".join(reversed(steps)) + text if forward.always else text + "".join(steps)


def notification_text(notification: Notification, need: Callable[[str], None]) -> str:
    """Return what sends a short mail (RFC 5435, RFC 5436)."""
    need("enotify")
    need("variables")
    text = ""
    for address in notification.addresses:
        target = f"mailto:{quote(address, safe='@+')}?body=${{body_param}}"
        text += (
            f'{NOTICE_START}set :encodeurl "body_param" {quoted(notification.message)};\r\n'
            f"notify :message {quoted(notification.title + NOTICE_END)} {quoted(target)};\r\n"
        )
    return text


def split_template(template: str, need: Callable[[str], None]) -> str:
    """Return a template's lines without those that require extensions, which ``need`` is told."""
    kept = []
    for line in template.splitlines():
        found = _REQUIRE.fullmatch(line)
        if found is None:
            kept.append(line + "\n")
            continue
        names = found["one"] if found["list"] is None else found["list"]
        for name in names.split(","):
            if name.strip(' "'):
                need(name.strip(' "'))
    return "".join(kept)
