import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { loadKubeConfig } from "../../components/secret-key.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-kubeconfig-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const content = `apiVersion: v1
kind: Config
clusters: [{ name: east, cluster: { server: "https://127.0.0.1:6443" } }]
users: [{ name: east, user: { token: MARKER } }]
contexts: [{ name: east, context: { cluster: east, user: east } }]
`;
const broken = content.replace("token: MARKER", "token: MARKER: MARKER");
const inFile = (text: string) => {
  const file = join(directory, "kubeconfig");
  writeFileSync(file, text);
  return file;
};
const failure = (kubeconfig: string, context?: string) => {
  try {
    loadKubeConfig({ kubeconfig, context });
    return "";
  } catch (error) {
    // As a runtime prints what nobody has caught: with its cause and every property.
    return inspect(error, { depth: 10, showHidden: true });
  }
};

test("content and a path are both taken", () => {
  expect(loadKubeConfig({ kubeconfig: content, context: "east" }).getCurrentUser()?.token).toBe("MARKER");
  expect(loadKubeConfig({ kubeconfig: inFile(content) }).getCurrentCluster()).toBeNull();
});

test("one that does not parse is said to be so, with the line and without a word of what is in it", () => {
  for (const said of [failure(broken), failure(inFile(broken))]) {
    expect(said).toContain("the kubeconfig is not valid YAML (line 4)");
    expect(said).not.toContain("MARKER");
  }
});

test("a path that leads nowhere and a context that is not there are named", () => {
  expect(failure("/no/such/kubeconfig")).toContain("there is no kubeconfig /no/such/kubeconfig");
  const said = failure(content, "west");
  expect(said).toContain('has no context "west"; it has: east');
  expect(said).not.toContain("MARKER");
});
