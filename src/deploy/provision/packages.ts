import type { HostCommandResult } from "../../contracts/hosts/host.ts";
import { delay } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import { lastWords, type Preparation, prepareError, runByRoot } from "./preparation.ts";
import type { HostFacts } from "./survey/facts.ts";

/** needrestart must not restart what else runs on the host. */
const env = ["DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1"];
/** A configuration file that is there already stays as it is: nobody can be asked. */
const keepConfiguration = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];
const interrupted = /dpkg was interrupted|dpkg --configure -a/;
const repairTimeoutMs = 120_000;

/** As long as others may hold the lock of the packages: cloud-init and unattended upgrades take minutes. */
const lockWaitSecs = 300;

const lockHeld = /Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock/;
const hiccup =
  /Temporary failure|Could not (resolve|connect)|Connection (timed out|refused|failed|reset)|Failed to (fetch|download)|Hash Sum mismatch|Unable to (fetch|connect|locate package)|Cannot download|no installation candidate|temporary error|network error/i;

/**
 * Installs Docker from the distribution's packages.
 *
 * Tried on Debian for real; dnf, yum and apk against stand-ins of these commands only.
 *
 * @throws HostError with the last words of the tool, the signal's reason
 */
export async function installDocker(preparation: Preparation): Promise<void> {
  const { facts, host, onStep } = preparation;
  const tool = facts.packageTool;
  const packages = namePackages(facts);
  const result = await (tool === "apt"
    ? installByApt(preparation, packages)
    : persist(preparation, () => {
        onStep("install-docker", `${packages.join(" ")}, by ${tool}`);
        return runByRoot(preparation, buildInstallArgv(tool, packages));
      }));
  if (result.exitCode === 0) return;
  const remedy =
    "Check that its package repositories can be reached and contain it, or install Docker by hand (https://docs.docker.com/engine/install/).";
  throw prepareError(
    host,
    `${tool} could not install ${packages.join(" ")}: ${lastWords(result)}. ${remedy}`,
  );
}

/** How people install Docker on such a system, by root; undefined where no package tool of ours is there. */
export function describeInstallation(facts: HostFacts): readonly string[] | undefined {
  const { packageTool: tool } = facts;
  if (tool === "none") return undefined;
  const packages = namePackages(facts);
  return tool === "apt" ? ["apt-get", "install", "-y", ...packages] : buildInstallArgv(tool, packages);
}

function namePackages({ packageTool, osId, osIdLike }: HostFacts): string[] {
  if (packageTool === "apt") return ["docker.io"];
  if (osId === "fedora") return ["moby-engine"];
  // Their own repositories have Podman under Docker's name: it takes Docker's repository.
  const redHat = osId === "rhel" || osIdLike.includes("rhel");
  if (redHat && osId !== "amzn") return ["docker-ce", "docker-ce-cli", "containerd.io"];
  return ["docker"];
}

function buildInstallArgv(tool: "apk" | "dnf" | "yum" | "none", packages: readonly string[]): string[] {
  if (tool === "apk") return ["apk", "add", "--update-cache", "--wait", String(lockWaitSecs), ...packages];
  return [tool, "install", "-y", ...packages];
}

/**
 * Installs packages on Debian and its like. What an earlier attempt has left half done is finished first.
 *
 * @returns the last result of apt-get
 * @throws the signal's reason, once no package is left half configured
 */
async function installByApt(
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

/**
 * Tries again while others hold the lock of the packages, and once after a failure that looks like the network's.
 *
 * @returns the last result
 */
async function persist(
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
function describeLockHolder(said: string): string | undefined {
  const [, pid, name] = /held by process (\d+) \(([^)]+)\)/.exec(said) ?? [];
  if (pid === undefined) return undefined;
  // The kernel's name of a process ends after 15 characters.
  return `${name === "unattended-upgr" ? "unattended-upgrades" : name} (process ${pid})`;
}
