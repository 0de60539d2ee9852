import { expect, test } from "vitest";
import { formatTransport } from "../../../../src/results/report/blocks/header.ts";

test.each([
  [{ kind: "http", inFlightPerConnection: 1, batchSize: 1 }, "http"],
  [
    { kind: "http-batch", inFlightPerConnection: 2, batchSize: 10 },
    "http-batch, up to 10 transactions in a request, 2 requests in flight per connection",
  ],
  [
    { kind: "websocket", inFlightPerConnection: 64, batchSize: 1 },
    "websocket, 64 messages in flight per connection",
  ],
] as const)("a transport is named with what it does more than one at a time: %o", (transport, text) => {
  expect(formatTransport(transport)).toBe(text);
});
