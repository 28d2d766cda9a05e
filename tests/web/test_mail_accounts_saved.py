"""AuxiliaryMailAccounts: the own account maps to preferences, those elsewhere are kept with sealed passwords."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from folkmoot.config.mail_section import MailSettings
from folkmoot.config.servers_section import ImapSettings
from folkmoot.core.ids import PrincipalId
from folkmoot.store import mail_accounts
from tests.support.dovecot import PASSWORD, dovecot, somebody
from tests.support.web import Browser, Reply, Town

pytestmark = pytest.mark.anyio
SAVE = "so/anna/Preferences/save"
Accounts = list[dict[str, Any]]


async def _accounts(browser: Browser) -> Accounts:
    found = (await browser.get("so/anna/jsonDefaults")).json["AuxiliaryMailAccounts"]
    assert isinstance(found, list)
    return found


async def _save(browser: Browser, accounts: object, **more: object) -> Reply:
    return await browser.post(SAVE, {"defaults": {"AuxiliaryMailAccounts": accounts, **more}})


async def _open(town: Town, **mail: Any) -> Browser:
    town.settings = replace(
        town.settings, mail=MailSettings(auxiliary_accounts=True, **mail), imap=ImapSettings(server="imaps://mail.test")
    )
    town.restart()
    browser = town.browser
    assert (await browser.sign_in()).status == 200
    return browser


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[Browser]:
    yield await _open(town)
    await town.pool.close()


async def test_the_first_account_is_the_own_one(browser: Browser) -> None:
    (main,) = await _accounts(browser)
    assert main.pop("identities")[0] == {"email": "anna@example.org", "fullName": "Anna", "isDefault": 1}
    assert main == {
        "id": 0,
        "name": "anna@example.org",
        "userName": "anna",
        "serverName": "mail.test",
        "port": 993,
        "encryption": "ssl",
        "smtpServerName": "localhost",
        "smtpPort": 25,
        "smtpEncryption": "none",
        "receipts": {
            "receiptAction": "ignore",
            "receiptNonRecipientAction": "ignore",
            "receiptOutsideDomainAction": "ignore",
            "receiptAnyAction": "ignore",
        },
        "security": {"hasCertificate": 0, "alwaysSign": 0, "alwaysEncrypt": 0},
        "specialMailboxes": {
            "Drafts": "Drafts",
            "Sent": "Sent",
            "Trash": "Trash",
            "Junk": "Junk",
            "Templates": "Templates",
        },
        "delegates": [],
        "forceDefaultIdentity": 0,
    }


async def test_what_changes_about_the_own_account_is_a_preference(town: Town) -> None:
    browser = await _open(town, custom_from=True)
    (main,) = await _accounts(browser)
    main["identities"] = [{"email": "anna@example.org", "fullName": "A. A.", "signature": "<b>A</b>", "isReadOnly": 0}]
    main["receipts"] = {"receiptAction": "allow", "receiptAnyAction": "ask"}
    main["security"]["alwaysSign"] = 1
    main["forceDefaultIdentity"] = 1
    assert (await _save(browser, [main])).status == 200
    found = (await browser.get("so/anna/jsonDefaults")).json
    kept = {"email": "anna@example.org", "fullName": "A. A.", "signature": "<b>A</b>"}
    assert (
        found.items()
        >= {
            "SOGoMailIdentities": [kept],
            "SOGoMailReceiptAllow": 1,
            "SOGoMailReceiptAnyAction": "ask",
            "SOGoMailReceiptOutsideDomainAction": "ignore",
            "SOGoMailCertificateAlwaysSign": 1,
            "SOGoMailForceDefaultIdentity": 1,
        }.items()
    )
    (shown,) = await _accounts(browser)
    assert shown["identities"][0] == {**kept, "isDefault": 1}
    assert (shown["receipts"]["receiptAction"], shown["security"]["alwaysSign"]) == ("allow", 1)
    assert (await _save(browser, [shown], SOGoMailIdentities=[])).status == 200
    assert (await browser.get("so/anna/jsonDefaults")).json["SOGoMailIdentities"] == []


@pytest.mark.parametrize(
    "accounts",
    [
        {},
        [7],
        [{"identities": 7}],
        [{"identities": [{"email": 7}]}],
        [{"identities": [{"password": "x"}]}],
        [{"receipts": {"receiptAction": "perhaps"}}],
        [{"receipts": {"receiptAnyAction": "perhaps"}}],
        [{"receipts": 1}],
        [{}, {}],
        [{}, {"serverName": "imap.test", "userName": "a"}],
        [{}, {"serverName": "imap.test", "userName": "a\r\nb", "password": "x"}],
        [{}, {"serverName": "a b", "userName": "a", "password": "x"}],
        [{}, {"serverName": "imap.test", "port": "x", "userName": "a", "password": "x"}],
        [{}, {"serverName": "imap.test", "encryption": "rot13", "userName": "a", "password": "x"}],
        [{}, {"serverName": ["imap.test"], "userName": "a", "password": "x"}],
    ],
)
async def test_what_is_no_account_is_400_and_changes_nothing(browser: Browser, accounts: object) -> None:
    before = await _accounts(browser)
    reply = await _save(browser, accounts or {"x": 1}, SOGoLanguage="French")
    assert reply.status == 400
    assert await _accounts(browser) == before
    assert (await browser.get("so/anna/jsonDefaults")).json["SOGoLanguage"] == "English"


async def test_an_account_of_nobody_is_not_found(browser: Browser) -> None:
    other = {"id": 77, "serverName": "imap.test", "userName": "a", "password": "x"}
    assert (await _save(browser, [{}, other])).status == 404


@pytest.mark.live
async def test_an_account_elsewhere_is_added_changed_and_removed(browser: Browser, town: Town) -> None:
    mine = await _accounts(browser)
    name = somebody()
    new = {
        "id": "browser-1",
        "name": "Elsewhere",
        "serverName": "127.0.0.1",
        "port": str(dovecot().imap),
        "encryption": "none",
        "userName": name,
        "password": PASSWORD,
        "smtpServerName": "smtp.test",
        "smtpEncryption": "tls",
        "identities": [{"email": f"{name}@example.net", "fullName": "Eva"}],
        "specialMailboxes": {"Sent": "Gesendet"},
        "receipts": {},
    }
    assert (await _save(browser, [*mine, {**new, "password": "wrong"}], SOGoLanguage="French")).status == 403
    assert await _accounts(browser) == mine
    assert (await _save(browser, [*mine, new], SOGoNoSuchThing=1)).status == 400
    assert await _accounts(browser) == mine
    assert (await _save(browser, [*mine, new])).status == 200
    main, kept = await _accounts(browser)
    assert main == mine[0]
    assert kept.items() >= {"name": "Elsewhere", "port": dovecot().imap, "smtpPort": 587}.items()
    assert kept["specialMailboxes"]["Sent"] == "Gesendet"
    assert kept["identities"] == [{"email": f"{name}@example.net", "fullName": "Eva", "isDefault": 1}]
    everything = (await browser.get("so/anna/jsonDefaults")).body.decode()
    profile = await town.services.people.profile(PrincipalId("anna"))
    (row,) = await town.database.read(lambda tx: mail_accounts.list_of(tx, PrincipalId("anna")))
    for text in (everything, repr(profile), row.sealed, repr(row.properties)):
        assert PASSWORD not in text
        assert '"password"' not in text
    before = row
    assert (await _save(browser, [main, kept])).status == 200
    (row,) = await town.database.read(lambda tx: mail_accounts.list_of(tx, PrincipalId("anna")))
    assert row == before, "what stays is not written again"
    assert (await _save(browser, [main, {**kept, "name": "Home"}])).status == 200
    assert (await _accounts(browser))[1]["name"] == "Home"
    assert (await _save(browser, [main, {**kept, "serverName": "imap.thief.test"}])).status == 400
    assert (await _save(browser, [main])).status == 200
    assert await _accounts(browser) == [main]
