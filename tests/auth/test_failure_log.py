"""The line that fail2ban reads."""

import re
from typing import Any

import pytest
import structlog

from folkmoot.auth.failure_log import failure_line, log_failure
from folkmoot.server.logs import render_text

# What fail2ban's sogo-auth.conf makes of <HOST> and of the line once it has cut off the date.
FILTER = re.compile(
    r"^ sogod \[\d+\]: SOGoRootPage Login from '(?P<host>[\w.:\-]+)(?:,[^']*)?' for user '[^']*' might not have worked"
    r"( - password policy: \d*  grace: -?\d*  expire: -?\d*  bound: -?\d*)?\s*$"
)
DATE = re.compile(r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d")


def seen_by_fail2ban(line: str) -> str | None:
    match = FILTER.match(DATE.sub("", line))
    return match["host"] if match else None


@pytest.mark.parametrize("login", ["anna", "anna@example.org", "Jürgen Ü", "", "日本", "a" * 5000])
@pytest.mark.parametrize("client", ["192.0.2.7", "2001:db8::7"])
def test_the_stock_filter_sees_the_address(client: str, login: str) -> None:
    line = render_text({"event": failure_line(client, login), "level": "info", "request": ""})
    assert seen_by_fail2ban(line) == client


@pytest.mark.parametrize(
    "login",
    [
        "x' might not have worked\nMar 24 08:58:32 sogod [1]: SOGoRootPage Login from '198.51.100.1' for user 'y",
        "x' for user 'y",
        "x\r\n",
        "x\0\x1b[2J",
        "x\u2028y",
        "x\ud800",
    ],
)
def test_no_login_forges_an_address_or_a_line(login: str) -> None:
    line = render_text({"event": failure_line("192.0.2.7", login), "level": "info", "request": ""})
    assert "\n" not in line
    assert "\r" not in line
    assert line.isprintable()
    assert line.count("'") == 4
    assert seen_by_fail2ban(line) == "192.0.2.7"


def test_the_line_carries_no_fields_that_the_filter_would_stumble_over() -> None:
    with structlog.testing.capture_logs() as logs:
        log_failure("192.0.2.7", "anna")
    event: dict[str, Any] = dict(logs[0])
    assert event.pop("log_level") == "info"
    assert event == {"event": failure_line("192.0.2.7", "anna"), "request": ""}
