/**
 * Lines of `tc -batch` that shape what goes out of one interface: a root of HTB, for each receiver a class with its rate,
 * in it netem, which delays and drops, and in that the queue of the rate. u32 filters lead packets there by their
 * destination; other packets pass at once.
 */
import { type LinkJitter, type LinkLoss, type LinkShape, unshaped } from "../../contracts/links/shape.ts";

/** By this all that is ours is found. */
export const rootHandle = "ba1e:";

/** What goes out of one interface to one node. */
export interface Egress {
  readonly device: string;
  /** Of the receiver, 1 to 65,534, the same in all lines about it. */
  readonly number: number;
  readonly addresses: readonly string[];
}

/** HTB must have a rate; this is none. */
const unlimitedBps = 100e9;
/** For what an unlimited link holds while it delays. */
const mostPacketsPerSecond = 2e6;
const smallestPacketBytes = 64;
const leastPackets = 1000;
const mostPackets = 2 ** 31 - 1;
const unratedQueueBytes = 256 * 1024 * 1024;
/** Share of a second's bytes that may go at once: timers of old kernels tick at 100 Hz. */
const burstsPerSecond = 100;
const leastBurstBytes = 3200;
const mostQuantumBytes = 60_000;
const mostDeviations = 12;
/** The first segments of a TCP connection come as one packet, and must fit into an empty queue. */
const leastQueueBytes = 16_000;

export const rootLine = (device: string) => `qdisc add dev ${device} root handle ${rootHandle} htb default 0`;
export const removalLine = (device: string) => `qdisc del dev ${device} root`;

/** All lines for one receiver. */
export const addLines = (egress: Egress, shape: LinkShape): string[] => [
  `class add ${classOf(egress)} ${classOptions(shape)}`,
  ...leafLines("add", egress, shape),
  ...filterLines(egress),
];

/** Its shape is another now. */
export function changeLines(egress: Egress, shape: LinkShape, before: LinkShape): string[] {
  const { device, number } = egress;
  const changed = [`class change ${classOf(egress)} ${classOptions(shape)}`];
  // netem keeps a table of a distribution until it is made anew.
  if (
    tableOf(before.jitter) === undefined ||
    tableOf(shape.jitter) !== undefined ||
    shape.jitter === undefined
  ) {
    return [...changed, ...leafLines("change", egress, shape)];
  }
  return [
    ...changed,
    `qdisc del dev ${device} parent ${rootHandle}${hex(number)}`,
    ...leafLines("add", egress, shape),
  ];
}

/** Its addresses are others now. */
export const moveLines = (egress: Egress): string[] => [
  `filter del dev ${egress.device} parent ${rootHandle} protocol ip prio ${egress.number} u32`,
  ...filterLines(egress),
];

function filterLines({ device, number, addresses }: Egress): string[] {
  const head = `filter add dev ${device} parent ${rootHandle} protocol ip prio ${number} u32`;
  return addresses.map((address) => `${head} match ip dst ${address}/32 flowid ${rootHandle}${hex(number)}`);
}

function leafLines(verb: "add" | "change", { device, number }: Egress, shape: LinkShape): string[] {
  const leaf = hex(number);
  return [
    `qdisc ${verb} dev ${device} parent ${rootHandle}${leaf} handle ${leaf}: netem ${netemOptions(shape)}`,
    `qdisc ${verb} dev ${device} parent ${leaf}:1 bfifo limit ${queueBytes(shape)}`,
  ];
}

const classOf = ({ device, number }: Egress) =>
  `dev ${device} parent ${rootHandle} classid ${rootHandle}${hex(number)}`;

function classOptions({ rateBps = unlimitedBps }: LinkShape): string {
  const bytes = rateBps / 8;
  const burst = Math.ceil(Math.max(leastBurstBytes, bytes / burstsPerSecond));
  const quantum = Math.floor(Math.min(mostQuantumBytes, Math.max(leastBurstBytes, bytes / 10)));
  return `htb rate ${Math.round(rateBps)}bit burst ${burst} cburst ${burst} quantum ${quantum}`;
}

/** All options, each time: tc keeps the value of an option that a change omits. */
function netemOptions(shape: LinkShape): string {
  const { jitter, loss, down, duplicateRatio, reorderRatio, corruptRatio } = shape;
  // tc refuses jitter and reordering without any delay.
  const delayMs = jitter === undefined ? shape.delayMs : Math.max(shape.delayMs, 0.001);
  const table = tableOf(jitter);
  return [
    `limit ${mostHeld(shape)}`,
    `delay ${decimals(delayMs)}ms`,
    ...(jitter === undefined ? [] : [`${decimals(netemJitterMs(jitter))}ms`]),
    ...(table === undefined ? [] : [`distribution ${table}`]),
    `loss ${down ? "random 100%" : lossOptions(loss)}`,
    `duplicate ${percent(duplicateRatio)}`,
    `reorder ${percent(delayMs > 0 ? reorderRatio : 0)}`,
    `corrupt ${percent(corruptRatio)}`,
  ].join(" ");
}

function lossOptions(loss: LinkLoss | undefined): string {
  if (loss === undefined) return "random 0%";
  if (loss.kind === "independent") return `random ${percent(loss.lossRatio)}`;
  const { goodToBadRatio, badToGoodRatio, badLossRatio, goodLossRatio } = loss;
  return ["gemodel", ...[goodToBadRatio, badToGoodRatio, badLossRatio, goodLossRatio].map(percent)].join(" ");
}

const tableOf = (jitter: LinkJitter | undefined) =>
  jitter === undefined || jitter.distribution === "uniform" ? undefined : jitter.distribution;

/**
 * What netem takes for a standard deviation: half the width of a uniform one; and iproute2's table of the Pareto one is
 * (x - 1.5) · 4/3 for a Pareto variable x of shape 3 from 1 that is cut at 4.5, so its deviation is 0.821.
 */
const netemScales = { uniform: Math.sqrt(3), normal: 1, pareto: 1 / 0.821 } as const;
const netemJitterMs = ({ deviationMs, distribution }: LinkJitter) => deviationMs * netemScales[distribution];

/** The queue of the rate, behind the delay. */
function queueBytes({ rateBps, queue }: LinkShape): number {
  if (rateBps === undefined) return unratedQueueBytes;
  const bytes = queue.kind === "bytes" ? queue.bytes : (queue.ms * rateBps) / 8000;
  return Math.ceil(Math.max(bytes, leastQueueBytes));
}

/** Packets that netem holds at most: all that can come while the slowest of them waits. */
function mostHeld(shape: LinkShape): number {
  const { delayMs, jitter, rateBps } = shape;
  const seconds = (delayMs + mostDeviations * (jitter?.deviationMs ?? 0)) / 1000;
  const perSecond = rateBps === undefined ? mostPacketsPerSecond : rateBps / 8 / smallestPacketBytes;
  const queued = rateBps === undefined ? 0 : queueBytes(shape) / smallestPacketBytes;
  const packets = seconds * Math.min(perSecond, mostPacketsPerSecond) + queued;
  return Math.min(mostPackets, Math.max(leastPackets, Math.ceil(packets)));
}

const hex = (number: number) => number.toString(16);
/** Never with an exponent, which tc does not read. */
const decimals = (value: number) => value.toFixed(6).replace(/\.?0+$/, "");
const percent = (ratio: number) => `${decimals(ratio * 100)}%`;

/** Everything that is used, once, in a namespace of no use. */
const trial: Egress = { device: "lo", number: 1, addresses: ["192.0.2.1"] };
const trialShape: LinkShape = { ...unshaped, delayMs: 1, rateBps: 1_000_000 };
export const trialLines: readonly string[] = [rootLine("lo"), ...addLines(trial, trialShape)];
