import { expect, test } from "vitest";
import { ChunkedBody } from "../../../../src/load/transport/http/chunked-body.ts";

test("a body in a million chunks takes little more memory than its bytes", () => {
  const chunks = 1_000_000;
  const some = Buffer.from("1\r\nx\r\n".repeat(10_000));
  const body = new ChunkedBody(2 * chunks);
  const beforeBytes = process.memoryUsage().heapUsed;
  for (let count = 0; count < chunks; count += 10_000) expect(body.push(some)).toBe(some.length);
  const tookBytes = process.memoryUsage().heapUsed - beforeBytes;
  expect(body.push(Buffer.from("0\r\n\r\nrest"))).toBe(5);
  expect(body.ended).toBe(true);
  expect(body.body().equals(Buffer.alloc(chunks, "x"))).toBe(true);
  expect(tookBytes).toBeLessThan(64 * 2 ** 20);
});
