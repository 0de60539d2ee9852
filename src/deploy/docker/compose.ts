import { BaleenError, type Diagnostic } from "../../core/errors.ts";
import { CommandError, runCommand } from "../../core/process/command.ts";
import type { Environment } from "../../core/process/environment.ts";
import { traceDecision } from "../../core/trace.ts";

/** A compose project: its name, the files that describe it, and the variables they take. */
export interface ComposeProject {
  readonly name: string;
  /** Later ones add to earlier ones; relative paths in them are relative to the first one's folder. */
  readonly files: readonly string[];
  /** Those that are to be made or started; undefined: all. */
  readonly services?: readonly string[] | undefined;
  readonly variables: Environment;
}

export type Compose = ReturnType<typeof openCompose>;

/** Compose refused a file or failed at what it was to do. */
export class ComposeError extends BaleenError {
  /** Its own words, on one line. */
  readonly reason: string;

  constructor(reason: string, facts: { action: string; cause?: unknown }) {
    super("compose", `${facts.action} failed: ${reason}`, facts);
    this.reason = reason;
  }
}

const configTimeoutMs = 60_000;
/** Images of a foreign file may have to be pulled or built. */
const createTimeoutMs = 30 * 60_000;
const startTimeoutMs = 5 * 60_000;

/**
 * Looks for `docker compose` (v2), then `docker-compose` (v1 or v2).
 *
 * @param env environment of the command: PATH, and the engine's address (`engineEnvironment`)
 * @returns a Diagnostic where there is neither
 */
export async function findCompose(env: Environment, signal: AbortSignal): Promise<Compose | Diagnostic> {
  for (const argv of [["docker", "compose"], ["docker-compose"]]) {
    const options = { env, signal, timeoutMs: 30_000 };
    try {
      const { stdout } = await runCommand([...argv, "version", "--short"], options);
      const version = stdout.trim().replace(/^v/, "");
      traceDecision("compose", argv.join(" "), `version ${version}`);
      return openCompose(argv, version, env);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
    }
  }
  return {
    code: "compose-missing",
    message:
      "Neither `docker compose` nor `docker-compose` can be run. Install the compose plugin " +
      "(https://docs.docker.com/compose/install/; Debian: sudo apt-get install docker-compose), or use --runtime process.",
  };
}

/** @param version "2.24.5", "1.29.2" */
function openCompose(argv: readonly string[], version: string, env: Environment) {
  const run = async (
    { name, files, variables }: ComposeProject,
    words: readonly string[],
    limits: { timeoutMs: number; signal: AbortSignal },
  ) => {
    const named = ["-p", name, ...files.flatMap((file) => ["-f", file])];
    try {
      const options = { env: { ...env, ...variables }, ...limits };
      return (await runCommand([...argv, ...named, ...words], options)).stdout;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const reason = error.reason === "exit" ? lastWords(error.stderrTail) : error.message;
      throw new ComposeError(reason, { action: [...argv, ...words].join(" "), cause: error });
    }
  };
  return {
    argv,
    version,
    /** Checks the files; returns what they come to, as YAML in compose's normal form. */
    config: (project: ComposeProject, signal: AbortSignal) =>
      run(project, ["config"], { timeoutMs: configTimeoutMs, signal }),
    /** Makes containers, volumes and networks (pulls and builds images where it must) and starts nothing. */
    create: async (project: ComposeProject, signal: AbortSignal) => {
      const words = ["up", "--no-start", ...(project.services ?? [])];
      await run(project, words, { timeoutMs: createTimeoutMs, signal });
    },
    /** Ends and removes what was made, but for its volumes. */
    down: async (project: ComposeProject, signal: AbortSignal) => {
      await run(project, ["down"], { timeoutMs: startTimeoutMs, signal });
    },
    /** Starts what was made, in the order of its dependencies. */
    start: async (project: ComposeProject, signal: AbortSignal) => {
      await run(project, ["start", ...(project.services ?? [])], { timeoutMs: startTimeoutMs, signal });
    },
  };
}

/** What compose says of a failure, on one line: its progress and warnings come before. */
export function lastWords(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.trim());
  const said = lines.filter((line) => line !== "" && !/^WARNING|^time=\S+ level=warning/.test(line));
  const first = said.findIndex((line) => /^(ERROR|Error|service |validating )/.test(line));
  // Compose v1 is a Python program: the last line of its traces says what they are about.
  const traced = said.some((line) => /^(Traceback|File ".+", line \d+)/.test(line));
  const words = said.slice(first === -1 ? (traced ? -1 : -4) : first).join(" ");
  return words.replace(/^ERROR:\s*/, "").slice(0, 1000) || "no reason given";
}
