"""What an administrator allows of filters, vacation answers and forwarding, and what the settings add to scripts."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from folkmoot.config.servers_section import SieveSettings
from folkmoot.core.errors import Forbidden
from folkmoot.mail.addresses import header_text
from folkmoot.mail.imap.names import check_name, encode_name
from folkmoot.mailboxes.sieve.choices import FILTERS, FORWARD, NOTIFICATION, VACATION
from folkmoot.mailboxes.sieve.surroundings import DAYS_DEFAULT
from folkmoot.mailboxes.sieve.values import Method, Vacation, Wishes
from folkmoot.sharing.preferences import flag

TEMPLATE_MAX: Final = 64 * 1024  # octets of one template
WITHIN: Final = 1  # bits of SOGoForwardConstraints
OUTSIDE: Final = 2
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Templates:
    """Texts of the administrator's files; empty where there is none."""

    vacation_header: str = ""
    vacation_footer: str = ""
    script_header: str = ""
    script_footer: str = ""


async def read_templates(settings: SieveSettings) -> Templates:
    """Read the files that the settings name; what cannot be read is logged and left out."""
    paths = (
        settings.vacation_header_path,
        settings.vacation_footer_path,
        settings.script_header_path,
        settings.script_footer_path,
    )
    if not any(paths):
        return Templates()
    return Templates(*await asyncio.to_thread(lambda: tuple(map(_text_of, paths))))


def filled(template: str, name: str, vacation: Vacation, *, zero_days: bool) -> str:
    """Return a template of vacation texts with the person's name and days in it."""
    days = DAYS_DEFAULT if vacation.days is None else vacation.days
    shown = days if days > 0 or zero_days else DAYS_DEFAULT
    return template.replace("%{username}", header_text(name)).replace("%{daysBetweenResponse}", str(shown))


def mailbox_argument(settings: SieveSettings, name: str) -> str:
    """Return how a filter names a mailbox in its ``fileinto`` (SOGo's ``sievePath``; SOGoSieveFolderEncoding).

    Raises:
        MalformedInput: no mailbox may be called so.
    """
    check_name(name)
    return name if settings.folder_encoding == "UTF-8" else encode_name(name).decode("ascii")


def any_allowed(settings: SieveSettings) -> bool:
    """Whether people may have any script at all."""
    return settings.scripts or settings.vacation or settings.forward or settings.notification


def allowed_parts(settings: SieveSettings, wishes: Wishes) -> Wishes:
    """Return the wishes without those that the administrator does not, or no longer, allow."""
    return Wishes(
        wishes.filters if settings.scripts else (),
        wishes.vacation if settings.vacation else None,
        wishes.forward if settings.forward else None,
        wishes.notification if settings.notification else None,
    )


def check_offered(settings: SieveSettings, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Refuse that something is switched on that would do nothing.

    Raises:
        Forbidden: it is not offered here.
    """
    for key, offered, what in (
        (VACATION, settings.vacation, "vacation answers"),
        (FORWARD, settings.forward, "forwarding"),
        (NOTIFICATION, settings.notification, "notices"),
    ):
        if not offered and _on(after.get(key)) and not _on(before.get(key)):
            raise Forbidden(f"{what} are not offered" if key != FORWARD else f"{what} is not offered")
    active = [one for one in _list(after.get(FILTERS)) if isinstance(one, dict) and flag(one.get("active"))]
    if not settings.scripts and active and after.get(FILTERS) != before.get(FILTERS):
        raise Forbidden("filters are not offered")


def check_targets(settings: SieveSettings, wishes: Wishes, own_domains: Collection[str]) -> None:
    """Refuse to send mail on to where the administrator does not want it (SOGoForwardConstraints).

    Raises:
        Forbidden: one of the addresses is elsewhere.
    """
    constraints = settings.forward_constraints
    if constraints not in {WITHIN, OUTSIDE, WITHIN | OUTSIDE}:
        return
    targets = list(wishes.forward.addresses) if wishes.forward is not None else []
    targets += [action.argument for one in wishes.filters for action in one.actions if action.method is Method.REDIRECT]
    listed = {name.lower().lstrip("@") for name in settings.forward_domains}
    for address in targets:
        domain = address.rpartition("@")[2].lower()
        if domain in own_domains:
            allowed = bool(constraints & WITHIN)
        else:
            allowed = bool(constraints & OUTSIDE) and (not listed or domain in listed)
        if not allowed:
            raise Forbidden(f"mail may not be forwarded to {domain}")


def _text_of(path: str) -> str:
    if not path:
        return ""
    try:
        with Path(path).open("rb") as file:
            octets = file.read(TEMPLATE_MAX + 1)
        if len(octets) > TEMPLATE_MAX:
            log.warning("template of filters left out", path=path, fault="too long")
            return ""
        return octets.decode("utf-8")
    except (OSError, ValueError) as error:
        log.warning("template of filters left out", path=path, fault=str(error))
        return ""


def _on(value: object) -> bool:
    return isinstance(value, dict) and flag(value.get("enabled"))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
