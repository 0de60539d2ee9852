import { describe, expect, test } from "vitest";
import type { Quantile } from "../../../../src/contracts/results/latency.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { closedLoopNote, generatorSection } from "../../../../src/results/report/blocks/generator.ts";
import { formatRunBlock } from "../../../../src/results/report/blocks/run-block.ts";
import { hostsRun, validRun } from "../../sample-results.ts";

const [client] = hostsRun.clients ?? [];
if (client === undefined) throw new Error("the sample has no client");

describe("what the generator saw of itself", () => {
  test("is one line", () => {
    expect(generatorSection({ ...validRun, clients: [client] })).toEqual([
      "GENERATOR: CPU 0.31 of a core (busiest second 0.42), event loop late by at most 3.13 ms, garbage collection 8.00 ms in all",
      "",
    ]);
  });

  test("is told of each client where there are several, and of none that knows nothing", () => {
    const clients = [client, { ...client, name: "client1", host: "host1", generator: { loopDelayMaxMs: 5 } }];
    expect(
      generatorSection({ ...validRun, clients: [...clients, { ...client, generator: undefined }] }),
    ).toEqual([
      expect.stringMatching(/^GENERATOR: client0 on coordinator: CPU/),
      "GENERATOR: client1 on host1: event loop late by at most 5.00 ms",
      "",
    ]);
    expect(generatorSection({ ...validRun, clients: [{ ...client, generator: {} }] })).toEqual([]);
    expect(generatorSection(validRun)).toEqual([]);
  });

  test("names a second whose sends were too late, in a run whose sends were not", () => {
    const slow = { ...client, generator: { latenessP99MaxMs: 48, loopDelayMaxMs: 50 } };
    // A tenth of the median latency.
    const sentence =
      "  In its worst second p99 lateness of sends was 48.0 ms, above the limit of 4.41 ms; over the window it was within.";
    expect(generatorSection({ ...validRun, clients: [slow] })).toContain(sentence);
    const late = { ...validRun.lateness, p99: { ms: 40, atLeast: false } };
    expect(generatorSection({ ...validRun, lateness: late, clients: [slow] })).not.toContain(sentence);
    const quick = { ...client, generator: { latenessP99MaxMs: 4.4 } };
    expect(generatorSection({ ...validRun, clients: [quick] })).toEqual([]);
  });
});

const seen = (ms: number): Quantile => ({ ms, atLeast: false });
const atLeast = (ms: number): Quantile => ({ ms, atLeast: true });

function measured(fromDue: Quantile | undefined, fromSend: Quantile | undefined): RunResult {
  const summary = { count: 1000, censored: 0 };
  return {
    ...validRun,
    latency: {
      ...validRun.latency,
      commit: { ...summary, p99: fromDue },
      commitService: { ...summary, p99: fromSend },
    },
  };
}

describe("what a closed loop would hide", () => {
  test("is said with both figures, in the block too", () => {
    const run = measured(seen(1900), seen(130));
    expect(closedLoopNote(run)).toEqual([
      "  p99 of commit is 1900 ms counted from when each was due; counted from the send, as a closed loop does, it would be 130.0 ms.",
      "  The difference is the wait before the send: for a free place in flight, and for the load generator itself.",
    ]);
    expect(formatRunBlock(run)).toContain("as a closed loop does, it would be 130.0 ms.");
  });

  test.each<[string, Quantile | undefined, Quantile | undefined, boolean]>([
    ["half as much again, and 10 ms more", seen(30), seen(20), true],
    ["less than half as much again", seen(149), seen(100), false],
    ["less than 10 ms more", seen(14.9), seen(5), false],
    ["a lower bound that is enough", atLeast(1900), seen(130), true],
    ["a figure to compare with that may be larger", atLeast(1900), atLeast(130), false],
    ["nothing seen", undefined, undefined, false],
    ["nothing sent", atLeast(1900), undefined, false],
  ])("is said or not: %s", (_, fromDue, fromSend, said) => {
    const note = closedLoopNote(measured(fromDue, fromSend));
    expect(note.length > 0).toBe(said);
    if (fromDue?.atLeast === true && said) expect(note[0]).toContain("p99 of commit is at least 1900 ms");
  });

  test("is said of replies where commits cannot be observed", () => {
    const summary = { count: 1000, censored: 0 };
    const [note] = closedLoopNote({
      latencyKind: "response",
      latency: {
        commit: undefined,
        commitService: undefined,
        response: { ...summary, p99: seen(500) },
        submit: { ...summary, p99: seen(50) },
      },
    });
    expect(note).toContain("p99 of response is 500.0 ms");
  });
});
