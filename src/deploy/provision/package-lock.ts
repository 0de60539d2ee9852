import type { HostCommandResult } from "../../contracts/hosts/host.ts";
import { delay } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import type { Preparation } from "./preparation.ts";

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
