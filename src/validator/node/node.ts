import { join } from "node:path";
import { Alarm } from "../../core/alarm.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import type { Chain } from "../engine/chain.ts";
import type { Block, BlockRef } from "../engine/consensus/block.ts";
import { largestTransactionBytes, Mempool } from "../engine/mempool.ts";
import { defaultRetention, RecentChain } from "../engine/recent-chain.ts";
import { PeerViolationError } from "../engine/sync/frames.ts";
import { systemDisk } from "../log/disk-sync.ts";
import { ownerOf } from "../log/opening.ts";
import { OwnRounds, readBoot } from "../log/own-rounds.ts";
import { WriteAheadLog } from "../log/write-ahead-log.ts";
import { Engine } from "./engine.ts";
import type { Home } from "./home.ts";
import type { Log } from "./logging.ts";
import { buildMembership, type Membership } from "./membership.ts";
import { NodeMetrics } from "./node-metrics.ts";
import { PeerExchange } from "./peer-exchange.ts";
import { ProposalGate } from "./proposal-gate.ts";
import { buildChain } from "./served-chain.ts";

export interface NodeOptions {
  readonly home: Home;
  readonly log: Log;
  /** The node cannot go on (disk full, fault bound broken) and has stopped. Called at most once. */
  readonly failed: (error: unknown) => void;
  /** This machine's where it is left out. */
  readonly clock?: Clock;
}

/** How often missing blocks are asked for and the log takes waiting transactions, where nothing else happens. */
const tickMs = 50;

/** A running validator: consensus, its log and its connections; `chain` is what the RPC serves. */
export class ValidatorNode implements Disposable {
  readonly chain: Chain;
  readonly #options: NodeOptions;
  readonly #clock: Clock;
  readonly #membership: Membership;
  readonly #mempool: Mempool;
  readonly #recent = new RecentChain(defaultRetention);
  readonly #metrics: NodeMetrics;
  readonly #log: WriteAheadLog;
  readonly #ownRounds: OwnRounds;
  readonly #peers: PeerExchange;
  readonly #gate: ProposalGate;
  #engine: Engine;
  readonly #wake: Alarm;
  #ticker: NodeJS.Timeout | undefined;
  /** Who waits until the transactions accepted so far are in the log. */
  #waiting: (() => void)[] = [];
  #isStepDue = false;
  #isStopped = false;

  /**
   * Opens the home's log and recovers from it; `start` does the rest.
   *
   * @throws LogError
   */
  constructor(options: NodeOptions) {
    this.#options = options;
    const { folder, config } = options.home;
    this.#clock = options.clock ?? systemClock;
    this.#wake = new Alarm(this.#clock, () => this.#guard(() => this.#step()));
    this.#membership = buildMembership(options.home);
    this.#metrics = new NodeMetrics(this.#membership.authority);
    this.#mempool = new Mempool({ ...config.mempool, largestTransactionBytes });
    this.#log = new WriteAheadLog(join(folder, "log"), {
      ...config.log,
      failed: (error) => this.#fail(error),
    });
    this.#ownRounds = new OwnRounds(join(folder, "own-rounds"), {
      owner: ownerOf(this.#membership),
      boot: readBoot(),
      isLogForced: config.log.sync === "block",
      disk: systemDisk,
      reserved: () => this.#scheduleStep(),
      failed: (error) => this.#fail(error),
    });
    this.#gate = new ProposalGate({
      membership: this.#membership,
      engine: () => this.#engine,
      blocks: () => this.#peers.blocks,
      mempool: this.#mempool,
      clock: this.#clock,
      log: options.log,
    });
    this.#engine = this.#openEngine();
    this.#peers = this.#openPeers();
    this.chain = buildChain({
      home: options.home,
      membership: this.#membership,
      engine: () => this.#engine,
      mempool: this.#mempool,
      recent: this.#recent,
      peers: this.#peers,
      log: this.#log,
      metrics: this.#metrics,
      isAbreast: () => this.#gate.knowsOwnHistory() && !this.#peers.blocks.catchingUp,
      whenLogged: (then) => this.#whenLogged(then),
    });
  }

  /**
   * Listens for peers, connects to them and takes part.
   *
   * @throws BaleenError "peer-listen" where it cannot listen there
   */
  async start(): Promise<void> {
    const { peer, peers } = this.#options.home.config;
    await this.#peers.network.start(peer, peers);
    this.#ticker = setInterval(() => {
      this.#guard(() => this.#peers.tick());
      this.#gate.reportSilence();
      this.#scheduleStep();
    }, tickMs);
    this.#scheduleStep();
  }

  [Symbol.dispose](): void {
    this.#guard(() => {
      this.#engine.logWaiting();
      this.#log.settle();
      this.#ownRounds.settle();
    });
    this.#stop();
  }

  #stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearInterval(this.#ticker);
    this.#wake.clear();
    this.#peers.network[Symbol.dispose]();
    this.#log[Symbol.dispose]();
    this.#ownRounds[Symbol.dispose]();
  }

  /** One step for all that comes in one turn of the event loop. */
  #scheduleStep(): void {
    if (this.#isStepDue) return;
    this.#isStepDue = true;
    setImmediate(() => {
      this.#isStepDue = false;
      this.#guard(() => this.#step());
    });
  }

  #step(): void {
    const wakeAtMs = this.#engine.step(this.#isLive, this.#gate.mayPropose());
    this.#notifyLogged();
    if (wakeAtMs === undefined) this.#wake.clear();
    else this.#wake.set(wakeAtMs);
  }

  /** One write for all that comes in one turn of the event loop. */
  #whenLogged(then: () => void): void {
    if (this.#mempool.isLogged) then();
    else if (this.#waiting.push(then) === 1) setImmediate(() => this.#guard(() => this.#logWaiting()));
  }

  #logWaiting(): void {
    this.#engine.logWaiting();
    this.#notifyLogged();
  }

  #notifyLogged(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) then();
  }

  /** Returns the refs that the block has to wait for. */
  #take(block: Block): readonly BlockRef[] {
    // What came in one turn is taken before the next proposal, unless the clock may go on with it.
    if (this.#mayEndRound(block) && this.#gate.mayPropose() && this.#engine.isProposalDue(this.#isLive))
      this.#step();
    const insertion = this.#engine.take(block);
    if (insertion.outcome === "suspended") return insertion.missing;
    this.#scheduleStep();
    return [];
  }

  /** Whether the clock may go on with a block: by itself, or by what waits for it. */
  #mayEndRound({ ref }: Block): boolean {
    const { dag } = this.#engine.consensus;
    return ref.round >= dag.clock || dag.isMissing(ref);
  }

  /** A peer that is connected but silent, as a paused process is, or whose blocks are passed over is not waited for. */
  readonly #isLive = (authority: number): boolean => {
    const { leaderTimeoutMs } = this.#options.home.config.consensus;
    const { blocks } = this.#peers;
    return (
      this.#peers.isLive(authority, Math.max(1_000, 4 * leaderTimeoutMs)) && !blocks.isPassedOver(authority)
    );
  };

  /** Runs a part of the node; what only this node can be blamed for ends it. */
  #guard(act: () => void): void {
    if (this.#isStopped) return;
    try {
      act();
    } catch (error) {
      if (error instanceof PeerViolationError) throw error;
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#stop();
    this.#options.failed(error);
  }

  /** The engine that goes on from what the log holds. */
  #openEngine(): Engine {
    const { home, log } = this.#options;
    const { consensus, log: retention } = home.config;
    const engine = new Engine({
      ...this.#membership,
      ...consensus,
      pace: consensus,
      log: this.#log,
      retention,
      mempool: this.#mempool,
      ownRounds: this.#ownRounds,
      clock: this.#clock,
      proposed: (proposal) => {
        this.#metrics.proposed(proposal, this.#gate.proposed());
        this.#peers.blocks.pumpAll();
      },
      decided: (outcome) => {
        this.#metrics.decided(outcome, this.#clock.monotonicMs());
        if (outcome.commit !== undefined) this.#recent.append(outcome.commit);
      },
    });
    this.#recent.restart(engine.consensus.height);
    const recovered = engine.recover();
    this.#ownRounds.recovered(engine.lastOwnRound, recovered.salvaged > 0);
    this.#metrics.forgetIntervals();
    if (recovered.salvaged > 0) log("warn", "skipped damage in the log", { ...recovered });
    else if (recovered.tornBytes > 0) log("warn", "cut a torn tail off the log", { ...recovered });
    else if (recovered.blocks > 0) log("info", "recovered from the log", { ...recovered });
    return engine;
  }

  /** Goes on from a later state than its own, given by its peers: the history up to there is not here then. */
  #adopt(encoded: Buffer): void {
    const droppedTransactions = this.#engine.adopt(encoded);
    this.#engine = this.#openEngine();
    this.#metrics.startedFromState();
    const adopted = this.#engine.checkpoints.list().at(-1);
    this.#options.log("warn", "started from a state of the peers: earlier history is not available", {
      height: adopted?.height,
      stateHash: adopted?.stateHash.toString("hex"),
      // Of own blocks of which it is not known now whether they were committed.
      droppedTransactions,
    });
    this.#peers.restart("this validator starts from a later state");
    this.#scheduleStep();
  }

  #openPeers(): PeerExchange {
    return new PeerExchange({
      membership: this.#membership,
      engine: () => this.#engine,
      highestSignedRound: () => this.#ownRounds.highest,
      clock: this.#clock,
      log: this.#options.log,
      metrics: this.#metrics,
      guard: (act) => this.#guard(act),
      take: (block) => this.#take(block),
      adopt: (encoded) => this.#adopt(encoded),
      changed: () => this.#scheduleStep(),
    });
  }
}
