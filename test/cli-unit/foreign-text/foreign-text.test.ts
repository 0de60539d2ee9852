/** What others wrote reaches no terminal as it is: from wherever it comes, by whichever output it goes. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTemporaryFolder, type TemporaryFolder } from "../../results/temporary-folder.ts";
import { spawnOnTerminal, whyNoPseudoTerminal } from "../../support/pseudo-terminal.ts";
import { farPlaces } from "./far-places.ts";
import { outputs } from "./outputs.ts";
import { places } from "./places.ts";
import { heading, poison, poisonous } from "./poison.ts";

test("what is looked for is in the text", () => {
  for (const part of ["\x1b]", "\x1b[2J", "\x07", "\u009b", "\u202e", "\u2066", "\nFORGED"]) {
    expect(poison("tag")).toContain(part);
    expect(part).toMatch(poisonous);
  }
});

describe.skipIf(whyNoPseudoTerminal !== undefined)(`on a terminal ${whyNoPseudoTerminal ?? ""}`, () => {
  let folder: TemporaryFolder;
  /** What came to the screen, by case. */
  const shown = new Map<string, string>();

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    const command = [process.execPath, join(import.meta.dirname, "terminal-process.ts"), folder.path];
    await using terminal = await spawnOnTerminal(command, { cols: 200, env: { HOME: folder.path } });
    for (const [index, { name, asks }] of outputs.entries()) {
      if (asks !== true) continue;
      await terminal.expect(heading(name));
      await terminal.expect(`output${index}.`);
      terminal.send("\r");
    }
    await terminal.expect(heading("end"));
    const [, ...parts] = terminal
      .screen()
      .replaceAll("\r\n", "\n")
      .split(/^=== (.+) ===\n/m);
    for (let at = 0; at + 1 < parts.length; at += 2) shown.set(parts[at] ?? "", parts[at + 1] ?? "");
  }, 180_000);
  afterAll(() => folder[Symbol.asyncDispose]());

  test.each([...places, ...farPlaces].map((place, index) => ({ ...place, index })))(
    "$name",
    ({ name, index, silent }) => {
      const screen = shown.get(name);
      if (silent !== true) expect(screen).toContain(`place${index}.`);
      else expect(screen?.trim()).toBeTruthy();
      expect(screen).not.toMatch(poisonous);
    },
  );

  test.each(outputs.map((output, index) => ({ ...output, index })))("$name", ({ name, index }) => {
    const screen = shown.get(name);
    expect(screen).toContain(`output${index}.`);
    expect(screen).not.toMatch(poisonous);
  });
});
