import { describe, expect, test } from "vitest";
import { openTerminal } from "../../../src/cli/terminal/terminal.ts";
import { RecordedStream } from "../streams.ts";

function open(
  options: { isTTY?: boolean; columns?: number; rows?: number; env?: Record<string, string> } = {},
) {
  const stderr = new RecordedStream(options);
  // Both are the same terminal.
  const stdout = new RecordedStream({ terminal: stderr.terminal });
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

  test("without a terminal nothing is redrawn, and there is no colour", () => {
    const { stderr, terminal } = open();
    terminal.show(["working"]);
    terminal.note("bad", "error");
    expect(stderr.text).toBe("error: bad\n");
  });

  test("lines are redrawn in place, below notes and results, and leave nothing", () => {
    const { stderr, stdout, terminal } = open({ isTTY: true });
    terminal.show(["one", "two"]);
    terminal.show(["one", "2", "three"]);
    terminal.note("a note");
    terminal.print("a result");
    expect(stderr.screen).toEqual(["a note", "a result", "one", "2", "three", ""]);
    terminal.show(["less"]);
    expect(stderr.screen).toEqual(["a note", "a result", "less", ""]);
    terminal.show([]);
    expect(stderr.screen).toEqual(["a note", "a result", ""]);
    expect(stdout.text).toBe("a result\n");
  });

  test("what has not changed is not written again, unless the terminal has another width", () => {
    const { stderr, terminal } = open({ isTTY: true });
    terminal.show(["one"]);
    const { length } = stderr.text;
    terminal.show(["one"]);
    expect(stderr.text).toHaveLength(length);
    stderr.columns = 40;
    terminal.show(["one"]);
    expect(stderr.text.length).toBeGreaterThan(length);
    expect(stderr.screen).toEqual(["one", ""]);
  });

  test("a line that is wider than it seems takes one row still", () => {
    const { stderr, terminal } = open({ isTTY: true, columns: 20 });
    terminal.show(["x".repeat(50), "two"]);
    terminal.note("a note that is wrapped by it");
    expect(stderr.screen).toEqual(["a note that is wrapped by it", "x".repeat(20), "two", ""]);
    terminal.show([]);
    expect(stderr.screen).toEqual(["a note that is wrapped by it", ""]);
  });

  test.each([
    ["breaks rows anew", { VTE_VERSION: "7600" }, true],
    ["leaves rows as they are", {}, false],
  ])(
    "a terminal that becomes narrower and %s keeps what stands above, and nothing else",
    (_, env, reflows) => {
      const { stderr, terminal } = open({ isTTY: true, columns: 30, env });
      terminal.note("a note of thirty characters...");
      terminal.show(["x".repeat(29), [{ text: "y".repeat(10), colour: "red" }], "z".repeat(21)]);
      stderr.columns = 20;
      stderr.terminal.resize(20, 24, { reflows });
      terminal.show(["one", "two"]);
      terminal.note("a result");
      terminal.show([]);
      expect(stderr.screen).toEqual(["a note of thirty characters...", "a result", ""]);
    },
  );

  test("every change is whole before it is seen, and the terminal wraps again", () => {
    const { stderr, terminal } = open({ isTTY: true, columns: 20 });
    const unheld = stderr.write;
    stderr.write = (text, done) => {
      const written = unheld(text, done);
      expect(stderr.terminal.isHeldBack).toBe(text.endsWith("\x1b[J"));
      return written;
    };
    terminal.show(["one"]);
    const { write } = stderr;
    stderr.write = (text, done) => (text.startsWith("a") ? unheld(text, done) : write(text, done));
    terminal.note("a".repeat(25));
    terminal.show([]);
    terminal.note("a".repeat(30));
    expect(stderr.terminal.visible).toEqual(["a".repeat(20), "aaaaa", "a".repeat(20), "a".repeat(10), ""]);
  });

  test.each([
    [
      { columns: 0, rows: 0 },
      { columns: 80, rows: 24 },
    ],
    [
      { columns: 40, rows: 7 },
      { columns: 40, rows: 7 },
    ],
  ])("a terminal of %o counts as one of %o", (given, size) => {
    expect(open({ isTTY: true, ...given }).terminal.size()).toEqual(size);
  });

  test.each<[string, Record<string, string>, boolean, boolean]>([
    ["a plain terminal", {}, true, true],
    ["a dumb terminal", { TERM: "dumb" }, false, false],
    ["CI", { CI: "true" }, false, false],
    ["CI switched off", { CI: "false" }, true, true],
    ["NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR", { NO_COLOR: "" }, true, true],
  ])("%s", (_, env, live, coloured) => {
    const { stderr, terminal } = open({ isTTY: true, env });
    terminal.note("x", "warning");
    const paint = (text: string) => (coloured ? `\x1b[33m${text}\x1b[39m` : text);
    expect([terminal.live, stderr.text]).toEqual([live, `${paint("warning:")} x\n`]);
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
