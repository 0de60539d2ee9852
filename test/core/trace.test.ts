import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/core/process/command.ts";
import { startPipedChild } from "../../src/core/process/piped-child.ts";
import { hideSecrets, hideSecretWords, onTrace, type Trace, trace, traceWork } from "../../src/core/trace.ts";

/** What is reported meanwhile. */
async function tracesOf(work: () => Promise<unknown>): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  using _listening = onTrace((one) => traces.push(one));
  await work().catch(() => undefined);
  return traces;
}

const limits = { timeoutMs: 10_000 };
const shell = (script: string) => ["/bin/sh", "-c", script];

describe("a command is reported with its exit code, its time, and what it said of a failure", () => {
  test.each([
    [shell("exit 0"), { exitCode: 0, failure: undefined }],
    [shell("echo why >&2; echo then >&2; exit 3"), { exitCode: 3, failure: "then" }],
    [["/nowhere/x"], { exitCode: undefined, failure: expect.stringContaining("/nowhere/x not found") }],
  ])("%j", async (argv, end) => {
    const traces = await tracesOf(() => runCommand(argv, limits));
    expect(traces).toEqual([{ kind: "command", argv, state: "ended", ms: expect.any(Number), ...end }]);
    expect(traces[0]).toHaveProperty(
      "ms",
      expect.toSatisfy((ms: number) => ms >= 0 && ms < 10_000),
    );
  });

  test("also where the failure is allowed, and where its time is over", async () => {
    const [allowed] = await tracesOf(() => runCommand(shell("exit 4"), { ...limits, allowFailure: true }));
    expect(allowed).toMatchObject({ exitCode: 4, failure: undefined });
    const [late] = await tracesOf(() => runCommand(shell("exec sleep 60"), { timeoutMs: 50 }));
    expect(late).toMatchObject({
      exitCode: undefined,
      failure: expect.stringContaining("did not end within"),
    });
  });

  test("one that takes long is reported before its end", async () => {
    const traces = await tracesOf(() => runCommand(shell("exec sleep 2.2"), limits));
    expect(traces).toMatchObject([{ state: "running" }, { state: "ended", exitCode: 0 }]);
  });

  test("one that goes on beside this process, at its start and its end", async () => {
    const traces = await tracesOf(async () => {
      const child = await startPipedChild({ argv: shell("exit 5"), env: {} });
      await child.ended;
    });
    expect(traces).toMatchObject([{ state: "started" }, { state: "ended", exitCode: 5 }]);
  });
});

test("nobody listens: nothing is made, and work is as it was", async () => {
  let made = 0;
  const make = (): Trace => {
    made += 1;
    return { kind: "decision", subject: "a", choice: "b" };
  };
  trace(make);
  expect(await traceWork(async () => 7, make)).toBe(7);
  await expect(traceWork(() => Promise.reject(new Error("no")), make)).rejects.toThrow("no");
  expect(made).toBe(0);
});

test.each([
  ["PASSWORD=abc DB_TOKEN=x --api-key=k", "PASSWORD=*** DB_TOKEN=*** --api-key=***"],
  ["https://me:abc@host/a", "https://me:***@host/a"],
  [
    "--password-file=/a --tokens-path=/b key=1 passing=2",
    "--password-file=/a --tokens-path=/b key=1 passing=2",
  ],
])("of %s is shown %s", (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
});

test("a word behind a flag that is named like a secret is not shown", () => {
  expect(hideSecretWords(["node", "--password", "abc", "--secret-file", "/a", "-token", "x", "y"])).toEqual([
    "node",
    "--password",
    "***",
    "--secret-file",
    "/a",
    "-token",
    "***",
    "y",
  ]);
});
