"""The whole server: from a configuration file to processes, as administrators start and stop it."""

import os
import pwd
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from folkmoot.core.errors import ConfigurationError
from folkmoot.server import privileges
from tests.support.folkmoot import ANNA, Folkmoot, running
from tests.support.http import exchange, parse
from tests.support.servers import free_port

pytestmark = pytest.mark.live

PROGRAM = Path(sys.executable).with_name("folkmoot")
SOGOD = PROGRAM.with_name("sogod")


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def configuration(directory: Path, *lines: str) -> Path:
    path = directory / "sogo.conf"
    own = (f'FolkmootStateDirectory = "{directory}";', f'WOPort = "127.0.0.1:{free_port()}";', "WOLogFile = -;")
    path.write_text("{\n" + "\n".join([*own, *lines]) + "\n}\n")
    return path


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    """A server for the tests that leave it as it is."""
    settings = "WOHttpAdaptorReceiveTimeout = 1;"
    with running(tmp_path_factory.mktemp("daemon"), workers=1, settings=settings) as server:
        yield server


def test_a_request_is_answered_and_logged_on_one_line(folkmoot: Folkmoot) -> None:
    with folkmoot.client() as client:
        answer = client.request("PROPFIND", ANNA.calendar, headers={"Depth": "0", "User-Agent": "a\tb"})
        assert answer.status_code == 207
        until(lambda: "method=PROPFIND" in folkmoot.log)  # the line is written when the answer has left
        (line,) = [line for line in folkmoot.log.splitlines() if "method=PROPFIND" in line]
        assert "user=anna" in line
        assert f"target={ANNA.calendar}" in line
        assert r'agent="a\tb"' in line
        assert not re.search(r"secret|Basic", folkmoot.log)


def test_a_failed_login_is_logged_for_fail2ban_with_the_clients_address(folkmoot: Folkmoot) -> None:
    with folkmoot.client() as client:
        told = {"X-Forwarded-For": "203.0.113.9", "x-webobjects-remote-host": "127.0.0.1"}
        answer = client.request("PROPFIND", "/SOGo/dav/", auth=("anna", "wrong"), headers=told)
        assert answer.status_code == 401
        assert re.search(
            r"sogod \[\d+\]: SOGoRootPage Login from '203.0.113.9' for user 'anna' might not have worked"
            r" - password policy: 65535  grace: -1  expire: -1  bound: 0$",
            folkmoot.log,
            re.MULTILINE,
        )


def test_settings_are_taken_over_on_sighup_without_losing_a_request(tmp_path: Path) -> None:
    with running(tmp_path, workers=1) as folkmoot, folkmoot.client() as client:
        assert "SOGo-Request-Duration" not in client.get("/SOGo/").headers
        path = tmp_path / "sogo.conf"
        path.write_text(path.read_text().replace("SOGoTimeZone", "SOGoDebugRequests = YES;\n  SOGoTimeZone"))
        os.kill(folkmoot.pids[0], signal.SIGHUP)
        until(lambda: "SOGo-Request-Duration" in client.get("/SOGo/").headers)


def test_the_pid_file_is_there_while_the_server_is(tmp_path: Path) -> None:
    with running(tmp_path, workers=1) as folkmoot:
        assert int((tmp_path / "pid").read_text()) == folkmoot.pids[0]
    assert not (tmp_path / "pid").exists()


def test_an_acknowledged_write_survives_kill_minus_nine(tmp_path: Path) -> None:
    body = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:A\r\nN:A;;;;\r\nEND:VCARD\r\n"
    with running(tmp_path, workers=2) as folkmoot:
        with folkmoot.client() as client:
            assert client.put(f"{ANNA.address_book}1.vcf", content=body).status_code == 201
        folkmoot.kill()
        folkmoot.start()
        with folkmoot.client() as client:
            assert client.get(f"{ANNA.address_book}1.vcf").content == body


def test_a_body_that_stops_halfway_is_given_up(folkmoot: Folkmoot) -> None:
    head = (
        f"PUT {ANNA.address_book}1.vcf HTTP/1.1\r\nHost: x\r\nAuthorization: {ANNA.authorization}\r\n"
        "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    )
    received = exchange(folkmoot.port, head.encode(), b"BEGIN")
    went_on, _, answer = received.partition(b"\r\n\r\n")
    assert went_on == b"HTTP/1.1 100 Continue"
    assert parse(answer).status == 408


def test_who_is_not_let_in_is_told_before_sending_the_body(folkmoot: Folkmoot) -> None:
    head = (
        f"PUT {ANNA.address_book}1.vcf HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n"
    )
    assert parse(exchange(folkmoot.port, head.encode())).status == 401


def test_sogod_takes_the_arguments_of_sogos_service_file(tmp_path: Path) -> None:
    pid, log = tmp_path / "sogo.pid", tmp_path / "sogo.log"
    command = [str(SOGOD), "-WOWorkersCount", "2", "-WOPidFile", str(pid), "-WOLogFile", str(log), "--allow-root"]
    # SOGo's program has no --config; its home holds the file.
    environment = {**os.environ, "HOME": str(tmp_path), "FOLKMOOT_StateDirectory": str(tmp_path)}
    environment["FOLKMOOT_WOPort"] = f"127.0.0.1:{free_port()}"
    environment["FOLKMOOT_DatabaseURL"] = f"sqlite://{tmp_path}/folkmoot.sqlite"
    environment["FOLKMOOT_SOGoUserSources"] = "()"
    process = subprocess.Popen(command, env=environment)
    try:
        until(lambda: log.exists() and log.read_text().count("worker ready") == 2)
        assert int(pid.read_text()) == process.pid
    finally:
        process.terminate()
        assert process.wait(40) == 0


def test_root_is_refused_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(ConfigurationError, match="refusing to run as root"):
        privileges.drop("", allow_root=False)
    privileges.drop("", allow_root=True)
    with pytest.raises(ConfigurationError, match="no such user"):
        privileges.drop("no-such-user", allow_root=False)


def test_root_becomes_somebody_else_and_others_cannot() -> None:
    if os.geteuid() != 0:
        with pytest.raises(ConfigurationError, match="only root"):
            privileges.drop("nobody", allow_root=False)
        return
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as name:  # not pytest's own, which is closed to others
        directory = Path(name)
        path, log = configuration(directory), directory / "log"
        log.touch()
        for each in (directory, path, log):
            os.chown(each, nobody.pw_uid, nobody.pw_gid)
        process = subprocess.Popen([PROGRAM, "-c", path, "serve", "--user", "nobody", "-WOLogFile", log])
        try:
            until(lambda: "worker ready" in log.read_text())
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert f"Uid:\t{nobody.pw_uid}\t{nobody.pw_uid}" in status
            assert f"Gid:\t{nobody.pw_gid}\t{nobody.pw_gid}" in status
        finally:
            process.terminate()
            assert process.wait(40) == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('FolkmootDatabaseURL = "mysql://nobody@127.0.0.1:1/nothing";', "does not take our connection"),
        ('WOHttpAllowHost = ("not an address");', "WOHttpAllowHost"),
        ("SOGoSecretType = plain; SOGoSecretValue = short;", "SOGoSecretValue"),
    ],
)
def test_what_cannot_start_says_why_and_ends(tmp_path: Path, line: str, reason: str) -> None:
    path = configuration(tmp_path, line)
    ended = subprocess.run(
        [PROGRAM, "-c", path, "serve", "--allow-root"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr


def test_two_servers_on_one_port_do_not_go(folkmoot: Folkmoot) -> None:
    second = subprocess.run(
        [PROGRAM, "-c", folkmoot.directory / "sogo.conf", "serve", "--allow-root"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{folkmoot.port}" in second.stderr
    assert int((folkmoot.directory / "pid").read_text()) == folkmoot.pids[0], "the first one's pid file stays"


def memory(folkmoot: Folkmoot) -> int:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in folkmoot.pids)
    return pages * 4096


def test_four_workers_fit_the_memory_budget(tmp_path: Path) -> None:
    with running(tmp_path, workers=4) as folkmoot, folkmoot.client() as client:
        for _ in range(50):
            assert client.request("PROPFIND", ANNA.calendar, headers={"Depth": "1"}).status_code == 207
        proportional = sum(
            int(line.split()[1]) * 1024
            for pid in folkmoot.pids
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if line.startswith("Pss:")
        )
        assert proportional < 250 * 1024 * 1024, f"{proportional >> 20} MiB, resident {memory(folkmoot) >> 20} MiB"
