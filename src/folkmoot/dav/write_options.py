"""What request headers say about scheduling (RFC 6638 section 8), and which family of clients sends them."""

import re
from functools import partial
from typing import Final

from folkmoot.collections.content import WriteOptions
from folkmoot.core.errors import MalformedInput
from folkmoot.dav.calendar_users import principal_at
from folkmoot.dav.clients import family_of
from folkmoot.dav.properties.lookups import Lookups

_TAG: Final = re.compile(r'\s*"([^"\x00-\x1f]{1,200})"\s*\Z')
_NO_GROUPS: Final = "nogroupsdecomposition"  # X-SOGo: members of groups are not invited one by one


def write_options(lookups: Lookups) -> WriteOptions:
    """Return what this request wants of its write.

    Raises:
        MalformedInput: a Schedule-Reply that is neither T nor F, or an If-Schedule-Tag-Match that is no tag.
    """
    request = lookups.request
    return WriteOptions(
        schedule_reply=_schedule_reply(request.header("schedule-reply")),
        if_schedule_tag=_schedule_tag(request.headers.get("if-schedule-tag-match")),
        expand_groups=_NO_GROUPS not in request.header("x-sogo").lower(),
        client=family_of(request.header("user-agent")),
        principal_of=partial(principal_at, request),
    )


def _schedule_reply(text: str) -> bool:
    if text.strip().upper() not in {"", "T", "F"}:
        raise MalformedInput("Schedule-Reply is T or F")
    return text.strip().upper() != "F"


def _schedule_tag(text: str | None) -> str | None:
    if text is None:
        return None
    found = _TAG.match(text)
    if found is None:
        raise MalformedInput("If-Schedule-Tag-Match holds one tag in quotes")
    return found[1]
