import { expect, test } from "vitest";
import { ceilingClaims } from "../../benchmarks/suite/generator/ceiling-claims.ts";
import { type Findings, formatFindings } from "../../benchmarks/suite/generator/findings.ts";
import { formatSection, replaceSection } from "../../benchmarks/suite/generator/readme-section.ts";
import type { Throughput } from "../../benchmarks/suite/generator/throughput.ts";
import { parseK6Summary, parseWrk2Latency } from "../../benchmarks/suite/peers/summaries.ts";

const findings: Findings = {
  name: "pacing",
  title: "How evenly transactions are sent",
  method: "By a sink.",
  command: "node benchmarks/suite/pacing.ts",
  machine: {
    cpu: "Some CPU",
    cores: 2,
    memoryGib: 24,
    kernel: "Linux 6.1",
    node: "v24.0.0",
    loadBefore: 0.9,
    startedAt: "2026-01-01T00:00:00.000Z",
  },
  setting: ["generator on core 0"],
  claims: [
    { what: "p99", asked: "≤ 250 µs", measured: "100 µs", holds: true },
    { what: "rate", asked: "within 0.01 %", measured: "the run failed", holds: undefined },
    { what: "dropped", asked: "0", measured: "7", holds: false },
  ],
  tables: [],
  notes: ["NOT MEASURED: wrk2: nobody has it"],
  raw: {},
};

test("a page says what was asked, what was measured, and what is missing", () => {
  const page = formatFindings(findings);
  expect(page).toContain("| p99     |      ≤ 250 µs |         100 µs |          yes |");
  expect(page).toMatch(/\| rate .* not measured \|/);
  expect(page).toMatch(/\| dropped .* NO \|/);
  expect(page).toContain("THE MACHINE WAS NOT IDLE");
  expect(page).toContain("- NOT MEASURED: wrk2: nobody has it");
});

test("the README's section is put where the last one stands, and nothing else is touched", () => {
  const readme = "# A\n<!-- results of npm run bench: begin -->\nfigures of before\n<!-- end -->\n# B\n";
  const once = replaceSection(readme, formatSection([findings]));
  expect(once).toMatch(/^# A\n<!-- results of npm run bench: begin -->\n\n\| what/);
  expect(once).toContain("[pacing](suite/results/pacing.md): p99");
  expect(once).toContain("`node benchmarks/suite/pacing.ts`");
  expect(once).toMatch(/<!-- end -->\n# B\n$/);
  expect(once).not.toContain("figures of before");
  expect(replaceSection(once, formatSection([findings]))).toBe(once);
  expect(() => replaceSection("# A", "")).toThrow("no place for results");
});

test("ratios are taken within each round, and their middle counts", () => {
  const turn = (tps: number): Throughput => ({
    tps,
    cpuUs: 1e6 / tps,
    generatorBusyRatio: 1,
    sinkBusyRatio: 0.5,
    said: "",
  });
  const measured = new Map([
    ["baleen http, 4 × 64", [turn(900), turn(400), turn(1000)]],
    ["wrk, 4 × 64, static", [turn(1000), turn(1000), turn(2000)]],
  ]);
  const claims = ceilingClaims(measured);
  const beside = claims.find(({ what }) => what === "baleen http, 4 × 64, against wrk, 4 × 64, static");
  expect(beside).toMatchObject({ holds: false, asked: "≥ 0.6 ×" });
  expect(beside?.measured).toContain("0.500 × (0.900, 0.400, 0.500)");
  const others = claims.filter((claim) => claim !== beside);
  expect(others.every(({ holds }) => holds === undefined)).toBe(true);
});

test("quantiles are read from what peers say", () => {
  const said = `{"metrics":{"http_req_duration":{"p(50)":1.5,"p(99)":30,"p(99.9)":31}}}`;
  expect(parseK6Summary(said)).toEqual({ p50: 1.5, p99: 30, p999: 31 });
  expect(parseK6Summary("{}")).toEqual({ p50: undefined, p99: undefined, p999: undefined });
  const wrk2 = " 50.000%  500.00us\n 99.000%    6.55ms\n 99.900%    1.02s \n";
  expect(parseWrk2Latency(wrk2)).toEqual({ p50: 0.5, p99: 6.55, p999: 1020 });
});
