"""Whether a private Dovecot can run here: its program, its parts, and the users its processes get."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from folkmoot.core.errors import ConfigurationError
from folkmoot.stack.dovecot import RunsAs

PACKAGES: Final = (
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-sieve",
    "dovecot-managesieved",
    "dovecot-submissiond",
    "dovecot-auth-lua",
)
INSTALL: Final = f"apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"
VERSION: Final = "2.3."
_SECONDS: Final = 10
_LIBRARIES: Final = (Path("/usr/lib/dovecot"), Path("/usr/lib64/dovecot"), Path("/usr/local/lib/dovecot"))
_PARTS: Final = (
    "imap",
    "lmtp",
    "managesieve",
    "submission",
    "modules/lib90_sieve_plugin.so",
    "modules/lib22_push_notification_lua_plugin.so",
    "modules/auth/libauthdb_lua.so",
)
_SYSTEM_USER: Final = "dovecot"  # Debian's packages make it, and the other
_LOGIN_USER: Final = "dovenull"


@dataclass(frozen=True, slots=True)
class Runnable:
    """What it takes."""

    program: str
    runs_as: RunsAs
    owner: int | None  # user id of its files, where that is not ours


def find_dovecot() -> str:
    """Return the program.

    Raises:
        ConfigurationError: it, or a part of it, is missing, or it is of a version that we cannot configure.
    """
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    libraries = next((path for path in _LIBRARIES if path.is_dir()), None)
    missing = libraries is None or [part for part in _PARTS if not (libraries / part).exists()]
    if program is None or missing:
        raise ConfigurationError(f"there is no mail without Dovecot. As root: {INSTALL}")
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the system
            [program, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{program} does not say its version: {error}") from error
    if not answer.stdout.startswith(VERSION):
        raise ConfigurationError(f"there is no mail: Dovecot is {answer.stdout.split()[:1]}, {VERSION}x is needed")
    return program


def runnable(state_directory: str) -> Runnable:
    """Return how Dovecot runs on this machine for us.

    Raises:
        ConfigurationError: it cannot.
    """
    program = find_dovecot()
    if os.geteuid() != 0:
        me, mine = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        return Runnable(program, RunsAs(me, mine, me, me, mine), None)
    try:
        user, _ = pwd.getpwnam(_SYSTEM_USER), pwd.getpwnam(_LOGIN_USER)
    except KeyError as error:
        raise ConfigurationError(
            f"there is no mail as root without the users of Dovecot's packages: {error}"
        ) from error
    _open_way(Path(state_directory).absolute(), user)
    group = grp.getgrgid(user.pw_gid).gr_name
    return Runnable(program, RunsAs(user.pw_name, group, _LOGIN_USER, user.pw_name, group), user.pw_uid)


def _open_way(state: Path, user: pwd.struct_passwd) -> None:
    """Let Dovecot's user through the state directory, whose files stay closed to others.

    Raises:
        ConfigurationError: a directory above does not let it through.
    """
    for path in state.parents:
        found = path.stat()
        if not found.st_mode & (stat.S_IXGRP if found.st_gid == user.pw_gid else stat.S_IXOTH):
            raise ConfigurationError(
                f"there is no mail: Dovecot runs as {user.pw_name}, who cannot pass {path} to reach {state}"
            )
    found = state.stat()
    if not found.st_mode & stat.S_IXOTH:
        os.chown(state, -1, user.pw_gid)
        state.chmod(stat.S_IMODE(found.st_mode) & 0o700 | stat.S_IXGRP)
