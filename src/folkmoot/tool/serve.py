"""``folkmoot serve``: the daemon."""

from typing import TYPE_CHECKING

import click

from folkmoot.tool.environment import Invocation

if TYPE_CHECKING:
    from folkmoot.server.embedded_mail import EmbeddedMail


@click.command("serve")
@click.option("--user", default="", metavar="NAME", help="Become this user after binding the port; needs root.")
@click.option("--allow-root", is_flag=True, help="Run as root all the same, as containers must.")
@click.option("--next-free-port", is_flag=True, help="Take the next free port if the configured one is taken.")
@click.option("--welcome", is_flag=True, help="Print where to connect once the port is bound.")
@click.pass_context
def serve(ctx: click.Context, *, user: str, allow_root: bool, next_free_port: bool, welcome: bool) -> int:
    """Run the server until it is told to stop.

    SIGTERM ends it, SIGHUP reads the settings again and replaces the workers one by one, SIGUSR1 opens the log
    file again.
    """
    from folkmoot.server.daemon import Daemon

    invocation = ctx.find_object(Invocation) or Invocation()
    daemon = Daemon(invocation.settings, user=user, allow_root=allow_root, next_free_port=next_free_port)
    return daemon.run(_welcome if welcome else None)


def _welcome(address: str, mail: "EmbeddedMail | None") -> None:
    click.echo(
        f"""
Folkmoot listens on http://{address}/
  In the browser:                 http://{address}/SOGo/
  Thunderbird, Evolution, DAVx5:  http://{address}/SOGo/dav/
  iPhone, iPad, Mac:              server {address}, without TLS, account type CalDAV or CardDAV"""
    )
    if mail is not None and mail.missing:
        click.echo(f"  No mail:                        {mail.missing}")
    elif mail is not None:
        ports = mail.place.ports
        click.echo(
            "  Mail programs on this machine:  server 127.0.0.1 without TLS, "
            f"IMAP port {ports.imap}, SMTP {ports.submission}, Sieve {ports.sieve}"
        )
    click.echo("  Stop with Ctrl-C.")
