import { expect, test } from "vitest";
import { isInside } from "../../src/core/address.ts";

test.each([
  ["172.17.4.5", "172.17.0.0/16", true],
  ["172.18.0.1", "172.17.0.0/16", false],
  ["10.0.0.1", "0.0.0.0/0", true],
  ["fd00::1:2", "fd00::/64", true],
  ["fd01::1", "fd00::/64", false],
  ["10.0.0.1", "fd00::/64", false],
  ["host.example", "10.0.0.0/8", false],
  ["10.0.0.1", "10.0.0.0", false],
])("%s inside %s: %s", (address, subnet, expected) => {
  expect(isInside(address, subnet)).toBe(expected);
});
