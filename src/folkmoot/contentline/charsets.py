"""Character sets other than UTF-8, which vCard 2.1 and old calendars name with CHARSET."""

from typing import Final

_NEVER_PUBLISHED: Final = 12  # of ISO 8859
# What address books and calendars ever wrote; any other name a peer sends must not reach Python's codec search,
# which knows punycode, unicode_escape and worse.
_CHARSETS: Final = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "latin1", "latin-1", "koi8-r", "koi8-u", "macintosh", "cp850", "tis-620"}
    | {"shift-jis", "sjis", "euc-jp", "iso-2022-jp", "euc-kr", "gb2312", "gbk", "gb18030", "big5"}
    | {f"iso{dash}8859-{part}" for part in range(1, 17) if part != _NEVER_PUBLISHED for dash in ("", "-")}
    | {f"{family}{page}" for page in range(1250, 1259) for family in ("windows-", "cp")}
)


def decode(octets: bytes, *charsets: str) -> str:
    """Return text by the first of the character sets that is known and fits, by Latin-1 if none does."""
    for charset in charsets:
        charset = charset.strip().lower().replace("_", "-")
        if charset not in _CHARSETS:
            continue
        try:
            return octets.decode(charset)
        except UnicodeDecodeError:
            continue
    return octets.decode("latin-1")
