import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { check } from "../../../../cli/commands/check.ts";
import { diffCommand } from "../../../../cli/commands/diff.ts";
import { evictCommand } from "../../../../cli/commands/evict.ts";
import { graphCommand } from "../../../../cli/commands/graph.ts";
import { helmValuesCommand } from "../../../../cli/commands/helm-values.ts";
import { migrateCommand } from "../../../../cli/commands/migrate.ts";
import { rbacCommand } from "../../../../cli/commands/rbac.ts";
import { renderCommand } from "../../../../cli/commands/render.ts";
import { formatCauses, formatStatus } from "../../../../cli/commands/status.ts";
import { StepCollector } from "../../../../engine/engine-steps.ts";
import { foldPreview } from "../../../../preview/fold.ts";
import { formatPreviewMarkdown, formatPreviewText } from "../../../../preview/format.ts";
import { causesOf } from "../../../../status/causes.ts";
import { statusOf } from "../../../../status/report.ts";
import { checkSource } from "../../../../topology/check.ts";
import { plannedObjects } from "../../../../topology/diff/object-changes.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";
import type { ClusterObjectReference } from "../../../../topology/objects/object-reference.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { isSecretName } from "../../../../topology/secrets/names.ts";
import { secretsOfSource } from "../../../../topology/secrets/source.ts";
import { maskedText } from "../../../../topology/secrets/texts.ts";
import { masked, secretsIn } from "../../../../topology/secrets/values.ts";
import { eventsBetween, resourcesOf } from "../../../support/engine-events.ts";
import {
  forms,
  namedForms,
  names,
  secretNames,
  secrets,
  shapedForms,
  spellings,
} from "../../../support/planted-secrets.ts";

let directory: string;
let said: string[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "secrets-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** What a command prints, and what its error says. */
async function outputOf(command: () => Promise<number>): Promise<string> {
  said = [];
  const note = (...words: unknown[]) => {
    said.push(words.join(" "));
    return true;
  };
  const spies = [
    vi.spyOn(console, "log").mockImplementation(note),
    vi.spyOn(console, "error").mockImplementation(note),
    vi.spyOn(process.stdout, "write").mockImplementation(note),
    vi.spyOn(process.stderr, "write").mockImplementation(note),
  ];
  try {
    await command();
  } catch (error) {
    note(error instanceof Error ? error.message : error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return said.join("\n");
}

/** Where a value that its user passes through can stand. */
const places = {
  "a peer's spec": (value: unknown) => ({ peers: { bp1: { spec: value } } }),
  "a peer's image": (value: unknown) => ({ peers: { bp1: { image: value } } }),
  "a probe": (value: unknown) => ({ replications: { blue: { probe: { cars: value } } } }),
} as const;

const comment = "# bigpeer-ignore plain-secret: a trial";

/** Two clusters with a peer each; what is planted is suppressed, so that there is a plan, unless it is not. */
function topologyWith(planted: object, { ignored = true, version = "1.63.2" } = {}): string {
  const base: Record<string, Record<string, Record<string, unknown>>> = {
    clusters: {
      east: { ingress: { host: "bp.east.example.com", ports: "4040-4139" } },
      west: { ingress: { host: "bp.west.example.com", ports: "4040-4139" } },
    },
    peers: { bp1: { cluster: "east", version }, bp2: { cluster: "west", version } },
    apps: { cars: { id: "2164bef3-37c0-489c-9ac6-c94b034525d7", peers: ["bp1", "bp2"] } },
    replications: { blue: { app: "cars", between: ["bp1", "bp2"], queries: { cars: "color = 'blue'" } } },
  };
  for (const [section, entries] of Object.entries(planted))
    for (const [name, entry] of Object.entries(entries))
      base[section] = { ...base[section], [name]: { ...base[section]?.[name], ...Object(entry) } };
  const sections = Object.entries(base).map(([section, entries]) => stringify({ [section]: entries }));
  return `environment: development\n${sections.map((section) => `${ignored ? `${comment}\n` : ""}${section}`).join("")}`;
}

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

/** The findings of a good topology, but for comments that turn nothing down. */
function planOf(text: string): Plan {
  const { plan, findings } = checkSource(parseSource("t.yaml", text));
  if (!plan) throw new Error(`no plan: ${findings.map(({ rule, what }) => `${rule}: ${what}`).join("; ")}\n${text}`);
  return plan;
}

/** Whatever is printed without a cluster of a topology that holds a secret, and of one in which it has changed. */
async function everyOutput(base: string, head: string): Promise<Map<string, string>> {
  const [baseFile, headFile] = [write("base.yaml", base), write("head.yaml", head)];
  const outputs = new Map<string, string>();
  const run = async (name: string, command: () => Promise<number>) => outputs.set(name, await outputOf(command));
  for (const format of [{}, { json: true }, { sarif: true }]) {
    await run(`check ${Object.keys(format)}`, () => check([headFile], format));
  }
  for (const format of [{}, { json: true }, { markdown: true }, { markdown: true, graph: true }]) {
    await run(`diff ${Object.keys(format)}`, () => diffCommand(baseFile, headFile, format));
    await run(`diff from nothing ${Object.keys(format)}`, () =>
      diffCommand(write("no.yaml", "clusters: {}\npeers: {}\n"), headFile, format),
    );
  }
  for (const format of ["mermaid", "svg", "dot", "html"])
    await run(`graph ${format}`, () => graphCommand(headFile, { format }));
  await run("graph json", () => graphCommand(headFile, { json: true }));
  for (const format of [{}, { json: true }]) {
    await run(`helm-values ${Object.keys(format)}`, () => helmValuesCommand(headFile, format));
    await run(`rbac ${Object.keys(format)}`, () => rbacCommand([headFile], { for: "up", ...format }));
    await run(`evict ${Object.keys(format)}`, () => evictCommand(headFile, format));
    const rendered = { out: join(directory, "rendered"), allowMissingCa: true, ...format };
    await run(`render ${Object.keys(format)}`, () => renderCommand(headFile, rendered));
    await run(`render anyway ${Object.keys(format)}`, () =>
      renderCommand(headFile, { ...rendered, allowPlainSecrets: true }),
    );
    await run(`render check ${Object.keys(format)}`, () =>
      renderCommand(headFile, { ...rendered, allowPlainSecrets: true, check: true }),
    );
    rmSync(join(directory, "rendered"), { recursive: true, force: true });
    const migration = { reach: "port-forward", api: {}, managementApi: {}, ...format };
    await run(`migrate ${Object.keys(format)}`, () => migrateCommand("bp1", "bp3", headFile, migration));
    const copy = write("migrated.yaml", head);
    await run(`migrate --write ${Object.keys(format)}`, () =>
      migrateCommand("bp1", "bp3", copy, { ...migration, write: true }),
    );
  }
  const [before, after] = [planOf(base), planOf(head)];
  outputs.set("status", statusText(before, after));
  const collector = new StepCollector();
  for (const event of eventsBetween(resourcesOf(before), resourcesOf(after))) collector.add(event);
  const report = foldPreview({
    topology: "t",
    base: undefined,
    head: after,
    refreshed: false,
    stacks: [{ stack: "dev", pending: [], same: 0, steps: collector.steps }],
    notBegun: [],
  });
  const plain = { bold: String, green: String, red: String, yellow: String };
  outputs.set("preview", formatPreviewText(report, plain));
  outputs.set("preview markdown", formatPreviewMarkdown(report));
  outputs.set("preview json", JSON.stringify(report));
  return outputs;
}

function statusText(before: Plan, after: Plan): string {
  const deployed = (ref: ClusterObjectReference) => ({
    object: clusterManifests(before, ref.cluster).find(
      ({ manifest, role }) => manifest.kind === ref.kind && manifest.metadata.name === ref.name && role === ref.role,
    )?.manifest,
  });
  const rows = statusOf(after, { deployed, leftovers: () => [], live: deployed, caExpiry: new Map() });
  return `${formatStatus(rows)}\n${formatCauses(causesOf(after, rows), rows.length)}\n${JSON.stringify(rows)}`;
}

/** The outputs that hold a secret, in plain text, in base64 or reversed by nobody. */
function leaks(outputs: ReadonlyMap<string, string>, ...planted: readonly string[]): string[] {
  return [...outputs].flatMap(([name, text]) =>
    planted.some(
      (secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString("base64").slice(0, 20)),
    )
      ? [`${name}: ${text.slice(0, 2000)}`]
      : [],
  );
}

const plantings = fc.record({
  name: names,
  form: fc.constantFrom(...Object.keys(forms)),
  place: fc.constantFrom(...(Object.keys(places) as (keyof typeof places)[])),
  before: secrets,
  after: secrets,
});

describe("a secret that is planted in a topology", () => {
  test("is in no output of a command that needs no cluster, whatever it is called, wherever and in whatever form it stands", async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(plantings, async ({ name, form, place, before, after }) => {
        const [base, head] = [before, after].map((secret) => topologyWith(places[place](forms[form]?.(name, secret))));
        const outputs = await everyOutput(base ?? "", head ?? "");
        expect(leaks(outputs, before, after)).toEqual([]);
        shown += outputs.get("diff markdown")?.includes("(secret)") ? 1 : 0;
      }),
      { numRuns: 40 },
    );
    // Else the outputs would say nothing of the value at all.
    expect(shown).toBeGreaterThan(0);
  }, 120_000);

  test("is refused, and is not in what `check` says of it, suppressed or not, nor of a file that is wrong otherwise", async () => {
    await fc.assert(
      fc.asyncProperty(
        plantings,
        fc.constantFrom("", "]\n", "nonsense: *nothing\n", "  odd: { a: [\n", "replications: 7\n", "x: !!binary [\n"),
        async ({ name, form, place, after }, broken) => {
          const text = topologyWith(places[place](forms[form]?.(name, after)), { ignored: false });
          const { findings } = checkSource(parseSource("t.yaml", text));
          expect(findings.map(({ rule }) => rule)).toContain("plain-secret");
          const file = write("wrong.yaml", text + broken);
          const outputs = new Map<string, string>();
          for (const format of [{}, { json: true }, { sarif: true }])
            outputs.set(`check ${Object.keys(format)}`, await outputOf(() => check([file], format)));
          outputs.set("graph", await outputOf(() => graphCommand(file, {})));
          outputs.set("diff", await outputOf(() => diffCommand(file, file, { markdown: true })));
          expect(leaks(outputs, after)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  test("is not quoted by a finding about the very line, or the very value", async () => {
    const secret = "Zqabcd1efghijklmno";
    const lines = [
      `  bp1: { cluster: east, version: 1.63.2, spec: { clientSecret: *${secret} } }`,
      `  bp1: { cluster: east, version: 1.63.2, spec: { clientSecret: !${secret} x } }`,
      `  bp1: { cluster: east, version: 1.63.2, spec: { clientSecret: @${secret} } }`,
      `  bp1: { cluster: east, version: 1.63.2, spec: { clientSecret: "${secret}\\q" } }`,
      `  bp1: { cluster: east, version: 1.63.2, spec: { credentials: [${secret}, {${secret} } }`,
      `  bp1: { cluster: east, version: 1.63.2, spec: { env: [{ name: X_PASSWORD, value: ${secret} }] }, nonsense: 1 }`,
      `  bp1: { cluster: east, version: 1.63, password: ${secret} }`,
      `  bp1: { cluster: east, version: 1.63.2, auth: { playground: { token: ["${secret}"] } } }`,
      `  bp1: { cluster: east, version: 1.63.2, token: &t ${secret}, image: *t, host: *t }`,
      `  bp1: { cluster: east, version: 1.63.2, spec: [clientSecret, "https://u:${secret}@x.example.com"] }`,
      `  bp1: { cluster: east, version: 1.63.2, auth: { webhooks: { a: { url: "ftp://u:${secret}@x.example.com" } } } }`,
      `  bp1: { cluster: "https://u:${secret}@x.example.com", version: 1.63.2 }`,
      `  bp1: { cluster: east, version: 1.63.2, nonsense: 1 } # the password: ${secret}`,
    ];
    const good = topologyWith({}, { ignored: false });
    for (const line of lines) {
      const file = write("line.yaml", good.replace(/ {2}bp1:\n.*\n.*\n/, `${line}\n`));
      const outputs = new Map([
        ["text", await outputOf(() => check([file], {}))],
        ["json", await outputOf(() => check([file], { json: true }))],
        ["sarif", await outputOf(() => check([file], { sarif: true }))],
      ]);
      expect(outputs.get("text")).toMatch(/ (error|warning) /);
      expect(leaks(outputs, secret), line).toEqual([]);
    }
  });

  test("is not quoted where it is a number, or a kubeconfig", async () => {
    const kubeconfig = "apiVersion: v1\nkind: Config\nusers: [{ name: u, user: { token: Zqabcd1efghijklmno } }]\n";
    const planted = (token: number) => ({
      peers: { bp1: { auth: { playground: { token: token } } } },
    });
    const file = write("number.yaml", topologyWith(planted(74839201), { ignored: false }));
    expect(leaks(new Map([["check", await outputOf(() => check([file], {}))]]), "74839201")).toEqual([]);
    const [base, head] = ["Zqabcd1efghijklmno", "Zqabcd2efghijklmno"].map((token) =>
      topologyWith({ clusters: { east: { kubeconfig: kubeconfig.replace("Zqabcd1efghijklmno", token) } } }),
    );
    const outputs = await everyOutput(base ?? "", head ?? "");
    expect(leaks(outputs, "Zqabcd1efghijklmno", "Zqabcd2efghijklmno")).toEqual([]);
    expect(outputs.get("diff markdown")).toContain("kubeconfig");
  });

  test("is not written to files for GitOps unless that is asked for, and then every place is named", async () => {
    const file = write(
      "render.yaml",
      topologyWith(places["a peer's spec"]({ cdc: { clientSecret: "Zqabcd1efghijklmno" } })),
    );
    const out = join(directory, "gitops");
    const refused = await outputOf(() => renderCommand(file, { out, allowMissingCa: true }));
    expect(refused).toMatch(/error render-secret {2}peers\.bp1\.spec\.cdc\.clientSecret: /);
    expect(() => readFileSync(join(out, "east/kustomization.yaml"))).toThrow(/ENOENT/);
    const written = await outputOf(() => renderCommand(file, { out, allowMissingCa: true, allowPlainSecrets: true }));
    expect(written).toContain("  east: spec.cdc.clientSecret of BigPeer bp1");
    expect(readFileSync(join(out, "east/ditto/bigpeer-bp1.yaml"), "utf8")).toContain(
      "clientSecret: Zqabcd1efghijklmno",
    );
  });

  test("of a webhook's URL is refused where it stands", async () => {
    const webhooks = { staff: { url: "https://u:Zqabcd1efghijklmno@auth.example.com" } };
    const file = write("webhook.yaml", topologyWith({ apps: { cars: { auth: { webhooks } } } }));
    const refused = await outputOf(() => renderCommand(file, { out: join(directory, "w"), allowMissingCa: true }));
    expect(refused).toMatch(/error render-secret {2}apps\.cars\.auth\.webhooks\.staff\.url: /);
  });

  test("is not printed by `migrate`, which says how to go on", async () => {
    const file = write("migrate.yaml", topologyWith(places["a peer's spec"]({ clientSecret: "Zqabcd1efghijklmno" })));
    const migration = { reach: "port-forward", api: {}, managementApi: {} };
    const refused = await outputOf(() => migrateCommand("bp1", "bp3", file, migration));
    expect(refused).toMatch(/a secret in plain text \(peers\.bp1\.spec\.clientSecret.*use --write/);
    const json = await outputOf(() => migrateCommand("bp1", "bp3", file, { ...migration, write: true, json: true }));
    expect(JSON.parse(json)).toMatchObject({ version: 1, step: "copy" });
    expect(JSON.parse(json)).not.toHaveProperty("topology");
    expect(readFileSync(file, "utf8").match(/Zqabcd1efghijklmno/g)).toHaveLength(2);
  });
});

describe("the judge of secrets", () => {
  const everyName = secretNames.flatMap((words) => Object.values(spellings).map((spell) => spell(words)));

  test("knows every name in every spelling", () => {
    expect(everyName.filter((name) => !isSecretName(name))).toEqual([]);
  });

  test("knows what only speaks of a secret", () => {
    const others =
      "secretName passwordFile tokenUrl tokenTTL access-token-lifetime credentialsPath TOKEN_ENDPOINT accessKeyId " +
      "existingSecret imagePullSecrets imagePullSecret caSecret tlsSecret secretRef tokenizer tokenBucket publicKey " +
      "passwordPolicy KEY author secretary compass bypass name namespace collection bearerFormat keystore";
    expect(others.split(" ").filter(isSecretName)).toEqual([]);
  });

  test("finds and masks the same: a secret in every form, by every name where it is one by its name", () => {
    const secret = "Zqabcd1efghijklmno";
    const missed: string[] = [];
    const judge = (label: string, value: unknown) => {
      if ([...secretsIn(value)].length === 0 || JSON.stringify(masked(value)).includes(secret)) missed.push(label);
    };
    for (const [form, plant] of Object.entries(namedForms))
      for (const name of everyName) judge(`${form}: ${name}`, plant(name, secret));
    for (const [form, plant] of Object.entries(shapedForms)) judge(form, plant("", secret));
    expect(missed).toEqual([]);
  });

  // What takes a time that grows with the square of the text runs into the time limit of the test.
  test("ends soon for a long text, whatever it repeats", () => {
    const repeated = [
      "password=",
      "password: ",
      "://a:b",
      "a:b@",
      "eyJaaaaaaaaaa-",
      "- name: X_PASSWORD\n",
      "value: x\n",
      "-----BEGIN PRIVATE KEY",
      "  ",
      "a",
    ];
    for (const part of repeated) {
      const text = `password: x${part.repeat(200_000 / part.length)}y\nb: [`;
      secretsOfSource(parseSource("t.yaml", text));
      maskedText(text);
    }
  }, 60_000);

  test("leaves everything else as it is", () => {
    const harmless = {
      auth: { keys: { external: { caSecretRef: { name: "ca", certificate: "tls.crt", key: "tls.key" } } } },
      s3: { secretName: "s3", secretKey: "secret-key", endpoint: "https://s3.example.com:9000/a@b" },
      password: { name: "kafka", key: "password" },
      token: { config: "playgroundToken" },
      env: [
        { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
        { name: "DB_URL", value: "postgres://cdc:$(DB_PASSWORD)@db.example.com/orders" },
        { name: "TOKEN", value: "$(OTHER_TOKEN)" },
        { name: "LEVEL", value: "info" },
      ],
      maxTokens: 100,
      passwordless: true,
      image: "registry.example.com:5000/ditto/store:1.63.2@sha256:0123abc",
      pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
      queriesByCollection: { tokens: ["owner = 'me' AND password = 'x'"] },
      note: "mailto:ops@example.com",
    };
    expect([...secretsIn(harmless)]).toEqual([]);
    expect(masked(harmless)).toEqual(harmless);
  });
});

test("a peer, a collection and a provider may be called like a secret", () => {
  const text = topologyWith(
    {
      peers: { token: { cluster: "east", version: "1.63.2" } },
      apps: {
        cars: { peers: ["bp1", "bp2", "token"], auth: { webhooks: { password: { url: "https://a.example.com/x" } } } },
      },
      replications: {
        credentials: {
          app: "cars",
          from: "bp2",
          to: "token",
          port: { token: 4041 },
          queries: { tokens: "password = 'x'" },
          probe: { tokens: { owner: "me" } },
        },
      },
    },
    { ignored: false },
  );
  const { findings } = checkSource(parseSource("t.yaml", text));
  expect(findings.map(({ rule }) => rule)).not.toContain("plain-secret");
  expect(plannedObjects(planOf(text)).map(({ ref }) => ref.name)).toContain("token");
});
