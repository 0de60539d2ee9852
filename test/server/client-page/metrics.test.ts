import { expect, test } from "vitest";
import { families } from "../../../src/contracts/peer-tests/packets.ts";
import {
  type CatalystPeerPackage,
  catalystPeer,
} from "../../../src/server/client-page/browser/libraries/catalyst-peer.ts";
import type { PacketTotals } from "../../../src/server/client-page/browser/libraries/peer-library.ts";
import { MetricsWindows } from "../../../src/server/client-page/browser/metrics.ts";

const totals = (packets: number, bytes: number) =>
  Object.fromEntries(families.map((family) => [family, { packets, bytes }])) as PacketTotals;

const figures = { connectedPeers: ["b"], knownPeersCount: 3, position: [1, 2, 3] as const };

test("a data point has seven figures of each of seven families, and those of the peer", () => {
  const windows = new MetricsWindows(totals(0, 0), 0);
  const metrics = windows.next({ ...figures, totals: totals(10, 1000) }, 2000);
  expect(Object.keys(metrics)).toHaveLength(7 * 7 + 3);
  expect(metrics).toMatchObject({
    duplicate: 10,
    duplicateTotal: 10,
    duplicatePerSecond: 5,
    duplicateBytes: 1000,
    duplicateTotalBytes: 1000,
    duplicateBytesPerSecond: 500,
    duplicateAveragePacketSize: 100,
    connectedPeers: ["b"],
    knownPeersCount: 3,
    position: [1, 2, 3],
  });
});

test("what was before the start counts for nothing; windows are apart, totals add up", () => {
  const windows = new MetricsWindows(totals(5, 50), 100);
  windows.next({ ...figures, totals: totals(7, 250) }, 1100);
  const second = windows.next({ ...figures, totals: totals(8, 350) }, 1600);
  expect(second).toMatchObject({
    sent: 1,
    sentTotal: 3,
    sentPerSecond: 2,
    sentBytes: 100,
    sentTotalBytes: 300,
    sentBytesPerSecond: 200,
    sentAveragePacketSize: 100,
  });
});

test("without packets or time there are zeros, not nothing", () => {
  const metrics = new MetricsWindows(totals(0, 0), 5).next({ ...figures, totals: totals(0, 0) }, 5);
  expect(metrics).toMatchObject({ sentPerSecond: 0, sentAveragePacketSize: 0 });
});

test("the adapter of @dcl/catalyst-peer reads totals of the package, and names its kinds of messages", async () => {
  const calls: unknown[] = [];
  class Peer {
    readonly knownPeers = { a: 1, b: 2 };
    readonly stats = {
      getStatsFor: (family: string) => (family === "sent" ? { totalPackets: 2, totalBytes: 30 } : undefined),
    };
    constructor(...[url, id, receive, config]: ConstructorParameters<CatalystPeerPackage["Peer"]>) {
      calls.push(["new", url, id, config]);
      receive("a", "room", new Uint8Array([1]), { subtype: "position" });
      receive("a", "room", "a text", { subtype: "chat" });
    }
    awaitConnectionEstablished = async () => {};
    setPreferedIslandId = (island: string) => calls.push(["island", island]);
    joinRoom = async (room: string) => void calls.push(["join", room]);
    sendMessage = async (...args: unknown[]) => void calls.push(["send", ...args]);
    setPeerPosition = () => {};
    fullyConnectedPeerIds = () => ["a"];
    dispose = async () => {};
  }
  const kinds = {
    reliable: (name: string) => ({ reliable: name }),
    unreliable: (name: string) => ({ unreliable: name }),
  };
  const received: unknown[] = [];
  const peer = await catalystPeer({ Peer, PeerMessageTypes: kinds }).openPeer({
    peerId: "me",
    lighthouseUrl: "http://l",
    iceServers: ["stun:s"],
    position: () => [0, 0, 0],
    onMessage: (message) => received.push(message),
  });
  await peer.join("blue", "room");
  await peer.send("room", { name: "chat", isReliable: true }, new Uint8Array([7]));
  await peer.send("room", { name: "position", isReliable: false }, new Uint8Array([8]));
  expect(received).toEqual([{ from: "a", kind: "position", payload: new Uint8Array([1]) }]);
  expect(calls).toEqual([
    [
      "new",
      "http://l",
      "me",
      expect.objectContaining({ connectionConfig: { iceServers: [{ urls: "stun:s" }] } }),
    ],
    ["island", "blue"],
    ["join", "room"],
    ["send", "room", new Uint8Array([7]), { reliable: "chat" }],
    ["send", "room", new Uint8Array([8]), { unreliable: "position" }],
  ]);
  expect(peer.totals()).toMatchObject({ sent: { packets: 2, bytes: 30 }, expired: { packets: 0, bytes: 0 } });
  expect([peer.knownPeersCount(), peer.connectedPeers()]).toEqual([2, ["a"]]);
});
