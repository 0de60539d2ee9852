import { describe, expect, test } from "vitest";
import type { FlowHost } from "../../../../src/contracts/results/native/flow-hosts.ts";
import type { FlowFigures, FlowResult } from "../../../../src/contracts/results/native/flows.ts";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { judgeNative } from "../../../../src/results/analysis/verdict/native-verdict.ts";
import { flowsRun } from "../../sample-flows.ts";

const figures = flowsRun.figures.flows as FlowFigures;
const judge = (changes: Partial<FlowFigures>, others: Partial<NativeResult> = {}) =>
  judgeNative({
    ...flowsRun,
    ...others,
    figures: { ...flowsRun.figures, flows: { ...figures, ...changes } },
  });
const hosts = (first: Partial<FlowHost>) => ({
  hosts: figures.hosts.map((host, at) => ({ ...host, ...(at === 0 ? first : {}) })),
});
const [alice] = figures.flows as [FlowResult];
const packets = alice.packets as NonNullable<FlowResult["packets"]>;
const flow = (changes: Partial<FlowResult>) => ({ flows: [{ ...alice, ...changes }] });
const ofPackets = (changes: Partial<typeof packets>) => flow({ packets: { ...packets, ...changes } });

test("a run whose hosts told all, and sent as planned, is valid, whatever the network lost", () => {
  expect(packets).toMatchObject({ sent: 200, received: 190, lost: 10 });
  expect(judge({})).toEqual({ status: "valid", reasons: [] });
});

const ended = { host: "a", daemon: "babeld", atSecs: 3.25, state: "ended", why: "SIGKILL" } as const;
const done = { flow: "alice", why: "exit code 0" };
const crashed = {
  faults: [{ node: "a", action: "crash", askedSecs: 3, issuedSecs: 3, effectiveSecs: 3.1 }],
} as const;

describe("a run is invalid", () => {
  test.each<[string, Partial<FlowFigures>, string]>([
    ["with a gap", hosts({ gap: "it refused" }), "Not all events of a were read: it refused."],
    ["with malformed events", hosts({ malformed: 2 }), "a told 2 events that could not be read."],
    ["without a view", hosts({ views: 0 }), "a never told the network's view."],
    ["whose daemon ended", { daemons: [ended] }, "babeld of a ended unexpectedly at 3.3 s: SIGKILL."],
    [
      "whose program has its network built in, and ended",
      { ...flow({ kind: "native" }), daemons: [{ ...ended, daemon: "alice sender", ...done }] },
      "alice sender of a ended unexpectedly at 3.3 s: exit code 0.",
    ],
    [
      "that sent nothing",
      ofPackets({ sent: 0, received: 0 }),
      "Nothing of the flow alice was sent in the window.",
    ],
    ["to which nothing arrived", ofPackets({ received: 0 }), "Nothing of the flow alice arrived."],
    [
      "with unknown packets",
      ofPackets({ unknown: 3 }),
      "3 packets of the flow alice arrived that its sender does not say it sent.",
    ],
    [
      "with packets before their time",
      ofPackets({ beforeSent: 1 }),
      "1 packets of the flow alice arrived before they were sent, by more than the errors of the clocks.",
    ],
    [
      "that was cut",
      { isCut: true },
      "There were more packets than can be followed. Use fewer, or a shorter window.",
    ],
  ])("%s", (_, changes, reason) => {
    expect(judge(changes)).toEqual({ status: "invalid", reasons: [reason] });
  });

  test("but not for a program of others that has done its work, or of which nothing is known", () => {
    const program = { kind: "program", packets: undefined, goodputMbps: undefined } as const;
    const daemons = [{ ...ended, daemon: "alice sender", ...done }];
    expect(judge({ ...flow(program), daemons }).status).toBe("valid");
    const failed = [{ ...ended, daemon: "alice sender", flow: "alice", why: "exit code 1" }];
    expect(judge({ ...flow(program), daemons: failed }).reasons).toEqual([
      "alice sender of a ended unexpectedly at 3.3 s: exit code 1.",
    ]);
  });

  test("but not for a host that was crashed on purpose", () => {
    expect(judge({ daemons: [ended] }, crashed).status).toBe("valid");
    expect(judge(ofPackets({ unknown: 3 }), crashed).status).toBe("valid");
  });
});

describe("a run is limited by its hosts", () => {
  test.each<[string, Partial<FlowFigures>, string]>([
    [
      "that sent late",
      flow({ lateP99Ms: 12.34 }),
      "The flow alice sent late: p99 12.3 ms after the scheduled time (limit: 10 ms).",
    ],
    [
      "that sent too little",
      ofPackets({ sent: 195 }),
      "The flow alice sent 195 packets of 200 that were planned.",
    ],
  ])("%s", (_, changes, reason) => {
    expect(judge(changes)).toEqual({
      status: "generator-limited",
      limitedBy: "generator",
      reasons: [reason],
    });
  });

  test("but not where the schedule is not theirs to keep", () => {
    const late = { lateP99Ms: 500, packets: { ...packets, sent: 50, received: 50 } };
    expect(judge(flow({ ...late, kind: "tcp" })).status).toBe("valid");
    expect(judge(flow({ ...late, perSec: undefined })).status).toBe("valid");
    expect(judge(flow({ packets: late.packets, kind: "video" })).status).toBe("valid");
    expect(judge(flow(late), crashed).status).toBe("valid");
  });
});
