/** What a links file says, in its user's own words; published as schema/links.schema.json. */
import type * as z from "zod";
import { about, makeCommonParts, type Zod } from "../../core/documents/schema-parts.ts";
import { onDemand } from "../../core/on-demand.ts";
import { topologyNames } from "../topology.ts";
import { makeShapeParts } from "./shape.ts";

export type LinksFile = z.infer<ReturnType<typeof makeSchema>>;

const zod = onDemand<Zod>("zod");
let made: ReturnType<typeof makeSchema> | undefined;

/** The schema that links files are held to. */
export function linksFileSchema() {
  made ??= makeSchema(zod());
  return made;
}

function makeSchema(z: Zod) {
  const { line, whole } = makeCommonParts(z);
  const { name, shape } = makeShapeParts(z);
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
          z.enum(["round-robin", "host-regions"]),
          z.array(name),
          z.strictObject({ hosts: z.record(z.string(), name) }),
        ])
        .describe(
          "round-robin, host-regions, a list with the region of each node, or hosts: with the region of each host",
        ),
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
