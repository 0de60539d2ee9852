import { PassThrough } from "node:stream";
import type { Host } from "../../src/contracts/hosts/host.ts";

/** A host that is looked at, and what was asked of it. */
export interface CountingHost {
  readonly host: Host;
  /** Commands that were started, ended with their standard input, or had to be stopped by a session of its own. */
  readonly seen: { started: number; ended: number; stopped: number };
}

/** A host whose counters are one second on at each look, whatever time it is. */
export function openCountingHost(): CountingHost {
  const seen = { started: 0, ended: 0, stopped: 0 };
  const nobody = () => Promise.reject(new Error("nothing else runs there"));
  const start: Host["start"] = async (_, { signal }) => {
    seen.started++;
    let uptimeSecs = 1000;
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    stdout.write("own 1\nend\n");
    stdin.on("data", () => stdout.write(`/proc/uptime:${++uptimeSecs}.00 1.00\nend\n`));
    const ended = new Promise<{ exitCode: number; stderrTail: string }>((resolve) => {
      stdin.once("finish", () => {
        seen.ended++;
        resolve({ exitCode: 0, stderrTail: "" });
      });
    });
    const stop = async () => {
      seen.stopped++;
      stdin.end();
    };
    // As over SSH: the signal ends a command by another session, until the command has ended.
    const onAbort = () => void stop();
    signal?.addEventListener("abort", onAbort, { once: true });
    void ended.then(() => signal?.removeEventListener("abort", onAbort));
    return { stdin, stdout, ended, stop, [Symbol.asyncDispose]: stop };
  };
  const host: Host = {
    name: "host0",
    description: "host0",
    timeoutMs: 30_000,
    exec: nobody,
    start,
    connectUnix: nobody,
    connectTcp: nobody,
    connectCommand: nobody,
    onLink: () => () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return { host, seen };
}
