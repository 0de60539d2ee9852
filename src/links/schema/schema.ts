/** What a links file says, in its user's own words; published as schema/links.schema.json. */
import type * as z from "zod";
import { spaces } from "../../contracts/links/ground.ts";
import { about, makeCommonParts, type Zod } from "../../core/documents/schema-parts.ts";
import { onDemand } from "../../core/on-demand.ts";
import { distance, type QuantityKind } from "../../core/quantity.ts";
import { topologyNames } from "../topology.ts";
import { makePosition } from "./position.ts";
import { makeShapeParts } from "./shape.ts";

export type LinksFile = z.infer<ReturnType<typeof makeSchema>>;

/** Milliseconds. Faster changes would take the shaper's time. */
export const tick: QuantityKind = {
  expected: "a time such as 100ms or 1s",
  units: { ms: 1, s: 1000 },
  least: 20,
  most: 60_000,
  limits: "20ms to 60s",
};

/** Points of a quality by distance. */
const mostPoints = 100;

const zod = onDemand<Zod>("zod");
let made: ReturnType<typeof makeSchema> | undefined;

/** The schema that links files are held to. */
export function linksFileSchema() {
  made ??= makeSchema(zod());
  return made;
}

function makeSchema(z: Zod) {
  const { line, whole } = makeCommonParts(z);
  const { name, needed, quantity, shape } = makeShapeParts(z);
  const position = makePosition(z);
  const pair = (noun: string) =>
    about(
      `Of a pair of ${noun}. It counts for both directions, unless the other one is there too.`,
      z.array(z.strictObject({ from: name, to: name, ...shape })),
    ).optional();

  const quality = about(
    "Values of links by the distance of their nodes, by rising distance. Between two points, numbers are in proportion; beyond the last one they stay.",
    z
      .array(z.strictObject({ distance: needed("Distance of the two nodes", distance), ...shape }))
      .min(1)
      .max(mostPoints),
  );
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
    space: about("What positions mean. plane (default): metres. earth: degrees.", z.enum(spaces)).optional(),
    positions: about(
      "Where nodes are at first: [x, y] or [x, y, z] in metres, or [longitude, latitude] in degrees.",
      z.record(z.string(), position),
    ).optional(),
    quality: quality.optional(),
    layers: about(
      "Links of several kinds, each with its quality by distance. A link is of the first layer that names it; all others have quality: of the file.",
      z.array(
        z.strictObject({
          name: about("Name of the layer, such as radio.", name),
          nodes: about("All links between these nodes.", z.array(name).min(2)).optional(),
          edges: about("These links.", z.array(z.tuple([name, name])).min(1)).optional(),
          quality,
        }),
      ),
    ).optional(),
    tick: quantity("How often links follow nodes that move; default 100ms", tick),
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
