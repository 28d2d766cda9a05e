"""All of signing in that faces call."""

from dataclasses import dataclass

from folkmoot.auth.app_passwords import AppPasswords
from folkmoot.auth.authenticator import Authenticator
from folkmoot.auth.lost_factors import LostFactors
from folkmoot.auth.passkeys import Passkeys
from folkmoot.auth.password_change import PasswordChange
from folkmoot.auth.recovery import Recovery
from folkmoot.auth.second_factor import SecondFactor
from folkmoot.auth.session_list import SessionList
from folkmoot.auth.sessions import Sessions


@dataclass(frozen=True, slots=True)
class SignIn:
    """The ways in, and what people may change about theirs."""

    authenticator: Authenticator
    sessions: Sessions
    session_list: SessionList
    app_passwords: AppPasswords
    second_factor: SecondFactor
    lost_factors: LostFactors
    passkeys: Passkeys
    password_change: PasswordChange
    recovery: Recovery
