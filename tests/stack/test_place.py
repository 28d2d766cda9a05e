import os
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.config.settings import Settings
from folkmoot.core.errors import ConfigurationError
from folkmoot.stack import place as place_module
from folkmoot.stack.applying import as_served, with_embedded_mail
from folkmoot.stack.place import PlacePorts, keep, known_place, make_place, with_free_ports, write_private


def test_a_place_is_made_once_and_kept(tmp_path: Path) -> None:
    assert known_place(str(tmp_path)) is None
    made = make_place(str(tmp_path))
    assert known_place(str(tmp_path)) == made == make_place(str(tmp_path))
    assert len(made.secret) > 40
    assert made.secret not in repr(made)


def test_nobody_else_can_look_into_it(tmp_path: Path) -> None:
    made = make_place(str(tmp_path))
    for path in (made.directory, made.homes):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((made.directory / "place.json").stat().st_mode) == 0o600


def test_sockets_are_elsewhere_where_names_are_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 80)
    made = make_place(str(deep))
    try:
        assert len(str(made.base)) < 68
        assert make_place(str(deep)).base == made.base
        made.base.chmod(0o755)
        again = make_place(str(deep)).base
        assert again != made.base, "somebody else may have opened it"
        again.rmdir()
    finally:
        made.base.rmdir()


def test_a_file_that_is_no_place_is_written_anew(tmp_path: Path) -> None:
    made = make_place(str(tmp_path))
    (made.directory / "place.json").write_text("{")
    assert known_place(str(tmp_path)) is None
    assert make_place(str(tmp_path)).secret != made.secret


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="no room"):
        make_place(str(tmp_path / "file"))


def test_a_port_that_is_taken_is_replaced_and_the_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_module, "PATIENCE_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wanted = PlacePorts(imap=port, sieve=_free(), submission=_free(), relay=_free(), calls=_free())
        made = replace(make_place(str(tmp_path)), ports=wanted)
        keep(made)
        found = with_free_ports(made)
    assert found.ports.imap > port
    assert (found.ports.sieve, found.ports.calls) == (wanted.sieve, wanted.calls)
    assert known_place(str(tmp_path)) == found


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_private_file_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert write_private(path, "one")
    before = path.stat().st_ino
    assert not write_private(path, "one")
    assert path.stat().st_ino == before
    assert write_private(path, "two")
    assert (path.read_text(), os.listdir(tmp_path)) == ("two", ["a"])  # noqa: PTH208 - names are what is compared


def test_the_settings_name_the_places_servers_in_every_domain(tmp_path: Path) -> None:
    made = make_place(str(tmp_path))
    settings = with_embedded_mail(Settings(domains={"a.example": Settings(domain="a.example")}), made)
    for one in (settings, settings.for_domain("a.example")):
        assert one.imap.server == f"imap://127.0.0.1:{made.ports.imap}"
        assert one.imap.credentials == "token"
        assert one.sieve.server == f"sieve://127.0.0.1:{made.ports.sieve}"
        assert one.smtp.server == f"smtp://127.0.0.1:{made.ports.relay}"
        assert (one.smtp.master_user, one.smtp.master_user_password) == (True, made.secret)


def test_commands_see_what_the_server_has_made(tmp_path: Path) -> None:
    server = replace(Settings().server, state_directory=str(tmp_path), embedded_mail=True)
    settings = replace(Settings(), server=server)
    assert as_served(settings) == settings
    made = make_place(str(tmp_path))
    assert as_served(settings).imap.server.endswith(str(made.ports.imap))
    off = replace(settings, server=replace(server, embedded_mail=False))
    assert as_served(off) == off
