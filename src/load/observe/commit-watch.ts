import type { NodeName } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import type { CommitListener, CommitObserver, CommittedBlock, Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { ClientPlan } from "../client-plan.ts";
import { Agreement, type AgreementFindings } from "./agreement.ts";
import { BlockAges } from "./block-ages.ts";
import { HeightTimes } from "./heights.ts";

/** A node's commits could not be watched from the start. */
export class CommitWatchError extends BaleenError {
  readonly node: NodeName;

  constructor(node: NodeName, options: { cause: unknown }) {
    super(
      "commit-watch",
      `Cannot watch the commits of ${node}: ${describeError(options.cause)}. Check that the node runs and that its RPC address serves subscriptions.`,
      options,
    );
    this.node = node;
  }
}

export interface CommitWatchRequest {
  readonly plan: ClientPlan;
  readonly protocol: Pick<Protocol, "transactions" | "observeCommits">;
  /** One of this client's transactions was shown by the target at that place in the plan. */
  readonly onCommit: (sequence: number, target: number, nowMs: number) => void;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Watches the commits of every target at once. */
export class CommitWatch implements AsyncDisposable {
  readonly ages: BlockAges;
  /** Stays empty where the plan has no stretches, to which these times belong. */
  readonly heights = new HeightTimes();
  readonly #request: CommitWatchRequest;
  readonly #agreement: Agreement;
  /** Nodes with heights that were never seen, and why at first. */
  readonly #failed = new Map<NodeName, string>();
  /** Nodes whose subscription is broken at the moment, and why. */
  readonly #lost = new Map<NodeName, string>();
  #observers: readonly CommitObserver[] = [];

  private constructor(request: CommitWatchRequest) {
    this.#request = request;
    this.#agreement = new Agreement(request.plan.targets.length);
    this.ages = new BlockAges(request.clock);
  }

  /**
   * Resolves once every subscription stands.
   *
   * @throws CommitWatchError where one cannot be made (the others are closed); the signal's reason on abort
   */
  static async open(request: CommitWatchRequest): Promise<CommitWatch> {
    const watch = new CommitWatch(request);
    const { observeCommits } = request.protocol;
    if (observeCommits === undefined) return watch;
    const opened = await Promise.allSettled(
      request.plan.targets.map(async ({ node, rpc }, index) => {
        try {
          return await observeCommits(rpc, watch.#listener(node, index), request.signal);
        } catch (error) {
          request.signal.throwIfAborted();
          throw new CommitWatchError(node, { cause: error });
        }
      }),
    );
    watch.#observers = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failed = opened.find((one) => one.status === "rejected");
    if (failed === undefined) return watch;
    await watch[Symbol.asyncDispose]();
    throw failed.reason;
  }

  /** Observers that lost their place, or whose subscription is still broken now. */
  failures(): { readonly node: NodeName; readonly reason: string }[] {
    const failed = [...this.#failed].map(([node, reason]) => ({ node, reason }));
    const broken = [...this.#lost].map(([node, reason]) => ({
      node,
      reason: `its subscription broke and was not restored before the end: ${reason}`,
    }));
    return [...failed, ...broken];
  }

  /** undefined where there are no two nodes whose blocks are seen. */
  agreement(): AgreementFindings | undefined {
    return this.#observers.length < 2 ? undefined : this.#agreement.findings();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#observers.map((observer) => observer[Symbol.asyncDispose]()));
  }

  #listener(node: NodeName, index: number): CommitListener {
    const { emit } = this.#request;
    return {
      block: (block) => this.#onBlock(node, index, block),
      lost: (reason) => {
        if (!this.#lost.has(node)) emit({ type: "observer-lost", node, reason });
        this.#lost.set(node, reason);
      },
      restored: (missedHeights) => {
        this.#lost.delete(node);
        emit({ type: "observer-restored", node, missedHeights });
      },
      failed: (reason) => {
        if (!this.#failed.has(node)) this.#failed.set(node, reason);
      },
    };
  }

  #onBlock(node: NodeName, index: number, block: CommittedBlock): void {
    const { plan, protocol, clock, onCommit } = this.#request;
    const nowMs = clock.monotonicMs();
    if (plan.targets.length > 1) this.#agreement.show(node, block.height, block.fingerprint);
    this.ages.see(block, nowMs);
    if (plan.stretches.length > 0) this.heights.see(block.height, nowMs);
    for (const transaction of block.transactions) {
      const identity = protocol.transactions.identify(transaction);
      const ours = identity !== undefined && identity.run === plan.run && identity.client === plan.client;
      if (ours) onCommit(identity.sequence, index, nowMs);
    }
  }
}
