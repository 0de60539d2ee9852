/** Ends of flows over loopback, and a network between them that does exactly what its script says. */
import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FlowEvent } from "../../../src/contracts/load/flow-events.ts";
import { delay, until } from "../../../src/core/async.ts";
import type { FlowEnd } from "../../../src/peer/host/config.ts";
import { receiveMessages, sendMessages } from "../../../src/peer/host/flow/tcp.ts";
import { receiveDatagrams, sendDatagrams } from "../../../src/peer/host/flow/udp.ts";
import { Teller } from "../../../src/peer/host/teller.ts";
import { flowsFigures } from "../../../src/results/analysis/flows/figures.ts";
import { FlowRecord } from "../../../src/results/analysis/flows/record.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

/** Nobody else's, and ports below those that the kernel gives to connections: one might connect to itself. */
const address = "127.71.0.1";
const freePort = () => 10_000 + randomInt(20_000);

interface Ends {
  readonly flow: Pick<FlowEnd, "kind" | "reflects" | "sizeBytes" | "perSec">;
  /** Where the sender sends to, if not to the receiver. */
  readonly through?: number;
  readonly port: number;
}

/** Runs both ends for as long as `work` takes. @returns what each told */
async function runFlow({ flow, through, port }: Ends, work: () => Promise<unknown>) {
  await using folder = await makeTemporaryFolder();
  const end = new AbortController();
  const tcp = flow.kind === "tcp";
  const told = await Promise.all(
    (["receiver", "sender"] as const).map(async (role) => {
      const path = join(folder.path, role);
      const teller = new Teller(path);
      const own = {
        ...flow,
        name: "talk",
        role,
        to: { host: address, port: role === "sender" ? (through ?? port) : port },
      };
      const setting = { flow: own, address, teller, onFirst: () => {}, log: () => {}, signal: end.signal };
      const send = tcp ? sendMessages : sendDatagrams;
      const receive = tcp ? receiveMessages : receiveDatagrams;
      const running = (role === "sender" ? send : receive)(setting);
      if (role === "sender") {
        await work();
        end.abort();
      }
      await running;
      teller[Symbol.dispose]();
      const lines = readFileSync(path, "utf8").trim().split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as FlowEvent);
    }),
  );
  return { receiver: told[0] ?? [], sender: told[1] ?? [] };
}

function figuresOf(
  { receiver, sender }: Awaited<ReturnType<typeof runFlow>>,
  { flow, startMs, secs }: { readonly flow: Ends["flow"]; readonly startMs: number; readonly secs: number },
) {
  const record = new FlowRecord(["a", "b"], [{ ...flow, name: "talk", from: "a", to: "b" }]);
  for (const event of sender) record.add("a", event);
  for (const event of receiver) record.add("b", event);
  const same = { offsetMs: 0, errorMs: 0 };
  const clocks = new Map([
    ["a", same],
    ["b", same],
  ]);
  const none = { network: "script", hasView: false, gapOf: () => undefined, captures: [] };
  const use = { startMs, lengthSecs: secs, observedSecs: secs + 2, clocks, ...none };
  const [found] = flowsFigures(record, use).flows;
  if (found === undefined) throw new TypeError("no flow");
  return found;
}

test("a network that stands still for exactly 300 ms, loses 7 packets and doubles 2 is found to have done just that", async () => {
  const flow = { kind: "udp", reflects: false, sizeBytes: 200, perSec: 100 } as const;
  const [port, through] = [freePort(), freePort()];
  const script = { lost: 0, doubled: 0, stoodMs: 0 };
  const relay = createSocket("udp4").bind(through, address);
  await once(relay, "listening");
  let count = 0;
  let stoodFromMs: number | undefined;
  let lastMs = 0;
  relay.on("message", (packet) => {
    const now = performance.now();
    const pass = () => relay.send(packet, port, address);
    // From the 150th on it switches to another way: what comes in 300 ms goes nowhere but for what the script loses.
    if (count === 150) stoodFromMs = lastMs;
    const place = count++;
    if (stoodFromMs !== undefined && script.lost < 7) {
      script.lost++;
      return;
    }
    if (stoodFromMs !== undefined && script.stoodMs === 0) {
      const leftMs = stoodFromMs + 300 - now;
      script.stoodMs = 300;
      // It holds what it has by then, in order.
      holdFor(leftMs, relay, pass);
      return;
    }
    if (held !== undefined) {
      held.push(pass);
      return;
    }
    pass();
    lastMs = now;
    if (place === 20 || place === 40) {
      script.doubled++;
      pass();
    }
  });
  let held: (() => void)[] | undefined;
  function holdFor(ms: number, _: Socket, first: () => void): void {
    held = [first];
    setTimeout(() => {
      script.stoodMs = performance.now() - (stoodFromMs ?? 0);
      for (const one of held ?? []) one();
      held = undefined;
    }, ms + 1);
  }
  const startMs = performance.timeOrigin + performance.now();
  const told = await runFlow({ flow, port, through }, () => delay(4000));
  relay.close();
  expect(script).toMatchObject({ lost: 7, doubled: 2 });
  expect(script.stoodMs).toBeGreaterThanOrEqual(299);
  const found = figuresOf(told, { flow, startMs, secs: 4 });
  expect([found.packets?.lost, found.packets?.duplicated]).toEqual([7, 2]);
  expect(found.interruptions).toHaveLength(1);
  const [interruption] = found.interruptions;
  const longMs = interruption?.lengthMs ?? 0;
  // A busy machine ends it later than the script says, and then it is found to have been so long.
  expect(Math.abs(longMs - script.stoodMs)).toBeLessThan(15);
});

test("a reflected flow tells each packet at both ends, forth and back", async () => {
  const flow = { kind: "udp", reflects: true, sizeBytes: 100, perSec: 200 } as const;
  const startMs = performance.timeOrigin + performance.now();
  const told = await runFlow({ flow, port: freePort() }, () => delay(1000));
  const found = figuresOf(told, { flow, startMs, secs: 1 });
  expect(found.packets?.sent).toBeGreaterThan(150);
  // The last may be under way when it ends.
  expect(found.packets?.lost).toBeLessThan(5);
  expect(found.roundTrip?.count).toBeGreaterThan(150);
  expect(told.sender.map(({ type }) => type)).toContain("received");
});

test("pictures are shown, late, or incomplete", async () => {
  const flow = { kind: "video", reflects: false, sizeBytes: 5000, perSec: 25 } as const;
  const [port, through] = [freePort(), freePort()];
  const relay = createSocket("udp4").bind(through, address);
  await once(relay, "listening");
  let count = 0;
  relay.on("message", (packet) => {
    const frame = packet.readUInt32BE(12);
    const pass = () => relay.send(packet, port, address);
    // Of the 10th picture a part is lost, of the 20th all; the 30th comes 400 ms late.
    if ((frame === 10 && count++ === 0) || frame === 20) return;
    if (frame === 30) setTimeout(pass, 400);
    else pass();
  });
  const told = await runFlow({ flow, port, through }, () => delay(3000));
  relay.close();
  const outcomes = told.receiver.flatMap((event) =>
    event.type === "frame" ? [[event.frame, event.outcome]] : [],
  );
  const others = outcomes.filter(([, outcome]) => outcome !== "shown");
  expect(new Map(others as [number, string][])).toEqual(
    new Map([
      [10, "incomplete"],
      [20, "incomplete"],
      [30, "late"],
    ]),
  );
  expect(outcomes.length - others.length).toBeGreaterThan(40);
});

test("messages over TCP arrive in order, and the sender connects again", async () => {
  const flow = { kind: "tcp", reflects: true, sizeBytes: 3000, perSec: 100 } as const;
  const startMs = performance.timeOrigin + performance.now();
  const told = await runFlow({ flow, port: freePort() }, () => delay(1500));
  const found = figuresOf(told, { flow, startMs, secs: 1 });
  expect(found.packets?.sent).toBeGreaterThan(80);
  expect([found.packets?.duplicated, found.packets?.reordered]).toEqual([0, 0]);
  expect(found.packets?.received).toBeGreaterThan(0.8 * (found.packets?.sent ?? 0));
  const asFast = { ...flow, reflects: false, perSec: undefined };
  const flood = await runFlow({ flow: asFast, port: freePort() }, () => delay(500));
  const bytes = flood.receiver.flatMap((event) =>
    event.type === "received" ? [event.packets.length * event.size] : [],
  );
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(1_000_000);
});

test("a sender of messages goes on where nobody listens, and where its connection breaks", async () => {
  const flow = { kind: "tcp", reflects: false, sizeBytes: 100, perSec: 50 } as const;
  const [port, through] = [freePort(), freePort()];
  let accepted = 0;
  const relay = createServer((socket) => {
    accepted++;
    setTimeout(() => socket.resetAndDestroy(), 200);
  });
  const told = await runFlow({ flow, port, through }, async () => {
    await delay(300);
    relay.listen(through, address);
    await until(() => Promise.resolve(accepted >= 3 || undefined), {
      ...{ timeoutMs: 5000, everyMs: 20, describe: () => `${accepted} connections` },
    });
  });
  relay.close();
  const sent = told.sender.flatMap((event) => (event.type === "sent" ? [event] : []));
  // Those before it listened were refused, and those in between.
  expect(sent.flatMap(({ refused = [] }) => refused).length).toBeGreaterThan(10);
  expect(sent.flatMap(({ us }) => us).length).toBeGreaterThan(40);
});

test("what a socket refuses is told as sent and refused", async () => {
  const flow = { kind: "udp", reflects: false, sizeBytes: 100, perSec: 50 } as const;
  // Nothing listens there: loopback says so to the next packet at most, and the schedule goes on.
  const port = freePort();
  const told = await runFlow({ flow, port, through: 1 }, () =>
    until(() => Promise.resolve(true), { timeoutMs: 100, everyMs: 10, describe: () => "" }).then(() =>
      delay(500),
    ),
  );
  const sent = told.sender.flatMap((event) => (event.type === "sent" ? event.us : []));
  expect(sent.length).toBeGreaterThan(15);
});
