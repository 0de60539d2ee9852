import { BaleenError, describeError } from "../../core/errors.ts";
import { CommandError, type CommandResult, runCommand } from "../../core/process/command.ts";

/** Variables of the docker command, PATH among them; they lead it to the engine of the testbed. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface DockerCommand {
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** The engine, or the docker command itself, did not do what a testbed needs. */
export class TestbedError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("testbed", message, options);
  }
}

const timeoutMs = 60_000;

/**
 * Runs the docker command, for what a test host asks of an engine and nothing else does: capabilities, devices,
 * networks, archives.
 *
 * @param purpose completes the message "Cannot …"
 */
export async function runDocker(
  purpose: string,
  args: readonly string[],
  {
    env,
    signal,
    ...options
  }: DockerCommand & { input?: Uint8Array; timeoutMs?: number; allowFailure?: boolean },
): Promise<CommandResult> {
  try {
    return await runCommand(["docker", ...args], { env, signal, timeoutMs, ...options });
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const said =
      cause.reason === "not-found"
        ? "the docker command is not on the PATH. Install Docker's command-line client."
        : cause.stderrTail.trim() || describeError(cause);
    throw new TestbedError(`Cannot ${purpose}: ${said}`, { cause });
  }
}
