import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf } from "../../../../src/cli/terminal/live/layout.ts";
import type { LiveSweep } from "../../../../src/cli/terminal/live/run.ts";
import { LiveView } from "../../../../src/cli/terminal/live/view.ts";
import type { KeptBody, PassingBody } from "../../../../src/contracts/events.ts";
import type { Piece } from "../../../../src/core/text/foreign-text.ts";

const usual: LiveSweep = {
  planned: [1, 2, 3].map((benchmarkNumber) => ({ benchmarkNumber, loadTps: 100, repetition: 1 })),
  lengths: () => ({ warmUpSecs: 2, windowSecs: 10.5 }),
  drainSecs: 30,
  nodes: ["node0", "node1", "node2", "node3"],
  completion: "committed",
  keepNetwork: false,
};

/** Times are seconds from the start. */
type Course = readonly (readonly [atSecs: number, body: KeptBody | PassingBody])[];

function view(
  course: Course,
  { atSecs = course.at(-1)?.[0] ?? 0, columns = 81, rows = 24, sweep = {} as Partial<LiveSweep> } = {},
): string[] {
  const live = new LiveView({ ...usual, ...sweep });
  for (const [secs, body] of course) live.observe(body, secs * 1000);
  const lines = live.lines({ columns, rows }, atSecs * 1000);
  const paint = ({ text, colour }: Piece) => (colour === undefined ? text : `${colour}(${text})`);
  return lines.map((line) => line.map(paint).join(""));
}

const created: KeptBody = { type: "run-created", benchmarkNumber: 1, loadTps: 100 };
const row = (second: number, more = {}): KeptBody => ({
  type: "load-second",
  second,
  due: 100,
  sent: 100,
  acknowledged: 99,
  committed: 90,
  failed: 1,
  p50Ms: 50,
  p99Ms: 100 + 50 * second,
  ...more,
});
const toWindow: Course = [
  [0, created],
  [3, { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 3000 }],
  [4, { type: "run-started", benchmarkNumber: 1 }],
  [5, { type: "load-phase", phase: "warm-up", windowStartsAtMs: 1 }],
  [6, row(-2)],
  [7, row(-1)],
  [7.1, { type: "load-phase", phase: "window", lateMs: 100 }],
];
const measured: Course = [...toWindow, [8, row(0)], [9, row(1)]];

test("nothing is shown before the first run, and after the last", () => {
  expect(view([[0, { type: "sweep-started", network: "local", runtime: "process", loadsTps: [1] }]])).toEqual(
    [],
  );
  expect(view([...measured, [30, { type: "sweep-finished", finishedRuns: 1 }]])).toEqual([]);
});

describe("a deployment", () => {
  const steps: Course = [
    [0, created],
    [1, { type: "network-step", step: "building the image", detail: "a\x1b[2Kb" }],
    [2, { type: "network-step", step: "creating the containers" }],
    [3, { type: "network-step", step: "host0: sending the image, 0 % of 8 MB", host: "host0" }],
    [3, { type: "network-step", step: "host1: the image is already there", host: "host1" }],
  ];

  test("shows its latest steps, each host's, and how long the last of them takes", () => {
    expect(view(steps, { atSecs: 7 })).toEqual([
      "Run 1 of 3: 100 tx/s  deploying, 7 s",
      "✓ building the image: a\\u001b[2Kb",
      "… creating the containers, 5 s",
      "host0: sending the image, 0 % of 8 MB, 4 s",
      "host1: the image is already there, 4 s",
      "0 of 4 nodes up",
    ]);
    const many = [5, 6, 7, 8].map((secs): Course[number] => [
      secs,
      { type: "network-step", step: `s${secs}` },
    ]);
    expect(view([...steps, ...many]).slice(1, 5)).toEqual(["✓ s5", "✓ s6", "✓ s7", "… s8"]);
  });

  test("shows an image on its way in bytes and their rate, until it is there", () => {
    const mib = 2 ** 20;
    const transfer = (sent: number) =>
      ({ type: "image-transfer", host: "host0", sentBytes: sent * mib, totalBytes: 8 * mib }) as const;
    const on: Course = [...steps, [4, transfer(0)], [6, transfer(5)]];
    expect(view(on)[3]).toBe("host0: image ██████░░░░  5.00 MiB of 8.00 MiB  2.50 MiB/s");
    expect(view([...on, [7, transfer(8)]])[3]).toBe("host0: sending the image, 0 % of 8 MB, 4 s");
    const arrived = {
      type: "network-step",
      step: "host0: the image arrived intact",
      host: "host0",
    } as const;
    expect(view([...on, [7, transfer(8)], [8, arrived]])[3]).toBe("host0: the image arrived intact");
    // The next image's rate is its own.
    expect(view([...on, [7, transfer(8)], [8, transfer(0)], [9, transfer(1)]])[3]).toMatch(
      / {2}1\.00 MiB\/s$/,
    );
  });
});

describe("a run", () => {
  test("shows rates, latencies, the ledger so far, nodes, and the time left", () => {
    const heights = (...all: readonly number[]) =>
      ({
        type: "node-heights",
        heights: all.map((height, node) => ({ node: `node${node}`, height })),
      }) as const;
    expect(view([...measured, [9.2, heights(40, 41, 41)]], { atSecs: 9.5 })).toEqual([
      "Run 1 of 3: 100 tx/s  measuring 2 of 10.5 s  8 s left  sweep: about 43 s left",
      "offered 100.0 tx/s  committed 90.0 tx/s  ████",
      "p50 50 ms  p99 150 ms  ▁▃▆█",
      "sent 400  acknowledged 396  committed 360  red(failed 4)  outstanding 36",
      "4 of 4 nodes up  heights 40 to 41",
    ]);
  });

  test("of peers with routines shows what they do, and who is missing", () => {
    const step = (second: number, more = {}): KeptBody => ({
      type: "routine-step",
      ...{
        second,
        lengthSecs: 2,
        peers: 4,
        sentPerSec: 100 + 50 * second,
        receivedPerSec: 90,
        relayedPerSec: 3,
      },
      ...more,
    });
    const whole = {
      ...{ connections: 2.5, deliveredPerSec: 88, tickRateMeanPerSec: 59.9 },
      ...{ tickRateLeastPerSec: 41, timerLatenessMaxMs: 21.5 },
    };
    const on: Course = [
      [0, created],
      [3, { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 3000 }],
      [5, { type: "load-phase", phase: "window" }],
      [8, step(0)],
      [10, step(2, whole)],
    ];
    expect(view(on)).toEqual([
      "Run 1 of 3: 100 tx/s  measuring 5 of 10.5 s  6 s left",
      "4 of 4 peers report  2.50 connections each",
      "packets/s: sent 200.0  received 90.0  relayed 3.00  ▅█",
      "messages/s: delivered 88.0   █",
      "ticks/s: mean 59.9  least 41.0  timers up to 21.5 ms late",
      "4 of 4 nodes up",
    ]);
    expect(view([...on, [12, step(4, { peers: 3 })]]).slice(1)).toEqual([
      "yellow(3 of 4 peers report)",
      "packets/s: sent 300.0  received 90.0  relayed 3.00  ▃▆█",
      "4 of 4 nodes up",
    ]);
    expect(view(on, { rows: 9 })).toEqual([
      "Run 1 of 3: 100 tx/s  measuring 5 of 10.5 s  200.0 packets/s sent  4 of 4 peers",
    ]);
  });

  test("of another width is put on more lines", () => {
    expect(view(measured, { columns: 41 })).toEqual([
      "Run 1 of 3: 100 tx/s",
      "  measuring 1 of 10.5 s  9 s left",
      "  sweep: about 44 s left",
      "offered 100.0 tx/s  committed 90.0 tx/s",
      "  ████",
      "p50 50 ms  p99 150 ms  ▁▃▆█",
      "sent 400  acknowledged 396",
      "  committed 360  red(failed 4)",
      "  outstanding 36",
      "4 of 4 nodes up",
    ]);
  });

  test("whose clients make their transactions first shows how far one of them is", () => {
    const opening = toWindow.slice(0, 3);
    expect(view(opening)[0]).toBe("Run 1 of 3: 100 tx/s  opening the clients");
    const made = { type: "transactions-made", made: 200, of: 1200 } as const;
    expect(view([...opening, [5, made]])[0]).toBe(
      "Run 1 of 3: 100 tx/s  making transactions, 200 of 1200 of a client",
    );
  });

  test("takes one line of a small terminal", () => {
    expect(view(measured, { rows: 9 })).toEqual([
      "Run 1 of 3: 100 tx/s  measuring 1 of 10.5 s  90.0 tx/s committed  p99 150 ms",
    ]);
    expect(view(measured, { rows: 9, columns: 12 })).toEqual(["Run 1 of 3…"]);
  });

  test("whose replies are all that is seen shows those", () => {
    expect(view(measured, { sweep: { completion: "acknowledged" } }).slice(1, 4)).toEqual([
      "offered 100.0 tx/s  acknowledged 99.0 tx/s  ████",
      "p50 50 ms  p99 150 ms  ▁▃▆█",
      "sent 400  acknowledged 396  red(failed 4)  outstanding 0",
    ]);
  });

  test("of half a second at the window's end shows rates a second", () => {
    const last = row(10, { due: 50, committed: 45 });
    expect(view([...measured, [18, last]])[1]).toBe("offered 100.0 tx/s  committed 90.0 tx/s  █████");
  });

  test("that ends shows what it waits for", () => {
    const drain: Course = [...measured, [17.5, { type: "load-phase", phase: "drain" }]];
    expect(view(drain, { atSecs: 20 }).slice(0, 2)).toEqual([
      "Run 1 of 3: 100 tx/s  waiting for outstanding transactions, 2 of at most 30 s",
      "  sweep: about 35 s left",
    ]);
    const ended: Course = [...drain, [20, { type: "run-finished", benchmarkNumber: 1, status: "valid" }]];
    // It took 7.5 s besides its warm-up and window, and so will each of the other two.
    expect(view(ended, { atSecs: 22 })).toEqual([
      "Run 1 of 3: 100 tx/s  cleaning up, 2 s  sweep: about 40 s left",
    ]);
    expect(view([...ended, [25, { ...created, benchmarkNumber: 3 }]])).toEqual([
      "Run 3 of 3: 100 tx/s  deploying, 0 s",
      "0 of 4 nodes up",
    ]);
  });

  test("of a search says no number that nobody knows", () => {
    expect(view(measured, { sweep: { planned: undefined } })[0]).toBe(
      "Run 1: 100 tx/s  measuring 1 of 10.5 s  9 s left",
    );
  });
});

describe("nodes", () => {
  const fault = { type: "fault", node: "node1", askedSecs: 0 } as const;
  const nodesAfter = (...bodies: readonly (KeptBody | PassingBody)[]) =>
    view([...measured, ...bodies.map((body): Course[number] => [10, body])]).at(-1);

  test.each<[string, readonly (KeptBody | PassingBody)[]]>([
    ["3 of 4 nodes up  yellow(node1 crashed)", [{ ...fault, action: "crash", stage: "issued" }]],
    ["3 of 4 nodes up  yellow(node1 coming back)", [{ ...fault, action: "recover", stage: "issued" }]],
    ["4 of 4 nodes up", [{ ...fault, action: "recover", stage: "effective" }]],
    ["4 of 4 nodes up", [{ ...fault, action: "crash", stage: "failed", failure: "no" }]],
    [
      "3 of 4 nodes up  red(node2 ended)",
      [{ type: "node-exited", node: "node2", exitCode: 1, signal: null }],
    ],
    [
      "3 of 4 nodes up  yellow(node2 out of sight)",
      [{ type: "observer-lost", node: "node2", reason: "closed" }],
    ],
    [
      "4 of 4 nodes up",
      [
        { type: "observer-lost", node: "node2", reason: "closed" },
        { type: "observer-restored", node: "node2", missedHeights: 1 },
      ],
    ],
    [
      "3 of 4 nodes up  height 9  yellow(node1 crashed at height 7)",
      [
        {
          type: "node-heights",
          heights: [
            { node: "node0", height: 9 },
            { node: "node1", height: 7 },
          ],
        },
        { ...fault, action: "crash", stage: "effective" },
        { type: "observer-lost", node: "node1", reason: "closed", expected: true },
      ],
    ],
  ])("%s", (shown, bodies) => {
    expect(nodesAfter(...bodies)).toBe(shown);
  });

  test("that are ready are counted while the network comes up", () => {
    const ready: KeptBody = { type: "network-step", step: "node1 is ready", readyNode: "node1" };
    expect(
      view([
        [0, created],
        [1, ready],
      ]).at(-1),
    ).toBe("1 of 4 nodes up");
  });

  test("that are helpers are nobody's matter, and of many only the first are named", () => {
    const nodes = Array.from({ length: 10 }, (_, index) => `node${index}`);
    const ends = [...nodes.slice(3), "helper"].map((node): Course[number] => [
      10,
      { type: "node-exited", node, exitCode: 1, signal: null },
    ]);
    expect(view([...measured, ...ends], { sweep: { nodes }, columns: 200 }).at(-1)).toBe(
      "3 of 10 nodes up  red(node3 ended)  red(node4 ended)  red(node5 ended)  red(node6 ended)  and 3 more",
    );
  });
});

test("no line is wider than the terminal and no view higher, whatever is told", () => {
  const text = fc.string({ unit: "binary", maxLength: 80 });
  const body = fc.oneof(
    fc.record({ type: fc.constant("network-step" as const), step: text, detail: text }),
    fc.record({ type: fc.constant("network-step" as const), step: text, host: text }),
    fc.record({
      type: fc.constant("image-transfer" as const),
      host: text,
      sentBytes: fc.nat(),
      totalBytes: fc.nat(),
    }),
    fc.constantFrom(...measured.map(([, reported]) => reported)),
    fc.record({
      type: fc.constant("node-exited" as const),
      node: fc.constantFrom(...usual.nodes),
      exitCode: fc.nat(),
      signal: fc.constant(null),
    }),
  );
  const course = fc.array(fc.tuple(fc.nat(100), body));
  const size = { columns: fc.integer({ min: 2, max: 200 }), rows: fc.integer({ min: 1, max: 50 }) };
  fc.assert(
    fc.property(course, fc.record(size), fc.nat(1000), (reported, { columns, rows }, atSecs) => {
      const ordered = reported.toSorted(([a], [b]) => a - b);
      const lines = view([[0, created], ...ordered], { atSecs, columns, rows });
      expect(lines.length).toBeLessThan(Math.max(2, rows));
      for (const line of lines) {
        expect(columnsOf(line.replace(/(?:red|yellow)\(([^()]*)\)/gu, "$1"))).toBeLessThan(columns);
        expect(line).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});
