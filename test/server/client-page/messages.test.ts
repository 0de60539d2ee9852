import { expect, test } from "vitest";
import { metricsLimits } from "../../../src/contracts/peer-tests/bounds.ts";
import { peerRecordForm } from "../../../src/contracts/peer-tests/peer-record.ts";
import { readForm } from "../../../src/core/documents/check-form.ts";
import { seal, unseal } from "../../../src/server/client-page/browser/envelope.ts";
import { kindFigures } from "../../../src/server/client-page/browser/kind-figures.ts";
import type { PeerOptions } from "../../../src/server/client-page/browser/libraries/peer-library.ts";
import { parseParameters } from "../../../src/server/client-page/browser/parameters.ts";
import { encodePosition } from "../../../src/server/client-page/browser/payloads.ts";
import { peerRecord } from "../../../src/server/client-page/browser/peer-record.ts";
import { CountingPeer } from "../../../src/server/client-page/browser/simulated-peer.ts";

const reliable = (name: string) => ({ name, isReliable: true });

/** A peer whose library keeps what is sent, and hands over what the test wants. */
async function openPeer({ now = (): number => 0, refuses = false } = {}) {
  const sent: Uint8Array[] = [];
  const places: unknown[] = [];
  const peer = new CountingPeer("me", now);
  let onMessage: PeerOptions["onMessage"] = () => {};
  const opened = {
    join: async () => {},
    send: async (_room: string, _kind: unknown, payload: Uint8Array) => {
      sent.push(payload);
      if (refuses) throw new Error("refused");
    },
    keepPosition: (id: string, place: unknown) => places.push([id, place]),
  };
  const library = {
    openPeer: async (options: PeerOptions) => {
      onMessage = options.onMessage;
      return opened as never;
    },
  };
  await peer.open(library, parseParameters(new URLSearchParams()));
  const receive = (payload: Uint8Array, { from = "other", kind = "chat" } = {}) =>
    onMessage({ from, kind, payload });
  return { peer, sent, places, receive };
}

test("an envelope has twelve bytes, little-endian, and comes off again", () => {
  const message = seal({ sequence: 0x01020304, sentAtMs: 1_767_225_600_000.25 }, new Uint8Array([7, 8]));
  expect([...message.subarray(0, 4)]).toEqual([4, 3, 2, 1]);
  expect([message.length, ...message.subarray(12)]).toEqual([14, 7, 8]);
  // As a part of a larger buffer, too.
  const packet = new Uint8Array(20);
  packet.set(message, 5);
  const expected = {
    sequence: 0x01020304,
    sentAtMs: 1_767_225_600_000.25,
    payload: new Uint8Array([7, 8]),
  };
  expect(unseal(packet.subarray(5, 19))).toEqual(expected);
});

test("numbers begin again after 2^32 - 1", () => {
  expect(unseal(seal({ sequence: 2 ** 32, sentAtMs: 1 }, new Uint8Array()))?.sequence).toBe(0);
});

test.each([
  ["shorter than an envelope", new Uint8Array(11)],
  ["empty", new Uint8Array()],
  ["with a time that is no number", seal({ sequence: 0, sentAtMs: Number.NaN }, new Uint8Array(9))],
  ["with a time before 1970", seal({ sequence: 0, sentAtMs: -1e300 }, new Uint8Array(9))],
])("a message %s is not ours: it counts nowhere", async (_what, message) => {
  const { peer, receive } = await openPeer();
  receive(message);
  expect([peer.kinds.size, peer.deliveries.total]).toEqual([0, { delivered: 0, repeated: 0 }]);
});

test("a time more than a day away is another program's, whatever an envelope can hold", async () => {
  const { peer, receive } = await openPeer({ now: () => 1.8e12 });
  const hour = 3_600_000;
  const times = [
    0,
    1e300,
    Number.POSITIVE_INFINITY,
    Number.MIN_VALUE,
    1.8e12 - 23 * hour,
    1.8e12 + 23 * hour,
  ];
  for (const [sequence, sentAtMs] of times.entries()) {
    receive(seal({ sequence, sentAtMs }, new Uint8Array()));
  }
  expect([peer.deliveries.total.delivered, peer.deliveries.early]).toEqual([2, 1]);
});

test("messages are numbered from 0 over all kinds, and carry when they were sent", async () => {
  let nowMs = 1_000;
  const { peer, sent } = await openPeer({ now: () => nowMs++ });
  peer.send(reliable("chat"), new Uint8Array([1]));
  peer.send(reliable("position"), new Uint8Array([2]));
  peer.send(reliable("chat"), new Uint8Array([3]));
  expect(sent.map(unseal)).toEqual([
    { sequence: 0, sentAtMs: 1_000, payload: new Uint8Array([1]) },
    { sequence: 1, sentAtMs: 1_001, payload: new Uint8Array([2]) },
    { sequence: 2, sentAtMs: 1_002, payload: new Uint8Array([3]) },
  ]);
  expect([...peer.kinds]).toEqual([
    ["chat", { sent: 2, delivered: 0, repeated: 0 }],
    ["position", { sent: 1, delivered: 0, repeated: 0 }],
  ]);
});

test("what another peer sent counts as delivered, its position is kept, and one's own copies count nowhere", async () => {
  let nowMs = 1_000;
  const { peer, receive, places } = await openPeer({ now: () => nowMs });
  const message = seal({ sequence: 0, sentAtMs: 1_000 }, encodePosition([1, 2, 3]));
  nowMs = 1_004.5;
  receive(message, { kind: "position" });
  receive(message, { kind: "position" });
  receive(message, { kind: "position", from: "me" });
  expect([...peer.kinds]).toEqual([["position", { sent: 0, delivered: 1, repeated: 1 }]]);
  expect(places[0]).toEqual(["other", [1, 2, 3]]);
  expect(peer.deliveries.takeWindow()).toEqual({ meanMs: 4.5, maxMs: 4.5 });
});

test("kinds that a data point has no room or no name for are left out", () => {
  const counts = { sent: 1, delivered: 2, repeated: 3 };
  const kinds = new Map([
    ["chat", counts],
    ["with-a-hyphen", counts],
    ["x".repeat(60), counts],
    ["quiet", { sent: 0, delivered: 0, repeated: 4 }],
  ]);
  expect(kindFigures(kinds, 46)).toEqual({
    messagesSentChat: 1,
    messagesReceivedChat: 5,
    messagesReceivedQuiet: 4,
  });
  const many = new Map(Array.from({ length: 100 }, (_, at) => [`k${at}`, counts]));
  expect(Object.keys(kindFigures(many, metricsLimits.extra))).toHaveLength(64);
  expect(kindFigures(many, 0)).toEqual({});
});

test("a record has what was counted, and its form is that of the results server's readers", async () => {
  let nowMs = 0;
  const { peer, receive } = await openPeer({ now: () => nowMs, refuses: true });
  peer.send(reliable("chat"), new Uint8Array());
  for (let at = 0; at < 100; at++) peer.send(reliable(`kind${at}`), new Uint8Array());
  peer.send(reliable("no name!"), new Uint8Array());
  for (const [sequence, latencyMs] of [2, 3, 5, 60_000].entries()) {
    nowMs = latencyMs;
    receive(seal({ sequence, sentAtMs: 0 }, new Uint8Array()));
    receive(seal({ sequence, sentAtMs: 0 }, new Uint8Array()));
  }
  receive(seal({ sequence: 9, sentAtMs: 70_000 }, new Uint8Array()));
  await new Promise(setImmediate);
  const written = peerRecord(peer, { routine: "comms", elapsedMs: 1_000.5 });
  const json = JSON.stringify(written, (_, value) => (typeof value === "bigint" ? String(value) : value));
  const read = readForm(peerRecordForm, JSON.parse(json));
  expect(read).toMatchObject({
    ...{ routine: "comms", elapsedMs: 1_000.5, sent: 102, refused: 102 },
    ...{ delivered: 5, repeated: 4, early: 1 },
    latency: {
      ...{ count: 4, minUs: 2_000, maxUs: 60_000_000, sumUs: 60_010_000n },
      sumOfSquaresUs: 4_000_000n + 9_000_000n + 25_000_000n + 3_600_000_000_000_000n,
    },
  });
  expect(read.kinds.chat).toEqual({ sent: 1, delivered: 5, repeated: 4 });
  expect(Object.keys(read.kinds)).toHaveLength(64);
  expect(read.latency?.buckets.map(([, count]) => count)).toEqual([1, 1, 1, 1]);
  expect(read.latency?.buckets[1]).toEqual([3_000 - (3_000 % 2), 1]);
});

test("a record of a peer that heard nothing has no latency", async () => {
  const { peer } = await openPeer();
  const record = peerRecord(peer, { routine: "listen", elapsedMs: 5 });
  const read = readForm(peerRecordForm, JSON.parse(JSON.stringify(record)));
  expect(read).toEqual({
    ...{ routine: "listen", elapsedMs: 5, sent: 0, refused: 0, delivered: 0, repeated: 0, early: 0 },
    kinds: {},
  });
});
