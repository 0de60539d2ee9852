// Makes sure that the shells are there whose completion is tested, where that may be done without asking: as root on
// Debian or Ubuntu. Elsewhere the tests of those that are missing are skipped, and say so.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const isThere = (shell) => spawnSync(shell, ["--version"], { stdio: "ignore" }).error === undefined;

export function prepareShells(say) {
  const missing = ["zsh", "fish"].filter((shell) => !isThere(shell));
  const mayInstall =
    process.platform === "linux" && process.getuid() === 0 && existsSync("/etc/debian_version");
  if (missing.length === 0 || !mayInstall) return;
  say(`\nInstalling ${missing.join(" and ")} (apt-get) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => spawnSync("apt-get", args, { stdio: ["ignore", 2, 2], env }).status === 0;
  apt("update", "-qq") && apt("install", "-y", "-qq", "--no-install-recommends", ...missing);
  for (const shell of missing.filter((one) => !isThere(one)))
    say(`Tests of ${shell} are skipped: it could not be installed.`);
}
