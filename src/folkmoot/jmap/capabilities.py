"""All capabilities that are offered; a room of types adds its own here."""

from collections.abc import Sequence
from typing import Final

from folkmoot.jmap.administration.capability import ADMINISTRATION
from folkmoot.jmap.calendars.capability import CAPABILITIES as CALENDARS
from folkmoot.jmap.contacts import capability as contacts
from folkmoot.jmap.core.blobs import BLOBS
from folkmoot.jmap.core.capability import CORE
from folkmoot.jmap.mail.capability import MAIL
from folkmoot.jmap.mail.quota import QUOTAS
from folkmoot.jmap.mail.writing_capabilities import MDN, SIEVE, SUBMISSION, VACATION
from folkmoot.jmap.moving.capability import EXPORT, IMPORT
from folkmoot.jmap.preferences.methods import PREFERENCES_CAPABILITY
from folkmoot.jmap.protocol.calling import Capability
from folkmoot.jmap.protocol.dispatch import Registry
from folkmoot.jmap.push.capability import PUSH_SUBSCRIPTIONS, VAPID, WEBSOCKET
from folkmoot.jmap.recipients.methods import RECIPIENTS
from folkmoot.jmap.security.capability import SECURITY
from folkmoot.jmap.sharing.capability import PRINCIPALS, PRINCIPALS_OWNER, SHARING
from folkmoot.jmap.site.methods import SITE_CAPABILITY
from folkmoot.jmap.vendor_calendars.capability import VENDOR_CALENDARS
from folkmoot.jmap.vendor_mail.capability import VENDOR_MAIL

CAPABILITIES: Final[Sequence[Capability]] = (
    CORE,
    BLOBS,
    PRINCIPALS,
    PRINCIPALS_OWNER,
    SHARING,
    PREFERENCES_CAPABILITY,
    SECURITY,
    SITE_CAPABILITY,
    ADMINISTRATION,
    IMPORT,
    EXPORT,
    VENDOR_CALENDARS,
    *CALENDARS,
    RECIPIENTS,
    MAIL,
    SUBMISSION,
    VACATION,
    SIEVE,
    MDN,
    *contacts.CAPABILITIES,
    PUSH_SUBSCRIPTIONS,
    VAPID,
    WEBSOCKET,
    QUOTAS,
    VENDOR_MAIL,
)
REGISTRY: Final = Registry(CAPABILITIES)
