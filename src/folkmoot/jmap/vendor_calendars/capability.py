"""The capability of calendars that is ours."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.jmap.vendor_calendars import links, slots, web_calendars
from folkmoot.jmap.vendor_calendars.describing import LINK, WEB_CALENDAR


def _account(context: Context, account: Account) -> Mapping[str, Any] | None:
    return {} if account == context.accounts.own and account.calendars else None


VENDOR_CALENDARS: Final = Capability(
    "https://folkmoot.org/jmap/calendars",
    methods=(*links.METHODS, *web_calendars.METHODS, *slots.METHODS),
    types=(LINK, WEB_CALENDAR),
    states={"Link": links.STATE, "WebCalendar": web_calendars.STATE},
    account=_account,
    document="Secret links to calendars, calendars that others publish, and times to meet.",
)
