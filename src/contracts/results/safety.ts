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
  seen: choice(
    "during: while the nodes' commits were watched; after: when the blocks were asked for after the run.",
    ["during", "after"],
  ),
  shown: list("What each node showed there, of those that showed a block.", shownBlock),
  notFollowed: text(
    "Why it could not be followed down to where the chains part: it may begin lower. Absent where it was, or nobody tried.",
  ).optional(),
});

/** Two nodes showed different blocks at one height. */
export interface Fork extends Of<typeof fork> {}

const prefix = record(
  "Highest height at which blocks were asked for after the run, and all were the same; absent from fewer than two nodes, and where a fork is known at or below it.",
  {
    height: natural("That highest height."),
    fingerprint: text("Hash of the block."),
    nodes: list("Nodes that showed it.", text("Name of one.")),
    chained: flag(
      "Whether the hash covers all blocks below it, so that these nodes hold the same ones from the first on.",
    ),
  },
);

export interface AgreedPrefix extends Of<typeof prefix> {}

export const safetyForm = record(
  "Whether all nodes hold the same committed blocks, as far as it was seen; absent where blocks cannot be compared, as those of a single node.",
  {
    comparedHeights: count("Heights at which every node showed the same block while the run went on."),
    uncomparedHeights: count(
      "Other heights of the run: by its end not every node had shown its block there, or there is a fork.",
    ),
    comparedAfterwards: count(
      "Of the latter: heights at which the nodes of prefix were asked after the run, and showed the same. At most a thousand are asked for, and none where prefix is chained.",
    ),
    prefix: prefix.optional(),
    notAsked: list(
      "Nodes that were not asked after the run, or did not say.",
      record("One of them.", { node: text("Name of the node."), reason: text("Why it was not.") }),
    ),
    forks: list(
      "Heights at which nodes showed different blocks, the lowest ten at most. Any makes the run invalid.",
      fork,
      { most: 10 },
    ),
  },
);

export interface SafetyReport extends Of<typeof safetyForm> {}

export const blockAgeForm = record(
  "Seen at the coordinator minus the block's own time, for blocks first seen within the window. No latency depends on it. Absent where no block was seen then, or blocks have no time.",
  {
    count: count("How many blocks."),
    negative: count("Of those: seen before their own time. They stand in all figures as they are."),
    minMs: measured("Smallest, milliseconds.").optional(),
    p50Ms: measured("Median, nearest-rank, milliseconds.").optional(),
    p99Ms: measured("99th percentile, nearest-rank, milliseconds.").optional(),
    maxMs: measured("Largest, milliseconds.").optional(),
    meanMs: measured("Mean, milliseconds.").optional(),
    clock_error_ms: amount(
      "Each age is off by less than this, milliseconds: 1 ms for the reading of both clocks, and the widest bound_ms of the hosts' clocks. Absent where a host has no bound, or where containers were not seen to run on this machine itself: an engine in a virtual machine has a clock of its own.",
    )
      .ifKnown()
      .derived(),
    claimed: flag(
      "Whether the median is further from 0 than clock_error_ms; else the ages say nothing.",
    ).derived(),
  },
);

/** The difference of two machines' clocks: it means something only where it is larger than the clocks' error. */
export interface BlockAge extends Of<typeof blockAgeForm> {}
