"""What the administrator decides about the DAV face."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DavSettings:
    """Values of ``sogo.conf``, by their meaning here."""

    relative_urls: bool = True  # WOUseRelativeURLs: hrefs without scheme and host
    calendar_access: bool = True  # SOGoCalendarDAVAccessEnabled
    addressbook_access: bool = True  # SOGoAddressBookDAVAccessEnabled
    past_days: int = 0  # SOGoDAVCalendarStartTimeLimit; 0: all
    free_busy_days: tuple[int, int] = (7, 7)  # SOGoFreeBusyDefaultInterval: back and forward
    shared_name: str = "%{FolderName} (%{UserName} <%{Email}>)"  # SOGoSubscriptionFolderFormat
    calendar_export: bool = True  # not in SOGoDisableExport: calendars as whole documents
    public_access: bool = False  # SOGoEnablePublicAccess: a tree for who does not sign in
    links: str = "/SOGo/links/"  # where secret links are followed
    landing: str = "/SOGo/"  # where a browser goes that opens a collection
