"""Switches vacation answers on and off on the days that people have set, where the mail server cannot do so itself."""

from dataclasses import dataclass

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, Unsupported
from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.filters import Filters
from folkmoot.store.jobs import Job

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Vacations:
    """The handler of vacation jobs, whose key is a principal."""

    filters: Filters

    async def run(self, job: Job) -> int | None:
        """Write the person's script as this day makes it, and say when to look again.

        What another attempt will not mend is logged, and is no failure: the person is gone, or nothing lets us in.
        """
        try:
            return await self.filters.refresh(Caller(PrincipalId(job.key)))
        except (NotFound, Forbidden, MalformedInput, Unsupported) as error:
            log.warning("vacation answer not switched", principal=job.key, reason=str(error))
            return None
