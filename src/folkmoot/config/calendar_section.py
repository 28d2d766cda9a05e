"""Parameters of calendars, tasks and contacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.config.declaring import domain, system, user
from folkmoot.config.faults import Unreadable
from folkmoot.config.kinds import array, boolean, choice, describe, integer, mapping, names, simple, text
from folkmoot.config.nodes import Node

CALENDAR_ROLES: Final = (
    *(
        component + role
        for component in ("Public", "Confidential", "Private")
        for role in ("DAndTViewer", "Viewer", "Responder", "Modifier")
    ),
    "ObjectCreator",
    "ObjectEraser",
    "None",
)
CONTACTS_ROLES: Final = ("ObjectViewer", "ObjectEditor", "ObjectCreator", "ObjectEraser", "None")
CLASSIFICATIONS: Final = ("PUBLIC", "CONFIDENTIAL", "PRIVATE")


@dataclass(frozen=True, slots=True)
class DaysAround:
    """A stretch of days around today."""

    back: int
    ahead: int


def _days_around(node: Node) -> DaysAround:
    match node.value:
        case (Node(value=back), Node(value=ahead)):
            try:
                return DaysAround(int(str(back)[:6]), int(str(ahead)[:6]))
            except ValueError:
                pass
    raise Unreadable(f"expected an array of two numbers of days, found {describe(node)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """Calendars and tasks."""

    dav_enabled: bool = system(
        "SOGoCalendarDAVAccessEnabled", boolean, default=True, doc="Calendars can be reached by DAV.", served=True
    )
    default_roles: tuple[str, ...] = domain(
        "SOGoCalendarDefaultRoles",
        array(choice(*CALENDAR_ROLES)),
        (),
        "What everybody signed in may do on a calendar whose owner has granted nothing.",
        served=True,
    )
    start_limit_days: int = domain(
        "SOGoDAVCalendarStartTimeLimit",
        integer(),
        0,
        "Clients see events within so many days, half of them before today; 0 shows all.",
        served=True,
        unit="days",
    )
    free_busy_days: DaysAround = domain(
        "SOGoFreeBusyDefaultInterval",
        simple("array of two numbers", _days_around),
        DaysAround(7, 7),
        "Days back and ahead in a published free-busy file.",
        served=True,
        unit="days",
    )
    resource_size_max_bytes: int = system(
        "FolkmootMaxResourceSize",
        integer(1_024),
        10_485_760,
        "Largest calendar object or contact that is stored.",
        served=True,
        unit="bytes",
    )
    instances_max: int = system(
        "FolkmootMaxInstances",
        integer(1),
        10_000,
        "Changed occurrences that one event may hold. Of its rule 10,000 occurrences are looked at in any case.",
        served=True,
    )
    notify_invitations: bool = domain(
        "SOGoAppointmentSendEMailNotifications",
        boolean,
        default=False,
        doc="Mail invitations, changes and answers.",
        served=True,
    )
    notify_acl_changes: bool = domain(
        "SOGoACLsSendEMailNotifications",
        boolean,
        default=False,
        doc="Mail a person whose rights have been changed.",
        served=True,
    )
    notify_folders: bool = domain(
        "SOGoFoldersSendEMailNotifications",
        boolean,
        default=False,
        doc="Mail the owner of a new or removed calendar or address book.",
        served=True,
    )
    notify_own_changes: bool = domain(
        "SOGoNotifyOnPersonalModifications",
        boolean,
        default=False,
        doc="Mail the owner about the owner's own changes, where the calendar does not say otherwise.",
        served=True,
    )
    notify_others_changes: bool = domain(
        "SOGoNotifyOnExternalModifications",
        boolean,
        default=False,
        doc="Mail the owner about changes by others, where the calendar does not say otherwise.",
        served=True,
    )
    all_day_transparent_on_iphone: bool = domain(
        "SOGoiPhoneForceAllDayTransparency",
        boolean,
        default=False,
        doc="All-day events from an iPhone are shown free.",
        served=True,
    )
    organizer_check_disabled: bool = system(
        "SOGoDisableOrganizerEventCheck",
        boolean,
        default=False,
        doc="Take an attendee's copy without looking for the organizer's event.",
        served=True,
    )
    jitsi_link: bool = system(
        "SOGoCalendarEnableJitsiLink", boolean, default=False, doc="Offer links to Jitsi meetings."
    )
    jitsi_url: str = domain("SOGoCalendarJitsiBaseUrl", text, "https://meet.jit.si", "The Jitsi server.")
    jitsi_room_prefix: str = domain("SOGoCalendarJitsiRoomPrefix", text, "SOGo_meeting/", "Beginning of room names.")
    email_alarms: bool = system(
        "SOGoEnableEMailAlarms",
        boolean,
        default=False,
        doc="Send the e-mail alarms of events and tasks. `OCSEMailAlarmsFolderURL` is not needed for it.",
        served=True,
    )
    web_calendar_minutes: int = system(
        "FolkmootWebCalendarInterval",
        integer(5),
        60,
        "Time between two looks at a web calendar.",
        served=True,
        unit="minutes",
    )
    inbox_days: int = system(
        "FolkmootSchedulingInboxDays",
        integer(1),
        30,
        "How long messages about meetings stay in scheduling inboxes for clients that read them.",
        served=True,
        unit="days",
    )
    history_days: int = system(
        "FolkmootHistoryDays",
        integer(1),
        90,
        "How long a client may stay away and still be told just what has changed; then it fetches everything anew.",
        served=True,
        unit="days",
    )
    default_calendar: str = user(
        "SOGoDefaultCalendar",
        choice("selected", "personal", "first"),
        "selected",
        "Calendar that a new event is put into.",
    )
    invitation_intake: str = user(
        "FolkmootInvitationIntake",
        choice("tentative", "none"),
        "tentative",
        "Invitations that come by mail: `tentative` puts them into the calendar, unanswered; `none` leaves them in the "
        "mailbox. Changes and cancellations of what is in the calendar, and answers, are taken in either way.",
        served=True,
    )
    day_start_hour: int = user(
        "SOGoDayStartTime",
        integer(0, 12),
        8,
        "Hour at which the working day begins.",
        served=True,
        aliases=("DayStartTime",),
    )
    day_end_hour: int = user(
        "SOGoDayEndTime",
        integer(12, 23),
        18,
        "Hour at which the working day ends.",
        served=True,
        aliases=("DayEndTime",),
    )
    first_weekday: int = user(
        "SOGoFirstDayOfWeek", integer(0, 6), 0, "First day of the week; 0 is Sunday.", aliases=("WeekStartDay",)
    )
    first_week: str = user(
        "SOGoFirstWeekOfYear",
        choice("January1", "First4DayWeek", "FirstFullWeek"),
        "January1",
        "Which week is the year's first.",
        aliases=("FirstWeek",),
    )
    time_format: str = user("SOGoTimeFormat", text, "%H:%M", "How times are written.", aliases=("TimeFormat",))
    short_date_format: str = user("SOGoShortDateFormat", text, "%d-%b-%y", "How dates are written in little space.")
    long_date_format: str = user("SOGoLongDateFormat", text, "%A, %B %d, %Y", "How dates are written in full.")
    categories: tuple[str, ...] = user(
        "SOGoCalendarCategories", names, (), "Categories offered; empty offers the usual ones in the user's language."
    )
    category_colors: Mapping[str, str] = user(
        "SOGoCalendarCategoriesColors", mapping(text), {}, "Colour of each category."
    )
    event_classification: str = user(
        "SOGoCalendarEventsDefaultClassification", choice(*CLASSIFICATIONS), "PUBLIC", "Class of a new event."
    )
    task_classification: str = user(
        "SOGoCalendarTasksDefaultClassification", choice(*CLASSIFICATIONS), "PUBLIC", "Class of a new task."
    )
    reminder: str = user(
        "SOGoCalendarDefaultReminder",
        text,
        "NONE",
        "Reminder of a new event: `NONE` or a time before it such as `-PT15M`.",
        aliases=("ReminderTime",),
    )
    busy_off_hours: bool = user(
        "SOGoBusyOffHours",
        boolean,
        default=False,
        doc="Free-busy shows the time outside working hours as taken, for people who state no availability.",
        served=True,
    )
    weekdays: tuple[str, ...] = user(
        "SOGoCalendarWeekdays",
        names,
        (),
        "Days shown, and with working hours, such as `MO`; empty is all.",
        served=True,
    )
    weekend: bool = user("SOGoCalendarShouldDisplayWeekend", boolean, default=True, doc="Show Saturday and Sunday.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsSettings:
    """Address books."""

    dav_enabled: bool = system(
        "SOGoAddressBookDAVAccessEnabled",
        boolean,
        default=True,
        doc="Address books can be reached by DAV.",
        served=True,
    )
    default_roles: tuple[str, ...] = domain(
        "SOGoContactsDefaultRoles",
        array(choice(*CONTACTS_ROLES)),
        (),
        "What everybody signed in may do in an address book whose owner has granted nothing.",
        served=True,
    )
    categories: tuple[str, ...] = user("SOGoContactsCategories", names, (), "Categories offered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """Files that DAV clients keep beside their calendars."""

    size_max_bytes: int = system(
        "FolkmootMaxFileSize", integer(1_024), 104_857_600, "Largest file that is stored.", served=True, unit="bytes"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSyncSettings:
    """Microsoft ActiveSync."""

    ping_max_seconds: int = system(
        "SOGoMaximumPingInterval", integer(1), 10, "Longest time a device may wait in Ping.", unit="seconds"
    )
    sync_max_seconds: int = system(
        "SOGoMaximumSyncInterval", integer(1), 30, "Longest time a device may wait in Sync.", unit="seconds"
    )
    poll_seconds: int = system(
        "SOGoInternalSyncInterval",
        integer(1),
        10,
        "How often a waiting device's folders are looked at.",
        unit="seconds",
    )
    window_max: int = system("SOGoMaximumSyncWindowSize", integer(), 0, "Changes in one answer; 0: as the device asks.")
    response_max_kilobytes: int = system(
        "SOGoMaximumSyncResponseSize", integer(), 0, "Size of one answer; 0 sets no limit.", unit="kB"
    )
    picture_max_bytes: int = system(
        "SOGoMaximumPictureSize", integer(), 102_400, "Largest picture of a contact that is sent.", unit="bytes"
    )
    search_bodies: bool = system(
        "SOGoEASSearchInBody", boolean, default=False, doc="Searches look into the text of messages too."
    )
    ui_disabled: bool = system(
        "SOGoEASDisableUI", boolean, default=False, doc="Keep the devices' page out of the web application."
    )
