/** What a timeline says, in its user's own words; published as schema/timeline.schema.json. */
import type * as z from "zod";
import { about, makeCommonParts, type Zod } from "../../core/documents/schema-parts.ts";
import { onDemand } from "../../core/on-demand.ts";
import { type QuantityKind, speed } from "../../core/quantity.ts";
import { makePosition } from "./position.ts";
import { makeShapeParts } from "./shape.ts";

type Schemas = ReturnType<typeof makeSchemas>;
export type TimelineFile = z.infer<Schemas["file"]>;
export type TimelineEntry = TimelineFile["timeline"][number];
export type SelectorEntry = NonNullable<TimelineEntry["crash"]>;
export type LinksEntry = NonNullable<TimelineEntry["links"]>;

/** Milliseconds since the start of the window. */
export const moment: QuantityKind = {
  expected: "a time such as 10s, 500ms or 2m",
  units: { ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  least: 0,
  most: 604_800_000,
  limits: "0s to 168h",
};

/** Milliseconds. Shorter spans could not be kept. */
export const span: QuantityKind = { ...moment, least: 10, limits: "10ms to 168h" };

/** Most entries of a timeline. */
const mostEntries = 1000;

const zod = onDemand<Zod>("zod");
let made: Schemas | undefined;

/** The schemas that timelines are held to: of a list, and of a table with that list in it. */
export function timelineSchemas() {
  made ??= makeSchemas(zod());
  return made;
}

function makeSchemas(z: Zod) {
  const { line, whole } = makeCommonParts(z);
  const { name, needed, quantity, shape, gradual } = makeShapeParts(z);
  const position = makePosition(z);
  const random = z.strictObject({
    random: z.strictObject({
      count: whole(1, 128),
      seed: about(
        "Default: 1. The same seed chooses the same nodes.",
        z.union([z.string(), z.number()]),
      ).optional(),
    }),
  });
  const selector = z
    .union([name, random, z.array(z.union([name, random])).min(1)])
    .describe("a node, a group, a region, all, random: { count: 2, seed: 7 }, or a list of these");
  const nodes = (help: string) => about(help, selector).optional();
  const groups = z
    .array(selector)
    .min(1)
    .describe("a list of groups, such as [[node0, node1], [node2, node3]]");

  const entry = z.strictObject({
    at: needed("When it begins, counted from the start of the measurement window", moment),
    for: quantity("How long it lasts; then it is undone", span),
    every: quantity("It happens again after this time, counted from one beginning to the next", span),
    until: quantity(
      "With every: it does not begin at this time or later. Default: the end of the window",
      moment,
    ),
    crash: nodes("Nodes to kill (SIGKILL). With for, they are started again after it."),
    restart: nodes("Crashed nodes to start again."),
    pause: nodes("Nodes to stop (SIGSTOP). With for, they go on after it."),
    resume: nodes("Paused nodes that go on."),
    partition: about(
      "Groups between which nothing passes. Nodes that are in none form one more group.",
      groups,
    ).optional(),
    isolate: nodes("Nodes that are cut off from every other node."),
    set: about("Values that links get; others stay as they are.", z.strictObject(shape)).optional(),
    ramp: about("Values that links reach after for, in even steps.", z.strictObject(gradual)).optional(),
    flap: nodes("Nodes whose links go down and up again and again, down first."),
    up: quantity("With flap: how long links are up", span),
    down: quantity("With flap: how long links are down", span),
    move: nodes("Nodes that move, each from where it is; one of to, path, circle or wander says how."),
    to: about("With move: straight to this position.", position).optional(),
    path: about(
      "With move: straight from one of these positions to the next.",
      z.array(position).min(1),
    ).optional(),
    circle: about(
      "With move: around a point of the plane, at the distance at which the node is.",
      z.strictObject({
        center: position,
        period: needed("Once around", span),
        clockwise: z.boolean().optional(),
      }),
    ).optional(),
    wander: about(
      "With move: to random positions within an area, one after the other, for the time that for: gives.",
      z.strictObject({
        within: about("Two opposite corners, the lesser values first.", z.tuple([position, position])),
        pause: quantity("Rest at each position", moment),
        seed: about(
          "Default: 1. The same seed draws the same way.",
          z.union([z.string(), z.number()]),
        ).optional(),
      }),
    ).optional(),
    speed: quantity("With to, path and wander: how fast", speed),
    heal: about(
      "Ends all that was done to links before.",
      z.union([z.literal("all"), z.literal(true)]).describe("all"),
    ).optional(),
    links: about(
      "With set and ramp: the links. Default: all.",
      z.strictObject({
        from: nodes("Senders. Default: all."),
        to: nodes("Receivers. Default: all."),
        between: about(
          "Both directions: of two or more, the links from one to another; of one, those within it.",
          z
            .union([name, random, groups])
            .describe("two or more groups of nodes, such as [node0, node1] or [eu, us]; or one, such as eu"),
        ).optional(),
      }),
    ).optional(),
  });
  const list = about("What happens when.", z.array(entry).min(1).max(mostEntries));
  const file = z.strictObject({
    title: about("Short title.", line).optional(),
    source: about("Where it comes from.", line).optional(),
    note: about("What else to know of it.", line).optional(),
    timeline: list,
  });
  return { list, file, either: z.union([list, file]) };
}
