import { describe, expect, test } from "vitest";
import type { RemoteParameters } from "../../../../src/contracts/parameters.ts";
import { defaultRemote } from "../../../../src/options/defaults.ts";
import { formatHeader, type HeaderFacts } from "../../../../src/results/report/blocks/header.ts";
import {
  formatLocalNetworkStatistics,
  formatRunBlock,
} from "../../../../src/results/report/blocks/run-block.ts";
import { formatResultsJson } from "../../../../src/results/report/documents/results-json.ts";
import { formatSummaryText } from "../../../../src/results/report/documents/summary-text.ts";
import { formatSummaryTable } from "../../../../src/results/report/tables/summary-table.ts";
import { buildParametersJson } from "../../../../src/results/schema/parameters.ts";
import { buildRunJson } from "../../../../src/results/schema/run.ts";
import type { SweepSummary } from "../../../../src/results/schema/summary.ts";
import { quietEnvironment } from "../../sample-environments.ts";
import { linkRuns } from "../../sample-links.ts";
import { observerRuns } from "../../sample-observers.ts";
import {
  censoredRun,
  failoverRun,
  faultyRun,
  generatorLimitedRun,
  invalidRun,
  noCommitRun,
  nothingSeenRun,
  sampleRuns,
  sweepParameters,
  validRun,
} from "../../sample-results.ts";
import { safetyRuns } from "../../sample-safety.ts";

const facts: HeaderFacts = {
  runtime: "process",
  runtimeReason: "no Docker engine answers",
  bundle: "benchmarks/20240115T102930Z-local-3f9a2c1e",
};

const summary: SweepSummary = {
  run: "3f9a2c1e7b",
  networkType: "local",
  runtime: "docker",
  startedAt: "2024-01-15T10:29:30.000Z",
  finishedAt: "2024-01-15T10:40:00.000Z",
  plannedRuns: 3,
  runs: [validRun, censoredRun],
  endedEarly: "interrupted by SIGINT",
};

/** A golden ends with a line break, a block does not. */
const golden = (name: string) => `${name}.golden.txt`;

describe("the block of a run", () => {
  test.each(Object.entries({ ...sampleRuns, ...safetyRuns, ...observerRuns, ...linkRuns }))(
    "looks as recorded: %s",
    async (name, result) => {
      await expect(`${formatRunBlock(result)}\n`).toMatchFileSnapshot(golden(`run-block.${name}`));
    },
  );

  test.each(["safe", "forked"] as const)("shows no control characters of nodes' names: %s", (name) => {
    const run = safetyRuns[name];
    const safety = JSON.stringify(run.safety).replaceAll(/"node(\d)"/g, '"node$1\\u001b[2J"');
    const text = formatRunBlock({ ...run, safety: JSON.parse(safety) });
    expect(text).toContain("[2J");
    expect(text).not.toContain("\u001b");
  });

  test("says that failover was on, also where no node was to crash", () => {
    const parameters = { ...validRun.parameters, failover: true };
    expect(formatRunBlock({ ...validRun, parameters })).toContain(
      "\n\nFailover: 0 transactions went to the next node\n\nLATENCY",
    );
  });

  test("claims no age of blocks by the clocks of containers that were not seen on this machine", () => {
    const parameters = { ...validRun.parameters, runtime: "docker" } as const;
    expect(formatRunBlock({ ...safetyRuns.safe, parameters })).toContain(
      "not claimed: 84.0 ms, but whether the nodes have this machine's clock is not known",
    );
  });

  test("stays within 80 columns where nodes crash", () => {
    const tables = [faultyRun, failoverRun].flatMap((run) => {
      const lines = formatRunBlock(run).split("\n");
      return lines.slice(
        lines.findIndex((line) => line.startsWith("FAULTS")),
        lines.findIndex((line) => line.startsWith("LATENCY")),
      );
    });
    expect(tables.length).toBeGreaterThan(20);
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("begins with the verdict, and then the source document's lines, unchanged", () => {
    expect(formatRunBlock(validRun)).toMatch(
      [
        "BENCHMARK RESULT #1",
        "============================================================",
        "VERDICT: valid",
        "  Limits: send lateness p99 ≤ max(2 ms, 10% of p50), sent ≥ 99%",
        "",
        "Network Type: local",
        "Input Load: 100 tx/s",
        "Duration: 180s",
        "",
        "RESULTS:",
        "  Throughput: 95.2 tx/s",
        "  Average Latency: 45.2 ms",
        "  Latency Std Dev: 12.1 ms",
        "  Successful Transactions: 18000",
        "  Failed Transactions: 0",
        "  Efficiency: 95.2%",
        "",
      ].join("\n"),
    );
  });

  test("shows no control characters that a node may have sent", () => {
    expect(formatRunBlock(censoredRun)).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  test("never shows an unseen latency as 0", () => {
    expect(formatRunBlock(nothingSeenRun)).toContain("Average Latency: none seen");
  });
});

describe("the statistics of local-network", () => {
  test.each(Object.entries(sampleRuns))("look as recorded: %s", async (name, result) => {
    await expect(`${formatLocalNetworkStatistics(result)}\n`).toMatchFileSnapshot(
      golden(`local-network-statistics.${name}`),
    );
  });
});

describe("the header", () => {
  test("looks as recorded", async () => {
    await expect(`${formatHeader(sweepParameters, facts)}\n`).toMatchFileSnapshot(golden("header"));
  });

  test("says how many transactions, where that was asked for, and that nothing is written", () => {
    const header = formatHeader(
      { ...sweepParameters, numTransactions: 1000, warmUpSecs: 2, cleanup: "thorough", keepNetwork: true },
      { runtime: "docker" },
    );
    expect(header).toContain("  Transactions: 1000 per load\n");
    expect(header).toContain("  Warm-up: 2s\n");
    expect(header).toContain("  Runtime: docker\n");
    expect(header).toContain("  Clean-up: containers, networks, volumes and data are removed\n");
    expect(header).toMatch(/ {2}Output: no files$/);
    expect(header).not.toContain("Duration");
  });

  test("names the hosts of a remote network, and how their nodes are reached", () => {
    const hosts = [
      { name: "host0", address: "10.0.1.10", region: "eu-west", nodes: [0, 2] },
      { name: "far.example.com", address: "far.example.com", nodes: [1] },
    ];
    const remote: RemoteParameters = { ...defaultRemote, hosts, clientHosts: [], rpcVia: "ssh" };
    const header = formatHeader({ ...sweepParameters, networkType: "remote", remote }, facts);
    expect(header).toContain(
      "\n  Hosts: host0 (10.0.1.10, eu-west), far.example.com\n  RPC: through the SSH connections\n",
    );
    const clients = (changes: Partial<typeof remote>) =>
      formatHeader({ ...sweepParameters, networkType: "remote", remote: { ...remote, ...changes } }, facts);
    expect(header).not.toContain("Clients:");
    expect(clients({ clientPlacement: "colocated" })).toContain("\n  Clients: on the nodes' hosts\n");
    const clientHosts = [{ name: "load", address: "10.0.2.1", nodes: [] }];
    expect(clients({ clientPlacement: "dedicated", clientHosts })).toContain(
      "\n  Clients: on load (10.0.2.1)\n",
    );
  });

  test("says what is to fail, and where a dead node's transactions go", () => {
    const header = formatHeader({ ...sweepParameters, committee: 7, faults: 2, failover: true }, facts);
    expect(header).toContain("  Faults: 2 of 7 nodes crash at the start\n");
    expect(header).toContain("  Failover: a dead node's transactions go to the next one\n");
  });
});

describe("the summary table", () => {
  test("looks as recorded, within 80 columns", async () => {
    const table = formatSummaryTable([
      validRun,
      censoredRun,
      invalidRun,
      generatorLimitedRun,
      nothingSeenRun,
    ]);
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    await expect(`${table}\n`).toMatchFileSnapshot(golden("summary-table"));
  });

  test("says where commits could not be observed", async () => {
    await expect(`${formatSummaryTable([noCommitRun])}\n`).toMatchFileSnapshot(
      golden("summary-table.no-commit"),
    );
  });

  test("says what was to fail, and what became of the dead nodes' transactions", () => {
    const stays = { ...faultyRun, parameters: { ...faultyRun.parameters, crashRecovery: false } };
    expect(formatSummaryTable([stays, stays])).toMatch(
      /\nFaults: 1 of 4 nodes crashes at the start\nNo failover: transactions of a crashed node fail$/,
    );
    expect(formatSummaryTable([faultyRun])).toContain(
      "\nFaults: 1 of 4 nodes at a time crashes, from the start on, for 5s each\n",
    );
    expect(formatSummaryTable([failoverRun, { ...failoverRun, redirected: 1240 }])).toMatch(
      /\nFaults: 5 of 16 nodes crash at the start\nFailover: 311, 1240 transactions went to the next node$/,
    );
  });

  test("says that no run finished", () => {
    expect(formatSummaryTable([])).toBe("No run finished.");
  });
});

describe("summary.txt", () => {
  test("looks as recorded", async () => {
    await expect(formatSummaryText(summary, sweepParameters, facts)).toMatchFileSnapshot(golden("summary"));
  });

  test("holds all that the console showed", () => {
    const text = formatSummaryText(summary, sweepParameters, facts);
    expect(text).toContain(formatHeader(sweepParameters, facts));
    for (const result of summary.runs) expect(text).toContain(formatRunBlock(result));
    expect(text).toContain(formatSummaryTable(summary.runs));
  });
});

describe("the document of --json", () => {
  test("holds the runs just as their files do", () => {
    const document = JSON.parse(
      formatResultsJson(summary, {
        parameters: buildParametersJson(sweepParameters),
        bundle: "/results/one",
        leftover: { what: ["container node0"], command: "docker compose -p baleen down" },
      }),
    );
    expect(document).toMatchObject({
      schema: "baleen.results/1",
      finished_runs: 2,
      planned_runs: 3,
      ended_early: "interrupted by SIGINT",
      bundle: "/results/one",
      leftover: { what: ["container node0"], command: "docker compose -p baleen down" },
      parameters: { nodes: 4 },
    });
    expect(document.runs).toEqual(JSON.parse(JSON.stringify(summary.runs.map(buildRunJson))));
  });

  test("leaves out what there is not", () => {
    const { endedEarly: _, ...whole } = summary;
    const document = JSON.parse(
      formatResultsJson(whole, { parameters: buildParametersJson(sweepParameters) }),
    );
    for (const key of ["bundle", "leftover", "ended_early"]) expect(document).not.toHaveProperty(key);
  });
});

test("a machine that was not seen is not told to have been left alone", () => {
  const seen = formatRunBlock({ ...validRun, environment: quietEnvironment });
  expect(seen).toContain("\nENVIRONMENT: no limit was exceeded for long\n");
  const hosts = quietEnvironment.hosts.map(({ window: _, ...host }) => host);
  const unseen = formatRunBlock({ ...validRun, environment: { ...quietEnvironment, hosts } });
  expect(unseen).toContain("\nENVIRONMENT: no limit was seen to be exceeded for long\n");
});
