import { describe, expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { TopologyError } from "../../../../topology/findings/finding.ts";
import { migrate } from "../../../../topology/migration/migrate.ts";
import { pinPorts } from "../../../../topology/pins/pin.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

const root = `environment: development
include: retail.yaml
clusters:
  centre: { ingress: { host: hub.example.com, ports: 4040-4044 } }
  shop-1: { inbound: none }
peers:
  hub: { cluster: centre, version: 1.63.2 }
  shop-1: { cluster: shop-1, version: 1.63.2 }
apps:
  retail: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub, shop-1] }
`;
const line = (name: string) => `  ${name}: { app: retail, hub: hub, spokes: [shop-1], down: { ${name}: "true" } }\n`;
const names = ["a", "b", "c", "d"];
/** Four replications in five ports: some of them clash. */
const written = {
  "fleet.yaml": root,
  "retail.yaml": `# of the retail team\nreplications:\n${names.map(line).join("")}`,
};
const templated = {
  "fleet.yaml": root,
  "retail.yaml": `sites:
  collections:
    rows: [{ name: a }, { name: b }, { name: c }, { name: d }]
    replications:
      "{site.name}": { app: retail, hub: hub, spokes: [shop-1], down: { "{site.name}": "true" } }
`,
};

describe("commands that change the file", () => {
  test("pin writes into the file that has the replication, and leaves the others", () => {
    const source = sourceOf(written);
    expect(checkSource(source).findings.map(({ rule }) => rule)).toContain("port-clash");
    const { texts, pinned } = pinPorts(source, undefined);
    expect([...texts.keys()]).toEqual(["retail.yaml"]);
    expect(pinned.length).toBeGreaterThan(0);
    expect(texts.get("retail.yaml")).toMatch(/^# of the retail team\nreplications:\n/);
    expect(checkSource(source.withTexts(texts)).findings).toEqual([]);
  });

  test("pin refuses what a template makes, and says which row needs which port", () => {
    const source = sourceOf(templated);
    const refused = () => pinPorts(source, undefined);
    expect(refused).toThrow(TopologyError);
    expect(refused).toThrow(
      /retail\.yaml:3:\d+ \(via retail\.yaml:5\) error port-clash [\s\S]*needs port 404\d[\s\S]*port: "\{site\.port\}"/,
    );
  });

  test("migrate refuses a topology that is not written out", () => {
    const source = sourceOf({ ...written, "retail.yaml": `replications:\n${line("prices")}` });
    expect(() => migrate(source, { from: "hub", to: "hub-2" })).toThrow(/made of templates, labels or several files/);
  });
});
