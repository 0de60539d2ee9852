import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { NetworkNode } from "../../../src/contracts/deployment.ts";
import type { EventBody } from "../../../src/contracts/events.ts";
import { lookEverySecs } from "../../../src/results/analysis/verdict/native-figures.ts";
import { MetricsWatch, openMetricsWatch } from "../../../src/run/watch/metrics-watch.ts";

afterEach(() => vi.useRealTimers());

type Answer = (response: ServerResponse, asked: number) => void;

const reported: Answer = (response, asked) =>
  response.end(`# TYPE asked_total counter\nasked_total ${asked}\nother 1\n`);

/** A node's metrics, which answer as is said at the time. */
async function startNode(answer: Answer = reported) {
  const node = { answer, asked: 0, served: 0 };
  const server = createServer((request, response) => {
    node.asked++;
    expect([request.method, request.url]).toEqual(["GET", "/own"]);
    response.on("close", () => node.served++);
    node.answer(response, node.asked);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(node, { port, close, [Symbol.asyncDispose]: close });
}

type Node = Awaited<ReturnType<typeof startNode>>;

/** A watch of these nodes, whose time passes as the test says. */
function openWatch(nodes: readonly Node[], down = () => new Set<string>(), mostSamples?: number) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let nowMs = 5_000;
  const events: EventBody[] = [];
  const run = new AbortController();
  const watch = new MetricsWatch({
    signal: run.signal,
    network: {
      nodes: nodes.map((_, index) => ({ name: `node${index}` }) as NetworkNode),
      endpoint: (name, _seenBy, plane) => {
        expect(plane).toBe("metrics");
        return { host: "127.0.0.1", port: nodes[Number(name.slice(4))]?.port ?? 0 };
      },
    },
    metrics: { plane: "metrics", path: "/own", keep: ["asked_total"] },
    lengths: { warmUpSecs: 2, windowSecs: 10 },
    clock: { monotonicMs: () => nowMs },
    down,
    emit: (body) => events.push(body),
    mostSamples,
  });
  const untilServed = async (count: number) => {
    while (nodes.some(({ served }) => served < count)) await turn();
  };
  const pass = async (ms: number) => {
    nowMs += ms;
    await vi.advanceTimersByTimeAsync(ms);
    for (let turns = 0; turns < 5; turns++) await turn();
  };
  return { watch, events, pass, untilServed, interrupt: () => run.abort() };
}

const warmUp: EventBody = { type: "load-phase", phase: "warm-up", windowStartsAtMs: 1_700_000_000_000 };

/** Values of the one metric that is kept, by node, with the wall time of each in milliseconds of the window. */
async function seen(watch: MetricsWatch) {
  const shown = await watch.finish();
  const [family] = shown?.families ?? [];
  return (family?.groups ?? []).map(({ node, atMs, rows }) => ({
    node,
    at: atMs.map((ms) => (shown?.wallMsAt(ms) ?? 0) - 1_700_000_000_000),
    values: rows.map(([value]) => value),
  }));
}

test("nodes are asked before the load, on whole seconds of the window's count, and behind it all", async () => {
  await using node = await startNode();
  const { watch, events, pass, untilServed } = openWatch([node]);
  await using _ = watch;
  await untilServed(1);
  await pass(700);
  watch.observe(warmUp);
  await pass(1000);
  await untilServed(2);
  await pass(1000);
  await untilServed(3);
  // The window began 30 ms later than was announced: its seconds count from there.
  await pass(30);
  watch.observe({ type: "load-phase", phase: "window" });
  await pass(970);
  await pass(30);
  await untilServed(4);
  await pass(100);
  expect(await seen(watch)).toEqual([
    { node: "node0", at: [-2730, -1030, -30, 1000, 1100], values: [1, 2, 3, 4, 5] },
  ]);
  expect(events).toEqual([]);
});

test.each([
  ["another status", (response: ServerResponse) => response.writeHead(404).end(), "HTTP status 404 at /own"],
  ["a page", (response: ServerResponse) => response.end("<html>\n"), "line 1 of the metrics is wrong"],
  ["none that is kept", (response: ServerResponse) => response.end("b 1\n"), "none of the metrics to keep"],
  ["no end", (response: ServerResponse) => endlessly(response), "exceeded"],
  ["a cut", (response: ServerResponse) => response.destroy(), "other side closed"],
])("a node that answers with %s leaves a gap, which is told once", async (_, answer, reason) => {
  await using good = await startNode();
  await using bad = await startNode();
  const { watch, events, pass, untilServed } = openWatch([good, bad]);
  await using __ = watch;
  await untilServed(1);
  watch.observe(warmUp);
  bad.answer = answer;
  for (const look of [2, 3]) {
    await pass(1000);
    await untilServed(look);
  }
  bad.answer = reported;
  await pass(500);
  const shown = await seen(watch);
  expect(shown.map(({ node, values }) => [node, values])).toEqual([
    ["node0", [1, 2, 3, 4]],
    ["node1", [1, 4]],
  ]);
  expect(events).toEqual([
    {
      type: "warning",
      message: expect.stringMatching(
        new RegExp(`^Metrics of nodes have gaps: node1 did not provide them 2 of 4 times \\(.*${reason}`),
      ),
    },
  ]);
});

function endlessly(response: ServerResponse): void {
  const line = `${"# a comment ".repeat(1000)}\n`;
  const write = () => {
    while (!response.destroyed && response.write(line));
  };
  response.on("drain", write);
  write();
}

test("a node that hangs is not asked again meanwhile, and nobody waits for it at the end", async () => {
  await using node = await startNode(() => {});
  const { watch, events, pass } = openWatch([node]);
  await using _ = watch;
  watch.observe(warmUp);
  while (node.asked === 0) await turn();
  await pass(1000);
  await pass(1000);
  expect(node.asked).toBe(1);
  // The request's own limit is two seconds of real time; the last one, behind it, is given up before.
  const finished = watch.finish();
  while (node.asked === 1) await turn();
  await pass(3000);
  expect(await finished).toBeUndefined();
  expect(events).toMatchObject([
    {
      message: expect.stringContaining("node0 did not provide them 2 of 2 times (The operation was aborted"),
    },
  ]);
});

test("whoever interrupts a run is told of no gaps", async () => {
  await using node = await startNode(() => {}); // it never answers
  const { watch, events, pass, interrupt } = openWatch([node]);
  watch.observe(warmUp);
  await pass(2_000);
  interrupt();
  const finished = watch.finish();
  await pass(4_000);
  expect([await finished, events]).toEqual([undefined, []]);
});

test("a node that is down on purpose lacks nothing", async () => {
  await using node = await startNode();
  const down = new Set<string>();
  const { watch, events, pass, untilServed } = openWatch([node], () => down);
  await using _ = watch;
  await untilServed(1);
  watch.observe(warmUp);
  down.add("node0");
  await pass(1000);
  await pass(1000);
  down.clear();
  expect(await seen(watch)).toMatchObject([{ values: [1, 2] }]);
  expect(events).toEqual([]);
});

test("never more is kept than there is room for, also of one look; then nobody is asked any more", async () => {
  const nodes = await Promise.all(Array.from({ length: 5 }, () => startNode()));
  const { watch, events, pass, untilServed } = openWatch(nodes, undefined, 3);
  await using _ = watch;
  await untilServed(1);
  watch.observe(warmUp);
  await pass(1000);
  await pass(1000);
  expect(nodes.map(({ asked }) => asked)).toEqual([1, 1, 1, 1, 1]);
  const shown = await seen(watch);
  expect(shown.map(({ values }) => values)).toEqual([[1], [1], [1]]);
  expect(events).toEqual([
    {
      type: "warning",
      message: "Metrics of nodes were kept up to 3 samples, not to the end of the run. Keep fewer metrics.",
    },
  ]);
  for (const node of nodes) await node.close();
});

test("nothing is asked where nothing is to be kept", () => {
  const options = {
    network: { nodes: [], endpoint: () => ({ host: "127.0.0.1", port: 1 }) },
    lengths: { warmUpSecs: 2, windowSecs: 10 },
    clock: { monotonicMs: () => 0 },
    down: () => new Set<string>(),
    emit: () => {},
  };
  expect(openMetricsWatch({ ...options, metrics: undefined })).toBeUndefined();
  expect(openMetricsWatch({ ...options, metrics: { plane: "rpc", path: "/", keep: [] } })).toBeUndefined();
});

test.each([
  [4, 202, 1],
  [16, 600, 1],
  [17, 60, 2],
  [100, 60, 7],
  [4, 3600, 6],
])("%d nodes in a run of %d s are asked every %d s", (nodes, secs, every) => {
  expect(lookEverySecs(nodes, secs)).toBe(every);
});
