import { expect, test } from "vitest";
import { ConfigurationError } from "../../src/core/errors.ts";
import { type Check, runChecks } from "../../src/doctor/run-checks.ts";

const forever = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const check = (name: string, look: Check["look"], limitMs = 60_000): Check => ({ name, limitMs, look });
const well = async () => [{ name: "Well", summary: "yes", findings: [] }];
const nobody = new AbortController().signal;

test("all are made at the same time, and told in their order", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = check("First", async () => {
    await gate;
    return await well();
  });
  const second = check("Second", async () => {
    release();
    return [{ name: "Second", summary: "yes", findings: [] }];
  });
  const found = await runChecks([first, second], { signal: nobody, onSlow: () => {} });
  expect(found.map(({ name }) => name)).toEqual(["Well", "Second"]);
});

test("one that hangs is given up, and told as not known", async () => {
  const found = await runChecks([check("Slow", forever, 20), check("Well", well)], {
    signal: nobody,
    onSlow: () => {},
  });
  expect(found).toMatchObject([
    { name: "Slow", summary: "unknown", findings: [{ severity: "warning", code: "check-timeout" }] },
    { name: "Well", findings: [] },
  ]);
});

test("what takes more than two seconds is told meanwhile", async () => {
  const slow: string[] = [];
  await runChecks([check("Slow", forever, 2_500), check("Well", well)], {
    signal: nobody,
    onSlow: ({ name }) => slow.push(name),
  });
  expect(slow).toEqual(["Slow"]);
});

test("what one throws is a fault, all of them where there are several", async () => {
  const diagnostics = (["disk-low", "memory"] as const).map((code) => ({ code, message: code }));
  const bad = check("Bad", async () => {
    throw new ConfigurationError(diagnostics);
  });
  const worse = check("Worse", async () => {
    throw new Error("no");
  });
  const found = await runChecks([bad, worse], { signal: nobody, onSlow: () => {} });
  expect(found.map(({ findings }) => findings.map(({ severity, code }) => `${severity} ${code}`))).toEqual([
    ["fault disk-low", "fault memory"],
    ["fault check-failed"],
  ]);
});

test("an interruption ends them all", async () => {
  const reason = new Error("enough");
  const end = new AbortController();
  const running = runChecks([check("Slow", forever)], { signal: end.signal, onSlow: () => {} });
  end.abort(reason);
  await expect(running).rejects.toBe(reason);
});
