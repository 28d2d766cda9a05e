/** Colours that people give to calendars, categories and labels, as #rrggbb. */

/** Far enough apart to be told apart, and calm enough beside each other. */
export const PALETTE = [
  "#1f7559",
  "#2f6fb5",
  "#7a55b8",
  "#b8457f",
  "#c0453a",
  "#c56a1a",
  "#a5830a",
  "#5f8a1f",
  "#1d8a94",
  "#5b6770",
] as const;

/** Return black or white, whichever can be read better upon a colour (WCAG 2.2, contrast ratio). */
export function inkOn(color: string): "#000000" | "#ffffff" {
  const bright = luminance(color);
  return (bright + 0.05) / 0.05 > 1.05 / (bright + 0.05) ? "#000000" : "#ffffff";
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = (parseInt(color.slice(at, at + 2), 16) || 0) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
