import type { CommittedBlock, ObserveOptions } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { BlockInbox, BlockSubscription } from "../commits/block-inbox.ts";
import { openSubscription, type SubscriptionOptions } from "../commits/subscription.ts";
import { at, parseJson } from "../rpc/reply.ts";
import { blockCall, numbered, quantity, readBlockOf } from "./rpc.ts";

const subscribeId = 0;
const subscribeRequest = JSON.stringify(numbered(["eth_subscribe", "newHeads"], subscribeId));

/**
 * Subscribes to a node's new heads, and asks over the same connection for the block of each, one after another: a head
 * does not say which transactions it has. A block counts as read when the reply with it was.
 *
 * @throws SubscriptionError
 */
export function subscribeToHeads(rpc: Endpoint, options: SubscriptionOptions): Promise<BlockSubscription> {
  const openIntake = (inbox: BlockInbox, send: (text: string) => void) => {
    const intake = new HeadIntake(inbox, { ...options, send });
    return (bytes: Buffer) => intake.take(bytes);
  };
  return openSubscription(rpc, { path: "/", request: subscribeRequest, openIntake }, options);
}

type IntakeOptions = ObserveOptions & { readonly send: (text: string) => void };

/** Makes blocks of heads. */
class HeadIntake {
  readonly #inbox: BlockInbox;
  readonly #options: IntakeOptions;
  /** Highest head heard of. */
  #head = 0;
  /** The block that is asked for, the last one that was asked for otherwise. Its height is the request's id. */
  #asked = 0;
  #isAsking = false;
  #last: Pick<CommittedBlock, "height" | "fingerprint"> | undefined;

  constructor(inbox: BlockInbox, options: IntakeOptions) {
    this.#inbox = inbox;
    this.#options = options;
  }

  /** Whatever it throws ends the subscription. */
  take(bytes: Buffer): void {
    const readMs = this.#options.clock.monotonicMs();
    const message = parseJson(bytes.toString());
    const error = at(message, "error", "message");
    if (error !== undefined) throw new TypeError(String(error));
    if (at(message, "method") === "eth_subscription") this.#takeHead(at(message, "params", "result"));
    else if (at(message, "id") === subscribeId) this.#inbox.confirm();
    else this.#takeBlock(at(message, "result"), { readMs, messageBytes: bytes.length });
  }

  #takeHead(head: unknown): void {
    const height = quantity(at(head, "number"));
    if (height === undefined) throw new TypeError("a head without a number");
    if (height <= this.#head) {
      throw new TypeError(`a head at height ${height} came after ${this.#head}: blocks were replaced`);
    }
    if (this.#asked === 0) this.#asked = height - 1;
    this.#head = height;
    this.#askNext();
  }

  #askNext(): void {
    if (this.#isAsking || this.#asked >= this.#head) return;
    this.#isAsking = true;
    this.#asked++;
    this.#options.send(JSON.stringify(numbered(blockCall(this.#asked, true), this.#asked)));
  }

  #takeBlock(value: unknown, { readMs, messageBytes }: { readMs: number; messageBytes: number }): void {
    const block = readBlockOf(value, { headBytes: this.#options.headBytes, messageBytes });
    if (block?.height !== this.#asked)
      throw new TypeError(`no block was received for the head at ${this.#asked}`);
    const last = this.#last;
    if (last?.height === block.height - 1 && at(value, "parentHash") !== last.fingerprint) {
      throw new TypeError(`block ${block.height} does not follow the previous block: blocks were replaced`);
    }
    this.#last = block;
    this.#isAsking = false;
    this.#inbox.put({ block, readMs });
    this.#askNext();
  }
}
