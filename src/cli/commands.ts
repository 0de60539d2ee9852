/** What can be done: `baleen NAME`; the first three are binaries of their own too. */
export const commandNames = [
  "benchmark",
  "local-network",
  "remote-network",
  "hosts",
  "compare",
  "calibrate",
  "init",
  "validate",
  "verify",
  "report",
  "testbed",
  "protocols",
  "clean",
] as const;
export type CommandName = (typeof commandNames)[number];

/** A word without `--` that a command is given, in its place. */
export interface Operand {
  /** As faults call it: "what to do". */
  readonly noun: string;
  /** The only words that it may be; undefined: any. */
  readonly words?: readonly string[] | undefined;
  /** In the help, where it may be anything. */
  readonly placeholder?: string | undefined;
  /** It need not be given. */
  readonly optional?: true | undefined;
}

const operands: Readonly<Partial<Record<CommandName, readonly Operand[]>>> = {
  hosts: [{ noun: "what to do", words: ["check", "prepare", "clean"] }],
  compare: [
    { noun: "the first side", placeholder: "A" },
    { noun: "the second side", placeholder: "B" },
  ],
  init: [{ noun: "the file", placeholder: "FILE", optional: true }],
  validate: [{ noun: "the file", placeholder: "FILE" }],
  verify: [{ noun: "the bundle", placeholder: "BUNDLE" }],
  report: [{ noun: "the bundle", placeholder: "BUNDLE" }],
  protocols: [{ noun: "the protocol", placeholder: "NAME|FILE", optional: true }],
  testbed: [{ noun: "what to do", words: ["up", "down"] }],
};

export function operandsOf(command: CommandName): readonly Operand[] {
  return operands[command] ?? [];
}
