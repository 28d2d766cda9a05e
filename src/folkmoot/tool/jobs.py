"""``folkmoot jobs``: what the server has to do without being asked by anybody."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.database import Transaction
from folkmoot.store import jobs as stored
from folkmoot.store.jobs import LIST_MAX, Job, JobCount
from folkmoot.tool.environment import load_settings, open_database

FAULT_SHOWN: Final = 200  # characters of a fault in a table


@click.group("jobs")
def jobs() -> None:
    """See to the jobs that the server runs in the background: mails, reminders, web calendars, clean-up."""


@jobs.command("list")
@click.option("--kind", help="Only jobs of this kind: mail, alarm, web-calendar, trim.")
@click.option("--failing", is_flag=True, help="Only jobs whose last attempt failed.")
@click.option("--limit", default=100, type=click.IntRange(1, LIST_MAX), help="At most so many, the next due first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")
@click.pass_context
def list_(ctx: click.Context, *, kind: str | None, failing: bool, limit: int, as_json: bool) -> None:
    """List jobs and when they are due; times are in UTC."""
    found, counts = asyncio.run(_look(load_settings(ctx), kind, limit, failing=failing))
    if as_json:
        for job in found:
            click.echo(json.dumps(_summary(job), ensure_ascii=False))
        return
    table = Table("kind", "key", "due", "running until", "attempts", "last failure", box=None)
    for job in found:
        until = _time(job.leased_until) if job.lease else ""
        row = (job.kind, job.key, _time(job.due_at), until, str(job.attempts), _one_line(job.fault))
        table.add_row(*map(Text, row))  # Text: what a peer has answered is not read as markup
    if found:
        Console().print(table)
    click.echo("; ".join(f"{one.all} {one.kind}, {one.due} due, {one.failing} failing" for one in counts) or "no jobs")


@jobs.command("run")
@click.pass_context
def run(ctx: click.Context) -> None:
    """Run everything that is due now, and leave; the server need not be stopped for it."""
    from folkmoot.server import logs

    settings = load_settings(ctx)
    logs.configure(logs.LogFile("-"), json=settings.logging.format == "json", level=settings.logging.level)
    count = asyncio.run(_run(settings))
    click.echo(f"{count} jobs run")


async def _look(
    settings: Settings, kind: str | None, limit: int, *, failing: bool
) -> tuple[Sequence[Job], Sequence[JobCount]]:
    now = SystemClock().milliseconds()

    async def work(tx: Transaction) -> tuple[Sequence[Job], Sequence[JobCount]]:
        found = await stored.list_(tx, kind=kind, failing=failing, limit=limit)
        return found, await stored.counts(tx, now)

    async with open_database(settings) as database:
        return await database.read(work)


async def _run(settings: Settings) -> int:
    from folkmoot.jobs.runner import Runner
    from folkmoot.server.background import handlers_of, trim_of
    from folkmoot.server.rooms import open_rooms

    async with open_database(settings):  # brings its tables up to date
        pass
    async with open_rooms(settings) as rooms:
        await trim_of(settings, rooms).seed()
        return await Runner(rooms.database, rooms.clock, handlers_of(settings, rooms)).run_due()


def _summary(job: Job) -> dict[str, object]:
    return {
        "kind": job.kind,
        "key": job.key,
        "due": _time(job.due_at),
        "running_by": job.lease,
        "running_until": _time(job.leased_until) if job.lease else None,
        "attempts": job.attempts,
        "fault": job.fault,
        "payload": job.payload,
    }


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _one_line(fault: str) -> str:
    return "".join(c if c.isprintable() else " " for c in fault)[:FAULT_SHOWN]
