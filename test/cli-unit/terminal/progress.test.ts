import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveSweep } from "../../../src/cli/terminal/live/run.ts";
import { startProgress } from "../../../src/cli/terminal/progress.ts";
import { openTerminal } from "../../../src/cli/terminal/terminal.ts";
import type { BaleenEvent, EventBody, SecondRow } from "../../../src/contracts/events.ts";
import { openEmitter } from "../../../src/run/sweep/emitter.ts";
import { heldClock, RecordedStream } from "../streams.ts";

interface Options {
  readonly isTTY?: boolean;
  readonly live?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly logFormat?: "text" | "json";
}

const sweep: LiveSweep = {
  planned: [1, 2].map((benchmarkNumber) => ({ benchmarkNumber, loadTps: 100, repetition: 1 })),
  lengths: () => ({ warmUpSecs: 2, windowSecs: 7 }),
  drainSecs: 30,
  nodes: ["node0", "node1", "node2", "node3"],
  completion: "committed",
  keepNetwork: false,
};

function start(options: Options = {}) {
  const { isTTY = false, live = true, quiet = false, verbose = false, logFormat = "text" } = options;
  const stderr = new RecordedStream({ isTTY, columns: 200 });
  const env = { NO_COLOR: "1" };
  const terminal = openTerminal({ stdout: new RecordedStream(), stderr, env, onBrokenOutput: () => {} });
  const clock = heldClock();
  const settings = { quiet, verbose, live, logFormat };
  const interruption = new AbortController();
  const progress = startProgress({ terminal, settings, clock, sweep, signal: interruption.signal });
  const emit = openEmitter({ run: "r1", clock }, [progress.listen], [progress.watch]);
  return { stderr, clock, progress, emit, interruption };
}

const row = (second: number, more: Partial<SecondRow> = {}): EventBody => ({
  type: "load-second",
  second,
  due: 100,
  sent: 99,
  acknowledged: 99,
  committed: 90,
  ...more,
});

const wholeRun: readonly EventBody[] = [
  { type: "sweep-started", network: "local", runtime: "process", loadsTps: [100, 200], bundle: "/b" },
  { type: "run-created", benchmarkNumber: 1, loadTps: 100 },
  { type: "network-step", step: "starting 4 nodes" },
  { type: "network-step", step: "building the image", detail: "layer 1\r\n\x1b[2Kof 3" },
  { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 3210 },
  { type: "run-started", benchmarkNumber: 1 },
  { type: "load-phase", phase: "warm-up" },
  row(-2),
  row(-1),
  { type: "load-phase", phase: "window" },
  ...[0, 1, 2, 3].map((second) => row(second)),
  row(4, { p50Ms: 123.4, p99Ms: 201 }),
  row(5),
  row(6),
  { type: "load-phase", phase: "drain" },
  { type: "debug", message: "a detail" },
  { type: "warning", message: "the machine slept" },
  { type: "node-exited", node: "node2", exitCode: 1, signal: null },
  { type: "node-exited", node: "node3", exitCode: null, signal: "SIGKILL" },
  { type: "observer-lost", node: "node1", reason: "closed" },
  { type: "observer-restored", node: "node1", missedHeights: 3 },
  { type: "run-finished", benchmarkNumber: 1, status: "valid", file: "/b/1.json" },
  { type: "network-left", what: ["container a", "network b"], command: "npx baleen clean --run r1" },
  { type: "sweep-finished", finishedRuns: 1, plannedRuns: 2 },
];

describe("progress", () => {
  test("plain lines, one for five seconds of load", () => {
    const { stderr, emit } = start();
    for (const event of wholeRun) emit(event);
    expect(stderr.text.split("\n")).toEqual([
      "Sweep r1: local network, process runtime, loads 100, 200 tx/s",
      "Run 1: 100 tx/s",
      "starting 4 nodes",
      "building the image: layer 1 \\u001b[2Kof 3",
      "ready after 3.2 s",
      "warming up",
      "measuring",
      "5/7 s: 500 due, 495 sent, 450 committed in the last 5 s; p50 123 ms, p99 201 ms in the last second",
      "7/7 s: 200 due, 198 sent, 180 committed in the last 2 s",
      "waiting for outstanding transactions",
      "warning: the machine slept",
      "warning: node2 ended unexpectedly with exit code 1",
      "warning: node3 ended unexpectedly with signal SIGKILL",
      "warning: lost sight of node1's commits: closed; resubscribing",
      "warning: sees node1's commits again; 3 missed heights fetched",
      "Run 1 finished: valid, /b/1.json",
      "Left behind: container a, network b. Remove it with: npx baleen clean --run r1",
      "1 of 2 runs finished",
      "",
    ]);
  });

  test("peers with routines, a line every five seconds; each step with --verbose, none with --quiet", () => {
    const step = (second: number, more = {}): EventBody => ({
      type: "routine-step",
      ...{ second, lengthSecs: 2, peers: 3, sentPerSec: 66.6, receivedPerSec: 67, relayedPerSec: 0 },
      ...more,
    });
    const told = (options: Options) => {
      const { stderr, emit } = start(options);
      emit({ type: "run-created", benchmarkNumber: 1, loadTps: 33.3 });
      const whole = {
        ...{ connections: 2, deliveredPerSec: 66.5, tickRateMeanPerSec: 59.9 },
        ...{ tickRateLeastPerSec: 59, timerLatenessMaxMs: 21.5 },
      };
      for (const body of [step(0), step(2), step(4, whole), step(6, { peers: 1 })]) emit(body);
      return stderr.text.split("\n").slice(1, -1);
    };
    const ofThree =
      "6/7 s: 3 peers, 2.00 connections each; packets/s: 66.6 sent, 67.0 received, 0.00 relayed; 66.5 messages/s delivered; 59.9 ticks/s, least 59.0; timers up to 21.5 ms late";
    expect(told({})).toEqual([ofThree]);
    expect(told({ verbose: true })).toEqual([
      "2/7 s: 3 peers; packets/s: 66.6 sent, 67.0 received, 0.00 relayed",
      "4/7 s: 3 peers; packets/s: 66.6 sent, 67.0 received, 0.00 relayed",
      ofThree,
      "7/7 s: 1 peer; packets/s: 66.6 sent, 67.0 received, 0.00 relayed",
    ]);
    expect(told({ quiet: true })).toEqual([]);
  });

  test("what becomes of the connections to hosts, and where a sweep goes on", () => {
    const { stderr, emit } = start();
    const host = "host1";
    emit({ type: "sweep-started", network: "remote", runtime: "docker", loadsTps: [50, 60], firstRun: 2 });
    emit({ type: "host-link", host, state: "lost", reason: "no sign of life" });
    emit({ type: "host-link", host, state: "restored", afterMs: 3240 });
    emit({ type: "host-link", host, state: "given-up", reason: "connection refused" });
    expect(stderr.text.split("\n")).toEqual([
      "Sweep r1: remote network, docker runtime, loads 50, 60 tx/s, continuing with run 2",
      "warning: lost the connection to host1: no sign of life; reconnecting",
      "the connection to host1 is back after 3.2 s",
      "warning: gave up the connection to host1: connection refused",
      "",
    ]);
  });

  test("faults on purpose are told as they happen; that a crashed node shows no commits is no news", () => {
    const { stderr, emit } = start();
    const crash = { type: "fault", node: "node3", action: "crash", askedSecs: 0, issuedSecs: 0.001 } as const;
    const recover = { ...crash, action: "recover", askedSecs: 5, issuedSecs: 5.04 } as const;
    emit({ ...crash, stage: "issued" });
    emit({ type: "observer-lost", node: "node3", reason: "closed", expected: true });
    emit({ ...crash, stage: "effective", effectiveSecs: 0.02 });
    emit({ ...recover, stage: "issued" });
    emit({ ...recover, stage: "effective", answersSecs: 5.41, effectiveSecs: 6.24 });
    emit({ type: "observer-restored", node: "node3", missedHeights: 40, expected: true });
    emit({ ...recover, stage: "failed", failure: "no answer" });
    expect(stderr.text.split("\n")).toEqual([
      "crashing node3, 0.0 s into the window",
      "node3 is down, 0.0 s into the window",
      "starting node3 again, 5.0 s into the window",
      "node3 has caught up, 6.2 s into the window (it answers since 5.4 s)",
      "sees node3's commits again; 40 missed heights fetched",
      "warning: node3 was to come back 5.0 s into the window and did not: no answer",
      "",
    ]);
  });

  test("says which of its repeats a run is", () => {
    const { stderr, emit } = start();
    emit({ type: "sweep-started", network: "local", runtime: "process", loadsTps: [100], runs: 5 });
    emit({ type: "run-created", benchmarkNumber: 7, loadTps: 100, repetition: 2, repetitions: 5 });
    expect(stderr.text.split("\n")).toEqual([
      "Sweep r1: local network, process runtime, load 100 tx/s, 5 runs each",
      "Run 7: run 2 of 5 at 100 tx/s",
      "",
    ]);
  });

  test("says of a search what each run shows, and no number of runs that nobody knows", () => {
    const { stderr, emit } = start();
    const search = { fromTps: 100, toTps: 1000 };
    const probe = { type: "search-probe", benchmarkNumber: 1, loadTps: 100 } as const;
    emit({ type: "sweep-started", network: "local", runtime: "process", loadsTps: [], search });
    emit({ type: "run-created", benchmarkNumber: 1, loadTps: 100 });
    emit({ ...probe, status: "sustained", reasons: [] });
    emit({ ...probe, status: "not-sustained", reasons: ["efficiency 93.1 %, limit 98 %", "more"] });
    emit({ ...probe, status: "generator-limited", reasons: ["p99 lateness"] });
    emit({ ...probe, status: "invalid", reasons: ["node1 ended"] });
    emit({ type: "sweep-finished", finishedRuns: 4 });
    expect(stderr.text.split("\n")).toEqual([
      "Sweep r1: local network, process runtime, searching for the highest sustained load from 100 to 1000 tx/s",
      "Run 1: 100 tx/s",
      "100 tx/s: sustained",
      "100 tx/s: not sustained: efficiency 93.1 %, limit 98 %; more",
      "100 tx/s: beyond the load generator: p99 lateness",
      "100 tx/s: invalid, no result: node1 ended",
      "4 runs finished",
      "",
    ]);
  });

  test("--quiet tells warnings and what is left alone", () => {
    const { stderr, emit } = start({ quiet: true });
    for (const event of wholeRun) emit(event);
    const lines = stderr.text.trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines.every((line) => /^(warning:|Left behind:)/.test(line))).toBe(true);
  });

  test("--verbose tells details", () => {
    const { stderr, emit } = start({ verbose: true });
    emit({ type: "debug", message: "a detail" });
    expect(stderr.text).toBe("debug: a detail\n");
  });

  test("the JSON format is one event a line, in its envelope", () => {
    const { stderr, emit } = start({ logFormat: "json" });
    for (const event of wholeRun) emit(event);
    const events = stderr.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as BaleenEvent);
    const reported = wholeRun.filter(({ type }) => type !== "debug");
    expect(events.map(({ type }) => type)).toEqual(reported.map(({ type }) => type));
    expect(events[0]).toEqual({
      ...wholeRun[0],
      v: 1,
      run: "r1",
      source: "coordinator",
      seq: 0,
      t: "2023-11-14T22:13:21.000Z",
    });
  });

  test.each<[string, Options]>([
    ["--no-live", { live: false }],
    ["--quiet", { quiet: true }],
    ["the JSON format", { logFormat: "json" }],
  ])("%s redraws nothing, on a terminal too", (_, options) => {
    const { stderr, emit, progress } = start({ isTTY: true, ...options });
    for (const event of wholeRun) emit(event);
    progress[Symbol.dispose]();
    const plain = start(options);
    for (const event of wholeRun) plain.emit(event);
    expect(stderr.text).toBe(plain.stderr.text);
  });

  describe("on a terminal", () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      expect(vi.getTimerCount()).toBe(0);
      vi.useRealTimers();
    });

    function startLive(options: Options = {}) {
      const started = start({ isTTY: true, ...options });
      const pass = (ms: number) => {
        started.clock.advance(ms);
        vi.advanceTimersByTime(ms);
      };
      return { ...started, pass };
    }

    test("steps and seconds are shown below what stays", () => {
      const { stderr, emit, progress, pass } = startLive();
      for (const event of wholeRun.slice(0, 3)) emit(event);
      pass(250);
      expect(stderr.screen).toEqual([
        "Sweep r1: local network, process runtime, loads 100, 200 tx/s",
        "Run 1 of 2: 100 tx/s  deploying, 0 s",
        "… starting 4 nodes",
        "0 of 4 nodes up",
        "",
      ]);
      for (const event of wholeRun.slice(3, 15)) emit(event);
      emit({ type: "warning", message: "the machine slept" });
      pass(250);
      expect(stderr.screen.slice(1)).toEqual([
        "warning: the machine slept",
        "Run 1 of 2: 100 tx/s  measuring 0 of 7 s  7 s left  sweep: about 18 s left",
        "offered 100.0 tx/s  committed 90.0 tx/s  ▇▇▇▇▇▇▇".replaceAll("▇", "█"),
        "p50 123 ms  p99 201 ms        █",
        "sent 693  acknowledged 693  committed 630  failed 0  outstanding 70",
        "4 of 4 nodes up",
        "",
      ]);
      progress[Symbol.dispose]();
      expect(stderr.screen.slice(1)).toEqual(["warning: the machine slept", ""]);
    });

    test("is redrawn four times a second, whatever comes", () => {
      const { stderr, emit, progress, pass } = startLive();
      emit({ type: "run-created", benchmarkNumber: 1, loadTps: 100 });
      const { write } = stderr;
      let writes = 0;
      stderr.write = (text, done) => {
        writes++;
        return write(text, done);
      };
      for (let ms = 0; ms < 1000; ms++) {
        emit({ type: "image-transfer", host: "host0", sentBytes: ms, totalBytes: 2000 });
        pass(1);
      }
      expect(writes).toBe(4);
      progress[Symbol.dispose]();
    });

    test("nothing of a run is shown beside what comes after the last one", () => {
      const { stderr, emit, progress, pass } = startLive();
      emit({ type: "run-created", benchmarkNumber: 1, loadTps: 100 });
      pass(250);
      emit({ type: "sweep-finished", finishedRuns: 1 });
      expect(stderr.screen).toEqual(["1 run finished", ""]);
      progress[Symbol.dispose]();
    });

    test("a whole run leaves what a person reads later, and no line that was redrawn", () => {
      const { stderr, emit, progress, pass } = startLive();
      for (const event of wholeRun) {
        emit(event);
        pass(500);
      }
      progress[Symbol.dispose]();
      expect(stderr.screen).toEqual([
        "Sweep r1: local network, process runtime, loads 100, 200 tx/s",
        "warning: the machine slept",
        "warning: node2 ended unexpectedly with exit code 1",
        "warning: node3 ended unexpectedly with signal SIGKILL",
        "warning: lost sight of node1's commits: closed; resubscribing",
        "warning: sees node1's commits again; 3 missed heights fetched",
        "Run 1 finished: valid, /b/1.json",
        "Left behind: container a, network b. Remove it with: npx baleen clean --run r1",
        "1 of 2 runs finished",
        "",
      ]);
    });

    test("--verbose keeps steps as lines, too", () => {
      const { stderr, emit, progress } = startLive({ verbose: true });
      emit({ type: "network-step", step: "starting 4 nodes" });
      progress[Symbol.dispose]();
      expect(stderr.screen).toEqual(["starting 4 nodes", ""]);
    });

    test("says that it cleans up once it is interrupted", () => {
      const { stderr, emit, progress, pass, interruption } = startLive();
      emit({ type: "run-created", benchmarkNumber: 1, loadTps: 100 });
      interruption.abort();
      pass(3000);
      expect(stderr.screen).toEqual(["Run 1 of 2: 100 tx/s  cleaning up, 3 s", ""]);
      progress[Symbol.dispose]();
    });
  });
});
