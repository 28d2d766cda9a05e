"""The capabilities of imports and exports."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.moving import exports, imports
from folkmoot.jmap.moving.describing import DATA_IMPORT
from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.jmap.telling import own


def _shared(_context: Context, account: Account) -> Mapping[str, Any] | None:
    return None if account.elsewhere else {}


IMPORT: Final = Capability(
    "https://folkmoot.org/jmap/import",
    methods=imports.METHODS,
    types=(DATA_IMPORT,),
    states={"DataImport": imports.STATE},
    account=own,
    document="Files of other programs on their way in; imports are one's own, wherever they lead.",
)
EXPORT: Final = Capability(
    "https://folkmoot.org/jmap/export",
    methods=exports.METHODS,
    account=_shared,
    document="Calendars and address books as files, one's own and those that others share.",
)
