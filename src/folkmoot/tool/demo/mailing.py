"""Makes mails of the demo's letters, with the headers that threads hang on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

from folkmoot.tool.demo.letters import CONVERSATIONS, STAFF, Conversation, Letter
from folkmoot.tool.demo.people import DOMAIN, GROUPS, PEOPLE, person

_LOGINS: Final = frozenset(one.login for one in PEOPLE)
_MEMBERS: Final = {group.login: group.members for group in GROUPS}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be delivered."""

    sender: str  # login, or "" for somebody outside
    envelope_sender: str
    recipients: tuple[str, ...]  # addresses of people here
    sent: datetime
    octets: bytes


def mails(today: date) -> list[Mail]:
    """Return all mails, oldest first."""
    made = [mail for number, one in enumerate(CONVERSATIONS) for mail in _conversation(number, one, today)]
    return sorted(made, key=lambda mail: mail.sent)


def _conversation(number: int, conversation: Conversation, today: date) -> Iterator[Mail]:
    before: list[str] = []
    for place, letter in enumerate(conversation.letters):
        identity = f"<demo-{number}-{place}@{DOMAIN}>"
        yield _mail(conversation.subject, letter, identity, before, today)
        before.append(identity)


def _mail(subject: str, letter: Letter, identity: str, before: list[str], today: date) -> Mail:
    sent = datetime.combine(today - timedelta(days=letter.days_ago), time(letter.hour, 17), UTC)
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = identity
    message["Date"] = format_datetime(sent)
    message["From"] = _written(letter.sender)
    message["To"] = ", ".join(map(_written, letter.to))
    if letter.cc:
        message["Cc"] = ", ".join(map(_written, letter.cc))
    message["Subject"] = f"Re: {subject}" if before else subject
    if before:
        message["In-Reply-To"] = before[-1]
        message["References"] = " ".join(before)
    for name, value in letter.headers:
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for attachment in letter.attachments:
        kind = attachment.kind.partition("/")[2]
        message.add_attachment(attachment.content, subtype=kind, filename=attachment.name)
    logins = [login for name in (*letter.to, *letter.cc) for login in _MEMBERS.get(name, (name,)) if login in _LOGINS]
    others = [login for login in dict.fromkeys(logins) if login != letter.sender]
    return Mail(
        sender=letter.sender if letter.sender in _LOGINS else "",
        envelope_sender=parseaddr(_written(letter.sender))[1],
        recipients=tuple(person(login).mail for login in others),
        sent=sent,
        octets=message.as_bytes(),
    )


def _written(name: str) -> str:
    if name == STAFF:
        return f"Everybody <{STAFF}@{DOMAIN}>"
    if name in _LOGINS:
        one = person(name)
        return f'"{one.name}" <{one.mail}>'
    return name
