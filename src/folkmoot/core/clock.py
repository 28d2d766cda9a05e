"""The present, handed to rooms so that tests may choose it."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the present comes from."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""

    def milliseconds(self) -> int:
        """Return the present in milliseconds since 1970, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def milliseconds(self) -> int:
        return time.time_ns() // 1_000_000
