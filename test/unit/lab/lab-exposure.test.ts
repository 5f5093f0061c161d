import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { OpenPorts } from "../../../lab/exposure/open-ports.ts";
import { endpointsOf, Rotation, type ServicePort } from "../../../lab/exposure/services.ts";
import { canBeShown, letsIn } from "../../../lab/exposure/source-ranges.ts";
import { ensureModuleFiles } from "../../../lab/module-files.ts";
import { watched } from "../../support/watched-objects.ts";

const ofOperator = { "app.kubernetes.io/managed-by": "ditto-operator" };

function operatorService(name: string, clusterIP: string, selector: Record<string, string>, namespace = "ditto") {
  return watched(name, { clusterIP, selector, ports: [{ port: 4040 }] }, { namespace, labels: ofOperator });
}

describe("what is behind a Service", () => {
  const selector = { peer: "bp2", component: "replication" };
  const services = [
    operatorService("replication", "127.16.8.1", selector),
    operatorService("api", "127.16.8.2", { peer: "bp2" }),
    operatorService("elsewhere", "127.16.8.3", selector, "shop"),
    watched("somebody's", { clusterIP: "127.16.8.4", selector, ports: [{ port: 4040 }] }),
  ];
  const behind = (spec: object, port: Partial<ServicePort> = {}) =>
    endpointsOf(services, watched("own", spec), { name: "", port: 4117, protocol: "TCP", targetPort: 4040, ...port });

  test("are the pods of its namespace with all the labels that it selects, at the target port", () => {
    expect(behind({ selector })).toEqual([{ host: "127.16.8.1", port: 4040 }]);
    expect(behind({ selector }, { targetPort: undefined })).toEqual([{ host: "127.16.8.1", port: 4117 }]);
  });

  test("are also pods that do not listen there, if it selects them", () => {
    expect(behind({ selector: { peer: "bp2" } }).map(({ host }) => host)).toEqual(["127.16.8.1", "127.16.8.2"]);
  });

  test.each([
    ["another value of a label", { selector: { ...selector, peer: "bp1" } }, {}],
    ["a label that no pod has", { selector: { ...selector, app: "x" } }, {}],
    ["no selector", {}, {}],
    ["a name that no port of a pod has", { selector }, { targetPort: "replication" }],
    ["another host name", { selector, type: "ExternalName" }, {}],
  ])("is nothing with %s", (_, spec, port) => {
    expect(behind(spec, port)).toEqual([]);
  });

  test("gets connections one after another", () => {
    const rotation = new Rotation();
    const picked = [1, 2, 3, 4].map(() => rotation.pick(["a", "b"]));
    expect(picked.toSorted()).toEqual(["a", "a", "b", "b"]);
    expect(rotation.pick([])).toBeUndefined();
  });
});

describe("an allow list", () => {
  test.each([
    [["127.0.0.8/30"], "127.0.0.9", true],
    [["127.0.0.8/30"], "127.0.0.1", false],
    [["203.0.113.0/24", "127.0.0.8/30"], "127.0.0.1", false],
    [["0.0.0.0/0"], "127.0.0.1", true],
    [[], "127.0.0.1", true],
  ])("%j lets %s in: %s", (ranges, client, expected) => {
    expect(letsIn(ranges, client)).toBe(expected);
  });

  test("of addresses that no client of a lab has shows nothing", () => {
    expect(canBeShown("203.0.113.0/24")).toBe(false);
    expect(letsIn(["203.0.113.0/24"], "127.0.0.1")).toBe(true);
  });
});

describe("open ports", () => {
  const servers: Server[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

  test("a port that somebody else has is told, and opened once it is free", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const wanted = [{ host: "127.0.0.1", port, key: "a", backend: async () => undefined }];
    const ports = new OpenPorts();
    try {
      expect((await ports.apply(wanted)).get(`127.0.0.1:${port}`)).toMatch(/EADDRINUSE/);
      await new Promise((resolve) => other.close(resolve));
      expect((await ports.apply(wanted)).size).toBe(0);
      servers.push(createServer());
      await expect(
        new Promise((resolve, reject) => servers[0]?.once("error", reject).listen(port, "127.0.0.1", () => resolve(0))),
      ).rejects.toMatchObject({ code: "EADDRINUSE" });
      servers.splice(0);
    } finally {
      await ports.close();
    }
  });
});

describe("files of a module", () => {
  async function setUp(): Promise<{ directory: string; environment: NodeJS.ProcessEnv; calls: () => Promise<string> }> {
    const directory = await mkdtemp(join(tmpdir(), "module-files-"));
    const moduleDirectory = join(directory, "pins");
    await Promise.all(
      [moduleDirectory, join(directory, "bin"), join(directory, "module/crd")].map((each) =>
        mkdir(each, { recursive: true }),
      ),
    );
    await writeFile(join(moduleDirectory, "go.mod"), "module x\n");
    await writeFile(join(moduleDirectory, "go.sum"), "");
    await writeFile(join(directory, "module/crd/one.yaml"), "one");
    const go = `#!/bin/sh\necho "$@" >> ${directory}/calls\nif [ -e ${directory}/fails ]; then echo '{"Error": "403 Forbidden"}'; exit 1; fi\necho '{"Dir": "${directory}/module"}'\n`;
    await writeFile(join(directory, "bin/go"), go);
    await chmod(join(directory, "bin/go"), 0o755);
    const environment = { BIGPEER_CACHE: join(directory, "cache"), PATH: `${join(directory, "bin")}:/usr/bin:/bin` };
    return { directory, environment, calls: () => readFile(join(directory, "calls"), "utf8") };
  }

  test("are downloaded once and kept", async () => {
    const { directory, environment, calls } = await setUp();
    const files = { moduleDirectory: join(directory, "pins"), module: "example.com/m", folder: "crd" };
    try {
      const [first, second] = await Promise.all([1, 2].map(() => ensureModuleFiles(files, { environment })));
      expect(second).toBe(first);
      const before = await calls();
      expect(await readFile(join(await ensureModuleFiles(files, { environment }), "one.yaml"), "utf8")).toBe("one");
      expect(await calls()).toBe(before);
      await writeFile(join(directory, "pins/go.mod"), "module x // another version\n");
      expect(await ensureModuleFiles(files, { environment })).not.toBe(first);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("that cannot be had are said with what the proxy answered and what to do", async () => {
    const { directory, environment } = await setUp();
    await writeFile(join(directory, "fails"), "");
    const files = { moduleDirectory: join(directory, "pins"), module: "example.com/m", folder: "crd" };
    try {
      await expect(ensureModuleFiles(files, { environment })).rejects.toThrow(
        /example\.com\/m, .*403 Forbidden\n.*GOPROXY/s,
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
