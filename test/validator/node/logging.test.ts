import { expect, test } from "vitest";
import { openLog } from "../../../src/validator/node/logging.ts";
import type { OutputLevel } from "../../../src/validator/wire/node-files.ts";

function open(level: OutputLevel = "info") {
  const lines: string[] = [];
  const now = { ms: 0 };
  const clock = { monotonicMs: () => now.ms, wallMs: () => Date.UTC(2026, 0, 1) + now.ms };
  const sink = openLog({ level, clock, write: (line) => lines.push(line) });
  return { ...sink, now, lines, messages: () => lines.map((line) => JSON.parse(line).message as string) };
}

test("a line is one JSON object: time, level, message, facts", () => {
  const { log, lines } = open();
  log("warn", "peer lost", { peer: 3, reason: 'said "no"\nand went' });
  expect(lines).toEqual([
    '{"t":"2026-01-01T00:00:00.000Z","level":"warn","message":"peer lost","peer":3,"reason":"said \\"no\\"\\nand went"}\n',
  ]);
});

test.each<[OutputLevel, string[]]>([
  ["debug", ["debug", "info", "warn", "error"]],
  ["info", ["info", "warn", "error"]],
  ["warn", ["warn", "error"]],
  ["error", ["error"]],
])("at level %s the lines are %j", (level, expected) => {
  const { log, messages } = open(level);
  for (const each of ["debug", "info", "warn", "error"] as const) log(each, each);
  expect(messages()).toEqual(expected);
});

test("no text of a peer makes a line long", () => {
  const { log, lines } = open();
  log("warn", "closed a connection", { reason: "x".repeat(100_000), more: { deep: ["y".repeat(100_000)] } });
  expect(lines.join("").length).toBeLessThan(1_000);
});

test("of a message that comes again and again the first few are told, then how many more there were", () => {
  const { log, now, messages, reportRepeats, end } = open();
  for (let i = 0; i < 57; i++) log("warn", "violation");
  log("info", "other");
  expect(messages().length).toBe(21);
  now.ms = 9_999;
  reportRepeats();
  expect(messages().length).toBe(21);
  now.ms = 10_000;
  reportRepeats();
  expect(messages().slice(21)).toEqual(["… and 37 more in the last 10 s: violation"]);
  // The next line of any message tells it too.
  for (let i = 0; i < 25; i++) log("warn", "violation");
  now.ms = 20_000;
  log("info", "other");
  expect(messages().slice(-2)).toEqual(["… and 5 more in the last 10 s: violation", "other"]);
  for (let i = 0; i < 21; i++) log("warn", "violation");
  end();
  expect(messages().at(-1)).toBe("… and 1 more in the last 10 s: violation");
});
