/** The way to a browser's debugging interface over two of its file descriptors: it ends with them. */
import type { Readable, Writable } from "node:stream";
import type { ConnectionTransport } from "puppeteer-core";

/** Larger messages than any of ours; a longer one is not the interface's. */
const longestMessageBytes = 64 * 1024 * 1024;

export class PipeTransport implements ConnectionTransport {
  onmessage?: (message: string) => void;
  onclose?: () => void;
  readonly #out: Writable;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @param commands what the browser reads @param replies what it writes */
  constructor(commands: Writable, replies: Readable) {
    this.#out = commands;
    // The exit of the browser reports that it has gone.
    commands.on("error", () => {});
    replies.on("error", () => {});
    replies.on("data", (chunk: Buffer) => this.#take(chunk));
    replies.on("close", () => this.onclose?.());
  }

  send(message: string): void {
    this.#out.write(`${message}\0`);
  }

  close(): void {
    this.#out.end();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
      const message = Buffer.concat([...this.#parts, rest.subarray(0, end)]).toString("utf8");
      this.#parts = [];
      this.#bytes = 0;
      rest = rest.subarray(end + 1);
      this.onmessage?.(message);
    }
    this.#parts.push(rest);
    this.#bytes += rest.length;
    if (this.#bytes > longestMessageBytes) this.close();
  }
}
