"""Prints where Folkmoot's DAV face answers otherwise than SOGo: ``python -m tests.sogo.compare SOGO_URL OUR_URL``.

Both servers know sogo-tests1 to sogo-tests3 with the password "sogo" and the superuser sogo-tests-super; URLs are
those of the DAV roots.  docs/conformance/sogo.md says of each difference why it is meant.
"""

import sys
from collections.abc import Iterator

from tests.sogo.answers import Answer, Case, Server, send
from tests.sogo.asking import properties, reports
from tests.sogo.forms import PEOPLE, find
from tests.sogo.rights import rights
from tests.sogo.scheduling import scheduling
from tests.sogo.sharing import sharing
from tests.sogo.tree import headers, layout
from tests.sogo.writing import cards_and_collections, making, objects, patches

CASES = (
    # The personal collections are made on the first look.  SOGo cannot make two in one second: there, look before.
    *(find("set-up", f"/{who}/{path}/personal/", as_=who) for who in PEOPLE for path in ("Calendar", "Contacts")),
    *making(),
    *objects(),
    *cards_and_collections(),
    *layout(),
    *headers(),
    *patches(),
    *reports(),
    *properties(),
    *rights(),
    *sharing(),
    *scheduling(),
)

SHOWN_MAX = 1200  # characters of one difference


def differences(theirs: Answer, ours: Answer, case: Case) -> Iterator[tuple[str, str, str]]:
    """Return what differs: the part's name, theirs, ours."""
    if theirs.status != ours.status:
        yield "status", str(theirs.status), str(ours.status)
    if not case.body_counts:
        return
    shared = theirs.parts.keys() & ours.parts.keys()
    hrefs = {name.removeprefix("href ") for name in theirs.parts.keys() | ours.parts.keys() if name.startswith("href ")}
    one_sided = {href for href in hrefs if f"href {href}" not in shared}
    for name in sorted(theirs.parts.keys() | ours.parts.keys()):
        before, after = theirs.parts.get(name, "-"), ours.parts.get(name, "-")
        # What is listed by one server only has no properties to compare.
        if before != after and name.partition(" ")[0] not in one_sided:
            yield name, before, after


def main() -> None:
    """Run all cases in order on both servers, or those whose row starts with the third argument."""
    sogo, folkmoot = (Server(url, dict.fromkeys(PEOPLE, "sogo")) for url in sys.argv[1:3])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    for case in CASES:
        theirs, ours = send(sogo, case), send(folkmoot, case)
        if not case.row.startswith((wanted, "set-up")):
            continue
        found = list(differences(theirs, ours, case))
        if found:
            sys.stdout.write(f"\n[{case.row}] {case.method} {case.path} as {case.as_ or 'nobody'} {case.of}\n")
        for name, before, after in found:
            sys.stdout.write(f"    {name}: {before[:SHOWN_MAX]!r} -> {after[:SHOWN_MAX]!r}\n")


if __name__ == "__main__":
    main()
