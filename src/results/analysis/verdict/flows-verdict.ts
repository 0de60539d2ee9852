/** What speaks against figures of flows that hosts told of. Pure. */
import type { DaemonChange, FlowHost } from "../../../contracts/results/native/flow-hosts.ts";
import type { FlowResult } from "../../../contracts/results/native/flows.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";

type Run = Omit<NativeResult, "verdict">;

/** Packets that came later than scheduled by more than this at the 99th percentile were not sent as planned. */
const mostLateMs = 10;

/** Why the figures do not mean what their names say. */
export function flowInvalidities({ figures: { flows: found }, faults, parameters }: Run): string[] {
  if (found === undefined) return [];
  const { hosts, flows, daemons, hasView, isCut } = found;
  const disturbed = new Set(faults.map(({ node }) => node));
  return [
    ...hosts.flatMap(hostReasons),
    ...hosts.flatMap(({ name, views, gap }) =>
      hasView && views === 0 && gap === undefined && !disturbed.has(name)
        ? [`${name} never told the network's view.`]
        : [],
    ),
    ...daemons
      .filter((one) => one.state === "ended" && one.atSecs < parameters.durationSecs)
      .filter((one) => !disturbed.has(one.host) && !isDone(one, flows))
      .map(daemonReason),
    ...flows.flatMap((flow) => flowReasons(flow, disturbed)),
    ...(isCut ? ["There were more packets than can be followed. Use fewer, or a shorter window."] : []),
  ];
}

function hostReasons({ name, malformed, gap }: FlowHost): string[] {
  return [
    ...(gap === undefined ? [] : [`Not all events of ${name} were read: ${gap}.`]),
    ...(malformed === 0 ? [] : [`${name} told ${malformed} events that could not be read.`]),
  ];
}

/** A program that is not bound to the window may have done what it was started for. */
const isDone = ({ flow, why }: DaemonChange, flows: readonly FlowResult[]) =>
  why === "exit code 0" && flows.some(({ name, kind }) => name === flow && kind === "program");

const daemonReason = ({ host, daemon, atSecs, why }: DaemonChange) =>
  `${daemon} of ${host} ended unexpectedly at ${atSecs.toFixed(1)} s${why === undefined ? "" : `: ${why}`}.`;

function flowReasons({ name, from, packets, goodputMbps }: FlowResult, disturbed: ReadonlySet<string>) {
  const { sent = 0, received = 0, unknown = 0, beforeSent = 0 } = packets ?? {};
  const isSilent = packets === undefined ? goodputMbps === 0 : sent === 0;
  return [
    ...(isSilent ? [`Nothing of the flow ${name} was sent in the window.`] : []),
    ...(sent > 0 && received === 0 ? [`Nothing of the flow ${name} arrived.`] : []),
    // What a sender did last before it was crashed is not known.
    ...(unknown === 0 || disturbed.has(from)
      ? []
      : [`${unknown} packets of the flow ${name} arrived that its sender does not say it sent.`]),
    ...(beforeSent === 0
      ? []
      : [
          `${beforeSent} packets of the flow ${name} arrived before they were sent, by more than the errors of the clocks.`,
        ]),
  ];
}

/** Why the load was not what was planned. */
export function flowUnderload({ figures: { flows: found }, faults, parameters }: Run): string[] {
  const disturbed = new Set(faults.map(({ node }) => node));
  const { durationSecs, achievedRatio } = parameters;
  return (found?.flows ?? []).flatMap(({ name, kind, from, perSec, packets, lateP99Ms = 0 }) => {
    // A socket of TCP takes no more while the network does not.
    if (perSec === undefined || packets === undefined || kind === "tcp" || disturbed.has(from)) return [];
    const asked = perSec * durationSecs;
    // A video's rate is that of its pictures, and how many packets each takes is up to the host.
    const isShort = kind !== "video" && packets.sent > 0 && packets.sent + 1 < achievedRatio * asked;
    return [
      ...(isShort
        ? [`The flow ${name} sent ${packets.sent} packets of ${Math.round(asked)} that were planned.`]
        : []),
      ...(lateP99Ms > mostLateMs
        ? [
            `The flow ${name} sent late: p99 ${lateP99Ms.toFixed(1)} ms after the scheduled time (limit: ${mostLateMs} ms).`,
          ]
        : []),
    ];
  });
}
