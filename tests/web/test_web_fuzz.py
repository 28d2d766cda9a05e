"""Whatever a browser sends, the JSON actions answer with a refusal and not with a failure of their own."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.sharing.choosing import MODULES, user_parameters
from folkmoot.web.face import ACTIONS
from tests.support.fuzz import fuzz_inputs
from tests.support.web import Browser, Town

pytestmark = pytest.mark.anyio

QUIET = settings(
    max_examples=fuzz_inputs(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(), max_size=20)  # lone surrogates and NUL among them
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*user_parameters(), "Vacation", "Forward", "SOGoSieveFilters"]) | TEXT
MODULE_KEYS = st.sampled_from([*MODULES["Calendar"], "SubscribedFolders"]) | TEXT
SAVED = st.fixed_dictionaries(
    {},
    optional={
        "defaults": st.dictionaries(KEYS, JSON, max_size=2),
        "settings": st.dictionaries(
            st.sampled_from([*MODULES]) | TEXT, st.dictionaries(MODULE_KEYS, JSON, max_size=2), max_size=2
        ),
    },
)
SEGMENTS = st.sampled_from(["so", "anna", "bert", *{part for pattern in ACTIONS for part in pattern}]) | TEXT
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["sday", "eday", "uid", "optional", "duration", "limit", "search", "anytime"]),
        st.sampled_from(["20260601", "20260602", "bert", "60", "1"]) | TEXT,
    ),
    max_size=6,
)


async def expect(browser: Browser, method: str, path: str, body: bytes = b"", query: str = "") -> None:
    reply = await browser.request(method, path, body=body, query=query)
    assert reply.status < 500 or path.endswith("/reload"), (reply.status, reply.body)


@QUIET
@given(saved=SAVED)
async def test_saving_anything(anna: Browser, saved: object) -> None:
    await expect(anna, "POST", "so/anna/Preferences/save", json.dumps(saved).encode())
    await expect(anna, "GET", "so/anna/jsonDefaults")
    await expect(anna, "GET", "so/anna/jsonSettings")
    await expect(anna, "GET", "so/anna/freebusy.ifb/ajaxRead", query="sday=20260601&eday=20260602")


@QUIET
@given(segments=st.lists(SEGMENTS, max_size=5), fields=FIELDS, method=st.sampled_from(["GET", "POST"]), value=JSON)
async def test_asking_for_anything(
    anna: Browser, segments: list[str], fields: list[tuple[str, str]], method: str, value: object
) -> None:
    query = "&".join(f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in fields)
    path = "/".join(segments).encode("utf-8", "replace").decode()
    if not path.endswith("logoff"):
        await expect(anna, method, path, json.dumps(value).encode(), query)


@QUIET
@given(fields=FIELDS, action=st.sampled_from(["ajaxRead", "slots"]))
async def test_asking_for_any_time(anna: Browser, fields: list[tuple[str, str]], action: str) -> None:
    query = "&".join(f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in fields)
    await expect(anna, "GET", f"so/bert/freebusy.ifb/{action}", query=query)


@QUIET
@given(fields=st.dictionaries(st.sampled_from(["userName", "password", "domain", "rememberLogin"]), JSON), cookie=TEXT)
async def test_signing_in_with_anything(town: Town, fields: dict[str, object], cookie: str) -> None:
    browser = town.browser
    browser.cookies = {"0xHIGHFLYxSOGo": cookie}
    await expect(browser, "POST", "connect", json.dumps(fields).encode())
    await expect(browser, "GET", "so/anna/jsonDefaults")
