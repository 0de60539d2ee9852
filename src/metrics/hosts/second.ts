import type { HostSecond, NodeSecond, OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { type MachineSample, ticksPerSecond } from "./sample.ts";

/** Shorter times are too short for counters of a hundredth of a second. */
const shortestSecs = 0.1;

/**
 * What went on on a machine between two samples of it. Ratios have four decimals, so that what is computed from these
 * figures can be computed again from the published rows.
 *
 * @param own the run's processes there, as they were at the second sample; undefined: nobody could say
 * @returns undefined where the samples tell nothing: too close, or the machine was started again between them
 */
export function differ(
  before: MachineSample,
  after: MachineSample,
  own: readonly OwnProcess[] | undefined,
): Omit<HostSecond, "host" | "second"> | undefined {
  const secs = after.uptimeSecs - before.uptimeSecs;
  if (!(secs >= shortestSecs)) return undefined;
  return {
    ...cpuShares(before, after, own),
    frequencyMhz: after.frequencyMhz === undefined ? undefined : Math.round(after.frequencyMhz),
    memoryAvailableBytes: after.memoryAvailableBytes,
    memoryPressureRatio: stallShare(before, after, secs),
    networkBytesPerSec: networkRate(before, after, secs),
  };
}

/** What the run's nodes used between two samples, of those that were seen in the second one. */
export function differNodes(
  before: MachineSample,
  after: MachineSample,
  own: readonly OwnProcess[],
): readonly NodeSecond[] {
  const secs = after.uptimeSecs - before.uptimeSecs;
  const found = new Map<NodeName, NodeSums>();
  for (const process of own) {
    const { node, pid } = process;
    const now = after.processes.get(pid);
    if (node === undefined || now === undefined || !isThatOfItsContainer(process, after)) continue;
    const earlier = before.processes.get(pid);
    const known = earlier?.startTicks === now.startTicks && secs >= shortestSecs ? earlier : undefined;
    // A node may be several processes.
    const sum = found.get(node) ?? {};
    // Files and shared memory count once, with the first of them.
    const memoryBytes = found.has(node) ? (now.anonymousBytes ?? now.memoryBytes) : now.memoryBytes;
    add(sum, "memoryBytes", memoryBytes);
    add(sum, "usedSecs", known && (now.cpuTicks - known.cpuTicks) / ticksPerSecond);
    for (const calls of ["reads", "writes"] as const) add(sum, calls, increase(known?.[calls], now[calls]));
    found.set(node, sum);
  }
  return [...found].map(([node, { usedSecs, memoryBytes, reads, writes }]) => ({
    ...{ node, memoryBytes, reads, writes },
    cpuRatio: usedSecs && fourDecimals(usedSecs / secs),
  }));
}

type NodeSums = Partial<Record<"usedSecs" | "memoryBytes" | "reads" | "writes", number>>;

function add(sum: NodeSums, name: keyof NodeSums, value: number | undefined): void {
  if (value !== undefined) sum[name] = (sum[name] ?? 0) + value;
}

const increase = (before: number | undefined, after: number | undefined) =>
  before === undefined || after === undefined ? undefined : Math.max(0, after - before);

const fourDecimals = (value: number) => Math.round(value * 1e4) / 1e4 + 0;
const shareOf = (part: number, whole: number) => fourDecimals(Math.min(1, Math.max(0, part / whole)));

/** Busy is what was neither idle nor kept by the hypervisor, of the time that passed. */
function cpuShares(before: MachineSample, after: MachineSample, own: readonly OwnProcess[] | undefined) {
  if (before.cpu === undefined || after.cpu === undefined) return {};
  const { cores } = after.cpu;
  const idle = after.cpu.idle - before.cpu.idle;
  const steal = after.cpu.steal - before.cpu.steal;
  // Counters of a machine whose cores come and go have been seen to step back.
  if (cores !== before.cpu.cores || idle < 0 || steal < 0) return {};
  const total = (after.uptimeSecs - before.uptimeSecs) * ticksPerSecond * cores;
  const busy = total - idle - steal;
  const ours = own && ownTicks(before, after, own);
  return {
    busyRatio: shareOf(busy, total),
    backgroundRatio: ours === undefined ? undefined : fourDecimals(Math.min(1, (busy - ours) / total)),
    stealRatio: shareOf(steal, total),
  };
}

/** CPU time of the run's processes; undefined where a part of it cannot be known. */
function ownTicks(
  before: MachineSample,
  after: MachineSample,
  own: readonly OwnProcess[],
): number | undefined {
  // One that has ended took what it used last along.
  for (const [pid, { startTicks }] of before.processes) {
    if (after.processes.get(pid)?.startTicks !== startTicks) return undefined;
  }
  let sum = 0;
  // One can be named twice, as what serves a node and as what we came by.
  for (const process of new Map(own.map((each) => [each.pid, each])).values()) {
    const now = after.processes.get(process.pid);
    if (now === undefined || !isThatOfItsContainer(process, after)) return undefined;
    const earlier = before.processes.get(process.pid);
    const known = earlier?.startTicks === now.startTicks ? earlier : undefined;
    // One that is new to us is known from its beginning only where it began since the last look.
    if (known === undefined && now.startTicks < before.uptimeSecs * ticksPerSecond) return undefined;
    sum += now.cpuTicks - (known?.cpuTicks ?? 0);
    if (process.withChildren) sum += now.childTicks - (known?.childTicks ?? 0);
  }
  return sum;
}

/** An engine that runs in a virtual machine numbers the processes there, and here that number is another's. */
function isThatOfItsContainer({ pid, containerId }: OwnProcess, { cgroups }: MachineSample): boolean {
  return containerId === undefined || cgroups.get(pid)?.includes(containerId) === true;
}

function stallShare(before: MachineSample, after: MachineSample, secs: number): number | undefined {
  if (before.memoryStallUs === undefined || after.memoryStallUs === undefined) return undefined;
  return shareOf(after.memoryStallUs - before.memoryStallUs, secs * 1e6);
}

/** Interfaces that were there both times; one whose counter began again has no figure for this time. */
function networkRate(before: MachineSample, after: MachineSample, secs: number): number | undefined {
  let known: number | undefined;
  for (const [name, bytes] of after.networkBytes) {
    const earlier = before.networkBytes.get(name);
    if (earlier !== undefined && bytes >= earlier) known = (known ?? 0) + bytes - earlier;
  }
  return known === undefined ? undefined : Math.round(known / secs);
}
