"""The page of the web application and its files, as browsers get them."""

import gzip

from folkmoot.server.web_application import FOREVER, WebApplication

SCRIPT = b"let a = 1;\n" * 100
BUILT = {
    "index.html": b"<!doctype html><title>x</title>" * 20,
    "assets/index-abc.js": SCRIPT,
    "assets/letters.woff2": b"\0\1",
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 10,
}
ORIGIN = "https://mail.example.org"


def test_the_page_has_a_policy_and_is_asked_for_each_time() -> None:
    answer = WebApplication(BUILT).page(ORIGIN, "gzip", "")
    headers = dict(answer.headers)
    assert gzip.decompress(answer.body) == BUILT["index.html"]
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert f"frame-src {ORIGIN}/SOGo.content/" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert WebApplication(BUILT).page(ORIGIN, "", headers["ETag"]).status == 304


def test_files_with_their_content_in_their_name_are_kept_forever() -> None:
    application = WebApplication(BUILT)
    script = application.file("assets/index-abc.js", "br, gzip", "")
    assert script is not None
    headers = dict(script.headers)
    assert (headers["Cache-Control"], headers["Content-Encoding"]) == (FOREVER, "gzip")
    assert gzip.decompress(script.body) == SCRIPT
    plain = application.file("assets/index-abc.js", "", "")
    assert plain is not None
    assert plain.body == SCRIPT
    letters = application.file("assets/letters.woff2", "gzip", "")
    assert letters is not None
    assert dict(letters.headers)["Content-Type"] == "font/woff2"
    icon = application.file("icon.svg", "gzip", "")
    assert icon is not None
    assert dict(icon.headers)["Cache-Control"] == "no-cache"


def test_what_is_not_built_is_not_there() -> None:
    application = WebApplication(BUILT)
    for path in ("", "index.html", "assets", "assets/", "../face.py", "assets/../index.html", "x"):
        assert application.file(path, "gzip", "") is None
    assert not WebApplication({}).is_built
