import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { startPipedChild } from "../../../src/core/process/piped-child.ts";
import { readProcess } from "../../../src/core/process/processes.ts";
import { eventually } from "../../support/processes.ts";

const start = (script: string) => startPipedChild({ argv: [process.execPath, "-e", script], env: {} });

describe("a program that is spoken with", () => {
  test("answers over its standard streams, and ends with its input", async () => {
    const child = await start("process.stdin.pipe(process.stdout)");
    child.stdin.write("hello");
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    expect(chunk.toString()).toBe("hello");
    await child.stop({ graceMs: 20_000 });
    expect(await child.ended).toEqual({ exitCode: 0, signal: null, stderrTail: "" });
  });

  test("tells how it ended, with what it wrote to standard error", async () => {
    const child = await start('process.stderr.write("no memory"); process.exit(3)');
    child.stdout.resume();
    expect(await child.ended).toEqual({ exitCode: 3, signal: null, stderrTail: "no memory" });
  });

  test("is killed where the end of its input is nothing to it", async () => {
    const child = await start('setInterval(() => {}, 1000); process.stdout.write("up")');
    await once(child.stdout, "data");
    child.stdout.resume();
    await child.stop({ graceMs: 10 });
    expect((await child.ended).signal).toBe("SIGKILL");
    await eventually("its end", async () =>
      (await readProcess(child.pid)) === undefined ? true : undefined,
    );
  });

  test("is told to be missing where it is", async () => {
    await expect(startPipedChild({ argv: ["/nowhere/at-all"], env: {} })).rejects.toThrow(
      "/nowhere/at-all cannot be started",
    );
  });
});
