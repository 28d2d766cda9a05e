"""Several sources as one directory."""

from dataclasses import replace
from typing import Any

import pytest

from folkmoot.config.people_section import PeopleSettings
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.domains import domains_of
from folkmoot.directory.found import Found
from folkmoot.directory.source import Authenticated
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio


def settings(domains: dict[str, dict[str, Any]] | None = None, **values: Any) -> Settings:
    security = {k: values.pop(k) for k in ("forbid_unknown_domains", "allowed_domains") if k in values}
    return replace(
        Settings(),
        people=PeopleSettings(**values),
        security=SecuritySettings(**security),
        domains={
            name: replace(Settings(), domain=name, people=PeopleSettings(**of_domain))
            for name, of_domain in (domains or {}).items()
        },
    )


async def who(directory: Directory, login: str, password: str) -> str | None:
    result = await directory.authenticate(login, password)
    return f"{result.principal.source}:{result.principal.id}" if result else None


async def test_sources_are_asked_in_order_until_one_accepts() -> None:
    first, second = Memory({"anna": "one"}, id="first"), Memory({"anna": "two", "bert": "b"}, id="second")
    directory = Directory([first, second])
    assert await who(directory, "anna", "one") == "first:anna"
    assert await who(directory, "anna", "two") == "second:anna"
    assert await who(directory, "bert", "b") == "second:bert"
    assert await who(directory, "anna", "three") is None
    found = await directory.find(PrincipalId("anna"))
    assert found is not None
    assert found.source == "first"


async def test_sources_that_do_not_authenticate_are_only_looked_up() -> None:
    directory = Directory([Memory({"anna": "p"}, can_authenticate=False)])
    assert await who(directory, "anna", "p") is None
    assert await directory.find(PrincipalId("anna")) is not None


async def test_a_source_that_is_down_hides_its_own_people_only() -> None:
    down, up = Memory({"anna": "p"}, id="down", down=True), Memory({"bert": "p"}, id="up")
    directory = Directory([down, up])
    assert await who(directory, "bert", "p") == "up:bert"
    assert await who(directory, "bert", "wrong") is None
    assert [p.id for p in await directory.search("", asking=None, limit=9)] == ["bert"]
    assert set(await directory.find_many([PrincipalId("anna"), PrincipalId("bert")])) == {"bert"}
    assert await directory.find_by_mail("bert@example.org") is not None
    for ask in (
        directory.authenticate("anna", "p"),
        directory.find(PrincipalId("anna")),
        directory.find_login("anna"),
        directory.find_by_mail("anna@example.org"),
    ):
        with pytest.raises(Unavailable):
            await ask


async def test_found_principals_are_remembered_until_forgotten() -> None:
    source = Memory({"anna": "p"})
    directory = Directory([source])
    assert await directory.find(PrincipalId("anna")) is not None
    source.down = True
    assert await directory.find(PrincipalId("anna")) is not None
    directory.forget()
    with pytest.raises(Unavailable):
        await directory.find(PrincipalId("anna"))


async def test_recheck_asks_the_source_that_authenticated() -> None:
    first, second = Memory({}, id="first"), Memory({"anna": "p"}, id="second")
    directory = Directory([first, second])
    result = await directory.authenticate("anna", "p")
    assert isinstance(result, Authenticated)
    assert await directory.recheck(result) == result
    second.can_authenticate = False
    assert await directory.recheck(result) is None


async def test_a_login_with_a_configured_domain_asks_its_sources_and_those_of_no_domain() -> None:
    acme = Memory({"anna@acme.com": "a"}, id="acme", domain="acme.com")
    other = Memory({"anna@acme.com": "o"}, id="other", domain="other.org")
    shared = Memory({"anna@acme.com": "s"}, id="shared")
    directory = Directory([shared, other, acme], domains_of(settings({"acme.com": {}, "other.org": {}})))
    assert await who(directory, "anna@acme.com", "a") == "acme:anna@acme.com"
    assert await who(directory, "anna@acme.com", "s") == "shared:anna@acme.com"
    assert await who(directory, "anna@acme.com", "o") is None
    assert acme.checks == 3
    assert other.checks == 0


@pytest.mark.parametrize(
    ("forbid", "allowed", "login", "accepted"),
    [
        (False, (), "x@unknown.net", True),
        (True, (), "x@unknown.net", False),
        (True, ("unknown.net",), "x@unknown.net", True),
        (True, ("UNKNOWN.net",), "x@unknown.net", True),
        (True, (), "x@acme.com", True),
        (True, (), "plain", True),
        (True, (), "x@acme.com.evil.net", False),
        (True, (), "x@acme.com@evil.net", False),
    ],
)
async def test_unknown_domains_are_refused_where_the_setting_says_so(
    *, forbid: bool, allowed: tuple[str, ...], login: str, accepted: bool
) -> None:
    source = Memory({login: "p"})
    rules = domains_of(settings({"acme.com": {}}, forbid_unknown_domains=forbid, allowed_domains=allowed))
    directory = Directory([source], rules)
    assert (await who(directory, login, "p") is not None) is accepted
    assert (await directory.find_login(login) is not None) is accepted


async def test_a_principal_of_an_unknown_domain_is_refused_too() -> None:
    source = Memory({"plain": "p"}, domain="hidden.net")
    directory = Directory([source], domains_of(settings({"acme.com": {}}, forbid_unknown_domains=True)))
    assert await who(directory, "plain", "p") is None
    assert await directory.find_login("plain") is None


async def test_domains_see_one_another_only_as_configured() -> None:
    sources = [
        Memory({"anna": "p"}, id="a", domain="a.org"),
        Memory({"bert": "p"}, id="b", domain="b.org"),
        Memory({"carl": "p"}, id="c", domain="c.org"),
        Memory({"dora": "p"}, id="shared"),
        Memory({"emil": "p"}, id="hidden", is_address_book=False),
    ]
    rules = domains_of(
        settings({"a.org": {}, "b.org": {}, "c.org": {}}, domains_visibility=(("A.org", "b.org"), ("b.org", "c.org")))
    )
    directory = Directory(sources, rules)

    async def seen(login: str) -> list[str]:
        asking = await directory.find(PrincipalId(login))
        return [p.id for p in await directory.search(".", asking=asking, limit=9)]

    assert await seen("anna") == ["anna", "bert", "dora"]
    assert await seen("bert") == ["anna", "bert", "carl", "dora"]
    assert await seen("carl") == ["bert", "carl", "dora"]
    assert await seen("dora") == ["anna", "bert", "carl", "dora"]


async def test_addresses_end_with_the_one_made_of_user_name_and_mail_domain() -> None:
    source = Memory({"anna": "p"})
    directory = Directory([source], domains_of(settings(mail_domain="mill.org")))
    anna = await directory.find(PrincipalId("anna"))
    assert anna is not None
    assert directory.addresses(anna) == ("anna@example.org", "anna@mill.org")
    assert await directory.find_by_mail("mailto:Anna@Mill.org") == anna
    assert await directory.find_by_mail("anna@nowhere.org") is None

    hidden = Directory([source], domains_of(settings(mail_domain="mill.org", hide_system_address=True)))
    assert hidden.addresses(anna) == ("anna@example.org",)
    assert await hidden.find_by_mail("anna@mill.org") is None
    same = Directory([source], domains_of(settings(mail_domain="example.org")))
    assert same.addresses(anna) == ("anna@example.org",)


async def test_login_domains_that_are_not_known_are_dropped() -> None:
    rules = domains_of(settings({"a.org": {}}, allowed_domains=("b.org",), login_domains=("A.org", "b.org", "c.org")))
    assert rules.login_domains == ("A.org", "b.org")


async def test_questions_and_answers_are_bounded() -> None:
    directory = Directory([Memory({f"u{i}": "p" for i in range(2000)})])
    assert len(await directory.search("", asking=None, limit=10**9)) == 1000
    assert list(await directory.search("", asking=None, limit=-1)) == []
    assert await who(directory, "x" * 256, "p") is None
    assert await directory.find_by_mail("x@" + "y" * 10_000) is None


async def test_memory_of_found_principals_is_bounded_and_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("folkmoot.directory.found.monotonic", lambda: now[0])
    principal = Memory().principal("anna")
    found: Found[int] = Found(10.0, size_max=3)
    for key in range(5):
        found.put(key, principal)
    assert [key for key in range(5) if found.get(key)] == [2, 3, 4]
    now[0] = 11.0
    assert found.get(4) is None
