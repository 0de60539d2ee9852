/**
 * Commit latency against the delay of the network, beside what Mysticeti's rules foretell.
 *
 *     npm run build && node benchmarks/suite/delays.ts [--help]
 *
 * Four validators run as processes of this machine, with emulated links between them. Progress goes to standard error, the table (Markdown) to standard output.
 */
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeploymentPlan, Network } from "../../src/contracts/deployment.ts";
import type { SweepParameters } from "../../src/contracts/parameters.ts";
import { systemClock } from "../../src/core/clock.ts";
import { listPlannedNodes } from "../../src/deploy/nodes/planned.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import { toSpec } from "../../src/links/parse.ts";
import { resolveLinks } from "../../src/links/resolve.ts";
import { defaultParameters } from "../../src/options/defaults.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { runOnce } from "../../src/run/workloads/transactions/run.ts";
import { number, numbers, readCommandLine } from "./command-line.ts";
import { readLeaderCommits } from "./leader-commits.ts";
import { formatTable } from "./markdown.ts";

const committee = 4;
const roundDelayMs = 50;

const {
  delays: delaysMs,
  load: loadTps,
  duration: durationSecs,
  leaders: leadersPerRound,
} = readCommandLine("Measures commit latency against the delay of the network between four validators.", {
  delays: numbers("one-way delays, ms", "0,10,50,100"),
  load: number("transactions per second", 150),
  duration: number("seconds at each delay", 30),
  leaders: number("leaders of a round", 2),
});

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort());

/** What was measured with one delay. A figure that cannot be had is undefined. */
interface Row {
  readonly oneWayDelayMs: number;
  readonly leaderMeanMs: number | undefined;
  readonly clientMedianMs: number | undefined;
  readonly successRatio: number;
  readonly verdict: string;
}

async function measure(oneWayDelayMs: number): Promise<Row> {
  const plan = mysticeti.plan({
    nodes: committee,
    // Where a round takes longer than a leader is waited for, nothing would be foretold of it.
    options: { minRoundDelayMs: roundDelayMs, leaderTimeoutMs: 2_000, leadersPerRound },
  });
  const deployer = createProcessDeployer({
    nodeBinary: process.execPath,
    stateDir: join(tmpdir(), "baleen-suite"),
    env: process.env,
  });
  const common = { signal: interrupt.signal, clock: systemClock, emit: () => {} };
  const run = randomBytes(4).toString("hex");
  await using network = await deployer.deploy(withDelay(plan, oneWayDelayMs), {
    ...common,
    run,
    cleanup: "remove",
  });
  await waitUntilReady(network, mysticeti, { ...common, timeoutMs: 60_000 });
  const before = await leaderCommitsOf(network);
  const { result } = await runOnce({
    ...common,
    network,
    protocol: mysticeti,
    parameters: buildParameters(),
    loadTps,
    benchmarkNumber: 1,
    repetition: 1,
    clientRuntime: { nodeBinary: process.execPath, env: process.env },
  });
  const after = await leaderCommitsOf(network);
  return {
    oneWayDelayMs,
    leaderMeanMs: before && after && (1000 * (after.seconds - before.seconds)) / (after.count - before.count),
    clientMedianMs: result.latency.commit?.p50?.ms,
    successRatio: result.successRatio,
    verdict: result.verdict.status,
  };
}

/** The same plan, with the same delay of all links. */
function withDelay(plan: DeploymentPlan, delayMs: number): DeploymentPlan {
  const nodes = listPlannedNodes(plan).map(({ name, role }) => ({ name, group: role }));
  const { matrix } = resolveLinks(toSpec({ default: { delay: `${delayMs}ms` } }), nodes);
  if (matrix === undefined) throw new Error("These nodes have no links.");
  return { ...plan, links: { matrix, seed: "delays", later: [] } };
}

function buildParameters(): SweepParameters {
  const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
  return { ...defaults, committee, runtime: "process", loadsTps: [loadTps], durationSecs };
}

/** Sum over all nodes; undefined where they have no such metric. */
async function leaderCommitsOf(network: Network) {
  const each = await Promise.all(
    network.nodes.map(({ name }) =>
      readLeaderCommits(network.endpoint(name, "coordinator", "metrics"), interrupt.signal),
    ),
  );
  const known = each.filter((commits) => commits !== undefined);
  if (known.length < each.length) return undefined;
  return {
    count: known.reduce((sum, { count }) => sum + count, 0),
    seconds: known.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** "135.2 (+0.1 %)": a measured value, and how far it is from what is foretold. */
function compare(measuredMs: number | undefined, predictedMs: number): string {
  if (measuredMs === undefined) return "no such metric";
  const percent = (100 * (measuredMs - predictedMs)) / predictedMs;
  return `${measuredMs.toFixed(1)} (${percent < 0 ? "" : "+"}${percent.toFixed(1)} %)`;
}

/**
 * Median of a client's latency where only some validators lead a round. A transaction waits up to a pace for its
 * validator's next block. That commits 2p + d later where it leads, and a pace after that where it does not, with the
 * leaders of the next round. With all of them leading this is 2.5p + d.
 */
function medianOfSomeLeaders(paceMs: number, oneWayDelayMs: number): number {
  const leading = Math.min(1, leadersPerRound / committee);
  const paces = leading >= 0.5 ? 2 + 0.5 / leading : 3 + (0.5 - leading) / (1 - leading);
  return paces * paceMs + oneWayDelayMs;
}

function formatRow({ oneWayDelayMs, ...row }: Row): string[] {
  const pace = Math.max(roundDelayMs, oneWayDelayMs);
  const leaderMs = 2 * pace + oneWayDelayMs;
  const clientMs = 2.5 * pace + oneWayDelayMs;
  const ofSomeMs = medianOfSomeLeaders(pace, oneWayDelayMs);
  return [
    `${oneWayDelayMs}`,
    `${leaderMs}`,
    compare(row.leaderMeanMs, leaderMs),
    `${clientMs}`,
    compare(row.clientMedianMs, clientMs),
    `${ofSomeMs.toFixed(0)}`,
    compare(row.clientMedianMs, ofSomeMs),
    `${(100 * row.successRatio).toFixed(1)} %`,
    row.verdict,
  ];
}

const head = [
  "one-way delay d, ms",
  "leader: 2p + d",
  "mean measured",
  "client: 2.5p + d",
  "median measured",
  `client, ${leadersPerRound} of ${committee} lead`,
  "the same median",
  "committed",
  "verdict",
];
const rows: string[][] = [];
for (const oneWayDelayMs of delaysMs) {
  console.error(`${oneWayDelayMs} ms one way: ${loadTps} tx/s for ${durationSecs} s …`);
  rows.push(formatRow(await measure(oneWayDelayMs)));
}
console.log(
  `${committee} validators, ${loadTps} tx/s for ${durationSecs} s each; p = max(${roundDelayMs} ms, d), times in ms.\n`,
);
console.log(formatTable(head, rows));
