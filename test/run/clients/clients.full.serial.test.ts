/** Clients in a process of their own, with a thread each, on scripted nodes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { kill } from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { SecondRow } from "../../../src/contracts/events.ts";
import { readProcess } from "../../../src/core/process/processes.ts";
import { ledgerDifference } from "../../../src/metrics/stats/ledger.ts";
import { countInWindow, planFor, startNodes } from "../../load/setting.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { eventually, untilGone } from "../../support/processes.ts";
import { type Drive, drive, standIn } from "../driven.ts";
import { talkative } from "../talkative-protocol.ts";

/** What becomes of a transaction follows from its number, whoever sends it. */
const faulty: Behaviour = {
  replyDelayMs: 1,
  commit: { kind: "after", ms: 20 },
  rejectEvery: 10,
};

const loads = [
  { clients: 1, where: "a process" },
  { clients: 2, where: "a process" },
  { clients: 4, where: "a process" },
  { clients: 3, where: "the run's own thread" },
];

test.for(loads)(
  "$clients clients in $where send what one would",
  { retry: 2 },
  async ({ clients, where }) => {
    await using nodes = await startNodes([faulty, faulty, faulty]);
    const plan = planFor(nodes.targets, {
      ...{ rateTps: 400, windowTransactions: 600, windowMs: 1500, warmUpMs: 300 },
      // It ends as soon as nothing is outstanding; a busy machine may take its time.
      ...{ drainMs: 60_000, requestTimeoutMs: 60_000 },
    });
    const { module: _, ...unknown } = standIn;
    const protocol = where === "a process" ? standIn : unknown;
    const { report, clients: runs, events } = await drive(plan, { clients, protocol });
    expect(runs.map(({ name, host }) => [name, host])).toEqual(
      Array.from({ length: clients }, (_, index) => [`client${index}`, "coordinator"]),
    );
    expect(
      ledgerDifference(
        report.ledger,
        runs.map((one) => one.report.ledger),
      ),
    ).toBeUndefined();
    for (const one of runs) expect(one.report.ledger.scheduled).toBe(600 / clients);
    const rejected = countInWindow(plan, (sequence) => sequence % 10 === 1);
    expect(report.ledger.sent).toMatchObject({
      acknowledged: { committed: 600 - rejected, notSeen: 0 },
      rejected: { committed: 0, notSeen: rejected },
    });
    expect(report.ledger.scheduled).toBe(600);
    const rows = events.flatMap(({ body }) => (body.type === "load-second" ? [body as SecondRow] : []));
    const inWindow = rows.filter(({ second }) => second >= 0 && second < 1.5);
    expect(inWindow.map(({ second }) => second)).toEqual([0, 1]);
    const sum = (of: (row: SecondRow) => number) => inWindow.reduce((total, row) => total + of(row), 0);
    expect(sum(({ due }) => due)).toBe(600);
    expect(sum(({ committed }) => committed)).toBe(report.committedInWindow);
    const phases = events.flatMap(({ body }) => (body.type === "load-phase" ? [body.phase] : []));
    expect(phases).toEqual(["warm-up", "window", "drain", "done"]);
    // Timers come up to a millisecond early.
    expect(report.latency.commit?.measured.minUs).toBeGreaterThanOrEqual(18_000);
    expect(report.agreement?.forks).toEqual([]);
  },
);

test("the clients' process has the environment that it is given", async () => {
  const env = { NODE_OPTIONS: "--import=data:text/javascript,process.exit(7)" };
  const targets = [{ node: "node0", rpc: { host: "127.0.0.1", port: 1 } }];
  await expect(drive(planFor(targets), { clients: 1, env })).rejects.toThrow(
    "The clients on coordinator failed: its process ended with exit code 7",
  );
});

test("what an adapter prints is no message", async () => {
  await using nodes = await startNodes([{ replyDelayMs: 1, commit: { kind: "after", ms: 20 } }]);
  const { report } = await drive(planFor(nodes.targets), { clients: 2, protocol: talkative });
  expect(report.ledger.scheduled).toBe(200);
});

/** The process that the clients run in, and how their drive ended. */
async function observed(change: Partial<Drive>, onPhase: (phase: string, pid: number) => void) {
  await using nodes = await startNodes([{ replyDelayMs: 1, commit: { kind: "after", ms: 20 } }]);
  let pid = 0;
  const plan = planFor(nodes.targets, { windowMs: 20_000, windowTransactions: 4000 });
  const driven = drive(plan, {
    clients: 2,
    ...change,
    onProcess: (id) => {
      pid = id;
      onPhase("open", id);
    },
    onEvent: (body) => {
      if (body.type === "load-phase") onPhase(body.phase, pid);
    },
  });
  const error: unknown = await driven.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, pid };
}

test("a client process that is killed in the window ends the run, which says so", async () => {
  const { error } = await observed({}, (phase, pid) => {
    if (phase === "window") kill(pid, "SIGKILL");
  });
  expect(String(error)).toContain("The clients on coordinator failed: its process was ended by SIGKILL");
});

test.for(["open", "warm-up", "window"])("a run that is given up at %s leaves no process", async (when) => {
  const giveUp = new AbortController();
  const { error, pid } = await observed({ signal: giveUp.signal }, (phase) => {
    if (phase === when) giveUp.abort(new Error("Ctrl-C"));
  });
  expect(error).toEqual(new Error("Ctrl-C"));
  expect(await readProcess(pid)).toBeUndefined();
});

test("a client process whose coordinator is killed ends", async () => {
  await using nodes = await startNodes([{ replyDelayMs: 1, commit: { kind: "after", ms: 20 } }]);
  const script = fileURLToPath(new URL("../drive-clients.ts", import.meta.url));
  const coordinator = spawn(process.execPath, [script, JSON.stringify(nodes.targets)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  coordinator.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const pid = await eventually("the window", () => /^window of (\d+)$/m.exec(said)?.[1]);
  expect(await readProcess(Number(pid))).toBeDefined();
  coordinator.kill("SIGKILL");
  await once(coordinator, "exit");
  await untilGone(Number(pid));
});

describe("what goes wrong in a process is told with its cause:", () => {
  test("a protocol that it cannot load", async () => {
    await using nodes = await startNodes([{ replyDelayMs: 0, commit: { kind: "after", ms: 0 } }]);
    const elsewhere = { ...standIn, module: new URL("nowhere.ts", import.meta.url).href };
    await expect(drive(planFor(nodes.targets), { clients: 2, protocol: elsewhere })).rejects.toThrow(
      /There is no protocol "stand-in" in file:.*nowhere\.ts/,
    );
  });

  test("a plan that contradicts itself, by its client", async () => {
    await using nodes = await startNodes([{ replyDelayMs: 0, commit: { kind: "after", ms: 0 } }]);
    const plan = planFor(nodes.targets, { transactionSizeBytes: 1 });
    await expect(drive(plan, { clients: 2 })).rejects.toThrow(/client[01]: A client cannot follow its plan/);
  });

  test("a node whose commits cannot be watched", async () => {
    const targets = [{ node: "node0", rpc: { host: "127.0.0.1", port: 1 } }];
    await expect(drive(planFor(targets), { clients: 2 })).rejects.toThrow(
      "Cannot watch the commits of node0",
    );
  });
});
