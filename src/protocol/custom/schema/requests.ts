/** What nodes are asked, and how commits are seen, in the JSON Schema of descriptions. */
import { about, named, pointer, scalar, table, urlPath, variables } from "./parts.ts";

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
export const replyRule = table({ ...rule, reason: about("Where a refusal's reason stands.", pointer) });

export const request = {
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

export const commits = {
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
