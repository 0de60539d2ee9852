import { expect, test } from "vitest";
import { type LinkProbes, linkProbesForm } from "../../../../src/contracts/results/links/link-certificate.ts";
import { formatJson } from "../../../../src/core/documents/numbers.ts";
import { writeForm } from "../../../../src/core/documents/write-form.ts";
import { certifyLinks } from "../../../../src/results/analysis/links/certify.ts";
import { publishedRun } from "../../../../src/results/schema/published-run.ts";
import { checkLinks } from "../../../../src/results/verify/checks/links.ts";
import type { Contents } from "../../../../src/results/verify/contents/contents.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { linkedRun, linkProbes } from "../../sample-links.ts";
import { linkedNativeRun, nativeLinkProbes } from "../../sample-native.ts";
import { validRun } from "../../sample-results.ts";
import { contentsOf } from "../contents.ts";

const stored = formatJson(writeForm(linkProbesForm, linkProbes));

function differences(files: Readonly<Record<string, string>>, run = publishedRun(linkedRun)): string[] {
  const findings = new Findings();
  checkLinks(contentsOf({ files: new Map(Object.entries(files)), runs: [run] }), findings);
  return findings.differences.map(({ file, key }) => `${file}: ${key}`);
}

test("a certificate that follows from its probes agrees", () => {
  expect(differences({ "links-1.json": stored })).toEqual([]);
  expect(differences({}, publishedRun(validRun))).toEqual([]);
});

test("of nodes that make the load, links are measured under load, and of no others", () => {
  const findings = new Findings();
  const native = publishedRun(linkedNativeRun);
  const differencesOf = (probes: LinkProbes) => {
    const files = new Map([["links-1.json", formatJson(writeForm(linkProbesForm, probes))]]);
    checkLinks(contentsOf({ files, nativeRuns: [native] }), findings);
    return findings.differences.map(({ key }) => key);
  };
  expect(differencesOf(nativeLinkProbes)).toEqual([]);
  expect(differencesOf({ ...nativeLinkProbes, underLoad: false })).toContain("under_load");
});

test("probes that were made better than they were are told", () => {
  const better = stored.replace('"kernel_dropped": 0', '"kernel_dropped": 3');
  expect(differences({ "links-1.json": better })).toContain(
    "local_benchmark_1_100txs.json: link_certificate.shaper.kernel_dropped",
  );
  const otherLimits = stored.replace('"stall_ms": 500', '"stall_ms": 5000');
  expect(differences({ "links-1.json": otherLimits })).toEqual([
    "local_benchmark_1_100txs.json: link_certificate.limits.stall_ms",
    "links-1.json: limits.stall_ms",
  ]);
});

test("a file that is missing, of another form, or of no run is told", () => {
  expect(differences({})).toEqual(["links-1.json: it"]);
  expect(differences({ "links-1.json": "{}" })).toEqual(["links-1.json: its form"]);
  // The run after the last one may have left it.
  const strangers = { "links-1.json": stored, "links-2.json": stored, "links-3.json": stored };
  expect(differences(strangers)).toEqual(["links-3.json: it"]);
});

test("positions that links and timeline do not lead to are told", () => {
  const document = {
    positions: { node0: [0, 0] },
    quality: [{ distance: "0m" }],
    tick: "1s",
  };
  const entries = [{ at: "1s", for: "2s", move: "validator", to: [10, 0] }];
  const parameters = {
    links: { name: "l.yaml", document },
    timeline: { name: "t.yaml", entries, places: [] },
  } as unknown as Contents["parameters"];
  const nodes = [{ name: "node0", group: "validator" }];
  const moved = (x: number, askedSecs: number) => ({
    askedSecs,
    inForceSecs: askedSecs,
    positions: [[x, 0]],
  });
  const differencesOf = (...moves: ReturnType<typeof moved>[]) => {
    const probes = {
      ...linkProbes,
      ground: { space: "plane", tickMs: 1000, nodes, start: [[0, 0]], moves },
    } as const;
    const findings = new Findings();
    const files = new Map([["links-1.json", formatJson(writeForm(linkProbesForm, probes))]]);
    const run = publishedRun({ ...linkedRun, linkCertificate: certifyLinks(probes) });
    checkLinks(contentsOf({ files, runs: [run], parameters }), findings);
    return findings.differences.map(({ key }) => key);
  };
  expect(differencesOf(moved(5, 2), moved(10, 3))).toEqual([]);
  expect(differencesOf(moved(5, 2), moved(11, 3))).toEqual(["ground.moves[1].positions[0][0]"]);
  expect(differencesOf(moved(5, 2))).toContain("ground.moves.length");
});

test("what a person changed by hand stands in a timeline of the run, behind what was planned", () => {
  const probes = { ...linkProbes, manualChanges: 1 };
  const byHand = {
    action: "set",
    what: "delay 9ms",
    stage: "begin",
    isManual: true,
    askedSecs: 2.5,
    links: 2,
  } as const;
  const run = publishedRun({
    ...linkedRun,
    linkCertificate: certifyLinks(probes),
    linkChanges: [{ ...byHand, issuedSecs: 2.5, effectiveSecs: 2.51 }],
  });
  const text = formatJson(writeForm(linkProbesForm, probes));
  const timelineOf = (at: string) => `- {"at":"${at}","set":{"delay":"9ms"}}\n`;
  const differencesOf = (timeline: Readonly<Record<string, string>>) =>
    differences({ "links-1.json": text, ...timeline }, run);
  expect(differencesOf({ "timeline-1.yaml": timelineOf("2500ms") })).toEqual([]);
  expect(differencesOf({})).toEqual(["timeline-1.yaml: it"]);
  expect(differencesOf({ "timeline-1.yaml": timelineOf("2400ms") })).toEqual([
    "timeline-1.yaml: its times[0]",
  ]);
  expect(differencesOf({ "timeline-1.yaml": `${timelineOf("2500ms")}- {"at":"3s","heal":"all"}\n` })).toEqual(
    ["timeline-1.yaml: its times[1]"],
  );
  expect(differences({ "links-1.json": stored, "timeline-1.yaml": timelineOf("1s") })).toContain(
    "timeline-1.yaml: it",
  );
});
