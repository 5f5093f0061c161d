/**
 * Ends a command whose reader has gone, such as `head` that has seen enough: that is no failure, and no stack trace helps anybody. A
 * command that has begun something which must be ended in order listens for SIGTERM, and gets it.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (process.listenerCount("SIGTERM") > 0) process.emit("SIGTERM");
      else process.exit();
    });
}
