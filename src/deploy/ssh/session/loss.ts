import type { EventEmitter } from "node:events";

/** How a connection ended, once it has. */
export class Loss {
  error: Error | undefined;
  private readonly listeners = new Set<(error: Error) => void>();

  /** Handlers stay attached: an error that nobody hears ends the process. */
  constructor(connection: EventEmitter) {
    connection.on("error", (error: Error) => this.set(error));
    const closed = () => this.set(new Error("the other side has closed the connection"));
    connection.on("end", closed);
    connection.on("close", closed);
  }

  /** Tells at once where it is lost already. Returns the way to stop listening. */
  on(listener: (error: Error) => void): () => void {
    if (this.error !== undefined) listener(this.error);
    else this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(error: Error): void {
    if (this.error !== undefined) return;
    // At once: the channels come to their ends right after, and must know that it is none of their own.
    this.error = error;
    for (const listener of this.listeners) listener(error);
    this.listeners.clear();
  }
}
