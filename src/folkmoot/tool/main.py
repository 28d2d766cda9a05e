"""The ``folkmoot`` program: finds the command, takes ``-Key value`` pairs as SOGo's programs do."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from folkmoot import __version__
from folkmoot.core.errors import FolkmootError

# Name, module and one line of help: what --help shows without importing anything.
COMMANDS: Final = {
    "serve": ("folkmoot.tool.serve", "Run the server."),
    "user": ("folkmoot.tool.user", "Manage the people of the built-in user source."),
    "reset-sign-in": ("folkmoot.tool.reset_sign_in", "Forget somebody's sessions, app passwords and second factors."),
    "share": ("folkmoot.tool.share", "See and change with whom calendars and address books are shared."),
    "check-config": ("folkmoot.tool.check_config", "Report every fault of a configuration file."),
    "check-store": ("folkmoot.tool.check_store", "Check the consistency of what is stored."),
    "outbox": ("folkmoot.tool.outbox", "See to the mails that the server sends, and to those that failed."),
    "update-autoreply": ("folkmoot.tool.update_autoreply", "Let vacation answers begin and end on their days."),
    "mail-events": ("folkmoot.tool.mail_events", "Print the script with which your Dovecot tells of new mail."),
    "jobs": ("folkmoot.tool.jobs", "See to what the server does in the background."),
    "import": ("folkmoot.tool.transfer", "Import calendars and contacts from files."),
    "export": ("folkmoot.tool.transfer", "Export a calendar or an address book to a file."),
    "demo": ("folkmoot.tool.demo.command", "Make demo people with a year of events, and contacts."),
}
# For who builds upon it; --help does not show them.
HIDDEN: Final = {"jmap-types": "folkmoot.tool.jmap_types"}
_ATTRIBUTES: Final = {
    "jmap-types": "jmap_types",
    "import": "import_",
    "check-config": "check_config",
    "check-store": "check_store",
    "mail-events": "mail_events",
    "reset-sign-in": "reset_sign_in",
    "update-autoreply": "update_autoreply",
}


class _Commands(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = COMMANDS[cmd_name][0] if cmd_name in COMMANDS else HIDDEN.get(cmd_name)
        if known is None:
            return None
        command: click.Command = getattr(import_module(known), _ATTRIBUTES.get(cmd_name, cmd_name))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="Folkmoot %(version)s")
@click.option(
    "--config",
    "-c",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read this configuration file instead of /etc/sogo/sogo.conf; the first one given is the strongest.",
)
@click.pass_context
def folkmoot(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Folkmoot: calendars, tasks and contacts for phones and computers, from SOGo's configuration.

    Any parameter of sogo.conf may be given as "-Key value".
    """
    from folkmoot.tool.environment import Invocation

    ctx.obj = Invocation(files, ctx.meta.get("folkmoot.overrides", ()))


def main(arguments: list[str] | None = None) -> None:
    """Run the program; expected failures become one line and exit status 1."""
    from folkmoot.config.load import take_overrides

    overrides, others = take_overrides(sys.argv[1:] if arguments is None else arguments)
    try:
        with folkmoot.make_context("folkmoot", others) as ctx:
            ctx.meta["folkmoot.overrides"] = tuple(overrides)
            status = folkmoot.invoke(ctx)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except FolkmootError as error:
        click.echo(f"folkmoot: {error}", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def sogod() -> None:
    """Run the server as SOGo's service files call it: ``sogod -WOWorkersCount 3 -WOPidFile FILE -WOLogFile FILE``."""
    main(["serve", *sys.argv[1:]])
