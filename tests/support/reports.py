"""Sending reports to the face, and reading what comes back."""

from tests.support.dav import Answers, Dav

XMLNS = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav" '
    'xmlns:CS="http://calendarserver.org/ns/" xmlns:I="urn:inverse:params:xml:ns:inverse-dav"'
)
HOME = "/SOGo/dav/anna/Calendar/"
CALENDAR = "/anna/Calendar/personal/"
BOOK = "/anna/Contacts/personal/"
CALENDAR_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
ADDRESS_DATA = "{urn:ietf:params:xml:ns:carddav}address-data"


def document(root: str, content: str, attributes: str = "") -> str:
    """Return a body with our prefixes declared."""
    return f"<{root} {XMLNS} {attributes}>{content}</{root}>"


async def report(
    dav: Dav, path: str, root: str, content: str, attributes: str = "", as_: str = "anna", **headers: str
) -> Answers:
    """Send a report that is expected to succeed."""
    response = await dav.request("REPORT", path, document(root, content, attributes), as_, **headers)
    assert response.status == 207, response
    return Answers(response.body)


async def refused(dav: Dav, path: str, root: str, content: str, attributes: str = "", as_: str = "anna") -> bytes:
    """Send a report that is expected to fail a precondition with 403; return the body."""
    response = await dav.request("REPORT", path, document(root, content, attributes), as_)
    assert response.status == 403, response
    return response.body


async def put(dav: Dav, path: str, body: bytes, as_: str = "anna") -> None:
    """Store an object."""
    kind = "text/vcard" if b"VCARD" in body else "text/calendar"
    response = await dav.request("PUT", path, body, as_, content_type=kind)
    assert response.status in {201, 204}, response


def names(answers: Answers) -> list[str]:
    """Return the last segments of all hrefs, sorted."""
    return sorted(href.rstrip("/").rpartition("/")[2] for href in answers.hrefs)


def status_of(answers: Answers, href: str) -> str:
    """Return the text of the status of a whole response."""
    return (answers.by_href[href].findtext("{DAV:}status") or "").strip()
