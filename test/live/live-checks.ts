import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { LiveRun, notify } from "./live-run.ts";
import { readLogEnd, tearLog, wipeLog } from "./log-files.ts";
import type { LiveNode } from "./node.ts";
import { ask, type BlockReply, leaderSlots } from "./rpc.ts";
import { expectFrozen, untilLogGrew, untilRejoined } from "./waiting.ts";

interface Place {
  readonly hash: string;
  readonly height: string;
  readonly index: number;
}

/** A committee, and how it is driven: what a busy machine can bear. */
export interface LiveSetting {
  readonly size: number;
  readonly rateTps: number;
  readonly minRoundDelayMs: number;
}

/**
 * The live checks, one after the other on one committee: each leaves it well. Heights, app hashes and transactions of
 * every node are compared all the time.
 */
export function describeLiveChecks({ size, rateTps, minRoundDelayMs }: LiveSetting): void {
  describe(`a live committee of ${size}`, () => {
    let run: LiveRun;
    let all: readonly LiveNode[];
    /** f of them, one more, and those that live through everything. */
    let victims: readonly LiveNode[];
    let [nextVictim, witness]: LiveNode[] = [];
    let survivors: readonly LiveNode[];
    let hasFailed = false;

    beforeAll(async () => {
      const checkpointIntervalHeights = 200;
      run = await LiveRun.open({
        size,
        rateTps,
        tuning: { consensus: { minRoundDelayMs, checkpointIntervalHeights } },
      });
      all = run.committee.nodes;
      const { faults } = run.committee;
      victims = all.slice(size - faults);
      nextVictim = all[size - faults - 1];
      survivors = all.slice(0, size - faults - 1);
      [witness] = survivors;
      return async () => {
        if (hasFailed) notify(`Homes, logs and output of the nodes: ${run.committee.keep()}`);
        await run[Symbol.asyncDispose]();
      };
    });

    afterEach(({ task }) => {
      hasFailed ||= task.result?.state === "fail";
      run.expectSound();
    });

    test("commits, one block per height whoever tells it", async () => {
      await run.committee.reach(20);
      await run.expectOneChain();
      expect(run.checker.comparisons).toBeGreaterThanOrEqual(20 * (size - 1));
      expect(run.ledger.commits).toBeGreaterThan(0);
    });

    test("goes on without f of its members, and skips their slots", async () => {
      await Promise.all(victims.map((node) => node.kill()));
      const living = all.filter((node) => node.isRunning);
      // Blocks that the victims sent before they died may still be committed.
      await run.committee.grow(20, living);
      const slots = (outcome: string) =>
        Promise.all(
          living.flatMap(({ home }) => victims.map(({ authority }) => leaderSlots(home, authority, outcome))),
        );
      const [committed, skipped] = [await slots("commit"), await slots("skip")];
      await run.committee.grow(30, living);
      expect(await slots("commit")).toEqual(committed);
      for (const [i, count] of (await slots("skip")).entries())
        expect(count).toBeGreaterThan(skipped[i] ?? 0);
    });

    test("takes them back: their old chain is a prefix, and soon they are within five rounds of the others", async () => {
      const living = all.filter((node) => node.isRunning);
      const startedMs = performance.now();
      await Promise.all(victims.map((node) => node.start()));
      await Promise.all(victims.map((node) => untilRejoined(node, living)));
      notify(`${size} validators: ${victims.length} back within ${since(startedMs)} of their start`);
      await run.committee.settle();
      await run.expectOneChain();
    });

    test("stands still without f + 1, does not fork, and goes on with one of them back", async () => {
      const dead = [...victims, nextVictim as LiveNode];
      await Promise.all(dead.map((node) => node.kill()));
      const frozenAt = await expectFrozen(survivors);
      const [first, ...others] = dead;
      await first?.start();
      const startedMs = performance.now();
      await run.committee.reach(frozenAt + 20, [...survivors, first as LiveNode]);
      notify(`${size} validators: 20 heights ${since(startedMs)} after a quorum was back`);
      await Promise.all(others.map((node) => node.start()));
      await run.committee.settle();
      await run.expectOneChain();
    });

    test.each([
      ["half of what it wrote last", 0.5, 0],
      ["nothing, but has garbage behind it", 0, 1_000],
      ["everything it wrote last, and has garbage instead", 1, 20],
    ])("takes a member back whose log lost %s", async (_, lostRatio, garbageBytes) => {
      const [victim] = victims as [LiveNode];
      const mark = await readLogEnd(victim.home);
      await untilLogGrew(victim.home, mark, 10_000);
      await victim.kill();
      run.damaged(victim);
      await tearLog(victim.home, mark, { lostRatio, garbage: randomBytes(garbageBytes) });
      await expectBack(victim);
    });

    test("takes a member back whose log is gone, and it never signs two blocks of a round", async () => {
      const [victim] = victims as [LiveNode];
      await victim.kill();
      run.damaged(victim);
      await wipeLog(victim.home);
      await expectBack(victim);
    });

    test("goes on while f leaders are silent, and they catch up", async () => {
      for (const node of victims) node.pause();
      const living = all.filter((node) => !node.isPaused);
      await run.committee.grow(30, living);
      for (const node of victims) node.resume();
      await Promise.all(victims.map((node) => untilRejoined(node, living)));
      await run.committee.settle();
    });

    test.each(["cut", "lost"] as const)(
      "stands still while parted in halves (connections are %s), and goes on when they meet again",
      async (failure) => {
        const half = all.slice(Math.ceil(size / 2)).map(({ authority }) => authority);
        run.committee.links.isolate(half, failure);
        const frozenAt = await expectFrozen(all);
        run.committee.links.heal();
        const healedMs = performance.now();
        await run.committee.reach(frozenAt + 20);
        notify(`${size} validators: 20 heights ${since(healedMs)} after a partition (${failure}) healed`);
        await run.committee.settle();
      },
    );

    test("committed all that was acknowledged, once, at one place, and no round has two blocks of one author", async () => {
      await run.load.stop();
      const lost = await run.expectCommitted(10_000);
      notify(
        `${size} validators: ${run.ledger.acknowledgements} acknowledged, ${run.ledger.commits} committed; lost by ` +
          `those whose logs were damaged ${lost}`,
      );
      const height = await run.expectOneChain();
      await run.expectNoTwins();
      const places = await latestTransactions(witness as LiveNode, height);
      expect(places.length).toBeGreaterThanOrEqual(10);
      for (const { hash, ...place } of places) {
        for (const { home } of all) expect(await ask(home, "tx", { hash })).toMatchObject(place);
      }
    });

    /** The node starts, catches up, and its blocks lead again. */
    async function expectBack(node: LiveNode): Promise<void> {
      const led = await leaderSlots((witness as LiveNode).home, node.authority, "commit");
      await node.start();
      await untilRejoined(
        node,
        all.filter((other) => other !== node),
      );
      await until(
        async () =>
          (await leaderSlots((witness as LiveNode).home, node.authority, "commit")) >= led + 3
            ? true
            : undefined,
        { timeoutMs: 60_000, everyMs: 50, describe: () => `node${node.authority} leads no more` },
      );
      await run.committee.settle();
      await run.expectOneChain();
      await run.expectNoTwins();
    }
  });
}

/** The transactions of the latest heights that have any: hash in base64, and place. */
async function latestTransactions(node: LiveNode, height: number): Promise<Place[]> {
  const places: Place[] = [];
  for (let at = height; at > 0 && places.length < 10; at--) {
    const { block } = await ask<BlockReply>(node.home, "block", { height: String(at) });
    (block.data.txs ?? []).forEach((text, index) => {
      const hash = createHash("sha256").update(Buffer.from(text, "base64")).digest("base64");
      places.push({ hash, height: String(at), index });
    });
  }
  return places;
}

function since(startMs: number): string {
  return `${((performance.now() - startMs) / 1000).toFixed(2)} s`;
}
