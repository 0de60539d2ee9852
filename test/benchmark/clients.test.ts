/** What the coordinator makes of what places tell it, on a clock of the test's. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { driveClients } from "../../src/benchmark/clients.ts";
import type { EventBody } from "../../src/contracts/events.ts";
import { planFor } from "../load/setting.ts";
import { type ScriptedPlace, scriptPlace } from "./scripted-place.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A drive of these places; the window is 60 s long. */
function begin(places: readonly ScriptedPlace[], onEvent: (body: EventBody) => void = () => {}) {
  const giveUp = new AbortController();
  const events: EventBody[] = [];
  const driven = driveClients({
    placements: places.map(({ placement }) => placement),
    protocol: { name: "p" },
    plan: planFor([], { windowMs: 60_000 }),
    clock: { monotonicMs: () => Date.now(), wallMs: () => Date.now() },
    signal: giveUp.signal,
    emit: (body) => {
      events.push(body);
      onEvent(body);
    },
  });
  const ended = driven.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ended, events, giveUp };
}

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
  const { ended } = begin([place], (body) => {
    if (body.type === "load-phase" && body.phase === "window") throw new Error("the disk is full");
  });
  await vi.advanceTimersByTimeAsync(2000);
  expect(place.hasEnded()).toBe(true);
  expect(await ended).toEqual(new Error("the disk is full"));
});
