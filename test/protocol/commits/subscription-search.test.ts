import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BlockSubscription } from "../../../src/protocol/commits/block-inbox.ts";
import { searchSubscription } from "../../../src/protocol/commits/subscription-search.ts";

interface Attempt {
  readonly resolve: (found: BlockSubscription) => void;
  readonly reject: (error: unknown) => void;
}

/** A search whose attempts end as a test says. */
function begin() {
  const closed: string[] = [];
  const failures: unknown[] = [];
  const attempts: Attempt[] = [];
  const giveUp = new AbortController();
  const subscribe = () =>
    new Promise<BlockSubscription>((resolve, reject) => void attempts.push({ resolve, reject }));
  const onFailure = (error: unknown) => failures.push(error);
  const search = searchSubscription(subscribe, { pauseMs: 1, signal: giveUp.signal, onFailure });
  const standing: BlockSubscription = {
    news: () => Promise.reject(new Error("nobody asks")),
    latest: () => 0,
    holds: () => false,
    take: () => undefined,
    dropBelow: () => {},
    heldSinceMs: () => undefined,
    close: () => closed.push("closed"),
  };
  return { search, attempts, standing, closed, failures, giveUp };
}

test("what is found is handed out once, and nothing is asked for again", async () => {
  const { search, attempts, standing, closed } = begin();
  expect(search.take()).toBeUndefined();
  attempts[0]?.resolve(standing);
  await setImmediate();
  expect([search.take(), search.take()]).toEqual([standing, undefined]);
  search.end();
  expect([attempts.length, closed]).toEqual([1, []]);
});

test("what was found and not taken is closed at the end", async () => {
  const { search, attempts, standing, closed } = begin();
  attempts[0]?.resolve(standing);
  await setImmediate();
  search.end();
  expect([search.take(), closed]).toEqual([undefined, ["closed"]]);
});

test.for(["end", "abort"] as const)("what is found after the %s is closed", async (how) => {
  const { search, attempts, standing, closed, giveUp } = begin();
  if (how === "end") search.end();
  else giveUp.abort(new Error("over"));
  attempts[0]?.resolve(standing);
  await setImmediate();
  expect([search.take(), closed]).toEqual([undefined, ["closed"]]);
});

test("failures are told until the end", async () => {
  const { search, attempts, failures } = begin();
  attempts[0]?.reject("refused");
  await expect.poll(() => attempts.length).toBe(2);
  search.end();
  attempts[1]?.reject("too late");
  await setImmediate();
  expect([failures, attempts.length]).toEqual([["refused"], 2]);
});
