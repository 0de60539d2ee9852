/** Runs of routines in browsers, made of results of tests as peers would report them. */
import { families, type PacketFamily } from "../../src/contracts/peer-tests/packets.ts";
import type { PeerRecord } from "../../src/contracts/peer-tests/peer-record.ts";
import type { NativeResult } from "../../src/contracts/results/native/native.ts";
import type { RoutineFigures } from "../../src/contracts/results/native/routines.ts";
import { recordOf as byName } from "../../src/core/keys.ts";
import { figuresOfRoutines, routineFigures } from "../../src/results/analysis/routines/figures.ts";
import type { NativeSummary } from "../../src/results/schema/summary.ts";
import { recordOf, type SamplePoint, testOf } from "./analysis/routines/sample-test.ts";
import { nativeRun, nativeSummary } from "./sample-native.ts";

const seconds = 10;
const stepMs = 2_000;
const steps = (seconds * 1000) / stepMs;

export interface TestShape {
  readonly peers?: number;
  /** How often the library sends each message: 2 is one that sends all of them twice. */
  readonly copies?: number;
  /** Messages of the first peer in the whole test; each further one sends one more. */
  readonly messages?: number;
  /** Dealt in turn; those that listen send nothing. */
  readonly routines?: readonly string[];
}

const namesOf = ({ peers = 4 }: TestShape) => Array.from({ length: peers }, (_, place) => `node${place}`);

/** What a peer sent, and what of others arrived. */
function countsOf(place: number, shape: TestShape) {
  const { copies = 1, messages = 100, routines = ["comms"] } = shape;
  const others = namesOf(shape).length - 1;
  const routineAt = (at: number) => routines[at % routines.length] ?? "";
  const sentBy = (at: number) => (routineAt(at) === "listen" ? 0 : messages + at);
  const sent = sentBy(place);
  const delivered = namesOf(shape).reduce((sum, _, at) => sum + sentBy(at), -sent);
  const packets: Readonly<Record<PacketFamily, number>> = {
    sent: sent * others * copies,
    received: delivered * copies,
    relayed: place,
    all: (sent * others + delivered) * copies + place,
    relevant: delivered * copies,
    duplicate: place,
    expired: 0,
  };
  return { routine: routineAt(place), sent, delivered, repeated: delivered * (copies - 1), packets };
}

function pointOf(place: number, step: number, shape: TestShape): SamplePoint {
  const { packets } = countsOf(place, shape);
  const isSlow = place === 3;
  return {
    // The last one comes when nothing arrives any more.
    elapsedMs: step === steps ? seconds * 1000 + 1_500 : step * stepMs,
    packets: byName(families, (family) => [packets[family] / steps, (packets[family] / steps) * step]),
    connectedPeers: namesOf(shape).filter((_, at) => at !== place),
    extra: {
      tickRatePerSec: 59.5 - place,
      timerLatenessMeanMs: 1 + place / 10,
      timerLatenessMaxMs: 20 + 10 * place,
      longTasks: isSlow ? 1 : 0,
      longTasksMs: isSlow ? 61 : 0,
      webrtcRoundTripMs: 2 + place / 10,
      deliveryMeanMs: 4 + step,
    },
  };
}

/** Every fourth message takes twice as long, and every tenth is a profile. */
function reportOf(place: number, shape: TestShape): PeerRecord {
  const { routine, sent, delivered, repeated } = countsOf(place, shape);
  const latenciesUs = Array.from({ length: delivered }, (_, at) => (at % 4 === 3 ? 8_000 : 4_000));
  const all = { sent, delivered, repeated };
  const profile = byName(["sent", "delivered", "repeated"], (of) => Math.floor(all[of] / 10));
  const position = byName(["sent", "delivered", "repeated"], (of) => all[of] - profile[of]);
  return {
    ...recordOf({ sent, repeated }, latenciesUs),
    ...{ routine, elapsedMs: seconds * 1000, kinds: { position, profile } },
  };
}

/** What its results server has at the end of a test. */
function resultsOf(shape: TestShape) {
  const peers = namesOf(shape).map((name, place) => {
    const points = Array.from({ length: steps }, (_, step) => pointOf(place, step + 1, shape));
    return [name, { points, record: reportOf(place, shape) }] as const;
  });
  return testOf(Object.fromEntries(peers));
}

/** A run of a test of this shape, of browsers on one machine or on several. */
export function routinesRunOf(
  shape: TestShape = {},
  networkType: "local" | "remote" = "local",
): NativeResult {
  const peers = namesOf(shape);
  const isOneMachine = networkType === "local";
  const routines = routineFigures(resultsOf(shape), { peers, lengthSecs: seconds, stepMs, isOneMachine });
  return {
    ...nativeRun,
    parameters: {
      ...nativeRun.parameters,
      networkType,
      protocol: "browsers",
      protocolOptions: {
        library: (shape.copies ?? 1) === 1 ? "@dcl/catalyst-peer@1.0.14" : "/libraries/doubling",
        routines: (shape.routines ?? ["comms"]).join(","),
      },
      nodes: peers.length,
      loadTps: routines.sent / seconds,
      durationSecs: seconds,
    },
    figures: figuresOfRoutines(routines, seconds),
    nodes: peers.map((name, place) => ({
      ...{ name, exitedUnasked: false, cpuSecs: 0.6 + place / 10, memoryBytes: (310 + place) * 1024 ** 2 },
      ...{ openFiles: 400, threads: 120 },
    })),
  };
}

/** Four peers, each of which hears the others. */
export const routinesRun: NativeResult = routinesRunOf();

export const figuresIn = ({ figures }: NativeResult): RoutineFigures => {
  if (figures.routines === undefined) throw new Error("the run has no routines");
  return figures.routines;
};

/** The same with a library that sends each message twice. */
export const doubledRun: NativeResult = routinesRunOf({ copies: 2 });

export const routinesSummary: NativeSummary = {
  ...nativeSummary,
  plannedRuns: 1,
  runs: [routinesRun],
  endedEarly: undefined,
};
