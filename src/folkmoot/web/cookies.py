"""Cookies: reading those we set, and setting them (RFC 6265)."""

from typing import Final

SESSION: Final = "0xHIGHFLYxSOGo"  # SOGo's name; what proxies and scripts look for
TOKEN: Final = "XSRF-TOKEN"  # noqa: S105  # the cookie's name; scripts read it and send it back as a header
LOGIN: Final = "SOGoLogin"  # the user name, for the sign-in page
LOGIN_SECONDS: Final = 30 * 24 * 3600  # that a browser remembers the name
PATH: Final = "/SOGo/"
COOKIES_MAX: Final = 100  # of one request; browsers keep 50 to 180 a site, ours are three
VALUE_MAX: Final = 4096  # characters, which is what browsers keep


def find_cookie(header: str, name: str) -> str:
    """Return the first cookie of that name, empty if there is none."""
    for pair in header.split(";", COOKIES_MAX)[:COOKIES_MAX]:
        key, equals, value = pair.strip().partition("=")
        if equals and key == name and len(value) <= VALUE_MAX:
            return value.strip('"')
    return ""


def set_cookie(name: str, value: str, *, secure: bool, script: bool = False, seconds: int | None = None) -> str:
    """Return a Set-Cookie value; ``script`` lets scripts read it, ``seconds`` keeps it beyond the browser's session."""
    parts = [f"{name}={value}", f"Path={PATH}", "SameSite=Lax"]
    if not script:
        parts.append("HttpOnly")
    if secure:
        parts.append("Secure")
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    return "; ".join(parts)
