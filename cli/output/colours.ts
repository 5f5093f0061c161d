import picocolors from "picocolors";

/** Colours for what is printed. picocolors takes CI for a terminal; what is read as text should stay text unless somebody forces colour. */
export const colours = picocolors.createColors(
  picocolors.isColorSupported && (process.stdout.isTTY || process.env.FORCE_COLOR !== undefined),
);
