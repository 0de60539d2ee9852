/** Benchmarks with crash faults on real validators, and what must come out of them in either runtime. */
import { expect } from "vitest";
import { openValidator } from "../results/schemas.ts";
import type { Setting } from "./setting.ts";

/** What of a run's published form these tests look at. */
export interface CrashRun {
  readonly parameters: { readonly faults: number; readonly failover: boolean };
  readonly results: {
    readonly successful_transactions: number;
    readonly failed_transactions: number;
    readonly redirected_transactions: number;
    readonly faults: readonly Fault[];
    readonly stretches: readonly {
      readonly from_secs: number;
      readonly to_secs: number;
      readonly nodes_down: readonly string[];
      readonly of_living_nodes: Clients;
      readonly of_dead_nodes: Clients;
    }[];
  };
  readonly ledger: {
    readonly scheduled: number;
    readonly sent: Readonly<Record<string, { readonly committed: number; readonly not_seen: number }>>;
  };
  readonly nodes: readonly { readonly name: string; readonly exited_unasked: boolean }[];
  readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
}

interface Fault {
  readonly node: string;
  readonly action: string;
  readonly asked_secs: number;
  readonly issued_secs: number;
  readonly answers_secs?: number;
  readonly effective_secs: number;
  readonly first_commit_secs: number;
}

interface Clients {
  readonly scheduled_transactions: number;
  readonly successful_transactions: number;
  readonly failed_transactions: number;
}

/** 40 tx/s on four nodes: ten transactions each second are each node's. */
export const crashArgs = ["--loads=40", "--warm-up=1", "--drain=4", "--json"];
/** For a node that stays down: 120 transactions, 30 of them its own. */
export const deadArgs = ["--faults=1", "--duration=3"];
/** For a node that comes back in the middle: 240 transactions, 60 of them its own. */
export const backArgs = ["--faults=1", "--crash-recovery", "--crash-interval=3", "--duration=6"];

/** Runs it to its end, without an error, and reads its runs from standard output; they fit their schema. */
export async function runCrashes(
  setting: Pick<Setting, "start">,
  ...args: readonly string[]
): Promise<{ runs: CrashRun[]; stderr: string }> {
  const { code, stdout, stderr } = await setting.start("benchmark", [...crashArgs, ...args]).ended;
  expect([code, stderr.match(/^(error|warning):.*/gm)]).toEqual([0, null]);
  const { runs } = JSON.parse(stdout) as { runs: CrashRun[] };
  const validate = await openValidator("run");
  for (const run of runs) {
    expect(validate(run)).toEqual([]);
    const notOfBusyMachines = run.verdict.reasons.filter(
      (reason) => !/lateness|stalled|commit observer read blocks late/.test(reason),
    );
    expect(notOfBusyMachines).toEqual([]);
    expect(run.nodes.map(({ exited_unasked }) => exited_unasked)).toEqual(run.nodes.map(() => false));
    for (const fault of run.results.faults) expectInOrder(fault);
  }
  return { runs, stderr };
}

function expectInOrder(fault: Fault): void {
  expect(fault.issued_secs).toBeGreaterThanOrEqual(fault.asked_secs);
  if (fault.action === "recover") {
    expect(fault.answers_secs).toBeGreaterThan(fault.issued_secs);
    expect(fault.effective_secs).toBeGreaterThanOrEqual(fault.answers_secs ?? Number.POSITIVE_INFINITY);
  }
  expect(fault.effective_secs).toBeGreaterThanOrEqual(fault.issued_secs);
  expect(fault.first_commit_secs).toBeGreaterThan(fault.asked_secs);
}

/** How many of the dead node's transactions it may have taken before it was gone; one more may stand on the edge. */
function takenBefore({ results }: CrashRun): number {
  return Math.ceil(10 * (results.faults[0]?.effective_secs ?? 0)) + 1;
}

/** node3 stays down: the others' clients lose nothing, and all of its own lose theirs, or go to the next node. */
export function expectOneDead(run: CrashRun, { failover }: { failover: boolean }): void {
  const { results, ledger } = run;
  expect(ledger.scheduled).toBe(120);
  expect(results.faults).toMatchObject([{ node: "node3", action: "crash", asked_secs: 0 }]);
  expect(results.stretches).toMatchObject([
    { from_secs: -1, to_secs: 0, nodes_down: [], of_dead_nodes: { scheduled_transactions: 0 } },
    {
      from_secs: 0,
      to_secs: 3,
      nodes_down: ["node3"],
      of_living_nodes: {
        scheduled_transactions: 90,
        successful_transactions: 90,
        failed_transactions: 0,
      },
      of_dead_nodes: { scheduled_transactions: 30 },
    },
  ]);
  const lost = results.stretches[1]?.of_dead_nodes.failed_transactions;
  expect(results.failed_transactions).toBe(lost);
  const failed = ledger.sent.connection_failed?.not_seen;
  if (failover) {
    expect(lost).toBeLessThanOrEqual(takenBefore(run));
    expect(results.redirected_transactions).toBeGreaterThanOrEqual(30 - takenBefore(run));
  } else {
    expect(lost).toBe(30);
    expect(failed).toBeGreaterThanOrEqual(30 - takenBefore(run));
    expect(results.redirected_transactions).toBe(0);
  }
}

/** node3 comes back after 3 s: then its clients fail until it answers, and no longer. */
export function expectOneBack(run: CrashRun, { failover }: { failover: boolean }): void {
  const { results, ledger } = run;
  expect(results.faults).toMatchObject([
    { node: "node3", action: "crash", asked_secs: 0 },
    { node: "node3", action: "recover", asked_secs: 3 },
  ]);
  expect(results.stretches.slice(1)).toMatchObject([
    {
      from_secs: 0,
      to_secs: 3,
      nodes_down: ["node3"],
      of_living_nodes: { scheduled_transactions: 90, failed_transactions: 0 },
      of_dead_nodes: { scheduled_transactions: 30 },
    },
    {
      from_secs: 3,
      to_secs: 6,
      nodes_down: [],
      of_living_nodes: { scheduled_transactions: 120 },
      of_dead_nodes: { scheduled_transactions: 0 },
    },
  ]);
  const [, dead, back] = results.stretches;
  const lost = dead?.of_dead_nodes.failed_transactions ?? 0;
  const lostAfter = back?.of_living_nodes.failed_transactions ?? 0;
  expect(results.failed_transactions).toBe(lost + lostAfter);
  expect(ledger.scheduled).toBe(240);
  if (failover) {
    expect(lost + lostAfter).toBeLessThanOrEqual(takenBefore(run));
    expect(results.redirected_transactions).toBeGreaterThanOrEqual(30 - takenBefore(run));
    return;
  }
  // Some that it took just before the kill may be committed, and seen when it is back.
  expect(lost).toBeGreaterThanOrEqual(30 - takenBefore(run));
  const answersSecs = results.faults[1]?.answers_secs ?? Number.POSITIVE_INFINITY;
  // Ten of its transactions are due in each second; one more may stand on the edge of each.
  expect(lostAfter).toBeLessThanOrEqual(Math.ceil((Math.min(6, answersSecs) - 3) * 10) + 1);
  expect(results.redirected_transactions).toBe(0);
}
