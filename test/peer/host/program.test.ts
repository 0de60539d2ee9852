/** Programs at the ends of a flow: real processes, and what becomes of what they report. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { FlowEvent, FlowKind } from "../../../src/contracts/load/flow-events.ts";
import { until } from "../../../src/core/async.ts";
import { findFreePorts } from "../../../src/deploy/nodes/ports.ts";
import type { FlowEnd } from "../../../src/peer/host/config.ts";
import { readCounters } from "../../../src/peer/host/counters.ts";
import { FlowReports, runFlowProgram } from "../../../src/peer/host/flow/program.ts";
import { Teller } from "../../../src/peer/host/teller.ts";
import { flowsFigures } from "../../../src/results/analysis/flows/figures.ts";
import { FlowRecord } from "../../../src/results/analysis/flows/record.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

const example = fileURLToPath(new URL("../../../examples/bench-link/native.mjs", import.meta.url));
const address = "127.71.0.2";
const now = () => performance.timeOrigin + performance.now();

const endOf = (kind: FlowKind, role: FlowEnd["role"], argv: readonly string[]): FlowEnd => ({
  ...{ name: "bulk", kind, role, to: { host: address, port: 1 }, reflects: false, sizeBytes: 400 },
  argv: argv as [string, ...string[]],
});

/** An end of a flow, and all that it has told until now. */
async function startEnd(flow: FlowEnd, signal: AbortSignal) {
  const folder = await makeTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  const teller = new Teller(path);
  const window = Promise.withResolvers<number>();
  const seen = { first: 0, log: [] as string[] };
  const setting = {
    ...{ flow, address, teller, signal },
    onFirst: () => {
      seen.first++;
    },
    log: (line: string) => {
      seen.log.push(line);
    },
  };
  const running = runFlowProgram(setting, window.promise, () => {}).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const events = () =>
    readFileSync(path, "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as FlowEvent]));
  return {
    ...{ seen, events, running, begin: (secs: number) => window.resolve(secs) },
    [Symbol.asyncDispose]: async () => {
      await running;
      teller[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

type End = Awaited<ReturnType<typeof startEnd>>;

const countOf = (end: End, type: "sent" | "received") =>
  end.events().reduce((sum, event) => {
    if (event.type !== type) return sum;
    return sum + (event.type === "sent" ? event.us.length : event.packets.length);
  }, 0);

const waitFor = (what: () => boolean, text: string) =>
  until(() => what() || undefined, { timeoutMs: 20_000, everyMs: 20, describe: () => text });

test("a native program that loses 7 packets and doubles 2 is found to have done just that", async () => {
  const [port = 0] = await findFreePorts(1, address);
  const end = new AbortController();
  const common = ["--port", String(port), "--rate", "200", "--size", "400"];
  const script = ["--to", address, "--lose", "7", "--double", "2"];
  const send = endOf("native", "sender", ["node", example, "send", ...common, ...script]);
  await using receiver = await startEnd(
    endOf("native", "receiver", ["node", example, "receive", ...common]),
    end.signal,
  );
  await using sender = await startEnd(send, end.signal);
  // The network is ready when the first packet has come through it.
  await waitFor(() => receiver.seen.first > 0, "nothing arrives");
  const startMs = now();
  for (const one of [receiver, sender]) one.begin(2);
  const before = countOf(sender, "sent");
  await waitFor(() => countOf(sender, "sent") > before + 400, "it sends no more");
  const lengthSecs = (now() - startMs) / 1000;
  // What was sent by then has arrived, or never will.
  const sentByThen = countOf(sender, "sent");
  await waitFor(() => countOf(receiver, "received") >= sentByThen - 5, "it does not arrive");
  const record = new FlowRecord(["a", "b"], [{ ...send, from: "a", to: "b" }]);
  for (const event of sender.events()) record.add("a", event);
  for (const event of receiver.events()) record.add("b", event);
  end.abort();
  const none = { network: "script", hasView: false, gapOf: () => undefined, captures: [] };
  const use = {
    startMs,
    lengthSecs: lengthSecs - 0.2,
    observedSecs: lengthSecs + 1,
    clocks: new Map(),
    ...none,
  };
  const { flows, hosts } = flowsFigures(record, use);
  expect(hosts.map(({ malformed }) => malformed)).toEqual([0, 0]);
  expect(flows[0]?.packets).toMatchObject({ lost: 7, duplicated: 2, unknown: 0, reordered: 0 });
  expect(flows[0]?.packets?.sent).toBeGreaterThan(100);
});

test("a program of others sends with the window, its end is told, and what it prints is log", async () => {
  const end = new AbortController();
  const argv = [
    process.execPath,
    "-e",
    "console.log('hello', process.argv[1]); process.exitCode = 0",
    "world",
  ];
  await using sender = await startEnd(endOf("program", "sender", argv), end.signal);
  expect(sender.seen).toEqual({ first: 1, log: [] });
  expect(sender.events()).toEqual([]);
  sender.begin(1);
  await sender.running;
  const daemon = { type: "daemon", daemon: "bulk sender", flow: "bulk" };
  expect(sender.events()).toMatchObject([
    { ...daemon, state: "started" },
    { ...daemon, state: "ended", why: "exit code 0" },
  ]);
  expect(sender.seen.log[0]).toBe("bulk sender: hello world");
});

test("one that reports what cannot be read is ended, and told of", async () => {
  const end = new AbortController();
  const script = `console.log('{"sent": [0, 1]}'); console.log('{"sent": "two"}'); setInterval(() => {}, 1000)`;
  await using sender = await startEnd(
    endOf("native", "sender", [process.execPath, "-e", script]),
    end.signal,
  );
  await sender.running;
  expect(sender.events().at(-1)).toMatchObject({
    state: "ended",
    why: 'its report cannot be read: {"sent": "two"}',
  });
});

test("reports are read in all their forms", async () => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "events");
  let arrivals = 0;
  const teller = new Teller(path);
  const flow = endOf("native", "sender", ["x"]);
  const reports = new FlowReports({ flow, teller, onFirst: () => arrivals++ });
  const before = now();
  const lines = [
    { sent: 0 },
    { sent: [1, 2], at: [1000, 1002.5], bytes: 700, lateMs: 3 },
    { sent: [3], at: 2000, bytes: 700 },
    { sent: 9, at: 2001 },
    { received: [5, 4], at: 3000, sentAt: [2990, 2980] },
    { returned: 5, at: 3001 },
    { bytes: 1000, secs: 1, at: 4000, packets: 4, lost: 1, rttMs: 2.5 },
  ];
  for (const line of lines) expect(reports.take(JSON.stringify(line))).toBe(true);
  for (const line of ["", "hello", "{", "[1]", "{}", '{"event": "sent"}'])
    expect(reports.take(line)).toBe(false);
  const wrong = [
    '{"sent": -1}',
    '{"sent": [0, 1], "at": [1]}',
    '{"received": 1.5}',
    '{"returned": 1, "at": "now"}',
    '{"sent": 1, "bytes": -1}',
    '{"bytes": 1}',
    '{"bytes": 1, "secs": 0}',
    `{"sent": [${Array.from({ length: 1001 }, (_, one) => one).join(",")}]}`,
  ];
  for (const line of wrong) expect(() => reports.take(line)).toThrow(/^its report cannot be read: \{/);
  teller[Symbol.dispose]();
  expect(arrivals).toBe(3);
  const events = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const [first, ...others] = events.filter(({ type }) => type === "sent");
  expect(first).toMatchObject({ first: 0, us: [0], size: 400 });
  expect(first.at).toBeGreaterThanOrEqual(before);
  expect(others).toEqual([
    { type: "sent", at: 1000, flow: "bulk", first: 1, us: [0, 2500], size: 700, lateUs: [3000, 3000] },
    { type: "sent", at: 2000, flow: "bulk", first: 3, us: [0], size: 700 },
    { type: "sent", at: 2001, flow: "bulk", first: 9, us: [0], size: 400 },
  ]);
  expect(events.filter(({ type }) => type === "received").map(({ way, packets }) => [way, packets])).toEqual([
    [
      "forth",
      [
        [5, 0, 2990],
        [4, 0, 2980],
      ],
    ],
    ["back", [[5, 0, 3001]]],
  ]);
  expect(events.find(({ type }) => type === "program")).toEqual({
    ...{ type: "program", flow: "bulk", at: 4000, secs: 1, bytes: 1000, packets: 4, lost: 1, rttMs: 2.5 },
  });
});

test("counters of interfaces are read as the kernel writes them", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     120       2    0    0    0     0          0         0      120       2    0    0    0     0       0          0
 link1: 5000      10    0    0    0     0          0         0     7000      14    0    0    0     0       0          0
`;
  expect(readCounters(text, ["link1", "link2"])).toEqual([["link1", 5000, 10, 7000, 14]]);
});
