"""Hrefs: one form out, many forms in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import MalformedInput
from folkmoot.dav.hrefs import Location, href_of, locate, own_href, path_of_href
from folkmoot.dav.http import Request
from folkmoot.store.records import Kind

HEADERS = {"host": "dav.test:8080"}


def request(path: str = "/", origin: str = "https://dav.test") -> Request:
    return Request("GET", path, "", HEADERS, b"", ANONYMOUS, "/SOGo/dav", origin)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("", Location(None, None, (), slash=True)),
        ("/", Location(None, None, (), slash=True)),
        ("/a@b", Location("a@b", None, (), slash=False)),  # type: ignore[arg-type]  # an id is a string
        ("//a//Calendar/", Location("a", Kind.CALENDAR, (), slash=True)),  # type: ignore[arg-type]
        ("/users/a/Contacts/x", Location("a", Kind.ADDRESSBOOK, ("x",), slash=False)),  # type: ignore[arg-type]
        ("/a/Files/x/y", Location("a", Kind.FILES, ("x", "y"), slash=False)),  # type: ignore[arg-type]
        ("/a/freebusy.ifb", Location("a", None, ("freebusy.ifb",), slash=False)),  # type: ignore[arg-type]
    ],
)
def test_paths_are_split(path: str, location: Location) -> None:
    assert locate(path) == location


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/SOGo/dav/a%40b/x%20y", "/a@b/x y"),
        ("https://dav.test/SOGo/dav/a", "/a"),
        ("https://DAV.test:443/SOGo/dav/a", "/a"),
        ("http://dav.test:8080/SOGo/dav/a?x#y", "/a"),
        (" /SOGo/dav ", ""),
        ("http://other.test/SOGo/dav/a", None),
        ("/SOGo/davish/a", None),
        ("ftp://dav.test/SOGo/dav/a", None),
        ("mailto:a@b", None),
    ],
)
def test_hrefs_of_ours_are_told_from_others(href: str, path: str | None) -> None:
    assert path_of_href(request(), href) == path


@pytest.mark.parametrize("href", ["/SOGo/dav/%ff", "http://[::1/SOGo/dav", "/" * 9000])
def test_what_is_no_href(href: str) -> None:
    with pytest.raises(MalformedInput):
        path_of_href(request(), href)


@given(st.lists(st.text(min_size=1).filter(lambda s: "/" not in s and s not in {".", ".."}), min_size=1, max_size=4))
def test_an_href_we_print_is_read_back(segments: list[str]) -> None:
    if any("\ud800" <= c <= "\udfff" or c == "\0" for s in segments for c in s):
        return
    href = href_of(request(), segments, slash=True)
    assert href.isascii()
    assert not set(href) & set("<>&\"' ") - {"'"}
    assert path_of_href(request(), href) == "/" + "/".join(segments) + "/"
    assert own_href(request("/" + "/".join(segments) + "/")) == href
