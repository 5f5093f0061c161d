/** Heights in pixels, as pictures have them. */
export const lineHeight = 15;
export const labelSize = 11.5;
export const nameSize = 13.5;

/** Width of a text in a sans-serif font of a size in pixels. Estimated from above: which font the reader has is not known. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x1100) width += 1.05;
    else if (/[iljtfrI.,:;'|!()[\]/ ]/.test(character)) width += 0.38;
    else if (/[mwMWA-Z@%<>=+~]/.test(character)) width += 0.8;
    else width += 0.61;
  }
  return Math.ceil(width * size);
}
