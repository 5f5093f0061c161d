/** The width of a page in pixels: it shrinks a wider picture, and the texts in it. Loads no layout, so whoever only writes a picture can have it. */
export const mostWide = 1000;
