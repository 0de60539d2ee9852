import { describe, expect, test } from "vitest";
import type { MessageFigures, MessagePeer } from "../../../../src/contracts/results/native/messages.ts";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { judgeNative } from "../../../../src/results/analysis/verdict/native-verdict.ts";
import { messagesRun } from "../../sample-messages.ts";

const figures = messagesRun.figures.messages as MessageFigures;
const judge = (changes: Partial<MessageFigures>, others: Partial<NativeResult> = {}) =>
  judgeNative({
    ...messagesRun,
    ...others,
    figures: { ...messagesRun.figures, messages: { ...figures, ...changes } },
  });

/** Both peers, with what is to be known of the first and of the second. */
const peers = (first: Partial<MessagePeer>, second: Partial<MessagePeer> = {}) => ({
  peers: figures.peers.map((peer, at) => ({ ...peer, ...(at === 0 ? first : second) })),
});

test("a run whose peers told all, and wrote as planned, is valid", () => {
  expect(figures).toMatchObject({ written: 20, deliveries: { expected: 20, delivered: 20 } });
  expect(judge({})).toEqual({ status: "valid", reasons: [] });
  expect(judge(peers({ plan: "aa" }, { plan: "aa" })).status).toBe("valid");
  expect(judge(peers({ connections: 1, expectedConnections: 1 })).status).toBe("valid");
});

describe("a run is invalid", () => {
  test.each<[string, Partial<MessageFigures>, string]>([
    ["with a gap", peers({ gap: "it refused" }), "Not all events of node0 were read: it refused."],
    ["with malformed events", peers({ malformed: 2 }), "node0 told 2 events that could not be read."],
    [
      "of two plans",
      peers({ plan: "aaaaaaaaaa" }, { plan: "bbbbbbbbbb" }),
      "Not all peers follow the same plan: node0 by aaaaaaaa; node1 by bbbbbbbb.",
    ],
    [
      "of another topology",
      peers({ connections: 2, expectedConnections: 1 }),
      "node0 has 2 connections, and the topology gives it 1.",
    ],
    [
      "whose helper has other connections",
      { helpers: [{ name: "bootstrap", connections: 1, expectedConnections: 2 }] },
      "bootstrap has 1 connections, and the topology gives it 2.",
    ],
    ["in which nothing was written", { written: 0 }, "No message was written in the window."],
    ["with reads of unknown messages", { unknown: 3 }, "3 reads are of messages that no peer says it wrote."],
    [
      "that read before it wrote",
      { beforeWritten: 1 },
      "1 reads are earlier than their writes by more than the errors of the clocks.",
    ],
    [
      "of too many messages",
      { isCut: true },
      "There were more messages than can be followed. Use a lower load or a shorter window.",
    ],
  ])("%s", (_, changes, reason) => {
    expect(judge(changes)).toEqual({ status: "invalid", reasons: [reason] });
  });
});

test("a peer that joined late need not have written before", () => {
  expect(judge({ ...peers({ joinedSecs: 5, lateP99Ms: 300 }), written: 7 }).status).toBe("valid");
  expect(judge({ written: 4 }).status).toBe("generator-limited");
  expect(judge({ ...peers({ joinedSecs: 5 }), written: 4 }).status).toBe("valid");
});

test("connections are not held against the topology where a peer stayed down", () => {
  const lacking = peers({ connections: 0, expectedConnections: 1 });
  const crash = { node: "node1", action: "crash", askedSecs: 2, issuedSecs: 2, effectiveSecs: 2.1 } as const;
  expect(judge(lacking, { faults: [crash] }).status).toBe("valid");
  const back = { ...crash, action: "recover", askedSecs: 4, issuedSecs: 4, effectiveSecs: 4.2 } as const;
  expect(judge(lacking, { faults: [crash, back] }).status).toBe("invalid");
});

describe("the peers limited the load", () => {
  // 20 were asked for; random gaps let their number vary.
  test("if they wrote fewer messages than chance allows", () => {
    expect(judge({ written: 7 }).status).toBe("valid");
    expect(judge({ written: 6 })).toEqual({
      status: "generator-limited",
      limitedBy: "generator",
      reasons: ["The peers wrote 6 messages of 20 that they were configured for."],
    });
  });

  test("if they wrote late, unless they were paused", () => {
    expect(judge(peers({ lateP99Ms: 250 })).status).toBe("valid");
    const late = peers({ lateP99Ms: 251 });
    expect(judge(late)).toMatchObject({
      status: "generator-limited",
      reasons: ["node0 wrote late: p99 251.0 ms after the scheduled time (limit: 250 ms)."],
    });
    const pause = { node: "node0", action: "pause", askedSecs: 2, issuedSecs: 2, effectiveSecs: 2 } as const;
    const resume = {
      ...pause,
      action: "resume",
      askedSecs: 3,
      issuedSecs: 3,
      effectiveSecs: 3,
    } as const;
    expect(judge(late, { faults: [pause, resume] }).status).toBe("valid");
  });
});
