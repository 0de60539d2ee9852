import { expect, test } from "vitest";
import { formatAuthority } from "../../src/core/address.ts";

test("a name or an IPv4 address stands as it is, an IPv6 address in brackets", () => {
  expect(formatAuthority({ host: "node0", port: 26_657 })).toBe("node0:26657");
  expect(formatAuthority({ host: "127.0.0.1", port: 80 })).toBe("127.0.0.1:80");
  expect(formatAuthority({ host: "::1", port: 80 })).toBe("[::1]:80");
});
