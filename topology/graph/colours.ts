/**
 * Colours that people with any sort of colour vision tell apart (Okabe and Ito), each in one tone for a light and one for a dark
 * background. After the last the first comes again.
 */
export const appColours: readonly { readonly light: string; readonly dark: string }[] = [
  { light: "#0072b2", dark: "#56b4e9" },
  { light: "#b85c00", dark: "#e69f00" },
  { light: "#007a5a", dark: "#2fc99a" },
  { light: "#a3497d", dark: "#e29cc5" },
  { light: "#c23b00", dark: "#ff8a5c" },
  { light: "#7a6a00", dark: "#f0e442" },
];

export function appColour(apps: readonly string[], app: string): { readonly light: string; readonly dark: string } {
  return appColours[apps.indexOf(app) % appColours.length] ?? { light: "#57606a", dark: "#9198a1" };
}

export const markColours = {
  added: { light: "#1a7f37", dark: "#3fb950" },
  removed: { light: "#cf222e", dark: "#ff7b72" },
  changed: { light: "#9a6700", dark: "#d29922" },
} as const;
