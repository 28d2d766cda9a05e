"""Two people and their mailboxes: rights, delegation, accounts elsewhere."""

from dataclasses import replace

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound, TooLarge, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import PrincipalKind
from folkmoot.mail.errors import SignInRefused
from folkmoot.mailboxes.accounts import ACCOUNTS_MAX, Host, NewAccount
from folkmoot.mailboxes.rights import MailRight, SubjectKind
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.tree import Place
from folkmoot.mailboxes.values import MAIN, Identity
from folkmoot.store import mail_accounts
from tests.support.dovecot import PASSWORD, dovecot, somebody
from tests.support.mailboxes import Mail

pytestmark = [pytest.mark.anyio, pytest.mark.live]
READ = frozenset({MailRight.SEE, MailRight.READ})
MESSAGE = b"From: a@example.net\r\nSubject: x\r\n\r\nx\r\n"


async def sign_in_anew(mail: Mail, caller: Caller) -> None:
    """Let go of connections: Dovecot remembers rights for half a minute on each."""
    login = await mail.access.login(caller, await mail.access.account(caller))
    mail.pool.forget(login.server, login.credentials)


async def test_a_shared_mailbox_is_read_by_whom_it_is_shared_with_and_by_nobody_else(mail: Mail) -> None:
    anna, bert, carl = mail.person(), mail.person(), mail.person()
    path = await mail.folders.create(anna, MAIN, "", "Projekt")
    await mail.rights.set(anna, MAIN, path, bert.principal, READ)
    grants = await mail.rights.list_all(anna, MAIN, path)
    assert [(one.kind, one.principal, one.rights) for one in grants] == [(SubjectKind.USER, bert.principal, READ)]

    theirs = f"shared/{anna.principal}/Projekt"
    folder = (await mail.folders.tree(bert)).find(theirs)
    assert folder is not None
    assert (folder.place, folder.login, folder.rights) == (Place.OTHERS, anna.principal, "lr")
    assert await mail.rights.mine(bert, MAIN, theirs) == READ
    sharers = await mail.rights.sharers(bert)
    owner = sharers[anna.principal]
    assert owner is not None
    assert owner.id == anna.principal
    async with mail.access.selected(bert, MAIN, theirs) as connection:
        assert connection.mailbox is not None
    with pytest.raises(NotFound):
        async with mail.access.selected(carl, MAIN, theirs):
            pass
    assert (await mail.folders.tree(carl)).find(theirs) is None
    with pytest.raises(Forbidden):
        await mail.rights.list_all(bert, MAIN, theirs)
    with pytest.raises(Forbidden):
        await mail.rights.set(bert, MAIN, theirs, carl.principal, READ)

    await mail.rights.set(anna, MAIN, path, bert.principal, frozenset())
    assert await mail.rights.list_all(anna, MAIN, path) == []
    await sign_in_anew(mail, bert)
    assert (await mail.folders.tree(bert)).find(theirs) is None


async def test_only_known_people_and_groups_get_rights(mail: Mail) -> None:
    anna = mail.person()
    group = mail.person("team" + somebody(), kind=PrincipalKind.GROUP).principal
    room = mail.person("room" + somebody(), kind=PrincipalKind.LOCATION).principal
    for unknown in (PrincipalId("nobody"), room):
        with pytest.raises(NotFound):
            await mail.rights.set(anna, MAIN, "INBOX", unknown, READ)
    with pytest.raises(Conflict):
        await mail.rights.set(anna, MAIN, "INBOX", anna.principal, READ)
    await mail.rights.set(anna, MAIN, "INBOX", group, READ)
    grants = await mail.rights.list_all(anna, MAIN, "INBOX")
    assert [(one.kind, one.principal, one.identifier) for one in grants] == [(SubjectKind.GROUP, group, f"${group}")]
    with pytest.raises(Conflict):
        await mail.rights.remove(anna, MAIN, "INBOX", replace(grants[0], identifier=str(anna.principal)))
    await mail.rights.remove(anna, MAIN, "INBOX", grants[0])
    assert await mail.rights.list_all(anna, MAIN, "INBOX") == []


async def test_somebody_gone_from_the_directory_can_still_lose_rights(mail: Mail) -> None:
    anna, bert = mail.person(), mail.person()
    await mail.rights.set(anna, MAIN, "INBOX", bert.principal, READ)
    del mail.people.passwords[bert.principal]
    grants = await mail.rights.list_all(anna, MAIN, "INBOX")
    assert [(one.kind, one.principal) for one in grants] == [(SubjectKind.OTHER, "")]
    await mail.rights.remove(anna, MAIN, "INBOX", grants[0])
    assert await mail.rights.list_all(anna, MAIN, "INBOX") == []


async def test_sharing_can_be_closed(mail: Mail) -> None:
    anna, bert = mail.person(), mail.person()
    closed = replace(mail.settings, security=SecuritySettings(sharing_disabled=("Mail",)))
    mail.access._settings = lambda _domain: closed
    with pytest.raises(Forbidden):
        await mail.rights.set(anna, MAIN, "INBOX", bert.principal, READ)


async def test_a_delegate_uses_the_whole_account_until_it_is_taken_back(mail: Mail) -> None:
    anna, bert, carl = mail.person(), mail.person(), mail.person()
    await mail.folders.create(anna, MAIN, "", "Alt")
    dovecot().deliver(MESSAGE, anna.principal)
    await mail.delegation.add(anna, [bert.principal])
    assert await mail.delegation.delegates(anna) == [bert.principal]
    accounts = await mail.accounts.list_all(bert)
    assert [(one.id, one.owner, one.delegated) for one in accounts] == [
        (MAIN, bert.principal, False),
        (anna.principal, anna.principal, True),
    ]
    special = await mail.access.special(bert, anna.principal)
    root = f"shared/{anna.principal}/"
    assert (special.inbox, special.sent) == (root.removesuffix("/"), f"{root}Sent")
    tree = await mail.folders.tree(bert, anna.principal)
    assert [one.path for one in tree.folders][:2] == [root.removesuffix("/"), f"{root}Drafts"]
    assert all(f"{one.path}/".startswith(root) and one.place is Place.OWN for one in tree.folders)
    assert tree.folders[0].status is not None
    assert tree.folders[0].status.messages == 1
    made = await mail.folders.create(bert, anna.principal, f"{root}Alt", "Neu")
    assert (await mail.folders.tree(anna)).find("Alt/Neu") is not None
    assert await mail.folders.rename(bert, anna.principal, made, "Neuer") == f"{root}Alt/Neuer"
    with pytest.raises(NotFound):
        await mail.access.account(carl, anna.principal)
    with pytest.raises(Forbidden):
        await mail.folders.set_use(bert, anna.principal, f"{root}Alt", Use.SENT)

    await mail.delegation.remove(anna, [bert.principal])
    assert [one.id for one in await mail.accounts.list_all(bert)] == [MAIN]
    with pytest.raises(NotFound):
        await mail.access.account(bert, anna.principal)
    assert await mail.rights.list_all(anna, MAIN, "INBOX") == []


async def test_with_a_master_user_a_delegate_sees_the_account_as_its_owner_does(master_mail: Mail) -> None:
    mail = master_mail
    anna, bert = mail.person(), mail.person()
    await mail.delegation.add(anna, [bert.principal])
    assert (await mail.access.special(bert, anna.principal)).inbox == "INBOX"
    await mail.folders.create(bert, anna.principal, "", "Neu")
    assert (await mail.folders.tree(anna)).find("Neu") is not None
    assert (await mail.folders.tree(bert)).find("Neu") is None
    with pytest.raises(Forbidden):
        await mail.rights.set(bert, anna.principal, "Neu", bert.principal, READ)
    assert await mail.rights.list_all(anna, MAIN, "INBOX") == []


async def test_an_account_is_delegated_to_other_people_only(mail: Mail) -> None:
    anna = mail.person()
    group = mail.person("team" + somebody(), kind=PrincipalKind.GROUP).principal
    with pytest.raises(Conflict):
        await mail.delegation.add(anna, [anna.principal])
    for name in (group, PrincipalId("nobody")):
        with pytest.raises(NotFound):
            await mail.delegation.add(anna, [name])
    assert await mail.delegation.delegates(anna) == []
    await mail.delegation.remove(anna, [PrincipalId("nobody")])


async def test_who_only_says_so_is_no_delegate(mail: Mail) -> None:
    anna, bert = mail.person(), mail.person()
    await mail.choices.save(bert, bert.principal, {}, {"Mail": {"DelegateFrom": [anna.principal]}})
    assert [one.id for one in await mail.accounts.list_all(bert)] == [MAIN]
    with pytest.raises(NotFound):
        await mail.access.account(bert, anna.principal)


def elsewhere(login: str, **changes: object) -> NewAccount:
    new = NewAccount("Zuhause", Host("127.0.0.1", dovecot().imap), login, password=PASSWORD)
    return replace(new, **changes)  # type: ignore[arg-type]


async def test_an_account_elsewhere_is_used_like_ones_own(mail: Mail) -> None:
    anna, other = mail.person(), somebody()
    identity = Identity("Anna zu Hause", "anna@example.net", default=True)
    account = await mail.accounts.add(anna, elsewhere(other, identities=(identity,)))
    assert [one.id for one in await mail.accounts.list_all(anna)] == [MAIN, account.id]
    found = await mail.access.account(anna, account.id)
    assert found == account
    assert (found.external, found.user_name, found.identities) == (True, other, (identity,))
    dovecot().deliver(MESSAGE, other)
    assert await mail.folders.mark_read(anna, account.id, "INBOX") == 1
    path = await mail.folders.create(anna, account.id, "", "Weg")
    await mail.folders.set_use(anna, account.id, path, Use.TRASH)
    assert (await mail.access.special(anna, account.id)).trash == "Weg"
    assert (await mail.access.special(anna, MAIN)).trash == "Trash"
    changed = await mail.accounts.change(anna, account.id, elsewhere(other, name="Neu", password=None))
    assert changed.name == "Neu"
    assert (await mail.access.special(anna, account.id)).trash == "Weg"
    await mail.accounts.remove(anna, account.id)
    with pytest.raises(NotFound):
        await mail.access.account(anna, account.id)


async def test_the_password_of_an_account_elsewhere_is_sealed_and_stays_with_its_server(mail: Mail) -> None:
    anna, bert = mail.person(), mail.person()
    account = await mail.accounts.add(anna, elsewhere(somebody()))
    [stored] = await mail.database.read(lambda tx: mail_accounts.list_of(tx, anna.principal))
    assert PASSWORD not in f"{stored.properties}{stored.sealed}"
    with pytest.raises(MalformedInput):
        await mail.accounts.change(anna, account.id, elsewhere("another", password=None))
    # Whoever can write to the table still cannot have the password sent elsewhere.
    moved = {**stored.properties, "user_name": "another"}
    await mail.database.write(
        lambda tx: mail_accounts.replace(
            tx, anna.principal, stored.id, properties=moved, sealed=stored.sealed, now=stored.modified_at
        )
    )
    with pytest.raises(Forbidden):
        await mail.access.login(anna, await mail.access.account(anna, account.id))
    for call in (mail.access.account(bert, account.id), mail.accounts.remove(bert, account.id)):
        with pytest.raises(NotFound):
            await call


async def test_an_account_that_does_not_let_us_in_is_not_kept(mail: Mail) -> None:
    anna = mail.person()
    with pytest.raises(SignInRefused):
        await mail.accounts.add(anna, elsewhere(somebody(), password="wrong"))
    with pytest.raises(Unavailable):
        await mail.accounts.add(anna, elsewhere(somebody(), imap=Host("127.0.0.1", 1)))
    assert [one.id for one in await mail.accounts.list_all(anna)] == [MAIN]


async def test_an_account_elsewhere_cannot_be_within_the_private_network(mail: Mail) -> None:
    anna = mail.person()
    mail.pool._allow._allowed = ()  # type: ignore[union-attr]
    with pytest.raises(Unavailable):
        await mail.accounts.add(anna, elsewhere(somebody()))


@pytest.mark.parametrize(
    "changes",
    [
        {"user_name": " "},
        {"user_name": "a\r\nb"},
        {"password": ""},
        {"password": "a\0b"},
        {"password": None},
        {"name": "a\nb"},
        {"imap": Host("", 143)},
        {"imap": Host("a b", 143)},
        {"imap": Host("user@host", 143)},
        {"imap": Host("a", 70_000)},
        {"imap": Host("a", -1)},
        {"imap": Host("a", 1, "maybe")},
        {"identities": (Identity("a\r\nBcc: x", "a@b"),)},
    ],
)
async def test_what_is_no_account_is_refused(mail: Mail, changes: dict[str, object]) -> None:
    with pytest.raises(MalformedInput):
        await mail.accounts.add(mail.person(), elsewhere(somebody(), **changes))


async def test_accounts_elsewhere_are_bounded_and_can_be_closed(mail: Mail) -> None:
    anna = mail.person()
    for _ in range(ACCOUNTS_MAX):
        await mail.database.write(lambda tx: mail_accounts.add(tx, anna.principal, properties={}, sealed="", now=1))
    with pytest.raises(TooLarge):
        await mail.accounts.add(anna, elsewhere(somebody()))
    closed = replace(mail.settings, mail=replace(mail.settings.mail, auxiliary_accounts=False))
    mail.access._settings = lambda _domain: closed
    with pytest.raises(Forbidden):
        await mail.accounts.add(anna, elsewhere(somebody()))
    assert [one.id for one in await mail.accounts.list_all(anna)] == [MAIN]
    with pytest.raises(NotFound):
        await mail.access.account(anna, "1")
