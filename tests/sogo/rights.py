"""What people with each role see and may do: census d.6."""

from collections.abc import Iterable, Iterator

from tests.sogo.answers import Case
from tests.sogo.forms import BOOK, CALENDAR, ONE, SUPER, TWO, XMLNS, card, el, event, find, patch, props, put


def acl(path: str, who: str, ours: str, theirs: Iterable[str]) -> Iterator[Case]:
    """Return how each of the two servers is told to grant something; the other refuses."""
    roles = "".join(f"<{role}/>" for role in theirs)
    text = f'<acl-query xmlns="urn:inverse:params:xml:ns:inverse-dav"><set-roles user="{who}">{roles}</set-roles>'
    principal = f"<D:principal><D:href>/SOGo/dav/{who}/</D:href></D:principal>"
    ace = f"<D:ace>{principal}<D:grant>{ours}</D:grant></D:ace>" if ours else ""
    yield Case("set-up", "ACL", path, f"<D:acl {XMLNS}>{ace}</D:acl>")
    yield Case("set-up", "POST", path, f"{text}</acl-query>")


CLASSES = ("Public", "Confidential", "Private")
READ, WRITE = el("D:privilege", "<D:read/>"), el("D:privilege", "<D:write-content/>")
RESPOND = "".join(el("D:privilege", f"<I:respondto-{name.lower()}-records/>") for name in CLASSES)
# Taking everything away is left out: only SOGo's own request can say that the default roles do not count either.
ROLES = (
    ("date and time", el("D:privilege", "<C:read-free-busy/>"), [f"{name}DAndTViewer" for name in CLASSES]),
    ("viewer", READ, [f"{name}Viewer" for name in CLASSES]),
    ("responder", RESPOND, [f"{name}Responder" for name in CLASSES]),
    ("modifier", WRITE + READ, [f"{name}Modifier" for name in CLASSES]),
    ("creator", el("D:privilege", "<D:bind/>"), ["ObjectCreator"]),
    ("eraser", el("D:privilege", "<D:unbind/>"), ["ObjectEraser"]),
)
BOOK_ROLES: tuple[tuple[str, str, list[str]], ...] = (
    ("viewer", READ, ["ObjectViewer"]),
    ("editor", WRITE, ["ObjectEditor"]),
    ("creator", el("D:privilege", "<D:bind/>"), ["ObjectCreator"]),
    ("none", "", []),
)


def rights() -> Iterator[Case]:
    """Each role of a calendar and of an address book in turn."""
    row = "d.6"
    shown = props("current-user-privilege-set owner resourcetype displayname acl")
    for name, ours, theirs in ROLES:
        yield from acl(f"{CALENDAR}/", TWO, ours, theirs)
        yield find(row, f"/{ONE}/Calendar/", props("displayname"), "1", as_=TWO, of=name)
        yield find(row, f"{CALENDAR}/", shown, as_=TWO, of=name)
        yield find(row, f"{CALENDAR}/one.ics", shown, as_=TWO, of=name)
        yield Case(row, "GET", f"{CALENDAR}/one.ics", as_=TWO, of=name)
        yield Case(row, "GET", f"/{ONE}/Calendar/compare.ics", as_=TWO, of=name, body_counts=False)
        yield put(row, f"{CALENDAR}/one.ics", event("one"), TWO, f"{name} changes")
        yield put(
            row,
            f"{CALENDAR}/by-{name.replace(' ', '')}.ics",
            event(f"by-{name.replace(' ', '')}"),
            TWO,
            f"{name} creates",
        )
        yield put(row, f"{CALENDAR}/erased.ics", event("erased"), ONE, "set-up")
        yield Case(row, "DELETE", f"{CALENDAR}/erased.ics", as_=TWO, of=name)
        yield patch(row, f"{CALENDAR}/", "<D:displayname>Shared</D:displayname>", TWO, name)
    for name, ours, theirs in BOOK_ROLES:
        yield from acl(f"{BOOK}/", TWO, ours, theirs)
        yield find(row, f"{BOOK}/", shown, as_=TWO, of=name)
        yield find(row, f"{BOOK}/ada.vcf", shown, as_=TWO, of=name)
        yield Case(row, "GET", f"{BOOK}/ada.vcf", as_=TWO, of=name)
        yield put(row, f"{BOOK}/ada.vcf", card("ada", "Ada"), TWO, f"{name} changes")
        yield put(row, f"{BOOK}/by-{name}.vcf", card(f"by-{name}", "By"), TWO, f"{name} creates")
        yield Case(row, "DELETE", f"{BOOK}/bob.vcf", as_=TWO, of=name)
    yield find(row, f"{CALENDAR}/", shown, as_=SUPER, of="superuser")
    yield find(row, f"{CALENDAR}/one.ics", shown, as_=SUPER, of="superuser")
