"""Who may do what: the order in which rows are looked up, and what roles give."""

from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.sharing.rights import NOBODY, OWNER, Level, Rights, known_roles, rights_of, rights_of_roles

ANNA = PrincipalId("anna")
BERT = Caller(PrincipalId("bert"), groups=(PrincipalId("sales"),))


def roles(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_the_owner_and_superusers_may_do_everything() -> None:
    assert rights_of(Caller(ANNA), ANNA, {}) == OWNER
    assert rights_of(Caller(PrincipalId("root"), superuser=True), ANNA, {}) == OWNER


def test_without_rows_and_defaults_nobody_else_may_do_anything() -> None:
    assert rights_of(BERT, ANNA, {}) == NOBODY
    assert not rights_of(BERT, ANNA, {}).any
    assert rights_of(ANONYMOUS, ANNA, {"<default>": roles("PublicViewer")}) == NOBODY


def test_an_anonymous_caller_is_never_the_owner_of_a_nameless_home() -> None:
    assert rights_of(ANONYMOUS, PrincipalId(""), {}) == NOBODY


def test_own_and_group_rows_are_merged_and_come_before_everybodys() -> None:
    grants = {
        "bert": roles("PublicViewer"),
        "@sales": roles("ConfidentialModifier", "ObjectCreator"),
        "<default>": roles("PrivateModifier"),
    }
    assert rights_of(BERT, ANNA, grants) == Rights(
        public=Level.VIEW, private=Level.NONE, confidential=Level.MODIFY, create=True
    )


def test_everybodys_row_comes_before_the_domains_default_roles() -> None:
    defaults = ("PublicModifier",)
    assert rights_of(BERT, ANNA, {"<default>": roles("PublicDAndTViewer")}, defaults).public is Level.DATES
    assert rights_of(BERT, ANNA, {}, defaults).public is Level.MODIFY


def test_a_stored_none_stops_the_look_up() -> None:
    assert rights_of(BERT, ANNA, {"bert": roles("None")}, ("PublicViewer",)) == NOBODY


def test_anonymous_callers_get_only_what_anonymous_was_given() -> None:
    grants = {"anonymous": roles("PublicViewer"), "<default>": roles("PublicModifier")}
    assert rights_of(ANONYMOUS, ANNA, grants, ("PrivateModifier",)) == Rights(public=Level.VIEW)


def test_book_roles_hold_for_every_class() -> None:
    assert rights_of_roles(["ObjectEditor"]).lowest is Level.MODIFY
    assert rights_of_roles(["ObjectViewer", "ObjectEraser"]) == Rights(Level.VIEW, Level.VIEW, Level.VIEW, erase=True)


def test_unknown_roles_give_nothing() -> None:
    assert rights_of_roles(["", "Viewer", "SecretViewer", "PublicOwner", "Public"]) == NOBODY


def test_files_are_their_owners_alone() -> None:
    policy = SharingPolicy(calendar_roles=("PublicViewer",))
    assert policy.rights(BERT, ANNA, "files", {"bert": roles("PublicModifier")}) == NOBODY
    assert policy.rights(Caller(ANNA), ANNA, "files", {}) == OWNER
    assert policy.rights(BERT, ANNA, "calendar", {}).public is Level.VIEW
    assert policy.rights(BERT, ANNA, "addressbook", {}) == NOBODY


def test_each_kind_knows_its_roles() -> None:
    assert len(known_roles("calendar")) == 14
    assert known_roles("addressbook") == {"ObjectViewer", "ObjectEditor", "ObjectCreator", "ObjectEraser"}
    assert known_roles("files") == frozenset()
