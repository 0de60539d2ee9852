import type { ServerResponse } from "node:http";

/** Bytes that may wait for a watcher that reads slowly, besides a snapshot, whose size is bounded by itself. */
const mostWaitingBytes = 1024 * 1024;
/** It has so long to read what waits. */
const patienceMs = 30_000;
const heartbeatMs = 15_000;
const retryMs = 1_000;

/** Server-sent events to one watcher. One that does not read gets nothing until it does: memory is bounded. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #onCaughtUp: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #patience: NodeJS.Timeout | undefined;
  #mostWaiting = mostWaitingBytes;

  /** @param onCaughtUp called when a watcher that missed something can be told again where things stand */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>, onCaughtUp: () => void) {
    this.#response = response;
    this.#onCaughtUp = onCaughtUp;
    response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8" });
    response.write(`retry: ${retryMs}\n\n`);
    // Finds out who has gone.
    this.#heartbeat = setInterval(() => this.isBehind || response.write(":\n\n"), heartbeatMs);
    response.on("close", () => {
      clearInterval(this.#heartbeat);
      clearTimeout(this.#patience);
    });
  }

  /** It missed something. */
  get isBehind(): boolean {
    return this.#patience !== undefined;
  }

  /** Never waits. @param data JSON on one line @param id where to go on after a new connection */
  send(event: string, data: string, id?: number): void {
    if (this.isBehind) return;
    if (this.#response.writableLength > this.#mostWaiting) {
      this.#fallBehind();
      return;
    }
    if (event === "snapshot") this.#mostWaiting = mostWaitingBytes + data.length;
    this.#response.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
  }

  #fallBehind(): void {
    this.#patience = setTimeout(() => this.#response.destroy(), patienceMs);
    this.#response.once("drain", () => {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.#onCaughtUp();
    });
  }

  end(): void {
    this.#response.end();
  }
}
