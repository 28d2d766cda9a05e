"""A clock that a test sets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class SetClock:
    """Shows what it was set to."""

    present: datetime

    def now(self) -> datetime:
        return self.present

    def milliseconds(self) -> int:
        return int((self.present - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))

    def pass_(self, **length: float) -> None:
        """Let time pass: ``clock.pass_(minutes=5)``."""
        self.present += timedelta(**length)
