import type { ServerStatus } from "../../contracts/peer-tests/api.ts";
import { peerPoint } from "../export/influx/peer-points.ts";
import { PointRelay } from "../export/influx/point-relay.ts";
import type { InfluxTarget } from "../export/influx/target.ts";
import { PeerTests } from "./peer-tests.ts";

/** Where tests of peers are kept. */
export interface PeerTestsTarget {
  /** Made with the first test. */
  readonly folder: string;
  /** A database that gets each point too. */
  readonly influx?: InfluxTarget | undefined;
}

export interface OpenPeerTests extends AsyncDisposable {
  readonly tests: PeerTests;
  readonly status: () => ServerStatus;
}

/** Points wait for half an hour of ten peers that report every second; each has some 1.5 kB. */
const mostWaiting = 20_000;

/** Opens the tests of a folder, and the way of their points to a database. */
export async function openPeerTests({ folder, influx }: PeerTestsTarget): Promise<OpenPeerTests> {
  const relay = influx && new PointRelay(influx, { mostWaiting });
  const tests = await PeerTests.open({ folder, onPoint: (point) => relay?.push([peerPoint(point)]) });
  const relayStatus = () => relay && { ...relay.report, pointsWaiting: relay.pointsWaiting };
  return {
    tests,
    status: () => ({ status: "ok", relay: relayStatus() }),
    [Symbol.asyncDispose]: async () => {
      await tests[Symbol.asyncDispose]();
      await relay?.finish();
    },
  };
}
