import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  BaleenError,
  ConfigurationError,
  describeError,
  InvalidArgumentError,
  systemCode,
  TimeoutError,
} from "../../src/core/errors.ts";

describe("our errors", () => {
  test("carry name, code, message and cause", () => {
    const cause = new Error("below");
    const error = new InvalidArgumentError("Not so.", { cause });
    expect(error).toBeInstanceOf(BaleenError);
    expect(error).toMatchObject({
      name: "InvalidArgumentError",
      code: "invalid-argument",
      message: "Not so.",
      cause,
    });
    expect(new TimeoutError("Late.", 50)).toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      timeoutMs: 50,
    });
  });

  test("of the configuration hold all faults, a line each", () => {
    const diagnostics = [
      { code: "unknown-option", message: "No such flag." } as const,
      { code: "invalid-value", message: "Not a load." } as const,
    ];
    const error = new ConfigurationError(diagnostics);
    expect(error.diagnostics).toEqual(diagnostics);
    expect(error.message).toBe("No such flag.\nNot a load.");
  });
});

describe("describeError", () => {
  const chain = new Error("top", { cause: new Error("middle", { cause: "bottom" }) });
  test.each([
    ["an error", new Error("plain"), "plain"],
    ["its causes", chain, "top: middle: bottom"],
    [
      "a cause that the message holds already",
      new Error("top: low", { cause: new Error("low") }),
      "top: low",
    ],
    ["an error without a message", new RangeError(), "RangeError"],
    ["no error at all", "text", "text"],
    ["undefined", undefined, "undefined"],
  ])("%s", (_, error, text) => {
    expect(describeError(error)).toBe(text);
  });
});

describe("systemCode", () => {
  test("is found in the error and in its causes", async () => {
    const error = await readFile("/no/such/file").catch((reason: unknown) => reason);
    expect(systemCode(error)).toBe("ENOENT");
    expect(systemCode(new InvalidArgumentError("x", { cause: new Error("y", { cause: error }) }))).toBe(
      "ENOENT",
    );
  });

  test.each([new Error("plain"), new BaleenError("timeout", "our code is none"), "ENOENT", undefined])(
    "is not found in %s",
    (error) => {
      expect(systemCode(error)).toBeUndefined();
    },
  );
});
