/** The same colour on different backgrounds. */
interface Tones {
  readonly light: string;
  readonly dark: string;
  /** Where the writer of a picture does not know on which of the two it is read. */
  readonly both: string;
}

/**
 * Colours that people with any sort of colour vision tell apart (Okabe and Ito), each in one tone for a light background, one for a dark
 * one, and one that can be seen on both. After the last the first comes again.
 */
export const appColours: readonly Tones[] = [
  { light: "#0072b2", dark: "#56b4e9", both: "#2b88c8" },
  { light: "#a85400", dark: "#e69f00", both: "#c86a00" },
  { light: "#007a5a", dark: "#2fc99a", both: "#00926c" },
  { light: "#a3497d", dark: "#e29cc5", both: "#c063a0" },
  { light: "#c23b00", dark: "#ff8a5c", both: "#e0552a" },
  { light: "#7a6a00", dark: "#f0e442", both: "#8f7f00" },
];

export function appColour(apps: readonly string[], app: string): Tones {
  return appColours[apps.indexOf(app) % appColours.length] ?? { light: "#57606a", dark: "#9198a1", both: "#8c959f" };
}

export const markColours = {
  added: { light: "#1a7f37", dark: "#3fb950", both: "#2f9345" },
  removed: { light: "#cf222e", dark: "#ff7b72", both: "#e5484d" },
  changed: { light: "#9a6700", dark: "#d29922", both: "#b27c00" },
} as const;

/** At a link that a change breaks. */
export const breakColour: Tones = { light: "#8250df", dark: "#b083f0", both: "#9a6fe8" };
