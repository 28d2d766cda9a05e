"""How much one person may send."""

import pytest

from folkmoot.mailboxes.errors import SendingBlocked
from folkmoot.mailboxes.submission_limits import SubmissionLimits, require_room

THREE = SubmissionLimits(messages=3, interval_ms=30_000, block_ms=300_000)
TEN = SubmissionLimits(recipients=10, interval_ms=30_000, block_ms=300_000)


@pytest.mark.parametrize(
    ("sent", "limits", "recipients", "now", "until"),
    [
        ([], THREE, 1, 0, None),
        ([(1_000, 1), (2_000, 1)], THREE, 1, 3_000, None),
        ([(1_000, 1), (2_000, 1), (3_000, 1)], THREE, 1, 4_000, 303_000),
        ([(1_000, 1), (2_000, 1), (3_000, 1)], THREE, 1, 303_000, None),
        ([(1_000, 1), (2_000, 1), (32_000, 1)], THREE, 1, 33_000, None),
        ([(3_000, 1), (2_000, 1), (1_000, 1)], THREE, 1, 4_000, 303_000),
        ([(1_000, 6)], TEN, 5, 2_000, 32_000),
        ([(1_000, 6)], TEN, 4, 2_000, None),
        ([(1_000, 6), (2_000, 4)], TEN, 1, 40_000, 302_000),
        ([], TEN, 11, 0, 30_000),
        ([(1, 1000)] * 1000, SubmissionLimits(), 1000, 2, None),
    ],
)
def test_who_reaches_a_limit_is_blocked(
    sent: list[tuple[int, int]], limits: SubmissionLimits, recipients: int, now: int, until: int | None
) -> None:
    if until is None:
        require_room(sent, limits, recipients=recipients, now=now)
        return
    with pytest.raises(SendingBlocked) as caught:
        require_room(sent, limits, recipients=recipients, now=now)
    assert caught.value.until == until
