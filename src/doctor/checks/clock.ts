/** The machine's clock. */
import { readFile } from "node:fs/promises";
import type { Diagnosis, Finding } from "./diagnosis.ts";
import { byRoot, type MachineFacts } from "./docker.ts";

export interface ClockSources {
  /** What the kernel reads the time from: "tsc"; undefined where it is not told. */
  readonly current: string | undefined;
  readonly available: readonly string[];
}

/** Sources that are read without a call to the kernel, the best first. */
const fastSources = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"];
/** Sources known to be slow: reading one takes a microsecond or more, each time. */
const slowSources = ["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"];

const folder = "/sys/devices/system/clocksource/clocksource0";

export function judgeClock({ current, available }: ClockSources, facts: MachineFacts): Diagnosis {
  const findings: Finding[] = [];
  if (current !== undefined && slowSources.includes(current)) {
    const better = fastSources.find((source) => available.includes(source));
    const remedy = better === undefined ? "Use another machine for precise figures." : `Take ${better}:`;
    const command =
      better === undefined ? undefined : `echo ${better} | sudo tee ${folder}/current_clocksource`;
    const message = `The kernel reads the time from ${current}, which takes a microsecond and more each time. ${remedy}`;
    findings.push({ severity: "warning", code: "clock-source", message, command });
  }
  const isSynchronized = facts?.clockSynchronized;
  if (isSynchronized === false) {
    const message =
      "Nothing keeps the clock right, so that times of logs and of other hosts may not match this machine's. Let it be kept:";
    const command = byRoot(["timedatectl", "set-ntp", "true"], facts);
    findings.push({ severity: "warning", code: "clock-not-synchronized", message, command });
  }
  const kept =
    isSynchronized === undefined
      ? "synchronization not told"
      : isSynchronized
        ? "synchronized"
        : "not synchronized";
  return { name: "Clock", summary: `source ${current ?? "not told"}, ${kept}`, findings };
}

export async function readClockSources(): Promise<ClockSources> {
  const read = async (name: string) => (await readFile(`${folder}/${name}`, "utf8").catch(() => "")).trim();
  const [current, available] = await Promise.all([
    read("current_clocksource"),
    read("available_clocksource"),
  ]);
  return { current: current === "" ? undefined : current, available: available.split(" ") };
}
