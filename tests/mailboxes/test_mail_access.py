"""Which account a call means, how its server is signed in to, and which mailboxes are special."""

from dataclasses import replace

import pytest

from folkmoot.core.caller import ANONYMOUS
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.errors import SignInRefused
from folkmoot.mailboxes.errors import NoCredentials
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import MAIN
from tests.support.dovecot import dovecot, somebody
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
