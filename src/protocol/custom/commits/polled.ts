import type { ProbeOptions } from "../../../contracts/protocol.ts";
import { delay } from "../../../core/async.ts";
import { BaleenError, describeError } from "../../../core/errors.ts";
import type { HttpPool, HttpReply } from "../../../core/http.ts";
import type { WatchRequest } from "../../commits/chain-place.ts";
import type { PollingEntry } from "../schema/schema.ts";
import { compileCommitted, hasOwnPositions, type ReadCommitted } from "./committed-items.ts";
import { compileAsk, compilePosition, openQuestions, parseGood } from "./node-request.ts";

/** A node answers again, and has less than it had shown. */
class BehindError extends BaleenError {
  constructor(position: number, shown: number) {
    super("behind", `it came back at position ${position}, after it had reported ${shown}`);
  }
}

/**
 * Asks a node for its new commits again and again, one request at a time. A position is told once, whatever becomes of
 * the way to the node: each request says which was the last.
 *
 * A commit is seen when the reply that has it was read, so up to a period (and the reply's own time) after it was made.
 */
export class Poller {
  /** Highest position told. */
  reported = 0;
  readonly #everyMs: number;
  readonly #perItem: boolean;
  readonly #request: WatchRequest;
  readonly #options: ProbeOptions;
  readonly #pool: HttpPool;
  readonly #ask: ReturnType<typeof compileAsk>;
  readonly #askPosition: ReturnType<typeof compilePosition>;
  readonly #read: ReadCommitted;
  /** All positions below are told, or were before our time. */
  #cursor = 0;
  #lost = false;
  /** It was told that the node is behind what it had shown. */
  #behind = false;
  /** Positions told since then, that were there when the node answered again. */
  #missed = 0;

  constructor(commits: PollingEntry, request: WatchRequest) {
    const { timing, signal, rpc } = request;
    this.#everyMs = commits["every-ms"] ?? 20;
    this.#perItem = hasOwnPositions(commits);
    this.#request = request;
    this.#options = { timeoutMs: timing.requestTimeoutMs, signal };
    this.#pool = openQuestions(rpc, this.#options);
    this.#ask = compileAsk(commits);
    this.#askPosition = compilePosition(commits.start);
    this.#read = compileCommitted(commits);
  }

  /** @throws where the node does not tell its position */
  async begin(): Promise<void> {
    try {
      this.#cursor = (await this.#askPosition(this.#pool, this.#options)) + 1;
    } catch (error) {
      await this.#close();
      throw error;
    }
    this.#request.listener.polling(this.#everyMs, "its description specifies polling");
  }

  /** Ends with the signal. */
  async follow(): Promise<void> {
    const { signal, clock, timing } = this.#request;
    let retryMs = timing.firstRetryMs;
    while (!signal.aborted) {
      const askedMs = clock.monotonicMs();
      let pauseMs = retryMs;
      try {
        await (this.#lost ? this.#return() : this.#reportNews(0));
        retryMs = timing.firstRetryMs;
        pauseMs = Math.max(0, askedMs + this.#everyMs - clock.monotonicMs());
      } catch (error) {
        if (!signal.aborted) this.#lose(error);
        retryMs = Math.min(2 * retryMs, timing.longestRetryMs);
      }
      await delay(pauseMs, signal).catch(() => {});
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  /** Tells it once, and once more where it turns out that the node answers and is behind. */
  #lose(error: unknown): void {
    const isBehind = error instanceof BehindError;
    if (!this.#lost || (isBehind && !this.#behind)) this.#request.listener.lost(describeError(error));
    this.#lost = true;
    this.#behind ||= isBehind;
  }

  /**
   * The node answers again: what it has by now was missed, and is told as such.
   *
   * @throws BehindError where it has not come to where it was
   */
  async #return(): Promise<void> {
    const { listener } = this.#request;
    const position = await this.#askPosition(this.#pool, this.#options);
    if (position < this.#cursor - 1) throw new BehindError(position, this.#cursor - 1);
    await this.#reportNews(position);
    this.#lost = false;
    this.#behind = false;
    listener.restored(this.#missed);
    this.#missed = 0;
  }

  /** Tells all that is new; positions up to `missedTo` were missed. */
  async #reportNews(missedTo: number): Promise<void> {
    const { clock, headBytes } = this.#request;
    for (;;) {
      const reply = await this.#ask(this.#pool, this.#cursor, this.#options);
      const readMs = clock.monotonicMs();
      if (this.#hasNothing(reply)) return;
      const messageBytes = Buffer.byteLength(reply.body);
      const blocks = this.#read(parseGood(reply), { headBytes, messageBytes });
      const fresh = blocks.filter(({ height }) => height >= this.#cursor);
      for (const block of fresh) {
        this.reported = block.height;
        this.#cursor = block.height + 1;
        const missed = block.height <= missedTo;
        if (missed) this.#missed++;
        this.#request.listener.block(block, { missed, readMs });
      }
      // A reply that is one position's says nothing of the next.
      if (this.#perItem || fresh.length === 0) return;
    }
  }

  /** Who is asked for a single position says so where there is none yet. */
  #hasNothing({ status }: HttpReply): boolean {
    return status === 204 || (status === 404 && !this.#perItem);
  }
}
