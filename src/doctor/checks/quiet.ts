/** Whether the machine is left alone, and keeps its pace: what decides if numbers can be believed. */
import { readdir, readFile } from "node:fs/promises";
import type { EnvironmentLimits, HostSecond } from "../../contracts/hosts/host-load.ts";
import { delay } from "../../core/async.ts";
import { openLocalReader } from "../../metrics/hosts/reader.ts";
import { differ } from "../../metrics/hosts/second.ts";
import type { Finding, Judgement } from "../run-checks.ts";

/** What others did in a second without a run, and what the machine had then. */
export type QuietSecond = Omit<HostSecond, "host" | "second">;

const lookMs = 1_000;

/** Looks for a second; nothing else of this program may be under way meanwhile. Empty where the system does not tell. */
export async function readQuietSecond(signal: AbortSignal): Promise<QuietSecond> {
  await using reader = openLocalReader();
  await reader.open();
  const before = await reader.read(reader.own());
  await delay(lookMs, signal);
  const after = await reader.read(reader.own());
  if (before === undefined || after === undefined) return {};
  return differ(before, after, reader.own()) ?? {};
}

const percent = (ratio: number) => `${(Math.max(0, ratio) * 100).toFixed(1)} %`;

export function judgeQuiet(second: QuietSecond, limits: EnvironmentLimits): Judgement {
  const { backgroundRatio, stealRatio, memoryPressureRatio } = second;
  const rows = [
    {
      code: "background-load" as const,
      ratio: backgroundRatio,
      limit: limits.backgroundPercent,
      what: "CPU used by others",
      remedy: "End other programs, or measure later. To see which use the most:",
      command: "top -o %CPU",
    },
    {
      code: "steal" as const,
      ratio: stealRatio,
      limit: limits.stealPercent,
      what: "CPU stolen by the hypervisor",
      remedy: "Other machines share the processors: measure later, or use a machine with cores of its own.",
    },
    {
      code: "memory-pressure" as const,
      ratio: memoryPressureRatio,
      limit: limits.memoryPressurePercent,
      what: "waiting for memory",
      remedy: "End other programs, or measure later. To see which use the most:",
      command: "top -o %MEM",
    },
  ];
  const known = rows.flatMap(({ ratio, ...row }) => (ratio === undefined ? [] : [{ ...row, ratio }]));
  const findings = known
    .filter(({ ratio, limit }) => ratio * 100 > limit)
    .map(({ code, ratio, limit, what, remedy, command }): Finding => {
      const subject = what.replace(/^[a-z]/, (letter) => letter.toUpperCase());
      const message = `${subject}: ${percent(ratio)} of a second without a run. Above ${limit} %, a run is marked as disturbed. ${remedy}`;
      return { severity: "warning", code, message, command };
    });
  const summary = known.map(({ what, ratio }) => `${what} ${percent(ratio)}`).join(", ");
  return { summary: summary || "not reported by this system", findings };
}

/** @param governors of each core, where they are told: "performance", "powersave" */
export function judgePace(governors: readonly string[], frequencyMhz: number | undefined): Judgement {
  const kinds = [...new Set(governors)].sort();
  const clock = frequencyMhz === undefined ? "frequency unknown" : `${frequencyMhz} MHz`;
  const governor = kinds.length === 0 ? "no governor reported" : `governor ${kinds.join(" and ")}`;
  const summary = `${governor}, ${clock}`;
  const moving = kinds.filter((kind) => kind !== "performance");
  if (moving.length === 0) return { summary, findings: [] };
  const message = `The governor ${moving.join(" and ")} lowers the clock frequency when there is little to do, so latencies at low loads are longer than necessary. Keep the frequency up while you measure:`;
  const command = "sudo cpupower frequency-set --governor performance";
  return { summary, findings: [{ severity: "warning", code: "cpu-governor", message, command }] };
}

/** Empty where the system has none: most virtual machines, and macOS. */
export async function readGovernors(): Promise<readonly string[]> {
  const folder = "/sys/devices/system/cpu";
  const cores = (await readdir(folder).catch(() => [])).filter((name) => /^cpu\d+$/.test(name));
  const read = (core: string) =>
    readFile(`${folder}/${core}/cpufreq/scaling_governor`, "utf8").then(
      (text) => [text.trim()],
      () => [],
    );
  return (await Promise.all(cores.map(read))).flat();
}
