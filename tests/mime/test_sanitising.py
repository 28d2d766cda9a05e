"""HTML of mails comes out safe, and the same when it goes in again."""

import html.parser
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import TooLarge
from folkmoot.mime.html import _ATTRIBUTES, Sources, sanitise
from folkmoot.mime.markup import ELEMENTS, text_of
from tests.mime.trick_files import TRICKS

PROXY = "https://folkmoot.test/picture?u="
NOTHING = Sources()
CONSENT = Sources(
    content=lambda reference: "/part/1" if reference == "cid:known@part" else "",
    remote=lambda url: PROXY + re.sub(r"[^A-Za-z0-9.]", "_", url),
)
# What no attribute of a safe document may hold: it would be a script, or a place to load from.
_FORBIDDEN = re.compile(
    r"javascript:|vbscript:|data:(?!image/)|trap\.test/(?!\w*$)|expression\(|position|@import", re.IGNORECASE
)


class _Walk(html.parser.HTMLParser):
    """An independent reader of what we wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def check(safe: str, allowed: tuple[str, ...] = ()) -> None:
    body = re.sub(r"\A<style>(?:@media [^<{]+\{[^<]*\}\n?)+</style>", "", safe)
    walk = _Walk()
    walk.feed(body)
    walk.close()
    for element, attributes in walk.found:
        assert element in ELEMENTS
        for name, value in attributes:
            assert name in _ATTRIBUTES["*"] | _ATTRIBUTES.get(element, set()) | {"rel", "target"}, name
            assert value is None or name in {"alt", "title", "href"} or not _FORBIDDEN.search(value), value
            if name in {"src", "background"}:
                assert value is not None
                assert value.startswith(("data:image/", *allowed)), value
            if name == "href":
                assert value is not None
                assert value.lower().startswith(("http://", "https://", "mailto:", "tel:", "sms:")), value
            if name == "style":
                assert value is not None
                urls = re.findall(r"url\(([^)]*)\)", value)
                assert all(url.strip("'").startswith(allowed or ("!",)) for url in urls), value


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_comes_to_nothing(trick: str) -> None:
    safe = sanitise(TRICKS[trick], NOTHING).html
    check(safe)
    assert "trap.test" not in re.sub(r'(?:href|alt|title)="[^"]*"', "", safe) or "trap.test" in text_of(safe)


@pytest.mark.parametrize("trick", TRICKS)
def test_with_consent_a_trick_reaches_nothing_but_the_proxy(trick: str) -> None:
    check(sanitise(TRICKS[trick], CONSENT).html, (PROXY, "/part/1"))


@pytest.mark.parametrize("trick", TRICKS)
def test_what_is_safe_stays_the_same(trick: str) -> None:
    once = sanitise(TRICKS[trick], NOTHING).html
    assert sanitise(once, NOTHING).html == once


_PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<i class=a>",
            "</i>",
            "<a href=http://x.test/>",
            "</a>",
            "<table>",
            "</table>",
        ),
        *("<tr>", "<td>", "</td>", "<th>", "<tbody>", "<caption>", "<col>", "<ul>", "<li>", "</ul>", "<pre>", "</pre>"),
        *(
            "<div style='color:red;margin:0 auto'>",
            "</div>",
            "<font color=red>",
            "</font>",
            "<h1>",
            "</h2>",
            "<br>",
            "<hr>",
        ),
        *(
            "<svg>",
            "</svg>",
            "<math>",
            "<mtext>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<title>",
            "</title>",
            "<select>",
        ),
        *(
            "<img src=cid:x alt='&lt;'>",
            "<blockquote>",
            "</blockquote>",
            "<form>",
            "</form>",
            "<body bgcolor=red>",
            "<dd>",
        ),
        *("\n", " ", "&amp;", "&lt", "&nbsp;", "x", "<", ">", "'", '"', "=", "\0", "\r", "\u2028", "</br>", "<table/"),
        *("<style>.a{color:blue} @media (max-width:600px){.a{width:100% !important}}</style>", "<span class='a b'>"),
    ]
)


@given(st.lists(_PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_markup_comes_out_safe_and_stays_so(document: str) -> None:
    once = sanitise(document, NOTHING).html
    check(once)
    assert sanitise(once, NOTHING).html == once


@given(st.text(max_size=300))
def test_any_text_comes_out_safe(document: str) -> None:
    once = sanitise(document, NOTHING).html
    check(once)
    assert sanitise(once, NOTHING).html == once


def test_what_people_write_stays() -> None:
    written = (
        '<h1 style="color:#336699">News</h1><p align="center">Hello <b>you</b>, <i>see</i> '
        '<a href="https://example.com/a?b=c&amp;d=%20">here</a>.</p><ul><li>one</li><li>two</li></ul>'
        '<table width="600" cellpadding="0" bgcolor="#eeeeee"><tbody><tr><td colspan="2">cell</td></tr></tbody></table>'
        '<blockquote type="cite" style="border-left:2px solid blue;padding-left:8px">quoted</blockquote>'
        '<img src="cid:known@part" alt="logo" width="120">'
    )
    safe = sanitise(written, CONSENT).html
    for piece in ("<h1 style=", "color:#336699", '<p align="center">', "<b>you</b>", "<li>two</li>", 'colspan="2"'):
        assert piece in safe
    assert 'href="https://example.com/a?b=c&amp;d=%20" target="_blank" rel="noopener noreferrer"' in safe
    assert '<img src="/part/1" alt="logo" width="120">' in safe
    assert "border-left:2px solid blue" in safe


def test_style_sheets_are_moved_into_the_elements() -> None:
    safe = sanitise(
        "<style>p.a{color:red}#b b{font-weight:400}</style><p class=a id=b style='margin:0'>x<b>y</b></p>"
    ).html
    assert safe == '<p style="color:red;margin:0">x<b style="font-weight:400">y</b></p>'


def test_rules_for_narrow_windows_stay_with_the_classes_they_name() -> None:
    safe = sanitise(
        "<style>@media only screen and (max-width: 480px){.w,b.v{width:9px!important}}</style><p class='w z'>x</p>"
    )
    assert safe.html == (
        '<style>@media only screen and (max-width:480px){.m-w,b.m-v{width:9px !important}}</style><p class="m-w">x</p>'
    )


def test_pictures_elsewhere_are_told_of_and_not_loaded() -> None:
    safe = sanitise('<img src="http://pictures.test/a.png" alt="a">')
    assert safe.remote
    assert safe.html == '<img alt="a">'


def test_with_consent_pictures_come_from_the_proxy() -> None:
    safe = sanitise(
        "<td background=x><p style=\"background:#fff url('http://p.test/b')\"><img src=http://p.test/a>", CONSENT
    )
    assert safe.html == (
        f'<p style="background:#fff url(\'{PROXY}http___p.test_b\')"><img src="{PROXY}http___p.test_a"></p>'
    )


def test_a_picture_nobody_can_see_is_never_loaded() -> None:
    safe = sanitise("<img src=http://t.test/a width=1 height=1>x", CONSENT)
    assert (safe.html, safe.trackers) == ("x", 1)


def test_forms_become_text_and_are_told_of() -> None:
    safe = sanitise("<form action=http://steal.test>Password: <input name=p><button>Send</button></form>")
    assert safe.had_form
    assert "input" not in safe.html
    assert "Password:" in safe.html


LARGE = {
    "formatting in paragraphs": "".join(f"<p><b title={number}>" for number in range(10_000)),
    "formatting never closed": "".join(f"<b x={number}>" for number in range(20_000)),
    "blocks never closed": "<div>" * 30_000,
    "text that tables push out": "<table>" + "<br>" * 30_000,
    "tables in tables": "<table><td>" * 15_000,
    "quotes never closed": '<a b="' * 50_000,
    "attributes": "<a " + "b " * 200_000,
    "comments": "<!--" * 80_000,
    "less-than": "<" * 300_000,
    "ends of nothing": "<svg>" * 15_000 + "</math>" * 15_000,
    "selectors": "<style>" + "*>*>*{color:red}\n" * 900 + "</style>" + "<i>x</i>" * 3_000,
    "deep selectors": "<style>" + "* * * * * *{color:red}\n" * 1_000 + "</style>" + "<div>" * 190 + "<i></i>" * 3_000,
    "brackets in style": "<style>a{" + "(" * 60_000 + "</style>",
    "brackets in selectors": "<style>" + "(" * 30_000 + "{color:red}</style>",
    "brackets in media": "<style>@media " + "(" * 30_000 + "{a{color:red}}</style>",
    "closed brackets in selectors": "<style>a" + "(" * 50_000 + ")" * 50_000 + "{color:red}</style>",
    "closed brackets in media": "<style>@media " + "(" * 50_000 + ")" * 50_000 + "{a{color:red}}</style>",
    "ampersands": "&" * 1_000_000,
    "no-break spaces": "\xa0" * 400_000 + "&nbsp;" * 100_000,
    "controls beyond ASCII": "\x80" * 1_000_000 + "\xa9" * 500_000,
    "ampersands in pieces": "&<!---->" * 150_000,
    "functions in style": "<p style='color:" + "rgb(" * 4_000 + "'>",
    "blanks": "<p" + " " * 300_000 + "=" + " " * 200_000,
}


@pytest.mark.parametrize("kind", LARGE)
def test_no_document_takes_long_or_grows(kind: str) -> None:
    begun = time.process_time()
    try:
        safe = sanitise(LARGE[kind]).html
    except TooLarge:
        safe = ""
    assert time.process_time() - begun < 4
    assert len(safe) < 6_000_000


def test_a_document_without_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        sanitise("x" * (2 * 1024 * 1024 + 1))


def test_words_are_taken_out_of_markup() -> None:
    document = "<style>x</style><p>Hello&nbsp;<b>you</b><br>there</p><table><tr><td>1<td>2</table><script>no</script>"
    assert text_of(document) == "Hello\u00a0you\nthere\n\n1 2"
