import type { Page } from "playwright-core";

/** Where something is on the page, in pixels. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A picture as a browser has drawn it, with its elements in the order in which they are painted. */
export interface DrawnPicture extends Area {
  readonly elements: readonly DrawnElement[];
}

export interface DrawnElement extends Area {
  readonly tag: string;
  /** Its classes. */
  readonly kind: string;
  readonly words: string;
  /** Of a line: the first line of the title that is shown for it. */
  readonly title: string;
  /** As the style sheet gives them, `rgb(31, 35, 40)`. */
  readonly fill: string;
  readonly stroke: string;
  /** Of a text of several lines, each with its own colour. */
  readonly parts: readonly { readonly words: string; readonly fill: string }[];
  /** The corners of a line. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** What is used of the page's DOM: this project is compiled without its types. */
interface PageElement {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly parentElement: PageElement | null;
  readonly ownerDocument: { readonly defaultView: { getComputedStyle(element: PageElement): PageStyle } };
  getAttribute(name: string): string | null;
  getBoundingClientRect(): Area;
  getScreenCTM(): { readonly e: number; readonly f: number };
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}
interface PageStyle {
  readonly fill: string;
  readonly stroke: string;
}

/** Measures a picture that is part of a page. */
export async function drawnPicture(page: Page): Promise<DrawnPicture> {
  const handle = await page.waitForSelector("svg");
  return handle.evaluate(measure);
}

/** Runs in the page, and uses nothing from outside of itself. */
function measure(drawn: unknown): DrawnPicture {
  const svg = drawn as PageElement;
  const area = (element: PageElement): Area => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left, right, top, bottom };
  };
  const style = (element: PageElement) => element.ownerDocument.defaultView.getComputedStyle(element);
  const elements = [...svg.querySelectorAll("text, rect, path.line")].map((element): DrawnElement => {
    const spans = [...element.querySelectorAll("tspan")];
    const move = element.getScreenCTM();
    // Of a rounded corner, the two points where it begins and ends.
    const corners = (element.getAttribute("d") ?? "").matchAll(
      /[MLQ](?:[-\d.]+ [-\d.]+ )??([-\d.]+) ([-\d.]+)(?=[MLQh]|$)/g,
    );
    return {
      ...area(element),
      tag: element.tagName,
      kind: element.getAttribute("class") ?? "",
      words: element.textContent ?? "",
      title: element.parentElement?.querySelector("title")?.textContent?.split("\n")[0] ?? "",
      fill: style(element).fill,
      stroke: style(element).stroke,
      parts: (spans.length > 0 ? spans : [element]).map((part) => ({
        words: part.textContent ?? "",
        fill: style(part).fill,
      })),
      points: [...corners].map(([, x, y]) => ({ x: Number(x) + move.e, y: Number(y) + move.f })),
    };
  });
  return { ...area(svg), elements };
}
