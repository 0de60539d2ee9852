import { addAbortListener } from "node:events";
import { Duplex } from "node:stream";

/**
 * A channel as a well-behaved stream.
 *
 * ssh2's channels end as if all had been sent when the connection is lost, never call back for what is written after
 * the other side has closed, and cannot be destroyed with an error. This one fails in the first case; in the second
 * it is no longer writable, and what is on the way is dropped.
 */
export class ChannelStream extends Duplex {
  private readonly channel: Duplex;
  private readonly listening: Disposable;
  private pendingWrite: (() => void) | undefined;
  private isClosed = false;
  private verdict: Promise<Error | undefined> = Promise.resolve(undefined);

  /** @param lost aborts with an Error when the connection is lost */
  constructor(channel: Duplex, lost: AbortSignal) {
    super({ allowHalfOpen: true });
    this.channel = channel;
    this.listening = addAbortListener(lost, () => this.destroy(lost.reason));
    // Whoever uses it listens too; an error that comes before or after must not end the process.
    this.on("error", () => {});
    channel.on("error", (error: Error) => this.destroy(error));
    channel.on("data", (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) channel.pause();
    });
    channel.on("end", () => {
      if (lost.aborted) this.destroy(lost.reason);
      else
        void this.verdict.then((error) => {
          if (error === undefined) this.push(null);
          else this.destroy(error);
        });
    });
    channel.on("close", () => {
      this.isClosed = true;
      if (lost.aborted) this.destroy(lost.reason);
      const done = this.pendingWrite;
      this.pendingWrite = undefined;
      done?.();
      // No error, which would throw away what has come and is not read yet.
      if (!this.writableEnded) this.end();
    });
  }

  /** Lets what is read end only when this resolves, and fail where it says so. It must not reject. */
  endWith(verdict: Promise<Error | undefined>): void {
    this.verdict = verdict;
  }

  override _read(): void {
    this.channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.isClosed) {
      done();
      return;
    }
    this.pendingWrite = done;
    this.channel.write(chunk, encoding, (error) => {
      if (this.pendingWrite !== done) return;
      this.pendingWrite = undefined;
      done(error);
    });
  }

  override _final(done: () => void): void {
    if (!this.isClosed) this.channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.channel.resume();
    if (!this.isClosed) this.channel.destroy();
    this.pendingWrite = undefined;
    this.listening[Symbol.dispose]();
    done(error);
  }
}
