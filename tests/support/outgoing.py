"""The services that write and send, on a mail server for reading and one for sending."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from folkmoot.core.caller import Caller
from folkmoot.jobs.runner import Runner
from folkmoot.jobs.submissions import Submissions
from folkmoot.mail.imap.values import Fetched
from folkmoot.mailboxes.answers import Answers
from folkmoot.mailboxes.direct import DirectSending
from folkmoot.mailboxes.draft_form import Draft, StoredDraft
from folkmoot.mailboxes.drafts import Drafts
from folkmoot.mailboxes.filing import Filing
from folkmoot.mailboxes.guard import HostGuard
from folkmoot.mailboxes.identities import Identities
from folkmoot.mailboxes.receipts import Receipts
from folkmoot.mailboxes.redirecting import Redirecting
from folkmoot.mailboxes.sending import Sending
from folkmoot.mailboxes.submission_values import SendOptions, Submission
from folkmoot.mailboxes.transmission import Transmission
from folkmoot.mailboxes.uploads import Uploads
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.headers import MailAddress
from folkmoot.store import submissions
from tests.support.clock import SetClock
from tests.support.dovecot import Dovecot
from tests.support.mailboxes import Mail, mail_on

IDA = MailAddress("Ida", "ida@example.net")


@dataclass
class Post:
    """Everything there is to write and send."""

    mail: Mail
    clock: SetClock
    identities: Identities
    uploads: Uploads
    drafts: Drafts
    transmission: Transmission
    filing: Filing
    sending: Sending
    answers: Answers
    direct: DirectSending
    receipts: Receipts
    redirecting: Redirecting

    def draft(self, caller: Caller, **more: Any) -> Draft:
        """Return a draft of somebody, to Ida."""
        sender = MailAddress("", f"{caller.principal}@example.org")
        return Draft(**{"sender": sender, "to": (IDA,), "subject": "Hello", "text": "How are you?\n", **more})

    async def save(self, caller: Caller, **more: Any) -> StoredDraft:
        return await self.drafts.save(caller, MAIN, self.draft(caller, **more))

    async def send(self, caller: Caller, stored: StoredDraft, **options: Any) -> Submission:
        return await self.sending.send(caller, MAIN, stored.ref, SendOptions(**options))

    async def messages(self, caller: Caller, mailbox: str, account: str = MAIN) -> list[Fetched]:
        """Return all messages of a mailbox, with their flags and octets."""
        async with self.mail.access.selected(caller, account, mailbox) as connection:
            return await connection.fetch("1:*", ["FLAGS", "BODY.PEEK[]"])

    async def octets(self, caller: Caller, mailbox: str) -> Sequence[bytes]:
        return [one.sections[""] for one in await self.messages(caller, mailbox)]

    async def put(self, caller: Caller, mailbox: str, octets: bytes, *flags: str) -> MessageRef:
        """Store a message as another program would."""
        async with self.mail.access.selected(caller, MAIN, mailbox, write=True) as connection:
            appended = await connection.append(mailbox, octets.replace(b"\n", b"\r\n"), flags=flags)
        assert appended.uid is not None
        assert appended.uid_validity is not None
        return MessageRef(mailbox, appended.uid_validity, appended.uid)


def post_of(mail: Mail, directory: Path) -> Post:
    """Return the services, as the server composes them."""
    clock = SetClock(datetime.now(UTC).replace(microsecond=0))
    keys = itertools.count()
    identities = Identities(mail.access, mail.directory)
    uploads = Uploads(directory / "uploads")
    marker = f"{datetime.now(UTC).timestamp():.6f}".replace(".", "")

    def random_key() -> str:
        return f"{marker}.{next(keys)}"

    drafts = Drafts(mail.access, identities, mail.database, uploads, now=clock.now, random_key=random_key)
    transmission = Transmission(
        mail.access, identities, allow=HostGuard(mail.settings.security.allowed_private_networks), local_hostname="here"
    )
    filing = Filing(mail.access)
    sending = Sending(mail.access, mail.directory, mail.database, clock, transmission, filing)
    direct = DirectSending(mail.access, mail.database, clock, transmission)
    return Post(
        mail,
        clock,
        identities,
        uploads,
        drafts,
        transmission,
        filing,
        sending,
        Answers(mail.access, identities),
        direct,
        Receipts(mail.access, identities, direct, clock),
        Redirecting(mail.access, identities, direct, clock, random_key=random_key),
    )


@asynccontextmanager
async def post_on(
    server: Dovecot, migrated_file: Path, directory: Path, smtp_url: str, *, smtp: Any = None, **more: Any
) -> AsyncIterator[Post]:
    """Open the services on a Dovecot and an SMTP server."""
    chosen = {"mechanism": "smtp", "server": smtp_url, **(smtp or {})}
    async with mail_on(server, migrated_file, directory, smtp=chosen, **more) as mail:
        yield post_of(mail, directory)


def without(post: Post, **security: Any) -> None:
    """Change the settings of security that hold from now on."""
    settings = replace(post.mail.settings, security=replace(post.mail.settings.security, **security))
    post.mail.settings = settings
    post.mail.access._settings = lambda _domain: settings


async def run_submissions(post: Post) -> None:
    """Do what is due of messages on their way."""
    runner = Runner(post.mail.database, post.clock, {submissions.JOB: Submissions(post.sending)})
    await runner.run_due()
