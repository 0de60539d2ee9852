import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLog } from "../../../src/cli/terminal/log.ts";
import { openTerminal } from "../../../src/cli/terminal/terminal.ts";
import type { Diagnostic } from "../../../src/core/errors.ts";
import { hideFromTraces, type Trace, trace } from "../../../src/core/trace.ts";
import { makeTemporaryFolder, mountDisk, noMountReason } from "../../results/temporary-folder.ts";
import { heldClock, RecordedStream } from "../streams.ts";

function open(settings: { verbose?: boolean; logFile?: string; logFormat?: "text" | "json" } = {}) {
  const stderr = new RecordedStream();
  const plain = openTerminal({ stdout: new RecordedStream(), stderr, env: {}, onBrokenOutput: () => {} });
  const clock = heldClock();
  const diagnostics: Diagnostic[] = [];
  const conceal = (text: string) => text.replaceAll("hunter2", "[NAME]");
  const all = { verbose: false, logFormat: "text", ...settings } as const;
  const log = openLog({ terminal: plain, clock, settings: all, conceal, diagnostics });
  return { stderr, clock, log, diagnostics, terminal: log.terminal };
}

const command = (more: Partial<Extract<Trace, { kind: "command" }>> = {}): Trace => ({
  kind: "command",
  argv: ["docker", "ps"],
  state: "ended",
  ms: 1234.4,
  exitCode: 0,
  ...more,
});

describe("--verbose shows", () => {
  test.each<[string, Trace, string]>([
    ["a command here", command(), "$ docker ps: exit code 0, 1.234 s"],
    [
      "a command on a host, by root",
      command({ host: "host1", asRoot: true, exitCode: 100, failure: "E: no package" }),
      "host1 # docker ps: exit code 100, 1.234 s: E: no package",
    ],
    ["a command that a signal ended", command({ exitCode: undefined }), "$ docker ps: ended, 1.234 s"],
    ["one that goes on", command({ state: "running" }), "$ docker ps: still running after 1.234 s"],
    ["one that was started", command({ state: "started" }), "$ docker ps: started"],
    [
      "a script by its name alone",
      command({ argv: ["sh", "-c", "a\nb"] }),
      "$ sh -c …: exit code 0, 1.234 s",
    ],
    [
      "a login",
      { kind: "connection", host: "host1 (a@b:22)", offered: "/k (SHA256:x)", ms: 10 },
      "ssh host1 (a@b:22), offering /k (SHA256:x): logged in, 0.010 s",
    ],
    [
      "a login that was refused",
      { kind: "connection", host: "host1 (a@b:22)", offered: "/k", ms: 10, failure: "refused" },
      "ssh host1 (a@b:22), offering /k: no login, 0.010 s: refused",
    ],
    [
      "a request",
      { kind: "request", engine: "unix:///d.sock", method: "GET", path: "/info", ms: 5, status: 200 },
      "unix:///d.sock GET /info: 200, 0.005 s",
    ],
    [
      "a request without an answer",
      { kind: "request", engine: "unix:///d.sock", method: "GET", path: "/info", ms: 5, failure: "reset" },
      "unix:///d.sock GET /info: no answer, 0.005 s: reset",
    ],
    [
      "a decision",
      { kind: "decision", subject: "runtime", choice: "docker", reason: "why" },
      "runtime: docker (why)",
    ],
    ["no variable's value", command({ argv: ["a", "hunter2"] }), "$ a '[NAME]': exit code 0, 1.234 s"],
    [
      "no password",
      command({ argv: ["a", "PASSWORD=x", "--token", "y"] }),
      "$ a 'PASSWORD=***' --token '***': exit code 0, 1.234 s",
    ],
    [
      "no control characters",
      command({ failure: "\x1b[2J\nFORGED" }),
      "$ docker ps: exit code 0, 1.234 s: \\u001b[2J FORGED",
    ],
  ])("%s", (_, what, shown) => {
    const { stderr, clock, log } = open({ verbose: true });
    using _log = log;
    clock.advance(2500);
    trace(() => what);
    expect(stderr.text).toBe(`debug: 2.500 s  ${shown}\n`);
  });

  test("no secret that was made for a network", () => {
    const { stderr, log } = open({ verbose: true });
    using _log = log;
    hideFromTraces("0123456789abcdef");
    trace(() => command({ argv: ["node", "--key=0123456789abcdef"] }));
    expect(stderr.text).toContain("$ node '--key=***': exit code 0");
  });

  test("the same as JSON, a line each", () => {
    const { stderr, clock, log } = open({ verbose: true, logFormat: "json" });
    using _log = log;
    clock.advance(2500.4);
    trace(() => command({ host: "host1", argv: ["a", "hunter2\n"] }));
    const line = { v: 1, type: "trace", afterMs: 2500, kind: "command", host: "host1" };
    const ended = { state: "ended", ms: 1234.4, exitCode: 0 };
    expect(
      stderr.text
        .split("\n")
        .slice(0, -1)
        .map((one) => JSON.parse(one) as unknown),
    ).toEqual([{ ...line, argv: ["a", "[NAME]\n"], ...ended }]);
  });

  test("nothing once the command has ended, and nothing without it", () => {
    const { stderr, log } = open({ verbose: true });
    log[Symbol.dispose]();
    using _quiet = open().log;
    trace(() => command());
    expect(stderr.text).toBe("");
  });
});

describe("--log-file", () => {
  test("keeps what is shown and what is not, a line each with its time, for its user alone", async () => {
    await using folder = await makeTemporaryFolder();
    const logFile = join(folder.path, "x.log");
    await writeFile(logFile, "of an earlier command");
    const { stderr, clock, log, terminal } = open({ logFile });
    using _log = log;
    terminal.note("a note");
    clock.advance(12_345);
    trace(() => command());
    terminal.log("a detail");
    terminal.note("one\n  two\x07", "error");
    terminal.print("a result");
    expect(stderr.text).toBe("a note\nerror: one\n  two\\u0007\n");
    expect((await readFile(logFile, "utf8")).split("\n")).toEqual([
      "   0.000 s  a note",
      "  12.345 s  $ docker ps: exit code 0, 1.234 s",
      "  12.345 s  a detail",
      "  12.345 s  error: one",
      "  12.345 s    two\\u0007",
      "",
    ]);
  });

  test("is made for its user alone", async () => {
    await using folder = await makeTemporaryFolder();
    const logFile = join(folder.path, "x.log");
    using _log = open({ logFile }).log;
    expect((await stat(logFile)).mode & 0o777).toBe(0o600);
  });

  test("as JSON holds whole lines of JSON", async () => {
    await using folder = await makeTemporaryFolder();
    const logFile = join(folder.path, "x.log");
    const { log, terminal } = open({ logFile, logFormat: "json" });
    using _log = log;
    terminal.note(JSON.stringify({ v: 1, type: "step", step: "a\u009b\nb" }));
    trace(() => command());
    const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(["step", "trace"]);
  });

  test("that cannot be made is a diagnostic, and nothing else fails", () => {
    const { log, terminal, diagnostics } = open({ logFile: "/nowhere/x.log" });
    using _log = log;
    terminal.note("a note");
    expect(diagnostics).toEqual([
      {
        code: "output-file",
        message: expect.stringMatching(/^--log-file: cannot write \/nowhere\/x\.log: ENOENT.* Name a file/),
      },
    ]);
  });

  test.skipIf(noMountReason !== undefined)(
    `a disk that is full ends it with one warning ${noMountReason ?? ""}`,
    async () => {
      await using disk = await mountDisk("size=4k");
      const { stderr, log, terminal } = open({ logFile: join(disk.path, "x.log") });
      using _log = log;
      for (let line = 0; line < 200; line++) terminal.log("x".repeat(100));
      expect(stderr.text).toMatch(/^warning: The log file \S+ ends here: ENOSPC[^\n]*\n$/);
    },
  );
});
