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
    "longest wait for the leaders of a round",
    `${usual("leaderTimeoutMs")}, on remote hosts and with both networks ${remoteUsual("leaderTimeoutMs")}`,
  ],
  ["local-network", "leader-timeout MS", "longest wait for the leaders of a round", usual("leaderTimeoutMs")],
  [
    "remote-network",
    "leader-timeout MS",
    "longest wait for the leaders of a round",
    remoteUsual("leaderTimeoutMs"),
  ],
  ["runs", "leaders-per-round COUNT", "number of leaders in each round", usual("leadersPerRound")],
  ["runs", "block-size BYTES", "largest size of the transactions in one block", usual("blockSizeBytes")],
  ["runs", "mempool-size COUNT", "most transactions that wait in a node", usual("mempoolSizeTransactions")],
  [
    "runs",
    "log-sync WHEN",
    "when nodes sync their log to disk: none, interval (each second), or block (before each own block)",
    usual("logSync"),
  ],
]);
