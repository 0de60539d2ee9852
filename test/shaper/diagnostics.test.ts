import { expect, test } from "vitest";
import { unshaped } from "../../src/contracts/links/shape.ts";
import type { OpenCommand, ShaperPlace } from "../../src/contracts/links/shaper.ts";
import {
  attachDiagnostics,
  mechanismDiagnostics,
  openDiagnostics,
  probeDiagnostics,
  setDiagnostics,
} from "../../src/shaper/diagnostics.ts";
import { Network } from "../../src/shaper/network.ts";

const place = (name: string, address: string, more: Partial<ShaperPlace> = {}): ShaperPlace => ({
  name,
  addresses: [address],
  namespacePath: `/run/netns/${name}`,
  probePort: 9,
  ...more,
});
const [a, b] = [place("a", "10.0.0.1"), place("b", "10.0.0.2")];
const far = place("far", "10.0.0.3", { namespacePath: undefined, probePort: undefined });
const link = (from: string, to: string) => ({ from, to, ...unshaped });
const open = (command: Partial<OpenCommand>): OpenCommand => ({
  type: "open",
  id: "1",
  seed: "s",
  mtuBytes: 1500,
  places: [a, b],
  links: [],
  exemptPorts: [],
  bareEchoes: 0,
  ...command,
});
const network = new Network([a, b, far], []);

test("what makes sense has no diagnostics", () => {
  expect(openDiagnostics(open({ links: [link("a", "b")] }))).toEqual([]);
  expect(attachDiagnostics([place("b", "10.0.0.9")], network)).toEqual([]);
  expect(setDiagnostics([link("b", "a")], network)).toEqual([]);
  expect(probeDiagnostics([{ from: "a", to: "b" }], network)).toEqual([]);
});

test("all that is wrong is reported at once", () => {
  const places = [a, a, place("c", "10.0.0.1"), place("d", "node.example")];
  const found = openDiagnostics(open({ places, links: [link("a", "x"), link("c", "c")] }));
  expect(found).toEqual([
    "Node a is given twice. Give each node its own name.",
    "Node d: node.example is not an IPv4 address such as 10.0.0.1.",
    "There is no node x. Name a node of the places.",
    "Link c to c: a node has no link to itself. Name two nodes.",
  ]);
});

test("a node is attached also where it is new, or at the address of another one", () => {
  expect(attachDiagnostics([place("x", "10.0.0.8"), place("b", "10.0.0.1")], network)).toEqual([]);
});

test("probes need a sender here and a receiver with an address", () => {
  const found = probeDiagnostics(
    [
      { from: "far", to: "a" },
      { from: "a", to: "far" },
    ],
    network,
  );
  expect(found[0]).toMatch(/far is not on this machine/);
  expect(found[1]).toMatch(/far is elsewhere and has no address/);
});

test("what a mechanism cannot do is refused by name", () => {
  const links = [{ ...link("a", "b"), duplicateRatio: 0.1, corruptRatio: 0.1 }];
  expect(mechanismDiagnostics("nfqueue", { links, others: undefined, network })).toEqual([
    "Link a to b: nfqueue cannot duplicate or corrupt packets. Use netem, or leave it out.",
  ]);
  expect(mechanismDiagnostics("netem", { links, others: undefined, network })).toEqual([]);
  expect(mechanismDiagnostics("netem", { links, others: unshaped, network })).toHaveLength(1);
  // Another machine shapes what goes there.
  const elsewhere = [{ ...link("a", "far"), duplicateRatio: 0.1 }];
  expect(mechanismDiagnostics("nfqueue", { links: elsewhere, others: undefined, network })).toEqual([]);
});

test("the bare path is part of the delay", () => {
  const own = new Network([a, b], [{ ...link("a", "b"), delayMs: 5 }]);
  own.setBare({ from: "a", to: "b" }, 0.2);
  expect(own.shape({ from: "a", to: "b" }).delayMs).toBe(4.8);
  own.setBare({ from: "a", to: "b" }, 6);
  expect(own.shape({ from: "a", to: "b" }).delayMs).toBe(0);
  expect(own.shape({ from: "b", to: "a" })).toEqual(unshaped);
});
