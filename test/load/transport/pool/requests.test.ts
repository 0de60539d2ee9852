import { expect, test } from "vitest";
import { requestMaker } from "../../../../src/load/transport/pool/requests.ts";
import { messageForm } from "../../../../src/load/transport/websocket/websocket.ts";
import { mysticeti } from "../../../../src/protocol/mysticeti.ts";
import { requestFor } from "../drive.ts";

const { batch } = mysticeti.submission;
if (batch === undefined) throw new Error("no batches");
const options = { port: 1, batchSize: 1000, transactionSizeBytes: 512, connections: 256 };
const request = requestFor(options, () => {});

test.each([
  ["http-batch", () => requestMaker(request, { ...batch, head: () => Buffer.alloc(0), batchSize: 1000 }), 1],
  ["websocket", () => requestMaker(request, messageForm), 1000],
])("requests of any number of %s connections take a bounded memory", (_, makeMaker, places) => {
  const make = makeMaker();
  const all = Array.from({ length: 256 }, () => make(places));
  const { constructor: patched } = all[0] as object;
  const count = (made: readonly object[]) => made.filter((one) => one.constructor === patched).length;
  // A thousand transactions have 0.8 MB each time.
  expect(count(all)).toBeGreaterThan(60);
  expect(count(all)).toBeLessThan(100);
  expect(count([make(places)])).toBe(0);
  // What ended connections had is there for the next ones, once.
  for (const one of [...all, ...all]) one.release();
  expect(count(Array.from({ length: 256 }, () => make(places)))).toBe(count(all));
});
