"""vCard and JSContact, both ways (RFC 9553, RFC 9554, RFC 9555); the vCard stays the truth.

``to_jscontact`` shows a card; ``new_card`` makes one; ``patched`` changes just the lines that a patch touches: all
other lines keep their octets.  New cards are written in 3.0, which all CardDAV clients read; what neither that nor
RFC 9554 has a property for is kept as JSPROP.  Bad input is ``JsError``.  Pure: knows nothing of books, requests or
blobs, but takes functions that name them.
"""

from folkmoot.jmap.jscontact.convert import to_jscontact
from folkmoot.jmap.jscontact.errors import JsError
from folkmoot.jmap.jscontact.normal import MAPS
from folkmoot.jmap.jscontact.patching import new_card, patched
from folkmoot.jmap.jscontact.schema import PROPERTIES
from folkmoot.jmap.jscontact.vlist import list_member

__all__ = ["MAPS", "PROPERTIES", "JsError", "list_member", "new_card", "patched", "to_jscontact"]
