import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { runFileName } from "../../../src/results/schema/published-run.ts";
import { buildRunJson } from "../../../src/results/schema/run.ts";
import { arbitraryRun } from "../arbitrary-results.ts";
import { linkRuns } from "../sample-links.ts";
import { observerRuns } from "../sample-observers.ts";
import { censoredRun, nothingSeenRun, runParameters, sampleRuns, validRun } from "../sample-results.ts";
import { safetyRuns } from "../sample-safety.ts";
import { openValidator, readSchema } from "../schemas.ts";

describe("the published JSON of a run", () => {
  test.each(Object.entries({ ...sampleRuns, ...safetyRuns, ...observerRuns, ...linkRuns }))(
    "looks as recorded and fits its schema: %s",
    async (name, result) => {
      const document = buildRunJson(result);
      expect((await openValidator("run"))(document)).toEqual([]);
      await expect(formatJson(document)).toMatchFileSnapshot(`goldens/run-json.${name}.golden.json`);
    },
  );

  test("fits its schema whatever a run found", async () => {
    const validate = await openValidator("run");
    fc.assert(
      fc.property(arbitraryRun, (result) => {
        expect(validate(buildRunJson(result))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps the source document's keys and values", () => {
    const document = buildRunJson(validRun);
    expect(document).toMatchObject({
      network_type: "local",
      benchmark_number: 1,
      parameters: {
        nodes: 4,
        load: 100,
        duration: 180,
        transaction_size: 512,
        faults: 0,
        crash_recovery: false,
        crash_interval: 60,
      },
      results: {
        throughput: 95.2,
        avg_latency_ms: 45.2,
        latency_std_dev_ms: 12.1,
        duration_secs: 180,
        successful_transactions: 18_000,
        failed_transactions: 0,
      },
      timestamp: "2024-01-15T10:30:00.000Z",
    });
  });

  test("names a quantile that falls among the censored ones a lower bound", () => {
    const { commit } = buildRunJson(censoredRun).results.latency;
    expect(commit).toMatchObject({ p50_ms: 44.127, p99_ms_at_least: 30_001 });
    expect(commit).not.toHaveProperty("p99_ms");
  });

  test("leaves out what was not seen, never 0 or null", () => {
    const { results } = buildRunJson(nothingSeenRun);
    expect(Object.keys(results)).not.toContain("avg_latency_ms");
    expect(Object.keys(results)).not.toContain("latency_std_dev_ms");
    expect(results.latency.commit_service).toEqual({ count: 0, censored: 18_000 });
    fc.assert(
      fc.property(arbitraryRun, (result) => {
        JSON.parse(formatJson(buildRunJson(result)), (key, value) => {
          expect(value, key).not.toBeNull();
          return value;
        });
      }),
    );
  });

  test("refuses to publish a number that is none", () => {
    expect(() => buildRunJson({ ...validRun, throughputTps: Number.NaN })).toThrow(InvalidArgumentError);
  });

  test.each([
    [100, "local_benchmark_1_100txs.json"],
    [0.5, "local_benchmark_1_0.5txs.json"],
  ])("is kept in a file named after network, number and load: %d tx/s", (loadTps, name) => {
    expect(runFileName({ ...validRun, parameters: { ...runParameters, loadTps } })).toBe(name);
  });
});

/** Every schema node below `node`, with where it stands. */
function* walk(node: unknown, path: string): Generator<[string, Record<string, unknown>]> {
  if (typeof node !== "object" || node === null) return;
  yield [path, node as Record<string, unknown>];
  for (const [key, value] of Object.entries(node)) yield* walk(value, `${path}/${key}`);
}

describe.each(["run", "summary", "comparison", "calibration", "native-run", "native-summary"] as const)(
  "the schema of %s",
  (name) => {
    test("describes every key and allows no other", async () => {
      let described = 0;
      for (const [path, node] of walk(await readSchema(name), "")) {
        // A protocol's options and tags have names of their own, but numbers and words only.
        const others = path.endsWith("/protocol_options")
          ? expect.objectContaining({ type: ["number", "string"] })
          : path.endsWith("/tags")
            ? expect.objectContaining({ type: "string" })
            : false;
        if (node.type === "object") expect(node, path).toHaveProperty("additionalProperties", others);
        if (!path.endsWith("/properties")) continue;
        for (const [key, value] of Object.entries(node)) {
          expect(value, `${path}/${key}`).toHaveProperty("description", expect.stringMatching(/.{10}/));
          described++;
        }
      }
      expect(described).toBeGreaterThan(20);
    });
  },
);

describe("the run schema refuses", () => {
  const document = () => JSON.parse(formatJson(buildRunJson(validRun)));
  test.each<[string, (document: ReturnType<typeof JSON.parse>) => void]>([
    ["an unknown key", (run) => Object.assign(run.results, { tps: 1 })],
    ["a missing ledger", (run) => delete run.ledger],
    ["an unknown verdict", (run) => Object.assign(run.verdict, { status: "fine" })],
    ["null for what was not seen", (run) => Object.assign(run.results, { avg_latency_ms: null })],
    [
      "a quantile that is both measured and a bound",
      (run) => Object.assign(run.lateness, { p99_ms_at_least: 1 }),
    ],
    ["a fraction of a transaction", (run) => Object.assign(run.ledger, { scheduled: 1.5 })],
    ["a negative latency", (run) => Object.assign(run.results, { avg_latency_ms: -1 })],
  ])("%s", async (_, spoil) => {
    const validate = await openValidator("run");
    const spoilt = document();
    expect(validate(spoilt)).toEqual([]);
    spoil(spoilt);
    expect(validate(spoilt)).not.toEqual([]);
  });
});
