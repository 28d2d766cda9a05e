"""From settings to a directory."""

from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.config.load import load
from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.database import Database
from folkmoot.directory.opening import open_directory

pytestmark = pytest.mark.anyio


def settings_of(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "sogo.conf"
    file.write_text(text)
    return load((), {}, (file,))


def sql(name: str, place: str, more: str = "") -> str:
    return f'{{ type = sql; id = {name}; canAuthenticate = YES; viewURL = "{place}/people"; {more} }}'


async def test_without_sources_people_are_in_our_own_table(database: Database) -> None:
    opened = open_directory(Settings(), database, SystemClock())
    assert opened.local is not None
    assert [source.id for source in opened.directory.address_books] == ["local"]
    await opened.close()


async def test_a_source_that_is_down_does_not_keep_the_server_from_starting(tmp_path: Path, database: Database) -> None:
    settings = settings_of(tmp_path, f"{{ SOGoUserSources = ({sql('a', 'mysql://u:p@127.0.0.1:1/x')}); }}")
    opened = open_directory(settings, database, SystemClock())
    assert opened.local is None
    with pytest.raises(Unavailable):
        await opened.directory.authenticate("anna", "p")
    await opened.close()


async def test_domains_have_sources_of_their_own(tmp_path: Path, database: Database) -> None:
    place = f"sqlite://{tmp_path}/people.db"
    settings = settings_of(
        tmp_path,
        f"""{{ SOGoUserSources = ({sql("all", place)});
              domains = {{ "a.org" = {{ SOGoUserSources = ({sql("ours", place)}); }};
                           "b.org" = {{ SOGoMailDomain = "b.org"; }}; }}; }}""",
    )
    opened = open_directory(settings, database, SystemClock())
    assert [(source.id, source.domain) for source in opened.directory._sources] == [("all", None), ("ours", "a.org")]
    assert len(opened.closing) == 1, "one database, opened once"
    await opened.close()


async def test_two_sources_may_not_share_an_id(tmp_path: Path, database: Database) -> None:
    place = f"sqlite://{tmp_path}/people.db"
    settings = settings_of(tmp_path, f"{{ SOGoUserSources = ({sql('a', place)}); }}")
    doubled = replace(settings, people=replace(settings.people, sources=settings.people.sources * 2))
    with pytest.raises(ConfigurationError, match="twice"):
        open_directory(doubled, database, SystemClock())


async def test_a_key_that_cannot_be_read_is_a_fault(tmp_path: Path, database: Database) -> None:
    place = f"sqlite://{tmp_path}/people.db"
    settings = settings_of(tmp_path, f"{{ SOGoUserSources = ({sql('a', place, f'keyPath = {tmp_path}/none;')}); }}")
    with pytest.raises(ConfigurationError, match="keyPath"):
        open_directory(settings, database, SystemClock())


@pytest.mark.live  # which python-ldap comes with
async def test_ldap_sources_do_not_open_the_built_in_one(tmp_path: Path, database: Database) -> None:
    settings = settings_of(
        tmp_path,
        '{ SOGoUserSources = ({ type = ldap; id = a; hostname = "ldap://127.0.0.1:1"; baseDN = "dc=x";'
        " canAuthenticate = YES; }); }",
    )
    opened = open_directory(settings, database, SystemClock())
    assert opened.local is None
    with pytest.raises(Unavailable):
        await opened.directory.authenticate("anna", "p")
    await opened.close()
