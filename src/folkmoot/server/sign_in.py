"""Who is this, put together: the ways in, and what people may change about them."""

from ipaddress import ip_network
from typing import Final

from folkmoot.auth.app_passwords import AppPasswords
from folkmoot.auth.attempts import Attempts
from folkmoot.auth.authenticator import Authenticator
from folkmoot.auth.ceremonies import relying_party
from folkmoot.auth.events import Events
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.lost_factors import LostFactors
from folkmoot.auth.openid import OpenIdWay, is_configured
from folkmoot.auth.passkeys import Passkeys
from folkmoot.auth.password_change import PasswordChange
from folkmoot.auth.proofs import Way
from folkmoot.auth.recovery import Recovery
from folkmoot.auth.sealing import Keys
from folkmoot.auth.second_factor import SecondFactor
from folkmoot.auth.session_list import SessionList
from folkmoot.auth.sessions import Sessions
from folkmoot.auth.sign_in import SignIn
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.verifier import Verifier
from folkmoot.fetch.fetcher import Fetcher, FetchLimits

# The administrator names the provider, which may well be on the same network.
EVERY_NETWORK: Final = (ip_network("0.0.0.0/0"), ip_network("::/0"))
PROVIDER_LIMITS: Final = FetchLimits(octets=1024 * 1024, seconds=10.0)  # a dozen keys are 20 kB


def sign_in_of(
    settings: Settings, database: Database, directory: Directory, verifier: Verifier, clock: Clock
) -> SignIn:
    """Put it together.

    Raises:
        ConfigurationError: SOGoSecretValue cannot be used.
    """
    keys = Keys(database, settings.security)
    events = Events(clock)
    attempts = Attempts(database, clock)
    second_factor = SecondFactor(database, keys, attempts, events, clock, issuer=settings.web.page_title or "Folkmoot")
    party = relying_party(settings.server.public_url, settings.web.page_title or "Folkmoot")
    app_passwords = AppPasswords(database, directory, keys, events, clock)
    ways: list[Way] = [app_passwords]
    if is_configured(settings.sso):
        fetcher = Fetcher(EVERY_NETWORK, PROVIDER_LIMITS, accept="application/json")
        ways.append(OpenIdWay(settings.sso, directory, fetcher, clock, for_mail=settings.imap.mechanism == "xoauth2"))
    authenticator = Authenticator(
        directory,
        settings,
        FailureCounts(settings.security, database, clock),
        ways=ways,
        asked=second_factor.asked,
    )
    return SignIn(
        authenticator=authenticator,
        sessions=Sessions(database, authenticator, clock),
        session_list=SessionList(database, authenticator, second_factor, attempts, clock),
        app_passwords=app_passwords,
        second_factor=second_factor,
        lost_factors=LostFactors(database, second_factor, events, clock),
        passkeys=Passkeys(database, directory, keys, second_factor, attempts, events, clock, party),
        password_change=PasswordChange(database, directory, settings.security, authenticator, attempts, events),
        recovery=Recovery(database, directory, verifier, settings, keys, attempts, events, clock),
    )
