import { expect, test } from "vitest";
import { formatAuthority, formatOrigin } from "../../src/core/address.ts";

test("a name or an IPv4 address stands as it is, an IPv6 address in brackets", () => {
  expect(formatAuthority({ host: "node0", port: 26_657 })).toBe("node0:26657");
  expect(formatAuthority({ host: "127.0.0.1", port: 80 })).toBe("127.0.0.1:80");
  expect(formatAuthority({ host: "::1", port: 80 })).toBe("[::1]:80");
});

test("an origin says whether it is over TLS", () => {
  const place = { host: "::1", port: 80 };
  expect(formatOrigin("http", place)).toBe("http://[::1]:80");
  expect(formatOrigin("http", { ...place, tls: {} })).toBe("https://[::1]:80");
  expect(formatOrigin("ws", place)).toBe("ws://[::1]:80");
  expect(formatOrigin("ws", { ...place, tls: {} })).toBe("wss://[::1]:80");
});
