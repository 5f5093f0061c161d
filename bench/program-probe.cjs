/**
 * Loaded into every Node.js process of an engine run (NODE_OPTIONS=--require). In the one that runs the program it notes when the
 * program asks the engine for its first resource, and how much memory the process took. Plain JavaScript: anything that had to be
 * translated first would be measured along.
 */
const { isMainThread } = require("node:worker_threads");

if (
  isMainThread &&
  process.env.BENCH_PROBE &&
  /(@pulumi\/pulumi\/cmd\/run(\/|$)|\/language\/run\.cjs$)/.test(process.argv[1] ?? "")
) {
  let requests = 0;
  let firstResource;
  // The stack itself is registered before the program is loaded.
  require("node:diagnostics_channel").subscribe("http2.client.stream.created", ({ headers }) => {
    if (headers[":path"] === "/pulumirpc.ResourceMonitor/RegisterResource" && ++requests === 2)
      firstResource = performance.now();
  });
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const report = { firstResource, requests, maxRSS, cpu: (userCPUTime + systemCPUTime) / 1000 };
    require("node:fs").writeFileSync(`${process.env.BENCH_PROBE}/program-${process.pid}.json`, JSON.stringify(report));
  });
}
