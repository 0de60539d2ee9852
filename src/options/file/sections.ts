/** How a file of options may be divided. Sections only group: each key means an option, which may also stand at the top. */

/** What may stand in a table of such a file. */
interface BenchTable {
  /** Groups of the help whose options may stand in it, under their own names; absent: all. */
  readonly groups?: readonly string[];
  /** Shorter names in it, and the option that each means. */
  readonly short?: Readonly<Record<string, string>>;
}

export interface BenchSection extends BenchTable {
  readonly name: string;
  /** For whoever completes it in an editor. */
  readonly meaning: string;
  readonly sections?: readonly string[];
  /** A switch that is on where the section is there. */
  readonly turnsOn?: string;
}

export const benchSections: readonly BenchSection[] = [
  {
    name: "protocol",
    meaning: "The system under test: its name, its program and its options.",
    groups: ["Protocol", "Mysticeti"],
    short: {
      name: "protocol",
      file: "protocol",
      binary: "node-binary",
      image: "image",
      options: "protocol-option",
    },
  },
  {
    name: "network",
    meaning: "Where the nodes run, how many, and how to reach them.",
    groups: ["Network", "Remote hosts", "Links"],
    short: { type: "network-type" },
  },
  {
    name: "load",
    meaning: "The load: how much, for how long, and sent by which clients.",
    groups: ["Load"],
    sections: ["search"],
  },
  {
    name: "search",
    meaning: "A search for the highest sustained load instead of a list of loads.",
    groups: ["Search"],
    short: {
      from: "search-from",
      to: "search-to",
      precision: "search-precision",
      efficiency: "search-efficiency",
      latency: "search-latency",
      backlog: "search-backlog",
    },
    turnsOn: "search",
  },
  {
    name: "faults",
    meaning: "Nodes that crash during the measurement.",
    groups: ["Crash faults"],
    short: { nodes: "faults", recovery: "crash-recovery", interval: "crash-interval" },
  },
  {
    name: "verdict",
    meaning: "Limits for the verdict of a run, and assertions on the results.",
    groups: ["Verdict"],
    short: { thresholds: "assert" },
  },
  {
    name: "results",
    meaning: "Result files and their folder.",
    groups: ["Results"],
  },
];

export const benchTop: BenchTable = { short: { thresholds: "assert" } };

/** numTransactions → num-transactions */
export const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What must be known of an option to read it from a file. */
export interface NamedOption {
  /** Kebab case. */
  readonly name: string;
  /** Of the help. */
  readonly group: string;
  /** What it is called in a file besides. */
  readonly nameInFiles?: string | undefined;
}

const namesOf = ({ name, nameInFiles = name }: NamedOption): [string, string][] => [
  [nameInFiles, name],
  [name, name],
];

/** The names that may stand in a table, in kebab case, and the option that each means. */
export function keysOf(
  { short = {}, groups }: BenchTable,
  options: readonly NamedOption[],
): ReadonlyMap<string, string> {
  const known = new Set(options.map(({ name }) => name));
  return new Map([
    ...Object.entries(short).filter(([, option]) => known.has(option)),
    ...options.filter(({ group }) => groups?.includes(group) ?? true).flatMap(namesOf),
  ]);
}
