import { BaleenError, describeError } from "../../core/errors.ts";
import {
  CommandError,
  type CommandOptions,
  type CommandResult,
  runCommand,
} from "../../core/process/command.ts";
import type { Environment } from "../../core/process/environment.ts";
import type { Engine } from "../engine/engine.ts";

export interface DockerCommand {
  /** Of the docker command, PATH among them; leads it to the engine of the testbed. */
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** An engine, the docker command for it, and who is told what is done. */
export interface TestbedTools extends DockerCommand {
  readonly engine: Engine;
  readonly onStep: (step: string, detail?: string) => void;
}

export interface TestbedOptions extends TestbedTools {
  /** Folder of the testbed's own, for keys and known hosts: a folder has one. */
  readonly stateDir: string;
  /** As people call it. */
  readonly name: string;
}

const usualTimeoutMs = 60_000;

/**
 * Runs the docker command, for what a test host asks of an engine and nothing else does: capabilities, devices,
 * networks, archives. `purpose` completes the message "Cannot …".
 */
export function runDocker(
  purpose: string,
  args: readonly string[],
  options: DockerCommand & Partial<Pick<CommandOptions, "timeoutMs" | "allowFailure">>,
): Promise<CommandResult> {
  const { env, signal, timeoutMs = usualTimeoutMs, allowFailure } = options;
  const running = runCommand(["docker", ...args], { env, signal, timeoutMs, allowFailure });
  return running.catch((cause: unknown) => {
    if (!(cause instanceof CommandError)) throw cause;
    const said =
      cause.reason === "not-found"
        ? "the docker command is not on the PATH. Install Docker's command-line client."
        : cause.stderrTail.trim() || describeError(cause);
    throw new BaleenError("testbed", `Cannot ${purpose}: ${said}`, { cause });
  });
}
