/** Probes of links that the relay makes: through hops like those of the nodes, to listeners of its own. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { LinkPair, ProbedLink, ProbeRequest } from "../../../contracts/links/shaping.ts";
import { delay, until } from "../../../core/async.ts";
import { systemClock } from "../../../core/clock.ts";
import { type Direction, loopback, openHop } from "./hop.ts";

/** Of a pair of nodes. */
export interface ProbedWay extends LinkPair {
  readonly there: Direction;
  readonly back: Direction;
}

/** Beside what a link's delay and rate take. */
const patienceMs = 2000;
/** Number of the packet and when it was sent. */
const packetBytes = 16;
const tickMs = 1;

type Request<K extends ProbeRequest["kind"]> = Omit<
  Extract<ProbeRequest, { readonly kind: K }>,
  "kind" | "pairs"
>;

/** Sends packets through each way and stamps their arrival. */
export async function probeEchoes(
  ways: readonly ProbedWay[],
  { packets, perSecond }: Request<"echo">,
): Promise<ProbedLink[]> {
  await using probes = await openProbes(ways);
  const delays = ways.map((): number[] => []);
  for (const [i, { onData }] of probes.ways.entries()) {
    const take = openPackets((sentMs) => delays[i]?.push(systemClock.monotonicMs() - sentMs));
    onData(take);
  }
  const startMs = systemClock.monotonicMs();
  for (let sent = 0; sent < packets; ) {
    const due = Math.min(packets, 1 + Math.floor(((systemClock.monotonicMs() - startMs) * perSecond) / 1000));
    for (; sent < due; sent++) {
      const packet = Buffer.alloc(packetBytes);
      packet.writeDoubleBE(sent, 0);
      packet.writeDoubleBE(systemClock.monotonicMs(), 8);
      for (const { socket } of probes.ways) if (!socket.destroyed) socket.write(packet);
    }
    if (sent < packets) await delay(tickMs);
  }
  const longestMs = Math.max(
    ...ways.map(({ there }) => there.line.shape.delayMs + 10 * (there.line.shape.jitter?.deviationMs ?? 0)),
  );
  const isDone = () =>
    probes.ways.every(({ socket }, i) => socket.destroyed || delays[i]?.length === packets)
      ? true
      : undefined;
  const limits = { timeoutMs: patienceMs + longestMs, everyMs: 10, describe: () => "" };
  // What has not come by then counts as lost.
  await until(isDone, limits).catch(() => {});
  return ways.map(({ from, to }, i) => {
    const delaysMs = delays[i] ?? [];
    return { from, to, way: "one-way", sent: packets, received: delaysMs.length, delaysMs };
  });
}

/** Sends as much as each way takes and counts what arrives in the measured part. */
export async function probeGoodput(
  ways: readonly ProbedWay[],
  { warmUpMs, measureMs }: Request<"goodput">,
): Promise<ProbedLink[]> {
  await using probes = await openProbes(ways);
  const bytes = ways.map(() => 0);
  const startMs = systemClock.monotonicMs() + warmUpMs;
  const endMs = startMs + measureMs;
  const block = Buffer.alloc(64 * 1024);
  for (const [i, { onData, socket }] of probes.ways.entries()) {
    onData((chunk) => {
      const nowMs = systemClock.monotonicMs();
      if (nowMs >= startMs && nowMs < endMs) bytes[i] = (bytes[i] ?? 0) + chunk.length;
    });
    const fill = () => {
      while (!socket.destroyed && systemClock.monotonicMs() < endMs && socket.write(block));
    };
    socket.on("drain", fill);
    fill();
  }
  await delay(warmUpMs + measureMs);
  return ways.map(({ from, to }, i) => {
    const goodputBps = ((bytes[i] ?? 0) * 8000) / measureMs;
    return { from, to, way: "one-way", sent: 0, received: 0, delaysMs: [], goodputBps };
  });
}

function openPackets(take: (sentMs: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= packetBytes; rest = rest.subarray(packetBytes)) take(rest.readDoubleBE(8));
  };
}

/** A connection through a hop of its own for each way, and what comes out at its end. */
async function openProbes(ways: readonly ProbedWay[]) {
  const opened = await Promise.all(ways.map(openProbe));
  return {
    ways: opened,
    [Symbol.asyncDispose]: async () => {
      for (const { close } of opened) close();
    },
  };
}

async function openProbe({ there, back }: ProbedWay) {
  const sockets = new Set<Socket>();
  let listener: (chunk: Buffer) => void = () => {};
  const end = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => listener(chunk));
  }).listen(0, loopback);
  await once(end, "listening");
  const hop = await openHop((end.address() as AddressInfo).port, there, back);
  const socket = connect({ host: loopback, port: hop.port, noDelay: true });
  socket.on("error", () => socket.destroy());
  return {
    socket,
    onData: (take: (chunk: Buffer) => void) => {
      listener = take;
    },
    close: () => {
      socket.destroy();
      hop.close();
      end.close();
      for (const each of sockets) each.destroy();
    },
  };
}
