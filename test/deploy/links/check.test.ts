import { expect, test } from "vitest";
import { unshaped } from "../../../src/contracts/links/shape.ts";
import {
  checkClientLinks,
  checkContainerLinks,
  checkHostLinks,
  checkKernelLinks,
  checkRelayLinks,
} from "../../../src/deploy/links/check.ts";
import { kernelMechanism } from "../../../src/deploy/links/plan.ts";
import { linksOf } from "./matrix.ts";

const messages = (found: readonly { readonly message: string }[]) => found.map(({ message }) => message);
const noRoot = {
  because: "network namespaces need root",
  otherwise: "run as root on Linux, or use --runtime docker",
};
const lossy = { kind: "independent", lossRatio: 0.01 } as const;

test("the relay refuses by name what it cannot do, now or later", () => {
  expect(
    checkRelayLinks(
      linksOf(2, () => ({ delayMs: 5, rateBps: 1e6, down: true })),
      noRoot,
    ),
  ).toEqual([]);
  const later = [{ ...unshaped, corruptRatio: 0.1 }];
  const found = checkRelayLinks(
    linksOf(2, () => ({ loss: lossy, reorderRatio: 0.1, duplicateRatio: 0.1 }), { later, clients: unshaped }),
    noRoot,
  );
  expect(messages(found)).toEqual([
    "links: the relay (used because: network namespaces need root) carries TCP connections, and cannot do loss, reorder, duplicate, corrupt, clients. Remove them from the links, or run as root on Linux, or use --runtime docker.",
  ]);
});

test("a mechanism that was asked for is refused what it cannot do", () => {
  const doubled = linksOf(2, () => ({ duplicateRatio: 0.1 }), { mechanism: "nfqueue" });
  expect(messages(checkKernelLinks(doubled))[0]).toMatch(/^--link-mechanism nfqueue cannot do duplicate\./);
  const clients = linksOf(2, () => ({}), { mechanism: "netem", clients: unshaped });
  expect(messages(checkKernelLinks(clients))[0]).toMatch(/^--link-mechanism netem cannot shape clients\./);
  const both = linksOf(2, () => ({ corruptRatio: 0.1 }), { clients: unshaped });
  expect(messages(checkKernelLinks(both))[0]).toMatch(/corrupt needs netem, and clients needs nfqueue/);
  expect(checkKernelLinks(linksOf(2, () => ({ duplicateRatio: 0.1 })))).toEqual([]);
});

test("what only one mechanism can do chooses it", () => {
  expect(kernelMechanism(linksOf(2, () => ({})))).toBeUndefined();
  expect(kernelMechanism(linksOf(2, () => ({ duplicateRatio: 0.1 })))).toBe("netem");
  expect(kernelMechanism(linksOf(2, () => ({}), { clients: unshaped }))).toBe("nfqueue");
});

test("the relay is for plain processes", () => {
  const links = linksOf(2, () => ({}), { mechanism: "relay" });
  expect(messages(checkContainerLinks(links, "containers"))[0]).toMatch(
    /not with containers.*--runtime process/,
  );
  expect(messages(checkContainerLinks(links, "hosts"))[0]).toMatch(/not with hosts\. Remove it\.$/);
});

test("links that share their ends are to be alike", () => {
  const hostOf = (node: string) => (Number(node.slice(4)) < 2 ? "host0" : "host1");
  const alike = linksOf(4, (from, to) => ({ delayMs: from < 2 === to < 2 ? 1 : 20 }));
  expect(checkHostLinks(alike, hostOf)).toEqual([]);
  const differing = linksOf(4, (from, to) => ({ delayMs: from + to === 3 ? 30 : 20 }));
  expect(messages(checkHostLinks(differing, hostOf))).toEqual([
    "links: the nodes of a host are reached at one address, but the links from host0 to host1 differ (node0 → node2 and node0 → node3). Give their links one shape, for example by regions of hosts.",
    expect.stringContaining("from host1 to host0 differ"),
  ]);
});

test("clients of hosts cannot be shaped", () => {
  expect(checkClientLinks(linksOf(2, () => ({}), { clients: unshaped }))).toHaveLength(1);
  expect(checkClientLinks(linksOf(2, () => ({})))).toEqual([]);
});
