"""What people do to mailboxes."""

import pytest

from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.tree import Place
from folkmoot.mailboxes.values import MAIN
from tests.support.dovecot import dovecot
from tests.support.mailboxes import Mail

pytestmark = [pytest.mark.anyio, pytest.mark.live]
MESSAGE = b"From: a@example.net\r\nSubject: x\r\n\r\nx\r\n"


async def append(mail: Mail, caller: object, path: str, *, count: int = 1) -> None:
    async with mail.access.connection(caller) as connection:  # type: ignore[arg-type]
        for _ in range(count):
            await connection.append(path, MESSAGE)


async def test_the_tree_tells_names_uses_and_counts_in_one_order(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "Übung")
    await mail.folders.create(anna, MAIN, "Übung", "eins")
    await mail.folders.create(anna, MAIN, "", "Abc")
    dovecot().deliver(MESSAGE, anna.principal)
    tree = await mail.folders.tree(anna)
    own = [one for one in tree.folders if one.place is Place.OWN]
    assert [one.path for one in own] == ["INBOX", "Drafts", "Sent", "Junk", "Trash", "Abc", "Übung", "Übung/eins"]
    assert [one.use for one in own] == ["inbox", "drafts", "sent", "junk", "trash", "", "", ""]
    one = tree.find("Übung/eins")
    assert one is not None
    assert (one.name, one.parent, one.subscribed, one.selectable, one.has_children) == (
        "eins",
        "Übung",
        True,
        True,
        False,
    )
    inbox = tree.find("INBOX")
    assert inbox is not None
    assert inbox.status is not None
    assert (inbox.status.messages, inbox.status.unseen) == (1, 1)


async def test_only_subscribed_mailboxes_are_shown_to_who_wants_that(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "a", "b")
    await mail.folders.create(anna, MAIN, "", "c")
    await mail.folders.subscribe(anna, MAIN, ["a", "c"], wanted=False)
    await mail.choices.save(anna, anna.principal, {"SOGoMailShowSubscribedFoldersOnly": 1}, {})
    paths = {one.path for one in (await mail.folders.tree(anna)).folders}
    assert {"a", "a/b", "INBOX", "Trash"} <= paths
    assert "c" not in paths
    assert (await mail.folders.tree(anna, subscribed_only=False)).find("c") is not None


@pytest.mark.parametrize("name", ["", " a", "a/b", "..", "a\r\nb", "x*", "x" * 300])
async def test_names_that_lead_astray_are_refused(mail: Mail, name: str) -> None:
    anna = mail.person()
    with pytest.raises(MalformedInput):
        await mail.folders.create(anna, MAIN, "", name)
    with pytest.raises(MalformedInput):
        await mail.folders.rename(anna, MAIN, "Sent", name)


@pytest.mark.parametrize("name", ["R&D", "a b", "日本語", "😀", 'say "x" \\ y', "{5}", "a'b", "INBOX2", "&amp;", "(x)"])
async def test_odd_names_are_kept_as_they_are(mail: Mail, name: str) -> None:
    anna = mail.person()
    assert await mail.folders.create(anna, MAIN, "", name) == name
    found = (await mail.folders.tree(anna)).find(name)
    assert found is not None
    assert found.subscribed
    await append(mail, anna, name)
    assert await mail.folders.mark_read(anna, MAIN, name) == 1


async def test_a_name_that_is_taken_is_a_conflict(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "", "b")
    with pytest.raises(Conflict):
        await mail.folders.create(anna, MAIN, "", "a")
    with pytest.raises(Conflict):
        await mail.folders.create(anna, MAIN, "", "inbox")
    with pytest.raises(Conflict):
        await mail.folders.rename(anna, MAIN, "a", "b")


async def test_a_rename_takes_children_messages_and_subscriptions_along(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "a", "b")
    await mail.folders.create(anna, MAIN, "a", "c")
    await mail.folders.subscribe(anna, MAIN, ["a/c"], wanted=False)
    await append(mail, anna, "a/b", count=2)
    assert await mail.folders.rename(anna, MAIN, "a", "z") == "z"
    tree = await mail.folders.tree(anna)
    assert tree.find("a") is None
    moved = {one.path: one for one in tree.folders if one.path.startswith("z")}
    assert {path: one.subscribed for path, one in moved.items()} == {"z": True, "z/b": True, "z/c": False}
    assert moved["z/b"].status is not None
    assert moved["z/b"].status.messages == 2
    async with mail.access.connection(anna) as connection:
        assert not [one.name for one in await connection.list(subscribed=True) if one.name.startswith("a")]


async def test_a_move_puts_a_mailbox_elsewhere_but_not_into_itself(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "a", "b")
    await mail.folders.create(anna, MAIN, "", "t")
    with pytest.raises(Conflict):
        await mail.folders.move(anna, MAIN, "a", "a/b")
    with pytest.raises(Conflict):
        await mail.folders.move(anna, MAIN, "a", "a")
    assert await mail.folders.move(anna, MAIN, "a", "t") == "t/a"
    assert await mail.folders.move(anna, MAIN, "t/a/b", "") == "b"
    assert (await mail.folders.tree(anna)).find("t/a/b") is None


@pytest.mark.parametrize("path", ["INBOX", "inbox", "Sent", "Drafts", "Trash", "Junk"])
async def test_the_inbox_and_special_mailboxes_stay(mail: Mail, path: str) -> None:
    anna = mail.person()
    wrong = (Forbidden, NotFound)
    with pytest.raises(wrong):
        await mail.folders.rename(anna, MAIN, path, "other")
    with pytest.raises(wrong):
        await mail.folders.delete(anna, MAIN, path, for_good=True)
    with pytest.raises(wrong):
        await mail.folders.move(anna, MAIN, path, "Archive")
    assert (await mail.folders.tree(anna)).find("INBOX") is not None


async def test_a_deleted_mailbox_lies_in_the_trash_and_is_deleted_for_good_there(mail: Mail) -> None:
    anna = mail.person()
    gone = ""
    for _ in range(2):
        await mail.folders.create(anna, MAIN, "", "a")
        await mail.folders.create(anna, MAIN, "a", "b")
        await append(mail, anna, "a/b")
        gone = await mail.folders.delete(anna, MAIN, "a")
    assert gone == "Trash/a (2)"
    tree = await mail.folders.tree(anna)
    assert tree.find("Trash/a/b") is not None
    assert tree.find("Trash/a (2)/b") is not None
    assert await mail.folders.delete(anna, MAIN, "Trash/a") == ""
    tree = await mail.folders.tree(anna)
    assert tree.find("Trash/a") is None
    assert tree.find("Trash/a/b") is None
    with pytest.raises(NotFound):
        await mail.folders.delete(anna, MAIN, "a")


async def test_emptying_the_trash_removes_messages_and_mailboxes(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await append(mail, anna, "a", count=2)
    await mail.folders.delete(anna, MAIN, "a")
    await append(mail, anna, "Trash", count=3)
    await append(mail, anna, "Junk")
    assert await mail.folders.empty(anna, MAIN, Use.TRASH) == 5
    assert await mail.folders.empty(anna, MAIN, Use.JUNK) == 1
    tree = await mail.folders.tree(anna)
    assert tree.find("Trash/a") is None
    assert [one.status.messages for one in tree.folders if one.use in {"trash", "junk"} and one.status] == [0, 0]
    with pytest.raises(Forbidden):
        await mail.folders.empty(anna, MAIN, Use.SENT)


async def test_mailboxes_within_are_marked_read_where_that_is_asked(mail: Mail) -> None:
    anna = mail.person()
    await mail.folders.create(anna, MAIN, "", "a")
    await mail.folders.create(anna, MAIN, "a", "b")
    await append(mail, anna, "a", count=2)
    await append(mail, anna, "a/b", count=3)
    assert await mail.folders.mark_read(anna, MAIN, "a") == 2
    assert await mail.folders.mark_read(anna, MAIN, "a", below=True) == 3
    with pytest.raises(NotFound):
        await mail.folders.mark_read(anna, MAIN, "nothing", below=True)
    with pytest.raises(NotFound):
        await mail.folders.mark_read(anna, MAIN, "nothing")


async def test_expunge_removes_what_is_marked_and_nothing_else(mail: Mail) -> None:
    anna = mail.person()
    await append(mail, anna, "INBOX", count=3)
    async with mail.access.selected(anna, MAIN, "INBOX", write=True) as connection:
        await connection.store([1, 3], add=["\\Deleted"])
    assert await mail.folders.expunge(anna, MAIN, "INBOX") == 2
    tree = await mail.folders.tree(anna)
    assert [one.status.messages for one in tree.folders if one.use == "inbox" and one.status] == [1]


async def test_only_existing_mailboxes_of_ones_own_get_a_use(mail: Mail) -> None:
    anna = mail.person()
    with pytest.raises(NotFound):
        await mail.folders.set_use(anna, MAIN, "nothing", Use.SENT)
    with pytest.raises(Forbidden):
        await mail.folders.set_use(anna, MAIN, "INBOX", Use.SENT)
    with pytest.raises(Conflict):
        await mail.folders.set_use(anna, MAIN, "Trash", Use.SENT)
    path = await mail.folders.create(anna, MAIN, "Sent", "2026", use=Use.SENT)
    folder = (await mail.folders.tree(anna)).find(path)
    assert folder is not None
    assert folder.use == "sent"
    assert (await mail.access.special(anna)).sent == "Sent/2026"
