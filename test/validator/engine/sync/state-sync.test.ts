import { describe, expect, test } from "vitest";
import { type CheckpointSummary, stateHash } from "../../../../src/validator/engine/consensus/checkpoint.ts";
import { PeerViolationError } from "../../../../src/validator/engine/sync/frames.ts";
import type { CheckpointMessage } from "../../../../src/validator/engine/sync/messages.ts";
import { largestStateBytes, StateSync } from "../../../../src/validator/engine/sync/state-sync.ts";

const mebibyte = 1024 * 1024;

/** A state of more than two parts, whose bytes tell its height. */
const stateOf = (height: number) => Buffer.alloc(2 * mebibyte + 1_000, `state ${height}`);

const entryOf = (height: number): CheckpointSummary => {
  const encoded = stateOf(height);
  return { height, stateHash: stateHash(encoded), sizeBytes: encoded.length };
};

/** A validator of four or more (f = 1), whose own height and time the test holds. */
function open(own: { heights?: readonly number[]; height?: number; faults?: number } = {}) {
  const held = new Map((own.heights ?? []).map((height) => [height, stateOf(height)]));
  const state = { height: own.height ?? 0, nowMs: 0, reads: 0 };
  /** Heights of the states adopted; undefined for bytes that are none. */
  const adopted: (number | undefined)[] = [];
  const sync = new StateSync({
    faults: own.faults ?? 1,
    ownHeight: () => state.height,
    source: () => ({
      oldestHeight: () => Math.min(...held.keys(), Number.MAX_SAFE_INTEGER) % Number.MAX_SAFE_INTEGER,
      list: () => [...held.keys()].map(entryOf),
      read: (height) => {
        state.reads++;
        return held.get(height);
      },
    }),
    adopt: (encoded) => {
      adopted.push([2_000, 3_000].find((height) => stateOf(height).equals(encoded)));
      state.height = 3_000;
    },
    nowMs: () => state.nowMs,
  });
  /** A peer, and what was sent to it since it was last looked at. */
  const connect = (authority: number) => {
    const sent: CheckpointMessage[] = [];
    const link = { send: (message: CheckpointMessage) => sent.push(message), hasRoom: true };
    sync.opened(authority, link);
    const announcement = sent.shift();
    return {
      announcement,
      link,
      take: () => sent.splice(0),
      notifies: (oldestHeight: number, entries: readonly CheckpointSummary[]) =>
        sync.message(authority, { type: "checkpoints", oldestHeight, entries }),
      gives: (height: number, offset: number, bytes: Buffer) =>
        sync.message(authority, { type: "checkpointPart", height, offset, bytes }),
      /** Answers everything asked of it, as an honest peer does. */
      answers: () => {
        for (let asked = sent.shift(); asked !== undefined; asked = sent.shift()) {
          if (asked.type !== "checkpointRequest") continue;
          const { height, offset } = asked;
          const bytes = stateOf(height).subarray(offset, offset + mebibyte);
          sync.message(authority, { type: "checkpointPart", height, offset, bytes });
        }
      },
      leaves: () => sync.closed(authority),
    };
  };
  const later = (ms: number) => {
    state.nowMs += ms;
    sync.tick();
  };
  return { sync, state, held, adopted, connect, later };
}

const asks = (height: number, offset = 0) => ({ type: "checkpointRequest", height, offset });

describe("starting from a state of the peers", () => {
  test("takes the newest that enough of them vouch for, part by part, once", () => {
    const { adopted, connect, later } = open();
    const [one, two, three] = [connect(1), connect(2), connect(3)];
    one.notifies(1_000, [1_000, 2_000, 3_000].map(entryOf));
    expect(one.take()).toEqual([]);
    two.notifies(1_000, [1_000, 2_000].map(entryOf));
    expect(one.take()).toEqual([asks(2_000)]);
    one.gives(2_000, 0, stateOf(2_000).subarray(0, mebibyte));
    expect(one.take()).toEqual([asks(2_000, mebibyte)]);
    one.gives(2_000, mebibyte, stateOf(2_000).subarray(mebibyte, 2 * mebibyte));
    one.gives(2_000, 2 * mebibyte, stateOf(2_000).subarray(2 * mebibyte));
    expect(adopted).toEqual([2_000]);
    three.notifies(1_000, [2_000, 3_000].map(entryOf));
    later(60_000);
    for (const peer of [one, two, three]) peer.answers();
    expect(adopted.length).toBe(1);
  });

  test("does not, as long as the blocks after the own height can be had", () => {
    const { connect, later } = open({ height: 1_500 });
    const peers = [connect(1), connect(2), connect(3)];
    for (const peer of peers) peer.notifies(1_500, [2_000, 3_000].map(entryOf));
    // One may lie.
    peers[2]?.notifies(2_000, [3_000].map(entryOf));
    later(60_000);
    expect(peers.flatMap((peer) => peer.take())).toEqual([]);
    peers[1]?.notifies(2_000, [3_000].map(entryOf));
    expect(peers.flatMap((peer) => peer.take())).toEqual([asks(3_000)]);
  });

  test("believes no state that only f peers vouch for, whatever they say", () => {
    const { connect, adopted, later } = open({ faults: 2 });
    const liars = [connect(1), connect(2)];
    for (const liar of liars) {
      liar.notifies(5_000, [{ height: 9_000, stateHash: stateHash(Buffer.from("lie")), sizeBytes: 3 }]);
      liar.gives(9_000, 0, Buffer.from("lie"));
    }
    const honest = [connect(3), connect(4), connect(5)];
    // The same height and hash with another size is another state.
    liars[0]?.notifies(5_000, [{ ...entryOf(2_000), sizeBytes: 1_000 }]);
    for (const peer of honest.slice(1)) peer.notifies(1_000, [2_000].map(entryOf));
    later(100);
    expect([...liars, ...honest].flatMap((peer) => peer.take())).toEqual([]);
    honest[0]?.notifies(1_000, [2_000].map(entryOf));
    for (const peer of honest) peer.answers();
    expect(adopted).toEqual([2_000]);
  });

  test("fetches nothing larger than its bound, and no empty state", () => {
    const { connect, later } = open();
    for (const sizeBytes of [0, largestStateBytes + 1]) {
      const peers = [connect(1), connect(2), connect(3)];
      for (const peer of peers) peer.notifies(1_000, [{ ...entryOf(2_000), sizeBytes }]);
      later(100);
      expect(peers.flatMap((peer) => peer.take())).toEqual([]);
    }
  });

  test("blames who sends wrong bytes or parts of a wrong size, and asks the next one", () => {
    const { adopted, connect, later } = open({ faults: 2 });
    const [one, two, three] = [connect(1), connect(2), connect(3)];
    for (const peer of [one, two, three]) peer.notifies(1_000, [2_000].map(entryOf));
    expect(one.take()).toEqual([asks(2_000)]);
    const drip = () => one.gives(2_000, 0, Buffer.alloc(1));
    expect(drip).toThrow(PeerViolationError);
    one.leaves();
    later(50);
    // Of the two that are left, not enough vouch for it now.
    expect([...two.take(), ...three.take()]).toEqual([]);
    const four = connect(4);
    four.notifies(1_000, [2_000].map(entryOf));
    expect(two.take()).toEqual([asks(2_000)]);
    two.gives(2_000, 0, Buffer.alloc(mebibyte, "wrong"));
    two.gives(2_000, mebibyte, Buffer.alloc(mebibyte, "wrong"));
    expect(() => two.gives(2_000, 2 * mebibyte, Buffer.alloc(1_000, "wrong"))).toThrow(/another hash/);
    expect(adopted).toEqual([]);
    later(50);
    three.answers();
    expect(adopted).toEqual([2_000]);
  });

  test("goes on to the next peer where one is slow, and passes over what comes late", () => {
    const { adopted, connect, later } = open();
    const [one, two] = [connect(1), connect(2)];
    for (const peer of [one, two]) peer.notifies(1_000, [2_000].map(entryOf));
    one.gives(2_000, 0, stateOf(2_000).subarray(0, mebibyte));
    later(2_999);
    expect(two.take()).toEqual([]);
    later(1);
    expect(two.take()).toEqual([asks(2_000)]);
    one.gives(2_000, mebibyte, stateOf(2_000).subarray(mebibyte, 2 * mebibyte));
    two.gives(2_000, mebibyte, Buffer.alloc(mebibyte));
    expect(two.take()).toEqual([]);
    // When all were slow, all are asked again.
    later(3_000);
    one.answers();
    expect(adopted).toEqual([2_000]);
  });

  test("goes on where a peer vanishes halfway, or no longer holds the state", () => {
    const { adopted, connect, later } = open();
    const [one, two, three] = [connect(1), connect(2), connect(3)];
    for (const peer of [one, two, three]) peer.notifies(1_000, [2_000].map(entryOf));
    one.gives(2_000, 0, stateOf(2_000).subarray(0, mebibyte));
    one.leaves();
    later(50);
    expect(two.take()).toEqual([asks(2_000)]);
    two.notifies(2_000, [3_000].map(entryOf));
    three.notifies(2_000, [3_000].map(entryOf));
    two.gives(2_000, 0, Buffer.alloc(0));
    later(50);
    three.answers();
    expect(adopted).toEqual([3_000]);
  });
});

describe("giving states to others", () => {
  test("tells what is held when a link opens and whenever that changes", () => {
    const { connect, held, later } = open({ heights: [1_000, 2_000] });
    const peer = connect(1);
    expect(peer.announcement).toEqual({
      type: "checkpoints",
      oldestHeight: 1_000,
      entries: [1_000, 2_000].map(entryOf),
    });
    later(50);
    expect(peer.take()).toEqual([]);
    held.set(3_000, stateOf(3_000));
    held.delete(1_000);
    later(50);
    later(50);
    expect(peer.take()).toEqual([
      { type: "checkpoints", oldestHeight: 2_000, entries: [2_000, 3_000].map(entryOf) },
    ]);
  });

  test("sends parts where the queue has room, and none of what is not held", () => {
    const { connect, sync } = open({ heights: [1_000] });
    const peer = connect(1);
    const ask = (height: number, offset: number) => {
      sync.message(1, { type: "checkpointRequest", height, offset });
      return peer.take().map((reply) => (reply.type === "checkpointPart" ? reply.bytes.length : undefined));
    };
    expect(ask(1_000, 0)).toEqual([mebibyte]);
    expect(ask(1_000, 2 * mebibyte)).toEqual([1_000]);
    expect(ask(1_000, 1e15)).toEqual([0]);
    expect(ask(7, 0)).toEqual([0]);
    peer.link.hasRoom = false;
    expect(ask(1_000, 0)).toEqual([]);
  });

  test("reads a state once for all its parts, and for one peer at most one a second", () => {
    const { connect, sync, state, later } = open({ heights: [1_000, 2_000] });
    const peer = connect(1);
    const ask = (height: number) => {
      sync.message(1, { type: "checkpointRequest", height, offset: 0 });
      return peer.take().length;
    };
    expect([ask(1_000), ask(1_000), ask(2_000), ask(1_000)]).toEqual([1, 1, 0, 1]);
    expect(state.reads).toBe(1);
    later(1_000);
    expect([ask(2_000), ask(1_000)]).toEqual([1, 0]);
    expect(state.reads).toBe(2);
  });
});
