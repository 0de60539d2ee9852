// Makes sure that there is an sshd for the tests where that may be done without asking: as root on Debian or Ubuntu.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const isThere = () =>
  ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].some((path) => existsSync(path)) &&
  spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;

/** @returns {{ available: true } | { available: false; reason: string }} */
export function prepareSshd(say) {
  if (isThere()) return { available: true };
  if (process.platform !== "linux" || process.getuid() !== 0 || !existsSync("/etc/debian_version")) {
    return {
      available: false,
      reason: "none is installed, and it is installed only by root on Debian or Ubuntu",
    };
  }
  say("\nInstalling openssh-server (apt-get) …");
  // It is for the tests alone, which start it themselves: the package must not start one for everybody.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const apt = (...args) => spawnSync("apt-get", args, { stdio: ["ignore", 2, 2], env }).status === 0;
  const isInstalled = apt("update", "-qq") && apt("install", "-y", "-qq", "openssh-server", "openssh-client");
  return isInstalled && isThere()
    ? { available: true }
    : { available: false, reason: "apt-get could not install openssh-server" };
}
