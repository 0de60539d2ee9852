/** Emulated links as a run has measured them. */
import { type LinkShape, unshaped } from "../../src/contracts/links/shape.ts";
import {
  type LinkProbes,
  linkProbesForm,
  type ProbedLinkRecord,
} from "../../src/contracts/results/links/link-certificate.ts";
import type { RunResult } from "../../src/contracts/results/result.ts";
import { asPublished } from "../../src/core/documents/write-form.ts";
import { certifyLinks } from "../../src/results/analysis/links/certify.ts";
import { figuresOf } from "../../src/results/analysis/links/figures.ts";
import { linkLimits } from "../../src/results/analysis/links/limits.ts";
import { evidenceOf, judgeRun } from "../../src/results/analysis/verdict/verdict.ts";
import { validRun } from "./sample-results.ts";

export const delayed = (delayMs: number, changes: Partial<LinkShape> = {}): LinkShape => ({
  ...unshaped,
  delayMs,
  ...changes,
});

/** Delays that are spread a little over what was asked for. */
export const around = (ms: number, count: number) =>
  Array.from({ length: count }, (_, at) => ms + 0.1 + (at % 20) / 40);

interface SampleLink {
  readonly sent?: number;
  readonly lost?: number;
  readonly gotMs?: number;
  readonly goodputBps?: number;
  /** Of the echoes in the window, one a second. */
  readonly echoesMs?: readonly (number | undefined)[];
}

/** A link that was measured before, during and after a run. */
export function sampleLink(
  [from, to]: readonly [string, string],
  asked: LinkShape,
  { sent = 200, lost = 0, gotMs = asked.delayMs, goodputBps, echoesMs }: SampleLink = {},
): ProbedLinkRecord {
  const received = asked.down ? 0 : sent - lost;
  const before = { ...figuresOf({ sent, received, delaysMs: around(gotMs, received) }), goodputBps };
  const echoes = echoesMs ?? Array.from({ length: 60 }, () => (asked.down ? undefined : gotMs + 0.2));
  return {
    from,
    to,
    way: "one-way",
    asked,
    bareMs: 0.04,
    bareP99Ms: 0.2,
    congestionControl: "bbr",
    before,
    during: {
      atSecs: echoes.flatMap((ms, second) => (ms === undefined ? [] : [second + 0.1])),
      delaysMs: echoes.filter((ms) => ms !== undefined),
      lostAtSecs: echoes.flatMap((ms, second) => (ms === undefined ? [second + 0.1] : [])),
      changed: [],
    },
    after: figuresOf({
      sent: 50,
      received: asked.down ? 0 : 50,
      delaysMs: around(gotMs, asked.down ? 0 : 50),
    }),
  };
}

const links = [
  sampleLink(["node0", "node1"], delayed(25)),
  sampleLink(["node1", "node0"], delayed(25, { loss: { kind: "independent", lossRatio: 0.01 } }), {
    sent: 2_000,
    lost: 23,
  }),
  sampleLink(["node0", "node2"], delayed(100, { rateBps: 20e6 }), { goodputBps: 18.9e6 }),
  sampleLink(["node2", "node0"], delayed(0, { down: true })),
];

/** As its file holds it. */
export const linkProbes: LinkProbes = asPublished(linkProbesForm, {
  benchmarkNumber: 1,
  name: "two-continents.yaml",
  mechanism: "nfqueue",
  realTime: true,
  windowSecs: 180,
  underLoad: false,
  linksOfNetwork: links.length,
  ratedLinks: 1,
  leastDelayMs: 25,
  sample: "all",
  links,
  seconds: Array.from({ length: 60 }, (_, second) => ({
    atSecs: second + 1.001,
    released: 1_000,
    lateP50Ms: 0.02,
    lateP99Ms: second === 30 ? 40 : 0.11,
    lateMaxMs: second === 30 ? 60 : 0.4,
    lost: 10,
    overflowed: 1,
    cut: 0,
    kernelDropped: 0,
    cpuMs: 40,
  })),
  troubles: [],
  limits: linkLimits,
});

export const partitionChanges: RunResult["linkChanges"] = [
  {
    action: "partition",
    what: "node0, node1 | node2, node3",
    stage: "begin",
    askedSecs: 20,
    issuedSecs: 20.001,
    effectiveSecs: 20.004,
    links: 8,
    firstCommitSecs: 30.412,
  },
  {
    action: "partition",
    what: "node0, node1 | node2, node3",
    stage: "end",
    askedSecs: 30,
    issuedSecs: 30.001,
    effectiveSecs: 30.003,
    links: 8,
    firstCommitSecs: 30.412,
  },
];

/** A run whose links were as asked, but for a partition on purpose. */
export const linkedRun: RunResult = {
  ...validRun,
  parameters: { ...validRun.parameters, links: "two-continents.yaml", timeline: "cut.yaml" },
  linkCertificate: certifyLinks(linkProbes),
  linkChanges: partitionChanges,
};

/** One link lets packets through too early. */
export const wrongLinkRun: RunResult = (() => {
  const wrong = sampleLink(["node0", "node1"], delayed(25), { gotMs: 4 });
  const linkCertificate = certifyLinks({ ...linkProbes, links: [wrong, ...links.slice(1)] });
  const run = { ...linkedRun, benchmarkNumber: 8, linkCertificate, linkChanges: [] };
  return { ...run, verdict: judgeRun(evidenceOf(run), run.parameters.limits) };
})();

export const linkRuns = { links: linkedRun, "links-wrong": wrongLinkRun };
