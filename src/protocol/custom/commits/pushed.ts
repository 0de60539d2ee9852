import type { ProbeOptions } from "../../../contracts/protocol.ts";
import { formatOrigin } from "../../../core/address.ts";
import { delay } from "../../../core/async.ts";
import { describeError } from "../../../core/errors.ts";
import type { WatchRequest } from "../../commits/chain-place.ts";
import { parseJson } from "../../rpc/reply.ts";
import { type OpenWebSocket, openWebSocket } from "../../rpc/websocket.ts";
import { compileWanted } from "../description/reply-rule.ts";
import { compileTemplate } from "../description/template.ts";
import type { WebSocketEntry } from "../schema/schema.ts";
import { compileCommitted } from "./committed-items.ts";
import { compilePosition, openQuestions } from "./node-request.ts";

/**
 * Takes what a node sends of its commits over a WebSocket. One that breaks is opened again; what was committed meanwhile
 * is told where the node can be asked to go on from a position, and told as a failure where it cannot.
 */
export class Receiver {
  /** Highest position told. */
  reported = 0;
  readonly #request: WatchRequest;
  readonly #options: ProbeOptions;
  readonly #url: string;
  readonly #subscribe: (cursor: number) => string;
  readonly #askPosition: ReturnType<typeof compilePosition> | undefined;
  readonly #isOfCommits: (message: unknown) => boolean;
  readonly #read: ReturnType<typeof compileCommitted>;
  /** All positions below are told, or were before our time. */
  #next = 0;
  #lost = false;
  /** Positions up to this were there when the node was reached again. */
  #missedTo = -1;
  #missed = 0;
  /** Highest position that came over the connection that stands; -1 before the first. */
  #latest = -1;
  /** It was told that positions come out of order over that connection. */
  #disordered = false;
  /** The connection that stands. */
  #socket: OpenWebSocket | undefined;
  /** Why the connection ended that was opened last. Never rejects. */
  #ended = Promise.resolve("none was opened");
  #isDoubted = false;

  constructor(commits: WebSocketEntry, request: WatchRequest) {
    const { rpc, timing, signal } = request;
    this.#request = request;
    this.#options = { timeoutMs: timing.requestTimeoutMs, signal };
    const path = compileTemplate(commits.path).render(() => "");
    this.#url = `${formatOrigin("ws", rpc)}${path}`;
    const text =
      typeof commits.subscribe === "string" ? commits.subscribe : JSON.stringify(commits.subscribe);
    const subscribe = compileTemplate(text);
    this.#subscribe = (cursor) => subscribe.render(() => String(cursor));
    this.#askPosition = commits.start && compilePosition(commits.start);
    const missing = compileWanted(commits.when ?? {});
    this.#isOfCommits = (message) => missing(message) === undefined;
    this.#read = compileCommitted(commits);
  }

  /** Opens a connection and subscribes. @throws where none stands, or the node does not tell its position */
  async begin(): Promise<void> {
    const { rpc, timing, signal } = this.#request;
    const position = await this.#position();
    if (position !== undefined) {
      if (this.#lost) this.#missedTo = position;
      else this.#next = position + 1;
    }
    this.#latest = -1;
    this.#disordered = false;
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const closed = (reason: string) => {
      this.#socket = undefined;
      resolve(reason);
    };
    let socket: OpenWebSocket | undefined;
    const message = (bytes: Buffer) => {
      try {
        this.#take(bytes);
      } catch (error) {
        socket?.close(describeError(error));
      }
    };
    socket = await openWebSocket(this.#url, { message, closed }, { timing, signal, tls: rpc.tls });
    const subscribe = this.#subscribe(this.#next);
    if (subscribe !== "") socket.send(subscribe);
    this.#socket = socket;
    this.#ended = ended;
  }

  /** Closes the connection that stands where the node has what others have shown and does not send it. Never rejects. */
  async question(height: number): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || this.#isDoubted) return;
    this.#isDoubted = true;
    // One that cannot be asked is taken to have it; one that does not answer is lost anyway.
    const position = await this.#position().catch(() => -1);
    this.#isDoubted = false;
    if (this.#next > height || (position ?? height) < height) return;
    socket.close(`it sends nothing, but others have reported position ${height}`);
  }

  /** Where the node is; undefined where it cannot be asked. */
  async #position(): Promise<number | undefined> {
    if (this.#askPosition === undefined) return undefined;
    await using pool = openQuestions(this.#request.rpc, this.#options);
    return await this.#askPosition(pool, this.#options);
  }

  /** Ends with the signal. */
  async follow(): Promise<void> {
    const { signal, timing } = this.#request;
    let retryMs = timing.firstRetryMs;
    let isOpened = true;
    while (!signal.aborted) {
      const next = this.#next;
      try {
        if (!isOpened) await this.begin();
        this.#restoreIfReached();
        this.#lose(await this.#ended);
      } catch (error) {
        this.#lose(describeError(error));
      }
      isOpened = false;
      // One that stands and tells nothing new, as it cannot be read, is no better than none.
      if (this.#next > next) retryMs = timing.firstRetryMs;
      await delay(retryMs, signal).catch(() => {});
      retryMs = Math.min(2 * retryMs, timing.longestRetryMs);
    }
  }

  #lose(reason: string): void {
    if (this.#lost || this.#request.signal.aborted) return;
    this.#lost = true;
    const { listener } = this.#request;
    listener.lost(reason);
    if (this.#askPosition !== undefined) return;
    const after = this.reported === 0 ? "" : ` after position ${this.reported}`;
    listener.failed(`what it commits${after} until it reconnects cannot be queried: ${reason}`);
  }

  /** What was missed has all been told. */
  #restoreIfReached(): void {
    if (!this.#lost || this.#next <= this.#missedTo) return;
    this.#lost = false;
    this.#request.listener.restored(this.#missed);
    this.#missed = 0;
  }

  /** Once for each connection: a node that does so may do it with all that it sends. */
  #reportDisorder(height: number): void {
    if (this.#disordered) return;
    this.#disordered = true;
    const reason = `position ${height} came after ${this.#latest}: all items of a position must be in one message`;
    this.#request.listener.failed(reason);
  }

  #take(bytes: Buffer): void {
    const { clock, headBytes, listener } = this.#request;
    const readMs = clock.monotonicMs();
    const message = parseJson(bytes.toString());
    if (!this.#isOfCommits(message)) return;
    for (const block of this.#read(message, { headBytes, messageBytes: bytes.length })) {
      const { height } = block;
      if (height <= this.#latest) {
        this.#reportDisorder(height);
        continue;
      }
      this.#latest = height;
      if (height < this.#next) continue;
      this.reported = height;
      this.#next = height + 1;
      const missed = this.#lost && height <= this.#missedTo;
      if (missed) this.#missed++;
      listener.block(block, { missed, readMs });
    }
    this.#restoreIfReached();
  }
}
