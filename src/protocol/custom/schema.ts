/** The JSON Schema of descriptions, published as schema/protocol.schema.json. Texts in `description` stand in faults. */

const variables = "May hold variables, ${…}; $$ is a dollar.";

const text = { type: "string", minLength: 1 };
const line = { type: "string", pattern: "^[^\\r\\n]+$", description: "a line of text" };
const word = {
  type: "string",
  pattern: "^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$",
  description: "lower case letters and digits, in words with a dash between",
};
const scalar = { type: ["string", "number", "boolean"] };
const pointer = {
  type: "string",
  pattern: "^(/([^~/]|~[01])*)*$",
  description: "a JSON Pointer (RFC 6901), as /result/height",
};
const plane = { enum: ["rpc", "peer", "metrics"] };
/** Those of nodes for one another are not open to the machine that runs Baleen where nodes are containers. */
const reachedPlane = { enum: ["rpc", "metrics"] };
const urlPath = {
  type: "string",
  pattern: "^/[!-~]*$",
  description: "a path of a URL, from its first slash",
};

function table(properties: Record<string, object>, required: readonly string[] = []) {
  return { type: "object", additionalProperties: false, required, properties };
}

/** A table whose keys the user chooses. */
function named(values: object, names: object = word) {
  return { type: "object", propertyNames: names, additionalProperties: values };
}

/** Help for editors; a part that says in its description what it must be keeps that for faults. */
function about(help: string, part: object) {
  return "description" in part ? { ...part, title: help } : { ...part, description: help };
}

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

const program = table({
  binary: about(
    "The program of plain processes: a name that is looked for on PATH, or a path, from this file's folder.",
    text,
  ),
  image: about("The image of containers. Left out: one is made of the binary.", line),
  entrypoint: about("What is started in the image, before the command.", { type: "array", items: text }),
  remedy: about("How to get it, a sentence for those who have neither.", line),
});

const port = {
  type: ["integer", "string"],
  anyOf: [{ type: "integer", minimum: 1, maximum: 65_535 }, { const: "any" }],
  description: "any, or the number of the port that the program listens on whatever it is told",
};

const file = table(
  {
    path: about("Where it is laid, from the node's home.", line),
    mode: {
      type: "string",
      pattern: "^0?[0-7]{3}$",
      description: 'permission bits in octal digits, in quotes: "0600"',
    },
    content: about(`What stands in it. ${variables}`, { type: "string" }),
    template: about(`A file with what stands in it, from this file's folder. ${variables}`, text),
    copy: about("A file that is taken as it is, from this file's folder.", text),
  },
  ["path"],
);

const list = table(
  {
    of: {
      type: ["string", "array"],
      anyOf: [text, { type: "array", minItems: 1, items: text }],
      description: "a role or a list of roles",
    },
    "except-self": about("Leaves out the node that reads it.", { type: "boolean" }),
    item: about(`The text about one node, \${item.…}. ${variables}`, text),
    separator: about('Stands between two; default ",".', { type: "string" }),
  },
  ["item"],
);

const exported = {
  type: "object",
  discriminator: { propertyName: "from" },
  oneOf: [
    table(
      {
        from: { const: "log" },
        pattern: about(
          "A regular expression; the text of its first group, in the first line that matches.",
          text,
        ),
      },
      ["from", "pattern"],
    ),
    table(
      {
        from: { const: "http" },
        port: plane,
        path: urlPath,
        pointer,
      },
      ["from", "port", "path", "pointer"],
    ),
  ],
};

/** Of one group beside the committee; as many as a committee has at most. */
const mostHelpers = 128;

const group = table(
  {
    role: about("What its nodes are, a word: member.", word),
    count: about("How many; left out for the committee, whose size is chosen with --committee.", {
      type: "integer",
      minimum: 1,
      maximum: mostHelpers,
    }),
    program,
    ports: about(
      "Where its nodes listen. Transactions go to rpc.",
      table({ rpc: port, peer: port, metrics: port }),
    ),
    command: about(`Arguments, one each: no shell reads them. ${variables}`, {
      type: "array",
      items: scalar,
    }),
    environment: about(
      `Variables of the nodes' environment. ${variables}`,
      named(scalar, {
        type: "string",
        pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
        description: "names of letters, digits and underscores",
      }),
    ),
    files: about("Files in each node's home.", { type: "array", items: file }),
    lists: about("Texts about several nodes, ${lists.NAME}.", named(list)),
    "start-after": about("Roles that must run first; those whose exports are used do anyway.", {
      type: "array",
      items: text,
    }),
    exports: about("What each node tells of itself once it runs, ${ROLE.NAME}.", named(exported)),
  },
  ["role", "program", "ports"],
);

const rule = {
  status: {
    type: ["integer", "array"],
    anyOf: [
      { type: "integer", minimum: 100, maximum: 599 },
      { type: "array", minItems: 1, items: { type: "integer", minimum: 100, maximum: 599 } },
    ],
    description: "an HTTP status, or a list of them",
  },
  has: about("Places in the reply's JSON where something must stand.", { type: "array", items: pointer }),
  equals: about("Places in the reply's JSON, and what must stand there.", named(scalar, pointer)),
};
const replyRule = table({ ...rule, reason: about("Where a refusal's reason stands.", pointer) });

const request = {
  method: { enum: ["GET", "POST", "PUT"] },
  path: urlPath,
  headers: named(
    { type: "string", pattern: "^[\\t -~]*$", description: "printable ASCII" },
    { type: "string", pattern: "^[a-z0-9!#$%&'*+.^_`|~-]+$", description: "names in lower case" },
  ),
  body: about(`The body's text. ${variables}`, { type: "string" }),
  json: about(`The body as JSON; its texts may hold variables, \${…}.`, {}),
};

const committed = {
  items: about("Where the list of transactions stands in the reply.", pointer),
  transaction: about("Where in an item the transaction stands, or the key that names it.", pointer),
  encoding: { enum: ["text", "base64", "hex"] },
  position: {
    type: "object",
    anyOf: [table({ item: pointer }, ["item"]), table({ reply: pointer }, ["reply"])],
    description: "item: or reply:, and a JSON Pointer to a number that rises",
  },
};
const start = table({ ...request, position: about("Where the position of now stands.", pointer) }, [
  "path",
  "position",
]);

const commits = {
  type: "object",
  discriminator: { propertyName: "by" },
  oneOf: [
    table(
      {
        by: { const: "polling" },
        "every-ms": { type: "integer", minimum: 1, maximum: 60_000 },
        ...request,
        ...committed,
        start,
      },
      ["by", "path", "items", "transaction", "position", "start"],
    ),
    table(
      {
        by: { const: "websocket" },
        path: urlPath,
        subscribe: about("What is sent first: a text, or a table that is sent as JSON.", {}),
        when: table({ has: rule.has, equals: rule.equals }),
        ...committed,
        start,
      },
      ["by", "path", "subscribe", "items", "transaction", "position"],
    ),
  ],
};

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
