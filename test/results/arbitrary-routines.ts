/** Generated figures of routines, of every shape that their form allows. */
import fc from "fast-check";
import { families } from "../../src/contracts/peer-tests/packets.ts";
import type { RoutineFigures } from "../../src/contracts/results/native/routines.ts";
import { recordOf } from "../../src/core/keys.ts";
import { latency } from "./arbitrary-results.ts";

const count = fc.nat({ max: 2 ** 40 });
const amount = fc.double({ min: 0, max: 1e9, noNaN: true });
const measured = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const text = fc.string({ unit: "binary" });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const deliveries = { expected: count, delivered: count, missing: count };

const peer = fc.record({
  ...{ name: text, routine: sometimes(text), elapsedSecs: sometimes(amount), points: count },
  ...{ failedSubmissions: count, sent: count, refused: count, delivered: count, repeated: count },
  ...{ connections: count, knownPeers: count },
  packets: sometimes(fc.record(recordOf(families, () => count))),
  ...{
    roundTripMs: sometimes(amount),
    webrtcSentBytes: sometimes(count),
    webrtcReceivedBytes: sometimes(count),
  },
  busyness: sometimes(
    fc.record({
      ...{ tickRatePerSec: amount, timerLatenessMeanMs: amount, timerLatenessMaxMs: amount },
      ...{ longTasks: count, longTasksMs: amount },
    }),
  ),
  gap: sometimes(text),
});

const step = fc.record({
  ...{ fromSecs: amount, toSecs: amount, peers: count, sentPerSec: amount, receivedPerSec: amount },
  ...{ relayedPerSec: amount, duplicatePerSec: amount, expiredPerSec: amount, sentBytesPerSec: amount },
  ...{ receivedBytesPerSec: amount, connections: amount, tickRateLeastPerSec: amount },
  ...{ tickRateMeanPerSec: amount, timerLatenessMaxMs: amount },
  ...{ deliveryMeanMs: sometimes(amount), roundTripMs: sometimes(amount) },
});

export const arbitraryRoutines: fc.Arbitrary<RoutineFigures> = fc.record({
  testId: text,
  points: count,
  sent: count,
  deliveries: fc.record(deliveries),
  repeated: count,
  latency: sometimes(latency),
  kinds: fc.array(fc.record({ kind: text, sent: count, ...deliveries, repeated: count }), { maxLength: 3 }),
  families: fc.array(
    fc.record({
      ...{ family: fc.constantFrom(...families), packets: count, bytes: count, packetsPerSec: amount },
      ...{ low: sometimes(measured), high: sometimes(measured) },
    }),
    { maxLength: 7 },
  ),
  peers: fc.array(peer, { maxLength: 3 }),
  steps: fc.array(step, { maxLength: 3 }),
});
