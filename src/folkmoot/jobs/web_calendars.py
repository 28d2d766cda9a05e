"""Refreshes one web calendar, and says when to look again."""

from dataclasses import dataclass

import structlog

from folkmoot.calendars.web.refresh import WebRefresh
from folkmoot.core.ids import CollectionId
from folkmoot.store.jobs import Job

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WebCalendarLooks:
    """The handler of web calendar jobs, whose key is the collection's number."""

    refresh: WebRefresh

    async def run(self, job: Job) -> int | None:
        """Look at the document; a look that fails is noted with the calendar and is no failure of the job."""
        if not job.key.isdecimal():
            return None
        collection_id = CollectionId(int(job.key))
        report = await self.refresh.refresh(collection_id)
        if report is None:
            return None
        if report.error:
            log.info("web calendar not refreshed", collection=collection_id, error=report.error, reason=report.message)
        return await self.refresh.next_look(collection_id)
