import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { until } from "../../src/core/async.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import { readUint64 } from "../../src/validator/engine/consensus/bytes.ts";
import { unforcedOffset } from "../../src/validator/log/own-rounds.ts";
import { readRecord, recordOverheadBytes, recordTags } from "../../src/validator/log/record.ts";
import type { ValidatorTuning } from "../../src/validator/wire/node-files.ts";
import { openLinks } from "../live/links.ts";
import { notify } from "../live/live-run.ts";
import { compare, metric, openCommittee, reach, type TestNode } from "./committee.ts";
import { type HomeFiles, writeHome } from "./homes.ts";

/** What a crash of the machine takes: the end of the log, and what was never forced to the disk of the own rounds. */
export interface Loss {
  /** The last log file is cut here. */
  readonly logBytes: number;
  /** Whether the machine ran on, so that only the log was damaged. */
  readonly isLogAlone: boolean;
}

/** A committee of four in this process, with a proxy on each link and a clock for each that can be put forward. */
export async function openCrashSite(seed: string, log: Partial<ValidatorTuning["log"]> = {}) {
  const aheadMs = [0, 0, 0, 0];
  const clockOf = (authority: number): Clock => ({
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + (aheadMs[authority] ?? 0),
  });
  const committee = await openCommittee(4, clockOf);
  const links = await openLinks(committee.homes);
  for (const home of links.homes) {
    const consensus = { ...home.config.consensus, minRoundDelayMs: 20, leaderTimeoutMs: 100 };
    const config = { ...home.config, consensus, log: { ...home.config.log, ...log } };
    await writeHome({ ...home, config });
  }
  const nodes: TestNode[] = await committee.startAll([0, 1, 2, 3]);
  const homeOf = (authority: number) => links.homes[authority] as HomeFiles;
  const nodeOf = (authority: number) => nodes[authority] as TestNode;
  return {
    nodes,
    links,
    random: seededRandom(seed),
    homeOf,
    nodeOf,
    /** Ends a node as a crash of its machine does, with what that takes. */
    crash: (authority: number, lossOf: () => Loss) => {
      const { folder } = homeOf(authority);
      const rounds = readOwnRounds(folder);
      const { logBytes, isLogAlone } = lossOf();
      nodeOf(authority).stop();
      truncateSync(lastLogFile(folder), logBytes);
      if (rounds !== undefined) writeFileSync(rounds.path, isLogAlone ? rounds.bytes : rounds.forced);
    },
    start: async (authority: number) => {
      nodes[authority] = await committee.start(authority);
      return nodeOf(authority);
    },
    /** Everything that a node waits for by its clock is over. */
    putForward: (authority: number) => {
      aheadMs[authority] = (aheadMs[authority] ?? 0) + 10_000;
    },
    [Symbol.asyncDispose]: async () => {
      await committee[Symbol.asyncDispose]();
      links[Symbol.dispose]();
    },
  };
}

export type CrashSite = Awaited<ReturnType<typeof openCrashSite>>;

/** The file of own rounds as it is, and as a crash of the machine leaves it: its last page is not forced to the disk. */
function readOwnRounds(folder: string) {
  const path = join(folder, "own-rounds");
  if (!readdirSync(folder).includes("own-rounds")) return undefined;
  const bytes = readFileSync(path);
  return { path, bytes, forced: bytes.subarray(0, unforcedOffset) };
}

export function lastLogFile(folder: string): string {
  const names = readdirSync(join(folder, "log")).filter((name) => name.endsWith(".log"));
  return join(folder, "log", names.sort().at(-1) ?? "");
}

/** A block in the last log file, and where its record begins. */
interface LoggedBlock {
  readonly author: number;
  readonly round: number;
  readonly start: number;
}

export function readLoggedBlocks(folder: string): LoggedBlock[] {
  const bytes = readFileSync(lastLogFile(folder));
  const blocks: LoggedBlock[] = [];
  let start = 0;
  for (let record = readRecord(bytes, start); record !== undefined; record = readRecord(bytes, start)) {
    const { tag, payload } = record;
    if (tag === recordTags.block || tag === recordTags.ownBlock) {
      blocks.push({ author: payload.readUInt16BE(0), round: readUint64(payload, 2) ?? 0, start });
    }
    start += recordOverheadBytes + payload.length;
  }
  return blocks;
}

function highest(folder: string, author: number): number {
  return Math.max(
    0,
    ...readLoggedBlocks(folder).flatMap((each) => (each.author === author ? each.round : [])),
  );
}

/**
 * Cuts a validator and a witness off from the other two until the witness alone holds an own block of it; takes that
 * block and more from its log; and starts it again with the other two, with whom it is just a quorum. Then the witness
 * comes back.
 *
 * @returns whether only the witness held an own block that the log lost
 */
async function loseOwnBlocks(site: CrashSite): Promise<boolean> {
  const { links, random, nodes, homeOf } = site;
  const [victim = 0, witness = 0, ...others] = shuffle(random, nodes.length);
  await reach(nodes, Math.max(...nodes.map(({ chain }) => chain.height())) + 3);
  const [folder, ...elsewhere] = [victim, ...others].map((authority) => homeOf(authority).folder);
  if (folder === undefined) throw new Error("no victim");
  links.separate([victim, witness], others, "cut");
  const isAlone = () => {
    const own = highest(folder, victim);
    return (
      highest(homeOf(witness).folder, victim) >= own && elsewhere.every((each) => highest(each, victim) < own)
    );
  };
  // Without a quorum on either side, all is still after a round or two.
  const isHidden = await until(() => (isAlone() ? true : undefined), {
    timeoutMs: 300,
    everyMs: 10,
    describe: () => "",
  }).catch(() => false);
  const reachedElsewhere = Math.max(...elsewhere.map((each) => highest(each, victim)));
  const isLogAlone = random.nextRatio() < 0.3;
  site.crash(victim, () => {
    const blocks = readLoggedBlocks(folder);
    const hidden = blocks.findIndex(({ author, round }) => author === victim && round > reachedElsewhere);
    const last = hidden < 0 ? blocks.length - 1 : hidden;
    const at = Math.max(0, last - Math.floor(random.nextRatio() * 12));
    return { logBytes: blocks[at]?.start ?? 0, isLogAlone };
  });
  links.heal();
  links.isolate([witness], "cut");
  const again = await site.start(victim);
  await until(() => (again.chain.peers().length === 2 ? true : undefined), {
    timeoutMs: 20_000,
    everyMs: 5,
    describe: () => "the others are not connected",
  });
  const heightBefore = again.chain.height();
  site.putForward(victim);
  // Either it says that it waits, or it goes on.
  const isDecided = () =>
    again.log.some((line) => line.includes("own blocks are missing")) ||
    again.chain.height() > heightBefore + 3;
  await until(() => isDecided() || undefined, {
    timeoutMs: 20_000,
    everyMs: 10,
    describe: () => `it neither goes on nor waits: ${again.log.join("\n")}`,
  });
  links.heal();
  await reach(nodes, Math.max(...nodes.map(({ chain }) => chain.height())) + 8, 60_000);
  return isHidden;
}

/** Loses own blocks of one validator after the other, and expects of the committee that it goes on without twins. */
export async function expectNoRoundSignedTwice(campaign: { seed: string; tries: number }): Promise<void> {
  const { seed, tries } = campaign;
  await using site = await openCrashSite(seed);
  let hidden = 0;
  // On a busy machine a block may reach more than the one that is to hold it: then there is nothing to lose.
  for (let i = 1; hidden < tries && i <= 3 * tries; i++) {
    if (await loseOwnBlocks(site)) hidden++;
    expect({ seed, try: i, twins: twinsOf(site) }).toEqual({ seed, try: i, twins: 0 });
  }
  expect(compare(site.nodes).different).toEqual([]);
  notify(`seed ${seed}: ${hidden} crashes with a block that one other held; no twins`);
  expect(hidden).toBe(tries);
}

/** Twins that the nodes have seen. */
export function twinsOf({ nodes }: CrashSite): number {
  return nodes.reduce((sum, node) => sum + metric(node, "equivocations_total"), 0);
}

function shuffle(random: Random, size: number): number[] {
  const order = Array.from({ length: size }, (_, i) => ({ i, key: random.nextUint32() }));
  return order.sort((a, b) => a.key - b.key).map(({ i }) => i);
}
