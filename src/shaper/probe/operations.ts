import { randomInt } from "node:crypto";
import { Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { ShaperError } from "../error.ts";
import { fixedBuffer, type Libc } from "../kernel/libc.ts";
import { congestionControl, connectTcp, sendPacket, socketAddress } from "../kernel/sockets.ts";
import { type EchoPlan, type EchoResult, EchoRun } from "./echo-run.ts";
import { type GoodputPlan, sendGoodput } from "./goodput.ts";
import { kinds, type ProbePacket, packetBytes, writePacket } from "./packets.ts";
import { openResponder, type Responder, type ResponderPlan } from "./responder.ts";

/** What the probing thread does. */
export type ProbeOperations = ReturnType<typeof probeOperations>;

/** From a node here to an address. */
export interface Route {
  readonly from: string;
  readonly host: string;
  readonly port: number;
  /** Whether the receiver is this process. */
  readonly isOneWay: boolean;
}

export interface Goodput {
  /** Payload, bits per second; undefined: the receiver did not say. */
  readonly bps: number | undefined;
  readonly congestionControl: string | undefined;
}

/** Sent later: the socket has no room (EAGAIN, ENOBUFS). */
const later = [11, 105];
const mostNonce = 2 ** 32;

/** @param setStreams is called with how many connections of TCP there are, whenever that changes */
export function probeOperations(libc: Libc, clock: Clock, setStreams: (streams: number) => void) {
  const responders = new Map<string, Responder>();
  const runs = new Map<number, EchoRun>();
  const nonce = randomInt(mostNonce);
  let lastRun = 0;
  let streams = 0;
  const onStream = (socket: Socket) => {
    setStreams(++streams);
    socket.once("close", () => setStreams(--streams));
  };
  const onPacket = ({ nonce: of, run, pair, seq, sentMs }: ProbePacket, atMs: number) => {
    if (of === nonce) runs.get(run)?.receive(pair, seq, atMs - sentMs);
  };
  const responderOf = (name: string) => {
    const found = responders.get(name);
    if (found === undefined) throw new ShaperError(`Node ${name} has no socket for probes.`);
    return found;
  };
  const measureGoodput = async ({ from, host, port }: Route, plan: GoodputPlan): Promise<Goodput> => {
    const descriptor = connectTcp(libc, responderOf(from).namespace, socketAddress(host, port));
    const congestion = congestionControl(libc, descriptor);
    const socket = new Socket({ fd: descriptor, readable: true, writable: true });
    onStream(socket);
    const bytes = await sendGoodput(socket, plan);
    const bps = bytes === undefined ? undefined : (bytes * 8000) / plan.measureMs;
    return { bps, congestionControl: congestion };
  };
  return {
    /** Nodes of the same name are replaced. */
    attach: async (plans: readonly ResponderPlan[]) => {
      for (const plan of plans) {
        responders.get(plan.name)?.close();
        responders.delete(plan.name);
        responders.set(plan.name, await openResponder(plan, { libc, clock, onPacket, onStream }));
      }
    },
    echo: async (routes: readonly Route[], plan: Omit<EchoPlan, "pairs">): Promise<readonly EchoResult[]> => {
      const echo = new EchoRun({ ...plan, pairs: routes.length }, clock);
      const run = ++lastRun;
      const bytes = fixedBuffer(packetBytes);
      const senders = routes.map(({ from, host, port, isOneWay }) => ({
        socket: responderOf(from).socket,
        to: socketAddress(host, port),
        kind: isOneWay ? kinds.oneWay : kinds.request,
      }));
      runs.set(run, echo);
      try {
        return await echo.run((pair, seq) => {
          const { socket, to, kind } = senders[pair] as (typeof senders)[number];
          writePacket(bytes, { kind, nonce, run, pair, seq, sentMs: clock.monotonicMs() });
          return sendPacket(libc, socket, { bytes, to }) >= 0 || !later.includes(libc.errno());
        });
      } finally {
        runs.delete(run);
      }
    },
    goodput: (routes: readonly Route[], plan: GoodputPlan): Promise<readonly Goodput[]> =>
      Promise.all(routes.map((route) => measureGoodput(route, plan))),
  };
}
