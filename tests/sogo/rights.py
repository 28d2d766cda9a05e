"""What people with each role see and may do."""

from collections.abc import Iterator

from tests.sogo.answers import Case
from tests.sogo.forms import BOOK, CALENDAR, ONE, SUPER, TWO, card, event, find, patch, props, put
from tests.sogo.sharing import roles

CLASSES = ("Public", "Confidential", "Private")
ROLES: tuple[tuple[str, list[str]], ...] = (
    ("date and time", [f"{name}DAndTViewer" for name in CLASSES]),
    ("viewer", [f"{name}Viewer" for name in CLASSES]),
    ("responder", [f"{name}Responder" for name in CLASSES]),
    ("modifier", [f"{name}Modifier" for name in CLASSES]),
    ("creator", ["ObjectCreator"]),
    ("eraser", ["ObjectEraser"]),
    ("nothing", []),
)
BOOK_ROLES: tuple[tuple[str, list[str]], ...] = (
    ("viewer", ["ObjectViewer"]),
    ("editor", ["ObjectEditor"]),
    ("creator", ["ObjectCreator"]),
    ("none", []),
)


def rights() -> Iterator[Case]:
    """Each role of a calendar and of an address book in turn."""
    row = "rights"
    shown = props("current-user-privilege-set owner resourcetype displayname acl")
    for name, given in ROLES:
        yield roles(f"{CALENDAR}/", TWO, given)
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
    for name, given in BOOK_ROLES:
        yield roles(f"{BOOK}/", TWO, given)
        yield find(row, f"{BOOK}/", shown, as_=TWO, of=name)
        yield find(row, f"{BOOK}/ada.vcf", shown, as_=TWO, of=name)
        yield Case(row, "GET", f"{BOOK}/ada.vcf", as_=TWO, of=name)
        yield put(row, f"{BOOK}/ada.vcf", card("ada", "Ada"), TWO, f"{name} changes")
        yield put(row, f"{BOOK}/by-{name}.vcf", card(f"by-{name}", "By"), TWO, f"{name} creates")
        yield Case(row, "DELETE", f"{BOOK}/bob.vcf", as_=TWO, of=name)
    yield find(row, f"{CALENDAR}/", shown, as_=SUPER, of="superuser")
    yield find(row, f"{CALENDAR}/one.ics", shown, as_=SUPER, of="superuser")
