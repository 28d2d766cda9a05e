"""``folkmoot mail-events``: what a Dovecot of the administrator's own needs to tell of new mail."""

from typing import Final

import click

from folkmoot.core.errors import ConfigurationError
from folkmoot.stack.lua import script
from folkmoot.stack.mail_events import SECRET_MIN
from folkmoot.tool.environment import load_settings

USUAL: Final = "http://127.0.0.1:20000"


@click.command("mail-events")
@click.option("--url", default=USUAL, show_default=True, help="Where Dovecot reaches Folkmoot, without a path.")
@click.pass_context
def mail_events(ctx: click.Context, *, url: str) -> None:
    """Print the Lua script with which a Dovecot of your own tells of new mail.

    It holds FolkmootMailEventsSecret: keep it readable by Dovecot's mail processes alone.
    """
    secret = load_settings(ctx).server.mail_events_secret
    if len(secret) < SECRET_MIN:
        raise ConfigurationError(f"FolkmootMailEventsSecret needs at least {SECRET_MIN} characters")
    click.echo(script(f"{url.rstrip('/')}/.folkmoot/mail", secret), nl=False)
