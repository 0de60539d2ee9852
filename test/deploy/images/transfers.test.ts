import { expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import { openImageTransfers } from "../../../src/deploy/images/transfers.ts";
import { heldClock } from "../../cli-unit/streams.ts";

test("transfers are told four times a second for each host, and their end always", () => {
  const told: EventBody[] = [];
  const clock = heldClock();
  const tell = openImageTransfers((body) => told.push(body), clock);
  const at = (host: string, sentBytes: number) =>
    ({ type: "image-transfer", host, sentBytes, totalBytes: 1000 }) as const;
  for (let sentBytes = 0; sentBytes <= 1000; sentBytes++) {
    tell(at("host0", sentBytes));
    if (sentBytes % 500 === 0) tell(at("host1", sentBytes / 2));
    clock.advance(1);
  }
  expect(told.filter((body) => body.type === "image-transfer" && body.host === "host0")).toEqual(
    [0, 250, 500, 750, 1000].map((sentBytes) => at("host0", sentBytes)),
  );
  expect(told.filter((body) => body.type === "image-transfer" && body.host === "host1")).toHaveLength(3);
  tell(at("host0", 10));
  tell(at("host0", 1000));
  expect(told.slice(-1)).toEqual([at("host0", 1000)]);
});
