import { describe, expect, it } from "vitest";
import { birthday, nameOf, patchOf, type Card } from "../src/contacts/card";
import { cardOf, formOf } from "../src/contacts/form";

const CARD: Partial<Card> = {
  name: {
    components: [
      { kind: "title", value: "Prof." },
      { kind: "given", value: "Anna" },
      { kind: "surname", value: "Čech" },
    ],
    isOrdered: true,
    full: "Prof. Anna Čech",
  },
  emails: {
    a: { address: "anna@example.org", contexts: { work: true }, pref: 1 },
    b: { address: "anna@home.example", label: "old" },
  },
  organizations: { o: { name: "Acme", units: [{ name: "Roofs" }], sortAs: "acme" } },
  addresses: {
    h: {
      components: [
        { kind: "name", value: "Quay 1" },
        { kind: "locality", value: "Wick" },
        { kind: "floor", value: "2" },
      ],
      contexts: { private: true },
    },
  },
  anniversaries: { d: { kind: "birth", date: { "@type": "PartialDate", year: 1980, month: 2, day: 9 } } },
  notes: { n: { note: "tall\n" } },
  "x-unknown": { kept: true },
};

describe("a contact", () => {
  it("that is not changed makes no patch", () => {
    expect(patchOf(CARD, cardOf(CARD, formOf(CARD)))).toEqual({});
  });

  it("is patched where it was changed, and nowhere else", () => {
    const form = formOf(CARD);
    const [first] = form.emails;
    if (first === undefined) throw new Error("no address");
    first.value = "anna@acme.example";
    form.emails.splice(1, 1);
    form.phones.push({ key: "p", value: "+49 30 1", context: "work" });
    form.surname = "Black";
    expect(patchOf(CARD, cardOf(CARD, form))).toEqual({
      "emails/a": { address: "anna@acme.example", contexts: { work: true }, pref: 1 },
      "emails/b": null,
      phones: { p: { number: "+49 30 1", contexts: { work: true } } },
      name: {
        components: [
          { kind: "title", value: "Prof." },
          { kind: "given", value: "Anna" },
          { kind: "surname", value: "Black" },
        ],
        isOrdered: true,
        full: "Prof. Anna Black",
      },
    });
  });

  it("keeps the parts of an address that are not edited", () => {
    const form = formOf(CARD);
    const [home] = form.addresses;
    if (home === undefined) throw new Error("no address");
    home.city = "Thurso";
    expect(patchOf(CARD, cardOf(CARD, form))["addresses/h"]).toMatchObject({
      components: expect.arrayContaining([
        { kind: "floor", value: "2" },
        { kind: "locality", value: "Thurso" },
      ]) as unknown,
      contexts: { private: true },
    });
  });

  it("is named by what there is", () => {
    expect(nameOf(CARD)).toBe("Prof. Anna Čech");
    expect(nameOf({ name: { components: [{ kind: "given", value: "Ben" }] } })).toBe("Ben");
    expect(nameOf({ organizations: { o: { name: "Acme" } } })).toBe("Acme");
    expect(nameOf({ emails: { e: { address: "a@x" } } })).toBe("a@x");
    expect(birthday(CARD)).toBe("1980-02-09");
    expect(birthday({ anniversaries: { d: { kind: "birth", date: { month: 2, day: 9 } } } })).toBe("");
  });

  it("is emptied field by field", () => {
    const form = { ...formOf(CARD), note: "", birthday: "", company: "", department: "" };
    expect(patchOf(CARD, cardOf(CARD, form))).toEqual({
      "notes/n": null,
      "anniversaries/d": null,
      "organizations/o": null,
    });
  });
});
