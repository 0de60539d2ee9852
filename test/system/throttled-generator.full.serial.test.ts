/** Who is to blame: the same system under a generator that gets too little CPU time, and under one that is free. */
import { fork } from "node:child_process";
import { on, once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findThrottles, type Throttle } from "../support/throttle.ts";
import type { SweepWord } from "./own-sweep.ts";

const program = fileURLToPath(new URL("own-sweep.ts", import.meta.url));

/** Runs one load in a process of its own, which is throttled from the warm-up to the end of the load. */
async function runApart(throttle?: Throttle) {
  await using stack = new AsyncDisposableStack();
  const child = fork(program, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  stack.defer(() => void child.kill("SIGKILL"));
  const { pid } = child;
  if (pid === undefined) throw new Error("the process did not start");
  const ended = once(child, "exit");
  let held: AsyncDisposable | undefined;
  stack.defer(() => held?.[Symbol.asyncDispose]());
  let verdict: Extract<SweepWord, { status: string }> | undefined;
  for await (const [word] of on(child, "message", { close: ["disconnect"] }) as AsyncIterable<[SweepWord]>) {
    if ("status" in word) {
      verdict = word;
    } else if (word.phase === "warm-up") {
      held = await throttle?.(pid, { runMs: 40, periodMs: 400 });
    } else if (word.phase === "done") {
      await held?.[Symbol.asyncDispose]();
      held = undefined;
    }
  }
  // It ends by itself: watching itself keeps nothing alive.
  expect(await ended).toEqual([0, null]);
  if (verdict === undefined) throw new Error("the process ended without a result");
  return verdict;
}

const throttles = await findThrottles();

describe("a generator that gets a tenth of a core", () => {
  test.each(throttles)("is to blame when it is %s", async (_, throttle) => {
    const { status, reasons, block } = await runApart(throttle);
    expect(status).toBe("generator-limited");
    expect(reasons.join("\n")).toMatch(
      /p99 lateness of sends [\d.]+ ms, limit [\d.]+ ms \(CPU [\d.]+ of a core/,
    );
    expect(block).toContain("VERDICT: GENERATOR-LIMITED");
    expect(block).toMatch(/\nGENERATOR: CPU [\d.]+ of a core \(busiest second [\d.]+\), event loop late by/);
  });
});

// A machine that is busy with other things throttles it too, so it may be tried again.
test("a generator that is free is not", { retry: 4 }, async () => {
  const { status, reasons, block } = await runApart();
  expect(reasons).toEqual([]);
  expect(status).toBe("valid");
  expect(block).toContain("\nGENERATOR: CPU ");
});
