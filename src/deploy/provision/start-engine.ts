import { until } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import { TimeoutError } from "../../core/errors.ts";
import { CommandError } from "../../core/process/command.ts";
import { lastWords, type Preparation, prepareError, runByRoot } from "./preparation.ts";
import type { HostFacts } from "./survey/facts.ts";

/** A way to start the engine; it comes back at once where the engine does not start. */
interface Starter {
  readonly argv: readonly string[];
  /** What shows why it did not start. */
  readonly logArgv: readonly string[];
}

/** An engine that is to run and of which there has been no process for so long has ended by itself. */
const endedMs = 5000;

/** Succeeds unless the processes of the host can be seen and none of them is the engine's. */
const isRunningScript = `
seen=
for file in "$1"/proc/[0-9]*/comm; do
  { read -r name < "$file"; } 2>/dev/null || continue
  [ "$name" != dockerd ] || exit 0
  seen=yes
done
[ -z "$seen" ]`;

/**
 * Starts the engine, unless it answers already: by the system's own means, else directly.
 *
 * @throws HostError with the last words of all that was tried, the signal's reason
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
    const outcome = await waitForEngine(preparation);
    if (outcome === "answers") return;
    const log = await runByRoot(preparation, logArgv, { timeoutMs: host.timeoutMs });
    const why = outcome === "ended" ? "it ended at once" : `no answer within ${preparation.startMs / 1000} s`;
    failures.push(`${name}: ${why}: ${lastWords(log)}`);
  }
  const why = `its Docker engine does not start: ${failures.join("; ")}. Start it there, and try again.`;
  throw prepareError(host, why);
}

/** The usual way to start an engine that is installed, by root. */
export function describeStart(facts: Pick<HostFacts, "init" | "docker">): readonly string[] {
  return listStarters(facts, "")[0]?.argv ?? [];
}

function listStarters({ init, docker }: Pick<HostFacts, "init" | "docker">, root: string): Starter[] {
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
  const asked = ["version", "--format", "{{.Server.Version}}"];
  const { timeoutMs } = preparation.host;
  try {
    return (await runByRoot(preparation, [clientPath, ...asked], { timeoutMs })).exitCode === 0;
  } catch (error) {
    if (error instanceof CommandError && error.reason === "timeout") return false;
    throw error;
  }
}

async function waitForEngine(preparation: Preparation): Promise<"answers" | "ended" | "silent"> {
  const { host, startMs, signal, root } = preparation;
  const { timeoutMs } = host;
  let seenMs = systemClock.monotonicMs();
  const look = async () => {
    if (await answers(preparation)) return "answers";
    const { exitCode } = await runByRoot(preparation, ["sh", "-c", isRunningScript, "sh", root], {
      timeoutMs,
    });
    const nowMs = systemClock.monotonicMs();
    if (exitCode === 0) seenMs = nowMs;
    return nowMs - seenMs > endedMs ? "ended" : undefined;
  };
  try {
    return await until(look, { timeoutMs: startMs, everyMs: 250, signal, describe: () => "no answer" });
  } catch (error) {
    if (error instanceof TimeoutError) return "silent";
    throw error;
  }
}
