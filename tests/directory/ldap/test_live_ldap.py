"""A running server whose people are in an LDAP directory."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.folkmoot import Folkmoot, running
from tests.support.slapd import READER, Slapd

pytestmark = pytest.mark.live


@pytest.fixture
def folkmoot(slapd: Slapd, tmp_path: Path) -> Iterator[Folkmoot]:
    anna, bert = slapd.person("anna", telephoneNumber="+49 30 1"), slapd.person("bert")
    slapd.add("cn=team", ["groupOfNames"], cn="team", member=[anna, bert])
    source = f"""SOGoUserSources = ({{ type = ldap; id = staff; displayName = Staff; hostname = "{slapd.url}";
        baseDN = "{slapd.base}"; bindDN = "{READER[0]}"; bindPassword = "{READER[1]}"; bindFields = (uid, mail);
        canAuthenticate = YES; isAddressBook = YES; listRequiresDot = NO; }});
        SOGoPasswordChangeEnabled = YES;"""
    with running(tmp_path, settings=source, people=()) as server:
        yield server


def connect(client: httpx.Client, login: str, password: str) -> httpx.Response:
    return client.post("/SOGo/connect", json={"userName": login, "password": password})


def test_people_of_a_directory_use_everything(folkmoot: Folkmoot, slapd: Slapd) -> None:
    with httpx.Client(base_url=folkmoot.url, trust_env=False, timeout=30) as client:
        assert connect(client, "anna", "wrong").status_code == 403
        assert connect(client, "anna@example.org", "secret").status_code == 200
        token = {"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"]}
        session = client.get("/SOGo/jmap/session").json()
        assert session["username"] == "anna"

        asked = {"accountId": next(iter(session["primaryAccounts"].values())), "filter": {"text": "bert"}}
        calls = [["Principal/query", asked, "q"]]
        using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:principals"]
        body = {"using": using, "methodCalls": calls}
        answer = client.post("/SOGo/jmap/api", json=body, headers=token)
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["methodResponses"][0][1]["ids"]) == 1, answer.text

        change = {"userName": "anna", "newPassword": "another good one", "oldPassword": "secret"}
        changed = client.post("/SOGo/changePassword", json=change, headers=token)
        assert changed.status_code == 200, changed.text
    assert slapd.accepts(f"uid=anna,{slapd.base}", "another good one")


def test_the_directory_is_an_address_book_over_carddav(folkmoot: Folkmoot) -> None:
    book = f"{folkmoot.url}/SOGo/dav/bert/Contacts/staff/"
    auth = ("bert", "secret")
    listed = httpx.request("PROPFIND", book, auth=auth, headers={"Depth": "1"}, trust_env=False, timeout=30)
    assert listed.status_code == 207
    assert "anna" in listed.text
    card = httpx.get(f"{book}anna", auth=auth, trust_env=False, timeout=30)
    assert card.status_code == 200
    assert "TEL" in card.text
    assert "+49 30 1" in card.text
    refused = httpx.get(book, auth=("bert", "wrong"), trust_env=False, timeout=30)
    assert refused.status_code == 401


def test_a_directory_that_is_down_is_said_to_be_down(tmp_path: Path) -> None:
    nowhere = """SOGoUserSources = ({ type = ldap; id = staff; hostname = "ldap://127.0.0.1:1"; baseDN = "dc=x";
        canAuthenticate = YES; });"""
    with running(tmp_path, settings=nowhere, people=()) as server:
        answer = httpx.get(f"{server.url}/SOGo/dav/anna/", auth=("anna", "secret"), trust_env=False, timeout=30)
        assert answer.status_code == 503
        server.expected.append("does not answer")
