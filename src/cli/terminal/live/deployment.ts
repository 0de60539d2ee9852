/** How far the network is: steps of the whole, and of each host. Pure. */
import type { EventBody, PassingBody } from "../../../contracts/events.ts";
import { formatBytes, formatDuration, formatForeign } from "../../../results/report/text/figures.ts";
import { type Piece, progressBar } from "./layout.ts";

type NetworkStep = Extract<EventBody, { readonly type: "network-step" }>;
type ImageTransfer = Extract<PassingBody, { readonly type: "image-transfer" }>;

interface Step {
  readonly text: string;
  readonly sinceMs: number;
}

interface Transfer extends Pick<ImageTransfer, "sentBytes" | "totalBytes"> {
  /** When it was first told of, and how much was sent by then. */
  readonly from: { readonly ms: number; readonly bytes: number };
  readonly nowMs: number;
}

interface HostState {
  readonly step?: Step | undefined;
  /** An image on its way; none once it is all there. */
  readonly transfer?: Transfer | undefined;
}

export interface DeploymentState {
  /** Of the network as a whole, the latest last. */
  readonly steps: readonly Step[];
  /** In the order in which they were first told of. */
  readonly hosts: ReadonlyMap<string, HostState>;
}

export const nothingDeployed: DeploymentState = { steps: [], hosts: new Map() };

const shownSteps = 4;

export function addStep(
  state: DeploymentState,
  { step, detail, host }: NetworkStep,
  nowMs: number,
): DeploymentState {
  const text = formatForeign(detail === undefined ? step : `${step}: ${detail}`);
  const reported = { text, sinceMs: nowMs };
  if (host === undefined) return { ...state, steps: [...state.steps, reported].slice(-shownSteps) };
  const before = state.hosts.get(host);
  return { ...state, hosts: new Map(state.hosts).set(host, { ...before, step: reported }) };
}

export function addTransfer(
  state: DeploymentState,
  { host, sentBytes, totalBytes }: ImageTransfer,
  nowMs: number,
): DeploymentState {
  const before = state.hosts.get(host);
  const isOver = sentBytes >= totalBytes;
  const from =
    before?.transfer !== undefined && before.transfer.sentBytes <= sentBytes
      ? before.transfer.from
      : { ms: nowMs, bytes: sentBytes };
  const transfer = isOver ? undefined : { sentBytes, totalBytes, from, nowMs };
  return { ...state, hosts: new Map(state.hosts).set(host, { ...before, transfer }) };
}

/** A row for each of the latest steps, then one for each host. */
export function describeDeployment({ steps, hosts }: DeploymentState, nowMs: number): readonly Piece[][] {
  const whole = steps.map((step, index) => {
    const isDone = index < steps.length - 1;
    return [{ text: `${isDone ? "✓" : "…"} ${step.text}${isDone ? "" : elapsed(step, nowMs)}` }];
  });
  return [...whole, ...[...hosts].map(([host, state]) => describeHost(host, state, nowMs))];
}

function describeHost(host: string, { step, transfer }: HostState, nowMs: number): Piece[] {
  if (transfer === undefined) {
    return step === undefined ? [] : [{ text: `${step.text}${elapsed(step, nowMs)}` }];
  }
  const { sentBytes, totalBytes, from } = transfer;
  const secs = (transfer.nowMs - from.ms) / 1000;
  const rate = secs > 0 ? [{ text: `${formatBytes((sentBytes - from.bytes) / secs)}/s` }] : [];
  return [
    { text: `${formatForeign(host)}: image ${progressBar(sentBytes / totalBytes)}` },
    { text: `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}` },
    ...rate,
  ];
}

/** Nothing for the first seconds, in which most steps are done. */
function elapsed({ sinceMs }: Step, nowMs: number): string {
  const secs = Math.floor((nowMs - sinceMs) / 1000);
  return secs < 2 ? "" : `, ${formatDuration(secs)}`;
}
