/** iperf3 from one host to another, through the network under test. */
import type { ProgramEvent } from "../../../contracts/load/flow-events.ts";
import { aborted, delay } from "../../../core/async.ts";
import { describeError } from "../../../core/errors.ts";
import { preciseNow } from "../../journal.ts";
import { runProgram, startChild } from "../children.ts";
import type { FlowSetting } from "./udp.ts";

interface IperfInterval {
  readonly sum?: {
    readonly start?: number;
    readonly end?: number;
    readonly seconds?: number;
    readonly bytes?: number;
    readonly retransmits?: number;
  };
}

/** @param json what `iperf3 --json --get-server-output` prints @param startMs since 1970 */
export function readIntervals(json: string, flow: string, startMs: number): readonly ProgramEvent[] {
  const found = JSON.parse(json) as {
    readonly error?: unknown;
    readonly intervals?: readonly IperfInterval[];
    readonly server_output_json?: { readonly intervals?: readonly IperfInterval[] };
  };
  if (typeof found.error === "string") throw new Error(`iperf3: ${found.error}`);
  // What the receiver counted; the sender's only tell what it handed to its socket.
  const received = found.server_output_json?.intervals ?? found.intervals ?? [];
  return received.flatMap(({ sum }, place): ProgramEvent[] => {
    const { end, seconds, bytes } = sum ?? {};
    if (end === undefined || seconds === undefined || bytes === undefined) return [];
    const retransmits = found.intervals?.[place]?.sum?.retransmits;
    const at = startMs + end * 1000;
    const counted = { type: "program" as const, at, flow, secs: seconds, bytes };
    return [retransmits === undefined ? counted : { ...counted, retransmits }];
  });
}

/** Ready when it listens: others start with the window. Resolves when the signal aborts. */
export async function serveIperf({ flow, address, onFirst, log, signal }: FlowSetting): Promise<void> {
  const argv = ["iperf3", "--server", "--bind", address, "--port", String(flow.to.port)] as const;
  onFirst();
  while (!signal.aborted) {
    await using server = startChild(`iperf3 of ${flow.name}`, [...argv], { log });
    await Promise.race([server.ended, aborted(signal)]);
    await delay(200, signal).catch(() => {}); // it starts again, unless all is over
  }
}

/** @param windowSecs resolves when the window begins */
export async function driveIperf(setting: FlowSetting, windowSecs: Promise<number>): Promise<void> {
  const { flow, address, teller, onFirst, log, signal } = setting;
  onFirst();
  const secs = await windowSecs;
  const startMs = preciseNow();
  const rate = flow.perSec === undefined ? [] : ["--bitrate", String(flow.perSec * flow.sizeBytes * 8)];
  const { host, port } = flow.to;
  const ends = ["--client", host, "--port", String(port), "--bind", address];
  const length = ["--time", String(Math.max(1, Math.floor(secs))), "--length", String(flow.sizeBytes)];
  const form = ["--json", "--get-server-output"];
  try {
    const json = await runProgram(["iperf3", ...ends, ...length, ...rate, ...form], { secs, signal });
    for (const event of readIntervals(json, flow.name, startMs)) teller.tell(event);
  } catch (error) {
    if (!signal.aborted) log(describeError(error));
  }
}
