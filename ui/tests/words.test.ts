import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LANGUAGES, preferred, tagOf } from "$/words/languages";

type Catalogue = Record<string, string | Record<string, string>>;
const PLACE = new URL("../src/words/", import.meta.url);
const ROOMS = readdirSync(new URL("en/", PLACE));
const TAGS = readdirSync(PLACE, { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .map((one) => one.name);

function read(tag: string, room: string): Catalogue {
  return JSON.parse(readFileSync(new URL(`${tag}/${room}`, PLACE), "utf8")) as Catalogue;
}

function holes(message: string): string[] {
  return [...message.matchAll(/\{(\w+)\}/g)].map((one) => one[1] ?? "").toSorted();
}

test.each(TAGS)("%s says everything that English says, with the same values", (tag) => {
  expect(Object.keys(LANGUAGES)).toContain(tag);
  const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.toSorted();
  for (const room of ROOMS) {
    const [english, own] = [read("en", room), read(tag, room)];
    expect(Object.keys(own)).toEqual(Object.keys(english));
    for (const [key, message] of Object.entries(own)) {
      const model = english[key] ?? "";
      if (typeof message === "string") expect(holes(message), key).toEqual(holes(model as string));
      else expect(Object.keys(message).toSorted(), key).toEqual(categories);
    }
  }
});

test("languages are known by the server's names, old ones too", () => {
  expect([tagOf("German"), tagOf("Spanish"), tagOf("Klingon")]).toEqual(["de", "es", "en"]);
});

test("the first language that the browser prefers and we know", () => {
  expect(preferred(["tlh", "de-AT"])).toBe("de");
  expect(preferred(["no"])).toBe("nb");
  expect(preferred(["zh-Hant-HK"])).toBe("zh-TW");
  expect(preferred([])).toBe("en");
});
