"""How much one person may send in a short time (SOGoMaximumMessageSubmissionCount and its kin)."""

from collections.abc import Sequence
from dataclasses import dataclass

from folkmoot.config.security_section import SecuritySettings
from folkmoot.mailboxes.errors import SendingBlocked


@dataclass(frozen=True, slots=True)
class SubmissionLimits:
    """The limits; 0 is none."""

    messages: int = 0
    recipients: int = 0
    interval_ms: int = 30_000
    block_ms: int = 300_000

    @property
    def any(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.messages or self.recipients)

    @property
    def window_ms(self) -> int:
        """How far back what was sent matters."""
        return self.interval_ms + self.block_ms


def limits_of(security: SecuritySettings) -> SubmissionLimits:
    """Return what the settings say."""
    return SubmissionLimits(
        messages=security.submissions_max,
        recipients=security.submission_recipients_max,
        interval_ms=security.submissions_interval_seconds * 1000,
        block_ms=security.submissions_block_seconds * 1000,
    )


def require_room(sent: Sequence[tuple[int, int]], limits: SubmissionLimits, *, recipients: int, now: int) -> None:
    """Check that a message to so many recipients may go now.

    Whoever reaches a limit within the interval is blocked from then on; one message alone may not go beyond it either.

    Args:
        sent: when the person has sent, in milliseconds since 1970 UTC, and to how many.
        limits: what holds.
        recipients: of the new message.
        now: the present.

    Raises:
        SendingBlocked: it may not go.
    """
    until = _blocked_until(sent, limits)
    if until > now:
        raise SendingBlocked("too many messages were sent in a short time; try again later", until)
    recent = sum(count for at, count in sent if at > now - limits.interval_ms)
    if limits.recipients and recent + recipients > limits.recipients:
        raise SendingBlocked(
            f"the messages of a short time may have {limits.recipients} recipients together", now + limits.interval_ms
        )


def _blocked_until(sent: Sequence[tuple[int, int]], limits: SubmissionLimits) -> int:
    until = 0
    ordered = sorted(sent)
    first = messages = recipients = 0
    for at, count in ordered:
        messages += 1
        recipients += count
        while ordered[first][0] <= at - limits.interval_ms:
            messages -= 1
            recipients -= ordered[first][1]
            first += 1
        full = 0 < limits.messages <= messages or 0 < limits.recipients <= recipients
        if full:
            until = max(until, at + limits.block_ms)
    return until
