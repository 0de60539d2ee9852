/** What the peers of a test did, from looks at what each said last. Pure. */
import type { LiveRoutineStep } from "../../../contracts/events.ts";
import type { LastPoint } from "../../../contracts/peer-tests/api.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";

type Rates = Pick<LiveRoutineStep, "sentPerSec" | "receivedPerSec" | "relayedPerSec" | "deliveredPerSec">;

/** A peer, as of its last data point. */
interface SeenPeer {
  readonly point: LastPoint;
  /** Between the last two data points that were seen. */
  readonly rates: Rates;
  /** Looks in a row at which it had said nothing new. */
  readonly silentLooks: number;
}

/** A data point may come just behind a look; a peer that is silent for longer is not counted. */
const mostSilentLooks = 1;

export class StepMeter {
  readonly #peers = new Map<string, SeenPeer>();

  /**
   * Takes what the peers said last. Those that do not tell the time of their test are left out, as in the results.
   *
   * @returns undefined before any peer has said something
   */
  take(points: readonly LastPoint[]): Omit<LiveRoutineStep, "second" | "lengthSecs"> | undefined {
    for (const [peerId, seen] of this.#peers) {
      this.#peers.set(peerId, { ...seen, silentLooks: seen.silentLooks + 1 });
    }
    for (const point of points) {
      const before = this.#peers.get(point.peerId)?.point;
      if (before?.points === point.points) continue;
      const rates = ratesBetween(before, point);
      if (rates !== undefined) this.#peers.set(point.peerId, { point, rates, silentLooks: 0 });
    }
    if (this.#peers.size === 0) return undefined;
    return figuresOf([...this.#peers.values()].filter(({ silentLooks }) => silentLooks <= mostSilentLooks));
  }
}

/** Since the start of the test where there is no earlier point, or the peer began anew. */
function ratesBetween(before: LastPoint | undefined, point: LastPoint): Rates | undefined {
  const elapsedMs = elapsedOf(point);
  const isSame = before !== undefined && elapsedOf(before) < elapsedMs;
  const secs = (elapsedMs - (isSame ? elapsedOf(before) : 0)) / 1000;
  if (!(secs > 0)) return undefined;
  const rate = (of: (point: LastPoint) => number) =>
    Math.max(0, of(point) - (isSame ? of(before) : 0)) / secs;
  const isCounted = point.extra?.deliveredMessages !== undefined;
  return {
    sentPerSec: rate(({ sentTotal }) => sentTotal),
    receivedPerSec: rate(({ receivedTotal }) => receivedTotal),
    relayedPerSec: rate(({ relayedTotal }) => relayedTotal),
    ...(isCounted && { deliveredPerSec: rate(({ extra }) => extra?.deliveredMessages ?? 0) }),
  };
}

/** NaN where it does not tell. */
const elapsedOf = ({ extra }: LastPoint) => extra?.elapsedMs ?? Number.NaN;

function figuresOf(peers: readonly SeenPeer[]): Omit<LiveRoutineStep, "second" | "lengthSecs"> {
  const known = (of: (peer: SeenPeer) => number | undefined) => peers.flatMap((peer) => of(peer) ?? []);
  const sum = (values: readonly number[]) => rounded(values.reduce((total, value) => total + value, 0));
  const all = (name: keyof Rates) => known(({ rates }) => rates[name]);
  const delivered = all("deliveredPerSec");
  const ticks = known(({ point }) => point.extra?.tickRatePerSec);
  const latest = known(({ point }) => point.extra?.timerLatenessMaxMs);
  return {
    peers: peers.length,
    sentPerSec: sum(all("sentPerSec")),
    receivedPerSec: sum(all("receivedPerSec")),
    relayedPerSec: sum(all("relayedPerSec")),
    ...(delivered.length > 0 && { deliveredPerSec: sum(delivered) }),
    ...(peers.length > 0 && {
      connections: rounded(meanOf(peers.map(({ point }) => point.connectedPeersCount))),
    }),
    ...(ticks.length > 0 && {
      tickRateMeanPerSec: rounded(meanOf(ticks)),
      tickRateLeastPerSec: rounded(Math.min(...ticks)),
    }),
    ...(latest.length > 0 && { timerLatenessMaxMs: rounded(Math.max(...latest)) }),
  };
}
