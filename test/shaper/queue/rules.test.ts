import { expect, test } from "vitest";
import { installCommands, removeRules } from "../../src/shaper/rules.ts";

const rule = { namespacePath: "/run/netns/b", queue: 7, senders: ["10.0.0.0/24", "10.1.0.1"] };

test("rules stand in a chain of our own", () => {
  const words = installCommands(rule).map((argv) => argv.slice(6).join(" "));
  expect(words).toEqual([
    "-N BALEEN-SHAPER",
    "-A BALEEN-SHAPER -s 10.0.0.0/24 -j NFQUEUE --queue-num 7 --queue-bypass",
    "-A BALEEN-SHAPER -s 10.1.0.1 -j NFQUEUE --queue-num 7 --queue-bypass",
    "-A PREROUTING -j BALEEN-SHAPER",
  ]);
});

test.each(["10.0.0.0/33", "10.0.0", "::1", "-j", "10.0.0.1/"])("%s is no sender", (sender) => {
  expect(() => installCommands({ ...rule, senders: [sender] })).toThrow(/no IPv4 address or subnet/);
});

test("where there are none, nothing is removed", async () => {
  const calls: string[] = [];
  const run = (exitCode: number) => async (argv: readonly string[]) => {
    calls.push(argv[6] ?? "");
    return { exitCode };
  };
  expect(await removeRules(rule.namespacePath, run(1))).toBe(false);
  expect(await removeRules(rule.namespacePath, run(0))).toBe(true);
  expect(calls).toEqual(["-S", "-S", "-D", "-F", "-X"]);
});
