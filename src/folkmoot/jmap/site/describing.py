"""The type ``Site``."""

from typing import Annotated, Final

from msgspec import field

from folkmoot.jmap.protocol.describing import DataType, Described, Id, UnsignedInt, server_set, told


class Site(Described):
    """What holds for whoever asks; it changes when the server is configured anew."""

    id: Annotated[Id, server_set]
    title: Annotated[str, server_set]
    message_of_the_day: Annotated[str, server_set, told("plain text; empty: none")] = ""
    help_url: Annotated[str | None, server_set] = None
    version: Annotated[str | None, server_set, told("for superusers")] = None
    is_superuser: Annotated[bool, server_set] = False
    languages: Annotated[list[str], server_set, told("by the names that `Preferences` has")] = field(
        default_factory=list
    )
    modules_denied: Annotated[list[str], server_set, told("`Mail`, `Calendar`, `Contacts`, `ActiveSync` …")] = field(
        default_factory=list
    )
    export_disabled: Annotated[list[str], server_set, told("modules")] = field(default_factory=list)
    sharing_disabled: Annotated[list[str], server_set, told("modules")] = field(default_factory=list)
    sharing_with_all_disabled: Annotated[list[str], server_set, told("modules")] = field(default_factory=list)
    public_access: Annotated[bool, server_set, told("whether anything is shown to who has not signed in")] = False
    search_letters_min: Annotated[UnsignedInt, server_set, told("before the server is asked for people")] = 2
    refresh_minutes: Annotated[list[UnsignedInt], server_set, told("to choose from")] = field(default_factory=list)
    subscription_name_format: Annotated[str, server_set] = ""
    external_avatars: Annotated[bool, server_set, told("whether anybody may ask Gravatar")] = False
    passwords_are_changed: Annotated[bool, server_set] = False
    passwords_are_recovered: Annotated[bool, server_set] = False
    passkeys_are_offered: Annotated[bool, server_set] = False
    accounts_elsewhere: Annotated[bool, server_set, told("whether people may add other mail accounts")] = False
    identities_are_fixed: Annotated[bool, server_set] = False
    smime: Annotated[bool, server_set] = False
    upload_octets_max: Annotated[UnsignedInt, server_set] = 0
    jitsi_url: Annotated[str | None, server_set, told("beginning of the URL of a meeting; null: not offered")] = None
    undo_send_seconds_max: Annotated[UnsignedInt, server_set] = 60
    dav_url: Annotated[str, server_set, told("for programs that ask for it")] = ""


SITE: Final = DataType("Site", Site)
