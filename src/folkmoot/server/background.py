"""The jobs of a worker: which kinds it runs, with which handlers, for how long."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

import structlog

from folkmoot.calendars.meetings.undelivered import Undelivered
from folkmoot.calendars.reminders import alarms as calendar_alarms
from folkmoot.calendars.web import calendars as web_calendars
from folkmoot.calendars.web.refresh import WebRefresh
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Unavailable
from folkmoot.fetch.fetcher import Fetcher
from folkmoot.jobs import trim
from folkmoot.jobs.alarms import Alarms
from folkmoot.jobs.intake import Intake
from folkmoot.jobs.letters import Letters
from folkmoot.jobs.outbox import Outbox
from folkmoot.jobs.runner import Handler, Runner, RunnerLimits
from folkmoot.jobs.snooze import Snooze
from folkmoot.jobs.submissions import Submissions
from folkmoot.jobs.trim import Trim, TrimPolicy
from folkmoot.jobs.vacation import Vacations
from folkmoot.jobs.web_calendars import WebCalendarLooks
from folkmoot.mailboxes import arrivals, filters
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.new_messages import NewMessages
from folkmoot.server.pushes import web_pushes
from folkmoot.server.rooms import Rooms
from folkmoot.sharing.choices import Choices
from folkmoot.store import outbox, push_subscriptions, snoozed, submissions

log = structlog.get_logger()

# Of one worker at once: waiting for a slow mail server or web server must not keep reminders waiting.
OF_KIND: Final[Mapping[str, int]] = MappingProxyType(
    {
        outbox.JOB: 4,
        submissions.JOB: 4,
        push_subscriptions.JOB: 4,
        arrivals.JOB: 4,
        web_calendars.JOB: 2,
        filters.JOB: 2,
        snoozed.JOB: 2,
        trim.KIND: 1,
    }
)


def handlers_of(settings: Settings, rooms: Rooms) -> Mapping[str, Handler]:
    """Return what is done for each kind of job."""
    directory = rooms.people_directory.directory
    fetcher = Fetcher(settings.security.allowed_private_networks)
    refresh = WebRefresh(rooms.access, fetcher, interval_minutes=settings.calendar.web_calendar_minutes)
    letters = Letters(rooms.database, directory, settings, rooms.clock)
    handlers: dict[str, Handler] = {
        outbox.JOB: Outbox(rooms.database, letters, settings, rooms.clock, Undelivered(rooms.database, rooms.clock)),
        web_calendars.JOB: WebCalendarLooks(refresh),
        trim.KIND: trim_of(settings, rooms),
        push_subscriptions.JOB: web_pushes(settings, rooms),
        submissions.JOB: Submissions(rooms.outgoing.sending),
        filters.JOB: Vacations(filters_of(rooms)),
        snoozed.JOB: Snooze(rooms.messages.snoozing, rooms.clock),
        arrivals.JOB: Intake(
            rooms.mail, NewMessages(rooms.mail), rooms.services.meetings, rooms.database, directory, rooms.clock
        ),
    }
    if settings.calendar.email_alarms:
        handlers[calendar_alarms.JOB] = Alarms(rooms.database, rooms.clock, rooms.zones, directory)
    return handlers


def filters_of(rooms: Rooms) -> Filters:
    """Return what writes people's filters."""
    return Filters(rooms.mail, Choices(rooms.database, rooms.clock), rooms.database, rooms.clock)


def trim_of(settings: Settings, rooms: Rooms) -> Trim:
    """Return what cleans up."""
    policy = TrimPolicy(
        history_days=settings.calendar.history_days,
        inbox_days=settings.calendar.inbox_days,
        failures_ms=settings.security.failed_logins_interval_seconds * 1000,
    )
    return Trim(rooms.database, rooms.clock, policy)


@asynccontextmanager
async def run_jobs(settings: Settings, rooms: Rooms, stopping: asyncio.Event) -> AsyncIterator[Runner]:
    """Run jobs in the background until the end, and take none once ``stopping`` is set."""
    try:
        await trim_of(settings, rooms).seed()
    except Unavailable as error:  # another worker, or the next start, will
        log.warning("clean-up was not asked for", reason=str(error))
    limits = RunnerLimits(of_kind=OF_KIND)
    async with Runner(rooms.database, rooms.clock, handlers_of(settings, rooms), limits) as runner:
        leaving = asyncio.create_task(_leave(runner, stopping), name="jobs: leave")
        try:
            yield runner
        finally:
            leaving.cancel()


async def _leave(runner: Runner, stopping: asyncio.Event) -> None:
    await stopping.wait()
    runner.leave()
