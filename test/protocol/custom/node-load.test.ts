import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { PlacementView } from "../../../src/contracts/deployment.ts";
import type { NodeLoad } from "../../../src/contracts/load/node-load.ts";
import { parseCustomProtocol } from "../../../src/protocol/custom/custom.ts";

const path = fileURLToPath(new URL("../../../examples/native/native.yaml", import.meta.url));
const text = await readFile(path, "utf8");

function parse(changed = text) {
  return parseCustomProtocol(changed, { file: "native.yaml", folder: dirname(path) });
}

function changed(from: string, to: string) {
  expect(text).toContain(from);
  return parse(text.replace(from, () => to)).diagnostics.map(({ message }) => message);
}

const view: PlacementView = {
  home: "/home",
  nodes: [{ name: "node0", role: "pulse", index: 0 }],
  endpoint: () => ({ host: "127.0.0.1", port: 4000 }),
  listen: () => ({ host: "127.0.0.1", port: 4000 }),
  exported: () => "",
};

function environment(load?: NodeLoad) {
  const [group] = parse().protocol?.plan({ nodes: 4, options: {}, load }).groups ?? [];
  return group?.configure({ name: "node0", role: "pulse", index: 0 }, view).env;
}

test("nodes are told their share of the load; without a run there is none", () => {
  const load = { rateTps: 100, transactionSizeBytes: 64, warmUpSecs: 2, durationSecs: 5 };
  expect(environment(load)).toEqual({ RATE: "25", TRANSACTION_BYTES: "64", DELAY_MS: "20" });
  expect(environment()).toEqual({ RATE: "0", TRANSACTION_BYTES: "0", DELAY_MS: "20" });
});

test("what is read of a node is what is counted, and what is kept besides", () => {
  const { protocol } = parse();
  expect(protocol).toMatchObject({
    native: {
      plane: "rpc",
      path: "/metrics",
      submitted: "pulse_submitted_transactions_total",
      committed: { counter: "pulse_committed_transactions_total", of: "node" },
      latency: { histogram: "pulse_commit_latency_seconds", unitMs: 1000 },
    },
  });
  expect(protocol?.metrics?.keep).toHaveLength(5);
  expect(protocol?.observeCommits).toBeUndefined();
  expect(() => protocol?.submission.body(new Uint8Array(1), 0)).toThrow(/nothing is sent/);
});

test("a load without a rate, two loads, and a port that is not there are faults with a line", () => {
  expect(changed("${load.node-rate}", "5")).toEqual([
    expect.stringMatching(
      /^native\.yaml:\d+: load: no command, environment or file of the committee contains/,
    ),
  ]);
  expect(changed("load:\n", "transaction: { path: /put, body: x }\nload:\n")).toContainEqual(
    expect.stringMatching(/transaction: the nodes generate the load, so nothing is sent/),
  );
  expect(changed("port: rpc", "port: metrics")).toEqual([
    expect.stringMatching(/port: the committee has no port metrics/),
  ]);
  expect(changed("of: node", "of: everybody")).toEqual([
    expect.stringMatching(/node or committee|node, committee/),
  ]);
});

test("variables of the load stand only where the nodes make it", () => {
  const without = `${text.slice(0, text.indexOf("load:\n"))}transaction: { path: /put, body: "\${transaction}" }\n`;
  expect(parse(without).diagnostics.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/load\.node-rate/),
  );
});
