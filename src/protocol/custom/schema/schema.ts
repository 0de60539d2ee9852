/** The JSON Schema of descriptions, published as schema/protocol.schema.json. Texts in `description` stand in diagnostics. */
import { group } from "./nodes.ts";
import { about, line, named, pointer, reachedPlane, table, urlPath, word } from "./parts.ts";
import { commits, replyRule, request } from "./requests.ts";

const optionValue = {
  type: ["number", "string"],
  pattern: "^[^\\r\\n]*$",
  description: "a number, or a line of text",
};

const option = table(
  {
    meaning: about("A few words, for people.", line),
    default: optionValue,
    "remote-default": about("For nodes on several hosts, where it is another one.", optionValue),
    from: about("The least that it may be, of a number.", { type: "number" }),
    to: about("The most that it may be, of a number.", { type: "number" }),
    choices: about("All that it may be, of a text.", { type: "array", minItems: 1, items: line }),
  },
  ["meaning", "default"],
);

const metricName = {
  type: "string",
  pattern: "^[A-Za-z_:][A-Za-z0-9_:]*$",
  description: "the name of a metric",
};
const keptMetrics = {
  type: "array",
  items: {
    type: "string",
    pattern: "^[A-Za-z_:][A-Za-z0-9_:]*\\*?$",
    description: "names of metrics, or beginnings of names with * behind",
  },
};

const nodeLoad = table(
  {
    by: { const: "nodes" },
    port: reachedPlane,
    path: urlPath,
    submitted: about(
      "The counter of the transactions that a node submitted.",
      table({ counter: metricName }, ["counter"]),
    ),
    committed: about(
      "The counter of committed transactions: those of the node, or of the whole committee. Without one: as many as the histogram holds.",
      table({ counter: metricName, of: { enum: ["node", "committee"] } }, ["of"]),
    ),
    latency: about(
      "The histogram of latencies, its unit, and where there is one the counter of the sum of their squares.",
      table({ histogram: metricName, unit: { enum: ["s", "ms"] }, squares: metricName }, [
        "histogram",
        "unit",
      ]),
    ),
    keep: keptMetrics,
  },
  ["by", "port", "committed", "latency"],
);

export const protocolSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "A system under test for baleen",
  ...table(
    {
      name: about("Stands in results as the protocol.", word),
      title: about("What it is, a few words.", line),
      tolerates: { enum: ["none", "minority", "third"] },
      options: about("What users may set by --protocol-option, ${options.NAME}.", named(option)),
      secrets: about("Names of texts that are random in each network, ${secret.NAME}.", {
        type: "array",
        items: word,
      }),
      nodes: about("Groups of nodes of one kind.", { type: "array", minItems: 1, items: group }),
      health: table(
        {
          ...request,
          healthy: replyRule,
          height: pointer,
          peers: pointer,
          "catching-up": pointer,
        },
        ["path"],
      ),
      transaction: table(
        {
          ...request,
          method: { enum: ["POST", "PUT"] },
          accepted: replyRule,
          "largest-bytes": { type: "integer", minimum: 1, maximum: 16_777_216 },
        },
        ["path"],
      ),
      commits,
      load: about("Where the nodes make the load themselves, in place of transaction and commits.", nodeLoad),
      metrics: table(
        {
          port: reachedPlane,
          path: urlPath,
          keep: keptMetrics,
        },
        ["port", "keep"],
      ),
    },
    ["name", "nodes", "health"],
  ),
} as const;
