import type { EventBody } from "../../contracts/events.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import {
  type Codec,
  CodecError,
  count,
  finite,
  list,
  object,
  optional,
  tagged,
  text,
  unchecked,
} from "./codec.ts";
import type { ClientCommand, ClientMessage, ProtocolName } from "./messages.ts";

const longestText = 65_536;
const sentence = text(longestText);

/** One kind of a union, without its tag. */
type Part<T extends { readonly type: string }, K extends T["type"]> = Omit<Extract<T, { type: K }>, "type">;

/** The coordinator itself makes those of phases and seconds, and says which loss was to be expected. */
type ReportedEvent = Extract<
  EventBody,
  {
    readonly type:
      | "warning"
      | "debug"
      | "observer-lost"
      | "observer-restored"
      | "observer-polls"
      | "transactions-made"
      | "node-heights";
  }
>;

const node = text(1000);
const said = object({ message: sentence });

const eventBody = tagged<ReportedEvent>({
  warning: said,
  debug: said,
  "observer-lost": object<Omit<Part<ReportedEvent, "observer-lost">, "expected">>({ node, reason: sentence }),
  "observer-restored": object<Omit<Part<ReportedEvent, "observer-restored">, "expected">>({
    node,
    missedHeights: count,
  }),
  "observer-polls": object<Part<ReportedEvent, "observer-polls">>({
    node,
    everyMs: finite,
    reason: sentence,
  }),
  "transactions-made": object({ made: count, of: count }),
  "node-heights": object<Part<ReportedEvent, "node-heights">>({
    heights: list(object({ node, height: count }), 65_536),
  }),
}) as Codec<EventBody>;

const client = count;

const message = tagged<ClientMessage>({
  hello: object({ version: count }),
  ready: object({ notes: list(sentence, 10_000) }),
  clock: object({ id: count, monotonicMs: finite, wallMs: finite }),
  second: object({ second: unchecked }),
  event: object<Part<ClientMessage, "event">>({ client: optional(client), body: eventBody }),
  sent: object({ client, report: unchecked }),
  observed: object({ report: unchecked }),
  failed: object<Part<ClientMessage, "failed">>({
    code: text(100),
    message: sentence,
    client: optional(client),
  }),
});

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

const command = tagged<ClientCommand>({
  prepare: object<Part<ClientCommand, "prepare">>({
    protocol: object<ProtocolName>({
      name: text(100),
      module: optional(text(4096)),
      definition: optional(unchecked),
    }),
    plans,
  }),
  clock: object({ id: count }),
  start: object({ windowStartMonotonicMs: finite }),
  stop: object({}),
});

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new CodecError({ place: "", wanted: "a line of JSON", got: line.slice(0, 60) }, { cause: error });
  }
}
