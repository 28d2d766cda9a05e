"""Who is told which live property of a collection and its objects, by the prefixes that our answers declare."""

from typing import Final

from folkmoot.dav.wire.names import PREFIXES, clark

_NAMESPACES: Final = {prefix: namespace for namespace, prefix in PREFIXES.items()}


def _named(prefix: str, names: str) -> frozenset[str]:
    return frozenset(clark(_NAMESPACES[prefix], name) for name in names.split())


# What concerns others than the reader: to owners and superusers alone.
OF_OWNERS: Final = _named("D", "acl") | _named("CS", "publish-url invite")
# What an object is beyond its dates: to who sees all of it.
OF_VIEWERS: Final = _named("C", "schedule-tag")
# What the reader may know of the collection, or of himself.
OF_ALL: Final = (
    _named(
        "D",
        """acl-restrictions alternate-URI-set creationdate current-user-principal current-user-privilege-set displayname
        getcontentlength getcontenttype getetag getlastmodified group group-member-set group-membership
        inherited-acl-set lockdiscovery owner principal-URL principal-collection-set resource-id resourcetype
        supported-privilege-set supported-report-set supportedlock sync-token""",
    )
    | _named("A", "calendar-color calendar-order")
    | _named(
        "CS",
        """allowed-sharing-modes calendar-availability calendar-proxy-read-for calendar-proxy-write-for
        email-address-set first-name getctag last-name notification-URL notificationtype record-type shared-url""",
    )
    | _named("G", "component-set")
    | _named(
        "C",
        """calendar-availability calendar-description calendar-free-busy-set calendar-home-set calendar-timezone
        calendar-timezone-id calendar-user-address-set calendar-user-type max-attendees-per-instance max-date-time
        max-instances max-resource-size min-date-time schedule-calendar-transp schedule-default-calendar-URL
        schedule-inbox-URL schedule-outbox-URL supported-calendar-component-set supported-calendar-component-sets
        supported-calendar-data supported-collation-set""",
    )
    | _named(
        "CR",
        """addressbook-description addressbook-home-set directory-gateway max-image-size max-resource-size
        supported-address-data supported-collation-set""",
    )
    | _named(
        "I",
        """calendar-show-alarms contacts-categories events-default-classification
        notified-user-on-personal-modifications notify-on-external-modifications notify-on-personal-modifications
        notify-user-on-personal-modifications tasks-default-classification""",
    )
)
