"""Writes the manual's list of parameters, `docs/admin/settings.md`, from their declarations.

python -m folkmoot.config.reference > docs/admin/settings.md
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from folkmoot.config.calendar_section import DaysAround
from folkmoot.config.declaring import Level, Parameter, parameters_of
from folkmoot.config.kinds import ListenAddress
from folkmoot.config.legacy import ACCEPTED, REMOVED
from folkmoot.config.mail_section import JunkReporting
from folkmoot.config.settings import SECTIONS
from folkmoot.config.sources import SERVED_KINDS, SOURCE_KINDS, LdapSource, PasswordRule, SqlSource
from folkmoot.config.sso_section import DomainLogin

_INTRODUCTION: Final = """\
# Settings

This page is generated from the declarations in `folkmoot.config`; do not edit it.
How the file is written, and where else settings may come from, is told in [Configuration](configuration.md).

Level: **system** parameters stand at the top of the file only; **domain** parameters may also stand in a
dictionary of `domains`; **user** parameters too, and each user may choose otherwise.
Parameters marked *not yet* are read and checked, but this version does not act on them.
"""

_TITLES: Final[Mapping[str, str]] = {
    "server": "Processes, sockets and requests",
    "logging": "Logging",
    "database": "Databases",
    "cache": "Cache",
    "general": "Time zone and language",
    "security": "Secrets, log-in and limits",
    "people": "People and domains",
    "sso": "Single sign-on",
    "calendar": "Calendars and tasks",
    "contacts": "Address books",
    "files": "Files",
    "mail": "Reading and writing mail",
    "imap": "IMAP",
    "smtp": "Sending mail",
    "sieve": "Filters, vacation and forwarding",
    "activesync": "ActiveSync",
    "web": "Web application",
    "tools": "Tools",
}
_NESTED: Final[tuple[tuple[str, type[object]], ...]] = (
    ("Keys of an SQL user source (`type = sql`)", SqlSource),
    ("Keys of an LDAP user source (`type = ldap`)", LdapSource),
    ("Keys of a rule in `userPasswordPolicy`", PasswordRule),
    ("Keys of a domain in `SOGoLoginTypeByDomain`", DomainLogin),
    ("Keys of `SOGoMailJunkSettings`", JunkReporting),
)
_UNSERVED_KINDS: Final = [section for kind, section in SOURCE_KINDS.items() if kind not in SERVED_KINDS]
_DEFAULT_LENGTH_MAX: Final = 120  # characters; a longer list is cut


def settings_page() -> str:
    """Return the page in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for name, section in SECTIONS.items():
        yield f"## {_TITLES[name]}\n"
        yield from _table(parameter for _, parameter in parameters_of(section))
    for title, section in _NESTED:
        yield f"## {title}\n"
        if section in _UNSERVED_KINDS:
            yield "*Not yet:* this version leaves such sources out.\n"
        yield from _table(parameter for _, parameter in parameters_of(section))
    yield "## Read and ignored\n"
    yield "| Parameter | Why |\n|---|---|"
    yield from (f"| `{key}` | {_cell(why)} |" for key, why in sorted(ACCEPTED.items()))
    yield "\nOther debug switches of SOGo's libraries (`So…Debug…`, `WODebug…`, `WOProfile…`) are ignored as well.\n"
    yield "## Removed\n"
    yield "| Parameter | |\n|---|---|"
    yield from (f"| `{key}` | {_cell(why)} |" for key, why in sorted(REMOVED.items()))
    yield ""


def _table(parameters: Iterable[Parameter]) -> Iterator[str]:
    yield "| Parameter | Level | Type | Default | Meaning |\n|---|---|---|---|---|"
    for one in sorted(parameters, key=lambda parameter: parameter.key.lower()):
        level = "" if one.level is Level.SOURCE else one.level.value
        kind = one.kind.name + (f", {one.unit}" if one.unit and one.unit != one.kind.name else "")
        default = "*required*" if one.mandatory and one.level is Level.SOURCE else _default(one.default)
        yield f"| `{one.key}` | {level} | {_cell(kind)} | {default} | {_cell(_meaning(one))} |"
    yield ""


def _meaning(one: Parameter) -> str:
    old = f" Old name: {', '.join(f'`{name}`' for name in one.aliases)}." if one.aliases else ""
    return ("" if one.served else "*Not yet.* ") + one.doc + old


def _default(value: object) -> str:
    shown = _shown(value)
    if not shown:
        return ""
    return f"`{_cell(shown if len(shown) <= _DEFAULT_LENGTH_MAX else shown[:_DEFAULT_LENGTH_MAX] + '…')}`"


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "YES" if value else "NO"
        case ListenAddress():
            return value.path or f"{value.host}:{value.port}"
        case DaysAround():
            return f"({value.back}, {value.ahead})"
        case tuple() | list():
            return f"({', '.join(_shown(item) for item in value)})"
        case Mapping():
            return f"{{ {' '.join(f'{key} = {_shown(item)};' for key, item in value.items())} }}" if value else "{ }"
        case str() | int() | float() | IPv4Network() | IPv6Network():
            return str(value)
        case _ if is_dataclass(value):
            return ""
        case _:
            return repr(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(settings_page())
