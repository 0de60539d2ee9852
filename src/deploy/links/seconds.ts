/** What a machine's shaper did in a second. */
import type { ShapingSecond } from "../../contracts/links/shaping.ts";
import { systemClock } from "../../core/clock.ts";
import type { SecondReport } from "./session.ts";

/** Reads the reports of one machine: what the kernel dropped is counted since the start there. */
export function openSeconds(host: string | undefined): (report: SecondReport) => ShapingSecond {
  const seen = new Map<string, number>();
  return (report) => {
    const { targets } = report;
    const sum = (key: "lost" | "overflowed" | "cut") =>
      targets.reduce((total, target) => total + target[key], 0);
    let kernelDropped = 0;
    for (const { name, queueDropped, userDropped } of targets) {
      const all = queueDropped + userDropped;
      const before = seen.get(name) ?? 0;
      // A node that was started again has a new queue, which counts from 0.
      kernelDropped += all < before ? all : all - before;
      seen.set(name, all);
    }
    return {
      ...(host === undefined ? {} : { host }),
      atMs: systemClock.monotonicMs(),
      released: report.released,
      ...inMs("lateP50Ms", report.lateP50Us),
      ...inMs("lateP99Ms", report.lateP99Us),
      ...inMs("lateMaxMs", report.lateMaxUs),
      lost: sum("lost"),
      overflowed: sum("overflowed"),
      cut: sum("cut"),
      kernelDropped,
      cpuMs: report.cpuMs ?? 0,
    };
  };
}

function inMs(key: "lateP50Ms" | "lateP99Ms" | "lateMaxMs", us: number | undefined) {
  return us === undefined ? {} : { [key]: us / 1000 };
}
