import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";

/** As the engine's server does it with a connection on which nothing is said, only sooner. */
const silenceMs = 50;

test("a provider outlives connections that the engine closes because they are idle, and ends with the engine", async () => {
  let closed = 0;
  const engine = createServer((socket) => {
    socket.on("error", () => {});
    setTimeout(() => {
      closed += 1;
      socket.destroy();
    }, silenceMs);
  });
  engine.listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = engine.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const provider = spawn(process.execPath, ["lab/providers/random.ts", `127.0.0.1:${port}`], { stdio: "ignore" });
  const ended = once(provider, "exit");
  try {
    await expect.poll(() => closed, { timeout: 15_000 }).toBeGreaterThan(2);
    expect(provider.exitCode).toBeNull();
    engine.close();
    expect((await ended)[0]).toBe(0);
  } finally {
    engine.close();
    provider.kill("SIGKILL");
  }
});
