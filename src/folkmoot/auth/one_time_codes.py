"""One-time codes of authenticator apps (RFC 6238), as every app computes them: SHA-1, six digits, thirty seconds."""

import hmac
import re
import secrets
from typing import Final

import pyotp

SECRET_OCTETS: Final = 20  # 160 bits (RFC 4226 section 4, R6)
STEP_SECONDS: Final = 30
SKEW_STEPS: Final = 1  # by which the clock of a phone may differ
_CODE: Final = re.compile(r"[0-9]{6}")
_BLANKS: Final = re.compile(r"[ -]")


def new_secret() -> str:
    """Return a new secret in base32."""
    return pyotp.random_base32(length=SECRET_OCTETS * 8 // 5)


def code_uri(secret: str, *, account: str, issuer: str) -> str:
    """Return the ``otpauth:`` address that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer.replace(":", " ") or "Folkmoot")


def step_of(secret: str, code: str, now: int) -> int | None:
    """Return the time step whose code this is, the newest that fits; None if it is none.  ``now`` in milliseconds."""
    wanted = _BLANKS.sub("", code)
    if not _CODE.fullmatch(wanted):
        return None
    totp = pyotp.TOTP(secret)
    present = now // 1000 // STEP_SECONDS
    found = None
    for step in range(present - SKEW_STEPS, present + SKEW_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), wanted):
            found = step
    return found


def new_recovery_code() -> str:
    """Return a code that is taken once instead of one of an app: 80 bits, in groups that can be typed."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def plain_recovery_code(code: str) -> str | None:
    """Return a recovery code as it is digested, however it was typed; None if it cannot be one."""
    form = _BLANKS.sub("", code).lower()
    return form if len(form) == 16 and form.isascii() and form.isalnum() else None  # noqa: PLR2004 - four groups
