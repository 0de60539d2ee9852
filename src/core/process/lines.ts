import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Nothing that is read by lines comes near it: who writes more than this unread writes without end. */
const mostUnreadCharacters = 1024 * 1024;

/**
 * What a command writes, line by line. A stream that fails with its connection has ended: how the command did is told
 * by itself. (A readline interface would throw that failure at the whole process.) So has one that floods.
 */
export class ProcessLines {
  /** Whether it was cut off, because it wrote too much at once. */
  hasFlooded = false;
  private readonly decoder = new StringDecoder("utf8");
  private readonly lines: string[] = [];
  /** The line that has no end yet, and how long it and those that wait are. */
  private rest: string[] = [];
  private unread = 0;
  private hasEnded = false;
  private wake: (() => void) | undefined;
  private readonly stdout: Readable;

  /** @param most that may wait to be read, characters */
  constructor(
    { stdout, stdin }: { readonly stdout: Readable; readonly stdin: Writable },
    most = mostUnreadCharacters,
  ) {
    stdin.on("error", () => {});
    stdout.on("data", (chunk: Buffer | string) => {
      if (this.hasEnded) return;
      const text = typeof chunk === "string" ? chunk : this.decoder.write(chunk);
      this.unread += text.length;
      const [first = "", ...others] = text.split("\n");
      this.rest.push(first);
      for (const next of others) {
        this.lines.push(this.rest.join(""));
        this.rest = [next];
      }
      if (this.unread <= most) this.wake?.();
      else this.cutOff();
    });
    this.stdout = stdout;
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
      const line = signal.aborted ? undefined : this.lines.shift();
      this.unread -= line === undefined ? 0 : line.length + 1;
      return line;
    } finally {
      this.wake = undefined;
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Reads no more: it writes without end. */
  cutOff(): void {
    this.hasFlooded = true;
    this.end();
    this.stdout.destroy();
  }

  private end(): void {
    this.hasEnded = true;
    this.wake?.();
  }
}
