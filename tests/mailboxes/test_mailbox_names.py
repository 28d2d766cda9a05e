"""Names of mailboxes, and which are special, without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.config.servers_section import ImapSettings
from folkmoot.config.settings import Settings
from folkmoot.core.errors import Conflict, MalformedInput
from folkmoot.mail.imap.values import Listed, Namespace, Namespaces
from folkmoot.mailboxes.naming import LEVELS_MAX, free_name, level_name, path_below
from folkmoot.mailboxes.special import Use, foreign_prefixes, lay_out, other_root, own_root, wishes_of
from folkmoot.mailboxes.tree import Place, build_tree


@pytest.mark.parametrize(
    "name",
    ["", " a", "a ", "a/b", "a.b", "..", ".", "a\0b", "a\r\nb", "a\x1fb", "a\x85b", "x*", "100%", "a\u202eb", "~root"],
)
def test_names_that_lead_astray_are_refused(name: str) -> None:
    with pytest.raises(MalformedInput):
        level_name(name, ".")


@pytest.mark.parametrize("name", ["x" * 300, "ü" * 200, "😀" * 100, "\ud800", "\u2028", "\ufeffx"])
def test_names_that_servers_cannot_keep_are_refused(name: str) -> None:
    with pytest.raises(MalformedInput):
        level_name(name, "/")


def test_names_are_composed() -> None:
    assert level_name("u\u0308", "/") == "ü"
    assert level_name("a.b", "/") == "a.b"


def test_levels_are_counted_and_need_a_separator() -> None:
    path = "a"
    for _ in range(LEVELS_MAX - 1):
        path = path_below(path, "a", "/")
    with pytest.raises(Conflict):
        path_below(path, "a", "/")
    with pytest.raises(Conflict):
        path_below("a", "b", "")
    assert path_below("INBOX.", "b", ".") == "INBOX.b"
    assert path_below("", "b", "") == "b"


def test_a_taken_name_gets_a_number() -> None:
    assert free_name("a", frozenset()) == "a"
    assert free_name("a", frozenset({"a", "a (2)"})) == "a (3)"


def listed(*names: str, separator: str = "/", **uses: str) -> list[Listed]:
    marks = {name: use for use, name in uses.items()}
    return [
        Listed(name, separator, frozenset({f"\\{marks[name]}"}) if name in marks else frozenset()) for name in names
    ]


CHOSEN = {"SOGoTrashFolderName": "Old/Bin"}


def test_what_a_person_chose_goes_before_what_the_server_says() -> None:
    there = listed("INBOX", "Trash", "Old", "Old/Bin", trash="Trash")
    wishes = wishes_of(Settings(), CHOSEN)
    assert lay_out(there, wishes, root="", separator="/").special.trash == "Old/Bin"
    assert lay_out(there[:2], wishes, root="", separator="/").special.trash == "Trash"


def test_what_the_administrator_wrote_goes_before_what_the_server_says() -> None:
    there = listed("INBOX", "Sent", "Sent Items", sent="Sent")
    configured = Settings(imap=ImapSettings(sent="Sent Items"))
    assert lay_out(there, wishes_of(configured, {}), root="", separator="/").special.sent == "Sent Items"
    assert lay_out(there, wishes_of(Settings(), {}), root="", separator="/").special.sent == "Sent"


def test_names_of_other_clients_are_known_and_missing_mailboxes_are_told() -> None:
    there = listed("INBOX", "Gesendete Objekte", "Deleted Items")
    layout = lay_out(there, wishes_of(Settings(), {}), root="", separator="/")
    assert (layout.special.sent, layout.special.trash) == ("Gesendete Objekte", "Deleted Items")
    assert layout.missing == {Use.DRAFTS, Use.JUNK, Use.TEMPLATES}
    assert layout.special.drafts == "Drafts"


def test_slashes_of_settings_become_the_servers_separator_below_its_prefix() -> None:
    spaces = Namespaces(personal=[Namespace("INBOX.", ".")], others=[Namespace("user.", ".")])
    there = listed("INBOX", "INBOX.Drafts", "INBOX.Old.Bin", "user.bert.Sent", separator=".")
    root, separator = own_root(there, spaces)
    layout = lay_out(
        there, wishes_of(Settings(), CHOSEN), root=root, separator=separator, foreign=foreign_prefixes(spaces)
    )
    assert (layout.special.drafts, layout.special.trash) == ("INBOX.Drafts", "INBOX.Old.Bin")
    assert (layout.special.sent, layout.special.inbox) == ("INBOX.Sent", "INBOX")
    tree = build_tree(there, spaces, layout, root=root)
    assert [(one.path, one.parent, one.name) for one in tree.folders if one.place is Place.OWN] == [
        ("INBOX", "", "INBOX"),
        ("INBOX.Drafts", "", "Drafts"),
        ("INBOX.Old", "", "Old"),
        ("INBOX.Old.Bin", "INBOX.Old", "Bin"),
    ]
    assert {one.login for one in tree.folders if one.place is Place.OTHERS} == {"bert", ""}


def test_a_configured_prefix_is_not_put_twice() -> None:
    settings = Settings(imap=ImapSettings(drafts="INBOX/Drafts"))
    layout = lay_out(listed("INBOX", separator="."), wishes_of(settings, {}), root="INBOX.", separator=".")
    assert layout.special.drafts == "INBOX.Drafts"


def test_a_server_without_levels_gets_names_without_them() -> None:
    layout = lay_out(listed("INBOX", separator=""), wishes_of(Settings(), CHOSEN), root="", separator="")
    assert layout.special.trash == "Old-Bin"


def test_mailboxes_of_others_lie_below_their_name() -> None:
    spaces = Namespaces(personal=[Namespace("", "/")], others=[Namespace("shared/", "/")])
    assert other_root(spaces, "bert") == ("shared/bert/", "/")
    assert other_root(spaces, "a/b") is None
    assert other_root(Namespaces(personal=[Namespace("", "/")]), "bert") is None


def test_choices_that_are_no_names_are_left_aside() -> None:
    for wrong in ("", " / ", 3, None, ["x"]):
        assert not wishes_of(Settings(), {"SOGoTrashFolderName": wrong})[Use.TRASH].chosen


NAMES = st.text(st.sampled_from("ab/.IX"), max_size=8) | st.sampled_from(["INBOX", "shared/bert/Sent", "INBOX.Trash"])
PLACES = st.sampled_from(
    [
        Namespaces(),
        Namespaces(personal=[Namespace("", "/")], others=[Namespace("shared/", "/")]),
        Namespaces(personal=[Namespace("INBOX.", ".")], shared=[Namespace("a.", ".")]),
        Namespaces(personal=[Namespace("", "")]),
    ]
)


@given(st.lists(NAMES, max_size=12), PLACES, st.booleans())
def test_whatever_a_server_lists_becomes_a_tree(names: list[str], spaces: Namespaces, subscribed: bool) -> None:
    there = [Listed(name, ".", frozenset({"\\subscribed"} if len(name) % 2 else ())) for name in names]
    root, separator = own_root(there, spaces)
    layout = lay_out(there, wishes_of(Settings(), {}), root=root, separator=separator, foreign=foreign_prefixes(spaces))
    tree = build_tree(there, spaces, layout, root=root, subscribed_only=subscribed)
    seen: set[str] = set()
    for folder in tree.folders:
        assert folder.path not in seen
        assert not folder.parent or folder.parent in seen
        seen.add(folder.path)
    assert subscribed or {name for name in names if name} <= seen
    assert seen >= set(layout.uses)
