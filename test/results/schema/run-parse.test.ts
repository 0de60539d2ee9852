import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormError } from "../../../src/core/documents/check-form.ts";
import { buildRunJson, parseRunJson } from "../../../src/results/schema/run.ts";
import { arbitraryRun } from "../arbitrary-results.ts";
import { hostsRun, sampleRuns } from "../sample-results.ts";
import { safetyRuns } from "../sample-safety.ts";

const published = (run: Parameters<typeof buildRunJson>[0]) => JSON.parse(JSON.stringify(buildRunJson(run)));

describe("a run that is read", () => {
  test.each(Object.entries({ ...sampleRuns, ...safetyRuns }))(
    "publishes the same document again: %s",
    (_, run) => {
      expect(published(parseRunJson(published(run)))).toEqual(published(run));
    },
  );

  test("publishes the same document again, whatever a run found", () => {
    fc.assert(
      fc.property(arbitraryRun, (run) => {
        expect(published(parseRunJson(published(run)))).toEqual(published(run));
      }),
      { numRuns: 300 },
    );
  });
});

/** The way to every value of a document. */
function* pathsOf(node: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    yield [...path, key];
    yield* pathsOf(value, [...path, key]);
  }
}

function spoilt(document: unknown, path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(document);
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>(
      (node, key) => node[key] as Record<string, unknown>,
      copy as Record<string, unknown>,
    );
  parent[path.at(-1) ?? ""] = value;
  return copy;
}

describe("what is no run", () => {
  test("is refused with the key's name, whichever value is of another kind", () => {
    const document = published({
      ...sampleRuns.faults,
      ...hostsRun,
      faults: sampleRuns.faults.faults,
      ...{ safety: safetyRuns.forked.safety, blockAge: safetyRuns.forked.blockAge },
    });
    const optionNames = /^parameters\.protocol_options\./;
    let tried = 0;
    for (const path of pathsOf(document)) {
      if (optionNames.test(path.join("."))) continue;
      const name = path.join(".").replace(/\.(\d+)/g, "[$1]");
      expect(() => parseRunJson(spoilt(document, path, null)), name).toThrow(FormError);
      expect(() => parseRunJson(spoilt(document, path, null))).toThrow(name);
      tried++;
    }
    expect(tried).toBeGreaterThan(150);
  });

  test.each([
    ["throughput_tps", "results"],
    ["comment", "verdict"],
  ])("is refused for a key that no run has: %s", (key, parent) => {
    const document = spoilt(published(hostsRun), [parent, key], 1);
    expect(() => parseRunJson(document)).toThrow(
      `${parent}.${key} is not what follows from the rest of the run`,
    );
  });

  test.each(["repetition", "clients"])("is refused without its %s", (key) => {
    const { [key]: _, ...rest } = published(hostsRun);
    expect(() => parseRunJson(rest)).toThrow(FormError);
    expect(() => parseRunJson(rest)).toThrow(key);
  });

  test.each([
    [[], "it is not a JSON object"],
    ["text", "it is not a JSON object"],
    [{ schema: "baleen.run/2" }, "schema is not baleen.run/1"],
    [{ schema: "baleen.summary/1" }, "schema is not baleen.run/1"],
  ])("is refused: %j", (document, message) => {
    expect(() => parseRunJson(document)).toThrow(message);
  });
});
