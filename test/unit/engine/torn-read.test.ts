import { runtime } from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { readAgainWhileWritten } from "../../../engine/torn-read.ts";
import { readStack } from "../../../program/other-stacks.ts";

/** Answers with each of the given errors in turn, and with the state after the last of them. */
function reader(...errors: string[]) {
  const left = [...errors];
  return vi.fn(async () => {
    const error = left.shift();
    if (error !== undefined) throw new Error(error);
    return "the state";
  });
}

const torn = "invocation of pulumi:pulumi:readStackOutputs returned an error: failed to load checkpoint: EOF";

describe("a state that is being written while it is read", () => {
  test.each([torn, "error: failed to load checkpoint: unexpected end of JSON input", "unexpected EOF"])(
    "is read again: %s",
    async (message) => {
      const read = reader(message, message);
      await expect(readAgainWhileWritten(read)).resolves.toBe("the state");
      expect(read).toHaveBeenCalledTimes(3);
    },
  );

  test("is given up when it stays incomplete", async () => {
    const read = reader(...Array.from({ length: 100 }, () => torn));
    await expect(readAgainWhileWritten(read)).rejects.toThrow(torn);
    expect(read.mock.calls.length).toBeLessThan(20);
  });
});

test("any other failure is told at once", async () => {
  const read = reader('unknown stack "east"');
  await expect(readAgainWhileWritten(read)).rejects.toThrow("unknown stack");
  expect(read).toHaveBeenCalledTimes(1);
});

test("a program reads the outputs of a stack that another update is writing", async () => {
  const read = reader(torn);
  // gRPC gives what the engine said as the error's details.
  const call = () =>
    read().then(
      () => ({ outputs: {} }),
      (error: Error) => Promise.reject(Object.assign(error, { details: error.message })),
    );
  await runtime.setMocks(
    { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call },
    "p",
    "s",
    false,
    "acme",
  );
  await expect(readStack("dev-east")).resolves.toMatchObject({ reason: 'the stack "dev-east" has no outputs yet' });
});
