"""Names that vCard 3.0's users invented for what 4.0 has properties for.

Both conversions read these tables, so that what one does the other undoes.
"""

from typing import Final

# Apple writes relatives as X-ABRELATEDNAMES with a label in the same group; RELATED has types (RFC 6350 section 6.6.6).
RELATION_OF_LABEL: Final = {
    "_$!<spouse>!$_": "spouse",
    "_$!<partner>!$_": "sweetheart",
    "_$!<child>!$_": "child",
    "_$!<son>!$_": "child",
    "_$!<daughter>!$_": "child",
    "_$!<parent>!$_": "parent",
    "_$!<mother>!$_": "parent",
    "_$!<father>!$_": "parent",
    "_$!<brother>!$_": "sibling",
    "_$!<sister>!$_": "sibling",
    "_$!<friend>!$_": "friend",
    "_$!<assistant>!$_": "co-worker",
    "_$!<manager>!$_": "co-worker",
}
LABEL_OF_RELATION: Final = {
    "spouse": "_$!<Spouse>!$_",
    "sweetheart": "_$!<Partner>!$_",
    "child": "_$!<Child>!$_",
    "parent": "_$!<Parent>!$_",
    "friend": "_$!<Friend>!$_",
}
RELATIONS: Final = frozenset(
    {"contact", "acquaintance", "friend", "met", "co-worker", "colleague", "co-resident", "neighbor", "child"}
    | {"parent", "sibling", "spouse", "kin", "muse", "crush", "date", "sweetheart", "me", "agent", "emergency"}
)
ANNIVERSARY_LABEL: Final = "_$!<anniversary>!$_"

# Instant messaging before RFC 4770; the scheme is that of the IMPP value.
SCHEME_OF_MESSENGER: Final = {
    "X-AIM": "aim",
    "X-ICQ": "icq",
    "X-JABBER": "xmpp",
    "X-MSN": "msnim",
    "X-YAHOO": "ymsgr",
    "X-SKYPE": "skype",
    "X-GADUGADU": "gg",
    "X-GROUPWISE": "groupwise",
    "X-QQ": "qq",
}
MESSENGER_OF_SCHEME: Final = {scheme: name for name, scheme in SCHEME_OF_MESSENGER.items()}

MESSENGER_CHARS_MAX: Final = 4_000  # an address; what is longer is carried as it is

GENDER_LETTERS: Final = {"male": "M", "female": "F", "other": "O", "none": "N", "unknown": "U"}

# The same thing under another name, the value as it is: 3.0, then 4.0.
RENAMED: Final = {
    "X-ADDRESSBOOKSERVER-KIND": "KIND",
    "X-ADDRESSBOOKSERVER-MEMBER": "MEMBER",
}
BINARY: Final = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
