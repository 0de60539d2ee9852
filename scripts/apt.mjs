// Packages for the tests, where they may be installed without asking: as root on Debian or Ubuntu.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Makes sure that a program is there.
 *
 * @param program.isThere whether it is
 * @param program.packages Debian packages that have it
 * @param program.env variables for apt-get
 * @returns {{ available: true } | { available: false; reason: string }}
 */
export function prepareProgram({ isThere, packages, env = {} }, say) {
  if (isThere()) return { available: true };
  if (process.platform !== "linux" || process.getuid() !== 0 || !existsSync("/etc/debian_version")) {
    return {
      available: false,
      reason: "none is installed, and it is installed only by root on Debian or Ubuntu",
    };
  }
  const [name] = packages;
  say(`\nInstalling ${name} (apt-get) …`);
  const options = {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", ...env },
  };
  const apt = (...args) => spawnSync("apt-get", args, options).status === 0;
  const isInstalled = apt("update", "-qq") && apt("install", "-y", "-qq", ...packages);
  return isInstalled && isThere()
    ? { available: true }
    : { available: false, reason: `apt-get could not install ${name}` };
}
