"""Which account a call means, how its server is signed in to, and which mailboxes are special."""

from dataclasses import replace

import pytest

from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.errors import SignInRefused
from folkmoot.mailboxes.access import account_id_of, principal_of
from folkmoot.mailboxes.accounts import Host, NewAccount
from folkmoot.mailboxes.errors import NoCredentials
from folkmoot.mailboxes.rights import MailRight
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import MAIN
from tests.support.dovecot import PASSWORD, dovecot, somebody
from tests.support.mailboxes import Mail

pytestmark = [pytest.mark.anyio, pytest.mark.live]


async def test_a_person_signs_in_with_the_password_of_the_request(mail: Mail) -> None:
    anna = mail.person()
    async with mail.access.connection(anna) as connection:
        assert "INBOX" in {one.name for one in await connection.list()}
    with pytest.raises(SignInRefused):
        async with mail.access.connection(replace(anna, password="wrong")):
            pass


async def test_without_a_password_a_clear_error_says_why(mail: Mail) -> None:
    anna = mail.person()
    with pytest.raises(NoCredentials, match="FolkmootMailCredentials"):
        async with mail.access.connection(replace(anna, password="")):
            pass


async def test_a_master_user_needs_no_password_of_anybody(master_mail: Mail) -> None:
    anna = replace(master_mail.person(), password="")
    async with master_mail.access.selected(anna, MAIN, "INBOX", write=True) as connection:
        await connection.append("INBOX", b"Subject: hello\r\n\r\nhello\r\n")
    async with master_mail.access.selected(replace(anna, password="whatever"), MAIN, "INBOX") as connection:
        assert connection.mailbox is not None
        assert connection.mailbox.messages == 1


async def test_mail_can_be_closed_to_a_person(mail: Mail) -> None:
    anna = mail.person()
    for caller in (replace(anna, denied=frozenset({"Mail"})), ANONYMOUS):
        with pytest.raises(Forbidden):
            await mail.access.account(caller, MAIN)
        with pytest.raises(Forbidden):
            await mail.access.special(caller, MAIN)


async def test_the_directory_may_name_another_login_and_another_server(mail: Mail) -> None:
    other = somebody()
    here = f"imap://127.0.0.1:{dovecot().imap}"
    anna = mail.person(imap_login=other, imap_server=here)
    mail.access._settings = lambda _domain: replace(  # the domain's server is nowhere
        mail.settings, imap=replace(mail.settings.imap, server="imap://127.0.0.1:1")
    )
    assert (await mail.access.account(anna)).user_name == other
    async with mail.access.connection(anna) as connection:
        await connection.append("INBOX", b"Subject: x\r\n\r\n")
    mail.person(other)
    async with mail.access.selected(mail.person(other, imap_server=here), MAIN, "INBOX") as connection:
        assert connection.mailbox is not None
        assert connection.mailbox.messages == 1


async def test_nobody_uses_an_account_that_was_not_delegated(mail: Mail) -> None:
    anna, bert = mail.person(), mail.person()
    for name in (bert.principal, "nobody", "17", "9" * 30, "../x", ""):
        with pytest.raises(NotFound):
            await mail.access.account(anna, name)


async def test_superusers_read_nobodys_mail_but_what_was_delegated_to_them(master_mail: Mail) -> None:
    mail = master_mail
    anna, root = mail.person(), replace(mail.person(), superuser=True)
    with pytest.raises(NotFound):
        await mail.access.account(root, anna.principal)
    with pytest.raises(NotFound):
        async with mail.access.selected(root, anna.principal, "INBOX"):
            pass
    with pytest.raises(NotFound):
        await mail.rights.set(root, anna.principal, "INBOX", root.principal, frozenset({MailRight.READ}))
    assert [one.id for one in await mail.accounts.list_all(root)] == [MAIN]
    await mail.delegation.add(anna, [root.principal])
    assert (await mail.access.account(root, anna.principal)).delegated
    with pytest.raises(Forbidden):  # as any delegate
        await mail.rights.set(root, anna.principal, "INBOX", root.principal, frozenset({MailRight.READ}))


async def test_who_is_called_by_a_number_is_taken_for_no_account_elsewhere(master_mail: Mail) -> None:
    mail = master_mail
    anna = mail.person()
    there = NewAccount("elsewhere", Host("127.0.0.1", dovecot().imap), somebody(), password=PASSWORD)
    number = (await mail.accounts.add(anna, there)).id
    other = mail.person(number)
    await mail.delegation.add(other, [anna.principal])
    assert (await mail.access.account(anna, number)).external
    theirs = await mail.access.account(anna, f"={number}")
    assert (theirs.owner, theirs.delegated, theirs.id) == (other.principal, True, f"={number}")
    assert [one.id for one in await mail.accounts.list_all(anna)] == [MAIN, number, f"={number}"]
    await mail.accounts.remove(anna, number)
    with pytest.raises(NotFound):  # what was kept for one account never goes to another
        await mail.access.account(anna, number)


async def test_who_is_called_by_a_number_uses_accounts_elsewhere_too(master_mail: Mail) -> None:
    mail = master_mail
    there = NewAccount("elsewhere", Host("127.0.0.1", dovecot().imap), somebody(), password=PASSWORD)
    number = (await mail.accounts.add(mail.person(), there)).id
    anna = mail.person(str(int(number) + 1))
    own = await mail.accounts.add(anna, there)
    assert own.id == anna.principal
    assert (await mail.access.account(anna, own.id)).external
    assert not (await mail.access.account(anna, MAIN)).external


def test_each_person_has_one_id_of_an_account() -> None:
    for name in ("anna", "17", "=17", "==17", "0", "a=b"):
        owner = PrincipalId(name)
        assert principal_of(account_id_of(owner)) == owner
        assert not account_id_of(owner).isdigit()
    for other in ("=anna", "=", "17", ""):
        assert principal_of(other) == ""


async def test_special_mailboxes_come_from_the_server_and_missing_ones_are_made(mail: Mail) -> None:
    anna = mail.person()
    special = await mail.access.special(anna)
    assert (special.drafts, special.sent, special.trash, special.junk) == ("Drafts", "Sent", "Trash", "Junk")
    assert (special.inbox, special.separator, special.templates) == ("INBOX", "/", "Templates")
    async with mail.access.connection(anna) as connection:
        assert "Templates" not in {one.name for one in await connection.list()}
    await mail.access.special(anna, make=[Use.TEMPLATES])
    async with mail.access.connection(anna) as connection:
        templates = next(one for one in await connection.list() if one.name == "Templates")
        assert "\\subscribed" in templates.attributes


async def test_a_person_may_choose_another_trash(mail: Mail) -> None:
    anna = mail.person()
    path = await mail.folders.create(anna, MAIN, "", "Gelöschtes & mehr")
    await mail.folders.set_use(anna, MAIN, path, Use.TRASH)
    assert (await mail.access.special(anna)).trash == "Gelöschtes & mehr"
    assert (await mail.choices.get(anna, PrincipalId(anna.principal)))[0]["SOGoTrashFolderName"] == path
