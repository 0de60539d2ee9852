import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { delay } from "../../src/core/async.ts";
import { buildSchedule, type Episode, formatSchedule } from "./chaos-schedule.ts";
import { LiveRun, type LiveRunOptions, tell } from "./live-run.ts";
import { type LogEnd, readLogEnd, tearLog } from "./log-files.ts";
import type { LiveNode } from "./node.ts";
import { expectFrozen, untilLogGrew } from "./waiting.ts";

export interface ChaosOptions extends LiveRunOptions {
  readonly seed: string;
  readonly lengthMs: number;
}

/** Log written before it is torn. */
const tornBytes = 10_000;

/**
 * Disturbs a committee under load after a seeded schedule, then lets it heal, and holds it to its promises: one chain,
 * nothing acknowledged is lost, nothing committed twice, no twins. Leaves everything to be read where it fails.
 */
export async function runChaos(options: ChaosOptions): Promise<void> {
  const schedule = buildSchedule(options.seed, options.size, options.lengthMs);
  await using run = await LiveRun.open(options);
  const journal: string[] = [];
  const note = (what: string) => journal.push(`${new Date().toISOString()} ${what}`);
  try {
    await run.committee.reach(10);
    for (const [i, episode] of schedule.episodes.entries()) {
      note(`episode ${i + 1} at height ${await run.committee.height(standing(run))}`);
      await delay(episode.calmMs);
      await play(run, episode, note);
      run.expectSound();
    }
    await conclude(run, options);
    for (const { authority, isKilled } of run.committee.nodes) {
      if (schedule.spared.includes(authority)) expect(isKilled).toBe(false);
    }
  } catch (error) {
    tell(`Chaos with seed ${options.seed} failed. Schedule:\n${formatSchedule(schedule)}`);
    tell(`What happened:\n${journal.join("\n")}`);
    tell(`Homes, logs and output of the nodes: ${run.committee.keep()}`);
    throw error;
  }
}

function standing(run: LiveRun): LiveNode[] {
  return run.committee.nodes.filter((node) => node.isRunning && !node.isPaused);
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
  const isolated = disturbed.filter(({ disturbance }) => disturbance.kind === "isolate");
  committee.links.isolate(
    isolated.map(({ node }) => node.authority),
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
  await committee.start(committee.nodes.filter((node) => !node.isRunning));
  if (isBeyond) await committee.grow(5);
}

/** Waits until all are well, and the node has written more. */
async function prepareTear(run: LiveRun, node: LiveNode): Promise<LogEnd> {
  await run.committee.settle();
  const mark = await readLogEnd(node.home);
  await untilLogGrew(node.home, mark, tornBytes);
  return mark;
}

async function conclude(run: LiveRun, { size, seed }: ChaosOptions): Promise<void> {
  const { committee, ledger } = run;
  const healedMs = performance.now();
  await committee.settle();
  const settledMs = performance.now();
  await committee.grow(10);
  await run.load.stop();
  const lost = await run.expectCommitted(30_000);
  const height = await run.expectOneChain();
  await run.expectNoTwins();
  const lives = committee.nodes.reduce((sum, node) => sum + node.lives, 0);
  tell(
    `chaos, ${size} validators, seed ${seed}: ${lives - size} restarts, one chain of ${height} heights, ` +
      `${run.checker.comparisons} comparisons; ${ledger.acknowledgements} acknowledged, ${ledger.commits} committed; ` +
      `lost by those whose logs were torn ${lost}; ` +
      `all well ${((settledMs - healedMs) / 1000).toFixed(1)} s after the last episode`,
  );
  expect(ledger.acknowledgements).toBeGreaterThan(0);
}
