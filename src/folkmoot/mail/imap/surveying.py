"""When very many messages came, and one section of each, read without making values of what surrounds it.

What a server writes in another way than nearly all do is read as any FETCH is.
"""

import re
from collections.abc import Callable
from typing import Final

from folkmoot.core.memo import Memo
from folkmoot.mail.imap.commands import Piece
from folkmoot.mail.imap.fetching import check_section
from folkmoot.mail.imap.responses import read_date, read_fetch, section_of
from folkmoot.mail.imap.sequence_sets import Membership, write_sets
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.values import Uids
from folkmoot.mail.imap.wire import Told, Wire

Surveyed = Callable[[int, int | None, bytes], None]
"""Is given a UID, the moment of receipt in seconds since 1970 UTC, and the section."""

AT_ONCE: Final = 500  # messages, some 2 ms with what is made of them; then others may run
DAYS_MAX: Final = 20_000  # days and zones remembered: 50 years of them
_days: Final[Memo[int]] = Memo(DAYS_MAX)


async def survey(session: Session, uids: Uids, section: str, take: Surveyed) -> None:
    """Fetch INTERNALDATE and a section of messages; see ``Connection.survey``."""
    check_section(section)
    asked = section.encode("ascii")
    name = section_of(f"BODY[{section}]")
    head = re.compile(_HEAD % re.escape(asked))
    wanted = Membership(uids)

    def told(response: Told) -> None:
        if response.name != "FETCH":
            return
        one = read_fetch(response.values)
        octets = one.sections.get(name)
        if one.uid not in wanted or (octets is None and one.received is None):  # somebody changed flags
            session.stale = True
            return
        take(one.uid, one.received, octets or b"")

    def skimmed(head: re.Match[bytes], octets: bytes) -> None:
        uid = int(head[1])
        if uid in wanted:
            take(uid, _moment(head[2], head[3], head[4]), octets)
        else:
            session.stale = True

    def skim(wire: Wire) -> int:
        return wire.skim(head, skimmed, AT_ONCE)

    item = b"(INTERNALDATE BODY.PEEK[%s])" % asked
    commands: list[list[Piece]] = [[b"UID FETCH %s %s" % (one.encode("ascii"), item)] for one in write_sets(uids)]
    await session.run_each("FETCH", commands, take=told, skim=skim)


def _moment(day: bytes, time: bytes, zone: bytes) -> int | None:
    midnight = _days.get((day, zone))
    if midnight is None:
        midnight = read_date(day + b" 00:00:00 " + zone)
        if midnight is None:
            return None
        _days.put((day, zone), midnight)
    return midnight + 3600 * int(time[:2]) + 60 * int(time[3:5]) + int(time[6:])


_HEAD: Final = (
    rb"\* [0-9]{1,10} FETCH \(UID ([0-9]{1,10}) "
    rb"INTERNALDATE \"([ 0-9][0-9]-[A-Za-z]{3}-[0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) ([+-][0-9]{4})\" "
    rb"BODY\[%s\] \{([0-9]{1,6})\}\r\n"
)
