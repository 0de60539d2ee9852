import { describe, expect, test } from "vitest";
import { CodecError } from "../../../src/load/messages/codec.ts";
import {
  type ClientCommand,
  type ClientMessage,
  decodeCommand,
  decodeMessage,
  encodeCommand,
} from "../../../src/load/messages/messages.ts";
import { planFor } from "../setting.ts";

const messages: readonly ClientMessage[] = [
  { type: "hello", version: 1 },
  { type: "ready", notes: ["node2 does not pipeline."] },
  { type: "clock", id: 3, monotonicMs: 12.5, wallMs: 1_700_000_000_000 },
  { type: "second", second: { startSecs: 1 } },
  { type: "event", client: 2, body: { type: "warning", message: "late" } },
  { type: "event", body: { type: "observer-lost", node: "node0", reason: "gone" } },
  { type: "event", client: 0, body: { type: "debug", message: "so it is" } },
  { type: "event", body: { type: "observer-restored", node: "node0", missedHeights: 3 } },
  { type: "event", body: { type: "observer-polls", node: "node0", everyMs: 20, reason: "none" } },
  { type: "event", body: { type: "node-heights", heights: [{ node: "node0", height: 7 }] } },
  { type: "sent", client: 0, report: {} },
  { type: "observed", report: null },
  { type: "failed", code: "unexpected", message: "it broke", client: 1 },
];

describe("a message", () => {
  test.for(messages)("$type comes as it went", (message) => {
    expect(decodeMessage(JSON.stringify(message))).toEqual(message);
  });

  test.for([
    ["", "it is not a line of JSON"],
    ["null", "it is not an object"],
    ["[]", "type is not one of hello, ready"],
    ['{"type":"toString"}', "type is not one of"],
    ['{"type":"hello","version":-1}', "version is not a whole number from 0: -1"],
    ['{"type":"hello","version":1,"more":1}', 'it is not without "more"'],
    ['{"type":"clock","id":1,"monotonicMs":null,"wallMs":1}', "monotonicMs is not a number: null"],
    ['{"type":"ready","notes":["a",7]}', "notes[1] is not a text"],
    ['{"type":"event","body":{"type":"run-finished"}}', "body.type is not one of warning"],
    ['{"type":"event","body":{"type":"warning","message":{"a":1}}}', "body.message is not a text of at most"],
    [
      '{"type":"event","body":{"type":"warning"}}',
      "body.message is not a text of at most 65536 characters: nothing",
    ],
    ['{"type":"event","body":{"type":"warning","message":"a","node":"b"}}', 'body is not without "node"'],
    ['{"type":"event","body":{"type":"observer-lost","node":"node0"}}', "body.reason is not a text"],
    [
      '{"type":"event","body":{"type":"observer-polls","node":"n","reason":"r"}}',
      "body.everyMs is not a number",
    ],
    [`{"type":"failed","code":"x","message":"${"y".repeat(70_000)}"}`, "message is not a text of at most"],
  ] as const)("%s is refused by name", ([line, reason]) => {
    expect(() => decodeMessage(line)).toThrow(CodecError);
    expect(() => decodeMessage(line)).toThrow(reason);
  });
});

describe("a command", () => {
  test("comes as it went", () => {
    const plans = [0, 1, 2].map((index) => planFor([], { client: index, share: { index, of: 3 } }));
    const protocol = { name: "p", module: "file:///p.js" };
    const commands: readonly ClientCommand[] = [
      { type: "prepare", protocol, plans },
      { type: "prepare", protocol, plans: plans.slice(0, 1) },
      { type: "prepare", protocol, plans: [] },
      { type: "start", windowStartMonotonicMs: 12.5 },
      { type: "stop" },
    ];
    for (const command of commands) expect(decodeCommand(encodeCommand(command))).toEqual(command);
  });

  test("has a long trace once, however many clients there are", () => {
    const rates = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ kind: "linear" as const, fromMs: index, toMs: index + 1, fromTps: index, toTps: index },
    }));
    const bytes = (clients: number) => {
      const plans = Array.from({ length: clients }, (_, client) => planFor([], { client, rates }));
      return encodeCommand({ type: "prepare", protocol: { name: "p" }, plans }).length;
    };
    expect(bytes(16)).toBeLessThan(1.1 * bytes(1));
  });

  test("that is none is refused", () => {
    expect(() => decodeCommand('{"type":"start"}')).toThrow(
      "windowStartMonotonicMs is not a number: nothing",
    );
  });
});
