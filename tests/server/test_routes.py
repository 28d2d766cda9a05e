import pytest

from folkmoot.server.routes import Part, Route, route


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("PROPFIND", "/SOGo/dav", Route(Part.DAV, "")),
        ("PROPFIND", "/SOGo/dav/", Route(Part.DAV, "/")),
        ("GET", "/SOGo/dav/anna/Calendar/personal/a.ics", Route(Part.DAV, "/anna/Calendar/personal/a.ics")),
        ("GET", "/SOGo/davenport", Route(Part.NOTHING)),
        ("GET", "/", Route(Part.TO_LANDING)),
        ("GET", "/SOGo", Route(Part.APPLICATION)),
        ("GET", "/SOGo/so/", Route(Part.APPLICATION)),
        ("GET", "/SOGo/mail/m1/e2", Route(Part.APPLICATION)),
        ("GET", "/SOGo/ui/assets/a.js", Route(Part.APPLICATION_FILE, "assets/a.js")),
        ("GET", "/SOGo/so/anna/Calendar/view", Route(Part.TO_APPLICATION, "calendar")),
        ("GET", "/SOGo/so/anna", Route(Part.TO_APPLICATION)),
        ("GET", "/SOGo/public", Route(Part.NOTHING)),
        ("GET", "/SOGo/so/public", Route(Part.NOTHING)),
        ("GET", "/SOGo/so/public/freebusy.ifb/ajaxRead", Route(Part.NOTHING)),
        ("POST", "/SOGo/connect", Route(Part.WEB, "connect")),
        ("POST", "/SOGo/so/anna/Preferences/save", Route(Part.WEB, "so/anna/Preferences/save")),
        ("POST", "/SOGo/jmap/api", Route(Part.JMAP, "api")),
        ("GET", "/SOGo/jmap/download/u/b/a/b", Route(Part.JMAP, "download/u/b/a/b")),
        ("GET", "/SOGo/jmap", Route(Part.NOTHING)),
        ("GET", "/.well-known/jmap", Route(Part.JMAP, "session")),
        ("GET", "/SOGo.content/token/name", Route(Part.CONTENT, "token/name")),
        ("GET", "/SOGo.contents/token", Route(Part.NOTHING)),
        ("GET", "/.well-known/caldav", Route(Part.TO_DAV)),
        ("PROPFIND", "/.well-known/carddav/", Route(Part.TO_DAV)),
        # macOS 26 does not follow the redirect, and asks these (client-quirks).
        ("PROPFIND", "/", Route(Part.DAV, "/")),
        ("PROPFIND", "/principals/", Route(Part.DAV, "/")),
        ("PROPFIND", "/principals/users/anna/", Route(Part.DAV, "/anna/")),
        ("PROPFIND", "/calendar/dav/anna/user/", Route(Part.DAV, "/anna/")),
        ("GET", "/principals/", Route(Part.TO_LANDING)),
        ("GET", "/wp-login.php", Route(Part.NOTHING)),
    ],
)
def test_a_path_leads_to_the_part_that_answers(method: str, path: str, expected: Route) -> None:
    assert route(method, path) == expected
