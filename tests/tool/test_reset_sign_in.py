"""Forgetting how somebody gets in beside the password."""

from functools import partial
from pathlib import Path

import anyio
from click.testing import CliRunner

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import app_passwords, second_factors
from folkmoot.store.second_factors import StoredFactor
from folkmoot.tool.main import folkmoot

ANNA = PrincipalId("anna")


def _run(conf: Path, *arguments: str, given: str = "") -> str:
    result = CliRunner().invoke(folkmoot, ["-c", str(conf), *arguments], input=given)
    assert result.exit_code == 0, result.output
    return result.output


async def _give(url: str) -> None:
    async def work(tx: Transaction) -> None:
        await app_passwords.add(tx, ANNA, "d" * 64, name="Phone", scopes="dav", created_at=1, expires_at=0)
        await second_factors.put(tx, ANNA, StoredFactor("sealed", 0, 1), pending=False)
        await second_factors.renew_codes(tx, ANNA, ["c" * 64], 1)

    async with await Database.open(url) as database:
        await database.write(work)


async def _left(url: str) -> tuple[int, bool]:
    async with await Database.open(url) as database:
        kept = await database.read(partial(app_passwords.list_of, principal=ANNA))
        asked, _ = await database.read(partial(second_factors.kinds, principal=ANNA))
        return len(kept) + await database.read(partial(second_factors.count_codes, principal=ANNA)), asked


def test_the_password_alone_signs_in_afterwards(tmp_path: Path) -> None:
    conf, url = tmp_path / "sogo.conf", f"sqlite:///{tmp_path}/folkmoot.db"
    conf.write_text(f'{{ FolkmootDatabaseURL = "{url}"; }}')
    _run(conf, "user", "add", "anna", "--password-stdin", given="long enough\n")
    anyio.run(_give, url)
    assert anyio.run(_left, url) == (2, True)
    assert "password alone" in _run(conf, "reset-sign-in", "anna", "--yes")
    assert anyio.run(_left, url) == (0, False)
    assert CliRunner().invoke(folkmoot, ["-c", str(conf), "reset-sign-in", "nobody", "--yes"]).exit_code != 0


def test_what_opened_a_removed_user_s_account_does_not_open_a_new_one_s(tmp_path: Path) -> None:
    conf, url = tmp_path / "sogo.conf", f"sqlite:///{tmp_path}/folkmoot.db"
    conf.write_text(f'{{ FolkmootDatabaseURL = "{url}"; }}')
    _run(conf, "user", "add", "anna", "--password-stdin", given="long enough\n")
    anyio.run(_give, url)
    _run(conf, "user", "remove", "anna", "--yes")
    assert anyio.run(_left, url) == (0, False)
