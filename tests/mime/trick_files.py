"""The tricks that HTML of mails was seen to play, in ``tricks/*.txt``: "== name", then the markup.

A script that runs calls ``pwned``; what is fetched without consent comes from ``trap.test``; ``{NUL}`` is that octet.
"""

from pathlib import Path

DIRECTORY = Path(__file__).parent / "tricks"


def tricks() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(DIRECTORY.glob("*.txt")):
        for trick in ("\n" + path.read_text("utf-8")).split("\n== ")[1:]:
            name, _, markup = trick.partition("\n")
            found[f"{path.stem}: {name}"] = markup.removesuffix("\n").replace("{NUL}", "\0")
    return found


TRICKS = tricks()
