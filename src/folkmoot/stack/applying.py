"""The settings as they are with embedded mail: its servers in the place of configured ones."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.stack.place import LOOPBACK, Place, known_place

SYSTEM: Final = "folkmoot"  # as whom the server signs in to the relay
SUBMISSION: Final = "dovecot"  # as whom Dovecot's submission service does


def with_embedded_mail(settings: Settings, place: Place) -> Settings:
    """Return the settings, of the system and of each domain, with the servers of ``place``."""
    domains = {name: with_embedded_mail(one, place) for name, one in settings.domains.items()}
    ports = place.ports
    return replace(
        settings,
        domains=MappingProxyType(domains),
        imap=replace(
            settings.imap, server=f"imap://{LOOPBACK}:{ports.imap}", credentials="token", login_with_address=False
        ),
        sieve=replace(settings.sieve, server=f"sieve://{LOOPBACK}:{ports.sieve}"),
        smtp=replace(
            settings.smtp,
            mechanism="smtp",
            server=f"smtp://{LOOPBACK}:{ports.relay}",
            authentication="PLAIN",
            master_user=True,
            master_user_name=SYSTEM,
            master_user_password=place.secret,
        ),
    )


def as_served(settings: Settings) -> Settings:
    """Return the settings as the running server has them, for commands beside it."""
    place = known_place(settings.server.state_directory) if settings.server.embedded_mail else None
    return with_embedded_mail(settings, place) if place else settings
