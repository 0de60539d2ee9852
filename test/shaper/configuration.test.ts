import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ShaperConfiguration } from "../../src/contracts/links/shaper.ts";
import { diagnosticsOf } from "../../src/core/errors.ts";
import {
  changeDiagnostics,
  configurationDiagnostics,
  readConfiguration,
} from "../../src/shaper/configuration.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const target = {
  name: "b",
  namespacePath: "/run/netns/b",
  queue: 7,
  sources: { "10.0.0.1": { delayMs: 5 } },
};
const configuration = (...targets: ShaperConfiguration["targets"]) => ({
  seed: "1",
  mtuBytes: 1500,
  targets,
});
const withShape = (shape: object) =>
  configuration({ ...target, sources: { "10.0.0.1": { delayMs: 5, ...shape } } });

test("a good configuration has no diagnostics", () => {
  const shape = { jitterMs: 1, distribution: "normal", rateBps: 1e6, queueMs: 50 };
  expect(configurationDiagnostics(withShape(shape))).toEqual([]);
});

test.each([
  { name: "a target twice", given: configuration(target, target), found: [/stands twice/, /another queue/] },
  { name: "jitter alone", given: withShape({ jitterMs: 1 }), found: [/need each other/] },
  { name: "a distribution alone", given: withShape({ distribution: "normal" }), found: [/need each other/] },
  { name: "a queue alone", given: withShape({ queueMs: 1 }), found: [/needs a rate/] },
  {
    name: "two limits",
    given: withShape({ rateBps: 1, queueMs: 1, queueBytes: 1 }),
    found: [/Give one of them/],
  },
  {
    name: "no address",
    given: configuration({ ...target, sources: { host: { delayMs: 5 } } }),
    found: [/source host: not an IPv4 address/],
  },
])("$name is refused", ({ given, found }) => {
  const messages = configurationDiagnostics(given);
  expect(messages).toHaveLength(found.length);
  for (const [at, pattern] of found.entries()) expect(messages[at]).toMatch(pattern);
});

test("a change names a target and a source of the configuration", () => {
  const change = { target: "b", source: "10.0.0.1", shape: { delayMs: 9 } };
  expect(changeDiagnostics([change], configuration(target))).toEqual([]);
  const wrong = [
    { ...change, target: "c" },
    { ...change, source: "10.0.0.2" },
  ];
  expect(changeDiagnostics(wrong, configuration(target))).toEqual([
    "There is no target c.",
    "Target b, source 10.0.0.2: not in the configuration. Add it there.",
  ]);
});

test("a file is read, and all that is wrong in it is told at once", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "shaper.json");
  const sources = { "10.0.0.1": { delay_ms: 5, loss: { kind: "independent", loss_percent: 1 } } };
  const document = {
    seed: "1",
    mtu_bytes: 1500,
    targets: [{ name: "b", namespace_path: "/run/netns/b", queue: 7, sources }],
  };
  await writeFile(path, JSON.stringify(document));
  const { targets } = await readConfiguration(path);
  expect(targets[0]?.sources["10.0.0.1"]?.loss).toEqual({ kind: "independent", lossRatio: 0.01 });
  await writeFile(path, JSON.stringify({ ...document, seed: 1, mtu_bytes: 0 }));
  const found = diagnosticsOf(await readConfiguration(path).catch((error: unknown) => error));
  expect(found.map(({ message }) => message).join()).toMatch(
    /seed is not a text.*mtu_bytes is not a whole number/,
  );
  const missing = await readConfiguration(join(folder.path, "none")).catch((error: unknown) => error);
  expect(diagnosticsOf(missing)).toHaveLength(1);
});
