import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientCommand, ClientLink, ClientLinkListener } from "../../../src/load/messages/messages.ts";
import { observerReport, senderReport } from "../../../src/load/messages/report-codec.ts";
import type { ClientPlan, ObserverReport, SenderReport } from "../../../src/load/plan/client-plan.ts";
import { ClientSession } from "../../../src/run/clients/session.ts";
import { anyObserverReport, anySenderReport } from "../../load/messages/arbitrary-reports.ts";
import { planFor } from "../../load/setting.ts";
import { hello } from "../scripted-place.ts";

/** A session whose other side answers each command as it is told. */
function open(
  answer: (command: ClientCommand, to: ClientLinkListener) => void,
  { host = "host1", plans = [] }: { readonly host?: string; readonly plans?: readonly ClientPlan[] } = {},
) {
  let listener: ClientLinkListener | undefined;
  const link: ClientLink = {
    host,
    send: (command) => listener && answer(command, listener),
    listen: (to) => {
      listener = to;
      to.message(hello);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const placement = { host, clients: 1, targets: planFor([]).targets, open: async () => link };
  return new ClientSession({ placement, plans }, link, { second: () => {}, event: () => {} });
}

const prepare = (session: ClientSession) => session.prepare({ name: "p" });

test("what a person should know comes with the answer to prepare", async () => {
  const session = open((_, to) => to.message({ type: "ready", notes: ["node0 does not pipeline."] }));
  expect(await prepare(session)).toEqual(["node0 does not pipeline."]);
});

describe("fails with the place's name where the other side", () => {
  test.for([
    [
      "says something else",
      { type: "clock", id: 0, monotonicMs: 1, wallMs: 1 },
      'they sent "clock" instead of "ready"',
    ],
    ["fails", { type: "failed", code: "x", message: "no such node", client: 3 }, "client3: no such node"],
    ["tells a second that is none", { type: "second", second: {} }, "second.startSecs is not a number"],
    [
      "tells a report that is none",
      { type: "sent", client: 2, report: {} },
      "report of client2.ledger is not an object",
    ],
  ] as const)("%s", async ([, message, reason]) => {
    const session = open((_, to) => to.message(message));
    await expect(prepare(session)).rejects.toThrow("The clients on host1 failed");
    await expect(session.finish({ loadMs: 0, timeoutMs: 1000 })).rejects.toThrow(reason);
  });

  test("is lost", async () => {
    const session = open((_, to) => to.lost("the connection broke"));
    await expect(prepare(session)).rejects.toThrow("The clients on host1 failed: the connection broke");
  });

  test("says nothing in time", async () => {
    const session = open((_, to) => to.message({ type: "ready", notes: [] }));
    await prepare(session);
    await expect(session.finish({ loadMs: 0, timeoutMs: 20 })).rejects.toThrow(
      'they did not send "observed" within 0.02 s',
    );
  });

  test("has no observer's report in its last message", async () => {
    const session = open((command, to) => {
      to.message(
        command.type === "prepare" ? { type: "ready", notes: [] } : { type: "observed", report: [] },
      );
    });
    await prepare(session);
    session.start(0);
    await expect(session.finish({ loadMs: 0, timeoutMs: 1000 })).rejects.toThrow("observed is not an object");
  });
});

test("what is waited for fails once it is ended", async () => {
  const session = open((_, to) => to.message({ type: "ready", notes: [] }));
  await prepare(session);
  const finished = session.finish({ loadMs: 0, timeoutMs: 60_000 });
  await session[Symbol.asyncDispose]();
  await expect(finished).rejects.toThrow("The clients on host1 were ended.");
});

describe("reports are held against the plans:", () => {
  const report = senderReport.encode(fc.sample(anySenderReport, { numRuns: 1, seed: 1 })[0] as SenderReport);
  const observed = observerReport.encode(
    fc.sample(anyObserverReport, { numRuns: 1, seed: 1 })[0] as ObserverReport,
  );
  /** Finishes a session that has prepared clients 4 and 5, and tells these reports. */
  const finish = async (clients: readonly number[]) => {
    const plans = [4, 5].map((client) => planFor([], { client }));
    const answer: Parameters<typeof open>[0] = (command, to) => {
      if (command.type === "prepare") to.message({ type: "ready", notes: [] });
      if (command.type !== "start") return;
      for (const client of clients) to.message({ type: "sent", client, report });
      to.message({ type: "observed", report: observed });
    };
    const session = open(answer, { plans });
    await prepare(session);
    session.start(0);
    return await session.finish({ loadMs: 0, timeoutMs: 1000 });
  };

  test("each client's comes once", async () => {
    const { sent } = await finish([5, 4]);
    expect([...sent.keys()]).toEqual([5, 4]);
  });

  test.for([
    { clients: [4], reason: "they ended without a report of client5" },
    { clients: [4, 4, 5], reason: "they sent an unexpected report of client4" },
    { clients: [4, 5, 6], reason: "they sent an unexpected report of client6" },
  ])("those of $clients are refused", async ({ clients, reason }) => {
    await expect(finish(clients)).rejects.toThrow(`The clients on host1 failed: ${reason}`);
  });
});

describe("clocks", () => {
  test("are compared by the exchange with the shortest round trip", async () => {
    let nowMs = 1000;
    const aheadMs = 500_000;
    const trips = [40, 6, 90, 8, ...Array.from({ length: 12 }, () => 50)];
    const session = open((command, to) => {
      if (command.type === "prepare") to.message({ type: "ready", notes: [] });
      if (command.type !== "clock") return;
      const tripMs = trips[command.id] ?? Number.NaN;
      // The way there takes two thirds of it.
      nowMs += (tripMs * 2) / 3;
      const monotonicMs = nowMs + aheadMs;
      nowMs += tripMs / 3;
      to.message({ type: "clock", id: command.id, monotonicMs, wallMs: 0 });
    });
    await prepare(session);
    const clock = { monotonicMs: () => nowMs, wallMs: () => 0 };
    await session.compareClocks(clock);
    const { offsetMs, errorMs, roundTripMs } = session.clock;
    expect([errorMs, roundTripMs]).toEqual([expect.closeTo(3, 6), expect.closeTo(6, 6)]);
    expect(Math.abs(offsetMs - aheadMs)).toBeLessThanOrEqual(errorMs);
    expect(offsetMs).toBeCloseTo(aheadMs + 1, 6);
  });

  test("of the coordinator's own processes are its own", async () => {
    const session = open((_, to) => to.message({ type: "ready", notes: [] }), { host: "coordinator" });
    const clock = { monotonicMs: () => 1, wallMs: () => 1 };
    await session.compareClocks(clock);
    expect(session.clock).toEqual({ offsetMs: 0, errorMs: 0, roundTripMs: 0 });
  });
});
