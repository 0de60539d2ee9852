import { expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import { openImageTransfers } from "../../../src/deploy/remote/images.ts";
import { heldClock } from "../../cli-unit/streams.ts";

test("transfers are told four times a second for each host, and their end always", () => {
  const reported: EventBody[] = [];
  const clock = heldClock();
  const notify = openImageTransfers((body) => reported.push(body), clock);
  const at = (host: string, sentBytes: number) =>
    ({ type: "image-transfer", host, sentBytes, totalBytes: 1000 }) as const;
  for (let sentBytes = 0; sentBytes <= 1000; sentBytes++) {
    notify(at("host0", sentBytes));
    if (sentBytes % 500 === 0) notify(at("host1", sentBytes / 2));
    clock.advance(1);
  }
  expect(reported.filter((body) => body.type === "image-transfer" && body.host === "host0")).toEqual(
    [0, 250, 500, 750, 1000].map((sentBytes) => at("host0", sentBytes)),
  );
  expect(reported.filter((body) => body.type === "image-transfer" && body.host === "host1")).toHaveLength(3);
  notify(at("host0", 10));
  notify(at("host0", 1000));
  expect(reported.slice(-1)).toEqual([at("host0", 1000)]);
});
