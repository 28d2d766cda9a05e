"""Parameters of time, language and the web application's frame."""

from dataclasses import dataclass
from typing import Final

from folkmoot.config.declaring import domain, system, user
from folkmoot.config.kinds import array, boolean, choice, integer, names, path, text, time_zone

LANGUAGES: Final = (
    "Arabic",
    "Basque",
    "Bosnian",
    "BrazilianPortuguese",
    "Bulgarian",
    "Catalan",
    "ChineseChina",
    "ChineseTaiwan",
    "Croatian",
    "Czech",
    "Danish",
    "Dutch",
    "English",
    "Finnish",
    "French",
    "Galician",
    "German",
    "Greek",
    "Hebrew",
    "Hungarian",
    "Icelandic",
    "Indonesian",
    "Italian",
    "Japanese",
    "Kazakh",
    "Korean",
    "Latvian",
    "Lithuanian",
    "Macedonian",
    "Montenegrin",
    "NorwegianBokmal",
    "NorwegianNynorsk",
    "Polish",
    "Portuguese",
    "Romanian",
    "Russian",
    "Serbian",
    "SerbianLatin",
    "Slovak",
    "Slovenian",
    "SpanishArgentina",
    "SpanishSpain",
    "Swedish",
    "Thai",
    "TurkishTurkey",
    "Ukrainian",
    "Welsh",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralSettings:
    """Time zone and language of people who have not chosen theirs."""

    time_zone: str = user(
        "SOGoTimeZone",
        time_zone,
        "UTC",
        "IANA time zone of people who have not chosen one, for example `Europe/Paris`.",
        served=True,
        aliases=("SOGoServerTimeZone", "TimeZone"),
    )
    language: str = user(
        "SOGoLanguage",
        text,
        "English",
        "Language of people who have not chosen one.",
        served=True,
        aliases=("SOGoDefaultLanguage", "Language"),
    )
    languages: tuple[str, ...] = system("SOGoSupportedLanguages", names, LANGUAGES, "Languages offered.")
    subscription_name_format: str = domain(
        "SOGoSubscriptionFolderFormat",
        text,
        "%{FolderName} (%{UserName} <%{Email}>)",
        "Name of somebody else's calendar or address book; also `%{Owner}` and `%{Domain}`.",
        served=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """The web application."""

    enabled: bool = system(
        "SOGoWebAccessEnabled",
        boolean,
        default=True,
        doc="NO closes the web application; DAV stays open.",
        served=True,
    )
    page_title: str = system("SOGoPageTitle", text, "SOGo", "Title of the pages.", served=True)
    help_url: str = system("SOGoHelpURL", text, "", "Address behind the help symbol.")
    favicon: str = system("SOGoFaviconRelativeURL", text, "sogo.ico", "The pages' icon, relative to the resources.")
    zip_path: str = system("SOGoZipPath", path, "/usr/bin/zip", "Read and not needed: archives are made without it.")
    additional_scripts: tuple[str, ...] = domain(
        "SOGoUIAdditionalJSFiles", names, (), "Further scripts, relative to the resources."
    )
    additional_preferences: bool = system(
        "SOGoUIxAdditionalPreferences", boolean, default=False, doc="Show a tab of preferences from a site template."
    )
    refresh_intervals: tuple[int, ...] = domain(
        "SOGoRefreshViewIntervals",
        array(integer(1)),
        (1, 2, 5, 10, 20, 30, 60),
        "Minutes between refreshes that people may choose from.",
        unit="minutes",
    )
    search_letters_min: int = domain(
        "SOGoSearchMinimumWordLength",
        integer(1),
        2,
        "Letters after which the server is asked for people.",
        served=True,
    )
    module: str = user(
        "SOGoLoginModule",
        choice("Mail", "Calendar", "Contacts", "Last"),
        "Mail",
        "Module shown after signing in.",
        aliases=("SOGoUIxDefaultModule", "SOGoDefaultModule"),
    )
    remember_module: bool = user(
        "SOGoRememberLastModule", boolean, default=False, doc="Show the module last used instead."
    )
    refresh: str = user(
        "SOGoRefreshViewCheck",
        text,
        "manually",
        "How often views are refreshed: `manually`, `every_minute`, `every_2_minutes` and so on, `once_per_hour`.",
        aliases=("RefreshViewCheck",),
    )
    animation: str = user(
        "SOGoAnimationMode", choice("normal", "limited", "none"), "normal", "How much of the page is animated."
    )
    external_avatars: bool = domain(
        "SOGoExternalAvatarsEnabled", boolean, default=True, doc="Pictures of people may be asked for elsewhere."
    )
    gravatar: bool = user("SOGoGravatarEnabled", boolean, default=False, doc="Ask Gravatar for pictures of people.")
    alternate_avatar: str = user(
        "SOGoAlternateAvatar",
        choice("none", "identicon", "monsterid", "wavatar", "retro"),
        "none",
        "Generated picture of a person without one.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSettings:
    """Programs beside the server."""

    slapd_socket_path: str = system(
        "SOGoSLAPDSocketPath",
        path,
        "/var/run/sogo/sogo-sockd.sock",
        "Socket on which personal address books are shown to OpenLDAP.",
    )
