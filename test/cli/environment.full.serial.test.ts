/** What a run says of its machine, beside what the system counts of every process: true also where others are busy. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Command, openSetting } from "./setting.ts";

interface RunFile {
  readonly environment: {
    readonly disturbed: boolean;
    readonly reasons: readonly string[];
    readonly hosts: readonly {
      readonly host: string;
      readonly before?: { readonly secs: number; readonly background_mean_percent: number };
      readonly window?: { readonly secs: number; readonly background_mean_percent: number };
    }[];
  };
  readonly nodes: readonly { readonly cpu_secs: number }[];
  readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
}

interface Counted {
  /** CPU ticks of all cores, and of all processes but a command and what it started. */
  readonly total: number;
  readonly others: number;
  readonly burner: number;
}

/** Where a process has ended, its time stands with its parent: what all have used together never falls. */
function count(command: number, burner?: number): Counted {
  const rows = readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = text
        .slice(text.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + field, 0);
      return [{ pid: Number(name), parent: fields[1] ?? 0, ticks }];
    } catch {
      return [];
    }
  });
  const own = new Set([command]);
  for (let size = 0; size !== own.size; ) {
    size = own.size;
    for (const { pid, parent } of rows) if (own.has(parent)) own.add(pid);
  }
  const [, cpu = ""] = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8")) ?? [];
  return {
    total: cpu
      .split(" ")
      .slice(0, 8)
      .map(Number)
      .reduce((sum, ticks) => sum + ticks, 0),
    others: rows.reduce((sum, { pid, ticks }) => sum + (own.has(pid) ? 0 : ticks), 0),
    burner: rows.find(({ pid }) => pid === burner)?.ticks ?? 0,
  };
}

/** Shares of the machine's CPU over a command's measurement window. */
async function countWindow(command: Command, burner?: number) {
  await command.says("measuring");
  const before = count(command.pid, burner);
  await command.says("waiting for outstanding transactions");
  const after = count(command.pid, burner);
  const share = (kind: "others" | "burner") => (after[kind] - before[kind]) / (after.total - before.total);
  return { others: share("others"), burner: share("burner"), ticks: after.total - before.total };
}

const readRun = async (bundle: string, load: number) =>
  JSON.parse(await readFile(join(bundle, `local_benchmark_1_${load}txs.json`), "utf8")) as RunFile;

/** Rows of host-load.csv: second, host and background. */
async function readHostSeconds(bundle: string) {
  const lines = (await readFile(join(bundle, "host-load.csv"), "utf8")).trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [, second, host, , background] = line.split(",");
    return { second: Number(second), host, background: Number(background) };
  });
}

/** A process that uses all that it gets of one core. */
function startBurner() {
  const child = spawn(process.execPath, ["-e", "for (;;) {}"], { stdio: "ignore" });
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

describe.skipIf(platform() !== "linux")("the environment of a run (Linux alone tells)", () => {
  test("holds none of the CPU that nodes and generator used, and what all others used", async () => {
    await using setting = await openSetting();
    const limits = ["background", "steal", "memory-pressure"].map((name) => `--${name}-limit=100`);
    const args = ["--loads=500", "--duration=8", "--warm-up=2", "--strict-environment", ...limits];
    const command = setting.start("benchmark", args);
    const counted = await countWindow(command);
    const { code, stdout } = await command.ended;
    expect(code).toBe(0);
    const bundle = await setting.bundle();
    const { environment, nodes } = await readRun(bundle, 500);
    const [here, ...more] = environment.hosts;
    expect([here?.host, here?.before?.secs, more]).toEqual(["coordinator", 1, []]);
    const background = Number(here?.window?.background_mean_percent) / 100;
    expect(background).toBeGreaterThan(counted.others - 0.1);
    expect(background).toBeLessThan(counted.others + 0.1);
    // That is no matter of course: the nodes alone have used so much.
    const cpuSecs = nodes.reduce((sum, node) => sum + node.cpu_secs, 0);
    expect((cpuSecs * 100) / counted.ticks).toBeGreaterThan(0.1);
    expect(environment).toMatchObject({ disturbed: false, reasons: [] });
    expect(stdout).toContain("\nENVIRONMENT: no limit was exceeded for long\n");

    const rows = await readHostSeconds(bundle);
    expect(new Set(rows.map(({ host }) => host))).toEqual(new Set(["coordinator"]));
    expect(rows[0]?.second).toBeLessThan(-2);
    const seconds = rows.map(({ second }) => second);
    expect(seconds).toEqual([...new Set(seconds)].sort((a, b) => a - b));
    // Every figure can be computed again from the rows.
    const window = rows.filter(({ second }) => second >= 0 && second < 8);
    expect(window).toHaveLength(Number(here?.window?.secs));
    const mean = window.reduce((sum, row) => sum + row.background, 0) / window.length;
    expect(mean * 100).toBeCloseTo(background * 100, 2);
    await setting.expectNothingLeft();
  });

  test("shows who burns a core beside it, and fails where it must be strict", async () => {
    await using setting = await openSetting();
    await using burner = startBurner();
    // One core of many is a small share of the machine.
    const args = [
      "--loads=100",
      "--duration=6",
      "--warm-up=0",
      "--strict-environment",
      "--background-limit=1",
    ];
    const command = setting.start("benchmark", args);
    const counted = await countWindow(command, burner.pid);
    const { code, stdout } = await command.ended;
    expect(code).toBe(3);
    const { environment, verdict } = await readRun(await setting.bundle(), 100);
    const background = Number(environment.hosts[0]?.window?.background_mean_percent) / 100;
    expect(counted.burner).toBeGreaterThan(0);
    expect(background).toBeGreaterThan(counted.burner - 0.15);
    expect(background).toBeGreaterThan(counted.others - 0.15);
    expect(background).toBeLessThan(counted.others + 0.15);
    expect(environment.disturbed).toBe(true);
    expect(environment.reasons.join()).toMatch(/^coordinator: background CPU above 1 % in \d of \d s, /);
    expect(verdict.status).toBe("invalid");
    expect(verdict.reasons.join("\n")).toContain(
      "the machines were disturbed: coordinator: background CPU above 1 % in ",
    );
    expect(stdout).toContain("\nENVIRONMENT: DISTURBED: other programs affected these numbers\n");
    expect(stdout).toMatch(/ invalid \*\n(.*\n)*"\*": the machines were disturbed/);
    await setting.expectNothingLeft();
  });
});
