"""Reading what a person has chosen."""

from zoneinfo import ZoneInfo

from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId
from folkmoot.sharing.preferences import ALL_WEEK, PreferenceDefaults, Preferences, defaults_of, preferences_of
from folkmoot.store.records import Profile

ANNA = PrincipalId("anna")


def read(properties: dict[str, object]) -> Preferences:
    return preferences_of(Profile(ANNA, properties, {}, 0), PreferenceDefaults(zone=ZoneInfo("Europe/Berlin")))


def test_who_has_chosen_nothing_has_the_domain_s_defaults() -> None:
    nothing = read({})
    assert (nothing.language, nothing.zone.key, nothing.zone_chosen) == ("English", "Europe/Berlin", False)
    assert (nothing.day_start, nothing.day_end, nothing.weekdays) == (480, 1080, ALL_WEEK)
    assert not any((nothing.busy_off_hours, nothing.prevent_invitations, nothing.no_mail_for_dav_replies))


def test_choices_are_read_in_sogo_s_own_form() -> None:
    chosen = read(
        {
            "defaults": {
                "SOGoLanguage": "French",
                "SOGoTimeZone": "America/Montreal",
                "SOGoDayStartTime": "09:30",
                "SOGoDayEndTime": "17:00",
                "SOGoBusyOffHours": 1,
                "SOGoCalendarWeekdays": ["MO", "TU", "WE"],
            },
            "settings": {
                "Calendar": {
                    "PreventInvitations": 1,
                    "PreventInvitationsWhitelist": {"bob": "Bob <bob@example.org>"},
                    "InvitationNotificationsOnCalDavDisabled": 1,
                }
            },
        }
    )
    assert (chosen.language, chosen.zone.key, chosen.zone_chosen) == ("French", "America/Montreal", True)
    assert (chosen.day_start, chosen.day_end, chosen.busy_off_hours) == (570, 1020, True)
    assert chosen.weekdays == {0, 1, 2}
    assert chosen.prevent_invitations
    assert chosen.whitelist == {"bob": "Bob <bob@example.org>"}
    assert chosen.no_mail_for_dav_replies


def test_nonsense_falls_back_to_the_defaults() -> None:
    odd = read(
        {
            "defaults": {
                "SOGoLanguage": 7,
                "SOGoTimeZone": "../../etc/passwd",
                "SOGoDayStartTime": "18:00",
                "SOGoDayEndTime": "08:00",
                "SOGoCalendarWeekdays": "MO",
            },
            "settings": {"Calendar": ["PreventInvitations"]},
        }
    )
    assert odd == read({})
    assert read({"defaults": [], "settings": None}) == read({})


def test_own_calendars_count_unless_excluded_and_subscribed_ones_only_when_chosen() -> None:
    chosen = read(
        {"settings": {"Calendar": {"FreeBusyExclusions": {"anna:Calendar/hobby": 1, "ben:Calendar/team": 0}}}}
    )
    assert chosen.counts(ANNA, "personal", subscribed=False)
    assert not chosen.counts(ANNA, "hobby", subscribed=False)
    assert not chosen.counts(PrincipalId("ben"), "personal", subscribed=True)
    assert chosen.counts(PrincipalId("ben"), "team", subscribed=True)


def test_settings_give_the_defaults() -> None:
    assert defaults_of(Settings()) == PreferenceDefaults()
