import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "node:os";
import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { ownPid, parseProcStat, parsePs, readProcess } from "../../../src/core/process/processes.ts";

describe("a process", () => {
  test("is described: start, CPU time, memory", async () => {
    const before = await readProcess(ownPid);
    if (before === undefined) throw new Error("This process is not found.");
    expect(before.memoryBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(before.memoryBytes).toBeLessThan(16 * 1024 * 1024 * 1024);
    const cpu = process.cpuUsage();
    const usedSecs = await until(
      async () => {
        for (let i = 0; i < 1e6; i++) Math.sqrt(i);
        const more = process.cpuUsage(cpu);
        const used = (more.user + more.system) / 1e6;
        return used > 0.3 ? used : undefined;
      },
      { timeoutMs: 20_000, everyMs: 1, describe: () => "no CPU time to be had" },
    );
    const after = await readProcess(ownPid);
    expect(after?.start).toBe(before.start);
    // Ticks of 10 ms, read a little later than our own measure.
    expect(Math.abs((after?.cpuSecs ?? 0) - before.cpuSecs - usedSecs)).toBeLessThan(0.15);
  });

  test("is gone once it has ended", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    expect(await readProcess(child.pid ?? 0)).toBeUndefined();
  });

  test("is gone, too, while nobody has reaped it", async () => {
    const child = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      await until(async () => ((await readProcess(pid)) === undefined ? true : undefined), {
        timeoutMs: 5000,
        everyMs: 10,
        describe: () => `zombie ${pid} counts as running`,
      });
      // It still is there: the pid can be signalled.
      expect(process.kill(pid, 0)).toBe(true);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test.runIf(platform() === "linux")("that starts later has another start", async () => {
    const child = spawn("/bin/sleep", ["60"]);
    try {
      const own = await readProcess(ownPid);
      const other = await readProcess(child.pid ?? 0);
      expect(other?.start).not.toBe(own?.start);
      // Boot, then ticks since then.
      expect(other?.start).toMatch(/^[0-9a-f-]{36}\/\d+$/);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("/proc/<pid>/stat", () => {
  const rest = "1 77 77 0 -1 4194560 10 0 0 0 250 50 3 4 20 0 11 0 123456 700000 9000 18446744073709551615";

  test.each([
    ["a plain name", "77 (node) S "],
    ["a name with brackets and blanks", "77 (a) R (b c) S "],
    ["a name with a newline", "77 (a\nb) T "],
  ])("%s", (_, start) => {
    expect(parseProcStat(start + rest)).toEqual({
      startTicks: 123456,
      cpuTicks: 300,
      childTicks: 7,
      group: 77,
      session: 77,
    });
  });

  test.each([
    ["a zombie", `77 (node) Z ${rest}`],
    ["a dead process", `77 (node) X ${rest}`],
    ["an empty text", ""],
    ["a text that was cut", "77 (node) S 1 77"],
  ])("%s is no process", (_, text) => {
    expect(parseProcStat(text)).toBeUndefined();
  });
});

describe("ps of macOS", () => {
  test("is read", () => {
    expect(parsePs("Ss   Thu Nov 21 11:00:01 2024       1:02.50  10240\n")).toEqual({
      start: "Thu Nov 21 11:00:01 2024",
      cpuSecs: 62.5,
      memoryBytes: 10_485_760,
    });
    expect(parsePs("S+   Fri Nov  1 01:00:01 2024   1:01:02.00  4\n")).toMatchObject({
      start: "Fri Nov 1 01:00:01 2024",
      cpuSecs: 3662,
    });
  });

  test.each(["", "Z    Thu Nov 21 11:00:01 2024   0:00.00  0\n"])("no process in %j", (text) => {
    expect(parsePs(text)).toBeUndefined();
  });
});
