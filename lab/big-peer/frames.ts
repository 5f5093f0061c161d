/** The messages between two stand-in Big Peers: one JSON object a line. The protocol is the lab's own, since Ditto's is not public. */
import type { Socket } from "node:net";
import { z } from "zod";

const frameSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("hello"),
    protocol: z.literal(1),
    appId: z.string(),
    /** Name of the BigPeer. */
    peer: z.string(),
    /** Name of its BigPeerReplication. */
    replication: z.string(),
  }),
  z.strictObject({ type: z.literal("subscribe"), queries: z.record(z.string(), z.array(z.string())) }),
  z.strictObject({
    type: z.literal("document"),
    document: z
      .strictObject({
        collection: z.string(),
        id: z.string(),
        version: z.strictObject({ counter: z.int().min(0), site: z.string() }),
        deleted: z.boolean(),
        fields: z.record(z.string(), z.unknown()),
      })
      .refine(({ id, fields }) => fields._id === id, "the document's _id is another"),
  }),
  z.strictObject({ type: z.literal("refusal"), message: z.string() }),
  z.strictObject({ type: z.literal("ping") }),
]);
export type Frame = z.output<typeof frameSchema>;

const frameLimit = 8 * 1024 * 1024;

export function sendFrame(socket: Socket, frame: Frame): void {
  if (socket.writable) socket.write(`${JSON.stringify(frame)}\n`);
}

/** Hands over each frame that comes; ends the connection when something else does. */
export function readFrames(socket: Socket, onFrame: (frame: Frame) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    rest += chunk;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > frameLimit) {
      socket.destroy(new Error(`a frame of over ${frameLimit} characters`));
      return;
    }
    for (const line of lines) {
      if (socket.destroyed) return;
      try {
        onFrame(frameSchema.parse(JSON.parse(line)));
      } catch (error) {
        const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
        socket.destroy(new Error(`a frame that cannot be read: ${reason}`));
      }
    }
  });
}
