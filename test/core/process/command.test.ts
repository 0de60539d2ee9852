import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundCommand,
  CommandError,
  type CommandOptions,
  formatArgv,
  runCommand,
} from "../../../src/core/process/command.ts";
import { eventually, untilGone } from "../../support/processes.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const node = process.execPath;
const limits = { timeoutMs: 20_000 };

function runScript(script: string, options: Partial<CommandOptions> = {}) {
  return runCommand([node, "-e", script], { ...limits, ...options });
}

async function failureOf(running: Promise<unknown>): Promise<CommandError> {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CommandError)) throw new Error("Not a CommandError", { cause: error });
  return error;
}

/** The pid that a command wrote to a file. */
function readPid(file: string): Promise<number> {
  return eventually(`a pid in ${file}`, async () => {
    return Number(await readFile(file, "utf8").catch(() => "")) || undefined;
  });
}

describe("a command that ends", () => {
  test("gives its output and its exit code", async () => {
    const result = await runScript("process.stdout.write('out é'); process.stderr.write('err')");
    expect(result).toEqual({ exitCode: 0, stdout: "out é", stderr: "err" });
  });

  test("gets its arguments as they are: there is no shell", async () => {
    const words = ["$HOME", "`id`", "a b", "'", '"', "\\", "*", ";", "\n", ""];
    const argv = [node, "-e", "process.stdout.write(JSON.stringify(process.argv.slice(1)))", ...words];
    expect(JSON.parse((await runCommand(argv, limits)).stdout)).toEqual(words);
  });

  test("sees the environment that it is given, and no other", async () => {
    const script = "process.stdout.write(JSON.stringify(process.env))";
    const { stdout } = await runScript(script, { env: { ONLY: "this", NOT: undefined } });
    expect(JSON.parse(stdout)).toEqual({ ONLY: "this" });
  });

  test("reads its input and works in its folder", async () => {
    await using folder = await openTemporaryFolder();
    const script = "process.stdin.pipe(process.stdout); process.stderr.write(process.cwd())";
    const result = await runScript(script, { input: "x".repeat(200_000), cwd: folder.path });
    expect(result.stdout).toBe("x".repeat(200_000));
    expect(result.stderr).toBe(folder.path);
  });

  test("may leave its input unread", async () => {
    const result = await runScript("process.exit(0)", { input: "x".repeat(1_000_000) });
    expect(result.exitCode).toBe(0);
  });
});

describe("a command that fails", () => {
  test("is told with its exit code and the end of its standard error", async () => {
    const error = await failureOf(runScript("console.error('no such volume'); process.exit(7)"));
    expect(error).toMatchObject({ code: "command", reason: "exit", exitCode: 7, signal: undefined });
    expect(error.stderrTail).toBe("no such volume\n");
    expect(error.message).toMatch(/failed with exit code 7: no such volume$/);
  });

  test("is a result where that is allowed", async () => {
    const result = await runScript("process.exit(7)", { allowFailure: true });
    expect(result.exitCode).toBe(7);
  });

  test("is told with the signal that ended it", async () => {
    const script = "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)";
    const error = await failureOf(runScript(script, { allowFailure: true }));
    expect(error).toMatchObject({ reason: "exit", exitCode: undefined, signal: "SIGKILL" });
  });

  test("shows only the last part of a long standard error", async () => {
    const script = "console.error('a'.repeat(100_000) + 'last'); process.exitCode = 1";
    const error = await failureOf(runScript(script, { maxOutputBytes: 1000 }));
    expect(error.stderrTail.length).toBeLessThanOrEqual(1000);
    expect(error.stderrTail).toMatch(/aaalast\n$/);
  });
});

describe("a command that cannot be started", () => {
  test("is not found", async () => {
    const error = await failureOf(
      runCommand(["no-such-program", "x"], { ...limits, env: { PATH: "/usr/bin" } }),
    );
    expect(error.reason).toBe("not-found");
    expect(error.message).toBe("no-such-program x cannot be started: no-such-program not found");
  });

  test("has no folder to work in", async () => {
    const error = await failureOf(runScript("", { cwd: "/no/such/folder" }));
    expect(error.reason).toBe("not-startable");
    expect(error.message).toMatch(/\/no\/such\/folder: no such folder/);
  });

  test("is not executable", async () => {
    await using folder = await openTemporaryFolder();
    const file = join(folder.path, "plain.txt");
    await writeFile(file, "", { mode: 0o600 });
    const error = await failureOf(runCommand([file], limits));
    expect(error.message).toMatch(/no permission to execute/);
  });

  test("has no arguments that a program can get", async () => {
    const error = await failureOf(runCommand([node, "a\0b"], limits));
    expect(error.reason).toBe("not-startable");
  });

  test("meets too many open files, and that is said plainly", async () => {
    const program = new URL("../../support/open-many-files.ts", import.meta.url).pathname;
    const argv = ["/bin/sh", "-c", 'ulimit -n 128; exec "$0" "$1"', node, program];
    const { stdout } = await runCommand(argv, limits);
    expect(JSON.parse(stdout)).toEqual({
      reason: "too-many-open-files",
      message: "/bin/true cannot be started: too many open files. Raise the limit (ulimit -n)",
    });
  });
});

describe("a command that is given up", () => {
  const parent = `
    const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
    require("node:fs").writeFileSync(process.env.PID_FILE, String(child.pid));
    setInterval(() => {}, 1000);`;

  test("is ended with all that it started when its time is over", async () => {
    await using folder = await openTemporaryFolder();
    const file = join(folder.path, "pid");
    const error = await failureOf(runScript(parent, { timeoutMs: 1500, env: { PID_FILE: file } }));
    expect(error.reason).toBe("timeout");
    expect(error.message).toMatch(/did not end within 1.5 s$/);
    await untilGone(await readPid(file));
  });

  test("is ended with all that it started on abort, whose reason is thrown", async () => {
    await using folder = await openTemporaryFolder();
    const file = join(folder.path, "pid");
    const stop = new AbortController();
    const running = runScript(parent, { signal: stop.signal, env: { PID_FILE: file } });
    const pid = await readPid(file);
    const reason = new Error("interrupted");
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    await untilGone(pid);
  });

  test("is not even started after an abort", async () => {
    await expect(
      runCommand(["no-such-program"], { ...limits, signal: AbortSignal.abort("why") }),
    ).rejects.toBe("why");
  });

  test("is killed where it does not listen to SIGTERM", async () => {
    const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
    const startMs = performance.now();
    const error = await failureOf(runScript(script, { timeoutMs: 1000 }));
    expect(error.reason).toBe("timeout");
    expect(performance.now() - startMs).toBeGreaterThan(2900);
  });

  test("is ended when it writes without end", async () => {
    const script = "setInterval(() => process.stdout.write('y'.repeat(65536)), 0)";
    const error = await failureOf(runScript(script, { maxOutputBytes: 1_000_000 }));
    expect(error.reason).toBe("output-limit");
    expect(error.message).toMatch(/wrote more than 1000000 bytes/);
  });
});

describe("an argv for people", () => {
  test("is read by a shell as what it is", async () => {
    const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 6 }), async (words) => {
        const script = `printf '%s\\0' ${formatArgv(words)}`;
        const { stdout } = await runCommand(["/bin/sh", "-c", script], limits);
        expect(stdout.split("\0").slice(0, -1)).toEqual(words);
      }),
      { numRuns: 50 },
    );
  });

  test("leaves plain words plain", () => {
    expect(formatArgv(["docker", "compose", "-f", "/a/b c.yml"])).toBe("docker compose -f '/a/b c.yml'");
  });
});

test("output in too many pieces is a flood, however small they are", () => {
  using bounds = boundCommand(["talk"], { timeoutMs: 60_000, maxPieces: 3 });
  for (let piece = 0; piece < 3; piece++) bounds.takeStdout(Buffer.from("x"));
  expect(bounds.signal.aborted).toBe(false);
  bounds.takeStderr(Buffer.from("x"));
  expect(bounds.signal.reason).toMatchObject({ reason: "output-limit" });
  expect(String(bounds.signal.reason)).toContain("wrote its output in more than 3 pieces");
});
