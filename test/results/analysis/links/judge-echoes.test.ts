import { describe, expect, test } from "vitest";
import type { ProbedLinkRecord } from "../../../../src/contracts/results/links/link-certificate.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { commonLateness, judgeEchoes } from "../../../../src/results/analysis/links/judge-echoes.ts";
import { linkLimits } from "../../../../src/results/analysis/links/limits.ts";
import { delayed, sampleLink } from "../../sample-links.ts";

const seconds = 60;
type Echoes = readonly (number | undefined)[];
const steady = (ms: number): (number | undefined)[] => Array.from({ length: seconds }, () => ms);

/** Echoes of four links that were asked for 25 ms; the others are as asked. */
function judge(echoesMs: Echoes, others: Echoes = steady(25.1)) {
  const pair = (at: number): readonly [string, string] => ["node0", `node${at}`];
  const links = [echoesMs, others, others, others].map((echoes, at) =>
    sampleLink(pair(at + 1), delayed(25), { echoesMs: echoes }),
  );
  return judgeEchoes(links[0] as ProbedLinkRecord, commonLateness(links), linkLimits);
}

const changed = (ms: number | undefined, from: number, to: number): Echoes =>
  steady(25.1).map((usual, second) => (second >= from && second < to ? ms : usual));

describe("echoes of a link", () => {
  test("as asked all the while", () => {
    expect(judge(steady(25.2))).toEqual({ echoes: seconds, early: 0, late: 0, failure: undefined });
  });

  test("a rule that was removed: three in a row arrive too early", () => {
    expect(judge(changed(0.1, 20, 22)).failure).toBeUndefined();
    expect(judge(changed(0.1, 20, 23)).failure).toBe("3 of 60 echoes arrived too early, 3 of them in a row");
  });

  test("a wrong table: all are too late, and so are six in a row", () => {
    expect(judge(steady(80)).failure).toMatch(/^60 of 60 echoes arrived too late or not at all/);
    expect(judge(changed(80, 20, 25)).failure).toBeUndefined();
    expect(judge(changed(80, 20, 26)).failure).toBeDefined();
  });

  test("that do not arrive count as late where the link loses none", () => {
    expect(judge(changed(undefined, 20, 26)).failure).toBe(
      "6 of 60 echoes arrived too late or not at all, 6 of them in a row",
    );
    const lossy = delayed(25, { loss: { kind: "independent", lossRatio: 0.5 } });
    const link = sampleLink(["node0", "node1"], lossy, { echoesMs: changed(undefined, 20, 50) });
    expect(judgeEchoes(link, new Map(), linkLimits)).toMatchObject({
      echoes: 30,
      late: 0,
      failure: undefined,
    });
  });

  test("that arrive over a link that is down are early", () => {
    const link = sampleLink(["node0", "node1"], delayed(0, { down: true }), {
      echoesMs: Array.from({ length: seconds }, (_, second) => (second < 3 ? 25 : undefined)),
    });
    expect(judgeEchoes(link, new Map(), linkLimits).failure).toMatch(/too early/);
  });

  test("are held to what was in force when the timeline had changed it", () => {
    const slow = sampleLink(["node0", "node1"], delayed(25), { echoesMs: changed(200, 20, 40) });
    expect(judgeEchoes(slow, new Map(), linkLimits).failure).toBeDefined();
    const inForce = Array.from({ length: 20 }, (_, at) => ({
      atSecs: 20.1 + at,
      lowMs: 200,
      highMs: 200,
      mayBeLost: false,
    }));
    // Times as they are published.
    const during = {
      ...slow.during,
      changed: inForce.map((one) => ({ ...one, atSecs: Math.round(one.atSecs * 10) / 10 })),
    };
    const known = { ...slow, during } as ProbedLinkRecord;
    expect(judgeEchoes(known, new Map(), linkLimits)).toMatchObject({ early: 0, late: 0 });
  });

  test("on a machine that holds up every probe are not the links' fault", () => {
    const late = changed(60, 10, 40);
    expect(judge(late, late)).toMatchObject({ late: 0, failure: undefined });
    // One that is as late alone is.
    expect(judge(late)).toMatchObject({ late: 30 });
  });

  test("of a healthy run on a noisy machine are believed", () => {
    const random = seededRandom("noise");
    // Every fifth is up to 40 ms late, on each link for itself.
    const noisy = () =>
      steady(25).map((ms) => (ms ?? 0) + (random.nextRatio() < 0.2 ? 40 * random.nextRatio() : 0.3));
    const links = Array.from({ length: 90 }, (_, at) =>
      sampleLink(["node0", `node${at + 1}`], delayed(25), { echoesMs: noisy() }),
    );
    const common = commonLateness(links);
    const failed = links.filter((link) => judgeEchoes(link, common, linkLimits).failure !== undefined);
    expect(failed).toEqual([]);
  });
});
