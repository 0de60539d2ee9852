/** What the coordinator makes of what places tell it, on a clock of the test's. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import { secondTally } from "../../../src/load/messages/report-codec.ts";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";
import { driveClients } from "../../../src/run/clients/clients.ts";
import { planFor } from "../../load/setting.ts";
import { type ScriptedPlace, scriptPlace } from "../scripted-place.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Begin {
  readonly windowMs?: number;
  readonly drainMs?: number;
  readonly onEvent?: (body: EventBody) => void;
}

/** A drive of these places. */
function begin(places: readonly ScriptedPlace[], { onEvent, ...change }: Begin = {}) {
  const giveUp = new AbortController();
  const events: EventBody[] = [];
  const driven = driveClients({
    placements: places.map(({ placement }) => placement),
    protocol: { name: "p" },
    plan: planFor([], { windowMs: 60_000, ...change }),
    clock: { monotonicMs: () => Date.now(), wallMs: () => Date.now() },
    signal: giveUp.signal,
    emit: (body) => {
      events.push(body);
      onEvent?.(body);
    },
  });
  const ended = driven.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ended, events, giveUp };
}

/** Of a second in which nothing happened. */
const emptyRow = (startSecs: number) =>
  secondTally.encode({
    startSecs,
    lengthSecs: 1,
    counts: { due: 0, sent: 0, acknowledged: 0, committed: 0, failed: 0 },
    latency: new Histogram(),
    lateness: new Histogram(),
    self: {},
  });

const phasesOf = (events: readonly EventBody[]) =>
  events.flatMap((body) => (body.type === "load-phase" ? [body.phase] : []));

test.for([["coordinator"], ["host0", "host1"]])(
  "a drive of clients on %s that is given up tells nothing more, and leaves no timer",
  async (hosts) => {
    const places = hosts.map((host) => scriptPlace(host));
    const { ended, events, giveUp } = begin(places);
    await vi.advanceTimersByTimeAsync(100);
    expect(phasesOf(events)).toEqual(["warm-up"]);
    giveUp.abort(new Error("Ctrl-C"));
    expect(await ended).toEqual(new Error("Ctrl-C"));
    expect(places.map(({ hasEnded }) => hasEnded())).toEqual(places.map(() => true));
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(events).toHaveLength(1);
  },
);

test("what a listener of phases throws ends the drive", async () => {
  const place = scriptPlace("coordinator");
  const { ended } = begin([place], {
    onEvent: (body) => {
      if (body.type === "load-phase" && body.phase === "window") throw new Error("the disk is full");
    },
  });
  await vi.advanceTimersByTimeAsync(2000);
  expect(place.hasEnded()).toBe(true);
  expect(await ended).toEqual(new Error("the disk is full"));
});

/** Tells rows of these places as their seconds end. */
async function reportRows(places: readonly ScriptedPlace[], seconds: readonly number[]) {
  for (const startSecs of seconds) {
    await vi.advanceTimersByTimeAsync(1000);
    for (const place of places) place.listener().message({ type: "second", second: emptyRow(startSecs) });
  }
}

test("a place that says nothing for 10 s of the load is lost and ended, and the others go on", async () => {
  const [talking, silent] = [scriptPlace("host0"), scriptPlace("host1")];
  const { events, ended, giveUp } = begin([talking, silent]);
  await vi.advanceTimersByTimeAsync(500);
  await reportRows([talking, silent], [-1, 0, 1]);
  const rows = () => events.filter(({ type }) => type === "load-second").length;
  await reportRows([talking], [2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect([rows(), silent.hasEnded()]).toEqual([3, false]);
  await reportRows([talking], [11, 12]);
  expect(events.filter(({ type }) => type === "clients-lost")).toEqual([
    expect.objectContaining({ host: "host1", reason: "they sent nothing for 10 s" }),
  ]);
  expect([rows(), silent.hasEnded(), talking.hasEnded()]).toEqual([14, true, false]);
  giveUp.abort(new Error("enough"));
  await ended;
});

test("in the drain a place may be silent", async () => {
  const place = scriptPlace("host0");
  const { events, ended, giveUp } = begin([place, scriptPlace("host1")], { windowMs: 5000, drainMs: 60_000 });
  await vi.advanceTimersByTimeAsync(40_000);
  expect(phasesOf(events)).toEqual(["warm-up", "window", "drain"]);
  expect(events).toHaveLength(3);
  giveUp.abort(new Error("enough"));
  await ended;
});
