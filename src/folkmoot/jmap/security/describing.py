"""The types of security.  None of them tells a secret a second time."""

from typing import Annotated, Final, Literal

import msgspec

from folkmoot.jmap.protocol.describing import (
    DataType,
    Described,
    Feed,
    Id,
    UnsignedInt,
    UTCDate,
    immutable,
    server_set,
    told,
)

Door = Literal["dav", "eas", "jmap", "mail"]


class AppPassword(Described):
    """A password for one device, where nobody is there to be asked for a second factor."""

    id: Annotated[Id, server_set]
    name: Annotated[str, immutable, told("such as that of the device")]
    protocols: Annotated[
        list[Door],
        immutable,
        told("what it opens: CalDAV and CardDAV, ActiveSync, JMAP without a browser, or IMAP, SMTP and ManageSieve"),
    ]
    created: Annotated[UTCDate, server_set]
    expires: Annotated[UTCDate | None, immutable, told("null: it is good until it is destroyed")] = None
    last_used: Annotated[UTCDate | None, server_set, told("to five minutes")] = None
    last_used_from: Annotated[str, server_set, told("an address")] = ""
    last_used_by: Annotated[str, server_set, told("the program, where it says so")] = ""
    password: Annotated[str | None, server_set, told("told once, by the call that creates it")] = None


class OpenSession(Described):
    """A browser that is signed in."""

    id: Annotated[Id, server_set]
    browser: Annotated[str, server_set, told("such as `Firefox on Linux`")]
    agent: Annotated[str, server_set, told("what the browser calls itself")]
    address: Annotated[str, server_set, told("from where it was begun")]
    created: Annotated[UTCDate, server_set]
    last_used: Annotated[UTCDate, server_set, told("to five minutes")]
    expires: Annotated[UTCDate, server_set, told("unless it is used")]
    is_present: Annotated[bool, server_set, told("the one that asks")] = False


class SecondFactor(Described):
    """What is asked for after the password."""

    id: Annotated[Id, server_set]
    code: Annotated[bool, server_set, told("six digits of an authenticator app")] = False
    passkey: Annotated[bool, server_set, told("one of the passkeys that are required")] = False
    recovery_codes: Annotated[UnsignedInt, server_set, told("that are left")] = 0
    since: Annotated[UTCDate | None, server_set, told("of the app")] = None


class Passkey(Described):
    """A key pair of a device or password manager (WebAuthn)."""

    id: Annotated[Id, server_set]
    name: Annotated[str, told("such as that of the device")]
    required: Annotated[bool, told("asked for after the password; else it may stand for the password")] = False
    created: Annotated[UTCDate, server_set] = ""
    last_used: Annotated[UTCDate | None, server_set] = None


class PasswordRule(Described):
    """One rule of the policy."""

    label: Annotated[str, told("`POLICY_MIN_…`, or what the administrator calls it")]
    regex: Annotated[str, told("that a new password must match")] = ""
    value: Annotated[float, told("the least number of what a `POLICY_MIN_…` counts")] = 0.0


class PasswordPolicy(Described):
    """What a new password of one's own must satisfy; it is changed by SOGo's action `changePassword`."""

    id: Annotated[Id, server_set]
    is_offered: Annotated[bool, server_set, told("whether passwords are changed here at all")] = False
    rules: Annotated[list[PasswordRule], server_set] = msgspec.field(default_factory=list)


class Recovery(Described):
    """How one proves who one is after the password was forgotten."""

    id: Annotated[Id, server_set]
    is_offered: Annotated[bool, server_set] = False
    mode: Literal["Disabled", "SecondaryEmail", "SecretQuestion"] = "Disabled"
    questions: Annotated[list[str], server_set, told("those to choose from, by their names")] = msgspec.field(
        default_factory=list
    )
    question: Annotated[str, told("one of these")] = "SecretQuestion1"
    is_answered: Annotated[bool, server_set, told("whether the question has an answer")] = False
    answer: Annotated[str | None, told("never told; null leaves it")] = None
    address: Annotated[str, told("of another mailbox, for a link")] = ""


APP_PASSWORD: Final = DataType("AppPassword", AppPassword, feed=Feed.PERSON)
OPEN_SESSION: Final = DataType("OpenSession", OpenSession, feed=Feed.PERSON)
SECOND_FACTOR: Final = DataType("SecondFactor", SecondFactor, feed=Feed.PERSON)
PASSKEY: Final = DataType("Passkey", Passkey, feed=Feed.PERSON)
PASSWORD_POLICY: Final = DataType("PasswordPolicy", PasswordPolicy)
RECOVERY: Final = DataType("Recovery", Recovery, feed=Feed.PERSON)
