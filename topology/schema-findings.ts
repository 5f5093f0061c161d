import { z } from "zod";
import type { Finding, Path } from "./finding.ts";
import { type Topology, topologySchema } from "./schema.ts";
import type { Source } from "./source.ts";
import { suggestion } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** Judges the value of a source by the schema: a topology with its defaults, or every finding at once. */
export function parseTopology(source: Source): { topology: Topology | undefined; findings: Finding[] } {
  if (source.findings.length > 0) return { topology: undefined, findings: [...source.findings] };
  const result = topologySchema.safeParse(source.value ?? {});
  if (result.success) return { topology: ownNamesOnly(result.data), findings: [] };
  const findings = withoutEchoes(result.error.issues).flatMap((issue) => describe(issue, [], source));
  return { topology: undefined, findings };
}

/** A text where a list belongs has the wrong type; that it is too long for the list, too, says nothing. */
function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const placeOf = (issue: Issue) => JSON.stringify(issue.path);
  const mistyped = new Set(issues.filter(({ code }) => code === "invalid_type").map(placeOf));
  return issues.filter((issue) => issue.code === "invalid_type" || !mistyped.has(placeOf(issue)));
}

/** A reference to a peer called `constructor` must not find what every object inherits. */
function ownNamesOnly(topology: Topology): Topology {
  const bare = <T>(record: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), record);
  const { clusters, peers, apps, replications } = topology;
  return {
    ...topology,
    clusters: bare(clusters),
    peers: bare(peers),
    apps: bare(apps),
    replications: bare(replications),
  };
}

function describe(issue: Issue, parent: Path, source: Source): Finding[] {
  const path = [...parent, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  const finding = (
    rule: string,
    what: string,
    why: string,
    fix: string,
    at: Path = path,
    part: "key" | "value" = "value",
  ): Finding => ({
    rule,
    severity: "error",
    path: at,
    what,
    why,
    fix,
    location: source.locate(at, part),
  });
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        finding(
          "unknown-key",
          `"${key}" is not a key of ${path.length === 0 ? "a topology" : "this place"}`,
          "it would be ignored, and what it was meant to say would not happen",
          suggestion(key, knownKeys(path), "key"),
          [...path, key],
          "key",
        ),
      );
    case "invalid_union": {
      const branches = issue.errors.filter((branch) => !branch.every(isWrongTypeAtRoot));
      const nearestBranch = branches.sort((a, b) => a.length - b.length)[0];
      if (nearestBranch) return nearestBranch.flatMap((inner) => describe(inner, path, source));
      return [
        finding(
          "wrong-type",
          "has the wrong form",
          "it can't be understood, so nothing can be planned",
          expectation(path),
        ),
      ];
    }
    case "invalid_type":
      if (valueAt(source.value, path) === undefined) {
        return [
          finding(
            "missing-key",
            "is missing",
            "it has no default, and the Big Peer could not be made without it",
            expectation(path),
          ),
        ];
      }
      return [
        finding(
          "wrong-type",
          `should be ${article(issue.expected)}`,
          "it can't be understood, so nothing can be planned",
          expectation(path),
        ),
      ];
    case "too_big":
    case "too_small": {
      const limit = issue.code === "too_big" ? issue.maximum : issue.minimum;
      return [finding("bad-value", outOfBounds(issue.code, issue.origin, Number(limit)), refused, expectation(path))];
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      const [only, ...more] = values;
      if (only !== undefined && more.length === 0)
        return [finding("bad-value", `can only be ${only}`, refused, `write ${only}, or leave the key out`)];
      const fix = suggestion(String(valueAt(source.value, path)), values, "value");
      return [finding("bad-value", `is none of: ${values.join(", ")}`, refused, fix)];
    }
    case "custom": {
      const { why, fix } = adviceSchema.parse(issue.params ?? {});
      return [
        finding(
          path.at(-1) === "id" ? "app-id" : queryKeys.some((key) => path.includes(key)) ? "empty-query" : "bad-value",
          issue.message,
          why,
          fix,
        ),
      ];
    }
    default:
      return [finding("bad-value", lowerFirst(issue.message), refused, expectation(path))];
  }
}

const refused = "the operator or the API server would refuse it";

function outOfBounds(code: "too_big" | "too_small", origin: string, limit: number): string {
  const few = code === "too_small";
  if (few && limit === 1 && origin !== "number") return "is empty";
  if (origin === "array") return `has ${few ? "fewer" : "more"} than ${limit} ${limit === 1 ? "entry" : "entries"}`;
  if (origin === "string") return `is ${few ? "shorter" : "longer"} than ${limit} characters`;
  return `is ${few ? "less" : "more"} than ${limit}`;
}

const queryKeys = ["queries", "up", "down"];

const adviceSchema = z.object({
  why: z.string().default(refused),
  fix: z.string().default("see the description of this key in topology.schema.json"),
});

function isWrongTypeAtRoot(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((current, step) => {
    if (typeof current !== "object" || current === null) return undefined;
    return Object.entries(current).find(([key]) => key === String(step))?.[1];
  }, value);
}

interface Schema {
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    additionalProperties: z.union([z.boolean(), schemaShape]).optional(),
    items: schemaShape.optional(),
    anyOf: z.array(schemaShape).optional(),
  }),
);

let jsonSchema: Schema | undefined;

/** Made only once something is wrong: a good topology never pays for it. */
function schemaAt(path: Path): Schema[] {
  jsonSchema ??= schemaShape.parse(z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" }));
  return path.reduce<Schema[]>(
    (schemas, step) =>
      schemas.flatMap((schema) => {
        const next =
          typeof step === "number" ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties);
        if (typeof next !== "object") return [];
        return [next, ...(next.anyOf ?? [])];
      }),
    [jsonSchema],
  );
}

function knownKeys(path: Path): string[] {
  return schemaAt(path).flatMap((schema) => Object.keys(schema.properties ?? {}));
}

function expectation(path: Path): string {
  const description = schemaAt(path).find((schema) => schema.description !== undefined)?.description;
  return description === undefined
    ? `write ${path.at(-1) ?? "a topology"} as topology.schema.json describes it`
    : `write: ${description}`;
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
