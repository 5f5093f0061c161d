/** How the programs of the lab are built, and the key under which a finished build is cached. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { ToolSource } from "./tool-sources.ts";

/** Arguments of `go` that build tools of one module into the folder `output`, or, with `list`, that name every package in them and say whether it is compiled already. */
export function buildArguments(
  sources: readonly ToolSource[],
  output: string,
  parallelism: number,
  command: "build" | "list" = "build",
): string[] {
  const variables = Object.entries(Object.assign({}, ...sources.map(({ linkerVariables }) => linkerVariables)));
  const tags = new Set(sources.flatMap((source) => source.tags ?? []));
  return [
    ...(command === "build" ? ["build", "-v", `-o=${output}/`] : ["list", "-deps", "-f={{.Stale}}"]),
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    `-p=${parallelism}`,
    ...(tags.size > 0 ? [`-tags=${[...tags].join()}`] : []),
    `-ldflags=${["-s -w", ...variables.map(([name, value]) => `-X ${name}=${value}`)].join(" ")}`,
    ...sources.map(({ mainPackage }) => mainPackage),
  ];
}

/** Names a finished build: the same key, the same program. Covers the module's files, how it is built and for what machine. */
export function toolKey(source: ToolSource, platform: string): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([source.name, platform, buildArguments([source], "", 0)]));
  const files = readdirSync(source.moduleDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^go\.(mod|sum)$|\.go$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(`\0${relative(source.moduleDirectory, file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}
