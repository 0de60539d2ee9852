import { group, type Option } from "./option.ts";

/** What lies between nodes, and what happens to them and their links. */
export const linkOptions: readonly Option[] = [
  ...group("Links", [
    ["driven", "links MAP|FILE", "emulated links between nodes: a name from baleen links, or a links file"],
    ["driven", "links-like BUNDLE", "links with the delays that a remote run measured between its hosts"],
    ["driven", "delay TIME", "one-way delay of all links that --links does not set apart, such as 50ms"],
    ["driven", "jitter TIME", "the same for the standard deviation of the delay, such as 5ms"],
    ["driven", "loss SHARE", "the same for the share of lost packets, such as 1%"],
    ["driven", "rate RATE", "the same for the rate, such as 100mbit, or unlimited"],
    ["driven", "topology NAME", "which nodes have a link: full, star, ring, tree, or random:4[:SEED]"],
    [
      "sending",
      "timeline PRESET|FILE",
      "what happens to nodes and links within the window: crashes, pauses, partitions, ramps",
    ],
    [
      "sweeps",
      "explain-links",
      "with both networks: measure the local one again with the remote one's delays, and report how much of the difference links explain",
    ],
    [
      "driven",
      "link-mechanism NAME",
      "what emulates links: netem, nfqueue, or relay; default: the first that works",
    ],
    ["links", "probe", "measure the delays between your hosts (--hosts), before any network is on them"],
  ]),
];
