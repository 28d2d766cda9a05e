"""What a script depends on beside a person's wishes: the server, the domain, the day."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS_DEFAULT = 7


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The circumstances under which a script is written or read."""

    capabilities: frozenset[str]  # of the server's Sieve, in lower case
    now: datetime  # aware
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))  # the person's
    separator: str = "/"  # of mailbox names on the server
    periods: bool = True  # SOGoVacationPeriodEnabled
    zero_days: bool = False  # SOGoVacationAllowZeroDays
    default_subject: str = ""  # SOGoVacationDefaultSubject
    vacation_header: str = ""  # of vacation texts, filled in
    vacation_footer: str = ""
    script_header: str = ""  # of scripts, with require lines of their own
    script_footer: str = ""

    @property
    def dates(self) -> bool:
        """Whether the server compares dates itself (RFC 5260, RFC 5231)."""
        return {"date", "relational"} <= self.capabilities

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def offset(self) -> str:
        """The zone's present offset from UTC, such as ``-0600``."""
        offset = self.now.astimezone(self.zone).utcoffset() or timedelta()
        minutes = int(offset.total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        return f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
