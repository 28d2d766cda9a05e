/** The languages by their tags (BCP 47): the name in the language, and the one in the server's configuration. */

interface Language {
  name: string;
  /** as SOGoLanguage has it */
  sogo: string;
  rtl?: boolean;
}

export const LANGUAGES = {
  ar: { name: "العربية", sogo: "Arabic", rtl: true },
  bg: { name: "Български", sogo: "Bulgarian" },
  bs: { name: "Bosanski", sogo: "Bosnian" },
  ca: { name: "Català", sogo: "Catalan" },
  cnr: { name: "Crnogorski", sogo: "Montenegrin" },
  cs: { name: "Čeština", sogo: "Czech" },
  cy: { name: "Cymraeg", sogo: "Welsh" },
  da: { name: "Dansk", sogo: "Danish" },
  de: { name: "Deutsch", sogo: "German" },
  el: { name: "Ελληνικά", sogo: "Greek" },
  en: { name: "English", sogo: "English" },
  es: { name: "Español (España)", sogo: "SpanishSpain" },
  "es-AR": { name: "Español (Argentina)", sogo: "SpanishArgentina" },
  eu: { name: "Euskara", sogo: "Basque" },
  fi: { name: "Suomi", sogo: "Finnish" },
  fr: { name: "Français", sogo: "French" },
  gl: { name: "Galego", sogo: "Galician" },
  he: { name: "עברית", sogo: "Hebrew", rtl: true },
  hr: { name: "Hrvatski", sogo: "Croatian" },
  hu: { name: "Magyar", sogo: "Hungarian" },
  id: { name: "Bahasa Indonesia", sogo: "Indonesian" },
  is: { name: "Íslenska", sogo: "Icelandic" },
  it: { name: "Italiano", sogo: "Italian" },
  ja: { name: "日本語", sogo: "Japanese" },
  kk: { name: "Қазақша", sogo: "Kazakh" },
  ko: { name: "한국어", sogo: "Korean" },
  lt: { name: "Lietuvių", sogo: "Lithuanian" },
  lv: { name: "Latviešu", sogo: "Latvian" },
  mk: { name: "Македонски", sogo: "Macedonian" },
  nb: { name: "Norsk bokmål", sogo: "NorwegianBokmal" },
  nl: { name: "Nederlands", sogo: "Dutch" },
  nn: { name: "Norsk nynorsk", sogo: "NorwegianNynorsk" },
  pl: { name: "Polski", sogo: "Polish" },
  pt: { name: "Português", sogo: "Portuguese" },
  "pt-BR": { name: "Português (Brasil)", sogo: "BrazilianPortuguese" },
  ro: { name: "Română", sogo: "Romanian" },
  ru: { name: "Русский", sogo: "Russian" },
  sk: { name: "Slovenčina", sogo: "Slovak" },
  sl: { name: "Slovenščina", sogo: "Slovenian" },
  sr: { name: "Српски", sogo: "Serbian" },
  "sr-Latn": { name: "Srpski", sogo: "SerbianLatin" },
  sv: { name: "Svenska", sogo: "Swedish" },
  th: { name: "ไทย", sogo: "Thai" },
  tr: { name: "Türkçe", sogo: "TurkishTurkey" },
  uk: { name: "Українська", sogo: "Ukrainian" },
  "zh-CN": { name: "简体中文", sogo: "ChineseChina" },
  "zh-TW": { name: "繁體中文", sogo: "ChineseTaiwan" },
} as const satisfies Record<string, Language>;

export type Tag = keyof typeof LANGUAGES;

// Names of older versions that may still stand in profiles.
const FORMERLY: Readonly<Record<string, Tag>> = { Spanish: "es", Turkish: "tr", Chinese: "zh-CN", Norwegian: "nb" };

/** Return the tag of a language that the server names; English if it is unknown. */
export function tagOf(sogo: string): Tag {
  const found = (Object.keys(LANGUAGES) as Tag[]).find((tag) => LANGUAGES[tag].sogo === sogo);
  return found ?? FORMERLY[sogo] ?? "en";
}

/** Return the first language that a browser prefers and we know. */
export function preferred(tags: readonly string[]): Tag {
  for (const tag of tags) {
    const [language = ""] = tag.split("-");
    for (const known of [tag, language]) if (known in LANGUAGES) return known as Tag;
    if (language === "no") return "nb";
    if (language === "zh") return /hant|tw|hk/i.test(tag) ? "zh-TW" : "zh-CN";
  }
  return "en";
}
