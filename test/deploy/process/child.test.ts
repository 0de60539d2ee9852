import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CommandError } from "../../../src/core/process/command.ts";
import { readProcess } from "../../../src/core/process/processes.ts";
import { type Child, type ChildOptions, startChild } from "../../../src/deploy/process/child.ts";
import { eventually, untilGone } from "../../support/processes.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

/** Starts a script of JavaScript in a folder of its own. */
async function startScript(script: string, options: Partial<ChildOptions> = {}) {
  const folder = await openTemporaryFolder();
  const child = await startChild({
    argv: [process.execPath, "-e", script],
    env: {},
    cwd: folder.path,
    logFile: join(folder.path, "node.log"),
    ...options,
  });
  return {
    child,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => {
      await child.stop({ graceMs: 2000 });
      await folder[Symbol.asyncDispose]();
    },
  };
}

function untilSaid(child: Child, text: string): Promise<string> {
  return eventually(`"${text}" in the log`, async () => {
    const tail = await child.tail(100);
    return tail.includes(text) ? tail : undefined;
  });
}

const idle = "setInterval(() => {}, 1000); console.log('up');";

describe("a child", () => {
  test("writes both outputs to its log and tells its exit code", async () => {
    await using run = await startScript("console.log('out'); console.error('err'); process.exitCode = 3");
    expect(await run.child.exited).toEqual({ exitCode: 3, signal: null });
    expect(run.child.exit()).toEqual({ exitCode: 3, signal: null });
    expect((await run.child.tail(10)).split("\n").sort()).toEqual(["err", "out"]);
    expect(await run.child.tail(1)).not.toContain("\n");
    expect(await run.child.usage()).toBeUndefined();
  });

  test("has its whole last output in the tail once it has ended", async () => {
    const script = "for (let i = 0; i < 20_000; i++) console.log('line ' + i)";
    await using run = await startScript(script);
    await run.child.exited;
    expect(await run.child.tail(2)).toBe("line 19998\nline 19999");
  });

  test("tells the signal that ended it", async () => {
    await using run = await startScript(idle);
    await untilSaid(run.child, "up");
    process.kill(run.child.pid, "SIGKILL");
    expect(await run.child.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  test("cannot fill the disk", async () => {
    const script =
      "const s = 'x'.repeat(1000) + '\\n'; for (let i = 0; i < 3000; i++) process.stdout.write(s);";
    await using run = await startScript(`${script} console.log('end')`, { logLimitBytes: 400_000 });
    await run.child.exited;
    expect((await run.child.tail(1)).trim()).toBe("end");
    const logs = (await readdir(run.folder)).filter((name) => name.startsWith("node.log"));
    const sizes = await Promise.all(logs.map(async (name) => (await stat(join(run.folder, name))).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(400_000);
  });

  test.runIf(platform() === "linux")("lives on when the disk is full", async () => {
    const script = "console.log('lost'); setTimeout(() => process.exit(5), 200)";
    await using run = await startScript(script, { logFile: "/dev/full" });
    expect(await run.child.exited).toMatchObject({ exitCode: 5 });
  });

  test("that cannot be started is told as such", async () => {
    await using folder = await openTemporaryFolder();
    const options = { env: {}, cwd: folder.path, logFile: join(folder.path, "node.log") };
    const starting = startChild({ argv: ["/no/such/program"], ...options });
    await expect(starting).rejects.toThrow(/\/no\/such\/program not found/);
    await expect(startChild({ argv: ["/etc"], ...options })).rejects.toBeInstanceOf(CommandError);
  });
});

describe("stopping", () => {
  test("lets it end by itself", async () => {
    const script = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); ${idle}`;
    await using run = await startScript(script);
    await untilSaid(run.child, "up");
    await run.child.stop({ graceMs: 10_000 });
    expect(run.child.exit()).toEqual({ exitCode: 0, signal: null });
    expect(await run.child.tail(1)).toBe("bye");
  });

  test("kills after the grace what does not listen", async () => {
    await using run = await startScript(`process.on('SIGTERM', () => {}); ${idle}`);
    await untilSaid(run.child, "up");
    const startMs = performance.now();
    await run.child.stop({ graceMs: 300 });
    expect(run.child.exit()).toEqual({ exitCode: null, signal: "SIGKILL" });
    expect(performance.now() - startMs).toBeGreaterThan(295);
  });

  test("reaches the whole group", async () => {
    const script = `const c = require('node:child_process').spawn('/bin/sleep', ['600'], { stdio: 'inherit' });
      console.log('pid=' + c.pid); setInterval(() => {}, 1000);`;
    await using run = await startScript(script);
    const tail = await untilSaid(run.child, "pid=");
    const pid = Number(/pid=(\d+)/.exec(tail)?.[1]);
    expect(await readProcess(pid)).toBeDefined();
    await run.child.kill();
    await untilGone(pid);
  });

  test("ends a paused one, and an ended one again", async () => {
    await using run = await startScript(idle);
    await untilSaid(run.child, "up");
    run.child.pause();
    expect(run.child.paused()).toBe(true);
    await run.child.stop({ graceMs: 10_000 });
    expect(run.child.exit()).toEqual({ exitCode: null, signal: "SIGTERM" });
    expect(run.child.paused()).toBe(false);
    await run.child.stop({ graceMs: 10 });
    await run.child.kill();
  });
});

describe("watching", () => {
  test("a paused one does nothing, a resumed one goes on", async () => {
    await using run = await startScript("let n = 0; setInterval(() => console.log('tick ' + n++), 5)");
    await untilSaid(run.child, "tick 3");
    run.child.pause();
    // What it wrote before arrives first; then two reads some time apart are equal.
    let before = await run.child.tail(1);
    const still = await eventually("silence", async () => {
      const now = await new Promise<string>((resolve) => setTimeout(() => resolve(run.child.tail(1)), 100));
      const same = now === before;
      before = now;
      return same ? now : undefined;
    });
    run.child.resume();
    await eventually("further ticks", async () => ((await run.child.tail(1)) === still ? undefined : true));
  });

  test("CPU time and memory are those of the child", async () => {
    const script = `const big = Buffer.alloc(150e6, 1); while (process.cpuUsage().user < 0.5e6) {} 
      console.log('cpu=' + process.cpuUsage().user, big.length); setInterval(() => {}, 1000)`;
    await using run = await startScript(script);
    await untilSaid(run.child, "cpu=");
    const usage = await run.child.usage();
    expect(usage?.cpuSecs).toBeGreaterThan(0.45);
    expect(usage?.cpuSecs).toBeLessThan(5);
    expect(usage?.memoryBytes).toBeGreaterThan(150e6);
  });
});

describe("the life line", () => {
  test("ends the child when the process that started it is killed", async () => {
    await using folder = await openTemporaryFolder();
    const program = new URL("../../support/start-child.ts", import.meta.url).pathname;
    const parent = spawn(process.execPath, [program, folder.path], { stdio: "inherit" });
    const parentEnd = once(parent, "exit");
    const pid = await eventually("the child's pid", async () => {
      return Number(await readFile(join(folder.path, "up"), "utf8").catch(() => "")) || undefined;
    });
    expect(await readProcess(pid)).toBeDefined();
    parent.kill("SIGKILL");
    await parentEnd;
    await untilGone(pid);
  });
});
