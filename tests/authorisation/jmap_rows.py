"""Every JMAP method, and what becomes of it in anna's account; see ``test_jmap_matrix.py`` for who is who.

A row tells the outcome of the least that the method takes: ``ok``, or the type of the error, or None where it depends
on a server that these tests have not.  Rooms of types add their rows below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# The least that methods of these names take beside the account.
ALIKE: Final[Mapping[str, Mapping[str, Any]]] = {
    "get": {"ids": None},
    "changes": {"sinceState": "0"},
    "queryChanges": {"sinceQueryState": "0"},
    "copy": {"fromAccountId": "u", "create": {}},
    "import": {"emails": {}},
    "parse": {"blobIds": []},
}
NOBODY: Final = "accountNotFound"  # there is no such account for carl, whatever the method


@dataclass(frozen=True, slots=True)
class Row:
    """One method."""

    anna: str | None = "ok"  # the owner
    bert: str | None = "accountNotSupportedByMethod"
    carl: str | None = NOBODY
    more: Mapping[str, Any] = field(default_factory=dict)  # arguments
    listed: bool = True  # anna's objects are asked for, and their ids then by others
    in_account: bool = True
    plain: bool = False  # takes nothing but ``more`` beside the account


def _of(kind: str, verbs: str, row: Row, **others: Row) -> dict[str, Row]:
    """Return the rows of a type's methods; ``others`` are those that differ."""
    return {f"{kind}/{verb}": others.get(verb, row) for verb in verbs.split()}


STANDARD: Final = "get changes query queryChanges set"
CANNOT: Final = "cannotCalculateChanges"  # what a state that nobody told becomes
OWN: Final = Row()  # belongs to one person, whatever others are shown of the account
OWN_UNFOLLOWED: Final = Row(anna=CANNOT)
SHARED: Final = Row(bert="ok")  # bert sees what is shared with him, which other tests look into
SHARED_UNFOLLOWED: Final = Row(anna=CANNOT, bert=CANNOT)
SHARED_COPY: Final = Row(anna="fromAccountNotFound", bert="fromAccountNotFound")
MAIL: Final = Row(anna=None, listed=False)  # there is no mail server
NO_SIEVE: Final = Row(anna="accountNotSupportedByMethod")
ADMINISTRATORS: Final = Row(anna="accountNotSupportedByMethod", listed=False)
ADMINISTRATORS_OF_ONE: Final = Row(anna="accountNotSupportedByMethod", more={"id": "pYW5uYQ"}, listed=False)
NO_ACCOUNT: Final = Row(in_account=False, carl="ok", bert="ok")  # about who asks, in no account

ROWS: Final[dict[str, Row]] = {
    "Core/echo": NO_ACCOUNT,
    # Whoever has an account may bring octets along; they stay his own, and what is the owner's is opened by its rules.
    "Blob/upload": Row(bert="ok", more={"create": {"a": {"data": [{"data:asText": "x"}]}}}),
    "Blob/get": Row(bert="ok", more={"ids": ["U0"]}, listed=False),
    "Blob/lookup": Row(bert="ok", more={"typeNames": [], "ids": ["U0"]}),
    "Blob/copy": Row(
        "fromAccountNotFound", "fromAccountNotFound", more={"fromAccountId": "u", "blobIds": []}, plain=True
    ),
    # Sharing and preferences.
    **_of("Principal", STANDARD, OWN, changes=OWN_UNFOLLOWED, queryChanges=OWN_UNFOLLOWED),
    # Whoever signs in may ask when people are busy.
    "Principal/getAvailability": Row(
        bert="ok", more={"id": "pYW5uYQ", "utcStart": "2026-03-01T00:00:00Z", "utcEnd": "2026-03-02T00:00:00Z"}
    ),
    **_of("ShareNotification", STANDARD, OWN, queryChanges=OWN_UNFOLLOWED),
    **_of("Grant", "get set", OWN),
    **_of("Preferences", "get changes set", OWN),
    # Nobody reaches another's ways in, a superuser neither; what changes them needs a session that is fresh.
    **_of("AppPassword", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    **_of("OpenSession", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    "OpenSession/endOthers": Row(plain=True),
    "Proof/begin": Row("forbidden", plain=True),
    "Proof/give": Row("forbidden", more={"password": "secret"}, plain=True),
    **_of("SecondFactor", "get changes", OWN),
    "SecondFactor/begin": Row("needsProof", plain=True),
    "SecondFactor/confirm": Row("needsProof", more={"code": "000000"}, plain=True),
    "SecondFactor/renewCodes": Row("needsProof", plain=True),
    "SecondFactor/turnOff": Row("needsProof", plain=True),
    **_of("Passkey", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    "Passkey/begin": Row("forbidden", plain=True),
    "Passkey/finish": Row("forbidden", more={"name": "x", "credential": {}}, plain=True),
    "PasswordPolicy/get": OWN,
    **_of("Recovery", "get changes set", OWN),
    # For administrators, in their own account: everybody else's is without the capability.
    **_of("Person", "get set", ADMINISTRATORS),
    "Person/search": ADMINISTRATORS,
    "Person/devices": ADMINISTRATORS_OF_ONE,
    "Person/resetSignIn": ADMINISTRATORS_OF_ONE,
    **_of("OutboxLetter", "get set", ADMINISTRATORS),
    "Job/get": ADMINISTRATORS,
    "Job/runNow": ADMINISTRATORS_OF_ONE,
    **_of("MessageOfTheDay", "get set", ADMINISTRATORS),
    "Peer/get": ADMINISTRATORS,
    "AuditEntry/get": ADMINISTRATORS,
    "Site/get": OWN,
    **_of("DataImport", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    "Data/export": Row(anna="notFound", bert="notFound", more={"calendarId": "c0"}, plain=True),
    **_of("Link", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    **_of("WebCalendar", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    "WebCalendar/reload": Row("notFound", more={"id": "c1"}, plain=True),
    "Principal/findSlots": Row(
        more={"required": ["pYW5uYQ"], "utcStart": "2026-03-01T00:00:00Z", "utcEnd": "2026-03-02T00:00:00Z"}
    ),
    "Recipient/query": Row(more={"text": "zoe"}),
    # Calendars and tasks.
    **_of("Calendar", "get changes set", SHARED),
    **_of("CalendarEvent", f"{STANDARD} copy parse", SHARED, queryChanges=SHARED_UNFOLLOWED, copy=SHARED_COPY),
    **_of("ParticipantIdentity", "get changes set", SHARED),
    **_of("CalendarEventNotification", STANDARD, SHARED, queryChanges=SHARED_UNFOLLOWED),
    **_of("TaskList", "get changes set", SHARED),
    **_of("Task", f"{STANDARD} copy", SHARED, queryChanges=SHARED_UNFOLLOWED, copy=SHARED_COPY),
    # Contacts.
    **_of("AddressBook", "get changes set", SHARED),
    **_of("ContactCard", f"{STANDARD} copy parse", SHARED, queryChanges=SHARED_UNFOLLOWED, copy=SHARED_COPY),
    # Mail.
    **_of("Mailbox", STANDARD, MAIL),
    **_of("Email", f"{STANDARD} import copy", MAIL),
    **_of("Thread", "get changes", MAIL),
    **_of("Identity", "get changes set", OWN, changes=OWN_UNFOLLOWED),
    **_of("EmailSubmission", STANDARD, OWN, changes=OWN_UNFOLLOWED, queryChanges=OWN_UNFOLLOWED),
    **_of("VacationResponse", "get set", NO_SIEVE),
    **_of("SieveScript", "get query set", NO_SIEVE),
    "SieveScript/validate": Row("accountNotSupportedByMethod", more={"blobId": "U0"}),
    "MDN/send": Row(None, more={"identityId": "i", "send": {}}),
    "MDN/parse": OWN,
    "Email/parse": Row(more={"blobIds": []}),
    "SearchSnippet/get": Row(None, more={"emailIds": []}, plain=True),
    **_of("Quota", "get changes query queryChanges", MAIL),
    **_of("MailFilter", "get changes set", MAIL),
    **_of("Forward", "get changes set", MAIL),
    **_of("DeliveryNotice", "get changes set", MAIL),
    **_of("VacationDetails", "get changes set", MAIL),
    **_of("MailAccount", "get changes set", MAIL),
    **_of("Label", "get changes set", MAIL),
    **_of("Snooze", "get changes set", MAIL),
    **_of("MailDelegate", "get changes set", MAIL),
    **_of("MailboxGrant", "get changes set", MAIL),
    "Email/deleteToTrash": Row(None, more={"emailIds": []}),
    "Email/junk": Row(None, more={"emailIds": []}),
    "Email/redirect": Row(None, more={"emailId": "x", "identityId": "i", "to": [{"email": "a@example.com"}]}),
    **_of("SmimeKey", "get changes set", MAIL),
    "SmimeKey/import": Row(None, more={"blobId": "U0"}, plain=True),
    "SmimeKey/lookup": Row(more={"addresses": []}),
    "Email/compose": Row(None, more={"kind": "reply", "emailIds": ["x"]}),
    "EmailView/get": MAIL,
    "Mailbox/empty": Row(None, more={"mailboxId": "x"}),
    "Mailbox/expunge": Row(None, more={"mailboxId": "x"}),
    "Mailbox/markRead": Row(None, more={"mailboxId": "x"}),
    "Mailbox/clean": Row(None, more={"before": "2020-01-01"}),
    # Pushes: of who asks, by session.
    **_of("PushSubscription", "get set", NO_ACCOUNT),
}
