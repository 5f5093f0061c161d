import { dirname, join, normalize } from "node:path";
import { notText, parseText, type WrittenFile } from "../file/written-file.ts";
import { Finding, formatLocation, type Location } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import type { Files } from "./files.ts";

/** The files of one topology. */
export interface Included {
  /** The topology's own first, then what each includes, in the order of the file. */
  readonly parts: readonly WrittenFile[];
  readonly folders: readonly string[];
  readonly findings: readonly Finding[];
}

interface Reading {
  readonly files: Files;
  readonly parts: WrittenFile[];
  readonly folders: string[];
  readonly findings: Finding[];
  /** By file: where it is included; undefined for the topology itself. */
  readonly places: Map<string, Location | undefined>;
}

/** Reads what a topology includes, and what that includes in turn. Paths are from the folder of the file that names them. */
export function includedIn(topology: WrittenFile, files: Files): Included {
  const places = new Map<string, Location | undefined>([[normalize(topology.file), undefined]]);
  const reading: Reading = { files, parts: [topology], folders: [], findings: [], places };
  follow(topology, [normalize(topology.file)], reading);
  return reading;
}

function follow(file: WrittenFile, way: readonly string[], state: Reading): void {
  const { include }: { include?: unknown } = Object(file.value);
  const named: readonly unknown[] = Array.isArray(include) ? include : [include];
  for (const [index, each] of named.entries()) {
    if (typeof each !== "string" || each === "") continue;
    const location = file.locate(Array.isArray(include) ? ["include", index] : ["include"]);
    const path = normalize(join(dirname(file.file), each)).replace(/(?<=.)[/\\]$/, "");
    if (state.files.isOutside(path) || /^(?:\/|[A-Za-z]:)/.test(each)) {
      note(
        state,
        location,
        `${each} is outside the repository`,
        outside,
        "keep the file in the repository, and name it from the folder of this one",
      );
      continue;
    }
    const listed = state.files.list(path);
    if (!listed) {
      read(path, location, way, state);
      continue;
    }
    state.folders.push(path);
    const inside = listed.filter((name) => /\.ya?ml$/.test(name)).sort();
    if (inside.length === 0)
      note(
        state,
        location,
        `the folder ${path} has no .yaml file`,
        nothing,
        "put a file into it, or remove it from `include`",
      );
    for (const name of inside) read(join(path, name), location, way, state);
  }
}

const outside = "nobody who reviews this repository sees what changes there, and another machine does not have it";
const nothing = "the folder seems to be a part of the topology, but contains nothing";

function read(path: string, location: Location, way: readonly string[], state: Reading): void {
  if (way.includes(path)) {
    const circle = [...way.slice(way.indexOf(path)), path].join(" -> ");
    note(
      state,
      location,
      `includes itself: ${circle}`,
      "reading it would never end",
      "remove the file from one `include`",
    );
    return;
  }
  if (state.places.has(path)) {
    const before = state.places.get(path);
    const where = before ? `, at ${formatLocation(before)} before` : "";
    note(
      state,
      location,
      `${path} is included twice${where}`,
      "every name in it would be declared twice",
      "remove one of the two",
    );
    return;
  }
  state.places.set(path, location);
  if (state.files.isOutside(path)) {
    note(
      state,
      location,
      `${path} leads out of the repository`,
      outside,
      "put the file itself there, not a link to it",
    );
    return;
  }
  const content = state.files.read(path);
  if (!content.bytes) {
    const what = `${path} cannot be read: ${content.problem}`;
    const fix = "name a file or a folder from the folder of this file";
    state.findings.push(new Finding(reading.unreadable, { path: ["include"], what, fix, location }));
    return;
  }
  const file = notText(path, content.bytes) ?? parseText(path, content.bytes.toString());
  state.parts.push(file);
  state.findings.push(...file.findings);
  if (file.findings.length === 0) follow(file, [...way, path], state);
}

function note({ findings }: Reading, location: Location, what: string, why: string, fix: string): void {
  findings.push(new Finding(reading.wrongInclude, { path: ["include"], what, why, fix, location }));
}
