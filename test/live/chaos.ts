import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { delay } from "../../src/core/async.ts";
import { buildSchedule, type Episode, formatSchedule } from "./chaos-schedule.ts";
import { startEquivocator } from "./equivocator.ts";
import { LiveRun, type LiveRunOptions, notify } from "./live-run.ts";
import { type LogEnd, readLogEnd, tearLog } from "./log-files.ts";
import type { LiveNode } from "./node.ts";
import { expectFrozen, untilLogGrew } from "./waiting.ts";

export interface ChaosOptions extends Omit<LiveRunOptions, "absent"> {
  readonly seed: string;
  readonly lengthMs: number;
  /** The last validator signs two blocks in every round, and counts as one of the faulty. */
  readonly hasEquivocator?: boolean;
}

/** Log written before it is torn. */
const tornBytes = 10_000;

/**
 * Disturbs a committee under load after a seeded schedule, then lets it heal, and holds it to its promises: one chain,
 * nothing acknowledged is lost, nothing committed twice, no twins but an equivocator's. Leaves everything to be read
 * where it fails.
 */
export async function runChaos(options: ChaosOptions): Promise<void> {
  const { seed, size, lengthMs, hasEquivocator = false } = options;
  const schedule = buildSchedule(seed, hasEquivocator ? size - 1 : size, lengthMs);
  await using run = await LiveRun.open({ ...options, absent: hasEquivocator ? [size - 1] : [] });
  using _equivocator = hasEquivocator ? await startEquivocator(run.committee) : undefined;
  const journal: string[] = [];
  const note = (what: string) => journal.push(`${new Date().toISOString()} ${what}`);
  try {
    await run.committee.reach(10, run.nodes);
    for (const [i, episode] of schedule.episodes.entries()) {
      note(`episode ${i + 1} at height ${await run.committee.height(standing(run))}`);
      await delay(episode.calmMs);
      await play(run, episode, note);
      run.expectSound();
    }
    await conclude(run, options);
    for (const { authority, isKilled } of run.nodes) {
      if (schedule.spared.includes(authority)) expect(isKilled).toBe(false);
    }
  } catch (error) {
    notify(`Chaos with seed ${seed} failed. Schedule:\n${formatSchedule(schedule)}`);
    notify(`What happened:\n${journal.join("\n")}`);
    notify(`Homes, logs and output of the nodes: ${run.committee.keep()}`);
    throw error;
  }
}

function standing(run: LiveRun): LiveNode[] {
  return run.nodes.filter((node) => node.isRunning && !node.isPaused);
}

async function play(run: LiveRun, episode: Episode, note: (what: string) => void): Promise<void> {
  const { committee } = run;
  const disturbed = episode.disturbances.map(({ authority, disturbance }) => {
    return { node: committee.nodes[authority] as LiveNode, disturbance };
  });
  const marks = new Map<LiveNode, LogEnd>();
  for (const { node, disturbance } of disturbed) {
    if (disturbance.kind === "tear") marks.set(node, await prepareTear(run, node));
  }
  const isIsolated = (node: LiveNode) =>
    disturbed.some((each) => each.node === node && each.disturbance.kind === "isolate");
  const authoritiesOf = (nodes: readonly LiveNode[]) => nodes.map(({ authority }) => authority);
  // An equivocator stays connected to those that nobody else reaches.
  committee.links.separate(
    authoritiesOf(run.nodes.filter(isIsolated)),
    authoritiesOf(run.nodes.filter((node) => !isIsolated(node))),
    episode.failure,
  );
  await Promise.all(
    disturbed.map(async ({ node, disturbance }) => {
      if (disturbance.kind === "pause") node.pause();
      if (disturbance.kind === "kill" || disturbance.kind === "tear") await node.kill();
    }),
  );
  const isBeyond = disturbed.length > committee.faults;
  // Without a quorum nothing is committed, once what was in flight has arrived.
  await Promise.all([delay(episode.lengthMs), isBeyond ? expectFrozen(standing(run)) : undefined]);

  committee.links.heal();
  for (const { node, disturbance } of disturbed) {
    if (disturbance.kind === "pause") node.resume();
    const mark = marks.get(node);
    if (disturbance.kind !== "tear" || mark === undefined) continue;
    run.damaged(node);
    const garbage = randomBytes(disturbance.garbageBytes);
    const lost = await tearLog(node.home, mark, { lostRatio: disturbance.lostRatio, garbage });
    note(`node${node.authority} lost ${lost} bytes of its log, and got ${garbage.length} of garbage`);
  }
  await committee.start(run.nodes.filter((node) => !node.isRunning));
  if (isBeyond) await committee.grow(5, run.nodes);
}

/** Waits until all are well, and the node has written more. */
async function prepareTear(run: LiveRun, node: LiveNode): Promise<LogEnd> {
  await run.committee.settle(run.nodes);
  const mark = await readLogEnd(node.home);
  await untilLogGrew(node.home, mark, tornBytes);
  return mark;
}

async function conclude(run: LiveRun, { size, seed, hasEquivocator }: ChaosOptions): Promise<void> {
  const { committee, nodes, ledger } = run;
  const healedMs = performance.now();
  await committee.settle(nodes);
  const settledMs = performance.now();
  await committee.grow(10, nodes);
  await run.load.stop();
  const lost = await run.expectCommitted(30_000);
  const height = await run.expectOneChain();
  if (!hasEquivocator) await run.expectNoTwins();
  else for (const count of await run.twins()) expect(count).toBeGreaterThan(0);
  const lives = nodes.reduce((sum, node) => sum + node.lives, 0);
  const liar = hasEquivocator ? " with an equivocator" : "";
  notify(
    `chaos, ${size} validators${liar}, seed ${seed}: ` +
      `${lives - nodes.length} restarts, one chain of ${height} heights, ${run.checker.comparisons} comparisons; ${ledger.acknowledgements} acknowledged, ${ledger.commits} committed; ` +
      `lost by those whose logs were torn ${lost}; ` +
      `all well ${((settledMs - healedMs) / 1000).toFixed(1)} s after the last episode`,
  );
  expect(ledger.acknowledgements).toBeGreaterThan(0);
}
