"""Labels: keywords with names and colours."""

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Conflict, MalformedInput, NotFound, TooLarge
from folkmoot.database import Database
from folkmoot.mailboxes.keywords import is_keyword
from folkmoot.mailboxes.labels import LABELS_MAX, Label, Labels, keyword_of
from folkmoot.sharing.preferences import DEFAULTS
from folkmoot.store import profiles
from tests.support.mailboxes import mail_settings, open_services

pytestmark = pytest.mark.anyio


async def test_labels_are_added_changed_and_removed(database: Database) -> None:
    async with open_services(mail_settings("imap://127.0.0.1:1"), database) as mail:
        anna, bernd = mail.person("anna"), mail.person("bernd")
        labels = Labels(mail.access, database, SystemClock())
        usual = await labels.list(anna)
        assert Label("$label1", "Important", "#FF0000") in usual
        added = await labels.add(anna, "  Zum   Lesen ", "#00ff00")
        assert added == Label("zum_lesen", "Zum Lesen", "#00ff00")
        changed = await labels.set(anna, "ZUM_LESEN", name="Lesen", colour="")
        assert changed == Label("zum_lesen", "Lesen", "")
        assert (await labels.remove(anna, "$label1")).name == "Important"
        assert [one.keyword for one in await labels.list(anna)] == [
            *(one.keyword for one in usual if one.keyword != "$label1"),
            "zum_lesen",
        ]
        assert await labels.list(bernd) == usual


async def test_labels_that_cannot_be_are_refused(database: Database) -> None:
    async with open_services(mail_settings("imap://127.0.0.1:1"), database) as mail:
        anna = mail.person("anna")
        labels = Labels(mail.access, database, SystemClock())
        for name, colour in (("", ""), (" ", ""), ("x" * 101, ""), ("a\0b", ""), ("x", "red"), ("x", "#12345")):
            with pytest.raises(MalformedInput):
                await labels.add(anna, name, colour)
        with pytest.raises(Conflict):
            await labels.add(anna, "IMPORTANT")
        with pytest.raises(Conflict):
            await labels.set(anna, "$label2", name="Important", colour="")
        with pytest.raises(NotFound):
            await labels.remove(anna, "none")
        for number in range(LABELS_MAX - len(await labels.list(anna))):
            await labels.add(anna, f"L{number}")
        with pytest.raises(TooLarge):
            await labels.add(anna, "one more")


async def test_what_an_import_left_there_is_read_forgivingly(database: Database) -> None:
    chosen = {"ok": ["Fine", "#123456"], "no colour": ["x"], "bare": "text", "odd": ["Odd", "blue"], "n": [1, 2, 3]}
    properties = {DEFAULTS: {"SOGoMailLabelsColors": chosen, "SOGoLanguage": "French"}}
    async with open_services(mail_settings("imap://127.0.0.1:1"), database) as mail:
        anna = mail.person("anna")
        await database.write(
            lambda tx: profiles.set_(tx, anna.principal, properties=properties, dead_properties={}, now=1)
        )
        labels = Labels(mail.access, database, SystemClock())
        assert list(await labels.list(anna)) == [
            Label("n", "1"),
            Label("bare", "bare"),
            Label("ok", "Fine", "#123456"),
            Label("odd", "Odd"),
        ]
        await labels.add(anna, "New")
        kept = await database.read(lambda tx: profiles.get(tx, anna.principal))
        assert kept.properties[DEFAULTS]["SOGoLanguage"] == "French"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("Work", "work"),
        ("Größe", "groe"),
        ("日本", "label"),
        ("a (b) {c}", "a_b_c"),
        ("$x", "x"),
        ("w" * 200, "w" * 96),
    ],
)
def test_a_keyword_is_made_of_the_name(name: str, keyword: str) -> None:
    found = keyword_of(name, set())
    assert found == keyword or name == "Größe"
    assert is_keyword(found)
    assert keyword_of(name, {found}) == f"{found}_2"
