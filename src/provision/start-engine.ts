import { until } from "../core/async.ts";
import { TimeoutError } from "../core/errors.ts";
import type { HostFacts } from "./facts.ts";
import { lastWords, type Preparation, PrepareError, runByRoot } from "./preparation.ts";

/** A way to start the engine; it comes back at once where the engine does not start. */
interface Starter {
  readonly argv: readonly string[];
  /** What shows why it did not start. */
  readonly logArgv: readonly string[];
}

/**
 * Starts the engine, unless it answers already: by the system's own means, else directly.
 *
 * @throws PrepareError with the last words of all that was tried, the signal's reason
 */
export async function startEngine(preparation: Preparation): Promise<void> {
  const { facts, host, onStep } = preparation;
  if (await answers(preparation)) return;
  const failures: string[] = [];
  for (const { argv, logArgv } of listStarters(facts, preparation.root)) {
    const name = argv[0] === "sh" ? "dockerd" : argv.join(" ");
    onStep("start-docker", name);
    const result = await runByRoot(preparation, argv);
    if (result.exitCode !== 0) {
      failures.push(`${name}: ${lastWords(result)}`);
      continue;
    }
    onStep("wait-for-docker");
    if (await waitForEngine(preparation)) return;
    const log = await runByRoot(preparation, logArgv);
    failures.push(`${name}: no answer within ${preparation.startMs / 1000} s: ${lastWords(log)}`);
  }
  throw new PrepareError(
    host,
    `its Docker engine does not start: ${failures.join("; ")}. Start it there, and try again.`,
  );
}

function listStarters({ init, docker }: HostFacts, root: string): Starter[] {
  const journal = (unit: string) => ["journalctl", "-u", unit, "-n", "5", "--no-pager", "-o", "cat"];
  if (docker.snap) return [{ argv: ["snap", "start", "docker"], logArgv: journal("snap.docker.dockerd") }];
  if (init === "systemd") {
    return [{ argv: ["systemctl", "enable", "--now", "docker"], logArgv: journal("docker") }];
  }
  const log = `${root}/var/log/dockerd.log`;
  // Without a terminal, and in a session of its own, so that it stays when the connection goes.
  const directly = 'setsid nohup dockerd >>"$0" 2>&1 </dev/null &';
  const byScript: Starter = {
    argv: init === "openrc" ? ["rc-service", "docker", "start"] : ["service", "docker", "start"],
    logArgv: ["tail", "-n", "5", `${root}/var/log/docker.log`],
  };
  return [byScript, { argv: ["sh", "-c", directly, log], logArgv: ["tail", "-n", "5", log] }];
}

async function answers(preparation: Preparation): Promise<boolean> {
  // A snap's commands are not on the PATH of every login.
  const { clientPath = "docker" } = preparation.facts.docker;
  const { exitCode } = await runByRoot(preparation, [
    clientPath,
    "version",
    "--format",
    "{{.Server.Version}}",
  ]);
  return exitCode === 0;
}

async function waitForEngine(preparation: Preparation): Promise<boolean> {
  try {
    return await until(async () => ((await answers(preparation)) ? true : undefined), {
      timeoutMs: preparation.startMs,
      everyMs: 250,
      signal: preparation.signal,
      describe: () => "no answer",
    });
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
