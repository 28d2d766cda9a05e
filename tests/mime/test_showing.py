"""Messages as people see them: what is shown, what is listed, and what is odd about it."""

import time

import pytest

from folkmoot.mime.authentication import authentication_of
from folkmoot.mime.filenames import distinct, safe_name
from folkmoot.mime.headers import parse_headers
from folkmoot.mime.hints import Hint, hints_of, mixes_scripts, registered
from folkmoot.mime.list_headers import Unsubscribe, list_headers, priority_of
from folkmoot.mime.page import policy
from folkmoot.mime.reading import read_message
from folkmoot.mime.rendering import Rendered, RenderOptions, needed, render

OPTIONS = RenderOptions(cid=lambda path: f"/part/{path}", proxy=None)


def shown(text: str, options: RenderOptions = OPTIONS) -> Rendered:
    message = read_message(text.encode())
    names = needed(message.part, prefer_plain=options.prefer_plain)
    return render(message.part, message.sections(names), options)


def multipart(subtype: str, *parts: str, boundary: str = "b") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{subtype}; boundary={boundary}\n\n{body}--{boundary}--\n"


PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>rich words</p>"
PDF = (
    "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n"
    "Content-Transfer-Encoding: base64\n\nAAAA"
)
PNG = "Content-Type: image/png; name=a.png\nContent-ID: <p@x>\nContent-Transfer-Encoding: base64\n\nAAAA"


def test_plain_text_is_shown_with_links_and_quotes() -> None:
    message = shown("Content-Type: text/plain\n\nsee http://x.test/ now\n> quoted\n>> twice\n-- \nme <b>")
    assert '<a href="http://x.test/" target="_blank" rel="noopener noreferrer">http://x.test/</a> now' in message.html
    assert "<blockquote>quoted<blockquote>twice</blockquote></blockquote>" in message.html
    assert '<div class="signature">-- \nme &lt;b&gt;</div>' in message.html
    assert message.text_only
    assert message.text.startswith("see http://x.test/ now")


@pytest.mark.parametrize(
    "trick", ["javascript:x", 'http://x.test/"onclick=y', "http://x.test/<script>", "data:text/html,x", "www.x.test'>"]
)
def test_links_in_text_hold_no_tricks(trick: str) -> None:
    message = shown(f"Content-Type: text/plain\n\n{trick} end")
    assert "<script" not in message.html
    assert 'href="javascript' not in message.html
    assert "onclick=y" not in message.html or '"onclick' not in message.html.replace('"onclick=y end', "")


def test_a_url_in_text_ends_before_the_sentence_does() -> None:
    message = shown("\n(see http://x.test/a_(b)), http://y.test/. <http://z.test/> and me@x.test.")
    for url in ("http://x.test/a_(b)", "http://y.test/", "http://z.test/", "mailto:me@x.test"):
        assert f'href="{url}"' in message.html


def test_text_that_flows_is_joined() -> None:
    kind = "Content-Type: text/plain; format=flowed"
    assert "a b\nc" in shown(f"{kind}\n\na \nb\nc").html
    assert "<blockquote>a b</blockquote>" in shown(f"{kind}\n\n> a \n> b").html
    assert "-- \nme" in shown(f"{kind}\n\nwords\n-- \nme").html
    assert "ab" in shown(f"{kind}; delsp=yes\n\na \nb").html
    assert "&gt; no quote" in shown(f"{kind}\n\n > no quote").html


def test_of_alternatives_the_best_is_shown_or_the_one_the_reader_prefers() -> None:
    message = multipart("alternative", PLAIN, HTML)
    assert needed(read_message(message.encode()).part) == ["HEADER", "2"]
    assert "<p>rich words</p>" in shown(message).html
    assert shown(message).alternatives == {"plain", "html"}
    assert shown(message).attachments == ()
    assert "plain words" in shown(message, RenderOptions(prefer_plain=True)).html


def test_pictures_of_html_are_shown_in_it() -> None:
    html = "Content-Type: text/html\n\n<img src=cid:p@x><img src=cid:none@x>"
    message = shown(multipart("related", html, PNG))
    assert '<img src="/part/2">' in message.html
    assert [(one.path, one.inline) for one in message.attachments] == [("2", True)]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf"])
def test_a_cid_that_leads_to_no_bitmap_is_nothing(kind: str) -> None:
    html = "Content-Type: text/html\n\n<img src=cid:p@x>"
    message = shown(multipart("related", html, PNG.replace("image/png", kind).replace("a.png", "a.x")))
    assert "/part/" not in message.html
    assert not message.attachments[0].inline


def test_a_content_location_is_a_picture_and_no_other_place() -> None:
    html = "Content-Type: text/html\n\n<img src=http://x.test/a.png>"
    message = shown(multipart("related", html, "Content-Location: http://x.test/a.png\n" + PNG))
    assert '<img src="/part/2">' in message.html
    assert not message.remote_content


def test_parts_are_shown_in_order_and_files_listed() -> None:
    message = shown(multipart("mixed", PLAIN, PDF, "Content-Type: text/plain\n\nfooter", PDF))
    assert message.html.index("plain words") < message.html.index("footer")
    assert [one.name for one in message.attachments] == ["a.pdf", "a (2).pdf"]


def test_text_with_a_name_is_a_file() -> None:
    message = shown(multipart("mixed", PLAIN, "Content-Type: text/plain; name=log.txt\n\nlog"))
    assert "log" not in message.html
    assert [one.name for one in message.attachments] == ["log.txt"]


def test_a_calendar_is_listed_with_its_method() -> None:
    message = shown(
        multipart("alternative", PLAIN, HTML, "Content-Type: text/calendar; method=request\n\nBEGIN:VCALENDAR")
    )
    assert [(one.path, one.method) for one in message.calendars] == [("3", "REQUEST")]


def test_a_message_within_is_shown_with_its_header() -> None:
    inner = f"Content-Type: message/rfc822\n\nFrom: Eva <eva@x.test>\nSubject: =?utf-8?q?=C3=84pfel?= <b>\n{PLAIN}"
    message = shown(multipart("mixed", PLAIN, inner))
    assert "<dd>Äpfel &lt;b&gt;</dd>" in message.html
    assert message.html.count("plain words") == 2
    assert [one.name for one in message.attachments] == ["Äpfel _b_.eml"]


def test_pictures_of_a_message_within_are_its_own() -> None:
    html = "Content-Type: text/html\n\n<img src=cid:p@x>"
    inner = "Content-Type: message/rfc822\n\n" + multipart("related", html, PNG, boundary="inner")
    message = shown(multipart("mixed", PNG, inner))
    assert '<img src="/part/2.2">' in message.html


def test_a_deep_chain_of_messages_is_cut() -> None:
    message = PLAIN
    for _ in range(150):
        message = f"Subject: s\nContent-Type: message/rfc822\n\n{message}"
    rendered = shown(message)
    assert rendered.html.count('class="message"') == 8
    assert len(rendered.attachments) == 9


def test_what_is_signed_is_shown_and_named() -> None:
    signature = "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx"
    message = shown(multipart("signed", HTML, signature))
    assert "rich words" in message.html
    assert message.attachments == ()
    assert message.signed is not None


def test_what_is_encrypted_is_named() -> None:
    message = shown("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx")
    assert message.encrypted is not None
    assert message.signed is None
    assert [one.name for one in message.attachments] == ["smime.p7m"]
    message = shown("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\nx")
    assert message.signed is not None


def test_parts_around_an_encrypted_one_are_not_joined_to_it() -> None:
    """Markup that begins in one part never goes on in the next (EFAIL)."""
    first = 'Content-Type: text/html\n\n<img src="http://trap.test/'
    last = 'Content-Type: text/html\n\n">'
    message = shown(multipart("mixed", first, "Content-Type: text/plain\n\nsecret", last))
    assert message.html.count("<div") == message.html.count("</div>")
    assert "secret" in message.html
    assert "src" not in message.html


def test_a_report_is_read() -> None:
    status = (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        "Final-Recipient: rfc822; a@b.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n"
    )
    message = shown(multipart("report", PLAIN, status, "Content-Type: text/rfc822-headers\n\nSubject: x"))
    (report,) = message.reports
    assert report.failed
    assert (report.recipients[0].recipient, report.recipients[0].status) == ("a@b.test", "5.1.1")
    assert report.recipients[0].diagnostic == "550 no such user"
    receipt = (
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@b.test\n"
        "Original-Message-ID: <1@x>\nDisposition: manual-action/MDN-sent-manually; displayed\n"
    )
    (report,) = shown(multipart("report", PLAIN, receipt)).reports
    assert (report.recipients[0].action, report.original_id) == ("displayed", "<1@x>")


def test_files_from_before_mime_are_listed() -> None:
    message = shown("Content-Type: text/plain\n\nhere:\nbegin 644 a.txt\n#0V%T\n`\nend\n")
    assert "begin" not in message.html
    assert [(one.path, one.name, one.size, one.index) for one in message.attachments] == [("1", "a.txt", 3, 1)]


def test_apple_double_is_one_file() -> None:
    double = multipart("appledouble", "Content-Type: application/applefile; name=a\n\nx", PDF, boundary="d")
    assert [one.name for one in shown(multipart("mixed", PLAIN, double)).attachments] == ["a.pdf"]


def test_a_part_that_was_not_fetched_is_a_file() -> None:
    message = read_message(multipart("mixed", PLAIN, HTML).encode())
    rendered = render(message.part, {"1": b"plain words"})
    assert [one.path for one in rendered.attachments] == ["2"]


def test_more_text_than_the_bound_is_a_file() -> None:
    large = "Content-Type: text/plain\n\n" + "x" * 4_200_000
    message = read_message(multipart("mixed", PLAIN, large).encode())
    assert needed(message.part) == ["HEADER", "1"]
    assert [one.path for one in render(message.part, message.sections(["HEADER", "1"])).attachments] == ["2"]


def test_html_beyond_the_bound_is_shown_as_text() -> None:
    message = shown("Content-Type: text/html\n\n" + "<p>words</p>" + "words " * 400_000)
    assert message.text_only
    assert "words" in message.html
    assert len(message.html) < 3_000_000


def test_html_in_utf_7_is_text_or_safe() -> None:
    message = shown("Content-Type: text/html; charset=utf-7\n\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-<b>x</b>")
    assert "script" not in message.html


def test_enriched_text_is_shown() -> None:
    message = shown("Content-Type: text/enriched\n\n<bold>strong</bold> <<b>\n\n<param>x</param>end<script>")
    assert "<b>strong</b>" in message.html
    assert "<script" not in message.html


def test_enriched_text_beyond_the_bound_is_shown_as_text() -> None:
    for text in ("<<" * 600_000, "<bold>x</bold>" * 60_000, "&" * 600_000):
        assert shown(f"Content-Type: text/enriched\n\nHello {text}").text.startswith("Hello")


def test_a_digest_shows_its_messages() -> None:
    message = shown(multipart("digest", "\nSubject: one\n\nfirst", "\nSubject: two\n\nsecond"))
    assert message.html.index("first") < message.html.index("second")
    assert [one.name for one in message.attachments] == ["one.eml", "two.eml"]


def test_the_page_forbids_everything_but_pictures_from_where_the_caller_says() -> None:
    assert policy(("'self'", "https://x.test", "http://evil; script-src *", "*")).startswith(
        "default-src 'none'; img-src data: 'self' https://x.test; style-src 'unsafe-inline'; base-uri 'none';"
    )
    page = shown(HTML).document
    assert "script" not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


NAMES = {
    "../../etc/passwd": "_.._etc_passwd",
    "C:\\Windows\\a.exe": "C__Windows_a.exe",
    "a\u202egpj.exe": "agpj.exe",
    "a\r\nb.txt": "a b.txt",
    "con.txt": "_con.txt",
    "<img src=x>.png": "_img src=x_.png",
    'a"b.txt': "a_b.txt",
    "  ...  ": "attachment",
    "a\u200b.txt": "a.txt",
    ".profile": "profile",
    "ä.txt": "ä.txt",
    "": "attachment",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_are_safe(name: str) -> None:
    assert safe_name(name) == NAMES[name]


def test_long_names_keep_their_suffix() -> None:
    assert safe_name("ä" * 300 + ".pdf").endswith("ä.pdf")
    assert len(safe_name("ä" * 300 + ".pdf").encode()) <= 200


def test_names_are_told_apart() -> None:
    assert distinct("A.txt", {"a.txt", "a (2).txt"}) == "A (3).txt"


def hints(header: str, html: str = "") -> tuple[Hint, ...]:
    return hints_of(parse_headers(header.encode()), html)


def test_odd_senders_are_hinted_at() -> None:
    assert hints('From: "service@bank.test" <x@evil.test>') == (
        Hint("name-shows-other-address", "service@bank.test", "x@evil.test"),
    )
    assert hints("From: a@x.test\nReply-To: b@y.test") == (Hint("reply-goes-elsewhere", "a@x.test", "b@y.test"),)
    assert hints("From: a@mail.x.test\nReply-To: b@x.test") == ()
    assert hints("From: a@x.test\nReply-To: list@y.test\nList-Id: <list.y.test>") == ()
    assert hints("From: Anna <a@x.test>") == ()


LINKS = {
    '<a href="http://evil.test/">http://www.bank.test/login</a>': ["link-shows-other-host"],
    '<a href="http://evil.test/">bank.test</a>': ["link-shows-other-host"],
    '<a href="http://www.bank.test/x">bank.test</a>': [],
    '<a href="http://click.news.test/">click here</a>': [],
    '<a href="http://files.test/x">report.pdf</a>': [],
    '<a href="http://bank.test@evil.test/">bank</a>': ["link-hides-host"],
    '<a href="http://192.0.2.1/">bank</a>': ["link-to-number"],
    '<a href="http://p\u0430ypal.com/">x</a>': ["host-mixes-scripts"],
    '<a href="http://xn--pypal-4ve.com/">x</a>': ["host-mixes-scripts"],
    '<a href="http://bücher.test/">x</a>': [],
    '<a href="mailto:a@b.test">bank.test</a>': [],
}


@pytest.mark.parametrize("html", LINKS)
def test_odd_links_are_hinted_at(html: str) -> None:
    assert [hint.kind for hint in hints("From: a@x.test", html)] == LINKS[html]


def test_scripts_of_one_language_are_no_mixture() -> None:
    assert not mixes_scripts("пример.рф")
    assert not mixes_scripts("bücher.example")
    assert mixes_scripts("\u0430\u0440\u0440\u04cf\u0435.com") or mixes_scripts("\u0440\u0430\u0443.com")


def test_what_was_registered_is_about_the_last_labels() -> None:
    assert registered("a.b.example.co.uk") == "example.co.uk"
    assert registered("www.example.com") == "example.com"


def test_lists_tell_how_to_leave() -> None:
    header = (
        "List-Id: The List <list.x.test>\nList-Post: <mailto:list@x.test>\n"
        "List-Unsubscribe: (click) <javascript:x>, <mailto:leave@x.test?subject=a>, <https://x.test/leave>\n"
    )
    found = list_headers(parse_headers(header.encode()))
    assert found is not None
    assert (found.id, found.name, found.post) == ("list.x.test", "The List", "mailto:list@x.test")
    assert found.unsubscribe == Unsubscribe("mailto:leave@x.test?subject=a", "https://x.test/leave")
    found = list_headers(parse_headers((header + "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n").encode()))
    assert found is not None
    assert found.unsubscribe is not None
    assert found.unsubscribe.one_click == "https://x.test/leave"
    assert list_headers(parse_headers(b"Subject: x")) is None


def test_only_trusted_servers_are_believed() -> None:
    headers = parse_headers(
        b"Authentication-Results: evil.test; dkim=pass header.d=bank.test\n"
        b"Authentication-Results: mx.us.test 1; spf=fail (x; dmarc=pass) smtp.mailfrom=a;\n"
        b" dkim=pass header.i=@x.test; dmarc=fail\n"
        b"Authentication-Results: mx.us.test; dmarc=pass\n"
    )
    found = authentication_of(headers, ["MX.us.test"])
    assert found is not None
    assert (found.spf, found.dkim, found.dmarc, found.domain) == ("fail", "pass", "fail", "x.test")
    assert authentication_of(headers, []) is None


@pytest.mark.parametrize(
    ("field", "priority"),
    [("X-Priority: 1 (Highest)", 1), ("Importance: high", 2), ("Priority: non-urgent", 5), ("X: y", 3)],
)
def test_priority_is_read(field: str, priority: int) -> None:
    assert priority_of(parse_headers(field.encode())) == priority


def test_a_message_of_ten_thousand_parts_takes_no_long_time() -> None:
    begun = time.process_time()
    rendered = shown(multipart("mixed", *[PLAIN, PDF] * 6_000))
    assert time.process_time() - begun < 10
    assert len(rendered.attachments) <= 2_100


def test_millions_of_dashes_are_no_boundaries_for_long() -> None:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(99))
    begun = time.process_time()
    assert read_message(opened + b"--\r\n" * 1_500_000).part.children
    assert time.process_time() - begun < 8
