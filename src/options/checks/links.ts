import type { LinksParameters, SweepParameters } from "../../contracts/parameters.ts";
import { present } from "../../core/documents/numbers.ts";
import type { WrittenTopology } from "../rules/links.ts";
import type { ParameterReader } from "./given.ts";

/** Emulated links, and what happens when; flags for single values are folded into the links. */
export function readLinks({
  given,
  take,
  contradict,
}: ParameterReader): Pick<SweepParameters, "links" | "timeline"> {
  const named = take("links", undefined);
  const measured = take("linksLike", undefined);
  if (given.links !== undefined && given.linksLike !== undefined) {
    contradict(given.linksLike, `${given.links.name} says already what the links are. Use one of them`);
  }
  const shape = present({
    delay: take("delay", undefined),
    jitter: take("jitter", undefined),
    loss: take("loss", undefined),
    rate: take("rate", undefined),
  });
  const topology = take("topology", undefined);
  const mechanism = take("linkMechanism", undefined);
  const timeline = take("timeline", undefined);
  const links = foldInto(named ?? measured, shape, topology);
  const isAsked = [links, given.links, given.linksLike, given.timeline].some((one) => one !== undefined);
  if (given.linkMechanism !== undefined && !isAsked) {
    contradict(given.linkMechanism, "no links are emulated. Add --links, --delay or the like");
  }
  return present({
    links: mechanism === undefined || !isAsked ? links : { ...(links ?? unchanged), mechanism },
    timeline,
  });
}

/** Links of which only a timeline changes anything. */
const unchanged: LinksParameters = { name: "unshaped", document: {} };

/** The same links with another default, and another topology. */
function foldInto(
  links: LinksParameters | undefined,
  shape: Readonly<Record<string, string | undefined>>,
  topology: WrittenTopology | undefined,
): LinksParameters | undefined {
  const flags = [
    ...Object.entries(shape).map(([key, value]) => `${key} ${value}`),
    ...(topology === undefined ? [] : [describeTopology(topology)]),
  ];
  if (flags.length === 0) return links;
  const { document = {}, placeOf, name } = links ?? {};
  const {
    loss,
    "loss-bursts": bursts,
    ...before
  } = (document.default ?? {}) as Readonly<Record<string, unknown>>;
  // A share of all packets in place of bursts.
  const kept = "loss" in shape ? {} : present({ loss, "loss-bursts": bursts });
  const merged = { ...before, ...kept, ...shape };
  return {
    name: [...(name === undefined ? [] : [name]), ...flags].join(", "),
    document: {
      ...document,
      ...(Object.keys(merged).length === 0 ? {} : { default: merged }),
      ...(topology === undefined ? {} : { topology }),
    },
    ...(placeOf === undefined ? {} : { placeOf }),
  };
}

function describeTopology(topology: WrittenTopology): string {
  if (typeof topology === "string") return topology;
  const { degree, seed } = topology.random;
  return `random:${degree}${seed === undefined ? "" : `:${seed}`}`;
}
