import { describe, expect, test } from "vitest";
import { runClean } from "../../../../src/cli/commands/machine/clean.ts";
import { gatherOptions } from "../../../../src/cli/options/sources.ts";
import type { CommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import { openCommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import type { CommandContext } from "../../../../src/cli/terminal/context.ts";
import { openTerminal } from "../../../../src/cli/terminal/terminal.ts";
import { systemClock } from "../../../../src/core/clock.ts";
import { RecordedStream } from "../../streams.ts";

/** A machine with what two dead runs and a living one made, and two images. */
function machine() {
  const left = new Map([
    ["dead1", { inUse: false, what: ["container a (exited)", "network n"] }],
    ["dead2", { inUse: false, what: ["container b (running)"] }],
    ["alive", { inUse: true, what: ["container c (running)"] }],
  ]);
  const images = new Set(["baleen/validator:1", "baleen/validator:2"]);
  const backend: CommandBackend = {
    ...openCommandBackend({}),
    listLeftovers: async () => [...left].map(([run, one]) => ({ run, ...one })),
    removeLeftovers: async (run) => {
      left.delete(run);
    },
    listImages: async () => [...images],
    removeImages: async () => {
      images.delete("baleen/validator:1");
      return { removed: ["baleen/validator:1"], inUse: ["baleen/validator:2"] };
    },
  };
  return { left, images, backend };
}

async function clean(argv: readonly string[], backend: CommandBackend) {
  const stdout = new RecordedStream();
  const stderr = new RecordedStream();
  const terminal = openTerminal({ stdout, stderr, env: {}, onBrokenOutput: () => {} });
  const request = gatherOptions("clean", { argv, env: {}, readFile: () => "" });
  const context: CommandContext = {
    terminal,
    settings: {
      json: false,
      consoleOutput: true,
      quiet: false,
      verbose: false,
      live: true,
      logFormat: "text",
    },
    clock: systemClock,
    env: {},
    version: "0",
    signal: new AbortController().signal,
    setLeftBehind: () => {},
  };
  const code = await runClean(request, context, backend);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

describe("clean", () => {
  test("lists and removes nothing without flags", async () => {
    const { left, images, backend } = machine();
    expect(await clean([], backend)).toEqual({
      code: 0,
      stderr: "",
      stdout: `Run dead1 (left):
  container a (exited)
  network n
Run dead2 (left):
  container b (running)
Run alive (still running, not touched):
  container c (running)

Remove everything with --yes, or what one run left with --run ID.
`,
    });
    expect([left.size, images.size]).toEqual([3, 2]);
  });

  test("--yes removes everything but what is under way, and images only with --images", async () => {
    const { left, images, backend } = machine();
    const { stdout } = await clean(["--yes"], backend);
    expect([...left.keys()]).toEqual(["alive"]);
    expect(images.size).toBe(2);
    expect(stdout).toContain("Run dead1 (removed):\n");
    expect(stdout).not.toContain("Remove all of it");
  });

  test("--run removes what that run left, and nothing else", async () => {
    const { left, backend } = machine();
    const { stdout } = await clean(["--run", "dead2"], backend);
    expect([...left.keys()]).toEqual(["dead1", "alive"]);
    expect(stdout).toBe("Run dead2 (removed):\n  container b (running)\n");
  });

  test("--images lists images, and with --yes removes those that nothing uses", async () => {
    const { images, backend } = machine();
    expect((await clean(["--images"], backend)).stdout).toContain("Images:\n  baleen/validator:1\n");
    expect(images.size).toBe(2);
    expect((await clean(["--images", "--yes"], backend)).stdout).toContain(
      "Images:\n  baleen/validator:1: removed\n  baleen/validator:2: in use, kept\n",
    );
  });

  test.each<[string, string[], string[]]>([
    [
      "a run that is not here",
      ["--run", "x"],
      ["--run x: this run left nothing here. List what is left with: npx baleen clean"],
    ],
    [
      "a run that is under way",
      ["--run", "alive"],
      ["--run alive: this run is still running. Stop it first with Ctrl-C."],
    ],
    [
      "a misspelt flag beside a faulty one",
      ["--imges", "--yes=perhaps"],
      [
        "--imges: no such option. Did you mean --images?",
        '--yes: "perhaps" is neither true nor false. Give true or false (yes, no, 1 and 0 mean the same).',
      ],
    ],
  ])("%s is refused and nothing is removed", async (_, argv, messages) => {
    const { left, backend } = machine();
    await expect(clean(argv, backend)).rejects.toMatchObject({
      diagnostics: messages.map((message) => ({ message })),
    });
    expect(left.size).toBe(3);
  });

  test("nothing is left", async () => {
    const backend = { ...machine().backend, listLeftovers: async () => [] };
    expect((await clean([], backend)).stdout).toBe("Nothing is left on this machine.\n");
  });
});
