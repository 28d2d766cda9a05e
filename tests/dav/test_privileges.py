"""Privileges and roles, back and forth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.privileges import (
    BIND,
    READ,
    READ_FREE_BUSY,
    RECORDS,
    SCHEDULE,
    UNBIND,
    WRITE,
    WRITE_CONTENT,
    WRITE_PROPERTIES,
    collection_privileges,
    object_privileges,
    privileges_of_roles,
    roles_of_privileges,
)
from folkmoot.sharing.rights import ADDRESSBOOK_ROLES, CALENDAR_ROLES, NOBODY, OWNER, rights_of_roles
from folkmoot.store.records import Kind

INVERSE = "{urn:inverse:params:xml:ns:inverse-dav}"
READER = [f"{c}Viewer" for c in ("Public", "Private", "Confidential")]


@given(st.sets(st.sampled_from(sorted(CALENDAR_ROLES))))
def test_a_list_read_and_sent_back_changes_no_right_on_a_calendar(roles: set[str]) -> None:
    printed = privileges_of_roles(Kind.CALENDAR, roles)
    assert rights_of_roles(roles_of_privileges(Kind.CALENDAR, printed)) == rights_of_roles(roles)


@given(st.sets(st.sampled_from(sorted(ADDRESSBOOK_ROLES))))
def test_a_list_read_and_sent_back_changes_no_right_on_an_address_book(roles: set[str]) -> None:
    printed = privileges_of_roles(Kind.ADDRESSBOOK, roles)
    assert rights_of_roles(roles_of_privileges(Kind.ADDRESSBOOK, printed)) == rights_of_roles(roles)


def test_reading_is_for_all_classes() -> None:
    assert roles_of_privileges(Kind.CALENDAR, [READ]) == set(READER)
    assert roles_of_privileges(Kind.ADDRESSBOOK, [READ]) == {"ObjectViewer"}
    assert roles_of_privileges(Kind.CALENDAR, [READ_FREE_BUSY]) == {
        f"{c}DAndTViewer" for c in ("Public", "Private", "Confidential")
    }


def test_writing_is_modifying_creating_and_erasing() -> None:
    assert roles_of_privileges(Kind.ADDRESSBOOK, [WRITE]) == {"ObjectEditor", "ObjectCreator", "ObjectEraser"}
    assert roles_of_privileges(Kind.ADDRESSBOOK, [BIND]) == {"ObjectCreator"}
    assert roles_of_privileges(Kind.ADDRESSBOOK, [UNBIND]) == {"ObjectEraser"}


@pytest.mark.parametrize("name", ["{DAV:}write-acl", "{DAV:}read-acl", "{urn:x}fly", next(iter(RECORDS))])
def test_what_no_role_gives_is_refused(name: str) -> None:
    with pytest.raises(ConditionFailed) as failed:
        roles_of_privileges(Kind.ADDRESSBOOK, [name])
    assert failed.value.condition == "{DAV:}not-supported-privilege"


def test_a_creator_may_bind_and_schedule_as_in_sogo() -> None:
    found = collection_privileges(Kind.CALENDAR, rights_of_roles(["ObjectCreator"]))
    assert {READ, READ_FREE_BUSY, BIND, WRITE_CONTENT, *SCHEDULE} <= set(found)
    assert not {UNBIND, WRITE, WRITE_PROPERTIES} & set(found)


def test_a_viewer_is_told_nothing_of_writing() -> None:
    found = collection_privileges(Kind.CALENDAR, rights_of_roles(READER))
    assert f"{INVERSE}viewwhole-public-records" in found
    assert not any("write" in name or name in {BIND, UNBIND} for name in found)


def test_a_computed_collection_has_no_privilege_that_says_write() -> None:
    found = collection_privileges(Kind.CALENDAR, OWNER, read_only=True)
    assert not any("write" in name and name != "{DAV:}write-acl" for name in found)
    assert BIND not in found
    assert "{DAV:}all" not in found


def test_levels_on_an_object_contain_each_other() -> None:
    roles = ["PublicModifier", "PrivateResponder", "ConfidentialDAndTViewer"]
    rights = rights_of_roles(roles)
    public, private, confidential = (set(object_privileges(Kind.CALENDAR, rights, n)) for n in range(3))
    assert confidential < private < public
    assert WRITE in public
    assert WRITE not in private
    assert WRITE_CONTENT in private
    assert f"{INVERSE}view-date-and-time" in confidential


def test_nobody_has_nothing() -> None:
    assert collection_privileges(Kind.CALENDAR, NOBODY) == ()
    assert object_privileges(Kind.CALENDAR, NOBODY, 0) == ()
