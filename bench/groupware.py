"""SOGo and Folkmoot with the same settings, each in its own database on the same MariaDB."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bench.mariadb import MariaDB
from bench.processes import Launcher, as_user, free_port, listening, require
from folkmoot.config import plist
from folkmoot.config.nodes import Dictionary

PACKAGES: Final = "sogo sogo-activesync memcached"
FOLKMOOT_WORKERS: Final = 2
NOTHING_MORE: Final[Mapping[str, str]] = {}
_SYSTEM_FILES: Final = (Path("/etc/sogo/sogo.conf"), Path("/etc/sogo/debconf.conf"))
_PEOPLE: Final = "people"


@dataclass(frozen=True, slots=True)
class Flavour:
    """How SOGo's processes are set up."""

    workers: int
    listen_queue: int


FLAVOURS: Final[Mapping[str, Flavour]] = {
    "sogo": Flavour(workers=15, listen_queue=5),  # as its installation guides are followed
    "sogo-tuned": Flavour(workers=2, listen_queue=128),  # a worker a core; short bursts are not refused
}


def start_sogo(
    launcher: Launcher, name: str, mariadb: MariaDB, directory: Path, *, more: Mapping[str, str] = NOTHING_MORE
) -> int:
    """Start SOGo and a memcached of its own; return SOGo's port.

    ``more`` are settings that go before ours, as property list text.  SOGo takes all of them as arguments, which are
    stronger than its files.
    """
    sogod, flavour = require("sogod", PACKAGES), FLAVOURS[name]
    database = name.replace("-", "_")
    mariadb.create(database)
    cache_port, port = free_port(), free_port()
    user = ["-u", "memcache"] if os.geteuid() == 0 else []
    command = [require("memcached", PACKAGES), *user, "-l", "127.0.0.1", "-p", str(cache_port), "-m", "64"]
    launcher.start(f"memcached-{name}", command, ready=lambda: listening(cache_port))
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(directory, "sogo", "sogo")
    settings = {
        **_common(mariadb, database),
        "SOGoMemcachedHost": f"127.0.0.1:{cache_port}",
        "WOPort": f"127.0.0.1:{port}",
        "WOWorkersCount": str(flavour.workers),
        "WOListenQueueSize": str(flavour.listen_queue),
        "WOPidFile": str(directory / "pid"),
        "WOLogFile": str(directory / "log"),
        "WONoDetach": "YES",
        "SxVMemLimit": "384",
        "SOGoMailSpoolPath": str(directory),
        "SOGoIMAPServer": "127.0.0.1:1",  # calendars and contacts only: nobody is there
        **more,
    }
    others = _others(settings)
    if others:
        _tell_once(f"note: {name} also reads, from /etc/sogo: {', '.join(others)}")
    arguments = [part for key, value in settings.items() for part in (f"-{key}", value)]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": str(directory)}
    command = [*as_user("sogo"), sogod, *arguments]
    launcher.start(name, command, ready=lambda: listening(port), environment=environment)
    return port


def start_folkmoot(launcher: Launcher, mariadb: MariaDB, directory: Path) -> int:
    """Start Folkmoot from a ``sogo.conf``; return its port."""
    mariadb.create("folkmoot")
    port = free_port()
    directory.mkdir(parents=True, exist_ok=True)
    settings = {
        **_common(mariadb, "folkmoot"),
        "FolkmootDatabaseURL": f'"{mariadb.url("folkmoot")}"',
        "FolkmootStateDirectory": f'"{directory}"',
        "WOPort": f'"127.0.0.1:{port}"',
        "WOWorkersCount": str(FOLKMOOT_WORKERS),
        "WOPidFile": f'"{directory / "pid"}"',
        "WOLogFile": f'"{directory / "log"}"',
    }
    configuration = directory / "sogo.conf"
    configuration.write_text("{\n" + "".join(f"  {key} = {value};\n" for key, value in settings.items()) + "}\n")
    program = Path(sys.executable).with_name("folkmoot")
    command = [str(program), "--config", str(configuration), "serve", "--allow-root"]
    launcher.start("folkmoot", command, ready=lambda: listening(port))
    return port


def _common(mariadb: MariaDB, database: str) -> dict[str, str]:
    """Return the settings that both have, as property list text."""
    mariadb.create(_PEOPLE)
    mariadb.add_people(_PEOPLE)
    url = mariadb.url(database)
    return {
        "SOGoProfileURL": f'"{url}/sogo_user_profile"',
        "OCSFolderInfoURL": f'"{url}/sogo_folder_info"',
        "OCSEMailAlarmsFolderURL": f'"{url}/sogo_alarms_folder"',
        "OCSSessionsFolderURL": f'"{url}/sogo_sessions_folder"',
        "SOGoUserSources": (
            "({ type = sql; id = people; canAuthenticate = YES; isAddressBook = YES; displayName = People;"
            f' userPasswordAlgorithm = md5; viewURL = "{mariadb.url(_PEOPLE)}/people"; }})'
        ),
        "SOGoTimeZone": '"Europe/Berlin"',
        "SOGoLanguage": "English",
        "SOGoMailDomain": '"example.com"',
        "SOGoCalendarDefaultRoles": "(PublicDAndTViewer, ConfidentialDAndTViewer)",
        "SOGoAppointmentSendEMailNotifications": "NO",
        "SOGoEnableEMailAlarms": "NO",
    }


@cache
def _tell_once(text: str) -> None:
    print(text, file=sys.stderr)


def _others(settings: Mapping[str, str]) -> list[str]:
    """Return the settings of the machine's own SOGo that no argument overrides."""
    found: list[str] = []
    for path in _SYSTEM_FILES:
        if path.exists() and path.stat().st_size:
            held = plist.parse(path.read_bytes()).node.value
            found += [entry.key for entry in held if entry.key not in settings] if isinstance(held, Dictionary) else []
    return found
