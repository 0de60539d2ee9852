import { describe, expect, test } from "vitest";
import { BaleenError, ConfigurationError } from "../../src/core/errors.ts";
import { explainError, explainWithQuotes, formatStacks } from "../../src/core/explain.ts";
import { preflight } from "../../src/run/prepare/preflight.ts";

const system = (code: string, message: string) => Object.assign(new Error(message), { code });

describe("explainError", () => {
  test.each<[string, unknown, string]>([
    [
      "a full disk",
      system("ENOSPC", "ENOSPC: no space left on device, write"),
      "The disk is full: ENOSPC: no space left on device, write. Free some space, or choose another folder with --output-dir. Finished runs are complete.",
    ],
    [
      "too many open files, below another error",
      new Error("fetch failed", { cause: system("EMFILE", "EMFILE: too many open files") }),
      "This process has too many open files: fetch failed: EMFILE: too many open files. Raise the limit (ulimit -n 65536), or lower --max-in-flight or --committee.",
    ],
    [
      "no permission",
      system("EACCES", "EACCES: permission denied, open '/x'"),
      "Permission denied: EACCES: permission denied, open '/x'. Check the owner and the permissions of the named file.",
    ],
    [
      "an error made on purpose speaks for itself",
      new BaleenError("system", "Cannot do it. Do that.", { cause: system("ENOSPC", "full") }),
      "Cannot do it. Do that. (ENOSPC)",
    ],
    [
      "the system's code is not said twice",
      new BaleenError("system", "Cannot do it: ENOSPC: full.", { cause: system("ENOSPC", "ENOSPC: full") }),
      "Cannot do it: ENOSPC: full.",
    ],
    [
      "what a message quotes is left out of the line",
      new BaleenError("system", "A node ended.\n  node0: gone\n    | its log\n  node1: ready"),
      "A node ended. node0: gone; node1: ready",
    ],
    [
      "anything else is unexpected, with its code",
      Object.assign(new TypeError("x is\n  undefined"), { code: "ERR_X" }),
      "Unexpected error: x is; undefined (ERR_X). Run again with --verbose for the stack.",
    ],
    ["not even an error", "text", "Unexpected error: text. Run again with --verbose for the stack."],
  ])("%s", (_, error, wanted) => {
    expect(explainError(error)).toBe(wanted);
  });
});

test("what a message quotes keeps its lines", () => {
  const message = "A node ended.\n  node0: gone\n    | its log";
  expect(explainWithQuotes(new BaleenError("system", message))).toBe(message);
});

test("stacks are those of an error and of all its causes", () => {
  const cause = new Error("inner", { cause: "the very first" });
  const outer = new BaleenError("system", "outer", { cause });
  expect(formatStacks(outer)).toMatch(
    /^BaleenError: outer\n {4}at [\s\S]*\nCaused by: Error: inner\n {4}at [\s\S]*\nCaused by: the very first$/,
  );
});

describe("preflight", () => {
  const diagnostic = (message: string) => ({ code: "invalid-value", message }) as const;
  const { signal } = new AbortController();

  test("nothing wrong", async () => {
    await expect(preflight([], [async () => []], signal)).resolves.toBeUndefined();
  });

  test("known faults and those of every check are told at once, each once", async () => {
    const failing = async () => {
      throw new BaleenError("locked", "Another run is under way.");
    };
    const refusing = async () => {
      throw new ConfigurationError([diagnostic("d"), diagnostic("e")]);
    };
    const checks = [
      async () => [diagnostic("b"), diagnostic("a")],
      failing,
      async () => [diagnostic("c")],
      refusing,
    ];
    await expect(preflight([diagnostic("a")], checks, signal)).rejects.toMatchObject({
      diagnostics: [
        diagnostic("a"),
        diagnostic("b"),
        { code: "locked", message: "Another run is under way." },
        diagnostic("c"),
        diagnostic("d"),
        diagnostic("e"),
      ],
    });
  });

  test("an abort counts before faults", async () => {
    const reason = new Error("enough");
    await expect(preflight([diagnostic("a")], [], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
