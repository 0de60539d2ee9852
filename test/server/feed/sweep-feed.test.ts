import { appendFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import {
  newState,
  type ObservedEvent,
  observeEvent,
  type SweepState,
} from "../../../src/server/feed/run-state.ts";
import { SweepFeed } from "../../../src/server/feed/sweep-feed.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const line = (seq: number, body: object) =>
  `${JSON.stringify({ ...body, v: 1, run: "r", source: "coordinator", seq, t: new Date(seq).toISOString() })}\n`;
const created = { type: "run-created", benchmarkNumber: 1, loadTps: 100 };
const second = (at: number) => ({
  type: "load-second",
  second: at,
  due: 1,
  sent: 1,
  acknowledged: 1,
  committed: 1,
});

/** What a page knows: a snapshot, and the events that came since. */
class Page {
  state: SweepState = newState();
  offset = 0;
  snapshots = 0;
  readonly onSnapshot = (state: string, offset: number) => {
    this.state = JSON.parse(state) as SweepState;
    this.offset = offset;
    this.snapshots++;
  };
  readonly onEvents = (events: string, offset: number) => {
    for (const one of JSON.parse(events) as ObservedEvent[]) observeEvent(this.state, one);
    this.offset = offset;
  };
}

const seconds = (page: Page) => page.state.run?.seconds.map((row) => row.second) ?? [];
const caughtUp = (page: Page, count: number) =>
  until(() => (seconds(page).length === count ? true : undefined), {
    timeoutMs: 5_000,
    everyMs: 20,
    describe: () => `${seconds(page).length} of ${count} seconds`,
  });

test("watchers see what comes; one that comes back gets what it missed, or everything", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  const end = new AbortController();
  const feed = new SweepFeed({ folder: folder.path, signal: end.signal });
  await writeFile(path, line(0, created) + line(1, second(0)));
  const [first, other] = [new Page(), new Page()];
  const stopFirst = await feed.watch(first);
  await feed.watch(other);
  await appendFile(path, line(2, second(1)));
  await Promise.all([caughtUp(first, 2), caughtUp(other, 2)]);
  expect(first.state).toEqual(other.state);
  stopFirst();
  await appendFile(path, `not an event\n${line(3, second(2))}`);
  await caughtUp(other, 3);
  expect(seconds(first)).toEqual([0, 1]);
  // It names up to where it knows all.
  await feed.watch(first, first.offset);
  expect(first.state).toEqual(other.state);
  expect(first.snapshots).toBe(1);
  expect(first.state.malformed).toBe(1);
  // What was never told, or is not kept, cannot be gone on from.
  const stranger = new Page();
  await feed.watch(stranger, 7);
  expect(stranger).toMatchObject({ snapshots: 1, state: other.state });
  end.abort();
});

test("events that are cut off again are not shown any more", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  const end = new AbortController();
  const feed = new SweepFeed({ folder: folder.path, signal: end.signal });
  const page = new Page();
  const kept = line(0, created);
  await writeFile(path, kept + line(1, second(0)) + line(2, second(1)));
  await feed.watch(page);
  expect(seconds(page)).toEqual([0, 1]);
  await truncate(path, kept.length);
  await caughtUp(page, 0);
  await appendFile(path, line(1, second(5)));
  await caughtUp(page, 1);
  expect(seconds(page)).toEqual([5]);
  end.abort();
});
