import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { loadKubeConfig } from "../../../kubernetes/kubeconfig.ts";
import { secretsApi } from "../../../kubernetes/secret-key.ts";

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

describe("where none is named", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("one that is not there is said to be missing, with how to get one", () => {
    vi.stubEnv("KUBECONFIG", "");
    vi.stubEnv("HOME", directory);
    const missing =
      /there is no kubeconfig, since KUBECONFIG is not set and .*\.kube.config does not exist; get one .*aws eks/;
    expect(() => loadKubeConfig({ context: "east" })).toThrow(missing);
    vi.stubEnv("KUBECONFIG", join(directory, "none"));
    expect(() => loadKubeConfig({ context: "east" })).toThrow(/KUBECONFIG names .*none, which does not exist; get one/);
  });

  test("the files of KUBECONFIG are one, those that are not there are passed over, and the first to choose a context wins", () => {
    const files = ["none", "east", "west"].map((name) => join(directory, name));
    for (const [index, name] of ["east", "west"].entries())
      writeFileSync(files[index + 1] ?? "", `${content.replaceAll("east", name)}current-context: ${name}\n`);
    vi.stubEnv("KUBECONFIG", files.join(delimiter));
    expect(loadKubeConfig({}).getCurrentContext()).toBe("east");
    expect(loadKubeConfig({ context: "west" }).getCurrentCluster()?.name).toBe("west");
  });
});

test("one that is empty is said to be so", () => {
  expect(failure(inFile(""))).toContain("the kubeconfig is empty, or does not have the form of one");
});

test("one that lacks what it must have is said to be the kubeconfig", () => {
  expect(failure(inFile(content.replace("cluster: east, user: east", "user: east")))).toContain(
    "the kubeconfig cannot be used: contexts[0].context.cluster is missing",
  );
});

test("a context whose cluster is not there is said to be so, and so is a missing choice", () => {
  const file = inFile(content.replace("cluster: east, user", "cluster: west, user"));
  expect(() => secretsApi({ kubeconfig: file, context: "east" })).toThrow(
    'the context "east" of the kubeconfig names a cluster that the kubeconfig does not have',
  );
  expect(() => secretsApi({ kubeconfig: content })).toThrow(/the kubeconfig has no current context/);
});

test("readers of one context get the same one, until its file changes", () => {
  const file = inFile(content);
  const first = loadKubeConfig({ kubeconfig: file, context: "east" });
  expect(loadKubeConfig({ kubeconfig: file, context: "east" })).toBe(first);
  writeFileSync(file, content.replace("MARKER", "ANOTHER"));
  expect(loadKubeConfig({ kubeconfig: file, context: "east" }).getCurrentUser()?.token).toBe("ANOTHER");
});
