/**
 * What a description's file says, in its user's own words; published as schema/protocol.schema.json. With the files that
 * it names taken into it, this is a described protocol's `definition`.
 */
import type * as z from "zod";
import { about, type Zod } from "../../../core/documents/schema-parts.ts";
import { onDemand } from "../../../core/on-demand.ts";
import { sinkUrlPattern } from "../../event-sink.ts";
import { groupSchema } from "./nodes.ts";
import { makeParts, type Parts, variables } from "./parts.ts";

export type CustomFile = z.infer<ReturnType<typeof makeSchema>>;
export type OptionEntry = NonNullable<CustomFile["options"]>[string];
export type GroupEntry = CustomFile["nodes"][number];
export type ListEntry = NonNullable<GroupEntry["lists"]>[string];
export type ExportEntry = NonNullable<GroupEntry["exports"]>[string];
export type TransactionEntry = NonNullable<CustomFile["transaction"]>;
export type CommitsEntry = NonNullable<CustomFile["commits"]>;
type LoadEntry = NonNullable<CustomFile["load"]>;
export type NodeLoadEntry = Extract<LoadEntry, { by: "nodes" }>;
export type PeerLoadEntry = Extract<LoadEntry, { by: "peers" }>;
export type PollingEntry = Extract<CommitsEntry, { by: "polling" }>;
export type WebSocketEntry = Extract<CommitsEntry, { by: "websocket" }>;
/** Asks for the position of now. */
export type StartEntry = PollingEntry["start"];
export type RequestEntry = Omit<StartEntry, "position">;
/** What a reply must be to mean yes. */
export type RuleEntry = NonNullable<TransactionEntry["accepted"]>;

const zod = onDemand<Zod>("zod");
let made: ReturnType<typeof makeSchema> | undefined;

/** The schema that descriptions are held to. */
export function customFileSchema() {
  made ??= makeSchema(zod());
  return made;
}

function makeSchema(z: Zod) {
  const parts = makeParts(z);
  const { line, named, pointer, reachedPlane, said, urlPath, whole, word } = parts;
  const { commits, replyRule, request } = requestSchemas(z, parts);

  const optionValue = z
    .xor([z.number(), z.string().regex(/^[^\r\n]*$/u)])
    .describe("a number, or a line of text");

  const option = z.strictObject({
    meaning: about("Short description for help texts.", line),
    default: optionValue,
    "remote-default": about("Default for nodes on remote hosts, if it differs.", optionValue).optional(),
    from: about("Minimum of a number.", z.number()).optional(),
    to: about("Maximum of a number.", z.number()).optional(),
    choices: about("Allowed values of a text.", z.array(line).min(1)).optional(),
  });

  const metricName = said(/^[A-Za-z_:][A-Za-z0-9_:]*$/u, "the name of a metric");
  const keptMetrics = z.array(
    said(/^[A-Za-z_:][A-Za-z0-9_:]*\*?$/u, "names of metrics, or prefixes of names followed by *"),
  );

  const nodeLoad = z.strictObject({
    by: z.literal("nodes"),
    port: reachedPlane,
    path: urlPath.optional(),
    submitted: about(
      "The counter of the transactions that a node submitted.",
      z.strictObject({ counter: metricName }),
    ).optional(),
    committed: about(
      "The counter of committed transactions: those of the node, or of the whole committee. If omitted, the count of the histogram.",
      z.strictObject({ counter: metricName.optional(), of: z.enum(["node", "committee"]) }),
    ),
    latency: about(
      "The histogram of latencies, its unit, and optionally the counter of the sum of their squares.",
      z.strictObject({ histogram: metricName, unit: z.enum(["s", "ms"]), squares: metricName.optional() }),
    ),
    keep: keptMetrics.optional(),
  });

  const peerLoad = z.strictObject({
    by: z.literal("peers"),
    events: about(
      "Where the nodes' events are, one JSON object per line: in their output; at a path whose ${cursor} is the byte to begin with; or at a sink to which they push them (baleen serve --events-dir), under the name in their status to which the pointer `stream` leads.",
      z.discriminatedUnion("from", [
        z.strictObject({ from: z.literal("log") }),
        z.strictObject({
          ...{ from: z.literal("http"), port: reachedPlane, path: urlPath },
          via: about(
            "Every node has the events of all: one that is up is asked, and ${node} in the path is the name of the one meant.",
            z.literal("any"),
          ).optional(),
        }),
        z.strictObject({ from: z.literal("sink"), url: z.string().regex(sinkUrlPattern), stream: pointer }),
      ]),
    ),
    status: about(
      "A reply with the node's clock (milliseconds since 1970), the hash of its plan, and its connections (a number or a list).",
      z.strictObject({
        port: reachedPlane,
        path: urlPath,
        clock: pointer.optional(),
        plan: pointer.optional(),
        told: about(
          "Bytes of events that the node has told so far, all of which are waited for.",
          pointer,
        ).optional(),
        connections: pointer.optional(),
      }),
    ).optional(),
    metrics: about(
      "Metrics of the nodes to keep.",
      z.strictObject({ port: reachedPlane, path: urlPath.optional(), keep: keptMetrics }),
    ).optional(),
  });

  return z.strictObject({
    name: about("Name of the protocol in results.", word),
    title: about("Short title.", line).optional(),
    tolerates: z.enum(["none", "minority", "third"]).optional(),
    options: about("Options for --protocol-option, ${options.NAME}.", named(option)).optional(),
    secrets: about(
      "Names of texts that are generated randomly for each network, ${secret.NAME}.",
      z.array(word),
    ).optional(),
    nodes: about("Groups of nodes of one kind.", z.array(groupSchema(z, parts)).min(1)),
    health: request.extend({
      healthy: replyRule.optional(),
      height: pointer.optional(),
      peers: pointer.optional(),
      "catching-up": pointer.optional(),
    }),
    /** There exactly where `load` is not. */
    transaction: request
      .extend({
        method: z.enum(["POST", "PUT"]).optional(),
        accepted: replyRule.optional(),
        "largest-bytes": whole(1, 16_777_216).optional(),
      })
      .optional(),
    commits: commits.optional(),
    load: about(
      "Use it instead of transaction and commits if the nodes generate the load themselves: they count it (nodes), or tell of each message that they write and read (peers).",
      z.discriminatedUnion("by", [nodeLoad, peerLoad]),
    ).optional(),
    metrics: z.strictObject({ port: reachedPlane, path: urlPath.optional(), keep: keptMetrics }).optional(),
  });
}

/** What nodes are asked, and how commits are seen. */
function requestSchemas(z: Zod, { named, pointer, said, scalar, urlPath, whole }: Parts) {
  const status = whole(100, 599);
  const wanted = z.strictObject({
    has: about("Places in the reply's JSON that must exist.", z.array(pointer)).optional(),
    equals: about(
      "Places in the reply's JSON, and their required values.",
      named(scalar, pointer),
    ).optional(),
  });
  const replyRule = z.strictObject({
    status: z
      .xor([status, z.array(status).min(1)])
      .describe("an HTTP status, or a list of them")
      .optional(),
    ...wanted.shape,
    reason: about("Place of the reason in a rejecting reply.", pointer).optional(),
  });

  const request = z.strictObject({
    method: z.enum(["GET", "POST", "PUT"]).optional(),
    path: urlPath,
    headers: named(
      said(/^[\t -~]*$/u, "printable ASCII"),
      said(/^[a-z0-9!#$%&'*+.^_`|~-]+$/u, "names in lower case"),
    ).optional(),
    body: about(`The body's text. ${variables}`, z.string()).optional(),
    json: about(`The body as JSON; its texts may contain variables, \${…}.`, z.unknown()).optional(),
  });

  const committed = {
    items: about("Place of the list of transactions in the reply.", pointer),
    transaction: about("Place of the transaction, or of its key, in an item.", pointer),
    encoding: z.enum(["text", "base64", "hex"]).optional(),
    position: z
      .xor([z.strictObject({ item: pointer }), z.strictObject({ reply: pointer })])
      .describe("item: or reply:, and a JSON Pointer to a number that increases"),
  };
  const start = request.extend({ position: about("Place of the current position in the reply.", pointer) });

  const polling = z.strictObject({
    by: z.literal("polling"),
    "every-ms": whole(1, 60_000).optional(),
    ...request.shape,
    ...committed,
    start,
  });

  const webSocket = z.strictObject({
    by: z.literal("websocket"),
    path: urlPath,
    subscribe: about("The first message to send: text, or a table that is sent as JSON.", z.unknown()),
    when: wanted.optional(),
    ...committed,
    start: start.optional(),
  });

  return { replyRule, request, commits: z.discriminatedUnion("by", [polling, webSocket]) };
}
