"""Loads the settings from where SOGo looks for them, strongest first: arguments, environment, files, defaults.

This is the one module of the room that reads files.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from folkmoot.config import plist
from folkmoot.config.check import read_layer
from folkmoot.config.consistency import findings, missing_secret
from folkmoot.config.faults import Faults, Severity, Unreadable
from folkmoot.config.kinds import boolean
from folkmoot.config.nodes import Dictionary, Entry, Node, Plain, node_of
from folkmoot.config.reading import Layer
from folkmoot.config.settings import Settings
from folkmoot.config.tree import declared, present_names, settings_of
from folkmoot.core.errors import ConfigurationError, FolkmootError

EMBEDDED: Final = "embedded mail"
# Who sets one of these has a site of their own, with mail servers or plans for them.
_SITE_KEYS: Final = (
    "SOGoUserSources",
    "SOGoIMAPServer",
    "SOGoFallbackIMAP4Server",
    "SOGoSMTPServer",
    "SOGoSieveServer",
    "SOGoProfileURL",
    "OCSFolderInfoURL",
    "FolkmootDatabaseURL",
    "domains",
)
# The mail servers themselves, and what is off by default because it needs some that cooperate, as these do.
_MAIL: Final[Mapping[str, Plain]] = MappingProxyType(
    {
        "FolkmootEmbeddedMail": True,
        "SOGoMailingMechanism": "smtp",
        "SOGoAppointmentSendEMailNotifications": True,
        "SOGoEnableEMailAlarms": True,
        "SOGoVacationEnabled": True,
        "SOGoForwardEnabled": True,
        "SOGoSieveScriptsEnabled": True,
    }
)
PREFIX: Final = "FOLKMOOT_"
ARGUMENTS: Final = "command line"
ENVIRONMENT: Final = "environment"
DEFAULTS_FILE: Final = ".GNUstepDefaults"
DEFAULTS_DOMAIN: Final = "sogod"


def standard_files(home: Path | None) -> tuple[Path, ...]:
    """Return the files SOGo reads, strongest first; ``home`` is that of the user the server runs as."""
    defaults = () if home is None else (home / DEFAULTS_FILE, home / "GNUstep" / "Defaults" / DEFAULTS_FILE)
    return (*defaults, Path("/etc/sogo/sogo.conf"), Path("/etc/sogo/debconf.conf"))


def load(arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[Path]) -> Settings:
    """Load the settings; files are given strongest first, and those that do not exist are passed over.

    Values that cannot be used are left out and listed in ``Settings.faults``.

    Raises:
        ConfigurationError: the server cannot start with this; the message has a line for each cause.
    """
    faults = Faults()
    layers = [argument_layer(arguments, faults), environment_layer(environment)]
    layers += [_file_layer(path, faults) for path in files if path.exists()]
    settings = settings_of([*layers, _mail_layer(layers)], faults)
    for severity, key, message in findings(settings):
        faults.add(severity, message, key=key)
    secret = missing_secret(settings, environment)
    if secret is not None:
        faults.add(secret[0], secret[2], key=secret[1])
    fatal = [str(fault) for fault in faults.found() if fault.severity is Severity.FATAL]
    if fatal:
        raise ConfigurationError("\n".join(fatal))
    return replace(_resolved(settings, layers, environment), faults=faults.found())


def take_overrides(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the ``-Key value`` pairs that name a parameter from the other arguments, as ``sogo-tool`` takes both."""
    overrides: list[str] = []
    others: list[str] = []
    rest = list(arguments)
    while rest:
        key = rest[0].removeprefix("-")
        if rest[0].startswith("-") and len(rest) > 1 and (key in declared() or key in present_names()):
            overrides += rest[:2]
            rest = rest[2:]
        else:
            others.append(rest.pop(0))
    return overrides, others


def argument_layer(arguments: Sequence[str], faults: Faults) -> Layer:
    """Read ``-Key value`` pairs; values that look like property lists are read as such."""
    within = faults.within(origin=ARGUMENTS)
    entries: list[Entry] = []
    rest = list(arguments)
    while rest:
        key = rest.pop(0)
        if not key.startswith("-") or not key.strip("-"):
            within.add(Severity.ERROR, f"expected -Key value, found {key[:80]!r}")
        elif not rest:
            within.add(Severity.ERROR, "has no value", key=key.lstrip("-"))
        else:
            entries.append(Entry(key.lstrip("-"), _value(rest.pop(0))))
    return Layer(ARGUMENTS, Dictionary(tuple(entries)))


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Read variables ``FOLKMOOT_<Key>``, JSON or property list text where structured, and ``PREFORK``."""
    entries: list[Entry] = []
    if environment.get("PREFORK", "").strip():
        entries.append(Entry("WOWorkersCount", Node(environment["PREFORK"])))
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX)
            ours = f"Folkmoot{key}"  # FOLKMOOT_DatabaseURL, to spare saying it twice
            entries.append(Entry(ours if ours in declared() else key, _value(value)))
    return Layer(ENVIRONMENT, Dictionary(tuple(entries)))


def _value(text: str) -> Node:
    if text.lstrip().startswith(("{", "[", "(", '"', "<")):
        try:
            return node_of(json.loads(text))
        except (ValueError, RecursionError):
            pass
        try:
            return plist.parse(text).node
        except FolkmootError:
            pass  # a text after all; its kind will say if it cannot be
    return Node(text)


def _file_layer(path: Path, faults: Faults) -> Layer:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    layer = read_layer(content, str(path), faults)
    if path.name != DEFAULTS_FILE:
        return layer
    sogod = layer.entries.find(DEFAULTS_DOMAIN)
    ours = sogod.node.value if sogod is not None else None
    return Layer(str(path), ours if isinstance(ours, Dictionary) else Dictionary())


def _resolved(settings: Settings, layers: Sequence[Layer], environment: Mapping[str, str]) -> Settings:
    """Put in what only the environment knows: the secret, and where an ordinary user keeps state."""
    if settings.security.secret_type == "env":  # noqa: S105 - a kind of secret, not one
        secret = environment[settings.security.secret_value]
        settings = replace(settings, security=replace(settings.security, secret_value=secret))
    if not any(layer.entries.find("FolkmootStateDirectory") for layer in layers):
        server = replace(settings.server, state_directory=_state_directory(settings, environment))
        settings = replace(settings, server=server)
    if not any(len(layer.entries) for layer in layers if layer.origin not in {ARGUMENTS, ENVIRONMENT}):
        # Started without any file, as by somebody who tries it out: SOGo's places are not theirs to write to.
        if not any(layer.entries.find("WOLogFile") for layer in layers):
            settings = replace(settings, logging=replace(settings.logging, file="-"))
        if not any(layer.entries.find("WOPidFile") for layer in layers):
            settings = replace(settings, server=replace(settings.server, pid_file=""))
    return settings


def _mail_layer(layers: Sequence[Layer]) -> Layer:
    """Return what stands below all files: embedded mail where no site is configured, and what it makes possible."""

    def configured(key: str) -> Entry | None:
        return next(filter(None, (layer.entries.find(key) for layer in layers)), None)

    wanted = configured("FolkmootEmbeddedMail")
    if wanted is None:
        on = not any(map(configured, _SITE_KEYS))
    else:
        try:
            on = boolean.read(wanted.node, Faults())
        except Unreadable:  # said where it is read for good
            on = False
    return Layer(EMBEDDED, Dictionary(tuple(Entry(key, node_of(value)) for key, value in _MAIL.items()) if on else ()))


def _state_directory(settings: Settings, environment: Mapping[str, str]) -> str:
    if environment.get("STATE_DIRECTORY"):
        return environment["STATE_DIRECTORY"].split(":")[0]
    if os.geteuid() == 0 or not (environment.get("XDG_STATE_HOME") or environment.get("HOME")):
        return settings.server.state_directory
    home = environment.get("XDG_STATE_HOME") or f"{environment['HOME']}/.local/state"
    return f"{home}/folkmoot"
