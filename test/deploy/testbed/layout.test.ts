import { expect, test } from "vitest";
import {
  type Addressing,
  listEndpoints,
  mostHosts,
  placeHosts,
  testbedId,
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
  const places = placeHosts(3, "x", await chooseAddressing("darwin"));
  expect(listEndpoints(places)).toEqual([
    { host: "127.0.0.1", port: 2222 },
    { host: "127.0.0.1", port: 2223 },
    { host: "127.0.0.1", port: 2224 },
  ]);
  expect(places[2]?.published).toEqual([{ firstPort: 2224, lastPort: 2224, firstHostPort: 22 }]);
});

test.each([
  ["an address each", addressEach(2222)],
  ["a port each", await chooseAddressing("darwin")],
])("no two hosts share a port (%s)", (_, addressing) => {
  const endpoints = listEndpoints(placeHosts(mostHosts, "x", addressing));
  expect(new Set(endpoints.map(({ host, port }) => `${host}:${port}`)).size).toBe(endpoints.length);
});

test("a state folder has one id, another folder another one", () => {
  expect(testbedId("/a")).toBe(testbedId("/a"));
  expect(testbedId("/a")).not.toBe(testbedId("/b"));
});
