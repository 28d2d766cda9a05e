"""Where each server keeps a person's calendar and address book."""

import time
from typing import Final
from urllib.parse import urlsplit

from bench.client import Account, Client
from bench.corpus import MONTH

_WINDOW: Final = f"?start={MONTH[0]:%Y%m%dT%H%M%SZ}&end={MONTH[1]:%Y%m%dT%H%M%SZ}"


def account(url: str, name: str, user: str, password: str) -> Account:
    """Return a person's places below the DAV root ``url``; the server's name tells whose layout it is."""
    root = urlsplit(url).path.rstrip("/")
    if name.startswith("radicale"):
        return Account(user, password, f"{root}/{user}/calendar/", f"{root}/{user}/contacts/")
    if name.startswith("xandikos"):
        return Account(user, password, f"{root}/{user}/calendars/calendar/", f"{root}/{user}/contacts/addressbook/")
    home = f"{root}/{user}"
    # SOGo has no free-busy report, only the URL with a fixed window of seven days to each side.
    free_busy = f"{home}/freebusy.ifb" + (_WINDOW if name.startswith("folkmoot") else "")
    return Account(user, password, f"{home}/Calendar/personal/", f"{home}/Contacts/personal/", free_busy)


# SOGo names a collection's table after the second in which somebody first looks at it; two of one second get the
# same name, and the address book then answers 500 to every PUT.
SOGO_PAUSE_SECONDS: Final = 1.1


def prepare(client: Client, person: Account, server: str) -> None:
    """Make the collections, one after the other, where the server does not by itself."""
    began = time.monotonic()
    status, _ = client.call("PROPFIND", person.calendar, headers=(("Depth", "0"),))
    if status == 404:
        client.must("MKCALENDAR", person.calendar, "", {201, 204})
    if server.startswith("sogo"):
        time.sleep(max(0, began + SOGO_PAUSE_SECONDS - time.monotonic()))
    status, _ = client.call("PROPFIND", person.addressbook, headers=(("Depth", "0"),))
    if status == 404:
        client.must(
            "MKCOL",
            person.addressbook,
            '<D:mkcol xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype>'
            "<D:collection/><A:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>",
            {201},
            Content_Type="application/xml",
        )
