"""Identifiers that must not be mixed up."""

from typing import Final, NewType

PrincipalId = NewType("PrincipalId", str)
"""A user, group or resource as stored and as shown in URLs; case is significant."""

CollectionId = NewType("CollectionId", int)
"""Database id of a collection; never reused, never shown to clients except inside sync tokens."""

ResourceName = NewType("ResourceName", str)
"""Last segment of an href, percent-decoded."""

ETag = NewType("ETag", str)
"""Version of one object, without the double quotes that HTTP puts around it."""

ObjectId = NewType("ObjectId", int)
"""Random number of an object, 1 to 2**53 - 1; stays when it moves, and with what tells that it is gone."""

NO_OBJECT: Final = ObjectId(0)

Revision = NewType("Revision", int)
"""A collection's write counter; sync tokens, ctags and EAS keys are views of it."""
