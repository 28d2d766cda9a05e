"""SOGo's names of languages, and the names of days and months in them."""

from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

CODES: Final = {
    "Arabic": "ar",
    "Basque": "eu",
    "Bosnian": "bs",
    "BrazilianPortuguese": "pt_BR",
    "Bulgarian": "bg",
    "Catalan": "ca",
    "ChineseChina": "zh_CN",
    "ChineseTaiwan": "zh_TW",
    "Croatian": "hr",
    "Czech": "cs",
    "Danish": "da",
    "Dutch": "nl",
    "English": "en",
    "Finnish": "fi",
    "French": "fr",
    "Galician": "gl",
    "German": "de",
    "Greek": "el",
    "Hebrew": "he",
    "Hungarian": "hu",
    "Icelandic": "is",
    "Indonesian": "id",
    "Italian": "it",
    "Japanese": "ja",
    "Kazakh": "kk",
    "Korean": "ko",
    "Latvian": "lv",
    "Lithuanian": "lt",
    "Macedonian": "mk",
    "Montenegrin": "sr_Latn_ME",
    "NorwegianBokmal": "nb",
    "NorwegianNynorsk": "nn",
    "Polish": "pl",
    "Portuguese": "pt",
    "Romanian": "ro",
    "Russian": "ru",
    "Serbian": "sr",
    "SerbianLatin": "sr_Latn",
    "Slovak": "sk",
    "Slovenian": "sl",
    "SpanishArgentina": "es_AR",
    "SpanishSpain": "es",
    "Swedish": "sv",
    "Thai": "th",
    "TurkishTurkey": "tr",
    "Ukrainian": "uk",
    "Welsh": "cy",
}


def locale_of(language: str) -> Locale:
    """Return the locale of a language by SOGo's name of it; English for one that nobody knows."""
    try:
        return Locale.parse(CODES.get(language, "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def words_of(language: str) -> dict[str, object]:
    """Return the names that scripts show dates with, Sunday first, under the keys that SOGo uses."""
    locale = locale_of(language)
    return {
        "NSLanguageName": language,
        "NSLocaleCode": str(locale),
        "NSWeekDayNameArray": _days(locale, "wide"),
        "NSShortWeekDayNameArray": _days(locale, "abbreviated"),
        "NSMonthNameArray": _months(locale, "wide"),
        "NSShortMonthNameArray": _months(locale, "abbreviated"),
    }


def _days(locale: Locale, width: str) -> list[str]:
    found = get_day_names(width, locale=locale)  # type: ignore[arg-type]  # one of the literals babel knows
    return [found[day] for day in (6, 0, 1, 2, 3, 4, 5)]


def _months(locale: Locale, width: str) -> list[str]:
    found = get_month_names(width, locale=locale)  # type: ignore[arg-type]  # as above
    return [found[month] for month in range(1, 13)]
