"""People in a real OpenLDAP: what every source must do, and what is a directory's own."""

import asyncio
import os
import subprocess
import sys
from typing import Final

import pytest

from folkmoot.config.qualifier import parse
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.ldap.source import LdapUserSource
from folkmoot.directory.password_change import PasswordFault, PasswordRefused
from folkmoot.directory.principal import PrincipalKind
from folkmoot.directory.source import Authenticated, Refusal
from tests.directory.ldap.conftest import MakeLdap
from tests.directory.test_user_sources import *  # noqa: F403  the same for every source
from tests.support.servers import free_port
from tests.support.slapd import ADMIN, Slapd

pytestmark = [pytest.mark.live, pytest.mark.anyio]

GROUPS: Final = ["groupOfNames"]


async def test_an_empty_password_lets_nobody_in(source: LdapUserSource) -> None:
    """A server would take it for a question without a name (RFC 4513 section 5.1.2)."""
    assert await source.check("anna", "") is Refusal.UNKNOWN


async def test_the_login_is_matched_without_case_and_the_id_is_as_stored(source: LdapUserSource) -> None:
    result = await source.check("ANNA", "secret")
    assert isinstance(result, Authenticated)
    assert result.principal.id == "anna"


async def test_people_log_in_with_any_of_the_bind_fields(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna")
    slapd.person("bert")
    source = make_ldap(bind_fields=("uid", "mail"))
    for login in ("anna", "anna@example.org"):
        assert isinstance(await source.check(login, "secret"), Authenticated)
    found = await source.find("anna@example.org")
    assert found is not None
    assert found.id == "anna"
    slapd.person("carl", mail="anna@example.org")
    assert await source.check("anna@example.org", "secret") is Refusal.UNKNOWN, "two may be meant"
    assert isinstance(await source.check("anna", "secret"), Authenticated)


async def test_the_filter_keeps_people_out(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna", title="staff")
    slapd.person("bert", title="guest")
    source = make_ldap(entry_filter=parse("title = 'staff'"))
    assert isinstance(await source.check("anna", "secret"), Authenticated)
    assert await source.check("bert", "secret") is Refusal.UNKNOWN
    assert [one.id for one in await source.search("", limit=10)] == ["anna"]


async def test_a_session_ends_with_the_password_and_with_the_entry(slapd: Slapd, source: LdapUserSource) -> None:
    first = await source.check("anna", "secret")
    assert isinstance(first, Authenticated)
    assert await source.recheck(first) == first
    slapd.change(f"uid=anna,{slapd.base}", description="changed")
    again = await source.recheck(first)
    assert again is not None, "not every change is one of the password"
    line = slapd.line()
    line.delete_s(f"uid=anna,{slapd.base}")
    assert await source.recheck(first) is None
    assert await source.current(first.principal) is None


async def test_what_is_stored_about_people_is_shown_and_secrets_are_not(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna", telephoneNumber="+49 1", o="Acme", mobile="+49 2")
    source = make_ldap(
        bind_dn=ADMIN[0],
        bind_password=ADMIN[1],
        contact_mapping={"homephone": ("mobile",)},
        module_constraints={"Mail": {"o": "other"}, "Calendar": {"o": "acme"}},
    )
    found = await source.find("anna")
    assert found is not None
    assert found.attributes["telephonenumber"] == ("+49 1",)
    assert found.attributes["homephone"] == ("+49 2",)
    assert "userpassword" not in found.attributes
    assert found.modules_denied == {"Mail"}


async def test_attributes_that_are_named_are_enough(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna", telephoneNumber="+49 1", businessCategory="thing")
    found = await make_ldap(lookup_fields=("telephoneNumber",)).find("anna")
    assert found is not None
    assert (found.display_name, found.kind, found.mails) == ("Anna", PrincipalKind.THING, ("anna@example.org",))
    assert "sn" not in found.attributes


async def test_more_people_than_a_page_are_all_found(slapd: Slapd, make_ldap: MakeLdap) -> None:
    line = slapd.line()
    for number in range(1200):
        name = f"p{number:04}".encode()
        values = {"objectClass": [b"inetOrgPerson"], "uid": [name], "cn": [name], "sn": [b"Many"]}
        line.add_s(f"uid={name.decode()},{slapd.base}", list(values.items()))
    source = make_ldap(bind_dn=ADMIN[0], bind_password=ADMIN[1])
    assert len(await source.search("Many", limit=1000)) == 1000
    wanted = [PrincipalId(f"p{number:04}") for number in range(0, 1200, 3)]
    assert sorted(one.id for one in await source.find_many(wanted)) == wanted
    reader = make_ldap()
    assert len(await reader.search("Many", limit=1000)) == 500, "the server gives its readers no more"
    assert len(await make_ldap(query_limit=7).search("", limit=100)) == 7


async def test_groups_name_their_members(slapd: Slapd, make_ldap: MakeLdap) -> None:
    anna, bert = slapd.person("anna"), slapd.person("bert")
    carl = slapd.person("carl")
    team = slapd.add("cn=team", GROUPS, cn="team", member=[anna, bert, f"uid=gone,{slapd.base}"])
    everybody = slapd.add("cn=all", ["groupOfUniqueNames"], cn="all", uniqueMember=[team, carl])
    slapd.add("cn=unix", ["posixGroup"], cn="unix", gidNumber="7", memberUid=["anna", "nobody"])
    assert everybody
    source = make_ldap()
    group = await source.find("team")
    assert group is not None
    assert group.kind is PrincipalKind.GROUP
    wanted = [PrincipalId("team"), PrincipalId("all"), PrincipalId("unix")]
    assert {name: sorted(members) for name, members in (await source.groups.members_of(wanted)).items()} == {
        "team": ["anna", "bert"],
        "all": ["carl", "team"],
        "unix": ["anna", "nobody"],
    }
    assert sorted(await source.groups.groups_with(["anna"])) == ["team", "unix"]
    assert sorted(await source.groups.groups_with(["ANNA@example.org"])) == ["team", "unix"]
    assert sorted(await source.groups.groups_with(["team"])) == ["all"]
    assert list(await source.groups.groups_with(["*"])) == []
    alone = make_ldap(subgroups_disabled=True)
    assert (await alone.groups.members_of(wanted[1:2]))[wanted[1]] == ["carl"]
    assert list(await alone.groups.groups_with(["team"])) == []


async def test_a_new_password_is_stored_by_its_owner(slapd: Slapd, make_ldap: MakeLdap) -> None:
    anna = slapd.person("anna")
    for more in ({"password_policy": True}, {"password_scheme": "ssha"}, {}):
        source = make_ldap(**more)
        found = await source.find("anna")
        assert found is not None
        with pytest.raises(PasswordRefused) as refused:
            await source.replace_password(found, "another good one", old="wrong")
        assert refused.value.fault is PasswordFault.NONE
        await source.replace_password(found, "another good one", old="secret")
        assert slapd.accepts(anna, "another good one")
        assert not slapd.accepts(anna, "secret")
        await source.replace_password(found, "secret", old="another good one")


async def test_who_may_not_write_is_told_so(slapd: Slapd, source: LdapUserSource) -> None:
    found = await source.find("anna")
    assert found is not None
    with pytest.raises(PasswordRefused) as refused:
        await source.replace_password(found, "another good one", old=None)  # the reader has no right to
    assert refused.value.fault is PasswordFault.NOT_ALLOWED
    assert slapd.accepts(f"uid=anna,{slapd.base}", "secret")


async def test_the_password_policy_is_told(slapd: Slapd, make_ldap: MakeLdap) -> None:
    policy = {"cn": "strict", "pwdAttribute": "userPassword"}
    rules = {"pwdMaxAge": "2", "pwdGraceAuthNLimit": "2", "pwdMinLength": "12", "pwdCheckQuality": "2"}
    strict = slapd.add("cn=strict", ["device", "pwdPolicy"], **policy, **rules, pwdInHistory="3")
    reset = slapd.add("cn=reset", ["device", "pwdPolicy"], **{**policy, "cn": "reset"}, pwdMustChange="TRUE")
    anna = slapd.person("anna", "secret secret", pwdPolicySubentry=strict)
    bert = slapd.person("bert", pwdPolicySubentry=reset)
    slapd.change(bert, pwdReset="TRUE")
    source = make_ldap(password_policy=True)

    of_bert = await source.check("bert", "secret")
    assert isinstance(of_bert, Authenticated)
    assert (await source.standing(of_bert.principal, "secret")).fault is PasswordFault.CHANGE_AFTER_RESET
    await source.replace_password(of_bert.principal, "chosen by myself", old="secret")
    assert isinstance(await source.check("bert", "chosen by myself"), Authenticated)
    assert (await source.standing(of_bert.principal, "chosen by myself")).fault is None

    of_anna = await source.check("anna", "secret secret")
    assert isinstance(of_anna, Authenticated)
    with pytest.raises(PasswordRefused) as refused:
        await source.replace_password(of_anna.principal, "short", old="secret secret")
    assert refused.value.fault is PasswordFault.TOO_SHORT
    await asyncio.sleep(3)  # until the password has expired
    assert isinstance(await source.check("anna", "secret secret"), Authenticated)
    assert (await source.standing(of_anna.principal, "secret secret")).grace == 1
    assert isinstance(await source.check("anna", "secret secret"), Authenticated)
    assert await source.check("anna", "secret secret") is Refusal.WRONG, "no grace is left"
    assert anna


async def test_a_server_that_is_down_is_no_wrong_password(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna")
    nowhere = f"ldap://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable):
        await make_ldap(hosts=nowhere).check("anna", "secret")
    with pytest.raises(Unavailable):
        await make_ldap(bind_password="wrong").find("anna")
    second = make_ldap(hosts=f"{nowhere} {slapd.url}")
    assert isinstance(await second.check("anna", "secret"), Authenticated), "the next server is asked"


async def test_a_certificate_of_nobody_known_is_refused(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna")
    with pytest.raises(Unavailable):
        await make_ldap(hosts=f"{slapd.url}/????!StartTLS").check("anna", "secret")
    asked = """
import ldap, sys
line = ldap.initialize(sys.argv[1]); line.start_tls_s(); line.simple_bind_s(sys.argv[2], "secret"); print("fine")
"""
    known = {**os.environ, "LDAPTLS_CACERT": str(slapd.server.directory / "certificate.pem")}
    command = [sys.executable, "-c", asked, slapd.url, f"uid=anna,{slapd.base}"]
    done = await asyncio.to_thread(subprocess.run, command, env=known, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr


async def test_domains_have_bases_of_their_own(slapd: Slapd, make_ldap: MakeLdap) -> None:
    slapd.person("anna")
    name = slapd.base.removeprefix("ou=").partition(",")[0]
    source = make_ldap(base_dn=slapd.base.replace(name, "%d"), domain=name, domain_in_ids=True)
    for login in ("anna", f"anna@{name}"):
        result = await source.check(login, "secret")
        assert isinstance(result, Authenticated)
        assert result.principal.id == f"anna@{name}"
    assert await source.check("anna@elsewhere.org", "secret") is Refusal.UNKNOWN


async def test_many_may_ask_at_once(source: LdapUserSource) -> None:
    results = await asyncio.gather(*(source.check("anna", "secret" if n % 2 else "wrong") for n in range(60)))
    assert sum(isinstance(one, Authenticated) for one in results) == 30
