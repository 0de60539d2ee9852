import { expect, test } from "vitest";
import {
  type Addressing,
  addressRange,
  listEndpoints,
  mostHosts,
  mostRanges,
  placeHosts,
  testbedDir,
  testbedId,
  testbedName,
} from "../../../src/deploy/testbed/layout.ts";
import { chooseAddressing } from "../../../src/deploy/testbed/up.ts";

function addressEach(sshPort: number): Addressing {
  return { nodePorts: true, at: (index) => ({ address: `127.0.1.${index + 1}`, sshPort }) };
}

test("with an address each, hosts keep the usual ports", () => {
  const places = placeHosts(2, "x", addressEach(22));
  expect(places.map(({ name, address, sshPort }) => ({ name, address, sshPort }))).toEqual([
    { name: "x-0", address: "127.0.1.1", sshPort: 22 },
    { name: "x-1", address: "127.0.1.2", sshPort: 22 },
  ]);
  const ports = listEndpoints(places.slice(1));
  expect(new Set(ports.map(({ host }) => host))).toEqual(new Set(["127.0.1.2"]));
  expect(ports.map(({ port }) => port)).toEqual([
    ...[22, 26_656, 26_657, 26_658, 26_659, 26_660],
    ...Array.from({ length: 14 }, (_, index) => 26_670 + index),
  ]);
});

test("where there is one address, as on macOS, each host has a port of its own for SSH and no other", async () => {
  const places = placeHosts(3, "x", await chooseAddressing("darwin", addressRange(0)));
  expect(listEndpoints(places)).toEqual([
    { host: "127.0.0.1", port: 2222 },
    { host: "127.0.0.1", port: 2223 },
    { host: "127.0.0.1", port: 2224 },
  ]);
  expect(places[2]?.published).toEqual([{ firstPort: 2224, lastPort: 2224, firstHostPort: 22 }]);
});

test.each([
  ["an address each", addressEach(2222)],
  ["a port each", await chooseAddressing("darwin", addressRange(0))],
])("no two hosts share a port (%s)", (_, addressing) => {
  const endpoints = listEndpoints(placeHosts(mostHosts, "x", addressing));
  expect(new Set(endpoints.map(({ host, port }) => `${host}:${port}`)).size).toBe(endpoints.length);
});

test.each(["linux", "darwin"])("ranges share no address and port (%s)", async (platform) => {
  const ranges = Array.from({ length: mostRanges }, (_, number) => addressRange(number));
  const places = await Promise.all(
    ranges.map(async (range) => placeHosts(mostHosts, "x", await chooseAddressing(platform, range))),
  );
  const endpoints = places.flatMap((one) => one.map(({ address, sshPort }) => `${address}:${sshPort}`));
  expect(new Set(endpoints).size).toBe(mostRanges * mostHosts);
  expect(endpoints[0]).toMatch(platform === "linux" ? /^127\.0\.1\.1:(22|2222)$/ : /^127\.0\.0\.1:2222$/);
  expect(Math.max(...endpoints.map((one) => Number(one.split(":")[1])))).toBeLessThan(65_536);
});

test("a testbed's folder says its name, and another user's says none", () => {
  for (const name of ["default", "second", "testbed", "a-0", "hosts"]) {
    expect(testbedName("/state", testbedDir("/state", name))).toBe(name);
    expect(testbedName("/elsewhere", testbedDir("/state", name))).toBeUndefined();
  }
  expect(testbedName("/state", "")).toBeUndefined();
});

test("a state folder has one id, another folder another one", () => {
  expect(testbedId("/a")).toBe(testbedId("/a"));
  expect(testbedId("/a")).not.toBe(testbedId("/b"));
});
