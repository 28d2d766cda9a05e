"""Finding people (SOGo's ``usersSearch``)."""

from folkmoot.core.errors import MalformedInput
from folkmoot.directory.principal import PrincipalKind
from folkmoot.web.http import Asked, Response, answer
from folkmoot.web.services import WebServices


async def users_search(services: WebServices, asked: Asked) -> Response:
    """Answer with the people, groups and resources that the caller may find, without the caller.

    Raises:
        MalformedInput: ``search`` is missing.
    """
    wanted = "".join(asked.request.fields().get("search", ())[:1]).strip()
    if not wanted:
        raise MalformedInput("search is missing")
    found = await services.people.search(asked.caller, text=wanted)
    users = [
        {
            "uid": one.id,
            "cn": one.display_name,
            "c_email": one.mails[0] if one.mails else "",
            "isGroup": int(one.kind is PrincipalKind.GROUP),
        }
        for one in sorted(found, key=lambda one: one.display_name.casefold())
        if one.id != asked.caller.principal
    ]
    return answer(200, {"users": users})
