"""The keys of an SQL user source, on every kind of database."""

from time import perf_counter

import pytest

from folkmoot.config.qualifier import parse
from folkmoot.config.sources import SqlSource
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.passwords import hash_password
from folkmoot.directory.principal import PrincipalKind
from folkmoot.directory.source import Authenticated, Refusal
from folkmoot.directory.sql_rows import RowReader, mails_of
from tests.directory.conftest import MakeSource, add_person, change_person

pytestmark = pytest.mark.anyio


async def test_any_of_several_login_columns_will_do(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="p", mail="anna@example.org", employee=4711)
    source = make_source(login_fields=("c_uid", "mail", "Employee", "missing"))
    for login in ("anna", "anna@example.org", "4711"):
        result = await source.check(login, "p")
        assert isinstance(result, Authenticated)
        assert result.principal.id == "anna"
        assert await source.recheck(result) is not None


async def test_only_the_named_columns_are_logins_but_ids_are_always_found(
    table: Database, make_source: MakeSource
) -> None:
    await add_person(table, c_uid="u1", c_password="p", mail="anna@example.org")
    source = make_source(login_fields=("mail",))
    assert await source.check("u1", "p") is Refusal.UNKNOWN
    result = await source.check("anna@example.org", "p")
    assert isinstance(result, Authenticated)
    assert await source.recheck(result) == result
    assert await source.find("u1") is not None


async def test_text_does_not_match_a_number_column(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="zero", c_password="p", employee=0)
    source = make_source(login_fields=("employee",))
    for login in ("x", "anna", "0x", " ", "0 OR 1"):
        assert await source.check(login, "p") is Refusal.UNKNOWN
    assert isinstance(await source.check("0", "p"), Authenticated)


async def test_a_login_that_leads_to_two_people_leads_to_nobody(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="p", c_o="team")
    await add_person(table, c_uid="bert", c_password="p", c_o="team")
    await add_person(table, c_uid="team", c_password="p", c_o="other")
    source = make_source(login_fields=("c_o", "c_uid"))
    result = await source.check("team", "p")
    assert isinstance(result, Authenticated)
    assert result.principal.id == "team", "the id goes before other columns"
    source = make_source(login_fields=("c_o",))
    assert await source.check("team", "p") is Refusal.UNKNOWN


@pytest.mark.parametrize("scheme", ["md5", "none", "ssha256.hex", "sym-aes-128-cbc"])
async def test_the_scheme_of_the_source_goes_for_values_without_one(
    table: Database, make_source: MakeSource, scheme: str
) -> None:
    stored = hash_password("secret", scheme, key=bytes(16), prefix=False)
    await add_person(table, c_uid="anna", c_password=stored)
    await add_person(table, c_uid="bert", c_password=hash_password("hunter2", "ssha512"))
    source = make_source(password_scheme=scheme, key=bytes(16))
    assert isinstance(await source.check("anna", "secret"), Authenticated)
    assert isinstance(await source.check("bert", "hunter2"), Authenticated)
    assert await source.check("anna", f"x{stored}") is Refusal.WRONG
    assert await source.check("carl", "secret") is Refusal.UNKNOWN


FILTERS = [
    ("active = 1", True),
    ("active = 0", False),
    ("active = 'yes'", True),
    ("NOT active = 0", True),
    ("c_o = 'Mill'", True),
    ("c_o != 'Mill'", False),
    ("c_o LIKE 'M*l'", True),
    ("c_o LIKE 'M_ll'", False),
    ("c_o = '*'", True),
    ("employee >= 40 AND employee < 43", True),
    ("employee > 42", False),
    ("employee = 'x'", False),
    ("(c_o = 'X' OR employee = 42) AND NOT kind = 'group'", False),  # kind is NULL: SQL does not know
    ("(c_o = 'X' OR employee = 42) AND active = '1'", True),
    ("kind != 'group'", False),
    ("kind = '*'", False),
    ('c_o = "Mill\' OR 1=1 --"', False),
]


@pytest.mark.parametrize(("text", "allowed"), FILTERS)
async def test_the_authentication_filter_means_what_sql_means(
    table: Database, make_source: MakeSource, text: str, *, allowed: bool
) -> None:
    await add_person(table, c_uid="anna", c_password="p", c_o="Mill", employee=42, mail="a@example.org")
    if table.dialect != "postgresql" and "'yes'" in text:
        text = "active = '1'"  # only PostgreSQL has a type for it
    source = make_source(authentication_filter=parse(text))
    assert isinstance(await source.check("anna", "p"), Authenticated) is allowed
    assert await source.find("anna") is not None, "the filter is about logging in only"


async def test_who_no_longer_satisfies_the_filter_is_out(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="p")
    source = make_source(authentication_filter=parse("active = 1"))
    result = await source.check("anna", "p")
    assert isinstance(result, Authenticated)
    assert await source.recheck(result) is not None
    await change_person(table, "anna", stored="p", active=False)
    assert await source.recheck(result) is None


async def test_a_changed_password_is_noticed(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="p")
    source = make_source()
    result = await source.check("anna", "p")
    assert isinstance(result, Authenticated)
    await change_person(table, "anna", stored="q")
    assert await source.recheck(result) is None


async def test_settings_that_do_not_fit_the_table_let_nobody_in(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="p")
    with pytest.raises(Unavailable):
        await make_source(authentication_filter=parse("nothing = 1")).check("anna", "p")


async def test_a_table_that_is_not_there_is_a_source_that_is_down(table: Database, make_source: MakeSource) -> None:
    source = make_source()
    assert await source.find("anna") is None
    await table.exclusively(
        lambda session: session.run(
            f"ALTER TABLE {'`People`' if table.dialect == 'mysql' else chr(34) + 'People' + chr(34)} RENAME TO away"
        )
    )
    fresh = make_source()
    with pytest.raises(Unavailable):
        await fresh.find("anna")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("location", PrincipalKind.LOCATION),
        ("Thing", PrincipalKind.THING),
        ("GROUP", PrincipalKind.GROUP),
        ("person", PrincipalKind.INDIVIDUAL),
        (None, PrincipalKind.INDIVIDUAL),
    ],
)
async def test_the_kind_column_makes_resources(
    table: Database, make_source: MakeSource, kind: str | None, expected: PrincipalKind
) -> None:
    await add_person(table, c_uid="x", kind=kind, bookings=-1)
    found = await make_source().find("x")
    assert found is not None
    assert (found.kind, found.multiple_bookings, found.bookable) == (
        expected,
        -1,
        expected is not PrincipalKind.INDIVIDUAL,
    )


async def test_module_constraints_close_modules(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_o="MILL", employee=7)
    await add_person(table, c_uid="bert", c_o=None, employee=7)
    source = make_source(module_constraints={"Calendar": {"c_o": "mill"}, "Mail": {"employee": "7", "o": "Mill"}})
    anna, bert = await source.find("anna"), await source.find("bert")
    assert anna is not None
    assert bert is not None
    assert (anna.modules_denied, bert.modules_denied) == (frozenset(), frozenset({"Calendar", "Mail"}))


async def test_columns_become_attributes_without_prefix_and_passwords_never(
    table: Database, make_source: MakeSource
) -> None:
    await add_person(table, c_uid="anna", c_password="secret", c_cn="Anna", c_o="Mill", employee=7)
    found = await make_source().find("anna")
    assert found is not None
    assert dict(found.attributes) == {
        "uid": ("anna",),
        "name": ("anna",),
        "cn": ("Anna",),
        "o": ("Mill",),
        "employee": ("7",),
        "active": ("1",),
    }


def test_prefixes_of_proxy_addresses_are_cut() -> None:
    row = {"mail": "anna@x.org", "proxyaddresses": "SMTP:Anna@x.org smtp:a@x.org x500:/o=mill", "other": "smtp:b@x.org"}
    assert mails_of(row, ("mail", "proxyaddresses")) == ("anna@x.org", "a@x.org")
    assert mails_of(row, ("other",)) == ("smtp:b@x.org",)


async def test_ids_carry_the_domain_where_the_settings_say_so(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password="one", dom="One.org")
    await add_person(table, c_uid="anna", c_password="two", dom="two.org")
    await add_person(table, c_uid="bert", c_password="b", dom=None)
    source = make_source(domain_field="dom", domain_in_ids=True)
    for login, password, expected in (("anna@one.org", "one", "anna@One.org"), ("anna@two.org", "two", "anna@two.org")):
        result = await source.check(login, password)
        assert isinstance(result, Authenticated)
        assert result.principal.id == expected
        assert await source.recheck(result) == result
    assert await source.check("anna@two.org", "one") is Refusal.WRONG
    assert await source.check("anna@three.org", "one") is Refusal.UNKNOWN
    assert await source.check("anna", "one") is Refusal.UNKNOWN, "which of the two?"
    assert isinstance(await source.check("bert", "b"), Authenticated)
    assert await source.check("bert@one.org", "b") is Refusal.UNKNOWN
    found = await source.find_many([PrincipalId("anna@two.org"), PrincipalId("anna@three.org"), PrincipalId("bert")])
    assert sorted(p.id for p in found) == ["anna@two.org", "bert"]


async def test_search_can_be_kept_within_domains(table: Database, make_source: MakeSource) -> None:
    for uid, domain in (("anna", "One.org"), ("bert", "two.org"), ("carl", None)):
        await add_person(table, c_uid=uid, c_cn=f"{uid} x", dom=domain)
    source = make_source(domain_field="dom")
    assert [p.id for p in await source.search("x", limit=9)] == ["anna", "bert", "carl"]
    assert [p.id for p in await source.search("x", limit=9, domains={"one.org"})] == ["anna"]
    assert [p.id for p in await source.search("x", limit=9, domains={"one.org", "two.org"})] == ["anna", "bert"]
    assert list(await source.search("x", limit=9, domains=set())) == []


async def test_time_does_not_tell_whether_a_login_exists(table: Database, make_source: MakeSource) -> None:
    await add_person(table, c_uid="anna", c_password=hash_password("secret", "sha512-crypt", prefix=False))
    source = make_source(password_scheme="sha512-crypt")

    async def seconds(login: str) -> float:
        started = perf_counter()
        await source.check(login, "wrong")
        return perf_counter() - started

    await seconds("nobody")  # makes the value that is compared with
    wrong, unknown = [min([await seconds(login) for _ in range(3)]) for login in ("anna", "nobody")]
    assert 0.2 < unknown / wrong < 5  # without the pretence it is a fiftieth


async def test_a_person_may_have_mail_servers_and_a_mail_login_of_the_tables(
    table: Database, make_source: MakeSource
) -> None:
    await add_person(table, c_uid="anna", c_password="p", c_o="imaps://mail.example", mail="a7@example.org")
    source = make_source(imap_host_field="c_o", imap_login_field="Mail", sieve_host_field="missing")
    found = await source.find("anna")
    assert found is not None
    assert (found.imap_server, found.imap_login, found.sieve_server) == ("imaps://mail.example", "a7@example.org", "")


def test_without_fields_of_its_own_a_source_has_the_usual_columns_for_mail() -> None:
    reader = RowReader(SqlSource(id="people"), None, domain_in_ids=False)
    row = {"c_uid": "anna", "c_imaphostname": "mail.example", "c_imaplogin": "a7", "c_sievehostname": None}
    found = reader.principal(row)
    assert found is not None
    assert (found.imap_server, found.imap_login, found.sieve_server) == ("mail.example", "a7", "")
