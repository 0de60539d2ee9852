import type { ProtocolOption } from "../../contracts/protocol.ts";
import { mysticeti } from "../../protocol/mysticeti.ts";
import { group, type Option } from "./option.ts";

function optionOf(name: string): ProtocolOption {
  const found = mysticeti.options.find((option) => option.name === name);
  if (found === undefined) throw new TypeError(`mysticeti has no option ${name}`);
  return found;
}

const usual = (name: string) => optionOf(name).default;
const remoteUsual = (name: string) => optionOf(name).remoteDefault ?? usual(name);

/** Flags that the options of mysticeti have of their own, and keep. */
export const mysticetiOptions: readonly Option[] = group("Mysticeti", [
  ["runs", "min-round-delay MS", "shortest time between two rounds", usual("minRoundDelayMs")],
  [
    "benchmark",
    "leader-timeout MS",
    "longest wait for a round's leaders",
    `${usual("leaderTimeoutMs")}, on remote hosts ${remoteUsual("leaderTimeoutMs")}`,
  ],
  ["local-network", "leader-timeout MS", "longest wait for a round's leaders", usual("leaderTimeoutMs")],
  [
    "remote-network",
    "leader-timeout MS",
    "longest wait for a round's leaders",
    remoteUsual("leaderTimeoutMs"),
  ],
  ["runs", "leaders-per-round COUNT", "leaders of each round", usual("leadersPerRound")],
  ["runs", "block-size BYTES", "transactions in one block of a node", usual("blockSizeBytes")],
  ["runs", "mempool-size COUNT", "waiting transactions a node holds", usual("mempoolSizeTransactions")],
  [
    "runs",
    "log-sync WHEN",
    "nodes force their log to the disk: none, interval (each second), or block (before each own block)",
    usual("logSync"),
  ],
]);
