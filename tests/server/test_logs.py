import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from folkmoot.server import logs

# The expression of fail2ban's stock filter for SOGo, its host pattern written out.
FAIL2BAN = re.compile(
    r"^\w{3} \d\d \d\d:\d\d:\d\d sogod \[\d+\]: "
    r"SOGoRootPage Login from '([0-9a-f.:]+)' for user '[^']*' might not have worked"
    r"( - password policy: \d*  grace: -?\d*  expire: -?\d*  bound: -?\d*)?\s*$"
)


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sogo.log"


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_a_failed_login_reads_as_fail2ban_expects(path: Path) -> None:
    logs.configure(logs.LogFile(str(path)), json=False, level="info")
    structlog.get_logger().warning(
        "SOGoRootPage Login from '203.0.113.9' for user 'anna' might not have worked"
        " - password policy: 65535  grace: -1  expire: -1  bound: 0"
    )
    match = FAIL2BAN.match(lines(path)[0])
    assert match is not None
    assert match[1] == "203.0.113.9"


def test_fields_follow_the_event_and_cannot_forge_a_line(path: Path) -> None:
    logs.configure(logs.LogFile(str(path)), json=False, level="info")
    structlog.get_logger().info("request", user='a"b', agent="x\nNov 23 forged\u2028line", empty="", seconds=0.25)
    (line,) = path.read_text().split("\n")[:-1]
    assert line.endswith(r'request user="a\"b" agent="x\nNov 23 forged\u2028line" seconds=0.250')


def test_secrets_are_masked_by_the_name_of_their_field(path: Path) -> None:
    logs.configure(logs.LogFile(str(path)), json=False, level="info")
    structlog.get_logger().info("x", password="hunter2", Authorization="Basic abc", session_token="t")
    assert "hunter2" not in path.read_text()
    assert path.read_text().count("***") == 3


def test_json_lines_carry_time_level_and_the_request(path: Path) -> None:
    logs.configure(logs.LogFile(str(path)), json=True, level="info")
    token = logs.request_id.set("1f-7")
    structlog.get_logger().error("bug", exc_info=ValueError("inside"))
    logs.request_id.reset(token)
    event = json.loads(lines(path)[0])
    assert event["event"] == "bug"
    assert event["level"] == "error"
    assert event["request"] == "1f-7"
    assert event["pid"] == os.getpid()
    assert "ValueError: inside" in event["exception"]


@pytest.mark.parametrize(("level", "kept"), [("all", 4), ("info", 3), ("warn", 2), ("error", 1), ("off", 0)])
def test_the_level_decides_what_is_kept(path: Path, level: str, kept: int) -> None:
    logs.configure(logs.LogFile(str(path)), json=False, level=level)
    logger = structlog.get_logger()
    logger.debug("d")
    logger.info("i")
    logger.warning("w")
    logger.error("e")
    assert len(lines(path)) == kept


def test_libraries_are_heard_when_something_is_wrong(path: Path) -> None:
    logs.configure(logs.LogFile(str(path)), json=False, level="info")
    logging.getLogger("somebody.else").info("chatter")
    logging.getLogger("somebody.else").warning("connection %s lost", 3)
    (line,) = lines(path)
    assert "connection 3 lost logger=somebody.else level=warning" in line


def test_after_a_rotation_the_log_goes_on_in_a_new_file(path: Path) -> None:
    file = logs.LogFile(str(path))
    file.write("before")
    path.rename(path.with_suffix(".1"))
    file.write("between")
    file.reopen()
    file.write("after")
    assert lines(path) == ["after"]
    assert lines(path.with_suffix(".1")) == ["before", "between"]
