import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Deployment } from "../support/deployment.ts";

/** What a file declares, as a user's edits make it grow. Each value is the text of one entry. */
interface Declared {
  readonly clusters: Readonly<Record<string, string>>;
  readonly peers: Readonly<Record<string, string>>;
  readonly apps: Readonly<Record<string, string>>;
  readonly replications: Readonly<Record<string, string>>;
}

const first: Declared = {
  clusters: {
    east: "{ stack: dev-east, ingress: { ports: 4040-4139 } }",
    west: "{ stack: dev-west, ingress: { ports: 4040-4139 } }",
  },
  peers: {
    bp1: "{ cluster: east, version: 1.63.2 }",
    bp2: "{ cluster: west, version: 1.63.2 }",
  },
  apps: { cars: "{ peers: [bp1, bp2] }" },
  replications: { cars: `{ app: cars, mesh: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }` },
};
const withPeer = edited(first, {
  peers: { bp3: "{ cluster: east, version: 1.63.2, auth: { playground: {} } }" },
  apps: { cars: "{ peers: [bp1, bp2, bp3] }" },
  replications: { cars: `{ app: cars, mesh: [bp1, bp2, bp3], queries: { cars: ["color = 'blue'"] } }` },
});
const withApp = edited(withPeer, { apps: { bikes: "{ peers: [bp2, bp3] }" } });
const withReplication = edited(withApp, {
  replications: { bikes: `{ app: bikes, from: bp2, to: bp3, queries: { bikes: ["gears = 3"] } }` },
});
const withCluster = edited(withReplication, {
  clusters: { north: "{ stack: dev-east, inbound: none }" },
  peers: { bp4: "{ cluster: north, version: 1.63.2 }" },
  apps: { bikes: "{ peers: [bp2, bp3, bp4] }" },
  replications: { north: `{ app: bikes, between: [bp4, bp2], queries: { bikes: ["gears = 7"] } }` },
});
const withStack = edited(withCluster, {
  clusters: { south: "{ stack: dev-south, ingress: { ports: 4040-4139 } }" },
  peers: { bp5: "{ cluster: south, version: 1.63.2 }" },
  apps: { cars: "{ peers: [bp1, bp2, bp3, bp5] }" },
  replications: { south: `{ app: cars, between: [bp1, bp5], queries: { cars: ["color = 'red'"] } }` },
});

function edited(before: Declared, more: Partial<Declared>): Declared {
  return {
    clusters: { ...before.clusters, ...more.clusters },
    peers: { ...before.peers, ...more.peers },
    apps: { ...before.apps, ...more.apps },
    replications: { ...before.replications, ...more.replications },
  };
}

function written({ clusters, peers, apps, replications }: Declared): string {
  const parts = Object.entries({ clusters, peers, apps, replications });
  const entries = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([name, text]) => `  ${name}: ${text}`);
  return ["environment: development", ...parts.flatMap(([part, of]) => [`${part}:`, ...entries(of)]), ""].join("\n");
}

/**
 * One story: a topology grows by one edit after another, and after each edit somebody types `pulumi up`, which shows a preview first; at the
 * beginning also `pulumi preview`. Each test goes on where the one before it has ended.
 */
let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(written(withStack), {});
  for (const stack of ["dev-east", "dev-west"]) await deployment.addStack(stack);
});
afterAll(() => deployment?.stop());

/** The steps on objects in clusters that the CLI prints, as `<op> <kind> <name>`: shown by a preview, or done by an update. */
function steps(printed: string): { shown: string[]; done: string[] } {
  const lines = [...printed.matchAll(/^ *[~+-]+ +kubernetes:\S+:(\w+) (\S+) (create|update|delete|replace)(d?) /gm)];
  const of = (past: string) =>
    lines.flatMap(([, kind, name, op, end]) => (end === past ? [`${op} ${kind} ${name}`] : []));
  return { shown: unique(of("")), done: unique(of("d")) };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** Runs the CLI as a user does, and expects it to succeed. */
async function pulumi(operation: "preview" | "up" | "destroy", stack: string, flags: readonly string[] = []) {
  const { exitCode, stdout, stderr } = await deployment.engine.stack(stack, operation, flags);
  if (exitCode !== 0) throw new Error(`pulumi ${operation} ${stack}:\n${stdout}${stderr}`);
  return steps(stdout);
}

const outputs = z.object({ pending: z.array(z.object({ what: z.string() })) });
async function pending(stacks: readonly string[]): Promise<string[]> {
  const all = await Promise.all(stacks.map((stack) => deployment.engine.outputs(stack)));
  return all.flatMap((each) => outputs.parse(each).pending.map(({ what }) => what));
}

/** Updates stacks in this order. Each update makes just what its own preview has shown. */
async function update(stacks: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const stack of stacks) {
    const { shown, done } = await pulumi("up", stack);
    expect(done).toEqual(shown);
    all.push(...shown);
  }
  return unique(all);
}

/** Previews and updates stacks in this order. Each preview shows what the update shows and makes after it. */
async function deploy(stacks: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const stack of stacks) {
    const { shown } = await pulumi("preview", stack);
    expect(await update([stack])).toEqual(shown);
    all.push(...shown);
  }
  return unique(all);
}

describe("a topology that grows by one edit after another", () => {
  test("from nothing, each stack is previewed and made, and what waits for another stack comes when that is there", async () => {
    deployment.write(written(first));
    const made = await deploy(["dev-east", "dev-west"]);
    expect(made).toEqual([
      "create BigPeer east/bp1",
      "create BigPeer west/bp2",
      "create BigPeerApp east/cars/bp1",
      "create BigPeerApp west/cars/bp2",
      "create BigPeerPatch west/bp2-trust",
      "create BigPeerReplication east/cars/bp1",
      "create BigPeerReplication west/cars/bp2",
      "create ConfigMapPatch west-exposure-services",
      "create Secret west/bp2-trust/bp1",
      "create ServicePatch west-exposure-ports",
    ]);
    expect(await deploy(["dev-east"])).toEqual([
      "create BigPeerPatch east/bp1-trust",
      "create Secret east/bp1-trust/bp2",
      "update BigPeerReplication east/cars/bp1",
    ]);
    expect(await pending(["dev-east", "dev-west"])).toEqual([]);
    for (const stack of ["dev-east", "dev-west"]) await pulumi("up", stack, ["--expect-no-changes"]);
  });

  const additions = [
    {
      what: "a peer in a cluster that has one",
      topology: withPeer,
      stacks: ["dev-east", "dev-west"],
      comes: [
        "create BigPeer east/bp3",
        "create BigPeerApp east/cars/bp3",
        "create BigPeerPatch east/bp3-trust",
        "create BigPeerReplication east/cars/bp3",
        "create Secret east/bp1-trust/bp3",
        "create Secret east/bp3-trust/bp1",
        "create Secret east/bp3-trust/bp2",
        "create Secret west/bp2-trust/bp3",
        "update BigPeerPatch east/bp1-trust",
        "update BigPeerPatch west/bp2-trust",
      ],
    },
    {
      what: "an app",
      topology: withApp,
      stacks: ["dev-west", "dev-east"],
      comes: ["create BigPeerApp east/bikes/bp3", "create BigPeerApp west/bikes/bp2"],
    },
    {
      what: "a replication",
      topology: withReplication,
      stacks: ["dev-east", "dev-west"],
      comes: ["create BigPeerReplication east/bikes/bp3", "create BigPeerReplication west/bikes/bp2"],
    },
    {
      what: "a cluster of a stack that is there",
      topology: withCluster,
      stacks: ["dev-west", "dev-east", "dev-west", "dev-east"],
      comes: [
        "create BigPeer north/bp4",
        "create BigPeerApp north/bikes/bp4",
        "create BigPeerPatch north/bp4-trust",
        "create BigPeerReplication north/north/bp4",
        "create BigPeerReplication west/north/bp2",
        "create Secret north/bp4-trust/bp2",
        "create Secret west/bp2-trust/bp4",
        "update BigPeerPatch west/bp2-trust",
      ],
    },
    {
      what: "a stack",
      topology: withStack,
      stacks: ["dev-south", "dev-east", "dev-south"],
      comes: [
        "create BigPeer south/bp5",
        "create BigPeerApp south/cars/bp5",
        "create BigPeerPatch south/bp5-trust",
        "create BigPeerReplication east/south/bp1",
        "create BigPeerReplication south/south/bp5",
        "create Secret east/bp1-trust/bp5",
        "create Secret south/bp5-trust/bp1",
        "update BigPeerPatch east/bp1-trust",
      ],
    },
  ];
  test.each(additions)("$what is added: a preview shows all of it, and an update makes it", async (addition) => {
    const { topology, stacks, comes } = addition;
    deployment.write(written(topology));
    if (stacks.includes("dev-south")) await deployment.addStack("dev-south");
    const made = await update(stacks);
    expect(made).toEqual(expect.arrayContaining(comes));
    // Nothing of what there was is made anew or goes.
    expect(made.filter((step) => /^(?:delete|replace)/.test(step))).toEqual([]);
    expect(await pending(stacks)).toEqual([]);
  });

  test("documents flow wherever the file that has grown says so, and nothing is left to do", async () => {
    for (const stack of ["dev-east", "dev-west", "dev-south"]) await pulumi("up", stack, ["--expect-no-changes"]);
    const { results, leftovers } = await deployment.verify(written(withStack));
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    const arriving = results.filter(({ probe }) => probe.expected === "arrives");
    expect(unique(arriving.map(({ probe: { replication, from, to } }) => `${replication}: ${from} to ${to}`))).toEqual([
      "bikes: bp2 to bp3",
      "cars: bp1 to bp2",
      "cars: bp1 to bp3",
      "cars: bp2 to bp1",
      "cars: bp2 to bp3",
      "cars: bp3 to bp1",
      "cars: bp3 to bp2",
      "north: bp2 to bp4",
      "north: bp4 to bp2",
      "south: bp1 to bp5",
      "south: bp5 to bp1",
    ]);
    expect(leftovers).toEqual([]);
  });

  test("it is destroyed stack by stack, and nothing of it stays", async () => {
    for (const stack of ["dev-south", "dev-west", "dev-east"]) await pulumi("destroy", stack);
    for (const cluster of Object.keys(withStack.clusters))
      for (const plural of ["bigpeers", "bigpeerapps", "bigpeerreplications"])
        expect(await deployment.names(cluster, plural)).toEqual([]);
  });
});
