"""``Principal/getAvailability``: when somebody is busy, over all calendars that count."""

from datetime import UTC, datetime
from typing import Any, Final

from folkmoot.calendars.busy.times import FREE_BUSY_MAX
from folkmoot.core.errors import MalformedInput, NotFound, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.occurring import utc_text
from folkmoot.jmap.protocol.calling import Answer, Call, Capability, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id, UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.sharing.ids import principal_of

URN: Final = "urn:ietf:params:jmap:principals:availability"
_STATUSES: Final = {"BUSY": "confirmed", "BUSY-TENTATIVE": "tentative", "BUSY-UNAVAILABLE": "unavailable"}


class AvailabilityArguments(Arguments):
    """Of ``Principal/getAvailability``."""

    account_id: Id
    id: Id
    utc_start: UTCDate
    utc_end: UTCDate
    show_details: bool = False
    event_properties: list[str] | None = None


async def availability(call: Call[AvailabilityArguments]) -> Answer:
    """Return busy times without saying what they are: what somebody may see of events is asked of their calendars."""
    asked = call.arguments
    owner = principal_of(asked.id)
    if owner is None:
        raise MethodFailed("notFound", "there is no such principal")
    start, end = _moment(asked.utc_start), _moment(asked.utc_end)
    try:
        periods = await call.services.free_busy.of_one(call.caller, owner, start, end)
    except NotFound as error:
        raise MethodFailed("notFound", "there is no such principal") from error
    except TooLarge as error:
        raise MethodFailed("tooLarge", str(error)) from error
    except MalformedInput as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    return {
        "accountId": call.account.id,
        "list": [
            {
                "utcStart": utc_text(one.start),
                "utcEnd": utc_text(one.end),
                "busyStatus": _STATUSES.get(one.type, "unavailable"),
                "event": None,
                "accountId": None,
            }
            for one in periods
        ],
    }


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise MethodFailed("invalidArguments", "utcStart and utcEnd are UTC date-times") from error


def _account(_context: Context, account: Account) -> dict[str, Any] | None:
    return {"maxAvailabilityDuration": f"P{FREE_BUSY_MAX.days}D"} if account.calendars else None


AVAILABILITY: Final = Capability(
    URN, methods=(Method("Principal/getAvailability", AvailabilityArguments, availability),), account=_account
)
