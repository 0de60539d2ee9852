/** Groups of nodes in the JSON Schema of descriptions: how they are started, and what they tell. */
import {
  about,
  line,
  named,
  plane,
  pointer,
  scalar,
  table,
  text,
  urlPath,
  variables,
  word,
} from "./parts.ts";

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

export const group = table(
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
