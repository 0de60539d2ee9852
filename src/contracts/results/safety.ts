/** Whether the nodes of a run hold the same chain, and how old blocks were when they were first seen. */
import { type Of, record } from "../../core/documents/form.ts";
import {
  amount,
  choice,
  count,
  flag,
  list,
  measured,
  natural,
  text,
} from "../../core/documents/form-values.ts";

const shownBlock = record("One node's block.", {
  node: text("Name of the node."),
  fingerprint: text("Hash of its block."),
});

export interface ShownBlock extends Of<typeof shownBlock> {}

const fork = record("One height.", {
  height: count("Which height it is."),
  seen: choice("during: while commits were observed; after: when the blocks were queried after the run.", [
    "during",
    "after",
  ]),
  shown: list("Blocks by node, for the nodes that reported one.", shownBlock),
  notFollowed: text(
    "Why the height where the chains diverge could not be found: the fork may begin lower. Omitted if it was found, or not searched for.",
  ).optional(),
});

/** Two nodes showed different blocks at one height. */
export interface Fork extends Of<typeof fork> {}

const prefix = record(
  "Highest height at which blocks were queried after the run, and all were the same; omitted with fewer than two nodes, or if a fork is known at or below it.",
  {
    height: natural("That highest height."),
    fingerprint: text("Hash of the block."),
    nodes: list("Nodes that reported it.", text("Name of one.")),
    chained: flag(
      "Whether the hash covers all blocks below it, so that these nodes have the same blocks from the first on.",
    ),
  },
);

export interface AgreedPrefix extends Of<typeof prefix> {}

export const safetyForm = record(
  "Whether all nodes have the same committed blocks, as far as observed; omitted if blocks cannot be compared, as with a single node.",
  {
    comparedHeights: count("Heights at which every node reported the same block during the run."),
    uncomparedHeights: count(
      "Other heights of the run: by its end, not every node had reported its block, or there is a fork.",
    ),
    comparedAfterwards: count(
      "Other heights that were queried after the run, and at which the nodes of prefix reported the same block. At most a thousand are queried, and none if prefix is chained.",
    ),
    prefix: prefix.optional(),
    notAsked: list(
      "Nodes that were not queried after the run, or did not reply.",
      record("One of them.", { node: text("Name of the node."), reason: text("Why it did not reply.") }),
    ),
    forks: list(
      "Heights at which nodes reported different blocks, at most the lowest ten. Any fork makes the run invalid.",
      fork,
      { most: 10 },
    ),
  },
);

export interface SafetyReport extends Of<typeof safetyForm> {}

export const blockAgeForm = record(
  "Time of observation at the coordinator minus the block's own time, for blocks first observed in the window. No latency depends on it. Omitted if no block was observed then, or blocks have no time.",
  {
    count: count("Number of blocks."),
    negative: count("Blocks that were observed before their own time. All figures include them unchanged."),
    minMs: measured("Minimum, milliseconds.").optional(),
    p50Ms: measured("Median, nearest-rank, milliseconds.").optional(),
    p99Ms: measured("99th percentile, nearest-rank, milliseconds.").optional(),
    maxMs: measured("Maximum, milliseconds.").optional(),
    meanMs: measured("Mean, milliseconds.").optional(),
    clock_error_ms: amount(
      "Largest error of each age, milliseconds: 1 ms for reading both clocks, plus the widest bound_ms of the hosts' clocks. Omitted if a host has no bound, or unless containers are known to run on this machine itself: an engine in a virtual machine has its own clock.",
    )
      .ifKnown()
      .derived(),
    claimed: flag(
      "Whether the median is further from 0 than clock_error_ms; otherwise the ages are not meaningful.",
    ).derived(),
  },
);

/** The difference of two machines' clocks: it means something only where it is larger than the clocks' error. */
export interface BlockAge extends Of<typeof blockAgeForm> {}
