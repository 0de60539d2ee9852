import { expect, test } from "vitest";
import { deviceTo, parseRoutes } from "../../../src/shaper/netem/routes.ts";

const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth1\t0001000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
eth2\t0001000A\t00000000\t0001\t0\t0\t10\t00FFFFFF\t0\t0\t0
eth3\t0002000A\t00000000\t0000\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;

test.each([
  ["172.17.0.9", "eth0"],
  ["10.0.1.200", "eth2"],
  ["10.0.2.1", "eth0"],
  ["200.1.1.1", "eth0"],
])("%s is reached through %s", (address, device) => {
  expect(deviceTo(address, parseRoutes(text))).toBe(device);
});

test("what has no route has no interface", () => {
  expect(deviceTo("10.0.0.1", parseRoutes("Iface\nnonsense\n"))).toBeUndefined();
});
