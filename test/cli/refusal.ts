import { expect } from "vitest";
import { listAll } from "./machine.ts";
import type { Setting, StartOptions } from "./setting.ts";

/** Fails unless the binary refuses for just these reasons, and the setting is as it was. */
export async function expectRefusal(
  setting: Setting,
  argv: readonly [binary: string, ...args: string[]],
  reasons: readonly (string | RegExp)[],
  options?: StartOptions,
): Promise<void> {
  const [binary, ...args] = argv;
  const before = await filesOf(setting);
  const { code, stdout, stderr } = await setting.start(binary, args, options).ended;
  const lines = reasons.map((reason) =>
    typeof reason === "string" ? reason : expect.stringMatching(reason),
  );
  expect(stderr.trimEnd().split("\n")).toEqual(lines);
  expect([code, stdout]).toEqual([2, ""]);
  expect(await filesOf(setting)).toEqual(before);
  await setting.expectNothingLeft();
}

/** Everything in the setting but the state's own folder, which the lock has to stand in. */
async function filesOf({ home }: Setting): Promise<string[]> {
  return (await listAll(home)).filter((path) => path !== "state" && path !== "state/baleen").sort();
}
