import { readdirSync, readFileSync } from "node:fs";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterEach, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";
import { sourceOf } from "../support/files-in-memory.ts";

let deployment: Deployment | undefined;
afterEach(async () => {
  await deployment?.stop();
  deployment = undefined;
});

const folder = "topologies/fleet";
const hub = "hub-eu-1";
const second = "hub-eu-2";

/** The first lines of a table: its columns, and some rows. */
const rows = (text: string, ...wanted: readonly string[]) => {
  const [columns, ...lines] = text.split("\n");
  return `${[columns, ...lines.filter((line) => wanted.includes(line.split(",")[0] ?? ""))].join("\n")}\n`;
};

/** A region of the fleet with two hubs and some shops, in development and in one stack; else as it stands. */
function cut(...shops: readonly string[]): { topology: string; beside: Record<string, string> } {
  const beside = Object.fromEntries(
    readdirSync(folder).map((name) => {
      const text = readFileSync(`${folder}/${name}`, "utf8");
      if (name === "hubs.csv") return [`fleet/${name}`, rows(text, "eu-1", "eu-2")];
      return [`fleet/${name}`, name.endsWith(".csv") ? rows(text, ...shops) : text];
    }),
  );
  const topology = readFileSync(`${folder}.yaml`, "utf8")
    .replace("environment: production", "environment: development")
    .replace(', stack: "{cluster.name}"', "");
  return { topology, beside };
}

test("a cut of the fleet is deployed from its files, each shop has its own stock, and a line more is a shop more", async () => {
  const first = cut("shop-amsterdam", "shop-berlin", "shop-athens");
  // The clusters of all shops that come, since the lab's are made in the beginning.
  const later = cut("shop-amsterdam", "shop-berlin", "shop-athens", "shop-bologna");
  const whole = ({ topology, beside }: ReturnType<typeof cut>) => sourceOf({ "topology.yaml": topology, ...beside });
  deployment = await Deployment.start(whole(later).asOneFile());
  deployment.write(first.topology, first.beside);
  await deployment.up();
  const { results } = await deployment.verify(whole(first).asOneFile());
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results.length).toBeGreaterThan(0);
  expect(await deployment.names(hub, "bigpeerreplications")).toEqual([`products-${hub}`, `stock-eu-1-${hub}`]);
  const core = deployment.kubeConfig(second).makeApiClient(CoreV1Api);
  const service = await core.readNamespacedService({ namespace: "ingress-nginx", name: "ingress-nginx-controller" });
  expect(service.spec?.ports?.filter(({ name }) => name?.startsWith("bigpeer-")).length).toBeLessThanOrEqual(2);

  deployment.write(later.topology, later.beside);
  const said = await deployment.up();
  expect(said).not.toMatch(/shop-berlin.*\b(?:updated|replaced|deleted)\b/);
  const after = await deployment.verify(whole(later).asOneFile());
  expect(after.results.filter(({ passed }) => !passed)).toEqual([]);
  expect(after.results.length).toBeGreaterThan(results.length);
  await deployment.up("dev", ["--expect-no-changes"]);
});
