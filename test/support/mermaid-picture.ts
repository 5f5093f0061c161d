import type { Page } from "playwright-core";
import { contrast, leastLineContrast } from "./picture-faults.ts";

/** Letters lower than this cannot be read without a lens; the text of a forge's comments is 14 pixels high. */
const leastSize = 10;

/** What a text lies on is of Mermaid's themes; at the labels of lines, its dark one has 4.4. */
const leastThemeContrast = 4.3;

interface Drawn {
  readonly texts: readonly { words: string; size: number; colour: string; background: string }[];
  readonly lines: readonly string[];
  readonly paper: string;
}

/** What makes a Mermaid picture in `#picture` unreadable as it is shown now, in size and colours: a sentence for each fault. */
export async function mermaidFaults(page: Page): Promise<string[]> {
  const { texts, lines, paper } = await page.evaluate<Drawn>(`(${measure})()`);
  const faults = texts.flatMap(({ words, size, colour, background }) => {
    const ratio = contrast(colour, background);
    return [
      ...(size < leastSize ? [`"${words}" is only ${size.toFixed(1)} pixels high`] : []),
      ...(ratio < leastThemeContrast ? [`"${words}" has a contrast of only ${ratio.toFixed(1)}`] : []),
    ];
  });
  const pale = lines.map((stroke) => contrast(stroke, paper)).filter((ratio) => ratio < leastLineContrast);
  return [...faults, ...pale.map((ratio) => `a line has a contrast of only ${ratio.toFixed(1)}`)];
}

/** Runs in the page. Text lies on what its own element paints, else on the shape that it labels, else on the page. */
const measure = `() => {
  const svg = document.querySelector("#picture svg");
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const paper = getComputedStyle(document.body).backgroundColor;
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const over = (colour, below) => {
    const [red, green, blue, alpha = 1] = numbers(colour);
    const under = numbers(below);
    return "rgb(" + [red, green, blue].map((part, index) => part * alpha + under[index] * (1 - alpha)).join() + ")";
  };
  const painted = (colour) => colour && colour !== "none" && colour !== "transparent" && numbers(colour)[3] !== 0;
  const backgroundOf = (element) => {
    for (let each = element; each && each !== svg; each = each.parentElement) {
      const own = getComputedStyle(each);
      if (painted(own.backgroundColor)) return over(own.backgroundColor, paper);
      const shape = [...each.children].find((child) => /^(rect|path|polygon|circle|g)$/.test(child.tagName) && !child.querySelector("foreignObject"));
      const fill = shape && [shape, ...shape.querySelectorAll("*")].map((part) => getComputedStyle(part).fill).find(painted);
      if (each.tagName === "g" && fill) return over(fill, paper);
    }
    return paper;
  };
  const leaves = [...svg.querySelectorAll("foreignObject *")].filter((element) =>
    [...element.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== ""));
  return {
    paper,
    texts: leaves.map((element) => ({
      words: element.textContent,
      size: Number.parseFloat(getComputedStyle(element).fontSize) * scale,
      colour: getComputedStyle(element).color,
      background: backgroundOf(element),
    })),
    lines: [...svg.querySelectorAll("path.flowchart-link")].map((line) => getComputedStyle(line).stroke),
  };
}`;
