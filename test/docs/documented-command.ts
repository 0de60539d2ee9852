/** How a command of the pages is run by the tests: which overrides make it short, and what it must say. */

export interface DocumentedCommand {
  /** As the page has it, without comment and line breaks. */
  readonly line: string;
  /** Flags behind it. */
  readonly more?: readonly string[];
  /** Default: 0 alone. */
  readonly codes?: readonly number[];
  /** On standard output. Default, of benchmarks: a verdict. */
  readonly says?: RegExp;
  /** Names that its bundle gets, below benchmarks/; it is run once for each. */
  readonly keep?: readonly string[];
  /** A line on standard error at which it is interrupted, as by Ctrl-C: its exit code is 130. */
  readonly interruptedAt?: RegExp;
  /** Overrides that make it wrong in one way: it is then parsed, checked, and refused for that alone. */
  readonly refusedFor?: readonly string[];
}

export interface Session {
  /**
   * What it needs: plain processes, a Docker engine, hosts over SSH; "project": it is run in the project's folder, by
   * npm.
   */
  readonly on: "processes" | "docker" | "hosts" | "project";
  /** A program that must be there for it. */
  readonly needs?: "cometbft" | "anvil" | "etcd" | "libp2p" | "chromium";
  readonly commands: readonly DocumentedCommand[];
}

/** Flags that make a run short. */
export const brief = ["--duration=1", "--warm-up=0.5", "--drain=10"];
/** The same with one small load. */
export const small = ["--loads=20", ...brief];
/** On a machine that is busy with other tests, what is asserted may not hold, and nodes may come back late. */
export const orFailed = [0, 3];

/** A session of one command. */
export const alone = (
  on: Session["on"],
  line: string,
  more: Omit<DocumentedCommand, "line"> = {},
): Session => ({
  on,
  commands: [{ line, ...more }],
});
