"""Roles that are given together, where a client knows no more than to read and to write."""

from typing import Final

from folkmoot.sharing.rights import CLASSES, Level, Rights

# An invitation to read: what is not public is seen as times only.
READER: Final = frozenset(["PublicViewer", "PrivateDAndTViewer", "ConfidentialDAndTViewer"])
# Apple's delegates see and change what they act for.
DELEGATE_READER: Final = frozenset(f"{name}Viewer" for name in CLASSES)
WRITER: Final = frozenset([*(f"{name}Modifier" for name in CLASSES), "ObjectCreator", "ObjectEraser"])


def writes(rights: Rights) -> bool:
    """Whether rights count as writing: to respond to an invitation is enough, as with SOGo."""
    return rights.create or rights.erase or rights.highest >= Level.RESPOND
