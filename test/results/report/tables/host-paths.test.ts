import { describe, expect, test } from "vitest";
import type { HostPath } from "../../../../src/contracts/hosts/host-report.ts";
import {
  buildHostPathsJson,
  formatHostPaths,
  type ProbedHosts,
} from "../../../../src/results/report/tables/host-paths.ts";

const way = (from: string, to: string, rttsMs: readonly number[], why?: string): HostPath => ({
  ...{ from, to, at: `${to}:22`, rttsMs, why },
});
/** 1, 2, …, 10 times as long. */
const tenth = (ms: number) => Array.from({ length: 10 }, (_, at) => (10 - at) * ms);

const measured: ProbedHosts = {
  hosts: ["paris", "tokyo", "lima"],
  handshakes: 10,
  paths: [
    way("paris", "tokyo", tenth(40)),
    way("paris", "lima", [180]),
    way("tokyo", "paris", tenth(42)),
    way("tokyo", "lima", [], "no answer within 3 s\x1b[2J"),
    way("lima", "paris", [180, 190]),
    way("lima", "tokyo", [260]),
  ],
};

describe("what was measured between hosts", () => {
  test("is half of the median round trip from row to column, and what was not is named", () => {
    expect(formatHostPaths(measured)).toBe(
      `One-way delay in ms, from row to column; 3 hosts
From  paris tokyo lima
----------------------
paris     -   110   90
tokyo 115.5     -    -
lima   92.5   130    -

Measured by 10 TCP handshakes for each pair and direction, with the SSH port of the other host, from
a container in the network of the host. The one-way delay is half of their median.

Not measured:
  tokyo → lima (lima:22): no answer within 3 s\\u001b[2J

With --json, the document has the spread, and under "links" a links file for --links.`,
    );
  });

  test("a pair without a figure in either direction is named with the remedy", () => {
    const paths = measured.paths.filter(({ from }) => from !== "lima");
    const text = formatHostPaths({ ...measured, paths });
    expect(text.replaceAll("\n", " ")).toContain(
      "There is no links file, because neither direction was measured between tokyo and lima. Let these hosts",
    );
  });

  test("has the spread in its document", () => {
    const links = { title: "like them" };
    expect(buildHostPathsJson(measured, "2024-01-15T10:30:00.000Z", links)).toMatchObject({
      schema: "baleen.host-paths/1",
      date: "2024-01-15T10:30:00.000Z",
      hosts: ["paris", "tokyo", "lima"],
      paths: [
        {
          ...{ from: "paris", to: "tokyo", at: "tokyo:22", handshakes: 10, one_way_ms: 110 },
          rtt_ms: { min: 40, median: 220, p90: 360 },
        },
        { from: "paris", to: "lima", handshakes: 1, rtt_ms: { min: 180, median: 180, p90: 180 } },
        { from: "tokyo", to: "paris" },
        { from: "tokyo", to: "lima", at: "lima:22", why: "no answer within 3 s\x1b[2J" },
        { from: "lima", to: "paris", rtt_ms: { median: 185 } },
        { from: "lima", to: "tokyo" },
      ],
      unmeasured: [],
      links,
    });
  });

  test("many hosts have a row each that fits", () => {
    const hosts = Array.from({ length: 30 }, (_, place) => `host${place}`);
    const paths = hosts.flatMap((from, row) =>
      hosts.flatMap((to, column) => (row === column ? [] : way(from, to, [20 * Math.abs(row - column)]))),
    );
    const text = formatHostPaths({ hosts, paths, handshakes: 10 });
    expect(text).toMatch(/^host0 +10 host1 +150 +290 host29$/m);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
