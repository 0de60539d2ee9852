import { expect, test } from "vitest";
import { Slots } from "../../../../src/deploy/ssh/session/slots.ts";

test("no more places are taken than there are, and who waits is served in order", async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const first = await slots.take();
  await slots.take();
  const waiting = ["a", "b"].map(async (name) => {
    const release = await slots.take();
    order.push(name);
    return release;
  });
  await Promise.resolve();
  expect(order).toEqual([]);
  first();
  first();
  const releaseA = await waiting[0];
  expect(order).toEqual(["a"]);
  releaseA?.();
  await waiting[1];
  expect(order).toEqual(["a", "b"]);
});

test("who gives up waiting takes no place", async () => {
  const slots = new Slots(1);
  const release = await slots.take();
  const aborted = new AbortController();
  const given = slots.take(aborted.signal);
  const next = slots.take();
  aborted.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  release();
  expect(await next).toBeTypeOf("function");
  await expect(slots.take(aborted.signal)).rejects.toThrow("enough");
});
