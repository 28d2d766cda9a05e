"""Files on their way into a draft: bounded, of one person, and gone in time."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.core.errors import NotFound, TooLarge, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.uploads import UploadLimits, Uploads

pytestmark = pytest.mark.anyio
ANNA, BERTA = PrincipalId("anna"), PrincipalId("../berta\0")
SMALL = UploadLimits(file_octets=1000, person_octets=2500, person_files=4, seconds=100)


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


async def _pieces(*sizes: int, fail: bool = False) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size
    if fail:
        raise ConnectionResetError


async def test_a_file_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    kept = await uploads.put(ANNA, "../a\r\nb.txt", "Text/Plain; charset=x", b"one\ntwo")
    assert (kept.name, kept.content_type, kept.size) == ("_a b.txt", "text/plain", 7)
    assert await uploads.get(ANNA, kept.id) == (kept, b"one\ntwo")
    for owner, identity in ((BERTA, kept.id), (ANNA, "0" * 32), (ANNA, "../" + kept.id), (ANNA, "")):
        with pytest.raises(NotFound):
            await uploads.get(owner, identity)
    (path,) = _files(tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    other = await uploads.put(BERTA, "", "x", b"")
    assert (other.name, other.content_type) == ("attachment", "application/octet-stream")
    await uploads.forget(BERTA, [other.id, other.id])
    assert len(_files(tmp_path)) == 1


async def test_an_upload_that_breaks_off_or_is_too_large_leaves_nothing(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, SMALL)
    with pytest.raises(TooLarge):
        await uploads.put(ANNA, "a", "a/b", _pieces(600, 600))
    with pytest.raises(Unavailable):
        await uploads.put(ANNA, "a", "a/b", _pieces(600, fail=True))
    assert _files(tmp_path) == []
    for _ in range(2):
        await uploads.put(ANNA, "a", "a/b", _pieces(900))
    with pytest.raises(TooLarge):
        await uploads.put(ANNA, "a", "a/b", _pieces(900))
    for _ in range(2):
        await uploads.put(ANNA, "a", "a/b", b"")
    with pytest.raises(TooLarge):
        await uploads.put(ANNA, "a", "a/b", b"")
    await uploads.put(BERTA, "a", "a/b", _pieces(900))


async def test_what_nobody_uses_goes(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, SMALL)
    old = await uploads.put(ANNA, "a", "a/b", b"x")
    young = await uploads.put(ANNA, "a", "a/b", b"y")
    (path,) = (one for one in _files(tmp_path) if one.name == old.id)
    os.utime(path, (1, 1))
    await Uploads(tmp_path, SMALL).put(BERTA, "a", "a/b", b"")
    with pytest.raises(NotFound):
        await uploads.get(ANNA, old.id)
    assert (await uploads.get(ANNA, young.id))[1] == b"y"


async def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        await Uploads(tmp_path / "file").put(ANNA, "a", "a/b", b"")
