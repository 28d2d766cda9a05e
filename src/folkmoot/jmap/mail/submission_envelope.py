"""The envelope of an ``EmailSubmission``: addresses, and those parameters of SMTP that are understood (RFC 8621 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.protocol.describing import Described
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.mail.addresses import mailbox
from folkmoot.mail.submission import ENVELOPE_ID_MAX, RECIPIENTS_MAX, DeliveryNotice, Notify
from folkmoot.mailboxes.submission_values import SendEnvelope

HOLD_DIGITS_MAX: Final = 9  # of a number of seconds (RFC 4865 section 4)
_NEVER: Final = "NEVER"
# What has no say in how we send: the transaction finds these out by itself.
_OURS: Final = frozenset({"BODY", "SIZE", "SMTPUTF8"})


class EnvelopeAddress(Described):
    """An address of an envelope, and parameters of its command."""

    email: str
    parameters: dict[str, str | None] | None = None


class Envelope(Described):
    """Who sends and who gets a message (RFC 8621 section 7)."""

    mail_from: EnvelopeAddress
    rcpt_to: list[EnvelopeAddress]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client's envelope asks for."""

    envelope: SendEnvelope
    send_at: int | None = None  # milliseconds since 1970 UTC


def read_envelope(value: Mapping[str, Any], now: int, delay_max_seconds: int) -> Wanted:
    """Return what an envelope asks for; ``now`` in milliseconds.

    Raises:
        SetFailed: ``invalidRecipients``, ``noRecipients``, ``tooManyRecipients``, ``forbiddenMailFrom``, or
            ``invalidProperties`` for a parameter that is not understood.
    """
    recipients = _recipients(value.get("rcptTo") or [])
    sender = value["mailFrom"]
    try:
        mail_from = mailbox(sender["email"])
    except MalformedInput as error:
        raise SetFailed("forbiddenMailFrom", str(error)) from error
    parameters = _upper(sender.get("parameters"))
    unknown = sorted(parameters.keys() - {"HOLDFOR", "HOLDUNTIL", "RET", "ENVID"} - _OURS)
    if unknown:
        raise InvalidProperties(f"the parameter {unknown[0][:60]} is not understood", "envelope")
    notice = _notice(parameters, value.get("rcptTo") or [])
    return Wanted(SendEnvelope(recipients, mail_from, notice), _send_at(parameters, now, delay_max_seconds))


def _recipients(listed: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    if not listed:
        raise SetFailed("noRecipients", "the envelope names nobody")
    if len(listed) > RECIPIENTS_MAX:
        raise too_many(RECIPIENTS_MAX)
    found: dict[str, str] = {}
    wrong: list[str] = []
    for one in listed:
        try:
            address = mailbox(one["email"])
            found.setdefault(address.lower(), address)
        except MalformedInput:
            wrong.append(one["email"])
    if wrong:
        raise SetFailed("invalidRecipients", "some are no addresses", invalidRecipients=wrong)
    return tuple(found.values())


def too_many(most: int) -> SetFailed:
    """Return the failure of a message to too many."""
    return SetFailed("tooManyRecipients", f"a message has at most {most} recipients", maxRecipients=most)


def _upper(parameters: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name.upper(): value or "" for name, value in (parameters or {}).items()}


def _send_at(parameters: Mapping[str, str], now: int, delay_max_seconds: int) -> int | None:
    if "HOLDFOR" in parameters and "HOLDUNTIL" in parameters:
        raise InvalidProperties("HOLDFOR and HOLDUNTIL exclude each other", "envelope")
    if "HOLDFOR" in parameters:
        text = parameters["HOLDFOR"]
        if not (text.isascii() and text.isdecimal() and len(text) <= HOLD_DIGITS_MAX):
            raise InvalidProperties("HOLDFOR is a number of seconds", "envelope")
        send_at = now + int(text) * 1000
    elif "HOLDUNTIL" in parameters:
        try:
            until = datetime.fromisoformat(parameters["HOLDUNTIL"])
            send_at = int((until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, OverflowError) as error:
            raise InvalidProperties("HOLDUNTIL is a date and a time", "envelope") from error
    else:
        return None
    if send_at - now > delay_max_seconds * 1000:
        raise InvalidProperties(f"a message waits for at most {delay_max_seconds} seconds", "envelope")
    return max(send_at, now)


def _notice(parameters: Mapping[str, str], listed: Sequence[Mapping[str, Any]]) -> DeliveryNotice | None:
    wanted: set[str] = set()
    for one in listed:
        of_one = _upper(one.get("parameters"))
        unknown = sorted(of_one.keys() - {"NOTIFY", "ORCPT"})
        if unknown:
            raise InvalidProperties(f"the parameter {unknown[0][:60]} is not understood", "envelope")
        if "NOTIFY" in of_one:
            wanted |= {word.strip().upper() for word in of_one["NOTIFY"].split(",")}
    words = {one.value for one in Notify}
    if not wanted <= words | {_NEVER} or (_NEVER in wanted and len(wanted) > 1):
        raise InvalidProperties(
            "NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY, for all recipients", "envelope"
        )
    if not wanted and not parameters.keys() & {"RET", "ENVID"}:
        return None
    if parameters.get("RET", "HDRS").upper() not in {"HDRS", "FULL"}:
        raise InvalidProperties("RET is HDRS or FULL", "envelope")
    identifier = parameters.get("ENVID", "")
    if len(identifier) > ENVELOPE_ID_MAX or not identifier.isprintable():
        raise InvalidProperties("ENVID has control characters, or is too long", "envelope")
    notify = frozenset(map(Notify, wanted - {_NEVER})) if wanted else frozenset({Notify.FAILURE})
    return DeliveryNotice(notify, parameters.get("RET", "").upper() == "FULL", identifier)
