/** Groups of nodes in the schema of descriptions: how they are started, and what they tell. */
import { highestPort } from "../../../core/address.ts";
import { about, type Zod } from "../../../core/documents/schema-parts.ts";
import { type Parts, variables } from "./parts.ts";

/** Of one group beside the committee; as many as a committee has at most. */
export const mostHelpers = 128;

export function groupSchema(
  z: Zod,
  { line, named, plane, pointer, said, scalar, text, urlPath, whole, word }: Parts,
) {
  const program = z.strictObject({
    binary: about(
      "The program of plain processes: a name on PATH, or a path relative to this file's folder.",
      text,
    ).optional(),
    image: about("The image of containers. If omitted, Baleen builds one from the binary.", line).optional(),
    entrypoint: about("Entrypoint of the image, before the command.", z.array(text)).optional(),
    remedy: about("How to get the program, one sentence.", line).optional(),
  });

  const portNumber = whole(1, highestPort);
  const port = z
    .xor([portNumber, z.literal("any"), z.strictObject({ base: portNumber })])
    .describe(
      "any, the number of the port that the program always listens on, or base: and the number of the first node's, which those of the others follow",
    );

  const byIndex = z
    .xor([z.array(scalar).min(1), text])
    .describe("a list with an item for each node, or a text in which {index} is the node's index");

  /** A definition has `content` in place of `template` and `copy`. */
  const file = z.strictObject({
    path: about("Path of the file, from the node's home.", line),
    mode: said(/^0?[0-7]{3}$/u, 'permission bits in octal digits, in quotes: "0600"').optional(),
    content: about(`Content of the file. ${variables}`, z.string()).optional(),
    template: about(`Path of a template, from this file's folder. ${variables}`, text).optional(),
    copy: about("Path of a file to copy, from this file's folder.", text).optional(),
  });

  const list = z.strictObject({
    of: z
      .xor([text, z.array(text).min(1)])
      .describe("a role or a list of roles")
      .optional(),
    "except-self": about("Omits the node that uses the list.", z.boolean()).optional(),
    item: about(`The text about one node, \${item.…}. ${variables}`, text),
    separator: about('Text between two items; default ",".', z.string()).optional(),
  });

  const exported = z.discriminatedUnion("from", [
    z.strictObject({
      from: z.literal("log"),
      pattern: about(
        "A regular expression; the value is its first group in the first line that matches.",
        text,
      ),
    }),
    z.strictObject({ from: z.literal("http"), port: plane, path: urlPath, pointer }),
  ]);

  return z.strictObject({
    role: about("Role of the group's nodes, one word: member.", word),
    count: about(
      "Number of nodes; omit it for the committee, whose size --committee sets.",
      whole(1, mostHelpers),
    ).optional(),
    program,
    ports: about(
      "Where its nodes listen. Transactions go to rpc.",
      z.strictObject({ rpc: port.optional(), peer: port.optional(), metrics: port.optional() }),
    ),
    command: about(`Arguments, one per item, without a shell. ${variables}`, z.array(scalar)).optional(),
    environment: about(
      `Variables of the nodes' environment. ${variables}`,
      named(scalar, said(/^[A-Za-z_][A-Za-z0-9_]*$/u, "names of letters, digits and underscores")),
    ).optional(),
    files: about("Files in each node's home.", z.array(file)).optional(),
    lists: about("Texts that list several nodes, ${lists.NAME}.", named(list)).optional(),
    "start-after": about(
      "Roles that must start first. Roles whose exports are used always do.",
      z.array(text),
    ).optional(),
    "connects-to": about(
      "Roles to whose nodes its nodes connect, and to no others. A run of peers is held to it.",
      z.array(text),
    ).optional(),
    values: about(
      "Values of each node by its index from 0, ${node.NAME}, ${item.NAME} and ${ROLE.NAME}.",
      named(byIndex),
    ).optional(),
    exports: about("Values that each node exports once it runs, ${ROLE.NAME}.", named(exported)).optional(),
  });
}
