import { words } from "./index.svelte";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Say how large something is, in few digits. */
export function octets(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(words.region, {
    style: "unit",
    unit: UNITS[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumSignificantDigits: 2,
  }).format(value);
}
