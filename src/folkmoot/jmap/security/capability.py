"""The capability of security.

Lists are told to whoever is signed in; what changes them needs a browser's session that is fresh (``auth.freshness``):
whoever finds a device with an app password must not be able to lock its owner out.
"""

from typing import Final

from folkmoot.jmap.protocol.calling import Capability
from folkmoot.jmap.security import app_passwords, passkeys, passwords, second_factor, sessions
from folkmoot.jmap.security.describing import (
    APP_PASSWORD,
    OPEN_SESSION,
    PASSKEY,
    PASSWORD_POLICY,
    RECOVERY,
    SECOND_FACTOR,
)
from folkmoot.jmap.telling import own

SECURITY: Final = Capability(
    "https://folkmoot.org/jmap/security",
    methods=(
        *app_passwords.METHODS,
        *sessions.METHODS,
        *second_factor.METHODS,
        *passkeys.METHODS,
        *passwords.METHODS,
    ),
    types=(APP_PASSWORD, OPEN_SESSION, SECOND_FACTOR, PASSKEY, PASSWORD_POLICY, RECOVERY),
    states={
        "AppPassword": app_passwords.STATE,
        "OpenSession": sessions.STATE,
        "SecondFactor": second_factor.STATE,
        "Passkey": passkeys.STATE,
        "Recovery": passwords.STATE,
    },
    account=own,
    document="Sessions, app passwords, second factor, passkeys and recovery of whoever asks.",
)
