"""``EmailView/get``: messages as they are shown, each in one object: the page, the files, and what to beware of."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from folkmoot.jmap.mail.emails import GONE
from folkmoot.jmap.mail.ids import parse_email_id
from folkmoot.jmap.mail.mail_states import email_state
from folkmoot.jmap.mail.views import mail_of, mailboxes_of
from folkmoot.jmap.protocol.calling import Call, Method
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.standard import GetArguments, Got, get_method
from folkmoot.jmap.vendor_mail.view_describing import EMAIL_VIEW
from folkmoot.jmap.vendor_mail.view_ids import CHARSET, PATH_MAX, Remote, ViewId
from folkmoot.jmap.vendor_mail.view_rendering import Shown, shown
from folkmoot.jmap.vendor_mail.view_shape import view_object

VIEWS_MAX: Final = 20  # messages of one call: those of a conversation that are unfolded
AT_ONCE: Final = 2  # of one call: each holds a connection, and may take some hundred milliseconds
_REMOTE: Final[Mapping[str, Remote]] = {"default": Remote.DEFAULT, "show": Remote.SHOW, "hide": Remote.HIDE}


class ViewArguments(GetArguments):
    """Of ``EmailView/get``."""

    part_id: Annotated[str, Meta(max_length=PATH_MAX)] = ""  # a message within the one that ``ids`` names
    pictures: Literal["default", "show", "hide"] = "default"
    prefer_plain: bool = False
    charset: Annotated[str, Meta(max_length=40)] = ""


async def _load(call: Call[ViewArguments], ids: Sequence[str] | None, properties: frozenset[str]) -> Got:
    asked = call.arguments
    if ids is None or len(ids) > VIEWS_MAX:
        raise MethodFailed("requestTooLarge", f"ask for emails by id, at most {VIEWS_MAX} at once")
    if asked.part_id and len(ids) != 1:
        raise MethodFailed("invalidArguments", "partId is of one email")
    charset = asked.charset.strip().lower().replace(":", "-")
    if charset and CHARSET.match(charset) is None:
        raise MethodFailed("invalidArguments", "there is no such charset")
    await mailboxes_of(call.context, call.account)  # once, and not by each of those that wait for each other
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(id_: str) -> tuple[str, dict[str, Any]] | None:
        email = parse_email_id(id_)
        if email is None:
            return None
        wanted = ViewId(
            email, remote=_REMOTE[asked.pictures], plain=asked.prefer_plain, path=asked.part_id, charset=charset
        )
        try:
            async with turns:
                found = await shown(call.context, call.account, wanted)
                receipt = await _receipt(call, found) if not properties or "receipt" in properties else None
        except GONE:
            return None
        return id_, view_object(id_, wanted, found, receipt)

    done = await asyncio.gather(*map(one, ids), return_exceptions=True)
    objects: dict[str, dict[str, Any]] = {}
    for each in done:
        if isinstance(each, BaseException):
            raise each
        if each is not None:
            objects[each[0]] = each[1]
    return Got(await email_state(call.context, call.account), objects)


async def _receipt(call: Call[ViewArguments], found: Shown) -> dict[str, Any] | None:
    if not found.view.receipt_to or call.arguments.part_id:
        return None
    wish = await call.services.mail.receipts.wish(call.caller, mail_of(call.account), found.ref)
    to = [{"name": one.name or None, "email": one.address} for one in wish.to or found.view.receipt_to]
    return {"to": to, "action": wish.action.value}


METHODS: Final[tuple[Method, ...]] = (get_method(EMAIL_VIEW, _load, ViewArguments),)
