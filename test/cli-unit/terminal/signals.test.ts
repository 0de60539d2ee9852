import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { watchSignals } from "../../../src/cli/terminal/signals.ts";
import { InterruptedError } from "../../../src/core/explain.ts";
import { heldClock } from "../streams.ts";

function watch() {
  const source = new EventEmitter();
  const clock = heldClock();
  const notes: string[] = [];
  let left = 0;
  const interruption = watchSignals({
    source,
    clock,
    note: (line) => notes.push(line),
    leave: () => left++,
    leftBehind: () => ["Left behind: all of it."],
  });
  return { source, clock, notes, interruption, left: () => left };
}

describe("watchSignals", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"])("the first %s aborts", (signal) => {
    const { source, interruption, notes, left } = watch();
    using _ = interruption;
    source.emit(signal);
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.signal.reason).toBeInstanceOf(InterruptedError);
    expect(notes).toEqual([`Interrupted (${signal}): cleaning up. Press Ctrl-C again to leave at once.`]);
    expect(left()).toBe(0);
  });

  test("the echoes of one Ctrl-C are that one; a later one leaves at once and says what is left", () => {
    const { source, clock, notes, left, interruption } = watch();
    using _ = interruption;
    source.emit("SIGINT");
    clock.advance(100);
    source.emit("SIGINT");
    source.emit("SIGTERM");
    expect([left(), notes.length]).toEqual([0, 1]);
    clock.advance(400);
    source.emit("SIGINT");
    expect(left()).toBe(1);
    expect(notes.slice(1)).toEqual(["Leaving without the rest of the clean-up.", "Left behind: all of it."]);
  });

  test("disposing stops watching", () => {
    const { source, interruption } = watch();
    interruption[Symbol.dispose]();
    expect(source.eventNames()).toEqual([]);
    expect(interruption.signal.aborted).toBe(false);
  });
});
