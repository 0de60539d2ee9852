/** Programs of the user at the ends of flows, and what they report of packets: JSON lines on standard output. */
import { untilAborted } from "../../../core/async.ts";
import { describeError } from "../../../core/errors.ts";
import { preciseNow } from "../../journal.ts";
import { type Child, startChild } from "../children.ts";
import type { Teller } from "../teller.ts";
import type { FlowSetting } from "./udp.ts";

/** Packets of one line. */
const mostInLine = 1000;
/** Of a line that cannot be read, characters. */
const longestShown = 100;

type Facts = Readonly<Record<string, unknown>>;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;
const isMissingOr = (check: (value: unknown) => boolean, value: unknown) =>
  value === undefined || check(value);

/**
 * What the program at one end of a flow reports, a line each:
 *
 * - `{"sent": 7}`, `{"received": 7}`, `{"returned": 7}`: the packet with that number, counted from 0, was sent, has
 *   arrived, has come back; or several, `{"sent": [7, 8, 9]}`. `at` is when, in milliseconds since 1970 (default: now), one
 *   for all, or one for each. `bytes` is the payload of each that was sent (default: the flow's size), `lateMs` how long after
 *   its schedule it was sent, `sentAt` when one that arrives was sent, by the sender's clock (default: `at`).
 * - `{"bytes": 125000, "secs": 1}`: what arrived in the time up to `at`, from a program that does not number its packets.
 *   `packets` is how many, sent or arrived, `lost` how many of them were lost, `rttMs` the round trip.
 */
export class FlowReports {
  readonly #flow: FlowSetting["flow"];
  readonly #teller: Teller;
  readonly #onArrival: () => void;
  readonly #sent: ReturnType<Teller["sentOf"]>;
  readonly #arrivals: Readonly<Record<"received" | "returned", ReturnType<Teller["receivedOf"]>>>;

  constructor({ flow, teller, onFirst }: Pick<FlowSetting, "flow" | "teller" | "onFirst">) {
    const { name, sizeBytes } = flow;
    this.#flow = flow;
    this.#teller = teller;
    this.#onArrival = onFirst;
    this.#sent = teller.sentOf(name, sizeBytes);
    this.#arrivals = {
      received: teller.receivedOf(name, "forth", sizeBytes),
      returned: teller.receivedOf(name, "back", sizeBytes),
    };
  }

  /** @returns whether the line is a report @throws TypeError for one that cannot be read */
  take(line: string): boolean {
    const found = parseObject(line);
    const kind = (["sent", "received", "returned", "bytes"] as const).find((name) => name in found);
    if (kind === undefined) return false;
    const isGood = kind === "bytes" ? this.#takeInterval(found) : this.#takePackets(kind, found);
    if (!isGood) throw new TypeError(`its report cannot be read: ${line.slice(0, longestShown)}`);
    return true;
  }

  #takePackets(kind: "sent" | "received" | "returned", found: Facts): boolean {
    const { at = preciseNow(), sentAt = at, lateMs, bytes } = found;
    const numbers: readonly unknown[] = Array.isArray(found[kind]) ? found[kind] : [found[kind]];
    const times = timesOf(at, numbers.length);
    const sendings = timesOf(sentAt, numbers.length);
    const isKnown = numbers.length <= mostInLine && numbers.every(isCount) && times && sendings;
    if (!isKnown || !isMissingOr(isAmount, lateMs) || !isMissingOr(isCount, bytes)) return false;
    for (const [place, number] of numbers.entries()) {
      const own = { at: times[place], size: bytes as number | undefined };
      if (kind === "sent") this.#sent.add(number, lateMs as number | undefined, own);
      else this.#arrivals[kind].add(number, sendings[place] as number, own.at);
    }
    if (kind !== "sent") this.#onArrival();
    return true;
  }

  #takeInterval(found: Facts): boolean {
    const { bytes, secs, at = preciseNow(), packets, lost, rttMs } = found;
    if (!isCount(bytes) || !isAmount(secs) || secs === 0 || !isAmount(at)) return false;
    if (![packets, lost].every((one) => isMissingOr(isCount, one)) || !isMissingOr(isAmount, rttMs))
      return false;
    const counted = { packets, lost, rttMs } as Readonly<
      Record<"packets" | "lost" | "rttMs", number | undefined>
    >;
    this.#teller.tell({ type: "program", flow: this.#flow.name, at, secs, bytes, ...counted });
    this.#onArrival();
    return true;
  }
}

/** One for each of so many; undefined: they are not. */
function timesOf(value: unknown, count: number): readonly number[] | undefined {
  const times: readonly unknown[] = Array.isArray(value) ? value : new Array(count).fill(value);
  return times.length === count && times.every(isAmount) ? times : undefined;
}

function parseObject(line: string): Facts {
  try {
    return line.startsWith("{") ? (JSON.parse(line) as Facts) : {};
  } catch {
    return {}; // it begins like one
  }
}

/**
 * Runs the program at one end until it ends. The sender of a `program` flow starts with the window, all others at once;
 * one of `native` reads `{"windowSecs": 30}` on its standard input when the window begins.
 *
 * @param windowSecs resolves when the window begins
 * @param onChild gets the process, once it runs
 * @throws the signal's reason
 */
export async function runFlowProgram(
  setting: FlowSetting,
  windowSecs: Promise<number>,
  onChild: (child: Child) => void,
): Promise<void> {
  const { flow, teller, onFirst, log, signal } = setting;
  const { kind, role, reflects, argv } = flow;
  if (argv === undefined) throw new TypeError(`The flow ${flow.name} has no program.`);
  const isNative = kind === "native";
  // Whether packets of a foreign program arrive, nobody may ever say.
  if (!isNative || (role === "sender" && !reflects)) onFirst();
  const begun = windowSecs.catch(() => undefined); // the signal says so, too
  if (!isNative && role === "sender") await begun;
  signal.throwIfAborted();
  const reports = new FlowReports(setting);
  let failure: string | undefined;
  const name = `${flow.name} ${role}`;
  const tell = (state: "started" | "ended", why?: string) =>
    teller.tell({ type: "daemon", at: preciseNow(), daemon: name, flow: flow.name, state, why });
  const onLine = (line: string) => {
    if (failure !== undefined) return false;
    try {
      return reports.take(line);
    } catch (error) {
      failure = describeError(error);
      child.kill();
      return true;
    }
  };
  await using child = startChild(name, argv, { log, onLine, hasInput: isNative });
  onChild(child);
  tell("started");
  void begun.then((secs) => secs !== undefined && child.write(JSON.stringify({ windowSecs: secs })));
  const how = await untilAborted(child.ended, signal);
  tell("ended", failure ?? how);
  log(`${name} has ended: ${failure ?? how}`);
}
