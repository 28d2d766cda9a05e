"""Keys of SOGo that stand in real files and need nothing done: read without complaint, or with one."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ACCEPTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "WOHTTPAdaptorCapitalizeHeaders": "Header names are written as the standards have them.",
        "WOMessageUseUTF8": "Answers are always UTF-8.",
        "WOParsersUseUTF8": "Requests are always read as UTF-8.",
        "NGUseUTF8AsURLEncoding": "URLs are always UTF-8.",
        "WODefaultLanguages": "See `SOGoLanguage`.",
        "WOLogDefaultsOnStartup": "See `folkmoot check-config`.",
        "WOCachingEnabled": "Caches are always in use.",
        "SOGoTnefDecoderDebugEnabled": "Nothing to log: TNEF is read without a decoder of its own.",
        "SOGoDebugLeaks": "A tool of SOGo's developers.",
        "SOGoCrashOnSessionCreate": "A tool of SOGo's developers.",
        "MySQL4Encoding": "Connections to MySQL and MariaDB always carry all of Unicode, as utf8mb4.",
        "SoDebugBaseURL": "See `SOGoDebugRequests`: answers are logged with the URLs in them.",
        "GCSFolderDebugEnabled": "See `MySQL4DebugEnabled` and `PGDebugEnabled`.",
        "GCSFolderManagerDebugEnabled": "See `MySQL4DebugEnabled` and `PGDebugEnabled`.",
        "GCSFolderManagerSQLDebugEnabled": "See `MySQL4DebugEnabled` and `PGDebugEnabled`.",
        "GCSChannelManagerDebugEnabled": "What goes wrong with connections is always logged.",
        "GCSChannelManagerPoolDebugEnabled": "What goes wrong with connections is always logged.",
        "SieveLogPassword": "Passwords are never logged.",
    }
)
"""Read and ignored, each with the reason."""

REMOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SOGoCalendarDefaultCategoryColor": "has no effect since SOGo 2.3.1; see SOGoCalendarCategoriesColors",
        "SOGoMailMessageCheck": "has no effect since SOGo 2.2.8; see SOGoRefreshViewCheck",
        "SOGoMailPollingIntervals": "has no effect since SOGo 2.2.8; see SOGoRefreshViewIntervals",
        "SOGoGlobalAddressBookFirstEntries": "has no effect since SOGo 5.11; see globalAddressBookFirstEntriesCount",
        "SOGoGlobalAddressBookFirstEntriesCount": "has no effect since SOGo 5.11; "
        "see globalAddressBookFirstEntriesCount in user sources",
        "WOApplicationRedirectURL": "is obsolete; see FolkmootPublicURL",
    }
)
"""Removed from SOGo: worth a warning, never an error."""

_DEBUG: Final = re.compile(r"So[A-Z]\w*Debug\w*|WODebug\w*|WOProfile\w*|\w{1,80}DebugEnabled", re.ASCII)


def is_accepted(key: str) -> bool:
    """Tell whether a key is one that SOGo or its libraries know and that needs nothing done here."""
    return key in ACCEPTED or _DEBUG.fullmatch(key) is not None
