import { appColour, breakColour, markColours } from "./colours.ts";
import { labelSize, nameSize } from "./text-width.ts";

/** The style of a picture, with a class for each app and each mark, in both colour schemes. */
export function styleOf(apps: readonly string[]): string {
  const tones = (tone: "light" | "dark") => {
    const colours: [string, string][] = [
      ...apps.map((app, index): [string, string] => [`app${index}`, appColour(apps, app)[tone]]),
      ...Object.entries(markColours).map(([mark, colour]): [string, string] => [mark, colour[tone]]),
      ["breaks", breakColour[tone]],
    ];
    return colours.map(([name, colour]) => `.${name}{--c:${colour}}`).join("");
  };
  return [
    ":root{--paper:#fff;--box:#f6f8fa;--line:#c4ccd4;--ink:#1f2328;--faint:#59636e;--node:#fff;--edge:#818b98}",
    ".same{--c:var(--edge)}",
    tones("light"),
    `@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--box:#151b23;--line:#3d444d;--ink:#f0f6fc;--faint:#9198a1;--node:#212830;--edge:#656c76}${tones("dark")}}`,
    "text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:var(--ink)}",
    `.name{font-size:${nameSize}px;font-weight:600}.detail,.label,.note{font-size:${labelSize}px}.detail,.note{fill:var(--faint);font-weight:400}`,
    ".paper{fill:var(--paper)}.region{fill:var(--paper);stroke:var(--faint);stroke-dasharray:1 4;stroke-linecap:round}",
    ".mesh{fill:var(--node);stroke:var(--c,var(--edge));stroke-width:1.5}.cut{fill:none;stroke:var(--c);stroke-width:2}",
    ".cluster{fill:var(--box);stroke:var(--c,var(--line));stroke-width:1.5}",
    ".peer{fill:var(--node);stroke:var(--c,var(--edge));stroke-width:1.5}.port{fill:var(--node);stroke:var(--c,var(--faint));stroke-width:1.2}",
    ".added.cluster,.removed.cluster,.changed.cluster,.added.peer,.removed.peer,.changed.peer{stroke-width:2.5}",
    ".line{fill:none;stroke:var(--c);stroke-width:2}.line.same{stroke-width:1.4}.head,.dot{fill:var(--c);stroke:var(--paper);stroke-width:1}",
    ".removed.line,.removed.peer,.removed.cluster,.removed.port,.empty{stroke-dasharray:6 4}",
    ".first{font-weight:600;fill:var(--c)}.label .added,.label .removed,.label .breaks{fill:var(--c)}.same .first{fill:var(--faint)}",
    "g:hover>.line{stroke-width:4}",
  ].join("");
}
