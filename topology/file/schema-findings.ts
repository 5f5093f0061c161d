import { z } from "zod";
import { Finding, type Path } from "../findings/finding.ts";
import type { RuleDescription } from "../findings/rule-description.ts";
import { suggestion } from "../findings/suggest.ts";
import { reading } from "../rules/reading.ts";
import { valueAt } from "../value-at.ts";
import { ownNamesOnly } from "./own-names.ts";
import { type Topology, topologySchema } from "./schema.ts";
import { expectation, isOptional, typesAt } from "./schema-advice.ts";
import type { Source } from "./source.ts";
import { insteadOf } from "./unknown-key.ts";
import type { WrittenFile } from "./written-file.ts";

type Issue = z.core.$ZodIssue;

/** Judges the value of a source by the schema: returns a topology with its defaults, or every finding at once. */
export function parseTopology(source: Source): { topology: Topology | undefined; findings: Finding[] } {
  if (source.findings.length > 0) return { topology: undefined, findings: [...source.findings] };
  if (isKubernetesObject(source.value)) return { topology: undefined, findings: [kubernetesObject(source)] };
  const result = topologySchema.safeParse(source.value ?? {});
  if (result.success) return { topology: ownNamesOnly(result.data), findings: [] };
  return { topology: undefined, findings: schemaFindings(result.error.issues, source) };
}

/** The schema's findings for a part of the file. */
export function schemaFindings(issues: readonly Issue[], file: WrittenFile): Finding[] {
  return withoutEchoes(issues).flatMap((issue) => describe(issue, [], file));
}

function isKubernetesObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && "apiVersion" in value && "kind" in value;
}

function kubernetesObject(source: Source): Finding {
  return new Finding(reading.wrongType, {
    path: [],
    what: "is a Kubernetes object, not a topology",
    why: "the objects are made from the topology, one for each peer, app and side of a replication",
    fix: "write what should be there: `clusters`, `peers`, `apps` and `replications`, as topologies/dev.yaml does",
    location: source.locate(["apiVersion"], "key"),
  });
}

/** A text in place of a list has the wrong type; that it is also longer than the list may be is noise. */
function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const placeOf = (issue: Issue) => JSON.stringify(issue.path);
  const mistyped = new Set(issues.filter(({ code }) => code === "invalid_type").map(placeOf));
  return issues.filter((issue) => issue.code === "invalid_type" || !mistyped.has(placeOf(issue)));
}

function describe(issue: Issue, parent: Path, source: WrittenFile): Finding[] {
  const path = [...parent, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const finding = (
    rule: RuleDescription,
    what: string,
    why: string | undefined,
    fix: string,
    at: Path = path,
    part: "key" | "value" = "value",
  ) => new Finding(rule, { path: at, what, why, fix, location: source.locate(at, part) });
  switch (issue.code) {
    case "unrecognized_keys": {
      const present = new Set(Object.keys(Object(valueAt(source.value, path))));
      return issue.keys.map((key) =>
        finding(
          reading.unknownKey,
          `"${key}" is not a key ${path.length === 0 ? "of a topology" : "that is allowed here"}`,
          undefined,
          insteadOf(key, path, present),
          [...path, key],
          "key",
        ),
      );
    }
    case "invalid_union": {
      const branches = issue.errors.filter((branch) => !branch.every(isWrongTypeAtRoot));
      const nearestBranch = branches.sort((a, b) => a.length - b.length)[0];
      if (nearestBranch) return nearestBranch.flatMap((inner) => describe(inner, path, source));
      const fix = requoted(valueAt(source.value, path), path) ?? expectation(path, "see topology.schema.json");
      return [finding(reading.wrongType, "has the wrong form", undefined, fix)];
    }
    case "invalid_type": {
      const type = article(issue.expected);
      const value = valueAt(source.value, path);
      if (value === undefined)
        return [finding(reading.missingKey, "is missing", undefined, expectation(path, `add it: ${type}`))];
      const instead = requoted(value, path) ?? expectation(path, `write ${type}`);
      if (value !== null) return [finding(reading.wrongType, `should be ${type}`, undefined, instead)];
      const fix = isOptional(path) ? `${instead}; or remove \`${path.at(-1)}\`` : instead;
      return [finding(reading.wrongType, `is empty, and should be ${type}`, undefined, fix)];
    }
    case "too_big":
    case "too_small": {
      const limit = issue.code === "too_big" ? issue.maximum : issue.minimum;
      return [
        finding(
          reading.badValue,
          outOfBounds(issue.code, issue.origin, Number(limit)),
          issue.origin === "array" ? unclear : refused,
          expectation(path, "write another"),
        ),
      ];
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      const [only, ...more] = values;
      if (only !== undefined && more.length === 0)
        return [finding(reading.badValue, `can only be ${only}`, unclear, `write ${only}, or leave the key out`)];
      const fix = suggestion(shown(valueAt(source.value, path)), values, "value");
      return [finding(reading.badValue, `is not one of: ${values.join(", ")}`, unclear, fix)];
    }
    case "custom": {
      const { why, fix } = adviceSchema.parse(issue.params ?? {});
      if (path.at(-1) === "id")
        return [finding(reading.appId, issue.message, why, uuidOf(valueAt(source.value, path)) ?? fix)];
      const rule = queryKeys.some((key) => path.includes(key)) ? reading.emptyQuery : reading.badValue;
      return [finding(rule, issue.message, why, fix)];
    }
    default:
      return [finding(reading.badValue, lowerFirst(issue.message), refused, expectation(path, "write another"))];
  }
}

const unclear = "it cannot be understood, so nothing can be planned";
const refused = "the operator or the API server would refuse it";

/** A value that YAML reads as a type that its writer did not mean. */
function requoted(value: unknown, path: Path): string | undefined {
  if (typeof value === "string" && /^\d+$/.test(value) && typesAt(path).includes("integer"))
    return `remove the quotes: ${value}`;
  const isScalar = typeof value === "number" || typeof value === "boolean";
  // A version of two numbers is wrong as a text, too.
  if (!isScalar || path.at(-1) === "version" || !typesAt(path).includes("string")) return undefined;
  return `write it in quotes: "${value}"`;
}

/** The UUID that a text of 32 digits was meant to be. */
function uuidOf(value: unknown): string | undefined {
  const digits = String(value).replace(/[{}\s-]|^urn:uuid:/g, "");
  const groups = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i.exec(digits);
  return groups ? `write ${groups.slice(1).join("-")}` : undefined;
}

function outOfBounds(code: "too_big" | "too_small", origin: string, limit: number): string {
  const few = code === "too_small";
  if (few && limit === 1 && origin !== "number") return "is empty";
  if (origin === "array") return `has ${few ? "fewer" : "more"} than ${limit} ${limit === 1 ? "entry" : "entries"}`;
  if (origin === "string") return `is ${few ? "shorter" : "longer"} than ${limit} characters`;
  return `is ${few ? "less" : "more"} than ${limit}`;
}

const queryKeys = ["queries", "up", "down", "perSpoke"];

const adviceSchema = z.object({
  why: z.string().default(refused),
  fix: z.string().default("see the description of this key in topology.schema.json"),
});

function isWrongTypeAtRoot(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

/**
 * What was written, to be compared with what is allowed. An object may have a `toString` of its own, which gives no
 * text.
 */
function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function article(noun: string): string {
  const names: Record<string, string> = {
    object: "a mapping",
    record: "a mapping",
    array: "a list",
    string: "text",
    int: "a whole number",
  };
  return names[noun] ?? `a ${noun}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
