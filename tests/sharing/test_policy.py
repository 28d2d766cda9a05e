"""Default roles of the owner's domain."""

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.policy import OwnerUnknown, SharingPolicy, policies_of
from folkmoot.sharing.rights import OWNER, Level, Rights, group_subject, rights_of_roles, subjects_of

pytestmark = pytest.mark.anyio

SYSTEM = SharingPolicy(("PublicDAndTViewer",))
OPEN = SharingPolicy(("PublicModifier",), ("ObjectViewer",))
ANNA, EVA = PrincipalId("anna"), PrincipalId("eva")


async def find(principal: PrincipalId) -> Principal | None:
    domain = {"anna": "Open.example", "ben": "other.example"}.get(principal)
    return domain and Principal(principal, principal, principal, (), PrincipalKind.INDIVIDUAL, "x", domain)  # type: ignore[return-value]


async def test_an_owners_collections_follow_the_owners_domain() -> None:
    policies = policies_of(SYSTEM, {"open.EXAMPLE": OPEN}, find)
    with pytest.raises(OwnerUnknown) as unknown:
        policies.of(ANNA)
    assert unknown.value.owners == (ANNA,)
    await policies.learn([ANNA, PrincipalId("ben"), EVA])
    assert policies.of(ANNA) == OPEN
    assert policies.of(PrincipalId("ben")) == policies.of(EVA) == SYSTEM
    assert policies.of(ANNA).rights(Caller(EVA), ANNA, "calendar", {}).public is Level.MODIFY
    assert policies.of(ANNA).rights(Caller(EVA), ANNA, "addressbook", {}).lowest is Level.VIEW
    assert not policies.of(ANNA).rights(Caller(EVA), ANNA, "files", {}).any


async def test_nobody_is_looked_up_where_all_domains_agree() -> None:
    policies = policies_of(SYSTEM, {"one": SYSTEM, "two": SharingPolicy(("PublicDAndTViewer",))}, find)
    assert policies is SYSTEM
    assert policies.of(ANNA) is SYSTEM
    await policies.learn([ANNA])


def test_whose_rows_count_for_a_caller() -> None:
    caller = Caller(EVA, (PrincipalId("sales"), PrincipalId("all")))
    assert subjects_of(caller) == ("eva", "@sales", "@all", "<default>")
    assert subjects_of(Caller(PrincipalId(""), (PrincipalId("sales"),))) == ("anonymous",)
    assert group_subject(PrincipalId("sales")) == "@sales"


def test_what_is_shown_is_nothing_dates_or_all() -> None:
    assert OWNER.shown == ""
    assert rights_of_roles(["PublicViewer", "PrivateResponder", "ConfidentialModifier", "ObjectEraser"]).shown == ""
    assert rights_of_roles(["PublicModifier", "ConfidentialDAndTViewer"]).shown == "201"
    assert rights_of_roles(["ObjectCreator"]).shown == "000"


def test_of_a_collection_that_nobody_writes_to_only_reading_is_given() -> None:
    given = Rights(Level.MODIFY, Level.DATES, Level.NONE, create=True, erase=True)
    assert given.reading_only() == Rights(Level.VIEW, Level.DATES, Level.NONE)
    assert OWNER.reading_only().admin
