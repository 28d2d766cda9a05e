"""The supervisor with real processes and signals."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.http import drain, parse, request

pytestmark = pytest.mark.live

TOY = Path(__file__).with_name("toy_daemon.py")


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@dataclass
class Toy:
    process: subprocess.Popen[bytes]
    directory: Path

    @property
    def port(self) -> int:
        return int((self.directory / "port").read_text())

    def pid(self, path: str = "/") -> int:
        return int(request(self.port, "GET", path).body)

    def log(self) -> str:
        return (self.directory / "log").read_text()

    def ready(self) -> int:
        return self.log().count("worker ready")


@contextmanager
def running(directory: Path, workers: int, *options: str) -> Iterator[Toy]:
    process = subprocess.Popen([sys.executable, str(TOY), str(directory), str(workers), *options])
    toy = Toy(process, directory)
    try:
        until(lambda: (directory / "log").exists() and toy.ready() >= workers)
        yield toy
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_requests_reach_workers_over_tcp_and_unix_socket(tmp_path: Path) -> None:
    with running(tmp_path, 2) as toy:
        assert toy.pid() != toy.process.pid
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(tmp_path / "socket"))
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert parse(drain(connection)).status == 200


def test_a_crashed_worker_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path, 1) as toy:
        before = toy.pid()
        with pytest.raises((IndexError, ConnectionError)):
            request(toy.port, "GET", "/crash")
        until(lambda: toy.ready() == 2)
        assert toy.pid() != before
        assert "worker died" in toy.log()


def test_a_worker_whose_loop_stands_still_is_killed_and_replaced(tmp_path: Path) -> None:
    with running(tmp_path, 1, "watched") as toy:
        before = toy.pid()
        with pytest.raises((IndexError, ConnectionError)):
            request(toy.port, "GET", "/block")
        until(lambda: toy.ready() == 2)
        assert toy.pid() != before


def test_a_worker_grown_too_large_leaves_after_its_successor_has_come(tmp_path: Path) -> None:
    with running(tmp_path, 1, "small") as toy:
        before = toy.pid("/grow")
        until(lambda: toy.ready() == 2 and toy.pid() != before)


def test_sighup_replaces_workers_without_losing_a_request(tmp_path: Path) -> None:
    with running(tmp_path, 2) as toy:
        stop = threading.Event()
        answers: list[int] = []

        def hammer() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", toy.port)
            while not stop.is_set():
                connection.request("GET", "/")  # opens a new connection where the last answer asked for that
                answers.append(int(connection.getresponse().read()))
            connection.close()

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: len(answers) > 100)
        toy.process.send_signal(signal.SIGHUP)
        until(lambda: toy.ready() == 4)
        old = {int(pid) for pid in re.findall(r"worker ready worker=(\d+)", toy.log())[:2]}
        until(lambda: not old & set(answers[-100:]))
        stop.set()
        for thread in threads:
            thread.join()
        assert old & set(answers)


def test_sighup_takes_over_the_new_settings_or_keeps_the_old_ones(tmp_path: Path) -> None:
    with running(tmp_path, 1) as toy:
        (tmp_path / "workers").write_text("0")
        toy.process.send_signal(signal.SIGHUP)
        until(lambda: "settings not taken over" in toy.log())
        assert toy.pid()
        (tmp_path / "workers").write_text("3")
        toy.process.send_signal(signal.SIGHUP)
        until(lambda: toy.ready() == 4)


def test_sigterm_lets_requests_finish_and_releases_parked_ones(tmp_path: Path) -> None:
    replies: list[int] = []
    with running(tmp_path, 1) as toy:
        port = toy.port
        threads = [
            threading.Thread(target=lambda path=path: replies.append(request(port, "GET", path).status))
            for path in ("/slow", "/park")
        ]
        for thread in threads:
            thread.start()
        until(toy.pid)
        began = time.monotonic()
        toy.process.terminate()
        for thread in threads:
            thread.join()
    assert replies == [200, 200]
    assert time.monotonic() - began < 8


def test_sigusr1_opens_the_log_again_everywhere(tmp_path: Path) -> None:
    with running(tmp_path, 1) as toy:
        (tmp_path / "log").rename(tmp_path / "log.1")
        toy.process.send_signal(signal.SIGUSR1)
        until((tmp_path / "log").exists)
        assert toy.pid()


def test_a_server_that_cannot_start_says_so_and_ends(tmp_path: Path) -> None:
    process = subprocess.run([sys.executable, str(TOY), str(tmp_path), "2", "broken"], timeout=30, check=False)
    assert process.returncode == 1


def test_workers_leave_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, str(TOY), str(tmp_path), "1"])
    toy = Toy(process, tmp_path)
    until(lambda: (tmp_path / "log").exists() and toy.ready() == 1)
    pid = toy.pid()
    process.kill()
    process.wait()
    until(lambda: not Path(f"/proc/{pid}").exists())
