"""``Site/get``."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot import __version__
from folkmoot.config.settings import Settings
from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.jmap.protocol.limits import UPLOAD_OCTETS_MAX
from folkmoot.jmap.site.describing import SITE
from folkmoot.jmap.telling import SINGLETON, own, reading

UNDO_SECONDS_MAX: Final = 60


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the one object."""
    services, caller = context.services, context.caller
    person = await services.people.find(caller, caller.principal)
    settings = services.settings(person.domain if person else None)
    told = {
        "id": SINGLETON,
        "version": __version__ if caller.superuser else None,
        "isSuperuser": caller.superuser,
        "messageOfTheDay": await services.administration.present_message(),
        "modulesDenied": sorted(caller.denied),
        "passwordsAreChanged": services.sign_in.password_change.offered,
        "passwordsAreRecovered": await services.sign_in.recovery.offered_to(caller),
        "passkeysAreOffered": services.sign_in.passkeys.offered,
        "undoSendSecondsMax": UNDO_SECONDS_MAX,
        "davUrl": f"{context.origin}/SOGo/dav/",
        **_configured(settings),
    }
    return {SINGLETON: told}


def _configured(settings: Settings) -> dict[str, Any]:
    web, security, mail, calendar = settings.web, settings.security, settings.mail, settings.calendar
    upload = settings.server.upload_max_kilobytes * 1024
    return {
        "title": web.page_title,
        "helpUrl": web.help_url or None,
        "languages": list(settings.general.languages),
        "exportDisabled": list(security.export_disabled),
        "sharingDisabled": list(security.sharing_disabled),
        "sharingWithAllDisabled": list(security.sharing_with_all_disabled),
        "publicAccess": security.public_access,
        "searchLettersMin": web.search_letters_min,
        "refreshMinutes": list(web.refresh_intervals),
        "subscriptionNameFormat": settings.general.subscription_name_format,
        "externalAvatars": web.external_avatars,
        "accountsElsewhere": mail.auxiliary_accounts,
        "identitiesAreFixed": security.identities_fixed,
        "smime": mail.certificates,
        "uploadOctetsMax": min(upload, UPLOAD_OCTETS_MAX) if upload else UPLOAD_OCTETS_MAX,
        "jitsiUrl": f"{calendar.jitsi_url.rstrip('/')}/{calendar.jitsi_room_prefix}" if calendar.jitsi_link else None,
    }


SITE_CAPABILITY: Final = Capability(
    "https://folkmoot.org/jmap/site",
    methods=reading(SITE, tell)[:1],
    types=(SITE,),
    account=own,
    document="What the administrator has decided.",
)
