"""What the web face calls."""

from collections.abc import Callable
from dataclasses import dataclass

from folkmoot.auth.app_passwords import AppPasswords
from folkmoot.auth.lost_factors import LostFactors
from folkmoot.auth.passkeys import Passkeys
from folkmoot.auth.password_change import PasswordChange
from folkmoot.auth.recovery import Recovery
from folkmoot.auth.second_factor import SecondFactor
from folkmoot.auth.session_list import SessionList
from folkmoot.auth.sessions import Authenticator, Sessions
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.web.calendars import WebCalendars
from folkmoot.collections.collections import Collections
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.certificates import Certificates
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.identities import Identities
from folkmoot.sharing.choices import Choices
from folkmoot.sharing.people import People


@dataclass(frozen=True, slots=True)
class WebServices:
    """All that the JSON actions may call."""

    authenticator: Authenticator
    sessions: Sessions
    session_list: SessionList
    second_factor: SecondFactor
    lost_factors: LostFactors
    passkeys: Passkeys
    app_passwords: AppPasswords
    password_change: PasswordChange
    recovery: Recovery
    people: People
    choices: Choices
    filters: Filters
    accounts: Accounts
    identities: Identities
    delegation: Delegation
    certificates: Certificates
    free_busy: FreeBusy
    collections: Collections
    web_calendars: WebCalendars
    settings: Callable[[str | None], Settings]  # of a domain
    clock: Clock
