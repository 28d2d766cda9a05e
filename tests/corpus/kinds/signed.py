"""Signed and encrypted messages, from files; what is seen before anything is opened."""

from collections.abc import Iterator
from pathlib import Path

from tests.corpus.sample import Sample

FILES = Path(__file__).parents[1] / "signed"
TEXT = "Guten Tag, die Prüfung ist am Donnerstag."


def samples() -> Iterator[Sample]:
    """Yield the messages of this kind."""
    for path in sorted(FILES.glob("*.eml")):
        name = path.stem
        shown = name.startswith(("signed", "ours-signed")) and "opaque" not in name and "encrypted" not in name
        text = TEXT.replace("Guten Tag", "Guten Rat") if name == "signed-altered" else TEXT
        yield Sample(
            name=f"smime-{name}",
            special=f"S/MIME: {name}",
            octets=path.read_bytes(),
            subject=name,
            sender="anja@signed.example",
            text=(text,) if shown else (),
            hidden=() if shown else (TEXT,),
            message_id=f"<{name}@signed.example>",
        )
