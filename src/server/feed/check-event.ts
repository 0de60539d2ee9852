/** Events of a file that anybody may have written: what is shown of one has the type that it should have. */
import type { BaleenEvent } from "../../contracts/events.ts";
import { spaces } from "../../contracts/links/ground.ts";

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
/** A text that is no document. */
const isText: Check = (value) => typeof value === "string" && value.length <= 10_000;
const isFlag: Check = (value) => typeof value === "boolean";
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 10_000 && value.every(check);
const recordOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const optionalNumbers = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, optional(isNumber)]));
const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, isText]));
const numbers = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, isNumber]));

const bounded = optional(recordOf({ value: isNumber, atLeast: isFlag, upTo: optional(isNumber) }));
const cell = recordOf(numbers("committed", "notSeen"));
const ledger = recordOf({
  unsent: recordOf(numbers("dropped", "cut")),
  sent: recordOf({ acknowledged: cell, rejected: cell, timedOut: cell, connectionFailed: cell }),
});
const states = oneOf("issued", "effective", "failed");
const times = optionalNumbers("issuedSecs", "answersSecs", "effectiveSecs");
const change = { askedSecs: isNumber, ...times, failure: optional(isText) };

const isPosition: Check = (value) => listOf(isNumber)(value) && [2, 3].includes((value as unknown[]).length);
const isLiveLink: Check = (value) => {
  if (!Array.isArray(value) || value.length !== 6) return false;
  const [from, to, delayMs, lossRatio, rateBps, isDown] = value as readonly unknown[];
  return (
    [from, to].every((place) => Number.isInteger(place) && Number(place) >= 0) &&
    [delayMs, lossRatio].every(isNumber) &&
    (rateBps === null || isNumber(rateBps)) &&
    isFlag(isDown)
  );
};

type Fields = Readonly<Record<string, Check>>;

/** Of each type, the fields that somebody reads. */
const fieldsOf: { readonly [Type in BaleenEvent["type"]]: Fields } = {
  "sweep-started": {
    ...texts("network", "runtime"),
    loadsTps: listOf(isNumber),
    name: optional(isText),
    nodes: optional(listOf(isText)),
    search: optional(recordOf(numbers("fromTps", "toTps"))),
    completion: optional(oneOf("committed", "acknowledged")),
    load: optional(isText),
    bundle: optional(isText),
    ...optionalNumbers("runs", "firstRun"),
  },
  "sweep-finished": { finishedRuns: isNumber, plannedRuns: optional(isNumber) },
  "run-created": {
    ...numbers("benchmarkNumber", "loadTps"),
    ...optionalNumbers("repetition", "repetitions", "warmUpSecs", "windowSecs", "drainSecs"),
  },
  "run-ready": numbers("benchmarkNumber", "readyAfterMs"),
  "run-started": numbers("benchmarkNumber"),
  "run-finished": {
    benchmarkNumber: isNumber,
    status: isText,
    file: optional(isText),
    figures: optional(
      recordOf({ throughputTps: bounded, p50Ms: bounded, p99Ms: bounded, ledger: optional(ledger) }),
    ),
  },
  "search-probe": { ...numbers("benchmarkNumber", "loadTps"), status: isText, reasons: listOf(isText) },
  "network-step": { step: isText, detail: optional(isText), readyNode: optional(isText) },
  "node-exited": { node: isText },
  "network-left": { what: listOf(isText), command: isText },
  "transactions-made": numbers("made", "of"),
  "load-phase": {
    phase: oneOf("warm-up", "window", "drain", "done"),
    ...optionalNumbers("lateMs", "windowStartsAtMs"),
  },
  "load-second": {
    ...numbers("second", "due", "sent", "acknowledged", "committed"),
    ...optionalNumbers("failed", "p50Ms", "p99Ms", "latenessP99Ms", "loopDelayMaxMs", "cpuRatio"),
    ...optionalNumbers("gcPauseMs", "latencySumMs"),
    latencyCounts: optional(listOf(isNumber)),
  },
  "routine-step": {
    ...numbers("second", "lengthSecs", "peers", "sentPerSec", "receivedPerSec", "relayedPerSec"),
    ...optionalNumbers("deliveredPerSec", "connections", "timerLatenessMaxMs"),
    ...optionalNumbers("tickRateMeanPerSec", "tickRateLeastPerSec"),
  },
  "machine-second": {
    host: isText,
    second: isNumber,
    ...optionalNumbers("busyRatio", "backgroundRatio", "stealRatio", "memoryAvailableBytes"),
    ...optionalNumbers("memoryPressureRatio", "networkBytesPerSec", "frequencyMhz"),
    nodes: optional(
      listOf(recordOf({ node: isText, ...optionalNumbers("cpuRatio", "memoryBytes", "reads", "writes") })),
    ),
  },
  "host-link": {
    host: isText,
    state: oneOf("lost", "restored", "given-up"),
    reason: optional(isText),
    afterMs: optional(isNumber),
  },
  "clients-lost": { ...texts("host", "reason"), clients: listOf(isText) },
  "observer-lost": texts("node", "reason"),
  "observer-restored": { node: isText, missedHeights: isNumber },
  "observer-polls": { ...texts("node", "reason"), everyMs: isNumber },
  fault: {
    node: isText,
    action: oneOf("crash", "recover", "pause", "resume"),
    stage: states,
    ...change,
  },
  "link-change": { ...texts("action", "what", "stage"), state: states, ...change },
  ground: {
    second: isNumber,
    inForceSecs: optional(isNumber),
    nodes: optional(listOf(isText)),
    space: optional(oneOf(...spaces)),
    positions: optional(listOf((value) => value === null || isPosition(value))),
    links: listOf(isLiveLink),
  },
  "network-view": {
    second: isNumber,
    paths: listOf(recordOf({ flow: isText, nodes: listOf(isText) })),
    links: listOf(recordOf({ ...texts("from", "to"), ...optionalNumbers("cost", "receivedRatio") })),
  },
  warning: texts("message"),
  debug: texts("message"),
};

const isEnvelope = recordOf({
  type: isText,
  run: isText,
  source: isText,
  seq: isNumber,
  t: (value) => typeof value === "string" && value.length <= 40 && !Number.isNaN(Date.parse(value)),
});

/** The event that a line of events.ndjson is; undefined where it is none. One of a type unknown here has an envelope. */
export function readEvent(line: string): BaleenEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isEnvelope(value)) return undefined;
  const type = value.type as BaleenEvent["type"];
  if (Object.hasOwn(fieldsOf, type) && !recordOf(fieldsOf[type])(value)) return undefined;
  return value as unknown as BaleenEvent;
}
