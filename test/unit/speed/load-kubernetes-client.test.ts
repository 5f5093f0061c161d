import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** What a script prints in a process that loads the Kubernetes client: all of it, or as the program does. */
async function printed(script: string, loading: "all of it" | "what is used"): Promise<string> {
  const hook = loading === "all of it" ? [] : ["--require", resolve("speed/load-kubernetes-client.cjs")];
  const source = `import("@kubernetes/client-node").then(async (client) => {
    const { ObjectSerializer } = await import(${JSON.stringify(serializer)});
    ${script}
  });`;
  const { stdout } = await run(process.execPath, [...hook, "-e", source], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}
const serializer = resolve("node_modules/@kubernetes/client-node/dist/gen/models/ObjectSerializer.js");

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", creationTimestamp: "2026-01-02T03:04:05Z", labels: { a: "b" } },
  spec: { containers: [{ name: "c", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "1" } } }] },
};

test("objects are converted just as by the whole client", async () => {
  const script = `
    const read = ObjectSerializer.deserialize(${JSON.stringify(pod)}, "V1Pod");
    const strange = ObjectSerializer.deserialize({ a: 1 }, "NoSuchKind");
    console.log(read.constructor.name, read.metadata.creationTimestamp instanceof Date, read.spec.containers[0].constructor.name);
    console.log(JSON.stringify([read, strange, ObjectSerializer.serialize(read, "V1Pod")]));`;
  const whole = await printed(script, "all of it");
  expect(whole).toContain("V1Pod true V1Container");
  expect(await printed(script, "what is used")).toBe(whole);
});

test("every kind that the whole client knows is known", async () => {
  const names = [...readFileSync(serializer, "utf8").matchAll(/^ {4}"(\w+)": \w+,?$/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(500);
  const script = `
    const kinds = ${JSON.stringify(names)}.map((name) => ObjectSerializer.deserialize({}, name).constructor.name);
    console.log(JSON.stringify(kinds));`;
  expect(JSON.parse(await printed(script, "what is used"))).toEqual(names);
});

test("a request is made and its answer is read by what is loaded for it", async () => {
  const script = `
    const server = require("node:http").createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ kind: "Namespace", metadata: { name: request.url, uid: "u" } }));
    });
    server.listen(0, "127.0.0.1", async () => {
      const config = new client.KubeConfig();
      const cluster = { name: "c", server: "http://127.0.0.1:" + server.address().port, skipTLSVerify: true };
      config.loadFromClusterAndUser(cluster, { name: "u" });
      const found = await config.makeApiClient(client.CoreV1Api).readNamespace({ name: "kube-system" });
      console.log(found.constructor.name, found.metadata.name, found.metadata.uid);
      server.close();
    });`;
  expect(await printed(script, "what is used")).toBe("V1Namespace /api/v1/namespaces/kube-system u");
});

test("hardly any of its generated modules are loaded before they are used", async () => {
  const counted = async (hook: string) => {
    const source = `const { registerHooks } = require("node:module");
      let count = 0;
      const load = (url, context, next) => {
        if (url.includes("client-node/dist/gen/")) count += 1;
        return next(url, context);
      };
      ${hook}
      registerHooks({ load });
      import("@kubernetes/client-node").then(() => console.log(count));`;
    return Number((await run(process.execPath, ["-e", source])).stdout);
  };
  expect(await counted("")).toBeGreaterThan(800);
  expect(await counted(`require(${JSON.stringify(resolve("speed/load-kubernetes-client.cjs"))});`)).toBeLessThan(40);
});
