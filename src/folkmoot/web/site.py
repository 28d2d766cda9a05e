"""What the page that asks for name and password must know; nothing that is not on it for everybody to read."""

from folkmoot.web.http import Request, Response, answer
from folkmoot.web.services import WebServices
from folkmoot.web.signing_in import Outcome


async def site(services: WebServices, request: Request) -> Outcome:
    """Answer with title, help, languages, domains to choose from, and the ways in that are offered."""
    if request.method not in {"GET", "HEAD"}:
        return None, answer(405, {"message": "not by this method"}, ("Allow", "GET"))
    return None, _told(services)


def _told(services: WebServices) -> Response:
    settings = services.settings(None)
    return answer(
        200,
        {
            "title": settings.web.page_title,
            "help": settings.web.help_url or None,
            "languages": list(settings.general.languages),
            "domains": list(settings.people.login_domains),
            "passwordRecovery": settings.security.password_recovery and settings.security.password_change,
            "passkeys": services.passkeys.offered,
        },
    )
