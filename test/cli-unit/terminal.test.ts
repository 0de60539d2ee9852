import { describe, expect, test } from "vitest";
import { openTerminal } from "../../src/cli/terminal.ts";
import { RecordedStream } from "./streams.ts";

function open(options: { isTTY?: boolean; columns?: number; env?: Record<string, string> } = {}) {
  const stdout = new RecordedStream();
  const stderr = new RecordedStream(options);
  let broken = 0;
  const env = options.env ?? {};
  const terminal = openTerminal({ stdout, stderr, env, onBrokenOutput: () => broken++ });
  return { stdout, stderr, terminal, broken: () => broken };
}

describe("terminal", () => {
  test("results go to standard output, notes to standard error", () => {
    const { stdout, stderr, terminal } = open();
    terminal.print("result");
    terminal.note("note\n");
    expect([stdout.text, stderr.text]).toEqual(["result\n", "note\n"]);
  });

  test("without a terminal there is no status line and no colour", () => {
    const { stderr, terminal } = open();
    terminal.status("working");
    terminal.note(terminal.paint("red", "bad"));
    expect(stderr.text).toBe("bad\n");
  });

  test("the status line is rewritten, stays below notes and results, and is cut to the columns", () => {
    const { stderr, stdout, terminal } = open({ isTTY: true, columns: 20 });
    terminal.status("one");
    terminal.status("two");
    terminal.note("a note");
    terminal.print("a result");
    terminal.status(`${"x".repeat(50)}`);
    expect(stderr.screen).toEqual(["a note", "x".repeat(19)]);
    terminal.status("");
    expect(stderr.screen).toEqual(["a note", ""]);
    expect(stdout.text).toBe("a result\n");
  });

  test("a terminal that does not know its size counts as 80 columns wide", () => {
    const { stderr, terminal } = open({ isTTY: true, columns: 0 });
    terminal.status("x".repeat(200));
    expect(stderr.screen).toEqual(["x".repeat(79)]);
  });

  test.each<[string, Record<string, string>, boolean, boolean]>([
    ["a plain terminal", {}, true, true],
    ["a dumb terminal", { TERM: "dumb" }, false, false],
    ["CI", { CI: "true" }, false, false],
    ["CI switched off", { CI: "false" }, true, true],
    ["NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR", { NO_COLOR: "" }, true, true],
  ])("%s", (_, env, live, coloured) => {
    const { terminal } = open({ isTTY: true, env });
    expect([terminal.live, terminal.paint("yellow", "x") !== "x"]).toEqual([live, coloured]);
  });

  test("a broken pipe ends the output quietly, and is told once", async () => {
    const { stdout, stderr, terminal, broken } = open();
    terminal.print("first");
    stdout.breakPipe();
    stdout.breakPipe();
    terminal.print("second");
    stderr.breakPipe();
    await terminal.flush();
    expect([stdout.text, stderr.text, broken()]).toEqual(["first\n", "", 1]);
  });

  test("another failure of standard output is said", () => {
    const { stdout, stderr } = open();
    stdout.emit("error", Object.assign(new Error("no space left on device"), { code: "ENOSPC" }));
    expect(stderr.text).toBe("Cannot write results: no space left on device\n");
  });
});
