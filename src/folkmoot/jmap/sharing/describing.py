"""The types of sharing."""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from folkmoot.jmap.protocol.describing import (
    DataType,
    Described,
    Feed,
    Id,
    UTCDate,
    immutable,
    server_set,
    told,
)

ROLES_MAX: Final = 20


class PrincipalBody(Described, kw_only=True):
    """Somebody, or a group, a room, a thing, that has an account or can be given rights."""

    id: Annotated[Id, server_set]
    type: Annotated[Literal["individual", "group", "resource", "location", "other"], server_set]
    name: Annotated[str, server_set]
    description: Annotated[str | None, server_set] = None
    email: Annotated[str | None, server_set] = None
    time_zone: Annotated[str | None, told("told of oneself only, who may set it; of others it is null")] = None
    capabilities: Annotated[dict[str, Any], server_set]
    accounts: Annotated[dict[Id, Any] | None, server_set] = None


class Entity(Described, kw_only=True):
    """Who changed something."""

    name: str
    email: str | None = None
    principal_id: Id | None = None


class ShareNotificationBody(Described, kw_only=True):
    """Somebody else changed one's own rights."""

    id: Annotated[Id, server_set]
    created: Annotated[UTCDate, server_set]
    changed_by: Annotated[Entity, server_set]
    object_type: Annotated[str, server_set]
    object_account_id: Annotated[Id, server_set]
    object_id: Annotated[Id, server_set]
    old_rights: Annotated[dict[str, bool] | None, server_set] = None
    new_rights: Annotated[dict[str, bool] | None, server_set] = None
    name: Annotated[str, server_set]


class GrantBody(Described, kw_only=True):
    """The roles of one person or group, or of everybody, on one calendar or address book, as they are kept."""

    id: Annotated[Id, server_set]
    object_type: Annotated[Literal["Calendar", "AddressBook"], immutable]
    object_id: Annotated[Id, immutable]
    principal_id: Annotated[Id | None, immutable, told("null where it is about everybody")] = None
    everybody: Annotated[
        Literal["signedIn", "anonymous"] | None, immutable, told("all who sign in here, or all who know the address")
    ] = None
    roles: Annotated[
        list[str],
        Meta(max_length=ROLES_MAX),
        told(
            "for calendars Public, Private or Confidential with DAndTViewer, Viewer, Responder or Modifier; for books"
            " ObjectViewer, ObjectEditor; for both ObjectCreator, ObjectEraser; or None, against the defaults"
        ),
    ]


PRINCIPAL: Final = DataType("Principal", PrincipalBody)
SHARE_NOTIFICATION: Final = DataType("ShareNotification", ShareNotificationBody, Feed.PERSON)
GRANT: Final = DataType("Grant", GrantBody)
