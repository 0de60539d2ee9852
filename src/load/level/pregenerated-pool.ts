import type { Emit } from "../../contracts/events.ts";
import type { TransactionFormat } from "../../contracts/load/submission.ts";
import type { Clock } from "../../core/clock.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import type { Share } from "../plan/share.ts";

export interface PoolRequest extends PoolSize {
  readonly plan: ClientPlan;
  readonly transactions: TransactionFormat;
}

export interface FillOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Takes a `transactions-made` event each second, and one at the end. */
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Most that one client keeps, bytes. */
const largestPoolBytes = 512 * 2 ** 20;
/** Most that are made for a closed loop, of which nobody knows how many it will send. */
const mostOfClosedLoop = 20_000;
/** So long the thread makes them at a time: in between it hears of an abort. */
const sliceMs = 10;
const reportEveryMs = 1000;

/** What the size of a client's pool follows from. */
export interface PoolSize {
  readonly plan: Pick<
    ClientPlan,
    "transactionSizeBytes" | "closedLoop" | "rateTps" | "warmUpMs" | "windowMs"
  >;
  readonly share: Share;
  /** Of all clients, warm-up and window; what counts but in a closed loop. */
  readonly runTransactions: number;
}

/** Why a client could not keep its transactions, with what to do; undefined: it can. */
export function findPoolDiagnostic(options: PoolSize): string | undefined {
  const { transactionSizeBytes } = options.plan;
  const count = countOf(options);
  const wantedBytes = count * transactionSizeBytes;
  if (wantedBytes <= largestPoolBytes) return undefined;
  return (
    `A client would have to keep ${count} transactions of ${transactionSizeBytes} bytes, made before ` +
    `the run: ${Math.ceil(wantedBytes / 2 ** 20)} MiB, and the limit is ${largestPoolBytes / 2 ** 20} MiB. ` +
    "Use a lower load, a shorter run, smaller transactions or more clients."
  );
}

/** A client's transactions, made before its run, side by side in one piece of memory. */
export class TransactionPool {
  /** The same form; making one of the pool is looking it up. */
  readonly transactions: TransactionFormat;
  /** Transactions of this client that were not in the pool when they were sent. */
  madeWhenDue = 0;
  readonly #request: PoolRequest;
  readonly #count: number;
  readonly #bytes: Buffer;
  #made = 0;

  /** @throws InvalidArgumentError where they would not fit into memory */
  constructor(request: PoolRequest) {
    this.#request = request;
    const diagnostic = findPoolDiagnostic(request);
    if (diagnostic !== undefined) throw new InvalidArgumentError(diagnostic);
    this.#count = countOf(request);
    this.#bytes = Buffer.allocUnsafeSlow(this.#count * request.plan.transactionSizeBytes);
    this.transactions = {
      ...request.transactions,
      encode: (identity, sizeBytes, seed) =>
        this.#take(identity.sequence) ?? this.#make(identity, sizeBytes, seed),
    };
  }

  /** Makes them. @throws the signal's reason on abort */
  async fill({ clock, emit, signal }: FillOptions): Promise<void> {
    const { plan, share, transactions } = this.#request;
    const { run, client, seed, transactionSizeBytes } = plan;
    const notify = () => emit({ type: "transactions-made", made: this.#made, of: this.#count });
    let reportedMs = clock.monotonicMs();
    while (this.#made < this.#count) {
      signal.throwIfAborted();
      const beganMs = clock.monotonicMs();
      while (this.#made < this.#count && clock.monotonicMs() - beganMs < sliceMs) {
        const identity = { run, client, sequence: share.sequenceOf(this.#made) };
        const made = transactions.encode(identity, transactionSizeBytes, seed);
        this.#bytes.set(made, this.#made * transactionSizeBytes);
        this.#made++;
      }
      if (clock.monotonicMs() - reportedMs >= reportEveryMs) {
        reportedMs = clock.monotonicMs();
        notify();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    notify();
  }

  #take(sequence: number): Uint8Array | undefined {
    const { share, plan } = this.#request;
    if (!share.has(sequence)) return undefined;
    const index = share.indexOf(sequence);
    if (index >= this.#made) return undefined;
    const start = index * plan.transactionSizeBytes;
    return this.#bytes.subarray(start, start + plan.transactionSizeBytes);
  }

  #make(...[identity, sizeBytes, seed]: Parameters<TransactionFormat["encode"]>): Uint8Array {
    // Whoever asks before that measures how long a request is.
    if (this.#made > 0 && this.#request.share.has(identity.sequence)) this.madeWhenDue++;
    return this.#request.transactions.encode(identity, sizeBytes, seed);
  }
}

function countOf({ plan, share, runTransactions }: PoolSize): number {
  if (plan.closedLoop === undefined) return share.countOf(runTransactions);
  const estimate = Math.ceil((plan.rateTps * (plan.warmUpMs + plan.windowMs)) / 1000);
  return Math.min(mostOfClosedLoop, share.countOf(estimate));
}
