import gzip

import pytest

from folkmoot.server.compression import SIZE_MIN, THREAD_MIN, accepts_gzip, compress
from folkmoot.server.exchange import Answer

pytestmark = pytest.mark.anyio


def answer(size: int, **headers: str) -> Answer:
    names = {"Content-Type": "application/xml; charset=utf-8", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return Answer(207, list(names.items()), b"<x/>" * (size // 4))


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("br, x-gzip", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("identity", False),
        ("", False),
    ],
)
async def test_a_client_says_whether_it_takes_gzip(header: str, *, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize("size", [SIZE_MIN, THREAD_MIN * 2])
async def test_a_large_answer_is_compressed_for_who_wants_it(size: int) -> None:
    plain = answer(size).body
    packed = await compress(answer(size), "gzip")
    assert gzip.decompress(packed.body) == plain
    assert ("Content-Encoding", "gzip") in packed.headers
    assert ("Vary", "Accept-Encoding") in packed.headers


async def test_a_cache_is_told_even_where_the_answer_stays_plain() -> None:
    plain = await compress(answer(SIZE_MIN), "")
    assert plain.body == answer(SIZE_MIN).body
    assert ("Vary", "Accept-Encoding") in plain.headers


@pytest.mark.parametrize(
    "untouched",
    [answer(SIZE_MIN - 4), answer(SIZE_MIN, ETag='"1"'), answer(SIZE_MIN, Content_Type="image/png")],
    ids=["small", "has an ETag", "no text"],
)
async def test_an_answer_stays_as_it_is(untouched: Answer) -> None:
    headers = list(untouched.headers)
    same = await compress(untouched, "gzip")
    assert same.headers == headers
    assert len(same.body) == len(untouched.body)
