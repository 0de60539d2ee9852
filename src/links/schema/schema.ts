/** What a links file says, in its user's own words; published as schema/links.schema.json. */
import type * as z from "zod";
import { jitterDistributions } from "../../contracts/links/shape.ts";
import { about, makeCommonParts, type Zod } from "../../core/documents/schema-parts.ts";
import { onDemand } from "../../core/on-demand.ts";
import {
  bitRate,
  byteSize,
  duration,
  parseQuantity,
  type QuantityKind,
  share,
  waitingTime,
} from "../../core/quantity.ts";
import { topologyNames } from "../topology.ts";

export type LinksFile = z.infer<ReturnType<typeof makeSchema>>;
export type ShapeEntry = NonNullable<LinksFile["default"]>;
export type PairEntry = NonNullable<LinksFile["node-pairs"]>[number];

const zod = onDemand<Zod>("zod");
let made: ReturnType<typeof makeSchema> | undefined;

/** The schema that links files are held to. */
export function linksFileSchema() {
  made ??= makeSchema(zod());
  return made;
}

/** Of a queue: a time where the unit is one of time, else bytes. */
export const queueKindOf = (text: string): QuantityKind => (/s\s*$/i.test(text) ? waitingTime : byteSize);

/** What stands for no limit. */
export const unlimited = "unlimited";

function makeSchema(z: Zod) {
  const { line, said, whole } = makeCommonParts(z);
  const name = said(
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u,
    "a name of letters, digits, dots, dashes and underscores",
  );

  /** A text that is checked by `problem`, which says what is wrong with it. */
  const checked = (problem: (given: unknown) => string | undefined, help: string) =>
    z
      .string({ error: ({ input }) => problem(input) })
      .refine((text) => problem(text) === undefined, { error: ({ input }) => problem(input) })
      .meta({ description: help });
  const problemOf = (given: unknown, kind: QuantityKind) => {
    const parsed = parseQuantity(given, kind);
    return "problem" in parsed ? parsed.problem : undefined;
  };
  const quantity = (help: string, kind: QuantityKind) =>
    checked((given) => problemOf(given, kind), `${help}: ${kind.expected}.`).optional();

  const shape = {
    delay: quantity("One-way delay, half of a symmetric round trip", duration),
    jitter: quantity("Standard deviation of the delay", duration),
    "jitter-distribution": about("Default: normal.", z.enum(["none", ...jitterDistributions])).optional(),
    loss: quantity("Share of packets that are lost, each by itself", share),
    "loss-bursts": about(
      "Losses in bursts (Gilbert-Elliott).",
      z.strictObject({
        p: checked((given) => problemOf(given, share), "Probability to enter a burst, for each packet."),
        r: checked(
          (given) => problemOf(given, share),
          "Probability to leave a burst; a burst lasts 1/r packets.",
        ),
        good: quantity("Loss outside of bursts (default 0%)", share),
        bad: quantity("Loss within bursts (default 100%)", share),
      }),
    ).optional(),
    rate: checked(
      (given) => (given === unlimited ? undefined : problemOf(given, bitRate)),
      `${bitRate.expected}, or ${unlimited}.`,
    ).optional(),
    queue: checked((given) => {
      const problem = problemOf(given, queueKindOf(String(given)));
      return problem?.replace(byteSize.expected, `a time such as 50ms, or ${byteSize.expected}`);
    }, "What may wait for the rate: a time such as 50ms (the default), or a size such as 64kB.").optional(),
    duplicate: quantity("Share of packets that arrive twice", share),
    reorder: quantity("Share of packets that skip the delay, and so overtake others", share),
    corrupt: quantity("Share of packets with one bit flipped", share),
    down: about("Whether nothing passes.", z.boolean()).optional(),
  };
  const pair = (noun: string) =>
    about(
      `Of a pair of ${noun}. It counts for both directions, unless the other one is there too.`,
      z.array(z.strictObject({ from: name, to: name, ...shape })),
    ).optional();

  return z.strictObject({
    title: about("Short title.", line).optional(),
    source: about("Where the figures come from.", line).optional(),
    date: about("Date of the figures.", line).optional(),
    note: about("What else to know of the figures.", line).optional(),
    default: about("The shape of all links.", z.strictObject(shape)).optional(),
    regions: about("Names of the regions.", z.array(name).min(1)).optional(),
    assign: about(
      "Which node is in which region. Default: round-robin.",
      z
        .union([
          z.literal("round-robin"),
          z.array(name),
          z.strictObject({ hosts: z.record(z.string(), name) }),
        ])
        .describe("round-robin, a list with the region of each node, or hosts: with the region of each host"),
    ).optional(),
    "region-pairs": pair("regions"),
    "group-pairs": pair("groups of nodes, by role"),
    "node-pairs": pair("nodes"),
    clients: about(
      "Shape of what goes between clients and nodes, each way. Not shaped if omitted.",
      z.strictObject(shape),
    ).optional(),
    topology: about(
      "Which nodes have a link; all other pairs are down. Default: full.",
      z
        .union([
          z.enum(topologyNames),
          z.strictObject({
            random: z.strictObject({
              degree: whole(2, 127),
              seed: z.union([z.string(), z.number()]).optional(),
            }),
          }),
          z.strictObject({ edges: z.array(z.tuple([name, name])).min(1) }),
        ])
        .describe(
          `${topologyNames.join(", ")}, random: { degree: 2 or more, seed: any }, or edges: [[node0, node1], …]`,
        ),
    ).optional(),
  });
}
