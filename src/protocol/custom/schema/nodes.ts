/** Groups of nodes in the schema of descriptions: how they are started, and what they tell. */
import { about, type Parts, variables, type Zod } from "./parts.ts";

/** Of one group beside the committee; as many as a committee has at most. */
const mostHelpers = 128;

export function groupSchema(
  z: Zod,
  { line, named, plane, pointer, said, scalar, text, urlPath, whole, word }: Parts,
) {
  const program = z.strictObject({
    binary: about(
      "The program of plain processes: a name that is looked for on PATH, or a path, from this file's folder.",
      text,
    ).optional(),
    image: about("The image of containers. Left out: one is made of the binary.", line).optional(),
    entrypoint: about("What is started in the image, before the command.", z.array(text)).optional(),
    remedy: about("How to get it, a sentence for those who have neither.", line).optional(),
  });

  const port = z
    .xor([whole(1, 65_535), z.literal("any")])
    .describe("any, or the number of the port that the program listens on whatever it is told");

  /** A definition has `content` in place of `template` and `copy`. */
  const file = z.strictObject({
    path: about("Where it is laid, from the node's home.", line),
    mode: said(/^0?[0-7]{3}$/u, 'permission bits in octal digits, in quotes: "0600"').optional(),
    content: about(`What stands in it. ${variables}`, z.string()).optional(),
    template: about(`A file with what stands in it, from this file's folder. ${variables}`, text).optional(),
    copy: about("A file that is taken as it is, from this file's folder.", text).optional(),
  });

  const list = z.strictObject({
    of: z
      .xor([text, z.array(text).min(1)])
      .describe("a role or a list of roles")
      .optional(),
    "except-self": about("Leaves out the node that reads it.", z.boolean()).optional(),
    item: about(`The text about one node, \${item.…}. ${variables}`, text),
    separator: about('Stands between two; default ",".', z.string()).optional(),
  });

  const exported = z.discriminatedUnion("from", [
    z.strictObject({
      from: z.literal("log"),
      pattern: about(
        "A regular expression; the text of its first group, in the first line that matches.",
        text,
      ),
    }),
    z.strictObject({ from: z.literal("http"), port: plane, path: urlPath, pointer }),
  ]);

  return z.strictObject({
    role: about("What its nodes are, a word: member.", word),
    count: about(
      "How many; left out for the committee, whose size is chosen with --committee.",
      whole(1, mostHelpers),
    ).optional(),
    program,
    ports: about(
      "Where its nodes listen. Transactions go to rpc.",
      z.strictObject({ rpc: port.optional(), peer: port.optional(), metrics: port.optional() }),
    ),
    command: about(`Arguments, one each: no shell reads them. ${variables}`, z.array(scalar)).optional(),
    environment: about(
      `Variables of the nodes' environment. ${variables}`,
      named(scalar, said(/^[A-Za-z_][A-Za-z0-9_]*$/u, "names of letters, digits and underscores")),
    ).optional(),
    files: about("Files in each node's home.", z.array(file)).optional(),
    lists: about("Texts about several nodes, ${lists.NAME}.", named(list)).optional(),
    "start-after": about(
      "Roles that must run first; those whose exports are used do anyway.",
      z.array(text),
    ).optional(),
    exports: about("What each node tells of itself once it runs, ${ROLE.NAME}.", named(exported)).optional(),
  });
}
