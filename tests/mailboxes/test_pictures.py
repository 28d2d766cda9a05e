"""Pictures of mails are fetched for their readers alone, and written anew."""

import base64
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from folkmoot.core.errors import FolkmootError, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.fetcher import Fetcher, FetchLimits
from folkmoot.mailboxes.images import SECRET, VALID_SECONDS, Pictures, picture_fetcher
from folkmoot.mailboxes.raster import PIXELS_MAX, rewrite
from tests.support.web_server import Web, web_server

EVA, BEN = PrincipalId("eva"), PrincipalId("ben")


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **options: object) -> bytes:
    written = BytesIO()
    Image.new(mode, size, 0).save(written, kind, **options)
    return written.getvalue()


def read(octets: bytes) -> Image.Image:
    image: Image.Image = Image.open(BytesIO(octets))
    image.load()
    return image


KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/png", "WEBP": "image/png", "BMP": "image/png"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bitmap_is_written_anew(kind: str) -> None:
    written = rewrite(picture(kind))
    assert written.content_type == KINDS[kind]
    assert read(written.octets).size == (8, 6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_depth_of_colour_is_read(mode: str) -> None:
    assert read(rewrite(picture(mode=mode)).octets).size == (8, 6)
    assert read(rewrite(picture(mode="RGBA")).octets).mode == "RGBA"


def test_what_was_said_about_a_picture_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    exif[0x0112] = 6  # lies on its side
    written = rewrite(picture("JPEG", exif=exif, comment=b"secret", icc_profile=b"profile"))
    assert b"taken" not in written.octets
    assert b"secret" not in written.octets
    assert b"profile" not in written.octets
    assert read(written.octets).size == (6, 8)


def test_what_stands_behind_a_picture_is_gone() -> None:
    assert b"<script" not in rewrite(picture("GIF") + b"<script>alert(1)</script>").octets


def test_a_moving_picture_moves_on() -> None:
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "green", "blue")]
    octets = BytesIO()
    frames[0].save(octets, "GIF", save_all=True, append_images=frames[1:], duration=50, comment=b"secret")
    written = rewrite(octets.getvalue())
    assert written.content_type == "image/gif"
    assert getattr(read(written.octets), "n_frames", 0) == 3
    assert b"secret" not in written.octets


def test_a_large_picture_becomes_as_large_as_a_screen() -> None:
    assert read(rewrite(picture(size=(4000, 1000))).octets).size == (2560, 640)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    begun = time.process_time()
    with pytest.raises(TooLarge):
        rewrite(picture(mode="1", size=(PIXELS_MAX // 4_000 + 1, 4_000)))
    header = picture()
    with pytest.raises(FolkmootError):
        rewrite(header[:16] + (2**31 - 1).to_bytes(4, "big") * 2 + header[24:])
    assert time.process_time() - begun < 3


NO_PICTURES = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<html><script>alert(1)</script></html>",
    "nothing": b"",
    "tiff": None,
    "pdf": b"%PDF-1.4",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    "ico": b"\0\0\1\0\1\0\1\1\0\0\1\0\x20\0\0\0\0\0\0\0\0\0",
    "half a png": None,
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_bitmap_is_refused(kind: str) -> None:
    octets = NO_PICTURES[kind]
    if octets is None:
        octets = picture("TIFF") if kind == "tiff" else picture(size=(300, 300), mode="RGB")[:60]
    with pytest.raises(MalformedInput):
        rewrite(octets)


@given(st.binary(max_size=200), st.sampled_from(sorted(KINDS)), st.integers(0, 80))
def test_damaged_pictures_are_read_or_refused(damage: bytes, kind: str, position: int) -> None:
    octets = picture(kind)
    with suppress(MalformedInput, TooLarge):
        rewrite(octets[:position] + damage + octets[position + len(damage) :])


class Now:
    """A clock that the test sets."""

    seconds = 1_800_000_000

    def milliseconds(self) -> int:
        return self.seconds * 1000


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with web_server(tmp_path) as running:
        running.on("/a.png", picture("PNG"), content_type="image/png")
        running.on("/a.svg", b"<svg/>", content_type="image/png")
        yield running


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
async def pictures(migrated_file: Path, tmp_path: Path, now: Now) -> AsyncIterator[Pictures]:
    copy = shutil.copy(migrated_file, tmp_path / "pictures.db")

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    fetcher = Fetcher([ip_network("127.0.0.0/8")], FetchLimits(seconds=5), resolve=resolve, accept="image/*")
    async with await Database.open(f"sqlite:///{copy}") as database:
        yield Pictures(database, fetcher, now)  # type: ignore[arg-type]  # half a clock is enough


@pytest.mark.anyio
async def test_a_picture_is_fetched_for_its_reader(pictures: Pictures, web: Web) -> None:
    token = (await pictures.signer(EVA))(web.url("/a.png"))
    assert (await pictures.fetch(EVA, token)).content_type == "image/png"
    asked = web.asked[0].headers
    assert asked["accept"] == "image/*"
    for name in ("cookie", "referer", "authorization", "origin"):
        assert name not in asked


@pytest.mark.anyio
async def test_a_token_is_for_one_reader_one_url_and_one_day(pictures: Pictures, web: Web, now: Now) -> None:
    token = (await pictures.signer(EVA))(web.url("/a.png"))
    octets = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    changed = base64.urlsafe_b64encode(octets[:-1] + b"h").decode().rstrip("=")
    for reader, wrong in (
        (BEN, token),
        (EVA, changed),
        (EVA, ""),
        (EVA, "!"),
        (EVA, "ä"),
        (EVA, "A" * 9000),
        (EVA, token[:-4]),
    ):
        with pytest.raises(NotFound):
            await pictures.fetch(reader, wrong)
    now.seconds += VALID_SECONDS + 1
    with pytest.raises(NotFound):
        await pictures.fetch(EVA, token)
    assert web.asked == []


@pytest.mark.anyio
async def test_only_urls_on_the_web_get_a_token(pictures: Pictures) -> None:
    sign = await pictures.signer(EVA)
    for url in (
        "javascript:x",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//x.test/a",
        "ftp://x.test/",
        "http://ä.test/",
    ):
        assert sign(url) == ""
    assert set(sign("http://x.test/a?b=c&d='e")) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


@pytest.mark.anyio
async def test_what_is_no_picture_is_not_handed_on(pictures: Pictures, web: Web) -> None:
    sign = await pictures.signer(EVA)
    with pytest.raises(MalformedInput):
        await pictures.fetch(EVA, sign(web.url("/a.svg")))
    with pytest.raises(FetchFailed):
        await pictures.fetch(EVA, sign(web.url("/none.png")))


@pytest.mark.anyio
async def test_a_password_in_a_url_is_not_used(pictures: Pictures, web: Web) -> None:
    url = web.url("/a.png").replace("http://", "http://user:password@")
    await pictures.fetch(EVA, (await pictures.signer(EVA))(url))
    assert "authorization" not in web.asked[0].headers


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "0x7f000001"])
async def test_nothing_is_fetched_from_private_networks(migrated_file: Path, now: Now, host: str) -> None:
    async with await Database.open(f"sqlite:///{migrated_file}") as database:
        pictures = Pictures(database, picture_fetcher(), now)  # type: ignore[arg-type]  # half a clock is enough
        pictures._key = SECRET.encode()
        sign = await pictures.signer(EVA)
        with pytest.raises(FetchFailed):
            await pictures.fetch(EVA, sign(f"http://{host}:8080/a.png"))
