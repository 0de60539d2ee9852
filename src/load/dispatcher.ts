import type { Protocol } from "../contracts/protocol.ts";
import { formatAuthority } from "../core/address.ts";
import type { Clock } from "../core/clock.ts";
import { systemCode } from "../core/errors.ts";
import { type HttpPool, type HttpReply, openHttpPool } from "../core/http.ts";
import type { ClientPlan } from "./client-plan.ts";
import { Fifo } from "./fifo.ts";
import type { Outcome } from "./stage.ts";
import type { Tally } from "./tally.ts";

/** A node that replied within this time still answers, unless its share of the cap fills faster. */
const answeringMs = 250;

/** Failures before there was a connection: the node cannot have the transaction. */
const unreachedCodes = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EADDRNOTAVAIL",
  "EMFILE",
  "ENFILE",
  "UND_ERR_CONNECT_TIMEOUT",
]);

interface Target {
  readonly pool: HttpPool;
  readonly waiting: Fifo;
  inFlight: number;
  lastReplyMs: number;
}

export interface DispatcherRequest {
  readonly plan: ClientPlan;
  readonly protocol: Pick<Protocol, "transactions" | "submission">;
  readonly tally: Tally;
  /** Sequence numbers below this one are not judged. */
  readonly warmUpTransactions: number;
  readonly clock: Clock;
  /** Called with what should not happen: the protocol's own code failed. */
  readonly onError: (error: unknown) => void;
}

/**
 * Sends transactions over HTTP, each once. Every node has an equal share of the in-flight cap, as connections with
 * one request each, and of the queue, so a node that hangs holds up its own transactions alone. What finds no free
 * connection waits here, in order, which counts in due-based latencies; past the queue's share it is dropped.
 */
export class Dispatcher implements AsyncDisposable {
  /** A due transaction of the window had to wait for a place in flight while its node still answered. */
  capReached = false;
  readonly #request: DispatcherRequest;
  readonly #targets: readonly Target[];
  readonly #inFlightShare: number;
  readonly #queueShare: number;
  readonly #answeringMs: number;
  #stopped = false;

  constructor(request: DispatcherRequest) {
    this.#request = request;
    const { targets, maxInFlight, queueLimit, rateTps } = request.plan;
    this.#inFlightShare = Math.max(1, Math.floor(maxInFlight / targets.length));
    this.#queueShare = Math.floor(queueLimit / targets.length);
    // A node that falls silent must not look as if it answered when its share is full.
    this.#answeringMs = Math.min(answeringMs, (this.#inFlightShare * targets.length * 500) / rateTps);
    this.#targets = targets.map(({ rpc }) => ({
      pool: openHttpPool(`http://${formatAuthority(rpc)}`, this.#inFlightShare),
      waiting: new Fifo(),
      inFlight: 0,
      lastReplyMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Takes a transaction that is due: sends it, or lets it wait, or drops it. */
  offer(sequence: number, nowMs: number): void {
    const target = this.#targetOf(sequence);
    if (target.inFlight < this.#inFlightShare) {
      this.#send(sequence, target);
      return;
    }
    const inWindow = sequence >= this.#request.warmUpTransactions;
    if (inWindow && nowMs - target.lastReplyMs <= this.#answeringMs) this.capReached = true;
    if (target.waiting.length < this.#queueShare) target.waiting.push(sequence);
    else this.#request.tally.dropped(sequence);
  }

  /** From now on nothing is sent, and replies are no longer counted. */
  stop(): void {
    this.#stopped = true;
  }

  /** Stops, and closes every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await Promise.all(this.#targets.map(({ pool }) => pool[Symbol.asyncDispose]()));
  }

  #targetOf(sequence: number): Target {
    return this.#targets[sequence % this.#targets.length] as Target;
  }

  #send(sequence: number, target: Target): void {
    target.inFlight++;
    this.#exchange(sequence, target)
      .then((outcome) => this.#ended(sequence, target, outcome))
      .catch(this.#request.onError);
  }

  async #exchange(sequence: number, target: Target): Promise<Outcome> {
    const { plan, protocol, tally, clock } = this.#request;
    const { submission, transactions } = protocol;
    const identity = { run: plan.run, client: plan.client, sequence };
    const body = submission.body(
      transactions.encode(identity, plan.transactionSizeBytes, plan.seed),
      sequence,
    );
    tally.sent(sequence, clock.monotonicMs());
    let reply: HttpReply;
    try {
      reply = await target.pool.send({
        method: "POST",
        path: submission.path,
        headers: submission.headers,
        body,
        timeoutMs: plan.requestTimeoutMs,
      });
    } catch (error) {
      return classifyFailure(error);
    }
    target.lastReplyMs = clock.monotonicMs();
    const answer = submission.classify(reply.status, reply.body, sequence);
    return answer.accepted ? { fate: "acknowledged" } : { fate: "rejected", reason: answer.reason };
  }

  #ended(sequence: number, target: Target, outcome: Outcome): void {
    if (this.#stopped) return;
    const { tally, clock } = this.#request;
    tally.replied(sequence, outcome, clock.monotonicMs());
    target.inFlight--;
    const next = target.waiting.shift();
    if (next !== undefined) this.#send(next, target);
  }
}

function classifyFailure(error: unknown): Outcome {
  if (error instanceof Error && error.name === "TimeoutError") return { fate: "timedOut" };
  const code = systemCode(error) ?? ownCode(error);
  return {
    fate: "connectionFailed",
    reason: `connection failed: ${code}`,
    reached: !unreachedCodes.has(code),
  };
}

/** The HTTP library's own code (UND_ERR_SOCKET), or the name of an error that has none. */
function ownCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : error.name;
}
