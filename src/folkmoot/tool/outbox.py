"""``folkmoot outbox``: mails that wait, were sent, or that nobody takes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Conflict
from folkmoot.database import Transaction
from folkmoot.mail import header_text
from folkmoot.store import outbox as stored
from folkmoot.store.outbox import LIST_MAX, Mail, State
from folkmoot.tool.environment import load_settings, open_database

T = TypeVar("T")

STATES: Final = [state.value for state in State]
UNSENT: Final = (State.WAITING.value, State.SENDING.value, State.DEAD.value)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")


@click.group("outbox")
def outbox() -> None:
    """See to the mails that the server writes: invitations, notices, reminders."""


@outbox.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only mails in this state.")
@click.option("--limit", default=100, type=click.IntRange(1, LIST_MAX), help="At most so many, the newest first.")
@_json
@click.pass_context
def list_(ctx: click.Context, *, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List mails that are not sent yet, or those in the states asked for."""
    wanted = [State(state) for state in states or UNSENT]

    async def work(tx: Transaction) -> tuple[list[Mail], dict[State, int]]:
        return await stored.list_(tx, wanted, limit), await stored.counts(tx)

    mails, counts = _run(load_settings(ctx), work)
    if as_json:
        for mail in mails:
            click.echo(json.dumps(_summary(mail), ensure_ascii=False))
        return
    table = Table("number", "state", "kind", "recipient", "about", "attempts", "since", "answer", box=None)
    for mail in mails:
        row = (str(mail.id), mail.state.value, mail.kind, mail.recipient, _about(mail), str(mail.attempts))
        # Text: what a peer has answered is not read as markup.
        table.add_row(*(Text(header_text(one)) for one in (*row, _time(mail.created_at), mail.fault)))
    if mails:
        Console().print(table)
    click.echo(", ".join(f"{count} {state.value}" for state, count in counts.items()))


@outbox.command("show")
@click.argument("number", type=int)
@_json
@click.pass_context
def show(ctx: click.Context, *, number: int, as_json: bool) -> None:
    """Show all that is known of the mail NUMBER."""
    mail = _run(load_settings(ctx), lambda tx: stored.get(tx, number))
    if as_json:
        click.echo(json.dumps({**_summary(mail), "payload": mail.payload}, ensure_ascii=False))
        return
    for name, value in _summary(mail).items():
        click.echo(f"{name}: {value}")
    for name, value in mail.payload.items():
        if value not in ("", [], None):
            click.echo(f"\n{name}:\n{value}" if "\n" in str(value) else f"{name}: {value}")


@outbox.command("retry")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--dead", is_flag=True, help="All mails that are dead.")
@click.pass_context
def retry(ctx: click.Context, *, numbers: tuple[int, ...], dead: bool) -> None:
    """Send the mails NUMBERS as soon as possible, as if for the first time."""
    now = SystemClock().milliseconds()

    async def work(tx: Transaction) -> int:
        mails = await _chosen(tx, numbers, all_dead=dead)
        for mail in mails:
            if not await stored.retry(tx, mail, now):
                raise Conflict(f"mail {mail.id} is {mail.state.value}")
        return len(mails)

    click.echo(f"{_counted(_run(load_settings(ctx), work, writing=True))} will be sent again.")


@outbox.command("discard")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--dead", is_flag=True, help="All mails that are dead.")
@click.pass_context
def discard(ctx: click.Context, *, numbers: tuple[int, ...], dead: bool) -> None:
    """Forget the mails NUMBERS; those that were not sent never will be."""

    async def work(tx: Transaction) -> int:
        mails = await _chosen(tx, numbers, all_dead=dead)
        for mail in mails:
            if not await stored.discard(tx, mail):
                raise Conflict(f"mail {mail.id} is being sent at this moment")
        return len(mails)

    click.echo(f"{_counted(_run(load_settings(ctx), work, writing=True))} forgotten.")


async def _chosen(tx: Transaction, numbers: tuple[int, ...], *, all_dead: bool) -> list[Mail]:
    """Return the mails a command is about.

    Raises:
        NotFound: one of them does not exist.
    """
    if bool(numbers) == all_dead:
        raise click.UsageError("name mails by their numbers, or --dead")
    if all_dead:
        return await stored.list_(tx, [State.DEAD])
    return [await stored.get(tx, number) for number in dict.fromkeys(numbers)]


def _run(settings: Settings, work: Callable[[Transaction], Awaitable[T]], *, writing: bool = False) -> T:
    async def run() -> T:
        async with open_database(settings) as database:
            return await (database.write(work) if writing else database.read(work))

    return asyncio.run(run())


def _summary(mail: Mail) -> dict[str, object]:
    return {
        "number": mail.id,
        "state": mail.state.value,
        "kind": mail.kind,
        "sender": mail.sender,
        "recipient": mail.recipient,
        "about": _about(mail),
        "attempts": mail.attempts,
        "answer": mail.fault,
        "created": _time(mail.created_at),
        "changed": _time(mail.modified_at),
        "key": mail.key,
    }


def _about(mail: Mail) -> str:
    """Return what tells mails of one kind apart."""
    for name in ("reason", "event", "summary"):
        value = mail.payload.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _counted(number: int) -> str:
    return f"{number} mail{'' if number == 1 else 's'}"


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
