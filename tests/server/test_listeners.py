import socket
from pathlib import Path

import pytest

from folkmoot.config.kinds import ListenAddress
from folkmoot.core.errors import ConfigurationError
from folkmoot.server.listeners import bind, name_of


def test_a_taken_port_is_told_or_the_next_one_found() -> None:
    with bind(ListenAddress("127.0.0.1", 0), backlog=5) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}"):
            bind(ListenAddress("127.0.0.1", port), backlog=5)
        with bind(ListenAddress("127.0.0.1", port), backlog=5, next_free=True) as second:
            assert port < second.getsockname()[1] <= port + 20


def test_addresses_read_as_people_write_them(tmp_path: Path) -> None:
    with bind(ListenAddress("::1", 0), backlog=5) as listener:
        assert name_of(listener) == f"[::1]:{listener.getsockname()[1]}"
    with bind(ListenAddress("*", 0), backlog=5) as listener:
        assert name_of(listener).rpartition(":")[0] in {"[::]", "0.0.0.0"}  # noqa: S104 - compared with
    with bind(ListenAddress(path=str(tmp_path / "s")), backlog=5) as listener:
        assert name_of(listener) == f"unix:{tmp_path / 's'}"


def test_a_socket_left_behind_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    address = ListenAddress(path=str(tmp_path / "s"))
    bind(address, backlog=5).close()
    with bind(address, backlog=5), pytest.raises(ConfigurationError, match="another server"):
        bind(address, backlog=5)


def test_what_is_no_socket_stays(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("precious")
    with pytest.raises(ConfigurationError, match="no socket"):
        bind(ListenAddress(path=str(tmp_path / "s")), backlog=5)
    assert (tmp_path / "s").read_text() == "precious"


def test_a_name_that_cannot_be_found_is_told() -> None:
    with pytest.raises(ConfigurationError):
        bind(ListenAddress("no-such-host.invalid", 0), backlog=5)


def test_the_web_servers_group_may_open_the_unix_socket(tmp_path: Path) -> None:
    with bind(ListenAddress(path=str(tmp_path / "s")), backlog=5) as listener:
        assert listener.family == socket.AF_UNIX
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o660
