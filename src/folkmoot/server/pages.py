"""The few pages that the server answers itself: how to connect a device, health, robots."""

import base64
import hashlib
from html import escape
from typing import Final

from folkmoot.server.exchange import Answer

_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1c2230}"
    "code{background:#eef1f6;padding:.1rem .35rem;border-radius:.25rem;overflow-wrap:anywhere}"
    "h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}"
    "@media(prefers-color-scheme:dark){body{background:#14171f;color:#dde2ee}code{background:#262c3a}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def landing(title: str, address: str, dav: str) -> Answer:
    """Return the page that tells how to connect; ``address`` is the public origin, empty if nobody told."""
    server = escape(address or "this server's address")
    url = escape(f"{address}{dav}/")
    html = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
<h1>{escape(title)}</h1>
<p>Calendars, tasks and contacts for your phone and computer. Sign in everywhere with your usual user name and
password.</p>
<h2>iPhone, iPad, Mac</h2>
<p>Settings, Calendar (and Contacts), Accounts, Add Account, Other: add a CalDAV and a CardDAV account. Server:
<code>{server}</code></p>
<h2>Android</h2>
<p>Install DAVx5, add an account with URL and user name. Base URL: <code>{url}</code></p>
<h2>Thunderbird</h2>
<p>New calendar, On the Network; and New address book, CardDAV. Location: <code>{url}</code></p>
<h2>Evolution, GNOME, KDE</h2>
<p>Add a CalDAV and a CardDAV account, then let it find everything. URL: <code>{url}</code></p>
</html>
"""
    return Answer(
        200,
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", PAGE_POLICY),
            ("Cache-Control", "no-cache"),
        ],
        html.encode(),
    )


def text(status: int, message: str, *headers: tuple[str, str]) -> Answer:
    """Return a short answer in words."""
    return Answer(status, [("Content-Type", "text/plain; charset=utf-8"), *headers], f"{message}\n".encode())


def redirect(location: str, *, permanent: bool = False) -> Answer:
    """Send the client elsewhere; a path keeps scheme, host and port as the client knows them."""
    return Answer(301 if permanent else 302, [("Location", location), ("Cache-Control", "no-cache")])


ROBOTS: Final = "User-agent: *\nDisallow: /"
