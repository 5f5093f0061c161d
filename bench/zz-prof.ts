import { request } from "node:https";
import { loadKubeConfig } from "../components/secret-key.ts";
import { clustersLike, withLab } from "./bench-lab.ts";
import { ownProgram } from "./parts/preview.ts";
import { ringOfPairs } from "./topologies.ts";

const peers = Number(process.argv[2] ?? 10);
await withLab(clustersLike(ringOfPairs(peers, "own"), ["own"]), async (lab) => {
  const config = loadKubeConfig({ kubeconfig: lab.kubeconfig, context: "own" });
  const metrics = () =>
    new Promise<Map<string, number>>((resolve, reject) => {
      const cluster = config.getCurrentCluster();
      const req = request(
        `${cluster?.server}/metrics`,
        {
          ca: Buffer.from(cluster?.caData ?? "", "base64"),
          headers: { authorization: `Bearer ${config.getCurrentUser()?.token}` },
        },
        (res) => {
          let t = "";
          res.on("data", (d) => (t += d));
          res.on("end", () => {
            const m = new Map<string, number>();
            for (const l of t.split("\n")) {
              const x = /^apiserver_request_total\{(.*)\} (\S+)/.exec(l);
              if (!x) continue;
              const g = (k: string) => new RegExp(`${k}="([^"]*)"`).exec(x[1] ?? "")?.[1];
              m.set(`${g("verb")} ${g("group")}/${g("resource")} ${g("dry_run")} ${g("code")}`, Number(x[2]));
            }
            resolve(m);
          });
        },
      );
      req.on("error", reject);
      req.end();
    });
  const own = await ownProgram(lab, peers);
  const timed = async (op: "up" | "preview") => {
    const a = await metrics();
    const r = await own.run("dev", op);
    const b = await metrics();
    console.log(
      op,
      Math.round(r.time),
      "ms; program cpu",
      Math.round(r.programCpu),
      "first",
      Math.round(r.firstResource),
    );
    for (const [k, v] of b) {
      const d = v - (a.get(k) ?? 0);
      if (d > 1) console.log("   ", d, k);
    }
  };
  await timed("up");
  await timed("preview");
  await timed("preview");
});
