/**
 * What the link shaper (`nfqueue`) costs: CPU time by packet and by Gbit, and how late it releases packets.
 *
 *     node benchmarks/suite/shaper.ts [--help]
 *
 * Needs Linux, root, ip and iptables. Two network namespaces on one bridge, the same delay in both directions: small
 * packets of UDP at each rate, then one TCP stream. CPU time is that of the thread that shapes, from `/proc`, so that
 * senders and receivers are no part of it. Progress goes to standard error, tables (Markdown) to standard output.
 */
import { readdirSync, readFileSync } from "node:fs";
import { unshaped } from "../../src/contracts/links/shape.ts";
import { addressOf, median, ShapedNodes, startShaper } from "../../test/shaper/shaped-nodes.ts";
import { number, numbers, readCommandLine } from "./command-line.ts";
import { formatTable } from "./markdown.ts";

const {
  rates,
  delays: delaysMs,
  duration: durationSecs,
} = readCommandLine("Measures what the link shaper costs.", {
  rates: numbers("packets per second", "500,2000,8000"),
  delays: numbers("one-way delays, ms", "5,50"),
  duration: number("seconds at each rate", 10, 1),
});

/** Numbers of proc_pid_stat(5), less the two before the program's name ends. */
const fields = { userTicks: 11, systemTicks: 12, priority: 37 } as const;
/** Of every Linux that Node.js runs on. */
const tickMs = 10;
/** Before the measured part, TCP opens its window. */
const warmUpMs = 2_000;

const nodes = new ShapedNodes(["a", "b"]);
const places = ["a", "b"].map((name, at) => ({
  name,
  addresses: [addressOf(at)],
  namespacePath: nodes.namespacePath(name),
  probePort: 9999,
}));
type Shaper = Awaited<ReturnType<typeof startShaper>>;

const small: string[][] = [];
const bulk: string[][] = [];
nodes.create();
try {
  for (const delayMs of delaysMs) {
    for (const perSecond of rates) {
      const count = perSecond * durationSecs;
      console.error(`${delayMs} ms, ${perSecond} packets/s: ${durationSecs} s …`);
      const { cpuMs, late } = await measure(delayMs, () =>
        nodes.send({ from: "a", to: "b", count, perSecond }),
      );
      const share = `${((cpuMs / durationSecs) * 0.1).toFixed(1)} %`;
      small.push([`${delayMs} ms`, String(perSecond), ((1000 * cpuMs) / count).toFixed(1), share, ...late]);
    }
    console.error(`${delayMs} ms, one TCP stream …`);
    const pairs = [{ from: "a", to: "b" }];
    const { cpuMs, late, bytes, found } = await measure(delayMs, (shaper) =>
      shaper.ask({ type: "goodput", pairs, warmUpMs, measureMs: durationSecs * 1000 }),
    );
    const bps = found.probed[0]?.goodputBps ?? Number.NaN;
    bulk.push([`${delayMs} ms`, (bps / 1e6).toFixed(0), (cpuMs / (bytes * 8e-6)).toFixed(3), ...late]);
  }
} finally {
  nodes.remove();
}
const late = ["late p50, µs", "late p99, µs"];
const smallHead = ["small packets", "packets/s", "CPU, µs per packet", "of a core", ...late];
console.log(formatTable(smallHead, small));
console.log(`\n${formatTable(["one TCP stream", "Mbit/s", "CPU, s per Gbit", ...late], bulk)}`);

/** By a shaper of its own, so that all its seconds are of this work. */
async function measure<T>(delayMs: number, work: (shaper: Shaper) => Promise<T>) {
  const link = (from: string, to: string) => ({ from, to, ...unshaped, delayMs });
  await using shaper = await startShaper({
    mechanism: "nfqueue",
    places,
    links: [link("a", "b"), link("b", "a")],
    exemptPorts: [],
    bareEchoes: 0,
  });
  const stat = shapingThread(shaper.child.pid);
  const beforeMs = cpuMsOf(stat);
  const found = await work(shaper);
  const cpuMs = cpuMsOf(stat) - beforeMs;
  shaper.send({ type: "stop" });
  const seconds = (await shaper.seconds()).filter(({ released }) => released > 0);
  const p50 = median(seconds.map(({ lateP50Us }) => lateP50Us ?? Number.NaN));
  const p99 = median(seconds.map(({ lateP99Us }) => lateP99Us ?? Number.NaN));
  const bytes = seconds.flatMap(({ targets }) => targets).reduce((sum, target) => sum + target.bytes, 0);
  return { found, cpuMs, bytes, late: [p50.toFixed(0), p99.toFixed(0)] };
}

/** The file of the thread with the highest priority. @throws Error where the machine gave it none */
function shapingThread(pid = 0): string {
  const found = readdirSync(`/proc/${pid}/task`)
    .map((thread) => `/proc/${pid}/task/${thread}/stat`)
    .map((file) => ({ file, priority: fieldOf(file, fields.priority) }))
    .sort((one, other) => other.priority - one.priority)[0];
  if (found === undefined || found.priority === 0)
    throw new Error("The machine allows no real-time priority.");
  return found.file;
}

function cpuMsOf(stat: string): number {
  return (fieldOf(stat, fields.userTicks) + fieldOf(stat, fields.systemTicks)) * tickMs;
}

function fieldOf(stat: string, at: number): number {
  const text = readFileSync(stat, "utf8");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[at]);
}
