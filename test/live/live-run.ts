import { expect } from "vitest";
import { until } from "../../src/core/async.ts";
import { ChainChecker } from "./chain-checker.ts";
import { LiveCommittee, type Tuning } from "./committee.ts";
import { LoadLedger } from "./ledger.ts";
import { Load } from "./load.ts";
import type { LiveNode } from "./node.ts";
import { equivocationsOf } from "./rpc.ts";

export interface LiveRunOptions {
  readonly size: number;
  readonly rateTps: number;
  readonly transactionBytes?: number;
  readonly tuning?: Tuning;
  /** Authorities that are not started. */
  readonly absent?: readonly number[];
}

/** A committee at work: under a steady load, and with every height of every node compared all the time. */
export class LiveRun implements AsyncDisposable {
  readonly committee: LiveCommittee;
  /** Those of the committee that were started. */
  readonly nodes: readonly LiveNode[];
  readonly ledger = new LoadLedger();
  readonly checker: ChainChecker;
  readonly load: Load;
  /** Authorities whose logs were torn or wiped: what only those held may be lost. */
  readonly #damaged = new Set<number>();

  private constructor(committee: LiveCommittee, { rateTps, transactionBytes = 200, absent }: LiveRunOptions) {
    this.committee = committee;
    this.nodes = committee.nodes.filter(({ authority }) => !absent?.includes(authority));
    this.checker = new ChainChecker(this.nodes, this.ledger);
    this.load = new Load(this.nodes, { rateTps, transactionBytes, ledger: this.ledger });
  }

  static async open(options: LiveRunOptions): Promise<LiveRun> {
    const { size, tuning, absent = [] } = options;
    const committee = await LiveCommittee.open(size, tuning);
    try {
      await committee.start(committee.nodes.filter(({ authority }) => !absent.includes(authority)));
      return new LiveRun(committee, options);
    } catch (error) {
      committee.keep();
      await committee[Symbol.asyncDispose]();
      throw error;
    }
  }

  damaged(node: LiveNode): void {
    this.#damaged.add(node.authority);
  }

  /** Nothing that was seen so far contradicts safety, and no node ended unexpectedly. */
  expectSound(): void {
    expect(this.checker.faults).toEqual([]);
    expect(this.committee.deaths()).toEqual([]);
  }

  /**
   * The load being stopped: what was acknowledged commits in time, also by nodes that were killed and came back. Those
   * whose logs were damaged promise nothing.
   *
   * @returns how much of what damaged ones acknowledged is lost
   */
  async expectCommitted(timeoutMs: number): Promise<number> {
    const isDamaged = ({ authority }: LiveNode) => this.#damaged.has(authority);
    const missingOf = (nodes: readonly LiveNode[]) =>
      this.ledger.missing(nodes.map(({ authority }) => authority));
    const bound = this.nodes.filter((node) => !isDamaged(node));
    await until(() => (missingOf(bound).length === 0 ? true : undefined), {
      timeoutMs,
      everyMs: 20,
      describe: () =>
        `${missingOf(bound).length} of ${this.ledger.acknowledgements} acknowledged transactions were not committed: ` +
        `${missingOf(bound).slice(0, 10)} …`,
    });
    return missingOf(this.nodes.filter(isDamaged)).length;
  }

  /** Every height of each of these nodes, up to where they are now, is one chain. Returns that height. */
  async expectOneChain(nodes: readonly LiveNode[] = this.nodes): Promise<number> {
    const height = await this.committee.height(nodes);
    await this.committee.reach(height, nodes);
    await this.checker.caughtUp(height, nodes);
    this.expectSound();
    return height;
  }

  /** How many twins each node has seen. */
  twins(): Promise<number[]> {
    return Promise.all(this.nodes.map(({ home }) => equivocationsOf(home)));
  }

  async expectNoTwins(): Promise<void> {
    expect(await this.twins()).toEqual(this.nodes.map(() => 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.load.stop();
    await this.checker.stop();
    await this.committee[Symbol.asyncDispose]();
  }
}

/** Tells a figure that a test measured. */
export function notify(figure: string): void {
  process.stdout.write(`${figure}\n`);
}
