import { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Edge, run } from "../../src/cli/main.ts";
import { type CommandName, commandNames } from "../../src/cli/options/command-table.ts";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { type Command, type CommandRunner, openSteps, printFound } from "../../src/cli/terminal/context.ts";
import { until } from "../../src/core/async.ts";
import { BaleenError, ConfigurationError } from "../../src/core/errors.ts";
import { InterruptedError } from "../../src/core/explain.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { RecordedStream } from "./streams.ts";

const nothing: Command = async () => 0;

/** Runs the frame around a command of the test's own. */
function start(
  binary: "baleen" | CommandName,
  argv: readonly string[],
  {
    benchmark = nothing,
    env = {},
    isTTY = false,
  }: { benchmark?: Command; env?: Record<string, string>; isTTY?: boolean } = {},
) {
  const stdout = new RecordedStream();
  const stderr = new RecordedStream({ isTTY });
  const exits: number[] = [];
  const edge = Object.assign(new EventEmitter(), {
    stdout,
    stderr,
    env,
    exit: (code: number) => exits.push(code),
  });
  const others = Object.fromEntries(commandNames.map((name) => [name, nothing]));
  const commands: Record<CommandName, CommandRunner> = {
    ...(others as Record<CommandName, CommandRunner>),
    benchmark: (request, context) => benchmark(request, context, openCommandBackend(env)),
  };
  const ended = run(binary, argv, { edge: edge as unknown as Edge, commands });
  return { stdout, stderr, edge, exits, ended };
}

/** Waits for the abort as work does, then cleans up. */
const work: Command = (_, { signal, setLeftBehind }) => {
  setLeftBehind(() => ["Left behind: a container."]);
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
};

describe("exit codes", () => {
  test.each<[string, Command, number, string]>([
    ["good", async () => 0, 0, ""],
    ["a failed verdict", async () => 3, 3, ""],
    [
      "faults, one line each",
      async () => {
        throw new ConfigurationError([
          { code: "contradiction", message: "A." },
          { code: "invalid-value", message: "B." },
        ]);
      },
      2,
      "error: A.\nerror: B.\n",
    ],
    [
      "an error made on purpose",
      async () => {
        throw new BaleenError("system", "Cannot do it. Do that.");
      },
      1,
      "error: Cannot do it. Do that.\n",
    ],
    [
      "an unexpected error, without a stack",
      async () => {
        throw new TypeError("x is undefined");
      },
      1,
      "error: Unexpected error: x is undefined. Run again with --verbose for the stack.\n",
    ],
  ])("%s", async (_, benchmark, code, text) => {
    const { ended, stderr, stdout } = start("benchmark", [], { benchmark });
    expect(await ended).toBe(code);
    expect([stderr.text, stdout.text]).toEqual([text, ""]);
  });

  test("--verbose shows the stack of an unexpected error", async () => {
    const benchmark = async () => {
      throw new TypeError("x is undefined");
    };
    const { ended, stderr } = start("benchmark", ["--verbose"], { benchmark });
    expect(await ended).toBe(1);
    expect(stderr.text).toMatch(
      /^debug: .*\nerror: Unexpected error: x is undefined\.\n {2}TypeError: x is undefined\n\s+at .*main\.test\.ts/,
    );
  });

  test.each([
    ["--verbose", ["--verbose"]],
    ["BALEEN_LOG=debug", []],
    ["--log-file", []],
  ])(
    "%s says what is run; standard error and the file stay lines of JSON, and standard output one document",
    async (by, flags) => {
      await using folder = await makeTemporaryFolder();
      const logFile = join(folder.path, "x.log");
      const benchmark: Command = async (_, context) => {
        await runCommand(["/bin/sh", "-c", "exit 0"], { timeoutMs: 10_000 });
        openSteps(context)("host0", "preparing");
        printFound(context, () => ({ done: true }), "done");
        return 0;
      };
      const argv = [...flags, "--json", "--log-format=json", `--log-file=${logFile}`];
      const env: Record<string, string> = by === "BALEEN_LOG=debug" ? { BALEEN_LOG: "debug" } : {};
      const { ended, stdout, stderr } = start("benchmark", argv, { benchmark, env });
      expect(await ended).toBe(0);
      expect(JSON.parse(stdout.text)).toEqual({ done: true });
      const typesIn = (text: string) =>
        text
          .split("\n")
          .slice(0, -1)
          .map((line) => (JSON.parse(line) as { type: string; kind?: string }).kind ?? "step");
      const all = ["decision", "command", "step"];
      expect(typesIn(await readFile(logFile, "utf8"))).toEqual(all);
      expect(typesIn(stderr.text)).toEqual(by === "--log-file" ? ["step"] : all);
    },
  );

  test("a log file that cannot be written is told with the other faults", async () => {
    const benchmark: Command = async ({ diagnostics }) => {
      throw new ConfigurationError(diagnostics);
    };
    const { ended, stderr } = start("benchmark", ["--lods=1", "--log-file=/nowhere/x"], { benchmark });
    expect(await ended).toBe(2);
    expect(stderr.text).toMatch(/^error: --lods: .*\nerror: --log-file: cannot write \/nowhere\/x: .*\n$/);
  });

  test("a log file holds the stack of an error, which is not shown", async () => {
    await using folder = await makeTemporaryFolder();
    const logFile = join(folder.path, "x.log");
    const benchmark = async () => {
      throw new TypeError("x is undefined");
    };
    const { ended, stderr } = start("benchmark", [`--log-file=${logFile}`], { benchmark });
    expect(await ended).toBe(1);
    expect(stderr.text).toMatch(/^error: [^\n]*\n$/);
    expect(await readFile(logFile, "utf8")).toMatch(
      / s {2}TypeError: x is undefined\n +\d\.\d{3} s {6}at .*main\.test\.ts/,
    );
  });

  test("--log-format json tells faults as JSON lines", async () => {
    const benchmark = async () => {
      throw new ConfigurationError([{ code: "contradiction", message: "A." }]);
    };
    const { ended, stderr } = start("benchmark", ["--log-format=json"], { benchmark });
    expect(await ended).toBe(2);
    expect(JSON.parse(stderr.text)).toEqual({ v: 1, type: "fault", code: "contradiction", message: "A." });
  });
});

describe("interruption", () => {
  test.each(["SIGINT", "SIGTERM"])("%s aborts, waits for the clean-up, and is 130", async (signal) => {
    const { ended, edge, stderr } = start("benchmark", [], { benchmark: work });
    edge.emit(signal);
    expect(await ended).toBe(130);
    expect(stderr.text).toBe(`Interrupted (${signal}): cleaning up. Press Ctrl-C again to leave at once.\n`);
    expect(edge.listenerCount(signal)).toBe(0);
  });

  test("a second signal leaves at once and says what is left", async () => {
    let finish = () => {};
    const stuck: Command = (request, context, backend) => {
      void work(request, context, backend).catch(() => undefined);
      return new Promise((resolve) => {
        finish = () => resolve(0);
      });
    };
    const { ended, edge, stderr, exits } = start("benchmark", [], { benchmark: stuck });
    edge.emit("SIGINT");
    await until(
      () => {
        edge.emit("SIGINT");
        return exits[0];
      },
      { timeoutMs: 5000, everyMs: 50, describe: () => "a later signal did not leave" },
    );
    expect(exits[0]).toBe(130);
    expect(stderr.text).toContain("Left behind: a container.\n");
    finish();
    expect(await ended).toBe(130);
  });

  test("redrawn lines are taken away however the process ends", async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const benchmark: Command = async (_, { terminal }) => {
      terminal.show(["working"]);
      await finished;
      terminal.show(["nearly done"]);
      return 0;
    };
    const { ended, edge, stderr } = start("benchmark", [], { benchmark, isTTY: true });
    expect(stderr.screen).toEqual(["working", ""]);
    // As process.exit does, from wherever it is called.
    edge.emit("exit");
    expect(stderr.screen).toEqual([""]);
    finish();
    expect(await ended).toBe(0);
    expect(stderr.screen).toEqual([""]);
    expect(edge.listenerCount("exit")).toBe(0);
  });

  test("a failure of the clean-up is told, the abort itself is not", async () => {
    const benchmark: Command = async (request, context, backend) => {
      await work(request, context, backend).catch(() => undefined);
      throw new BaleenError("cleanup", "Cannot remove container a.");
    };
    const { ended, edge, stderr } = start("benchmark", [], { benchmark });
    edge.emit("SIGINT");
    expect(await ended).toBe(130);
    expect(stderr.text).toContain("error: Cannot remove container a.\n");
  });

  test("an error that nobody catches ends through the clean-up", async () => {
    const { ended, edge, stderr } = start("benchmark", [], { benchmark: work });
    edge.emit("uncaughtException", new TypeError("lost"));
    expect(await ended).toBe(1);
    expect(stderr.text).toBe("error: Unexpected error: lost. Run again with --verbose for the stack.\n");
  });

  test("when nobody reads the results any more, the work ends without a word", async () => {
    let reason: unknown;
    const benchmark: Command = async (request, context, backend) => {
      context.signal.addEventListener("abort", () => {
        reason = context.signal.reason;
      });
      context.terminal.print("first");
      return await work(request, context, backend);
    };
    const { ended, stdout, stderr } = start("benchmark", [], { benchmark });
    stdout.breakPipe();
    expect(await ended).toBe(130);
    expect(reason).toBeInstanceOf(InterruptedError);
    expect(stderr.text).toBe("");
  });
});

describe("what is asked", () => {
  test.each<[string, "baleen" | CommandName, string[], RegExp]>([
    ["help of a binary", "benchmark", ["--help"], /^Usage: benchmark \[options\]/],
    ["help counts before faults", "benchmark", ["--lods", "-h"], /^Usage: benchmark \[options\]/],
    ["help of a command of the umbrella", "baleen", ["clean", "--help"], /^Usage: baleen clean \[options\]/],
    [
      "help of a command by the help command",
      "baleen",
      ["help", "clean"],
      /^Usage: baleen clean \[options\]/,
    ],
    ["help of the umbrella", "baleen", ["--help"], /^Usage: baleen COMMAND/],
    ["version", "benchmark", ["--version"], /^\d+\.\d+\.\d+\n$/],
    ["version of the umbrella", "baleen", ["--version"], /^\d+\.\d+\.\d+\n$/],
  ])("%s", async (_, binary, argv, wanted) => {
    const { ended, stdout, stderr } = start(binary, argv);
    expect(await ended).toBe(0);
    expect(stdout.text).toMatch(wanted);
    expect(stderr.text).toBe("");
  });

  test.each<[string, string[], RegExp]>([
    ["no command", [], /^Usage: baleen COMMAND/],
    ["a misspelt command", ["benchmrk"], /^error: "benchmrk": no such command\. Did you mean benchmark\?\n$/],
    ["a command like no other", ["dance"], /^error: "dance": no such command\. See baleen --help\.\n$/],
  ])("%s is a fault of usage", async (_, argv, wanted) => {
    const { ended, stdout, stderr } = start("baleen", argv);
    expect(await ended).toBe(2);
    expect(stderr.text).toMatch(wanted);
    expect(stdout.text).toBe("");
  });

  test("the command gets what was given, the faults of all sources, and the settings", async () => {
    let reported: unknown;
    const benchmark: Command = async ({ given, diagnostics }, { settings }) => {
      reported = {
        duration: given.duration,
        diagnostics: diagnostics.map(({ message }) => message),
        settings,
      };
      return 0;
    };
    const env = { BALEEN_DURATION: "5", BALEEN_LOG: "debug" };
    expect(
      await start("baleen", ["benchmark", "--lods=1", "--json", "--console-output=maybe"], { benchmark, env })
        .ended,
    ).toBe(0);
    expect(reported).toEqual({
      duration: { name: "BALEEN_DURATION", value: "5", rank: 1 },
      diagnostics: [
        "--lods: no such option. Did you mean --loads?",
        expect.stringMatching(/^--console-output: "maybe" is neither true nor false/),
      ],
      settings: {
        json: true,
        consoleOutput: true,
        quiet: false,
        live: true,
        verbose: true,
        logFormat: "text",
      },
    });
  });

  test.each<[string, string[], Record<string, string>, number]>([
    ["--quiet and --verbose", ["--quiet", "--verbose"], {}, 1],
    ["--quiet against BALEEN_LOG=debug", ["--quiet"], { BALEEN_LOG: "debug" }, 0],
  ])("%s", async (_, argv, env, count) => {
    let reported = -1;
    const benchmark: Command = async ({ diagnostics }) => {
      reported = diagnostics.length;
      return 0;
    };
    await start("benchmark", argv, { benchmark, env }).ended;
    expect(reported).toBe(count);
  });
});
