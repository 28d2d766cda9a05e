"""Mails about rights and folders, queued with the change they tell of."""

from dataclasses import replace

import pytest

from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Place
from folkmoot.collections.grants import Grants
from folkmoot.config.calendar_section import CalendarSettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.words import Reader, words_for
from folkmoot.sharing.notices import NoticePolicy, notice_letter, notice_of, notice_policy
from folkmoot.store import outbox
from folkmoot.store.outbox import Mail, State
from folkmoot.store.records import Kind
from tests.collections.conftest import ANNA, BERT, BOOK, FILES, House
from tests.support.everybody import Everybody

pytestmark = pytest.mark.anyio

VIEW = frozenset({"ObjectViewer"})
EDIT = frozenset({"ObjectViewer", "ObjectEditor"})
NOBODY: frozenset[str] = frozenset()


def _grants(house: House) -> Grants:
    return Grants(house.access, Everybody(), NoticePolicy(rights=True))


async def _mails(house: House) -> list[Mail]:
    mails = await house.access.database.read(lambda tx: outbox.list_(tx, list(State)))
    return mails[::-1]


async def _told(house: House) -> list[tuple[str, object]]:
    return [(mail.recipient, mail.payload["event"]) for mail in await _mails(house)]


async def test_a_person_is_told_of_rights_given_changed_and_taken(house: House) -> None:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    grants = _grants(house)
    for roles in (VIEW, VIEW, EDIT, NOBODY, NOBODY):
        await grants.set_(ANNA, BOOK, "bert", roles)
    assert await _told(house) == [("bert", "rights_given"), ("bert", "rights_changed"), ("bert", "rights_taken")]
    given = (await _mails(house))[0]
    assert (given.kind, given.sender) == ("notice", "anna")
    assert given.payload["roles"] == ["ObjectViewer"]


async def test_replacing_all_rows_tells_only_those_whose_rights_change(house: House) -> None:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    grants = _grants(house)
    await grants.replace(ANNA, BOOK, {"bert": VIEW, "carl": VIEW})
    await grants.replace(ANNA, BOOK, {"carl": VIEW, "dora": EDIT})
    assert sorted(await _told(house)) == [
        ("bert", "rights_given"),
        ("bert", "rights_taken"),
        ("carl", "rights_given"),
        ("dora", "rights_given"),
    ]


async def test_groups_everybody_and_strangers_get_no_mail(house: House) -> None:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    await _grants(house).change(
        ANNA, BOOK, {"@staff": VIEW, "<default>": VIEW, "anonymous": VIEW, "bert": frozenset({"None"})}
    )
    assert await _told(house) == []


async def test_no_mail_without_the_change(house: House) -> None:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    with pytest.raises(Forbidden):
        await _grants(house).set_(ANNA, BOOK, "bert", frozenset({"Emperor"}))
    assert await _told(house) == []


async def test_nobody_is_told_where_nobody_wants_it(house: House) -> None:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    await house.grants.set_(ANNA, BOOK, "bert", VIEW)
    await house.collections.create(ANNA, replace(BOOK, name="new"), {})
    assert await _told(house) == []


async def test_the_owner_is_told_of_folders_made_and_removed(house: House) -> None:
    collections = Collections(house.access, NoticePolicy(folders=True))
    place = replace(BOOK, name="new")
    await collections.create(ANNA, place, {"displayname": "Clients"})
    await collections.delete(ANNA, place)
    assert await _told(house) == [("anna", "folder_created"), ("anna", "folder_removed")]
    assert {mail.payload["folder"] for mail in await _mails(house)} == {"Clients"}
    await collections.create(ANNA, Place(FILES.owner, FILES.kind, "papers"), {})
    assert len(await _told(house)) == 2


async def test_a_superuser_who_changes_rights_is_named_and_the_owner_is_not_told(house: House) -> None:
    await house.collections.home(ANNA, ANNA.principal, Kind.ADDRESSBOOK)
    root = Caller(PrincipalId("root"), superuser=True)
    await _grants(house).change(root, BOOK, {"bert": VIEW, "root": VIEW})
    assert await _told(house) == [("bert", "rights_given")]
    assert (await _mails(house))[0].sender == "root"
    assert BERT.principal == "bert"


def test_one_domain_that_wants_mails_is_enough_to_queue_them() -> None:
    wanting = Settings(calendar=CalendarSettings(notify_acl_changes=True))
    assert notice_policy(Settings()) == NoticePolicy()
    assert notice_policy(Settings(domains={"a": wanting})) == NoticePolicy(rights=True)


@pytest.mark.parametrize("language", ["English", "German", "French", "SpanishSpain"])
@pytest.mark.parametrize(
    "event", ["rights_given", "rights_changed", "rights_taken", "folder_created", "folder_removed"]
)
def test_every_notice_has_words(event: str, language: str) -> None:
    notice = notice_of(
        {
            "event": event,
            "folder": "Team",
            "kind": "calendar",
            "owner": "anna",
            "actor": "root",
            "roles": ["PublicModifier", "ConfidentialModifier", "PrivateModifier", "ObjectEraser"],
        }
    )
    letter = notice_letter(notice, "Root", "Anna", Reader(words_for(language)))
    assert "Team" in letter.subject
    texts = [row.text for row in letter.rows]
    assert len(texts) == len(set(texts))
    assert words_for(language).text("right.editor") in texts
