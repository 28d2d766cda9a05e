"""A process that sends one draft, to be killed while it does: ``python -m tests.support.sending_child …``."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from folkmoot.database import Database
from folkmoot.mailboxes.submission_values import SendOptions
from folkmoot.mailboxes.values import MAIN, MessageRef
from tests.support.mailboxes import mail_settings, open_services
from tests.support.outgoing import post_of


async def send(url: str, imap: int, smtp: int, login: str, uid_validity: int, uid: int) -> None:
    """Send the draft with this UID."""
    settings = mail_settings(f"imap://127.0.0.1:{imap}")
    settings = replace(settings, smtp=replace(settings.smtp, mechanism="smtp", server=f"smtp://127.0.0.1:{smtp}"))
    async with await Database.open(url) as database, open_services(settings, database) as mail:
        post = post_of(mail, Path("/nonexistent"))
        caller = mail.person(login)
        await post.sending.send(caller, MAIN, MessageRef("Drafts", uid_validity, uid), SendOptions())


if __name__ == "__main__":
    url, imap, smtp, login, uid_validity, uid = sys.argv[1:]
    asyncio.run(send(url, int(imap), int(smtp), login, int(uid_validity), int(uid)))
