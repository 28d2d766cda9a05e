"""Conditions on messages that IMAP has no word for, made of those it has."""

from typing import Final

from folkmoot.mail.imap.criteria import all_, flag, header, not_, or_

ALL: Final = all_()
UNSEEN: Final = not_(flag("\\Seen"))
DELETED: Final = flag("\\Deleted")  # until they are expunged; who shows lists hides them
FLAGGED: Final = flag("\\Flagged")
FORWARDED: Final = flag("$Forwarded")

# Servers that look into messages as they come say so by keyword; for the others the outermost type has to do.
HAS_ATTACHMENT_KEYWORD: Final = "$HasAttachment"
HAS_ATTACHMENT: Final = or_(flag(HAS_ATTACHMENT_KEYWORD), header("Content-Type", "multipart/mixed"))
# Whether something is signed within what is encrypted is known when it has been opened.
SMIME: Final = or_(header("Content-Type", "pkcs7-signature"), header("Content-Type", "pkcs7-mime"))
HIGH_PRIORITY: Final = or_(header("X-Priority", "1"), header("X-Priority", "2"), header("Importance", "high"))
LOW_PRIORITY: Final = or_(header("X-Priority", "4"), header("X-Priority", "5"), header("Importance", "low"))
