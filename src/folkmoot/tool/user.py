"""``folkmoot user``: the people of the built-in user source."""

import json
import secrets
import sys
from typing import Final

import click

from folkmoot.administration.people import owned_by, remove_person
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.local import NewUser
from folkmoot.directory.passwords import PASSWORD_MAX
from folkmoot.directory.principal import PrincipalKind
from folkmoot.store.records import Kind
from folkmoot.tool.built_in import with_built_in
from folkmoot.tool.columns import echo_rows
from folkmoot.tool.environment import load_settings
from folkmoot.tool.user_members import members

LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1, which look like others
GENERATED: Final = (4, 4)  # groups and letters of each: 80 bits, and typed on a phone without shift

KINDS: Final = [kind.value for kind in PrincipalKind]

_stdin = click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")
_generate = click.option("--generate", is_flag=True, help="Make a password and print it.")


@click.group("user")
def user() -> None:
    """Manage the people of the built-in user source, in use where SOGoUserSources names none."""


user.add_command(members)


@user.command("add")
@click.argument("login")
@click.option("--name", default="", help="Name to show; without it the login.")
@click.option("--mail", default="", metavar="ADDRESS", help="Main mail address.")
@click.option("--alias", "aliases", multiple=True, metavar="ADDRESS", help="Further address; may be repeated.")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], help="Whether it is a person or can be booked.")
@click.option(
    "--bookings", default=0, metavar="N", help="Meetings a resource takes at a time: 0 any, -1 any but shown busy."
)
@click.option("--no-password", is_flag=True, help="Nobody can log in as this user; the rule for resources.")
@_stdin
@_generate
@click.pass_context
def add(
    ctx: click.Context,
    *,
    login: str,
    name: str,
    mail: str,
    aliases: tuple[str, ...],
    kind: str,
    bookings: int,
    no_password: bool,
    from_stdin: bool,
    generate: bool,
) -> None:
    """Add the user LOGIN."""
    person = NewUser(login, name, mail, aliases, PrincipalKind(kind), bookings)
    without = no_password or (person.kind is not PrincipalKind.INDIVIDUAL and not (from_stdin or generate))
    password = None if without else _password(from_stdin=from_stdin, generate=generate)
    added = with_built_in(load_settings(ctx), lambda source, _: source.add(person, password))
    click.echo(f"{added.id}: {password}" if generate else f"Added {added.id}.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List all users: login, kind, name, addresses."""
    people = with_built_in(load_settings(ctx), lambda source, _: source.list_all())
    if as_json:
        for person in people:
            row = {"login": person.id, "kind": person.kind, "name": person.display_name, "mails": person.mails}
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        echo_rows([(person.id, person.kind, person.display_name, " ".join(person.mails)) for person in people])


@user.command("passwd")
@click.argument("login")
@_stdin
@_generate
@click.option("--must-change", is_flag=True, help="It serves for choosing another (SOGoPasswordChangeEnabled).")
@click.pass_context
def passwd(ctx: click.Context, *, login: str, from_stdin: bool, generate: bool, must_change: bool) -> None:
    """Give LOGIN another password; it works at once, the old one stops within seconds."""
    password = _password(from_stdin=from_stdin, generate=generate)
    with_built_in(load_settings(ctx), lambda source, _: source.set_password(login, password, must_change=must_change))
    click.echo(f"{login}: {password}" if generate else f"The password of {login} is changed.")


@user.command("remove")
@click.argument("login")
@click.option("--purge", is_flag=True, help="Remove all calendars, address books and files of the user too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def remove(ctx: click.Context, *, login: str, purge: bool, yes: bool) -> None:
    """Remove the user LOGIN; what the user owns stays unless --purge is given."""
    settings = load_settings(ctx)
    principal = PrincipalId(login.strip().lower())
    everything = with_built_in(settings, lambda _, database: owned_by(database, principal))
    owned = [one for one in everything if one.kind not in {Kind.MAIL, Kind.PERSON}]  # which only count changes
    also = f" and {_counted(len(owned))}" if purge else ""
    if not yes:
        click.confirm(f"Remove {principal}{also}?", abort=True)
    with_built_in(
        settings,
        lambda source, database: remove_person(source, database, SystemClock(), principal, everything if purge else []),
    )
    click.echo(f"Removed {principal}{also}.")
    if owned and not purge:
        click.echo(
            f"{_counted(len(owned)).capitalize()} of {principal} remain, and would belong to a new user of that name; "
            f"`folkmoot user remove --purge {principal}` removes them."
        )


def _password(*, from_stdin: bool, generate: bool) -> str:
    """Return a password that is never an argument, since those are seen in the list of processes."""
    if from_stdin and generate:
        raise click.UsageError("--password-stdin and --generate exclude each other")
    if generate:
        groups, letters = GENERATED
        return "-".join("".join(secrets.choice(LETTERS) for _ in range(letters)) for _ in range(groups))
    if from_stdin:
        password = sys.stdin.readline(PASSWORD_MAX + 2).rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not password:
        raise click.UsageError("the password is empty")
    return str(password)


def _counted(number: int) -> str:
    return f"{number} collection{'' if number == 1 else 's'}"
