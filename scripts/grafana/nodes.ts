/** What the nodes show of themselves: names of the embedded validator, and of CometBFT where it has the same. */
import { datasourceOf, series } from "./panels.ts";
import { prometheusVariable, query } from "./runs.ts";

const source = datasourceOf("prometheus");
const ofNodes = '{job="nodes"}';
const byNode = "{{instance}}";
const rate = (metric: string) => `rate(${metric}${ofNodes}[$__rate_interval])`;

export const nodeVariables = [prometheusVariable];

export const nodePanels = [
  series(
    { title: "Heights per second" },
    source,
    query(`deriv(cometbft_consensus_height${ofNodes}[$__rate_interval])`, byNode),
  ),
  series(
    { title: "Transactions per second in blocks" },
    source,
    query(`deriv(cometbft_consensus_total_txs${ofNodes}[$__rate_interval])`, byNode),
  ),
  series({ title: "Transactions that wait" }, source, query(`cometbft_mempool_size${ofNodes}`, byNode)),
  series({ title: "Peers", unit: "none" }, source, query(`cometbft_p2p_peers${ofNodes}`, byNode)),
  series({ title: "Mysticeti round" }, source, query(`mysticeti_round${ofNodes}`, byNode)),
  series(
    { title: "Leader timeouts per second" },
    source,
    query(`sum by (instance) (${rate("leader_timeout_total")})`, byNode),
  ),
  series(
    { title: "Sent to peers", unit: "Bps" },
    source,
    query(`sum by (instance) (${rate("mysticeti_peer_sent_bytes_total")})`, byNode),
  ),
  series(
    { title: "CPU", unit: "none", description: "Cores." },
    source,
    query(rate("process_cpu_seconds_total"), byNode),
  ),
  series(
    { title: "Resident memory", unit: "bytes" },
    source,
    query(`process_resident_memory_bytes${ofNodes}`, byNode),
  ),
  series(
    { title: "Event loop lag, p99", unit: "s" },
    source,
    query(`nodejs_eventloop_lag_p99_seconds${ofNodes}`, byNode),
  ),
];
