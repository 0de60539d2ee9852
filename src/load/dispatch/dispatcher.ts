import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientPlan } from "../client-plan.ts";
import type { Outcome } from "../tally/stage.ts";
import type { Tally } from "../tally/tally.ts";
import { CapWatch } from "./cap-watch.ts";
import { Fifo } from "./fifo.ts";
import { type Attempt, Target } from "./target.ts";

/** The transactions of one target, wherever they are sent. */
interface Lane {
  /** Place of their own target in the plan. */
  readonly own: number;
  readonly waiting: Fifo;
  readonly capWatch: CapWatch;
  inFlight: number;
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
 * Sends transactions over HTTP, each to one node at most. Every target's transactions have an equal share of the
 * in-flight cap, as connections with one request each, and of the queue, so a node that hangs holds up its own
 * transactions alone. What finds no free connection waits here, in order, which counts in due-based latencies; past
 * the queue's share it is dropped.
 *
 * With failover, transactions whose target is down go on to the next one that is not, within their own target's share:
 * those of the next one keep theirs. Only what cannot have been delivered is sent again.
 */
export class Dispatcher implements AsyncDisposable {
  /** A due transaction of the window had to wait for a place in flight by the cap's doing, see `CapWatch`. */
  capReached = false;
  readonly #request: DispatcherRequest;
  readonly #targets: readonly Target[];
  readonly #lanes: readonly Lane[];
  readonly #inFlightShare: number;
  readonly #queueShare: number;
  #stopped = false;

  constructor(request: DispatcherRequest) {
    this.#request = request;
    const { targets, maxInFlight, queueLimit, rateTps, requestTimeoutMs, failover } = request.plan;
    this.#inFlightShare = Math.max(1, Math.floor(maxInFlight / targets.length));
    this.#queueShare = Math.floor(queueLimit / targets.length);
    const share = { inFlightShare: this.#inFlightShare, shareTps: rateTps / targets.length };
    const connections = this.#inFlightShare * (failover ? targets.length : 1);
    this.#targets = targets.map(
      ({ rpc }) => new Target({ rpc, connections, requestTimeoutMs, clock: request.clock }),
    );
    this.#lanes = targets.map((_, own) => ({
      own,
      waiting: new Fifo(),
      capWatch: new CapWatch(share),
      inFlight: 0,
    }));
  }

  /** Takes a transaction that is due: sends it, or lets it wait, or drops it. */
  offer(sequence: number, nowMs: number): void {
    const lane = this.#lanes[sequence % this.#lanes.length] as Lane;
    if (lane.inFlight < this.#inFlightShare) {
      this.#send(sequence, lane);
      return;
    }
    const inWindow = sequence >= this.#request.warmUpTransactions;
    if (inWindow && lane.capWatch.holdsUp(nowMs)) this.capReached = true;
    if (lane.waiting.length < this.#queueShare) lane.waiting.push(sequence);
    else this.#request.tally.dropped(sequence);
  }

  /** From now on nothing is sent, and replies are no longer counted. */
  stop(): void {
    this.#stopped = true;
  }

  /** Stops, and closes every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await Promise.all(this.#targets.map((target) => target[Symbol.asyncDispose]()));
  }

  #send(sequence: number, lane: Lane): void {
    lane.inFlight++;
    this.#exchange(sequence, lane)
      .then((outcome) => this.#ended(sequence, lane, outcome))
      .catch(this.#request.onError);
  }

  async #exchange(sequence: number, lane: Lane): Promise<Outcome> {
    const { plan, protocol, clock } = this.#request;
    const { submission, transactions } = protocol;
    const identity = { run: plan.run, client: plan.client, sequence };
    const transaction = transactions.encode(identity, plan.transactionSizeBytes, plan.seed);
    const startedMs = clock.monotonicMs();
    const attempt = await this.#deliver(sequence, lane, submission.body(transaction, sequence));
    switch (attempt.end) {
      case "replied": {
        const nowMs = clock.monotonicMs();
        lane.capWatch.replied(nowMs, nowMs - startedMs);
        const answer = submission.classify(attempt.reply.status, attempt.reply.body, sequence);
        return answer.accepted ? { fate: "acknowledged" } : { fate: "rejected", reason: answer.reason };
      }
      case "timedOut":
        return { fate: "timedOut" };
      default:
        return {
          fate: "connectionFailed",
          reason: `connection failed: ${attempt.code}`,
          reached: attempt.end === "broken",
        };
    }
  }

  /** Sends it to its target or, where that cannot be reached, to those after it in turn. @returns the last attempt */
  async #deliver(sequence: number, lane: Lane, body: string): Promise<Attempt> {
    const { protocol, tally, clock } = this.#request;
    const { path, headers } = protocol.submission;
    let place: number | undefined = this.#firstPlace(lane);
    for (;;) {
      tally.sent(sequence, place, clock.monotonicMs());
      const attempt = await (this.#targets[place] as Target).send({ method: "POST", path, headers, body });
      if (attempt.end !== "unreachable" || this.#stopped) return attempt;
      const next = this.#placeAfter(place, lane);
      if (next === undefined) return attempt;
      place = next;
    }
  }

  /** Its own target, unless that is down, not to be tried again yet, and another one is not. */
  #firstPlace(lane: Lane): number {
    const own = this.#targets[lane.own] as Target;
    if (!own.isDown || own.isDueForRetry) return lane.own;
    return this.#placeAfter(lane.own, lane) ?? lane.own;
  }

  /** The next target in turn that is not down; undefined where there is none before it is its own target's turn. */
  #placeAfter(place: number, { own }: Lane): number | undefined {
    if (!this.#request.plan.failover) return undefined;
    const count = this.#targets.length;
    for (let next = (place + 1) % count; next !== own; next = (next + 1) % count) {
      if (this.#targets[next]?.isDown === false) return next;
    }
    return undefined;
  }

  #ended(sequence: number, lane: Lane, outcome: Outcome): void {
    if (this.#stopped) return;
    const { tally, clock } = this.#request;
    tally.replied(sequence, outcome, clock.monotonicMs());
    lane.inFlight--;
    const next = lane.waiting.shift();
    if (next !== undefined) this.#send(next, lane);
  }
}
