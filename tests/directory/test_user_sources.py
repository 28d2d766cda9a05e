"""What every user source must do, whatever it is made of."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import PrincipalKind
from folkmoot.directory.source import Authenticated, Refusal, UserSource

pytestmark = [pytest.mark.anyio]

HOSTILE = [
    "",
    "'",
    "' OR '1'='1",
    "anna'--",
    "anna\\' OR 1=1 #",
    'anna"; DROP TABLE People; --',
    "%",
    "_nna",
    "ann%",
    "\0",
    "anna\0",
    "\ud800",
    "x" * 70_000,
    "${jndi:ldap://x}",
    "*",
    "0",
]


async def test_the_right_password_tells_who_it_is(source: UserSource) -> None:
    result = await source.check("anna", "secret")
    assert isinstance(result, Authenticated)
    assert result.principal.id == "anna"
    assert result.principal.display_name == "Anna Čech"
    assert result.principal.kind is PrincipalKind.INDIVIDUAL
    assert result.principal.source == source.id


async def test_a_wrong_password_and_an_unknown_login_are_refused(source: UserSource) -> None:
    assert await source.check("anna", "Secret") is Refusal.WRONG
    assert await source.check("carl", "secret") is Refusal.UNKNOWN


async def test_who_has_no_password_cannot_log_in(source: UserSource) -> None:
    for password in ("", "x", "None", "NULL"):
        assert isinstance(await source.check("room", password), Refusal)


async def test_quotes_and_wildcards_in_passwords_are_just_characters(source: UserSource) -> None:
    assert isinstance(await source.check("bert", "o'brien%_"), Authenticated)
    assert await source.check("bert", "o'brien%%") is Refusal.WRONG


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
async def test_hostile_text_finds_nobody(source: UserSource, text: str) -> None:
    assert await source.check(text, "secret") is Refusal.UNKNOWN
    assert await source.find(text) is None
    assert await source.find_by_mail(text) is None
    assert list(await source.find_many([PrincipalId(text)])) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(text=st.text(max_size=300))
async def test_no_text_is_an_error(source: UserSource, text: str) -> None:
    assert await source.find(text) is None or text.strip().lower() in {"anna", "bert", "room"}
    assert await source.find_by_mail(text) is None
    await source.search(text, limit=5)


async def test_a_session_goes_on_while_the_password_is_the_same(source: UserSource) -> None:
    first = await source.check("anna", "secret")
    assert isinstance(first, Authenticated)
    again = await source.recheck(first)
    assert again == first
    assert await source.recheck(Authenticated(first.principal, b"another")) is None


async def test_principals_are_found_by_id(source: UserSource) -> None:
    found = await source.find("room")
    assert found is not None
    assert (found.id, found.kind, found.multiple_bookings) == ("room", PrincipalKind.LOCATION, 1)
    assert await source.find("rooms") is None


async def test_many_principals_are_found_at_once(source: UserSource) -> None:
    asked = [PrincipalId("anna"), PrincipalId("nobody"), PrincipalId("room")]
    assert sorted(p.id for p in await source.find_many(asked)) == ["anna", "room"]
    assert list(await source.find_many([])) == []


@pytest.mark.parametrize(
    "address", ["anna@example.org", "ANNA@Example.org", "a.cech@example.org", "anna.old@EXAMPLE.net"]
)
async def test_every_address_leads_to_its_principal_in_any_case(source: UserSource, address: str) -> None:
    found = await source.find_by_mail(address)
    assert found is not None
    assert found.id == "anna"


@pytest.mark.parametrize(
    "address", ["nna@example.org", "cech@example.org", "anna@example", "a_cech@example.org", "org"]
)
async def test_part_of_an_address_leads_nowhere(source: UserSource, address: str) -> None:
    assert await source.find_by_mail(address) is None


async def test_addresses_have_the_main_one_first(source: UserSource) -> None:
    found = await source.find("anna")
    assert found is not None
    assert [m.lower() for m in found.mails] == ["anna@example.org", "a.cech@example.org", "anna.old@example.net"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("anna", ["anna"]),
        ("ANNA", ["anna"]),
        ("example.org", ["anna", "bert", "room"]),
        ("", ["anna", "bert", "room"]),
        ("o'brien", ["bert"]),
        ("100%", ["bert"]),
        ("%", ["bert"]),
        ("_", []),
        ("~", []),
        ("'; DROP TABLE x; --", []),
        ("zzz", []),
    ],
)
async def test_search_looks_for_the_text_as_it_stands(source: UserSource, text: str, ids: list[str]) -> None:
    assert sorted(p.id for p in await source.search(text, limit=10)) == ids


async def test_search_stops_at_the_limit_and_sorts_by_name(source: UserSource) -> None:
    assert [p.id for p in await source.search("example.org", limit=2)] == ["anna", "bert"]
    assert list(await source.search("example.org", limit=0)) == []
