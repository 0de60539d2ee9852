/**
 * What a process that runs clients is told, and what it tells: plain JSON, one line each, over its standard input and
 * output. Times named `…MonotonicMs` are on that process's machine's monotonic clock.
 */
import type { EventBody } from "../../contracts/events.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import {
  type Codec,
  CodecError,
  count,
  finite,
  list,
  type Of,
  object,
  optional,
  tagged,
  text,
  unchecked,
} from "./codec.ts";

/** Version of these messages; both sides are of the same build, and say so. */
export const messagesVersion = 1;

const sentence = text(65_536);
const node = text(1000);
const said = object({ message: sentence });

/** The coordinator itself makes those of phases and seconds, and says which loss was to be expected. */
const eventBody = tagged({
  warning: said,
  debug: said,
  "observer-lost": object({ node, reason: sentence }),
  "observer-restored": object({ node, missedHeights: count }),
  "observer-polls": object({ node, everyMs: finite, reason: sentence }),
  "transactions-made": object({ made: count, of: count }),
  "node-heights": object({ heights: list(object({ node, height: count }), 65_536) }),
}) satisfies Pick<Codec<EventBody>, "decode"> as Codec<EventBody>;

/** From the process. `client` is the plan's number of a client; absent where it is not about a single one. */
const message = tagged({
  hello: object({ version: count }),
  /** Connections and subscriptions of all its clients stand. `notes`: what a person should know, a sentence each. */
  ready: object({ notes: list(sentence, 10_000) }),
  clock: object({ id: count, monotonicMs: finite, wallMs: finite }),
  /** What was seen in one row's time by all of this process's clients, encoded (report-codec.ts). Rows come in order. */
  second: object({ second: unchecked }),
  /** Something that a client says, or (without `client`) the observer of them all. */
  event: object<{ client?: number | undefined; body: EventBody }>({
    client: optional(count),
    body: eventBody,
  }),
  /** One client has ended; its report, encoded. */
  sent: object({ client: count, report: unchecked }),
  /** The observer has ended, after all clients; its report, encoded. The last message of a run. */
  observed: object({ report: unchecked }),
  /** The run cannot be, or not go on; nothing more comes of it. `code` as of a BaleenError. */
  failed: object<{ code: string; message: string; client?: number | undefined }>({
    code: text(100),
    message: sentence,
    client: optional(count),
  }),
});

export type ClientMessage = Of<typeof message>;

/** Which protocol clients speak. */
export interface ProtocolName {
  readonly name: string;
  /** URL of the module that holds it in a list `protocols`, in the process's own files; absent: the tool's registry. */
  readonly module?: string | undefined;
  /** What the registry makes it of, where it is described by a user. */
  readonly definition?: unknown;
}

/** What all of them have in common is written once: of a load with a long trace that is nearly all. */
interface StoredPlans {
  readonly shared: unknown;
  /** The rest of each. */
  readonly own: readonly unknown[];
}

const storedPlans = object<StoredPlans>({ shared: unchecked, own: list(unchecked, 65_536) });

const plans: Codec<readonly ClientPlan[]> = {
  encode: (all) => {
    const [first] = all;
    const isShared = ([key, value]: readonly [string, unknown]) =>
      all.every((plan) => plan[key as keyof ClientPlan] === value);
    const shared = Object.entries(first ?? {}).filter(isShared);
    const own = all.map((plan) => Object.entries(plan).filter((entry) => !isShared(entry)));
    return storedPlans.encode({
      shared: Object.fromEntries(shared),
      own: own.map((entries) => Object.fromEntries(entries)),
    });
  },
  decode: (json, place) => {
    const { shared, own } = storedPlans.decode(json, place);
    return own.map((one) => ({ ...(shared as ClientPlan), ...(one as Partial<ClientPlan>) }));
  },
};

/** To the process. */
const command = tagged({
  /**
   * Opens clients and observer for a run. Every client has a thread of its own, and the observer of all nodes that are
   * targets of any of them another. Answered by `ready` or `failed`.
   */
  prepare: object({
    protocol: object<ProtocolName>({
      name: text(100),
      module: optional(text(4096)),
      definition: optional(unchecked),
    }),
    plans,
  }),
  /** Answered at once by `clock`, so that its clock can be compared with the asker's. */
  clock: object({ id: count }),
  /** The window of all clients begins then; the warm-up before it. */
  start: object({ windowStartMonotonicMs: finite }),
  /** Ends the run, if there is one, without a report; so does the end of its input. */
  stop: object({}),
});

export type ClientCommand = Of<typeof command>;

/**
 * Reads one line of a process that runs clients. Reports and seconds in it are checked by report-codec.ts.
 *
 * @throws CodecError where it is none
 */
export function decodeMessage(line: string): ClientMessage {
  return message.decode(parse(line), "");
}

/** One line for a process that runs clients, without its end. */
export function encodeCommand(reported: ClientCommand): string {
  return JSON.stringify(command.encode(reported));
}

/**
 * Reads one line of the coordinator. A plan is checked by those who follow it.
 *
 * @throws CodecError where it is none
 */
export function decodeCommand(line: string): ClientCommand {
  return command.decode(parse(line), "");
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new CodecError({ place: "", wanted: "a line of JSON", got: line.slice(0, 60) }, { cause: error });
  }
}

/** The way to a process that runs clients. Disposing ends the process, and waits until it has ended. */
export interface ClientLink extends AsyncDisposable {
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** Never throws: where the way is lost, the listener is told. */
  readonly send: (command: ClientCommand) => void;
  /** To be called once, before anything is sent. What came before it is told then. */
  readonly listen: (listener: ClientLinkListener) => void;
}

export interface ClientLinkListener {
  readonly message: (message: ClientMessage) => void;
  /** Once: the process, or the way to it, has ended, though nobody asked for it. */
  readonly lost: (reason: string) => void;
}

/** Where clients run. */
export interface ClientPlacement {
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** How many, at least 1. */
  readonly clients: number;
  /** Nodes that these clients send to, at their addresses as seen from there. At least one. */
  readonly targets: ClientPlan["targets"];
  /** Starts the process, and rejects where it does not come up in a bounded time; nothing of it is left then. */
  readonly open: (signal: AbortSignal) => Promise<ClientLink>;
}
