// Makes sure that there is an sshd for the tests, where one may be installed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { prepareProgram } from "./apt.mjs";

const isThere = () =>
  ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].some((path) => existsSync(path)) &&
  spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;

/** @returns {{ available: true } | { available: false; reason: string }} */
export function prepareSshd(say) {
  // It is for the tests alone, which start it themselves: the package must not start one for everybody.
  const env = { RUNLEVEL: "1" };
  return prepareProgram({ isThere, packages: ["openssh-server", "openssh-client"], env }, say);
}
