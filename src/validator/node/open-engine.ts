import type { Clock } from "../../core/clock.ts";
import { Engine, type Proposal } from "../engine/engine.ts";
import type { Mempool } from "../engine/mempool.ts";
import type { RecentChain } from "../engine/recent-chain.ts";
import { openStorage } from "../log/open-storage.ts";
import type { WriteAheadLog } from "../log/write-ahead-log.ts";
import type { Home } from "./home.ts";
import type { Log } from "./logging.ts";
import type { Membership } from "./membership.ts";
import type { NodeMetrics } from "./node-metrics.ts";

export interface EngineHost {
  readonly home: Home;
  readonly membership: Membership;
  readonly log: Log;
  readonly wal: WriteAheadLog;
  readonly mempool: Mempool;
  readonly clock: Clock;
  readonly recent: RecentChain;
  readonly metrics: NodeMetrics;
  /** An own block may be sent. */
  readonly proposed: (proposal: Proposal) => void;
}

/**
 * Opens what a validator's log holds: the engine that goes on from there, and the blocks that others may ask for.
 *
 * @throws LogError
 */
export function openEngine({
  home,
  membership,
  log,
  wal,
  mempool,
  clock,
  recent,
  metrics,
  proposed,
}: EngineHost): Engine {
  const { checkpointIntervalHeights, blockSizeBytes } = home.config.consensus;
  const engine = new Engine({
    ...membership,
    pace: home.config.consensus,
    checkpointIntervalHeights,
    blockSizeBytes,
    storage: openStorage({ ...membership, log: wal, retention: home.config.log }),
    mempool,
    clock,
    proposed,
    decided: (outcome) => {
      metrics.decided(outcome, clock.monotonicMs());
      if (outcome.commit !== undefined) recent.append(outcome.commit);
    },
  });
  recent.restart(engine.consensus.height);
  const recovered = engine.recover();
  metrics.forgetIntervals();
  if (recovered.tornBytes > 0) log("warn", "cut a torn tail off the log", { ...recovered });
  else if (recovered.blocks > 0) log("info", "recovered from the log", { ...recovered });
  return engine;
}
