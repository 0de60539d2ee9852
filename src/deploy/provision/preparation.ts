import {
  type Host,
  type HostCommandOptions,
  type HostCommandResult,
  HostError,
} from "../../contracts/hosts/host.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { HostFacts } from "./survey/facts.ts";

type PrepareStep =
  | "wait-for-package-lock"
  | "repair-packages"
  | "refresh-packages"
  | "install-docker"
  | "start-docker"
  | "wait-for-docker"
  | "ready";

export interface Preparation {
  readonly host: Host;
  readonly facts: HostFacts;
  readonly signal: AbortSignal;
  /** Told when a step begins, and again with whatever is worth saying of it. */
  readonly onStep: (step: PrepareStep, detail?: string) => void;
  /** Between two attempts at the same thing. */
  readonly pauseMs: number;
  /** How long an engine that was started may take to answer. */
  readonly startMs: number;
  /** Folder that stands for "/" on the host: empty, but in tests. */
  readonly root: string;
}

export function prepareError({ name, description }: Host, why: string, code: ErrorCode = "host-prepare") {
  return new HostError({ code, host: name, message: `Cannot prepare ${name} (${description}): ${why}` });
}

/** The bound of everything together cuts it short. */
const commandTimeoutMs = 15 * 60_000;

/**
 * Runs a command by root to its end, whatever that is. In English, since what it says is read; by `env`, which also
 * answers for a command that is not there (exit code 127).
 */
export function runByRoot(
  preparation: Pick<Preparation, "host" | "signal">,
  argv: readonly string[],
  {
    env = [],
    onLine,
    timeoutMs = commandTimeoutMs,
  }: Partial<Pick<HostCommandOptions, "onLine" | "timeoutMs">> & { readonly env?: readonly string[] } = {},
): Promise<HostCommandResult> {
  return preparation.host.exec(["env", "LC_ALL=C", ...env, ...argv], {
    asRoot: true,
    timeoutMs,
    signal: preparation.signal,
    allowFailure: true,
    onLine,
  });
}

/** The last lines of what a command said, on one line. */
export function lastWords({ stdout, stderr, exitCode }: HostCommandResult): string {
  const said = stderr.trim() === "" ? stdout : stderr;
  const lines = said.split("\n").map((line) => line.trim());
  const last = lines.filter((line) => line !== "").slice(-5);
  return last.length === 0 ? `it ended with exit code ${exitCode}` : last.join("; ");
}
