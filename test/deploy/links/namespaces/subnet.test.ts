import { expect, test } from "vitest";
import { chooseSubnet, parseRoutes } from "../../../../src/deploy/links/namespaces/subnet.ts";

const routes = `default via 192.0.2.1 dev eth0
10.0.0.0/16 dev eth1 proto kernel scope link src 10.0.0.7
unreachable 10.1.0.0/24
local 10.2.0.3 dev lo table local
broadcast 172.17.255.255 dev docker0 table local
`;

test("destinations of routes are read, of whatever kind", () => {
  expect(parseRoutes(routes)).toEqual(["10.0.0.0/16", "10.1.0.0/24", "10.2.0.3", "172.17.255.255"]);
});

test("a subnet overlaps with no route", () => {
  const draws = { 0: "10.1.1.0/24", 256: "10.1.1.0/24", 512: "10.2.1.0/24", 65535: "10.255.255.0/24" };
  for (const [draw, text] of Object.entries(draws)) {
    expect(chooseSubnet(4, parseRoutes(routes), () => Number(draw))?.text).toBe(text);
  }
  expect(chooseSubnet(4, ["10.0.0.0/8"], () => 3)).toBeUndefined();
  expect(chooseSubnet(4, ["0.0.0.0/0"], () => 3)?.text).toBe("10.0.3.0/24");
});

test("the coordinator is first, nodes follow; many nodes have a larger one", () => {
  const small = chooseSubnet(253, [], () => 257);
  expect([small?.coordinator, small?.addressOf(0), small?.addressOf(252)]).toEqual([
    "10.1.1.1",
    "10.1.1.2",
    "10.1.1.254",
  ]);
  const large = chooseSubnet(254, ["10.5.7.0/24"], () => 5);
  expect([large?.text, large?.addressOf(253), large?.addressOf(300)]).toEqual([
    "10.6.0.0/16",
    "10.6.0.255",
    "10.6.1.46",
  ]);
});
