/** What the overview puts together, in its order. */
export const commandGroups = ["Run", "Results", "Browsers", "Hosts", "This machine", "Set up"] as const;

/** A word without `--` that a command is given, in its place. */
export interface Operand {
  /** As diagnostics call it: "what to do". */
  readonly noun: string;
  /** The only words that it may be; undefined: any. */
  readonly words?: readonly string[] | undefined;
  /** In the help, where it may be anything. */
  readonly placeholder?: string | undefined;
  /** It need not be given. */
  readonly optional?: true | undefined;
  /** It may be given several times; of the last one alone. */
  readonly several?: true | undefined;
}

/** What is known of a command beside its options: for dispatch, overview and help. */
export interface CommandDescriptor {
  readonly group: (typeof commandGroups)[number];
  /** A sentence: all that the overview says. */
  readonly summary: string;
  /** What its own help says besides. */
  readonly details?: string | undefined;
  readonly operands?: readonly Operand[] | undefined;
  /** What may follow its name; "": nothing. */
  readonly examples: readonly string[];
}
