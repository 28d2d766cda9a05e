"""OPTIONS and unknown methods."""

import pytest

from tests.support.dav import Dav, header

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("path", "has", "lacks"),
    [
        ("/", ["calendar-access", "calendar-auto-schedule", "addressbook"], []),
        ("/anna/Calendar/", ["1", "2", "3", "access-control", "calendar-access", "calendar-proxy"], ["addressbook"]),
        ("/anna/Calendar/inbox/", ["calendar-schedule", "calendar-auto-schedule"], ["addressbook"]),
        ("/anna/Contacts/personal/", ["addressbook", "extended-mkcol"], ["calendar-access"]),
        ("/anna/Files/", ["1", "2", "3"], ["calendar-access", "addressbook"]),
    ],
)
async def test_the_dav_header_tells_what_is_served_there(dav: Dav, path: str, has: list[str], lacks: list[str]) -> None:
    response = await dav.request("OPTIONS", path)
    classes = [item.strip() for item in (header(response, "DAV") or "").split(",")]
    assert response.status == 200
    assert set(has) <= set(classes)
    assert not set(lacks) & set(classes)
    assert {"PROPFIND", "MKCALENDAR", "REPORT", "LOCK"} <= set((header(response, "Allow") or "").split(", "))


async def test_a_method_we_do_not_know_is_405_with_the_list(dav: Dav) -> None:
    response = await dav.request("BREW", "/anna/")
    assert response.status == 405
    assert "PROPFIND" in (header(response, "Allow") or "")
