import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { renderCommand } from "../../../../cli/commands/render.ts";
import { createAuthority } from "../../../../lab/certificates.ts";
import { planText } from "../../../../topology/check.ts";
import { topologySchema } from "../../../../topology/file/schema.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { renderFiles } from "../../../../topology/render/files.ts";
import { leftToDo } from "../../../../topology/render/left-to-do.ts";
import { topologies } from "../../../support/random-topology.ts";

const topology = `
environment: production
clusters:
  east: { ingress: { host: bp.east.example.com, ports: 4040-4139 } }
  west: {}
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  red-cars: { app: cars, from: bp1, to: bp2, dial: to, queries: { cars: ["color = 'red'"] } }
`;

let pem: string;
beforeAll(async () => {
  pem = (await createAuthority()).certificate;
});

describe("the files", () => {
  const withCas = { topology: "topology.yaml", exposure: "manifests" } as const;

  test("hold, for any topology, every object of every cluster once, and read the same as YAML 1.1 and 1.2", () => {
    fc.assert(
      fc.property(topologies, (random) => {
        const apps = { cars: { peers: Object.keys(random.peers), id: "2164bef3-37c0-489c-9ac6-c94b034525d7" } };
        const plan = planTopology({ ...random, apps });
        const certificates = new Map([...plan.peers.keys()].map((name) => [name, `CA of ${name}`]));
        const files = renderFiles(plan, { ...withCas, certificates });
        const objects = files.filter(({ path }) => !path.endsWith("kustomization.yaml"));
        const expected = [...plan.clusters.keys()].flatMap((cluster) =>
          clusterManifests(plan, cluster).map(
            ({ manifest: { kind, metadata } }) => `${cluster} ${kind} ${metadata.name}`,
          ),
        );
        const found = objects.map(({ path, text }) => {
          expect(parse(text, { version: "1.1" })).toEqual(parse(text));
          const { kind, metadata } = parse(text);
          return `${path.split("/")[0]} ${kind} ${metadata.name}`;
        });
        expect(found.sort()).toEqual([...new Set(expected)].sort());
        expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      }),
      { numRuns: 30 },
    );
  });

  test("are the same whichever collection the topology names first", () => {
    const files = (queries: string) => {
      const { plan } = planText(topology.replace(`{ cars: ["color = 'red'"] }`, queries));
      return renderFiles(plan, { ...withCas, certificates: new Map() });
    };
    expect(files(`{ cars: "a = 1", trucks: "b = 2" }`)).toEqual(files(`{ trucks: "b = 2", cars: "a = 1" }`));
  });

  test("keep texts that YAML 1.1 takes for something else", () => {
    const { plan } = planText(topology.replace(`{ cars: ["color = 'red'"] }`, `{ "on": "true", "1:30": "yes = 1" }`));
    const certificates = new Map([
      ["bp1", "CA"],
      ["bp2", "CA"],
    ]);
    const file = renderFiles(plan, { ...withCas, certificates }).find(({ path }) => path.endsWith("red-cars-bp2.yaml"));
    expect(parse(file?.text ?? "", { version: "1.1" }).spec.queriesByCollection).toEqual({
      on: ["true"],
      "1:30": ["yes = 1"],
    });
  });

  test("say of a Big Peer whom it trusts, and that no tool may prune it in production", () => {
    const { plan } = planText(topology);
    const certificates = new Map([
      ["bp1", "CA of bp1"],
      ["bp2", "CA of bp2"],
    ]);
    const texts = new Map(renderFiles(plan, { ...withCas, certificates }).map(({ path, text }) => [path, text]));
    expect(parse(texts.get("east/ditto/bigpeer-bp1.yaml") ?? "")).toEqual({
      apiVersion: "ditto.live/v1alpha1",
      kind: "BigPeer",
      metadata: {
        name: "bp1",
        namespace: "ditto",
        labels: { "app.kubernetes.io/managed-by": "bigpeer-topology" },
        annotations: {
          "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
          "kustomize.toolkit.fluxcd.io/prune": "disabled",
        },
      },
      spec: { version: "1.63.2", auth: { trustedCASecrets: [{ name: "bp1-trusts-bp2" }] } },
    });
    expect(parse(texts.get("west/ditto/secret-bp2-trusts-bp1.yaml") ?? "").data).toEqual({
      "tls.crt": Buffer.from("CA of bp1").toString("base64"),
      "ca.crt": Buffer.from("CA of bp1").toString("base64"),
    });
    expect(texts.get("east/ditto/bigpeerapp-cars-bp1.yaml")).toContain("Prune=false");
    expect(texts.get("east/ditto/bigpeerreplication-red-cars-bp1.yaml")).not.toContain("Prune=false");
    expect(parse(texts.get("west/kustomization.yaml") ?? "").resources).toEqual([
      "ditto/bigpeer-bp2.yaml",
      "ditto/bigpeerapp-cars-bp2.yaml",
      "ditto/bigpeerreplication-red-cars-bp2.yaml",
      "ditto/secret-bp2-trusts-bp1.yaml",
    ]);
  });

  test("never let a tool prune the controller's own objects, and leave them out where Helm installs it", () => {
    const { plan } = planText(topology);
    const inputs = { topology: "topology.yaml", certificates: new Map() };
    const partial = renderFiles(plan, { ...inputs, exposure: "manifests" }).filter(({ path }) =>
      path.includes("nginx"),
    );
    expect(partial.map(({ path }) => path)).toEqual([
      "east/ingress-nginx/configmap-tcp-services.yaml",
      "east/ingress-nginx/service-ingress-nginx-controller.yaml",
    ]);
    for (const { text } of partial) {
      expect(parse(text).metadata.annotations).toEqual({
        "argocd.argoproj.io/sync-options": "ServerSideApply=true,Prune=false,Delete=false",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
        "kustomize.toolkit.fluxcd.io/ssa": "Merge",
      });
    }
    const helm = renderFiles(plan, { ...inputs, exposure: "helm-values" }).filter(({ path }) => path.includes("nginx"));
    expect(helm.map(({ path }) => path)).toEqual(["east/ingress-nginx/ingress-nginx-controller.values.yaml"]);
    expect(parse(helm[0]?.text ?? "")).toEqual({
      tcp: { [plan.exposures[0]?.port ?? 0]: "ditto/ditto-bp1-replication-red-cars-bp1:4040" },
    });
  });

  test("leave to do what a look at the cluster shows: whose the ports are, and the flag in either spelling", () => {
    const { plan } = planText(topology);
    const left = leftToDo(plan, { certificates: new Map(), exposure: "manifests" });
    const port = plan.exposures[0]?.port;
    expect(
      left.find(({ what }) => what.includes(`nobody else uses the ports ${port} of ingress-nginx/`))?.command,
    ).toMatch(new RegExp(`get configmap tcp-services .* grep -E '\\^\\(${port}\\) ' \\| grep -vE ' \\(ditto\\)/'$`));
    const flag = left.find(({ what }) => what.includes("--tcp-services-configmap"))?.command ?? "";
    const [, pattern = ""] = /grep -E '(.*)'$/.exec(flag) ?? [];
    for (const namespace of ["ingress-nginx", "$(POD_NAMESPACE)"])
      expect(`["--tcp-services-configmap=${namespace}/tcp-services"]`).toMatch(new RegExp(pattern));
    expect('["--tcp-services-configmap=ingress-nginx/other"]').not.toMatch(new RegExp(pattern));
  });

  test("hold no playground and no token; what adds them reads the token from the shell", () => {
    const text = topology
      .replace("production", "development")
      .replace(
        "1.63.2 }",
        `1.63.2, auth: { playground: { token: t0ken, permissions: { read: { cars: ["a = 'b'"] } } } } }`,
      );
    // The rules refuse a token in the file; this has to hold without them.
    const plan = planTopology(topologySchema.parse(parse(text)));
    const inputs = { ...withCas, certificates: new Map() };
    const written = renderFiles(plan, inputs).map((file) => file.text);
    expect(written.filter((each) => /t0ken|layground|sharedToken/.test(each))).toEqual([]);
    const left = leftToDo(plan, inputs).find(({ what }) => what === "the Big Peer bp1 has no playground");
    expect(left?.command).not.toContain("t0ken");
    // What a shell makes of the command's first part, with the quotes of the query kept.
    expect(left?.command).toContain(`"cars":["a = '\\''b'\\''"]`);
    expect(left?.command).toMatch(/"sharedToken":"'"\$TOKEN"'"/);
  });
});

describe("bigpeer render", () => {
  let directory: string;
  let said: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "bigpeer-render-"));
    mkdirSync(join(directory, "cas"));
    for (const name of ["bp1", "bp2"]) writeFileSync(join(directory, "cas", `${name}.pem`), pem);
    vi.spyOn(console, "log").mockImplementation((text: string) => {
      said = text;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  function render(text: string, options: Partial<Parameters<typeof renderCommand>[1]> = {}): Promise<number> {
    const file = join(directory, "topology.yaml");
    writeFileSync(file, text);
    return renderCommand(file, { out: join(directory, "out"), ca: [join(directory, "cas")], ...options });
  }

  const there = () =>
    readdirSync(join(directory, "out"), { recursive: true })
      .map(String)
      .filter((path) => path.endsWith("yaml"))
      .sort();

  test("writes what is missing, and a second run changes nothing", async () => {
    expect(await render(topology)).toBe(0);
    expect(there()).toHaveLength(12);
    expect(await render(topology, { json: true })).toBe(0);
    expect(JSON.parse(said).files.map(({ state }: { state: string }) => state)).toEqual(Array(12).fill("current"));
  });

  test("refuses, with file and line, what only a deployment knows, and writes nothing", async () => {
    const unknown = topology.replace(/id: [^,]*, /, "").replace("host: bp.east.example.com, ", "");
    await expect(render(unknown, { ca: [] })).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /:4:11 error render-address {2}clusters\.east\.ingress[\s\S]*:7:3 error render-ca {2}peers\.bp1[\s\S]*:10:3 error render-app-id {2}apps\.cars[\s\S]*uuidgen/,
        ),
      }),
    );
    expect(existsSync(join(directory, "out"))).toBe(false);
  });

  test("before the first deployment leaves trust out and says how to get the CAs; never once trust is there", async () => {
    expect(await render(topology, { ca: [], allowMissingCa: true })).toBe(0);
    expect(said).toContain(
      "mkdir -p cas && kubectl --context west -n ditto get secret ditto-bp2-ca -o jsonpath='{.data.tls\\.crt}' | base64 -d > cas/bp2.pem",
    );
    expect(there().filter((path) => path.includes("secret-"))).toEqual([]);
    expect(await render(topology)).toBe(0);
    await expect(render(topology, { ca: [], allowMissingCa: true })).rejects.toThrow(/render-ca/);
    expect(there().filter((path) => path.includes("secret-"))).toHaveLength(2);
  });

  test("begins with a summary: how many files for how many clusters, and what is left to do", async () => {
    expect(await render(topology, { ca: [], allowMissingCa: true })).toBe(0);
    expect(said).toMatch(
      /^\S+out: \d+ files for 2 clusters \(\d+ new\); next: review and commit the folder\n {2}\d+ steps left to do/,
    );
    said = "";
    expect(await render(topology, { ca: [], allowMissingCa: true })).toBe(0);
    expect(said).toMatch(/^\S+out: \d+ files for 2 clusters \(\d+ unchanged\); every file was up to date already/);
  });

  test("fetches the CA certificates that it asks for, and keeps nothing but the certificates", async () => {
    const server = createServer((request, response) => {
      const [, peer] = /secrets\/ditto-(bp\d)-ca$/.exec(request.url ?? "") ?? [];
      const data = {
        "tls.crt": Buffer.from(pem).toString("base64"),
        "tls.key": Buffer.from("a key").toString("base64"),
      };
      response.writeHead(peer === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(peer === undefined ? {} : { metadata: { name: `ditto-${peer}-ca` }, data }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
    const kubeconfig = join(directory, "kubeconfig");
    const contexts = ["east", "west"].map((name) => ({ name, context: { cluster: "c", user: "u" } }));
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
        users: [{ name: "u", user: { token: "t" } }],
        contexts,
      }),
    );
    const folder = join(directory, "fetched");
    expect(await render(topology, { ca: [], fetchCas: folder, kubeconfig })).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(["bp1.pem", "bp2.pem"]);
    expect(readFileSync(join(folder, "bp1.pem"), "utf8").trim()).toBe(pem.trim());
    expect(there().filter((path) => path.includes("secret-"))).toHaveLength(2);
    server.close();
    server.closeAllConnections();
  });

  test("removes its own files that are no longer part of it, and leaves those of others alone", async () => {
    await render(topology);
    const foreign = join(directory, "out/east/ditto/networkpolicy.yaml");
    writeFileSync(foreign, "kind: NetworkPolicy\n");
    expect(await render(topology.replace(/replications:[\s\S]*/, ""))).toBe(0);
    expect(there()).toEqual([
      "east/ditto/bigpeer-bp1.yaml",
      "east/ditto/bigpeerapp-cars-bp1.yaml",
      "east/ditto/networkpolicy.yaml",
      "east/kustomization.yaml",
      "west/ditto/bigpeer-bp2.yaml",
      "west/ditto/bigpeerapp-cars-bp2.yaml",
      "west/kustomization.yaml",
    ]);
    expect(existsSync(join(directory, "out/east/ingress-nginx"))).toBe(false);
  });

  test("writes what is for monitoring beside the manifests, or alone, where nothing that only a deployment knows is missed", async () => {
    await render(topology, { monitoring: true });
    const monitoring = () => there().filter((path) => path.startsWith("monitoring/"));
    const dashboard = join(directory, "out/monitoring/grafana/bigpeer-topology.json");
    expect([there().length, monitoring().length, existsSync(dashboard)]).toEqual([16, 4, true]);
    const edited = topology.replace(/id: [^,]*, /, "").replace("host: bp.east.example.com, ", "");
    await render(edited, { onlyMonitoring: true, watchImage: "registry.example.com/bigpeer:1", ca: [] });
    // The manifests stay as they were.
    expect(there()).toContain("east/ditto/bigpeer-bp1.yaml");
    expect(monitoring().length).toBeGreaterThan(10);
    expect(said).toMatch(/kubectl --context east apply -k .*monitoring\/access\/east/);
    await render(topology);
    expect([there().length, monitoring().length, existsSync(dashboard)]).toEqual([12, 0, false]);
  });

  test("writes no secret of the topology into the ConfigMap of what watches it", async () => {
    const spec =
      "spec: { env: [{ name: password, value: hunter2 }] } } # bigpeer-ignore plain-secret: a private repository";
    const secret = topology.replace("1.63.2 }", `1.63.2, ${spec}`);
    const options = { onlyMonitoring: true, watchImage: "registry.example.com/bigpeer:1" };
    await expect(render(secret, options)).rejects.toThrow(/in plain text \(peers\.bp1\.spec/);
    expect(existsSync(join(directory, "out"))).toBe(false);
    await expect(render(topology, { watchImage: "x" })).rejects.toThrow(/--monitoring/);
    await expect(render(topology, { monitoring: true, watchEvery: "5" })).rejects.toThrow(
      /--watch-every 5: write a duration/,
    );
    await expect(render(topology, { monitoring: true, runbooks: "docs" })).rejects.toThrow(
      /--runbooks docs: write the URL/,
    );
  });

  test("overwrites nobody else's file, and writes nothing beside it", async () => {
    const foreign = join(directory, "out/west/kustomization.yaml");
    mkdirSync(join(directory, "out/west"), { recursive: true });
    writeFileSync(foreign, "resources: []\n");
    expect(await render(topology)).toBe(1);
    expect(said).toContain("west/kustomization.yaml: not written by bigpeer");
    expect(there()).toEqual(["west/kustomization.yaml"]);
    expect(readFileSync(foreign, "utf8")).toBe("resources: []\n");
  });

  test("names what is in the way first, and of a long list only the beginning", async () => {
    const peers = Array.from({ length: 60 }, (_, index) => `  p${index}: { cluster: west, version: 1.63.2 }`).join(
      "\n",
    );
    mkdirSync(join(directory, "out/west/ditto"), { recursive: true });
    writeFileSync(join(directory, "out/west/ditto/bigpeer-p59.yaml"), "kind: BigPeer\n");
    expect(await render(`clusters: { west: {} }\npeers:\n${peers}\n`)).toBe(1);
    const lines = said.split("\n");
    expect(lines[0]).toContain("nothing was written, because a file that bigpeer did not write is in the way");
    expect(lines[2]).toMatch(/bigpeer-p59\.yaml: not written by bigpeer/);
    expect(lines).toHaveLength(43);
    expect(lines.at(-1)).toBe("  … and 21 more; --json lists them all");
  });

  test("--check fails on an edit by hand, a missing and a stale file, and writes nothing", async () => {
    expect(await render(topology, { check: true })).toBe(1);
    expect(existsSync(join(directory, "out"))).toBe(false);
    await render(topology);
    expect(await render(topology, { check: true })).toBe(0);
    const edited = join(directory, "out/east/ditto/bigpeer-bp1.yaml");
    writeFileSync(edited, readFileSync(edited, "utf8").replace("1.63.2", "1.63.3"));
    expect(await render(topology, { check: true })).toBe(1);
    expect(said).toContain("east/ditto/bigpeer-bp1.yaml: different");
    expect(readFileSync(edited, "utf8")).toContain("1.63.3");
    await render(topology);
    expect(await render(topology.replace(/replications:[\s\S]*/, ""), { check: true })).toBe(1);
    expect(said).toContain("west/ditto/bigpeerreplication-red-cars-bp2.yaml: no longer part of the topology");
  });

  test.each([
    ["a private key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", /contains a private key/],
    ["no certificate", "hello\n", /contains no certificate/],
    [
      "half a certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      /contains an invalid certificate/,
    ],
  ])("refuses a CA file with %s", async (_, text, message) => {
    writeFileSync(join(directory, "cas/bp2.pem"), text);
    await expect(render(topology)).rejects.toThrow(message);
    expect(existsSync(join(directory, "out"))).toBe(false);
  });

  test("refuses a CA that has expired, and says when", async () => {
    vi.useFakeTimers({ now: new Date("2999-01-01"), toFake: ["Date"] });
    try {
      await expect(render(topology)).rejects.toThrow(/bp1\.pem contains a certificate that expired on/);
    } finally {
      vi.useRealTimers();
    }
  });

  test("takes the CAs of a stack's outputs, the same as those of a folder", async () => {
    expect(await render(topology)).toBe(0);
    const peer = { caCertificate: pem, api: "ditto-bp1-api.ditto.svc.cluster.local:8080" };
    const output = {
      contract: 1,
      peers: { bp1: peer, bp2: peer },
      replications: {},
      exposures: {},
      apps: {},
      trusted: {},
    };
    const file = join(directory, "dev.json");
    writeFileSync(file, JSON.stringify(output));
    expect(await render(topology, { ca: [file], check: true })).toBe(0);
    writeFileSync(file, JSON.stringify({ ...output, contract: 2 }));
    await expect(render(topology, { ca: [file] })).rejects.toThrow(/is not the output `topology` of a stack/);
  });

  test("says which folder cannot be written, without a stack", async () => {
    writeFileSync(join(directory, "out"), "a file\n");
    await expect(render(topology)).rejects.toThrow(expect.objectContaining({ name: "UsageError" }));
  });

  test("refuses the CA of a peer that is not there, and names the nearest", async () => {
    const file = join(directory, "cas/bp1.pem");
    await expect(render(topology, { ca: [`bp3=${file}`] })).rejects.toThrow('did you mean "bp1"?');
  });
});
