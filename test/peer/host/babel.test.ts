/** What babeld's local interface says, as babeld 1.12 of Debian printed it for two of three hosts in a row. */
import { expect, test } from "vitest";
import { BabelTable } from "../../../src/peer/host/view/babel.ts";
import { onlyChanges, type View } from "../../../src/peer/host/view/view.ts";

const hosts = { node0: "198.18.0.1", node1: "198.18.0.2", node2: "198.18.0.3" };
const interfaces = {
  link1: { peer: "node1", address: "198.19.0.0" },
  link2: { peer: "node2", address: "198.19.0.2" },
};

const dump = `BABEL 1.0
version babeld-1.12.2
host node0
my-id 02:00:00:ff:fe:00:00:01
ok
add interface link1 up true ipv6 fe80::1 ipv4 198.19.0.0
add interface link2 up true ipv6 fe80::2 ipv4 198.19.0.2
add neighbour 5610f0 address fe80::a if link1 reach ffff ureach 0000 rxcost 256 txcost 256 cost 256
add neighbour 5610f8 address fe80::b if link2 reach ff00 ureach 0000 rxcost 512 txcost 256 cost 512
add xroute 198.18.0.1/32-0.0.0.0/0 prefix 198.18.0.1/32 from 0.0.0.0/0 metric 0
add route 5611a0 prefix 198.18.0.2/32 from 0.0.0.0/0 installed yes id 02:00 metric 256 refmetric 0 via fe80::a if link1
add route 5611b0 prefix 198.18.0.2/32 from 0.0.0.0/0 installed no id 02:00 metric 768 refmetric 256 via fe80::b if link2
add route 5611c0 prefix 10.0.0.0/8 from 0.0.0.0/0 installed yes id 02:00 metric 256 refmetric 0 via fe80::a if link1
ok`.split("\n");

function read(lines: readonly string[]): readonly View[] {
  const views: View[] = [];
  const table = new BabelTable({ hosts, interfaces });
  const tell = onlyChanges((view) => views.push(view));
  for (const line of lines) if (table.take(line)) tell(table.view);
  return views;
}

test("links and installed routes are those of its neighbours and of hosts", () => {
  expect(read(dump).at(-1)).toEqual({
    links: [
      { peer: "node1", cost: 256, received: 1 },
      { peer: "node2", cost: 512, received: 0.5 },
    ],
    routes: [{ to: "node1", via: "node1", metric: 256, installed: true }],
  });
});

test("each change is told once: a link that becomes unusable, a route that moves", () => {
  const before = read(dump).length;
  const more = [
    "change neighbour 5610f0 address fe80::a if link1 reach 0fff ureach 0000 rxcost 65535 txcost 256 cost 65535",
    "change neighbour 5610f0 address fe80::a if link1 reach 0fff ureach 0001 rxcost 65535 txcost 256 cost 65535",
    "change route 5611a0 prefix 198.18.0.2/32 from 0.0.0.0/0 installed no id 02:00 metric 65535 refmetric 0 via fe80::a if link1",
    "change route 5611b0 prefix 198.18.0.2/32 from 0.0.0.0/0 installed yes id 02:00 metric 768 refmetric 256 via fe80::b if link2",
    "flush neighbour 5610f0 address fe80::a if link1",
  ];
  const views = read([...dump, ...more]).slice(before);
  expect(views.map(({ links }) => links[0])).toEqual([
    { peer: "node1", received: 0.75 },
    { peer: "node1", received: 0.75 },
    { peer: "node1", received: 0.75 },
    { peer: "node2", cost: 512, received: 0.5 },
  ]);
  expect(views.map(({ routes }) => routes.map(({ via }) => via))).toEqual([
    ["node1"],
    [],
    ["node2"],
    ["node2"],
  ]);
});

test("lines of no use, and tables without end, change nothing", () => {
  const table = new BabelTable({ hosts, interfaces });
  for (const line of ["", "ok", "bad", "add", "add interface link1 up true", "drop route 1 prefix x"]) {
    expect(table.take(line)).toBe(false);
  }
  for (let id = 0; id < 20_000; id++)
    table.take(`add route ${id} prefix 198.18.0.2/32 installed yes metric 1 if link1`);
  expect(table.view.routes.length).toBe(10_000);
});
