/** What nodes are asked, and how commits are seen, in the schema of descriptions. */
import { about, type Parts, variables, type Zod } from "./parts.ts";

export function requestSchemas(z: Zod, { named, pointer, said, scalar, urlPath, whole }: Parts) {
  const status = whole(100, 599);
  const wanted = z.strictObject({
    has: about("Places in the reply's JSON where something must stand.", z.array(pointer)).optional(),
    equals: about(
      "Places in the reply's JSON, and what must stand there.",
      named(scalar, pointer),
    ).optional(),
  });
  const replyRule = z.strictObject({
    status: z
      .xor([status, z.array(status).min(1)])
      .describe("an HTTP status, or a list of them")
      .optional(),
    ...wanted.shape,
    reason: about("Where a refusal's reason stands.", pointer).optional(),
  });

  const request = z.strictObject({
    method: z.enum(["GET", "POST", "PUT"]).optional(),
    path: urlPath,
    headers: named(
      said(/^[\t -~]*$/u, "printable ASCII"),
      said(/^[a-z0-9!#$%&'*+.^_`|~-]+$/u, "names in lower case"),
    ).optional(),
    body: about(`The body's text. ${variables}`, z.string()).optional(),
    json: about(`The body as JSON; its texts may hold variables, \${…}.`, z.unknown()).optional(),
  });

  const committed = {
    items: about("Where the list of transactions stands in the reply.", pointer),
    transaction: about("Where in an item the transaction stands, or the key that names it.", pointer),
    encoding: z.enum(["text", "base64", "hex"]).optional(),
    position: z
      .xor([z.strictObject({ item: pointer }), z.strictObject({ reply: pointer })])
      .describe("item: or reply:, and a JSON Pointer to a number that rises"),
  };
  const start = request.extend({ position: about("Where the position of now stands.", pointer) });

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
    subscribe: about("What is sent first: a text, or a table that is sent as JSON.", z.unknown()),
    when: wanted.optional(),
    ...committed,
    start: start.optional(),
  });

  const commits = z.discriminatedUnion("by", [polling, webSocket]);
  return { replyRule, request, commits };
}
