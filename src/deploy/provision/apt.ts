import type { HostCommandResult } from "../../contracts/hosts/host.ts";
import { delay } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import { type Preparation, runByRoot } from "./preparation.ts";

/** needrestart must not restart what else runs on the host. */
const env = ["DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1"];
/** A configuration file that is there already stays as it is: nobody can be asked. */
const keepConfiguration = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];
const interrupted = /dpkg was interrupted|dpkg --configure -a/;
const repairTimeoutMs = 120_000;

/**
 * Installs packages on Debian and its like. What an earlier attempt has left half done is finished first.
 *
 * @returns the last result of apt-get
 * @throws the signal's reason, once no package is left half configured
 */
export async function installByApt(
  preparation: Preparation,
  packages: readonly string[],
): Promise<HostCommandResult> {
  await awaitCloudInit(preparation);
  const attempt = () => refreshAndInstall(preparation, packages);
  try {
    const result = await persist(preparation, attempt);
    if (result.exitCode === 0 || !interrupted.test(result.stderr)) return result;
    preparation.onStep("repair-packages", "an earlier installation was interrupted");
    await persist(preparation, () => configureAll(preparation));
    return await persist(preparation, attempt);
  } catch (error) {
    if (preparation.signal.aborted) await finishAborted(preparation);
    throw error;
  }
}

/** Failures to refresh show in the installation: a mirror that is not needed must not keep Docker away. */
async function refreshAndInstall(
  preparation: Preparation,
  packages: readonly string[],
): Promise<HostCommandResult> {
  const { onStep } = preparation;
  onStep("refresh-packages", "apt-get update");
  const refreshed = await runByRoot(preparation, ["apt-get", "-q", "update"], { env });
  if (refreshed.exitCode !== 0 && describeLockHolder(refreshed.stderr) !== undefined) return refreshed;
  onStep("install-docker", `${packages.join(" ")}, by apt-get`);
  const wait = ["-o", `DPkg::Lock::Timeout=${lockWaitSecs}`];
  const options = ["-q", "-y", ...wait, ...keepConfiguration, "--no-install-recommends"];
  let reportedOf: string | undefined;
  return runByRoot(preparation, ["apt-get", "install", ...options, ...packages], {
    env,
    // It says so each second.
    onLine: (line) => {
      const holder = line.startsWith("Waiting for cache lock") ? describeLockHolder(line) : undefined;
      if (holder === undefined || holder === reportedOf) return;
      reportedOf = holder;
      onStep("wait-for-package-lock", holder);
    },
  });
}

/** On a new machine cloud-init still writes the list of mirrors, and installs packages of its own. */
async function awaitCloudInit(preparation: Preparation): Promise<void> {
  const { stdout } = await runByRoot(preparation, ["cloud-init", "status"]);
  if (!/status: (running|not started)/.test(stdout)) return;
  preparation.onStep("wait-for-package-lock", "cloud-init");
  await runByRoot(preparation, ["timeout", String(lockWaitSecs), "cloud-init", "status", "--wait"]);
}

function configureAll(preparation: Pick<Preparation, "host" | "signal">): Promise<HostCommandResult> {
  return runByRoot(preparation, ["dpkg", "--force-confdef", "--force-confold", "--configure", "-a"], { env });
}

/** Packages that were unpacked and not configured would bar whoever installs something there next. */
async function finishAborted({ host }: Preparation): Promise<void> {
  const fresh = { host, signal: AbortSignal.timeout(repairTimeoutMs) };
  try {
    const { stdout } = await runByRoot(fresh, ["dpkg", "--audit"]);
    if (stdout.trim() !== "") await configureAll(fresh);
  } catch {
    // The host cannot be reached any more, or takes too long: the next preparation finds it, and finishes it.
  }
}

/** As long as others may hold the lock of the packages: cloud-init and unattended upgrades take minutes. */
export const lockWaitSecs = 300;

const lockHeld = /Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock/;
const hiccup =
  /Temporary failure|Could not (resolve|connect)|Connection (timed out|refused|failed|reset)|Failed to (fetch|download)|Hash Sum mismatch|Unable to (fetch|connect|locate package)|Cannot download|no installation candidate|temporary error|network error/i;

/**
 * Tries again while others hold the lock of the packages, and once after a failure that looks like the network's.
 *
 * @returns the last result
 */
export async function persist(
  preparation: Preparation,
  attempt: () => Promise<HostCommandResult>,
): Promise<HostCommandResult> {
  const { onStep, pauseMs, signal } = preparation;
  const deadlineMs = systemClock.monotonicMs() + lockWaitSecs * 1000;
  let again = true;
  for (;;) {
    const result = await attempt();
    if (result.exitCode === 0) return result;
    const said = `${result.stdout}\n${result.stderr}`;
    if (lockHeld.test(said)) {
      if (systemClock.monotonicMs() >= deadlineMs) return result;
      onStep("wait-for-package-lock", describeLockHolder(said));
    } else {
      if (!again || !hiccup.test(said)) return result;
      again = false;
    }
    await delay(pauseMs, signal);
  }
}

/** Whose the lock is, from what apt-get says; undefined where it does not. */
export function describeLockHolder(said: string): string | undefined {
  const [, pid, name] = /held by process (\d+) \(([^)]+)\)/.exec(said) ?? [];
  if (pid === undefined) return undefined;
  // The kernel's name of a process ends after 15 characters.
  return `${name === "unattended-upgr" ? "unattended-upgrades" : name} (process ${pid})`;
}
