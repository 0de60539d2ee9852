import type { TransactionFormat } from "../../contracts/load/submission.ts";
import type { ObserverPlan, WatchedClient } from "./observer-plan.ts";

/** Commits of one client's transactions, as one node showed them in one block. */
export interface CommitBatch {
  /** Place of the node in the plan's targets. */
  readonly target: number;
  /** When the block had been read, on the machine's monotonic clock. */
  readonly seenMs: number;
  readonly sequences: Float64Array;
}

/** Sequence numbers of one client in the block that is being sorted. */
interface Basket extends WatchedClient {
  sequences: Float64Array<ArrayBuffer>;
  count: number;
}

/** Tells the clients' transactions in a block apart, without an object for any of them. */
export class CommitSorter {
  readonly #run: number;
  readonly #format: TransactionFormat;
  readonly #baskets: readonly Basket[];
  /** By client: its basket's place, from 1; 0 is nobody's. */
  readonly #places = new Uint16Array(2 ** 16);
  readonly #identity = { run: 0, client: 0, sequence: 0 };

  constructor({ run, clients }: Pick<ObserverPlan, "run" | "clients">, format: TransactionFormat) {
    this.#run = run;
    this.#format = format;
    this.#baskets = clients.map((client) => ({ ...client, sequences: new Float64Array(1024), count: 0 }));
    for (const [index, { client }] of clients.entries()) this.#places[client] = index + 1;
  }

  /**
   * Hands out what one target's block holds of each client that sends to this target.
   *
   * @param heads of the block's transactions, packed
   * @param shown by which target, its place among the observer's, and when
   */
  sort(
    heads: Uint8Array,
    { target, seenMs }: Pick<CommitBatch, "target" | "seenMs">,
    give: (client: number, batch: CommitBatch) => void,
  ): void {
    this.#fill(heads);
    for (const basket of this.#baskets) {
      const place = basket.places[target] ?? -1;
      if (basket.count > 0 && place >= 0) {
        const sequences = basket.sequences.slice(0, basket.count);
        give(basket.client, { target: place, seenMs, sequences });
      }
      basket.count = 0;
    }
  }

  #fill(heads: Uint8Array): void {
    const { headBytes, identifyHead } = this.#format;
    const identity = this.#identity;
    for (let offset = 0; offset + headBytes <= heads.length; offset += headBytes) {
      if (!identifyHead(heads, offset, identity) || identity.run !== this.#run) continue;
      const basket = this.#baskets[(this.#places[identity.client] ?? 0) - 1];
      if (basket === undefined) continue;
      if (basket.count === basket.sequences.length) basket.sequences = doubled(basket.sequences);
      basket.sequences[basket.count++] = identity.sequence;
    }
  }
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}
