"""jsonDefaults, jsonSettings and Preferences/save."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import PrincipalId
from folkmoot.sharing.choosing import read_defaults, read_settings, user_parameters
from folkmoot.sharing.preferences import PreferenceDefaults, preferences_of
from folkmoot.web.locales import CODES, words_of
from tests.support.fuzz import fuzz_inputs
from tests.support.web import Browser, Town

pytestmark = pytest.mark.anyio

SAVE = "so/anna/Preferences/save"
VACATION = {
    "enabled": 0,
    "autoReplyText": "Away",
    "autoReplyEmailAddresses": ["anna@example.org"],
    "daysBetweenResponse": 7,
    "startDateEnabled": 0,
    "startDate": 1_780_000_000,
    "days": ["1", "2"],
}


async def defaults(browser: Browser) -> dict[str, object]:
    return (await browser.get("so/anna/jsonDefaults")).json


async def settings_of(browser: Browser, module: str = "Calendar") -> dict[str, object]:
    found = (await browser.get("so/anna/jsonSettings")).json[module]
    assert isinstance(found, dict)
    return found


async def test_defaults_are_all_that_a_user_has_or_inherits(anna: Browser) -> None:
    found = await defaults(anna)
    assert (
        found.items()
        >= {
            "SOGoDayStartTime": "08:00",
            "SOGoDayEndTime": "18:00",
            "SOGoBusyOffHours": 0,
            "SOGoCalendarShouldDisplayWeekend": 1,
            "SOGoTimeZone": "UTC",
            "SOGoLanguage": "English",
            "LocaleCode": "en",
            "UserTimeZoneSecondsFromGMT": 0,
            "SOGoAppointmentSendEMailNotifications": 0,
            "SOGoLDAPGroupExpansionEnabled": 0,
            "Vacation": {},
            "Forward": {},
            "Notification": {},
            "SOGoSieveFilters": [],
        }.items()
    )
    assert set(user_parameters()) <= set(found)
    accounts = found["AuxiliaryMailAccounts"]
    assert isinstance(accounts, list)
    assert accounts[0]["identities"][0] == {"email": "anna@example.org", "fullName": "Anna", "isDefault": 1}
    assert not any("Password" in key and "Answer" in key for key in found)


async def test_what_is_saved_is_given_back_and_the_rest_stays(anna: Browser) -> None:
    assert (await anna.post(SAVE, {"defaults": {"SOGoTimeZone": "Asia/Tokyo", "SOGoBusyOffHours": True}})).status == 200
    assert (await anna.post(SAVE, {"defaults": {"SOGoDayStartTime": "9", "SOGoLanguage": "French"}})).status == 200
    assert (await anna.post(SAVE, {"defaults": {"Vacation": VACATION}})).status == 200
    found = await defaults(anna)
    assert (
        found.items()
        >= {
            "SOGoTimeZone": "Asia/Tokyo",
            "SOGoBusyOffHours": 1,
            "SOGoDayStartTime": "09:00",
            "LocaleCode": "fr",
            "UserTimeZoneSecondsFromGMT": 9 * 3600,
            "Vacation": VACATION,
        }.items()
    )
    assert (await anna.post(SAVE, {"defaults": {"SOGoTimeZone": None}})).status == 200
    assert (await defaults(anna))["SOGoTimeZone"] == "UTC"


async def test_a_browser_may_send_back_all_that_it_was_given(anna: Browser) -> None:
    found = await defaults(anna)
    kept = (await anna.get("so/anna/jsonSettings")).json
    assert (await anna.post(SAVE, {"defaults": found, "settings": kept})).status == 200
    assert await defaults(anna) == found


async def test_settings_are_kept_by_module_and_take_effect(anna: Browser, town: Town) -> None:
    whitelist = {"bert": "Bert <bert@example.org>"}
    first = {"PreventInvitations": 1, "PreventInvitationsWhitelist": whitelist}
    assert (await anna.post(SAVE, {"settings": {"Calendar": first}})).status == 200
    second = {"Calendar": {"View": "weekview"}, "Contacts": {"FoldersOrder": ["personal"]}}
    assert (await anna.post(SAVE, {"settings": second})).status == 200
    assert await settings_of(anna) == {**first, "View": "weekview"}
    assert await settings_of(anna, "Contacts") == {"FoldersOrder": ["personal"]}
    kept = preferences_of(await town.services.people.profile(PrincipalId("anna")), PreferenceDefaults())
    assert kept.prevent_invitations
    assert kept.whitelist == whitelist
    assert (await anna.post(SAVE, {"settings": {"Calendar": {"PreventInvitations": 0}}})).status == 200
    assert not preferences_of(
        await town.services.people.profile(PrincipalId("anna")), PreferenceDefaults()
    ).prevent_invitations


async def test_what_is_decided_elsewhere_is_not_set_here(anna: Browser) -> None:
    sent = {"Mail": {"DelegateFrom": ["bert"]}, "Calendar": {"SubscribedFolders": ["bert:Calendar/personal"]}}
    assert (await anna.post(SAVE, {"settings": sent})).status == 200
    assert await settings_of(anna, "Mail") == {}
    assert await settings_of(anna) == {}


@pytest.mark.parametrize(
    "sent",
    [
        {"defaults": {"SOGoNoSuchThing": 1}},
        {"defaults": {"SOGoSuperUsernames": ["anna"]}},
        {"defaults": {"SOGoPasswordRecoveryQuestionAnswer": "x"}},
        {"defaults": {"SOGoFirstDayOfWeek": 9}},
        {"defaults": {"SOGoTimeZone": "Mars/Olympus"}},
        {"defaults": {"SOGoDefaultCalendar": "whatever"}},
        {"defaults": {"SOGoDayStartTime": "25:00"}},
        {"defaults": {"SOGoDayStartTime": "nine"}},
        {"defaults": {"SOGoCalendarCategoriesColors": [1]}},
        {"defaults": {"Vacation": []}},
        {"defaults": {"Vacation": {"unknown": 1}}},
        {"defaults": {"Forward": {"forwardAddress": {"a": 1}}}},
        {"defaults": {"SOGoSieveFilters": {}}},
        {"defaults": 7},
        {"settings": {"Calendar": []}},
        {"settings": {"Calendar": {"Unknown": 1}}},
        {"settings": {"Calendar": {"PreventInvitations": "perhaps"}}},
        {"settings": {"General": {"totpKey": "x"}}},
        {"settings": {"Salt": "x"}},
        {"other": {}},
    ],
)
async def test_what_cannot_be_a_preference_is_400_and_changes_nothing(anna: Browser, sent: dict[str, object]) -> None:
    before = await defaults(anna)
    good = (
        {"defaults": {"SOGoTimeFormat": "%H.%M"}} if "settings" in sent else {"settings": {"Calendar": {"View": "x"}}}
    )
    assert (await anna.post(SAVE, {**good, **sent})).status == 400
    assert await defaults(anna) == before
    assert await settings_of(anna) == {}


@pytest.mark.parametrize(
    "sent",
    [{"SOGoTOTPEnabled": 1}, {"SOGoPasswordRecoveryMode": "SecretQuestion"}, {"AuxiliaryMailAccounts": [{}, {}]}],
)
async def test_what_is_not_offered_is_refused_instead_of_pretended(anna: Browser, sent: dict[str, object]) -> None:
    assert (await anna.post(SAVE, {"defaults": sent})).status == 403


async def test_preferences_have_a_limit(anna: Browser) -> None:
    long = {"defaults": {"SOGoMailSignature": "x" * 600_000}}
    assert (await anna.post(SAVE, long)).status == 413


async def test_people_are_found_without_oneself(anna: Browser) -> None:
    reply = await anna.get("so/anna/usersSearch", "search=.")
    assert reply.json == {
        "users": [
            {"uid": "bert", "cn": "Bert", "c_email": "bert@example.org", "isGroup": 0},
            {"uid": "root", "cn": "Root", "c_email": "root@example.org", "isGroup": 0},
        ]
    }
    assert (await anna.get("so/anna/usersSearch")).status == 400


def test_each_language_has_its_words() -> None:
    for language in CODES:
        words = words_of(language)
        assert len(words["NSMonthNameArray"]) == 12  # type: ignore[arg-type]  # a list
        assert len(words["NSShortWeekDayNameArray"]) == 7  # type: ignore[arg-type]  # a list
    assert words_of("Elvish")["NSMonthNameArray"] == words_of("English")["NSMonthNameArray"]
    assert words_of("French")["NSWeekDayNameArray"][0] == "dimanche"  # type: ignore[index]  # a list


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MODULE_NAMES = st.sampled_from(["Calendar", "Mail"])
KEYS = st.sampled_from([*user_parameters(), "Vacation", "Forward", "Notification", "SOGoSieveFilters"])


@settings(max_examples=fuzz_inputs(60), deadline=None)
@given(
    st.dictionaries(KEYS, JSON, max_size=3), st.dictionaries(st.sampled_from(["Calendar", "Mail"]), JSON, max_size=2)
)
def test_any_values_are_read_or_refused(chosen: dict[str, object], modules: dict[str, object]) -> None:
    for read, values in ((read_defaults, chosen), (read_settings, modules)):
        try:
            read(values)
        except FolkmootError:
            continue
