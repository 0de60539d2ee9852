import { describe, expect, test, vi } from "vitest";
import type { ShaperCommand, ShaperReport } from "../../../src/contracts/links/shaper.ts";
import { ShapingSession } from "../../../src/deploy/links/session.ts";
import { eventually } from "../../support/processes.ts";
import { quietSecond, startScriptedShaper } from "./scripted-shaper.ts";

const signal = new AbortController().signal;
const limits = { timeoutMs: 2000, signal };
const attach = { type: "attach", places: [{ name: "node0", addresses: ["10.0.0.1"] }] } as const;
const done = (command: ShaperCommand): ShaperReport | undefined =>
  "id" in command ? { type: "done", id: command.id, atMs: 5, probed: [] } : undefined;

function open(answer: Parameters<typeof startScriptedShaper>[0] = done) {
  const shaper = startScriptedShaper(answer);
  const [seconds, failures]: [unknown[], string[]] = [[], []];
  const session = new ShapingSession(shaper.process, "the link shaper on host1", {
    second: (second) => seconds.push(second),
    failure: (why) => failures.push(why),
  });
  return { ...shaper, session, seconds, failures };
}

describe("a shaper's session", () => {
  test("gives each command the reply that bears its id", async () => {
    const held: ShaperCommand[] = [];
    const { session, report } = open((command) => void held.push(command));
    const replies = [session.ask(attach, limits), session.ask(attach, limits)];
    await eventually("both commands", () => held[1]);
    for (const [i, command] of held.toReversed().entries()) {
      if ("id" in command) report({ type: "done", id: command.id, atMs: i, probed: [] });
    }
    expect((await Promise.all(replies)).map((reply) => reply.type === "done" && reply.atMs)).toEqual([1, 0]);
  });

  test("throws what is refused, what is late, and the signal's reason", async () => {
    const { session } = open((command) =>
      "id" in command ? { type: "refused", id: command.id, reason: "There is no node9." } : undefined,
    );
    await expect(session.ask(attach, limits)).rejects.toThrow(
      "The link shaper on host1 refused: There is no node9.",
    );
    const silent = open(() => undefined);
    await expect(silent.session.ask(attach, { timeoutMs: 50, signal })).rejects.toThrow(
      "The link shaper on host1 did not answer within 0.05 s.",
    );
    const abort = new AbortController();
    const asking = silent.session.ask(attach, { timeoutMs: 5000, signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(asking).rejects.toThrow("enough");
  });

  test("tells of an end, once, and refuses what comes after", async () => {
    const { session, end, failures } = open(() => undefined);
    const asking = session.ask(attach, limits);
    end("its container was removed");
    const why = "The link shaper on host1 has ended: its container was removed.";
    await expect(asking).rejects.toThrow(why);
    expect(failures).toEqual([why]);
    await expect(session.ask(attach, limits)).rejects.toThrow(why);
  });

  test("an end that was asked for is no failure", async () => {
    const { session, failures } = open();
    await session[Symbol.asyncDispose]();
    await expect(session.ask(attach, limits)).rejects.toThrow("was ended");
    expect(failures).toEqual([]);
  });

  test("what is no report is a failure that says so", async () => {
    const { write, failures } = open();
    write('{"type":"second","atMs":"late"}\n');
    expect(await eventually("the failure", () => failures[0])).toMatch(
      /^The link shaper on host1 sent a line that is no report: at_ms is not a number/,
    );
  });

  test("two seconds without a report are a standstill", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const { session, report, seconds, failures } = open();
      session.expectReports();
      vi.advanceTimersByTime(1500);
      report(quietSecond);
      await eventually("a report", () => seconds[0]);
      vi.advanceTimersByTime(1500);
      expect(failures).toEqual([]);
      vi.advanceTimersByTime(500);
      expect(failures).toEqual(["The link shaper on host1 has reported nothing for 2 s."]);
    } finally {
      vi.useRealTimers();
    }
  });
});
