import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/**
 * What a command writes, line by line. A stream that fails with its connection has ended: how the command did is told
 * by itself. (A readline interface would throw that failure at the whole process.)
 */
export class ProcessLines {
  private readonly decoder = new StringDecoder("utf8");
  private readonly lines: string[] = [];
  private rest = "";
  private hasEnded = false;
  private wake: (() => void) | undefined;

  constructor({ stdout, stdin }: { readonly stdout: Readable; readonly stdin: Writable }) {
    stdin.on("error", () => {});
    stdout.on("data", (chunk: Buffer | string) => {
      const parts = (this.rest + (typeof chunk === "string" ? chunk : this.decoder.write(chunk))).split("\n");
      this.rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.wake?.();
    });
    for (const event of ["end", "close", "error"]) stdout.on(event, () => this.end());
    if (stdout.readableEnded || stdout.destroyed) this.end();
  }

  /** undefined at the end, and as soon as the signal aborts. For one at a time. */
  async next(signal: AbortSignal): Promise<string | undefined> {
    const onAbort = () => this.wake?.();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      while (this.lines.length === 0 && !this.hasEnded && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
      return signal.aborted ? undefined : this.lines.shift();
    } finally {
      this.wake = undefined;
      signal.removeEventListener("abort", onAbort);
    }
  }

  private end(): void {
    this.hasEnded = true;
    this.wake?.();
  }
}
