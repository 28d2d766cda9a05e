from pathlib import Path

from bench import state
from bench.processes import Process
from bench.state import Running, State

MARIADB = Process("mariadb", 100, 1)
SOGO = Process("sogo", 101, 2)
NGINX = Process("nginx", 102, 3)
RADICALE = Process("radicale", 103, 4)


def test_what_runs_is_found_again_by_the_next_command(tmp_path: Path) -> None:
    server = Running("sogo", "http://127.0.0.1:1/SOGo/dav", "http://127.0.0.1:2/SOGo/dav", ("mariadb", "sogo"))
    saved = State((server,), (MARIADB, SOGO))
    state.save(tmp_path, saved)
    assert state.load(tmp_path) == saved
    state.forget(tmp_path)
    assert state.load(tmp_path) is None


def test_a_server_is_charged_for_whatever_works_for_it_and_for_nothing_else() -> None:
    server = Running("sogo", "", "", ("sogo", "mariadb", "nginx"))
    running = State((server,), (MARIADB, SOGO, RADICALE, NGINX))
    assert running.roots(server) == (100, 101, 102)
