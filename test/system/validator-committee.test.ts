import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { HomeFiles } from "../validator/homes.ts";
import { call, openProcesses, reach } from "../validator/processes.ts";

describe("a committee of four validator processes", () => {
  test("all stop within two seconds when told to, with exit code 0, and go on where they stopped", async () => {
    await using committee = await openProcesses(4);
    const all = [0, 1, 2, 3].map((authority) => committee.start(authority));
    await reach(all, 20);
    const signals = ["SIGTERM", "SIGINT", "SIGTERM", "SIGINT"] as const;
    const asked = performance.now();
    const exits = all.map(({ child }) => once(child, "exit"));
    all.forEach(({ child }, i) => {
      child.kill(signals[i]);
    });
    expect(await Promise.all(exits)).toEqual(signals.map(() => [0, null]));
    expect(performance.now() - asked).toBeLessThan(2_000);
    const again = [0, 1, 2, 3].map((authority) => committee.start(authority));
    await reach(again, 40);
    for (const { output } of again) {
      expect(output()).toMatch(/"level":"info","message":"recovered from the log"/);
      for (const line of output().trim().split("\n")) {
        expect(Object.keys(JSON.parse(line) as object).slice(0, 3)).toEqual(["t", "level", "message"]);
      }
      expect(output().split("\n").length).toBeLessThan(30);
    }
  });
});

describe("a validator process", () => {
  test("ends with its parent where asked to: when its standard input closes", async () => {
    await using committee = await openProcesses(1);
    const node = committee.start(0, ["--exit-with-parent"]);
    await reach([node], 3);
    const exit = once(node.child, "exit");
    node.child.stdin?.end();
    expect(await exit).toEqual([0, null]);
  });

  test("alone in its committee and without a delay goes on, answers, and stops when told to", async () => {
    await using committee = await openProcesses(1, { minRoundDelayMs: 0, leadersPerRound: 1 });
    const node = committee.start(0);
    await reach([node], 100);
    expect(await call(node, "health")).toEqual({});
    const exit = once(node.child, "exit");
    node.child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });

  test("says in one line which port is taken, and ends with 1", async () => {
    await using committee = await openProcesses(1);
    const { config } = committee.homes[0] as HomeFiles;
    for (const { host, port } of [config.peer, config.rpc, config.metrics]) {
      const holder = createServer();
      holder.listen(port, host);
      await once(holder, "listening");
      const node = committee.start(0);
      expect(await once(node.child, "close")).toEqual([1, null]);
      const lines = node
        .output()
        .split("\n")
        .filter((line) => line.startsWith("validator:"));
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain(`${host}:${port}`);
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});
