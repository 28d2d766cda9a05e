import { describe, expect, it } from "vitest";
import { eventOf, fieldsOf } from "../src/calendar/form";
import { packed } from "../src/calendar/packing";
import type { Occurrence } from "../src/calendar/shelf.svelte";
import { durationOf, instant, minutesOf, momentOf, shifted } from "../src/calendar/times";
import { inkOn } from "../src/design/colors";
import { plusMonths, startOfWeek, weekNumber, weeksOf } from "../src/design/months";

describe("times", () => {
  it("are where the reader is", () => {
    expect(momentOf(new Date("2026-11-24T23:30:00Z"), "Europe/Berlin")).toEqual({ day: "2026-11-25", minutes: 30 });
    expect(momentOf(new Date("2026-11-24T23:30:00Z"), "America/New_York")).toEqual({
      day: "2026-11-24",
      minutes: 1110,
    });
  });

  it.each(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])("come back from %s", (zone) => {
    for (const at of ["2026-03-28T22:30:00Z", "2026-06-01T10:15:00Z", "2026-10-25T03:45:00Z"]) {
      const { day, minutes } = momentOf(new Date(at), zone);
      expect(instant(day, minutes, zone).toISOString()).toBe(new Date(at).toISOString());
    }
  });

  it("of durations are read and written", () => {
    for (const [text, minutes] of [
      ["PT30M", 30],
      ["PT1H30M", 90],
      ["P1DT2H", 1560],
      ["P2W", 20160],
      ["nonsense", 0],
    ] as const)
      expect(minutesOf(text)).toBe(minutes);
    expect(durationOf(90)).toBe("PT1H30M");
    expect(durationOf(2880, true)).toBe("P2D");
    expect(shifted("2026-12-31T23:45:00", 30)).toBe("2027-01-01T00:15:00");
  });

  it("of weeks and months are those of the calendar", () => {
    expect(weekNumber("2026-01-01")).toBe(1);
    expect(weekNumber("2027-01-01")).toBe(53);
    expect(startOfWeek("2026-11-24", 1)).toBe("2026-11-23");
    expect(startOfWeek("2026-11-24", 0)).toBe("2026-11-22");
    expect(plusMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(weeksOf("2026-11", 1)[0]?.[0]).toBe("2026-10-26");
  });

  it("are written in black or white, whichever can be read", () => {
    expect(inkOn("#ffffff")).toBe("#000000");
    expect(inkOn("#1f3a30")).toBe("#ffffff");
  });
});

describe("events side by side", () => {
  const at = (start: number, end: number): { start: number; end: number } => ({ start, end });

  it("do not cover one another", () => {
    const placed = packed([at(60, 180), at(90, 120), at(120, 150), at(200, 260)]);
    expect(placed.map((one) => [one.column, one.columns])).toEqual([
      [0, 2],
      [1, 2],
      [1, 2],
      [0, 1],
    ]);
    for (const a of placed)
      for (const b of placed)
        if (a !== b && a.column === b.column)
          expect(a.block.end <= b.block.start || b.block.end <= a.block.start).toBe(true);
  });
});

describe("an event that is edited", () => {
  const ONE = {
    ...{ title: "Stand-up", place: "Hall", description: "", free: false, allDay: false, start: "2026-11-24T10:00:00" },
    ...{ minutes: 30, zone: "Europe/London", from: { day: "2026-11-24", minutes: 660 } },
    to: { day: "2026-11-24", minutes: 690 },
  } as unknown as Occurrence;
  const before = fieldsOf(ONE, { day: "", minutes: 0 }, 0, false);
  const patch = (changed: object): unknown =>
    eventOf(before, { ...before, ...changed }, ONE, "Europe/Berlin", "anna", "anna@example.org").values;

  it("is patched only where it was changed", () => {
    expect(patch({})).toEqual({});
    expect(patch({ title: "Stand" })).toEqual({ title: "Stand" });
    expect(patch({ toTime: "12:00" })).toEqual({ duration: "PT1H" });
  });

  it("stays in its own zone when it is moved in another", () => {
    expect(patch({ fromTime: "12:00", toTime: "12:30" })).toEqual({ start: "2026-11-24T11:00:00" });
  });

  it("is refused if it ends before it begins", () => {
    const made = eventOf(before, { ...before, toDay: "2026-11-23" }, ONE, "Europe/Berlin", "anna", "");
    expect(made.fault).toBe("calendar.endsEarlier");
  });

  it("repeats, invites and takes whole days", () => {
    const fresh = fieldsOf(undefined, { day: "2026-11-24", minutes: 0 }, 1440, true);
    const people = [{ name: null, email: "bert@example.org" }];
    const { values } = eventOf(
      fresh,
      { ...fresh, title: "Fair", repeat: "yearly", people },
      undefined,
      "UTC",
      "a",
      "a@x",
    );
    expect(values).toMatchObject({
      start: "2026-11-24T00:00:00",
      duration: "P1D",
      showWithoutTime: true,
      recurrenceRules: [{ frequency: "yearly" }],
      participants: { me: { email: "a@x" }, p1: { email: "bert@example.org", expectReply: true } },
    });
  });
});
