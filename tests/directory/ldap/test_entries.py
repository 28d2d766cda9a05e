"""Attributes of entries."""

from typing import Final

import pytest

from folkmoot.config.sources import LdapSource
from folkmoot.directory.ldap.connections import Attributes, Entry
from folkmoot.directory.ldap.entries import EntryReader, mails_of, may_log_in, password_tag, values_of
from folkmoot.directory.principal import PrincipalKind

READER: Final = EntryReader(LdapSource(id="staff", base_dn="dc=x"), None, domain_in_ids=False)


def entry(**attributes: bytes) -> Entry:
    return Entry("uid=anna,dc=x", {name: (value,) for name, value in attributes.items()})


def test_pictures_and_identifiers_are_no_text() -> None:
    attributes: Attributes = {"jpegphoto": (b"\xff\xd8\xff\0",), "cn": (b" A ",), "objectguid": (b"ab\0c",)}
    assert values_of(attributes, "jpegPhoto") == ()
    assert values_of(attributes, "objectGUID") == ()
    assert values_of(attributes, "CN") == ("A",)


def test_the_main_proxy_address_comes_first() -> None:
    attributes: Attributes = {"proxyaddresses": (b"smtp:a@x", b"SMTP:b@x", b"X400:c=x", b"smtp:B@x")}
    assert list(mails_of(attributes, ("mail", "proxyAddresses"))) == ["b@x", "a@x"]


@pytest.mark.parametrize(("control", "may"), [(b"512", True), (b"514", False), (b"66050", False), (b"?", True)])
def test_who_is_disabled_in_active_directory_may_not_log_in(control: bytes, *, may: bool) -> None:
    assert may_log_in(entry(useraccountcontrol=control)) is may


def test_the_tag_changes_with_what_belongs_to_the_password() -> None:
    first = password_tag(entry(pwdchangedtime=b"20261124120000Z", description=b"x"))
    assert first == password_tag(entry(pwdchangedtime=b"20261124120000Z", description=b"y"))
    assert first != password_tag(entry(pwdchangedtime=b"20261124120001Z", description=b"x"))


@pytest.mark.parametrize(
    ("classes", "kind"),
    [
        ((b"person",), PrincipalKind.INDIVIDUAL),
        ((b"top", b"GroupOfNames"), PrincipalKind.GROUP),
        ((b"CalendarResource",), PrincipalKind.THING),
    ],
)
def test_object_classes_tell_what_it_is(classes: tuple[bytes, ...], kind: PrincipalKind) -> None:
    found = READER.principal(Entry("cn=x", {"objectclass": classes, "uid": (b"x",)}))
    assert found is not None
    assert found.kind is kind


def test_an_entry_without_a_name_is_nobody() -> None:
    assert READER.principal(entry(cn=b"Anna")) is None
    assert READER.principal(entry(uid=b"x" * 300)) is None
