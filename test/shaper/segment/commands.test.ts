import { expect, test } from "vitest";
import {
  closeLines,
  floodLines,
  nodeLines,
  plugLines,
  tunnelLine,
  unplugLine,
} from "../../../src/shaper/segment/commands.ts";

const segment = { vni: 4711, port: 26_800, machines: ["10.0.1.11", "10.0.1.12"] };

test("a tunnel is made for the namespace of the switch, and floods to all other machines", () => {
  expect(tunnelLine(segment, "/proc/7/fd/30")).toBe(
    "link add tunnel netns /proc/7/fd/30 type vxlan id 4711 dstport 26800",
  );
  expect(floodLines(segment)).toEqual([
    "fdb append 00:00:00:00:00:00 dev tunnel dst 10.0.1.11",
    "fdb append 00:00:00:00:00:00 dev tunnel dst 10.0.1.12",
  ]);
});

test("a node is behind a port, at its address", () => {
  expect([...plugLines(2, "/proc/7/fd/31"), ...nodeLines("198.18.128.1")]).toEqual([
    "link add port2 mtu 1450 type veth peer name segment mtu 1450 netns /proc/7/fd/31",
    "link set port2 master switch up",
    "link set segment address 02:00:c6:12:80:01 addrgenmode none",
    "link set segment up",
    "addr add 198.18.128.1/17 dev segment",
  ]);
});

test("what was made is removed from the side of the switch", () => {
  expect(unplugLine(2)).toBe("link del port2");
  expect(closeLines([0, 1])).toEqual(["link del tunnel", "link del port0", "link del port1"]);
});
