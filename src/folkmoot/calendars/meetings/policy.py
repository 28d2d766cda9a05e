"""What the administrator decides about meetings, for one domain."""

from collections.abc import Callable
from dataclasses import dataclass, field

from folkmoot.sharing.preferences import PreferenceDefaults


@dataclass(frozen=True, slots=True)
class MeetingPolicy:
    """Values of ``sogo.conf``, by their meaning here."""

    notify: bool = False  # SOGoAppointmentSendEMailNotifications: mail invitations, changes and answers
    check_organizer: bool = True  # SOGoDisableOrganizerEventCheck turns it off
    all_day_transparent: bool = False  # SOGoiPhoneForceAllDayTransparency
    preferences: PreferenceDefaults = field(default_factory=PreferenceDefaults)


Policies = Callable[[str | None], MeetingPolicy]
"""Return the policy of a domain; None is the whole server's."""


def one_policy(policy: MeetingPolicy) -> Policies:
    """Return what gives every domain the same policy."""
    return lambda _: policy
