"""Who the server runs as: never root by accident."""

import os
import pwd

from folkmoot.core.errors import ConfigurationError


def drop(user: str, *, allow_root: bool) -> None:
    """Become ``user`` if one is named; otherwise refuse to go on as root, unless that was asked for.

    SOGo refuses to run as root and is started as the user ``sogo``; containers have only root.

    Raises:
        ConfigurationError: no such user, not allowed to become it, or root without leave.
    """
    if user:
        _become(user)
    elif os.geteuid() == 0 and not allow_root:
        raise ConfigurationError(
            "refusing to run as root: start me as another user, or with --user NAME or --allow-root"
        )


def _become(user: str) -> None:
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise ConfigurationError(f"no such user: {user}") from None
    if account.pw_uid == os.geteuid():
        return
    try:
        os.initgroups(user, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    except PermissionError:
        raise ConfigurationError(f"only root can become {user}") from None
    os.environ["HOME"] = account.pw_dir
