import type { Clock } from "../../core/clock.ts";
import type { Block, BlockRef } from "../engine/consensus/block.ts";
import { BlockSync } from "../engine/sync/block-sync.ts";
import { isCheckpointMessage, type Message } from "../engine/sync/messages.ts";
import { StateSync } from "../engine/sync/state-sync.ts";
import { PeerNetwork } from "../net/peer-network.ts";
import type { Engine } from "./engine.ts";
import type { Log } from "./logging.ts";
import type { Membership } from "./membership.ts";
import type { NodeMetrics } from "./node-metrics.ts";

export interface PeerExchangeParts {
  readonly membership: Membership;
  /** The engine of the moment: it is replaced where the node starts from a state that it was given. */
  readonly engine: () => Engine;
  /** See `BlockSyncParts`. */
  readonly highestSignedRound: () => number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: NodeMetrics;
  /** Runs what only this node can be blamed for if it fails. */
  readonly guard: (act: () => void) => void;
  /** Takes a valid, signed block; returns the refs that it has to wait for. */
  readonly take: (block: Block) => readonly BlockRef[];
  /** Starts from a state that enough peers vouch for. */
  readonly adopt: (encoded: Buffer) => void;
  /** Something happened that the next proposal may have waited for. */
  readonly changed: () => void;
}

/** All that a node has to do with its peers: connections, and the blocks and states that go over them. */
export class PeerExchange {
  readonly #parts: PeerExchangeParts;
  readonly network: PeerNetwork;
  readonly #states: StateSync;
  #blocks: BlockSync;

  constructor(parts: PeerExchangeParts) {
    this.#parts = parts;
    this.#blocks = this.#openBlockSync();
    this.#states = this.#openStateSync();
    this.network = this.#openNetwork();
  }

  get blocks(): BlockSync {
    return this.#blocks;
  }

  /** Asks for what is missing. Call it every 50 ms or so. */
  tick(): void {
    this.#blocks.tick();
    this.#states.tick();
  }

  /** Begins anew with every peer, after the engine was replaced. */
  restart(reason: string): void {
    this.#blocks = this.#openBlockSync();
    for (const link of [...this.network.links.values()]) link.close(reason);
  }

  /** Whether a peer is connected and gave a message within this time: a paused process is connected, but silent. */
  isLive(authority: number, silenceMs: number): boolean {
    const link = this.network.links.get(authority);
    return link !== undefined && link.silentMs < silenceMs;
  }

  #openBlockSync(): BlockSync {
    const { membership, engine, clock, take } = this.#parts;
    const { consensus, store } = engine();
    const highestSignedRound = this.#parts.highestSignedRound();
    const nowMs = clock.monotonicMs;
    return new BlockSync({ ...membership, dag: consensus.dag, store, take, highestSignedRound, nowMs });
  }

  #openStateSync(): StateSync {
    const { membership, engine, clock, adopt } = this.#parts;
    return new StateSync({
      faults: membership.rules.committee.faults,
      ownHeight: () => engine().consensus.height,
      source: () => engine().checkpoints,
      adopt,
      nowMs: clock.monotonicMs,
    });
  }

  #openNetwork(): PeerNetwork {
    const { membership, log, metrics, guard, changed } = this.#parts;
    return new PeerNetwork(membership, {
      opened: (link, peer) => {
        log("info", "peer connected", { peer, address: link.remoteAddress });
        this.#blocks.opened(peer, link);
        this.#states.opened(peer, link);
        changed();
      },
      message: (peer, message) => {
        guard(() => this.#receive(peer, message));
        // An answer may be what the first proposal waits for.
        if (message.type === "missing") changed();
      },
      drained: (peer) => guard(() => this.#blocks.pump(peer)),
      closed: (peer, reason) => {
        log("info", "peer lost", { peer, reason });
        this.#blocks.closed(peer);
        this.#states.closed(peer);
      },
      refused: (peer, reason, more) => {
        metrics.refusedConnections(1 + more);
        log("warn", "closed a connection", { peer, reason, more });
      },
    });
  }

  #receive(peer: number, message: Message): void {
    if (isCheckpointMessage(message)) this.#states.message(peer, message);
    else this.#blocks.message(peer, message);
  }
}
